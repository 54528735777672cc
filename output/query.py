"""SQL over an output folder: its tables as views in DuckDB, which may touch nothing else.

The tables are handed over as open Parquet files; before a query runs, files, network, extensions and settings are
switched off for good. What a query creates lives in memory and goes with it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from output.csv_text import instant_to_text, number_to_text
from output.schema import TABLES
from output.stored import StoredError, dataset

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["Answer", "Shape", "ask", "write_answer"]

_LOCKS = (
    "SET temp_directory = ''",
    "SET python_enable_replacements = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET TimeZone = 'UTC'",
    "SET lock_configuration = true",
)
_BATCH_ROWS = 10_000
_TABLE_ROWS = 1_000
"""Rows of a table for a person; more are for a program."""


class Shape(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave: names of its columns, and its rows as they are asked for."""

    names: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def ask(out: Path, sql: str) -> Answer:
    """The answer to a query over the tables of an output folder; of several statements, the last one's.

    Raises StoredError where the folder holds no Parquet, DuckDB is not installed or the query is wrong.
    """
    try:
        import duckdb
    except ImportError as error:
        raise StoredError("Queries need DuckDB: pip install 'zipingbiao[query]'") from error
    connection = duckdb.connect(":memory:")
    try:
        for name, table in _open_tables(out).items():
            connection.register(name, table)
        for statement in _LOCKS:
            connection.execute(statement)
        relation = connection.sql(sql)
        if relation is None:
            raise StoredError("The query gives no rows. Try: SELECT status, count(*) FROM documents GROUP BY status")
        reader = relation.to_arrow_reader(_BATCH_ROWS)
        return Answer(tuple(reader.schema.names), _rows(connection, reader))
    except duckdb.Error as error:
        raise StoredError(_sentence(error)) from error


_GENERATION = b"zipingbiao.generation"
_TRIES, _PAUSE_S = 50, 0.1


def _open_tables(out: Path) -> dict[str, Any]:
    """The tables as they were at one moment: a run may put new ones in place while they are opened.

    Files of one publication carry one generation in their metadata, if any. Raises StoredError where they stay of two.
    """
    for _ in range(_TRIES):
        before = _stamp(out)
        tables = {table.name: dataset(out, table.name) for table in TABLES}
        generations = {(table.schema.metadata or {}).get(_GENERATION) for table in tables.values()}
        if len(generations) == 1 and _stamp(out) == before:
            return tables
        time.sleep(_PAUSE_S)
    raise StoredError(f"The tables in {out} are of two states: a run was killed. Run the same command again.")


def _stamp(out: Path) -> tuple[int, int] | None:
    """What changes with datapackage.json, which is put in place last."""
    file = out / "datapackage.json"
    return (file.stat().st_ino, file.stat().st_mtime_ns) if file.exists() else None


def _rows(connection: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader) -> Iterator[tuple[Any, ...]]:
    import duckdb
    import pyarrow as pa

    try:
        for batch in reader:
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise StoredError(_sentence(error)) from error
    finally:
        connection.close()


def _sentence(error: Exception) -> str:
    """DuckDB's message, less its lines that draw the place in the query."""
    lines = [line.strip() for line in str(error).splitlines()]
    told = [line for line in lines if line and not line.startswith(("LINE ", "^"))]
    return " ".join(told[:3]) or type(error).__name__


# ---------------------------------------------------------------------------------------------------------------------
# Printing
# ---------------------------------------------------------------------------------------------------------------------


def write_answer(answer: Answer, shape: Shape, to: IO[str]) -> None:
    """Print an answer. CSV has the text of the output tables' CSV; JSON is one array of objects, decimals exact or as
    text, with numbers that JSON lacks as null. Raises StoredError."""
    {Shape.TABLE: _write_table, Shape.CSV: _write_csv, Shape.JSON: _write_json}[shape](answer, to)


def _write_csv(answer: Answer, to: IO[str]) -> None:
    import csv

    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(answer.names)
    writer.writerows([_to_text(value) for value in row] for row in answer.rows)


def _write_json(answer: Answer, to: IO[str]) -> None:
    names = _distinct(answer.names)
    to.write("[")
    for number, row in enumerate(answer.rows):
        values = {name: _to_json(value) for name, value in zip(names, row, strict=True)}
        to.write((",\n " if number else "\n ") + json.dumps(values, ensure_ascii=False))
    to.write("\n]\n")


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of columns, `#2` behind the second of one name: an object of JSON has each once."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return distinct


def _write_table(answer: Answer, to: IO[str]) -> None:
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    from output.show import console, to_printable

    grid = Grid()
    for name in answer.names:
        grid.add_column(Text(to_printable(name)), overflow="fold")
    more = False
    for number, row in enumerate(answer.rows):
        if number == _TABLE_ROWS:
            more = True
            break
        grid.add_row(*(Text(to_printable(_to_text(value))) for value in row))
    Console(file=to, width=console().width, highlight=False).print(grid)
    if more:
        to.write(f"There are more than {_TABLE_ROWS} rows: --format csv or json gives all of them.\n")


def _to_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_to_text(value) if isfinite(value) else str(value)
    if isinstance(value, datetime):
        return instant_to_text(value) if value.tzinfo else value.isoformat()
    if isinstance(value, list):
        return ";".join(map(_to_text, value))
    return str(value)


def _to_json(value: object) -> object:
    if isinstance(value, list):
        return [_to_json(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _to_json(one) for name, one in value.items()}
    if isinstance(value, Decimal):
        number = float(value)
        return number if Decimal(repr(number)) == value else str(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, datetime):
        return instant_to_text(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)
