"""A document's result as rows of the output tables, and those rows as bytes for the catalogue."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any

from model import Form, Result
from output.schema import TABLES, Kind, Table

__all__ = [
    "Row",
    "Rows",
    "bytes_to_rows",
    "check_forms",
    "place_of",
    "result_to_rows",
    "rows_to_bytes",
    "rows_to_digest",
    "to_unicode",
]

Row = tuple[Any, ...]
"""A row of an output table: one value a column, None where there is none; text is plain `str`, lists are tuples."""

Rows = dict[str, list[Row]]
"""The rows of one document by table name."""


def place_of(table: str, column: str) -> int:
    """Where a column stands in the rows of a table."""
    return _PLACES[table][column]


_PLACES = {table.name: {column.name: place for place, column in enumerate(table.columns)} for table in TABLES}


def result_to_rows(result: Result) -> Rows:
    """The rows of all five tables that came of one document, in printed order."""
    records: dict[str, Iterable[object]] = {
        "documents": (result.document,),
        "forms": (form.head for form in result.forms),
        "funds": (line for form in result.forms for line in form.funds),
        "indicators": (row for form in result.forms for row in form.indicators),
        "findings": result.findings,
    }
    return {table.name: [_record_to_row(table, record) for record in records[table.name]] for table in TABLES}


_getters = {table.name: attrgetter(*(column.name for column in table.columns)) for table in TABLES}


def _record_to_row(table: Table, record: object) -> Row:
    return tuple(map(_plain, _getters[table.name](record)))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return to_unicode(value.value if isinstance(value, StrEnum) else value)
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value


_MONEY_COLUMNS = [column.name for table in TABLES for column in table.columns if column.kind is Kind.MONEY]
_MONEY_LIMIT = Decimal(10) ** 18


def check_forms(forms: Iterable[Form]) -> None:
    """Raise ValueError where an amount does not fit decimal(20,2): one such would keep all files from being written."""
    for form in forms:
        for line in form.funds:
            for name in _MONEY_COLUMNS:
                amount = getattr(line, name)
                if amount is not None and not _is_money(amount):
                    raise ValueError(f"{name} of line {line.line} is {amount}: no amount in yuan with two decimals")


def _is_money(amount: Decimal) -> bool:
    return amount.is_finite() and abs(amount) < _MONEY_LIMIT and amount == round(amount, 2)


def to_unicode(text: str) -> str:
    """Text that UTF-8 can write: halves of surrogate pairs (fonts without Unicode, file names in GBK) become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


# ---------------------------------------------------------------------------------------------------------------------
# Bytes
# ---------------------------------------------------------------------------------------------------------------------

_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.MONEY: Decimal,
    Kind.DAY: date.fromisoformat,
    Kind.INSTANT: datetime.fromisoformat,
    Kind.LIST: tuple,
}


def rows_to_bytes(rows: Rows) -> bytes:
    """Rows as compressed JSON, with the names of their columns: amounts as text, so that no digit is lost."""
    stored = {table.name: [[column.name for column in table.columns], *rows[table.name]] for table in TABLES}
    return zlib.compress(_to_text(stored).encode(), 1)


def rows_to_digest(rows: Rows) -> bytes:
    """A short hash of what the rows say. When and from which file they were read is left out: reading the same bytes
    again, under another name or from a copy, changes nothing. The tables take paths from the catalogue."""
    told = rows | {"documents": [_lasting(row) for row in rows["documents"]]}
    return hashlib.sha256(_to_text([told[table.name] for table in TABLES]).encode()).digest()[:16]


_LASTING = [column.kind is not Kind.INSTANT and column.name != "path" for column in TABLES[0].columns]


def _lasting(row: Row) -> Row:
    return tuple(value for value, kept in zip(row, _LASTING, strict=True) if kept)


def _to_text(stored: object) -> str:
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"), default=_to_json)


def _to_json(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no column holds a {type(value).__name__}")


def bytes_to_rows(data: bytes, only: Collection[str] = ()) -> Rows:
    """The rows that `rows_to_bytes` wrote, of `only` these tables where any are named. Columns that its version did
    not know are empty, dropped ones are left."""
    stored = json.loads(zlib.decompress(data))
    wanted = [table for table in TABLES if not only or table.name in only]
    return {table.name: _read_rows(table, *stored[table.name]) for table in wanted}


def _read_rows(table: Table, names: list[str], *rows: list[Any]) -> list[Row]:
    if names != _NAMES[table.name]:
        places = [names.index(column.name) if column.name in names else None for column in table.columns]
        rows = tuple([None if place is None else row[place] for place in places] for row in rows)
    for place, read in _READ[table.name]:
        for row in rows:
            if row[place] is not None:
                row[place] = read(row[place])
    return [tuple(row) for row in rows]


_NAMES = {table.name: [column.name for column in table.columns] for table in TABLES}
_READ = {
    table.name: [(n, _READERS[column.kind]) for n, column in enumerate(table.columns) if column.kind in _READERS]
    for table in TABLES
}
