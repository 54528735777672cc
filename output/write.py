"""The output files: CSV, Parquet and datapackage.json, written beside and put in place when all of them are whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from output.rows import Row, Rows
from output.schema import TABLES, Column, Kind, Table, arrow_schema

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Format", "files_missing", "read_tables", "write_tables"]


class Format(StrEnum):
    """A format of the output tables."""

    CSV = "csv"
    PARQUET = "parquet"


_BATCH_ROWS = 20_000
"""Rows held before they are written: a Parquet row group. Bounds memory, however many documents there are."""


def write_tables(
    documents: Iterable[tuple[str, Rows]],
    out: Path,
    formats: Iterable[Format],
    *,
    excel_safe: bool = False,
    tables: tuple[Table, ...] = TABLES,
) -> None:
    """Write the five tables of `documents` (path, rows) to `out`, in the order given, and datapackage.json.

    `tables` are those of the schema, with columns of manifests behind those of `documents` where there are any.

    The documents' rows may miss tables; `path` replaces the one in the row of `documents`. Files of formats not asked
    for are removed, since they would show an older state. Each file is whole before it takes its name.
    """
    wanted = tuple(sorted(set(formats)))
    with ExitStack() as stack:
        writers = {table.name: _Batches(table, out, wanted, excel_safe, stack) for table in tables}
        for path, rows in documents:
            for name, writer in writers.items():
                writer.add(_place_path(rows["documents"], path) if name == "documents" else rows.get(name, []))
        for writer in writers.values():
            writer.flush()
    files = [_final(out, table, format_) for table in tables for format_ in wanted]
    _beside(out / "datapackage.json").write_text(_datapackage(out, wanted, tables), encoding="utf-8", newline="\n")
    _put_in_place([*files, out / "datapackage.json"])
    for stale in (_final(out, table, format_) for table in tables for format_ in Format if format_ not in wanted):
        stale.unlink(missing_ok=True)


def _final(out: Path, table: Table, format_: Format) -> Path:
    return out / f"{table.name}.{format_}"


def files_missing(out: Path, formats: Iterable[Format]) -> bool:
    """Whether a file that `write_tables` would write is not there."""
    files = [_final(out, table, format_) for table in TABLES for format_ in formats]
    return not all(file.is_file() for file in [*files, out / "datapackage.json"])


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.part")


def _put_in_place(files: list[Path]) -> None:
    """Rename finished files to their names, datapackage.json last: its hashes tell whether the tables go together."""
    for file in files:
        with _beside(file).open("rb+") as handle:
            os.fsync(handle.fileno())
    for file in files:
        _beside(file).replace(file)
    if os.name == "posix":
        folder = os.open(files[0].parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


_PATH_PLACE = next(place for place, column in enumerate(TABLES[0].columns) if column.name == "path")


def _place_path(rows: list[Row], path: str) -> list[Row]:
    return [(*row[:_PATH_PLACE], path, *row[_PATH_PLACE + 1 :]) for row in rows]


class _Writer(Protocol):
    def write(self, rows: list[Row]) -> None: ...


class _Batches:
    """Gathers a table's rows and writes them in batches of the same size, so that equal rows give equal bytes."""

    def __init__(
        self, table: Table, out: Path, formats: Iterable[Format], excel_safe: bool, stack: ExitStack
    ) -> None:
        self._rows: list[Row] = []
        self._writers: list[_Writer] = []
        for format_ in formats:
            file = _beside(_final(out, table, format_))
            if format_ is Format.CSV:
                self._writers.append(_CsvFile(table, file, excel_safe, stack))
            else:
                self._writers.append(_ParquetFile(table, file, stack))

    def add(self, rows: list[Row]) -> None:
        self._rows += rows
        while len(self._rows) >= _BATCH_ROWS:
            self._write(self._rows[:_BATCH_ROWS])
            del self._rows[:_BATCH_ROWS]

    def flush(self) -> None:
        if self._rows:
            self._write(self._rows)
            self._rows = []

    def _write(self, rows: list[Row]) -> None:
        for writer in self._writers:
            writer.write(rows)


class _ParquetFile:
    def __init__(self, table: Table, file: Path, stack: ExitStack) -> None:
        import pyarrow.parquet as pq

        self._schema = arrow_schema(table)
        self._writer = stack.enter_context(pq.ParquetWriter(file, self._schema, compression="zstd"))

    def write(self, rows: list[Row]) -> None:
        import pyarrow as pa

        columns = zip(zip(*rows, strict=True), self._schema, strict=True)
        arrays = [pa.array(values, field.type) for values, field in columns]
        self._writer.write_table(pa.table(arrays, schema=self._schema))


class _CsvFile:
    """UTF-8 with a byte order mark, so that Excel opens it; one text a cell, empty where there is no value."""

    def __init__(self, table: Table, file: Path, excel_safe: bool, stack: ExitStack) -> None:
        self._columns = table.columns
        self._excel_safe = excel_safe
        self._handle = stack.enter_context(file.open("w", encoding="utf-8-sig", newline=""))
        self._frame([]).to_csv(self._handle, index=False, lineterminator="\n")

    def write(self, rows: list[Row]) -> None:
        self._frame(rows).to_csv(self._handle, index=False, header=False, lineterminator="\n")

    def _frame(self, rows: list[Row]) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        cells = np.empty((len(rows), len(self._columns)), dtype=object)  # one block: column by column costs more
        for number, (column, values) in enumerate(zip(self._columns, zip(*rows, strict=True), strict=False)):
            to_text = _csv_text(column, self._excel_safe)
            cells[:, number] = [None if value is None else to_text(value) for value in values]
        return pd.DataFrame(cells, columns=[column.name for column in self._columns])


