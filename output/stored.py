"""The output tables read back, a batch at a time: from Parquet where it is there, else from CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from output.schema import TABLES, Kind

if TYPE_CHECKING:
    import pyarrow.dataset as ds

__all__ = [
    "StoredError",
    "count_values",
    "csv_rows",
    "dataset",
    "parquet_file_rows",
    "read_rows",
    "text_to_value",
]


class StoredError(Exception):
    """Stored tables, or tables to compare them with, cannot be read; the message says why and what to do."""


def parquet_of(out: Path, name: str) -> Path | None:
    """The Parquet file of a table, or the folder of its partitions; None where there is neither."""
    return next((path for path in (out / f"{name}.parquet", out / name) if path.exists()), None)


def dataset(out: Path, name: str) -> ds.Dataset:
    """A table's Parquet, read when it is asked for. Raises StoredError where there is none."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    path = parquet_of(out, name)
    if path is None:
        raise StoredError(f"{out} holds no {name}.parquet. Give the --out of a run that wrote --format parquet.")
    try:
        if path.is_dir():
            return ds.dataset(path, format="parquet", partitioning="hive")
        form = ds.ParquetFileFormat()
        piece = form.make_fragment(pa.memory_map(str(path)))  # stays as it is when a run puts a new file in its place
        return ds.FileSystemDataset([piece], piece.physical_schema, form)
    except (pa.ArrowException, OSError) as error:
        raise StoredError(f"{path} cannot be read ({error}). Run again with --overwrite.") from error


def count_values(out: Path, name: str, column: str) -> Counter[str]:
    """How often each text stands in a column. Raises StoredError where the table is not there."""
    return Counter(value for (value,) in read_rows(out, name, [column]) if value is not None)


def read_rows(
    out: Path, name: str, columns: Sequence[str], where: tuple[str, Collection[str]] | None = None
) -> Iterator[tuple[Any, ...]]:
    """The rows of a table: values of these columns, typed as in Parquet (lists as tuples), None where there is none.

    `where`: only rows whose column of that name holds one of these texts. Raises StoredError.
    """
    if parquet_of(out, name) is not None:
        yield from _parquet_rows(out, name, columns, where)
        return
    file = out / f"{name}.csv"
    if not file.is_file():
        raise StoredError(f"{out} holds neither {name}.parquet nor {name}.csv. Give the folder that a run wrote.")
    kinds = {column.name: column.kind for table in TABLES if table.name == name for column in table.columns}
    for _, row in csv_rows(file):
        if where is None or row.get(where[0]) in where[1]:
            yield tuple(text_to_value(row.get(column), kinds.get(column, Kind.TEXT)) for column in columns)


def _parquet_rows(
    out: Path, name: str, columns: Sequence[str], where: tuple[str, Collection[str]] | None
) -> Iterator[tuple[Any, ...]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    condition = None if where is None else pc.field(where[0]).isin(pa.array(sorted(where[1]), pa.string()))
    for batch in dataset(out, name).to_batches(columns=list(columns), filter=condition, use_threads=False):
        cells = [[tuple(value) if isinstance(value, list) else value for value in c.to_pylist()] for c in batch.columns]
        yield from zip(*cells, strict=True)


def csv_rows(file: Path) -> Iterator[tuple[int, dict[str, str | None]]]:
    """The rows of a CSV file with a head, each with its line's number; empty cells are None. Raises StoredError."""
    csv.field_size_limit(1 << 27)
    try:
        with file.open(encoding=_encoding(file), newline="") as handle:
            reader = csv.DictReader(handle)
            for row in reader:
                yield reader.line_num, {name: text or None for name, text in row.items() if isinstance(name, str)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StoredError(f"{file} cannot be read ({error}). Save it as CSV in UTF-8.") from error


def _encoding(file: Path) -> str:
    """UTF-8, or GBK, in which Excel saves CSV on a Chinese Windows. Raises OSError."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            while handle.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def parquet_file_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of any Parquet file, each with its number from 1. Raises StoredError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        yield from enumerate(pq.read_table(file, use_threads=False).to_pylist(), 1)
    except (pa.ArrowException, OSError) as error:
        raise StoredError(f"{file} cannot be read ({error}). Save it again as Parquet or CSV.") from error


# ---------------------------------------------------------------------------------------------------------------------
# A CSV cell's text as its value
# ---------------------------------------------------------------------------------------------------------------------


def _to_number(text: str) -> float:
    return float(text.replace(",", ""))


def _to_truth(text: str) -> bool:
    return {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}[text.lower()]


def _to_day(text: str) -> date:
    """A date as ISO writes it, or as Excel saves it again: 2018/10/3."""
    year, month, day = text.replace("/", "-").split("T")[0].split(" ")[0].split("-")
    return date(int(year), int(month), int(day))


def _to_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _to_whole(text: str) -> int:
    number = Decimal(text.replace(",", ""))
    if number != int(number):
        raise ValueError(f"{text} is no whole number")
    return int(number)


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.WHOLE: _to_whole,
    Kind.NUMBER: _to_number,
    Kind.MONEY: lambda text: Decimal(text.replace(",", "")),
    Kind.TRUTH: _to_truth,
    Kind.DAY: _to_day,
    Kind.INSTANT: _to_instant,
    Kind.LIST: lambda text: tuple(text.split(";")),
}


def text_to_value(text: str | None, kind: Kind) -> Any:
    """The value that a cell's text stands for; None for none, an empty tuple for a list without members.

    Raises ValueError where the text is none of that kind.
    """
    if text is None:
        return () if kind is Kind.LIST else None
    try:
        return _READERS[kind](text.strip() if kind is not Kind.TEXT else text)
    except (ValueError, KeyError, InvalidOperation, OverflowError) as error:
        raise ValueError(f"{text!r} is no {kind.value}") from error

