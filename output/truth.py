"""Rows that a user knows to be right, in the shape of the output tables, read from CSV or Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from output.schema import TABLES, Column, Kind, Table
from output.stored import StoredError, csv_rows, parquet_file_rows, text_to_value

__all__ = ["JUDGED", "DocumentRef", "Truth", "TruthRow", "read_truth"]

_NUMBER_OF = {"indicators": "row", "funds": "line"}
_NOT_FACTS = frozenset({
    "document_id", "path", "form_id", "form_no", "row", "line", "version", "extracted_at",
})  # fmt: skip
"""Columns that are not judged: they say which row it is, or when and by what it was read."""

JUDGED: Mapping[str, tuple[Column, ...]] = {
    table.name: tuple(column for column in table.columns if column.name not in _NOT_FACTS)
    for table in TABLES
    if table.name != "findings"
}
"""The tables and columns that can be judged. Findings tell of the reading, not of the document."""


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """How a row of the truth names its document: the beginning of its sha256, or its path; neither where there is just
    one document."""

    id_start: str | None
    path: str | None

    def __str__(self) -> str:
        return self.path or self.id_start or "the only document"


@dataclass(frozen=True, slots=True)
class TruthRow:
    """A row that is right. `form_no` and `number` (its row or line) are 0 where its table has none."""

    line: int
    document: DocumentRef
    form_no: int
    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """One table's rows, the columns that they say something of, and columns that no output table has."""

    table: Table
    columns: tuple[Column, ...]
    rows: tuple[TruthRow, ...]
    unknown: tuple[str, ...]


def read_truth(place: Path) -> dict[str, Truth]:
    """The truth in a folder of files named as the tables (`indicators.csv`, `forms_2023.parquet`), or in one such file.

    Raises StoredError where there is none, or a cell is not what its column holds.
    """
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    named = [(name, file) for file in files if (name := _table_of(file)) is not None]
    if not named:
        tables = ", ".join(f"{name}.csv" for name in JUDGED)
        raise StoredError(f"{place} holds no truth. Give a folder with some of {tables}, or one of them.")
    return {name: _read_table(name, [file for other, file in named if other == name]) for name, _ in named}


def _table_of(file: Path) -> str | None:
    if file.suffix.lower() not in (".csv", ".parquet"):
        return None
    return next((name for name in JUDGED if file.stem == name or file.stem.startswith((f"{name}_", f"{name}-"))), None)


def _read_table(name: str, files: list[Path]) -> Truth:
    table = next(table for table in TABLES if table.name == name)
    columns = {column.name: column for column in table.columns}
    rows: list[TruthRow] = []
    seen: dict[str, None] = {}
    for file in files:
        found = list(_rows(file, table))
        seen |= dict.fromkeys(column for values in found[:1] for column in values[1])
        rows += _placed(file, table, found)
    judged = tuple(column for column in JUDGED[name] if column.name in seen)
    return Truth(table, judged, tuple(rows), tuple(column for column in seen if column not in {*columns, "path"}))


def _rows(file: Path, table: Table) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file: number of the line, and typed values of known columns, as text those of others."""
    kinds = {column.name: column.kind for column in table.columns}
    if file.suffix.lower() == ".parquet":
        yield from parquet_file_rows(file)
        return
    for line, texts in csv_rows(file):
        values = {}
        for column, text in texts.items():
            try:
                values[column] = text_to_value(text, kinds.get(column, Kind.TEXT))
            except ValueError as error:
                raise StoredError(f"{file}, line {line}, column {column}: {error}. Mend it.") from error
        if any(text is not None for text in texts.values()):
            yield line, values


def _placed(file: Path, table: Table, rows: list[tuple[int, dict[str, Any]]]) -> Iterator[TruthRow]:
    """Rows with where they belong. Rows without a number are numbered in their form as they come."""
    counts: dict[tuple[DocumentRef, int], int] = {}
    for line, values in rows:
        document = _document(values)
        form_no = 0 if table.name == "documents" else _form_no(file, line, values)
        number = 0
        if table.name in _NUMBER_OF:
            counts[document, form_no] = counts.get((document, form_no), 0) + 1
            number = values.get(_NUMBER_OF[table.name]) or counts[document, form_no]
        yield TruthRow(line, document, form_no, number, values)


def _document(values: Mapping[str, Any]) -> DocumentRef:
    whole = values.get("document_id") or (values.get("form_id") or "").rpartition("-")[0]
    path = values.get("path")
    return DocumentRef(whole[:16].lower() if whole else None, None if whole or not path else str(path))


def _form_no(file: Path, line: int, values: Mapping[str, Any]) -> int:
    """The number of a row's form: as it says, or from its form_id, or 1."""
    given = values.get("form_no") or (values.get("form_id") or "").rpartition("-")[2] or 1
    try:
        return int(given)
    except ValueError as error:
        raise StoredError(f"{file}, line {line}: {given!r} is no number of a form. Mend it.") from error