# ---------------------------------------------------------------------------------------------------------------------
# A value as the text of a CSV cell
# ---------------------------------------------------------------------------------------------------------------------


def number_to_text(value: float) -> str:
    """A number in plain decimals: 0.1, 3330000, 0.00001; the shortest that reads back as the same number."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant_to_text(value: datetime) -> str:
    """An instant as 2024-05-06T07:08:09Z."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def to_excel_safe(text: str) -> str:
    """The text with ' before it where Excel would run it as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


_CSV_TEXT: Mapping[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.WHOLE: str,
    Kind.NUMBER: number_to_text,
    Kind.MONEY: "{:.2f}".format,
    Kind.TRUTH: lambda value: "true" if value else "false",
    Kind.DAY: date.isoformat,
    Kind.INSTANT: instant_to_text,
    Kind.LIST: ";".join,
}


def _csv_text(column: Column, excel_safe: bool) -> Callable[[Any], str]:
    return to_excel_safe if excel_safe and column.kind is Kind.TEXT else _CSV_TEXT[column.kind]


# ---------------------------------------------------------------------------------------------------------------------
# datapackage.json
# ---------------------------------------------------------------------------------------------------------------------

_FRICTIONLESS: Mapping[Kind, dict[str, str]] = {
    Kind.TEXT: {"type": "string"},
    Kind.WHOLE: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.MONEY: {"type": "number"},
    Kind.TRUTH: {"type": "boolean"},
    Kind.DAY: {"type": "date"},
    Kind.INSTANT: {"type": "datetime"},
    Kind.LIST: {"type": "string"},
}

_FOREIGN_KEYS = {
    "forms": ("document_id", "documents"),
    "funds": ("form_id", "forms"),
    "indicators": ("form_id", "forms"),
    "findings": ("document_id", "documents"),
}


def _datapackage(out: Path, formats: tuple[Format, ...], tables: tuple[Table, ...]) -> str:
    package = {
        "profile": "tabular-data-package" if Format.CSV in formats else "data-package",
        "name": "zipingbiao",
        "title": "Performance self-assessment forms (绩效自评表)",
        "resources": [_resource(out, table, formats) for table in tables],
    }
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _resource(out: Path, table: Table, formats: tuple[Format, ...]) -> dict[str, object]:
    format_ = Format.CSV if Format.CSV in formats else Format.PARQUET
    resource: dict[str, object] = {"name": table.name, "description": table.doc}
    resource |= _file_facts(_final(out, table, format_))
    if format_ is Format.CSV:
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8-sig", "dialect": {"lineTerminator": "\n"}}
        if Format.PARQUET in formats:
            resource["parquet"] = _file_facts(_final(out, table, Format.PARQUET))
    resource["schema"] = _table_schema(table)
    return resource


def _file_facts(file: Path) -> dict[str, object]:
    with _beside(file).open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    facts = {"format": file.suffix[1:], "mediatype": _MEDIA_TYPES[Format(file.suffix[1:])]}
    return {"path": file.name, **facts, "bytes": _beside(file).stat().st_size, "hash": f"sha256:{digest}"}


_MEDIA_TYPES = {Format.CSV: "text/csv", Format.PARQUET: "application/vnd.apache.parquet"}


def _table_schema(table: Table) -> dict[str, object]:
    schema: dict[str, object] = {"fields": [_field(column) for column in table.columns], "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.name in _FOREIGN_KEYS:
        field, resource = _FOREIGN_KEYS[table.name]
        schema["foreignKeys"] = [{"fields": [field], "reference": {"resource": resource, "fields": [field]}}]
    return schema


def _field(column: Column) -> dict[str, object]:
    constraints: dict[str, object] = {} if column.nullable or column.kind is Kind.LIST else {"required": True}
    if column.choices:
        constraints["enum"] = list(column.choices)
    field: dict[str, object] = {"name": column.name, **_FRICTIONLESS[column.kind], "description": column.doc}
    return field | ({"constraints": constraints} if constraints else {})


# ---------------------------------------------------------------------------------------------------------------------
# Reading back
# ---------------------------------------------------------------------------------------------------------------------


def read_tables(out: Path | str) -> dict[str, pd.DataFrame]:
    """The five tables of an output folder as DataFrames by name, from its Parquet files, with their exact types.

    Amounts are Arrow decimals, lists Arrow lists, missing values `pd.NA`: nothing becomes a float on the way.
    Raises FileNotFoundError where the folder holds no Parquet.
    """
    return dict(_read_frames(Path(out)))


def _read_frames(out: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    import pandas as pd
    import pyarrow.parquet as pq

    for table in TABLES:
        read = pq.read_table(_final(out, table, Format.PARQUET), use_threads=False)
        yield table.name, read.to_pandas(types_mapper=pd.ArrowDtype)
