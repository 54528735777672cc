"""Values as the text of CSV cells, and rows as lines."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from output.rows import Row
from output.schema import Column, Kind, Table

__all__ = ["MARK", "head_to_csv", "instant_to_text", "number_to_text", "rows_to_csv", "to_excel_safe"]

MARK = "\ufeff".encode()
"""The byte order mark, so that Excel opens the file as UTF-8."""


def number_to_text(value: float) -> str:
    """A number in plain decimals: 0.1, 3330000, 0.00001; the shortest that reads back as the same number."""
    text = repr(value)
    if "e" in text or "E" in text:
        text = format(Decimal(text), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant_to_text(value: datetime) -> str:
    """An instant as 2024-05-06T07:08:09Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_excel_safe(text: str) -> str:
    """The text with ' before it where Excel would run it as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


_TEXT_OF: Mapping[Kind, Callable[[Any], str]] = {
    Kind.WHOLE: str,
    Kind.NUMBER: number_to_text,
    Kind.MONEY: "{:.2f}".format,
    Kind.TRUTH: lambda value: "true" if value else "false",
    Kind.DAY: date.isoformat,
    Kind.INSTANT: instant_to_text,
    Kind.LIST: ";".join,
}


def _to_text(column: Column, excel_safe: bool) -> Callable[[Any], str] | None:
    """What makes a value of a column text; None where it is text already."""
    if column.kind is Kind.TEXT:
        return to_excel_safe if excel_safe else None
    return _TEXT_OF[column.kind]


def head_to_csv(table: Table) -> bytes:
    """The mark and the first line of a table's file."""
    return MARK + (",".join(column.name for column in table.columns) + "\n").encode()


def rows_to_csv(table: Table, rows: Iterable[Row], *, excel_safe: bool) -> bytes:
    """Rows as lines of UTF-8: empty cells where there is no value, quotation marks where a cell needs them."""
    rows = list(rows)
    if not rows:
        return b""
    columns = [
        values if to_text is None else [None if value is None else to_text(value) for value in values]
        for values, to_text in zip(
            zip(*rows, strict=True), (_to_text(column, excel_safe) for column in table.columns), strict=True
        )
    ]
    lines = _Lines()
    # Cells with a character of the line's end get quotation marks: \r and \n both, since readers split at either.
    csv.writer(lines, lineterminator="\r\n").writerows(zip(*columns, strict=True))
    return "".join(line[:-2] + "\n" for line in lines).encode()


class _Lines(list[str]):
    write = list.append
