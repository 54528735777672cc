"""The output files: CSV, Parquet and datapackage.json, written beside and put in place when all of them are whole.

What is atomic: each file, by its rename. The files of one publication carry one generation (a name of the state that
their rows make): in the metadata of each Parquet file, and in datapackage.json, which is put in place last. So a
reader that finds one generation in all files it has opened has one state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from output.csv_text import head_to_csv
from output.extras import tables_with
from output.files import beside, place_file, remove_files, sync_file, sync_folder
from output.package import Format, TableFiles, describe_files, file_to_facts
from output.parquet import open_parquet, with_generation
from output.partitions import PARTITION, PartitionFiles, check_folders, folders_missing, remove_folders
from output.parts import Look, Part, documents_to_part
from output.rows import Rows
from output.schema import TABLES, Table, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Format", "Publication", "files_missing", "write_parts", "write_tables"]

_GROUP_ROWS = 20_000
"""Rows of a Parquet row group. Bounds memory, however many documents there are."""
_PACKAGE = "datapackage.json"


@dataclass(frozen=True, slots=True)
class Publication:
    """What is written: formats, the generation that the files carry, and whether partitions are written too."""

    formats: tuple[Format, ...] = (Format.CSV, Format.PARQUET)
    generation: str = ""
    look: Look = field(default_factory=Look)
    partitioned: bool = False


def write_tables(
    documents: Iterable[tuple[str, Rows]], out: Path, formats: Iterable[Format], *, excel_safe: bool = False
) -> None:
    """Write the five tables of `documents` (path, rows) to `out`, in the order given, and datapackage.json.

    The documents' rows may miss tables; `path` replaces the one in the row of `documents`.
    """
    wanted = tuple(sorted(set(formats)))
    look = Look(csv=Format.CSV in wanted, excel_safe=excel_safe)
    parts = (documents_to_part([(path, "", rows)], look) for path, rows in documents)
    write_parts(parts, out, Publication(wanted, look=look))


def write_parts(parts: Iterable[Part], out: Path, publication: Publication) -> None:
    """Write the five tables that parts make one after the other to `out`, and datapackage.json.

    Files of formats not asked for, and partitions not asked for, are removed: they would show an older state. Each
    file is whole before it takes its name; where writing fails, the files of the last publication stay as they were.
    Raises OSError.
    """
    formats = publication.formats
    files = [_final(out, table, format_) for table in TABLES for format_ in formats]
    if publication.partitioned:
        check_folders(out)
    try:
        written = list(_write_beside(parts, out, publication))
        partition = PARTITION if publication.partitioned else None
        text = describe_files(written, publication.generation, partition)
        beside(out / _PACKAGE).write_text(text, encoding="utf-8", newline="\n")
        for file in [*files, out / _PACKAGE]:
            sync_file(beside(file))
        for file in files:
            place_file(file)
        if publication.partitioned:
            PartitionFiles.place(out)
        place_file(out / _PACKAGE)
    finally:
        remove_files(beside(file) for file in [*_all_files(out), out / _PACKAGE])
        PartitionFiles.remove_beside(out)
    remove_files(file for file in _all_files(out) if file not in files)
    if not publication.partitioned:
        remove_folders(out)
    sync_folder(out)


def _final(out: Path, table: Table, format_: Format) -> Path:
    return out / f"{table.name}.{format_}"


def _all_files(out: Path) -> list[Path]:
    return [_final(out, table, format_) for table in TABLES for format_ in Format]


def files_missing(out: Path, formats: Iterable[Format], *, partitioned: bool = False) -> bool:
    """Whether a file that `write_parts` would write is not there."""
    files = [_final(out, table, format_) for table in TABLES for format_ in formats]
    return not all(file.is_file() for file in [*files, out / _PACKAGE]) or (partitioned and folders_missing(out))


def _write_beside(parts: Iterable[Part], out: Path, publication: Publication) -> Iterator[TableFiles]:
    """Write all files beside their names; yields what datapackage.json says of each table."""
    written = tables_with(publication.look.extra_columns)
    with ExitStack() as stack:
        writers = [
            _writer(table, beside(_final(out, table, format_)), format_, publication, stack)
            for table in written
            for format_ in publication.formats
        ]
        folders = stack.enter_context(PartitionFiles(out, publication.generation)) if publication.partitioned else None
        for part in parts:
            for writer in writers:
                writer.write(part)
            if folders:
                folders.write(part)
        for writer in writers:
            writer.finish()
    partitions = folders.facts if folders else {}
    for table in written:
        facts = {
            format_: file_to_facts(beside(_final(out, table, format_)), f"{table.name}.{format_}")
            for format_ in publication.formats
        }
        yield TableFiles(table, facts, partitions.get(table.name, ()))


def _writer(
    table: Table, file: Path, format_: Format, publication: Publication, stack: ExitStack
) -> _CsvFile | _ParquetFile:
    if format_ is Format.CSV:
        return _CsvFile(table, file, stack)
    return _ParquetFile(table, file, publication.generation, stack)


class _CsvFile:
    """UTF-8 with a byte order mark; one text a cell, empty where there is no value."""

    def __init__(self, table: Table, file: Path, stack: ExitStack) -> None:
        self._name = table.name
        self._handle = stack.enter_context(file.open("wb"))
        self._handle.write(head_to_csv(table))

    def write(self, part: Part) -> None:
        self._handle.write(part[self._name].to_csv())

    def finish(self) -> None:
        self._handle.flush()


class _ParquetFile:
    """Row groups of the same size wherever parts begin, so that equal rows give equal bytes."""

    def __init__(self, table: Table, file: Path, generation: str, stack: ExitStack) -> None:
        self._name = table.name
        schema = with_generation(arrow_schema(table), generation)
        self._writer = stack.enter_context(open_parquet(file, schema))
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def write(self, part: Part) -> None:
        rows = part[self._name].to_arrow()
        self._waiting.append(rows)
        self._rows += rows.num_rows
        while self._rows >= _GROUP_ROWS:
            self._write_group(_GROUP_ROWS)

    def finish(self) -> None:
        if self._rows:
            self._write_group(self._rows)

    def _write_group(self, count: int) -> None:
        import pyarrow as pa

        waiting = pa.concat_tables(self._waiting)
        group = waiting.slice(0, count).combine_chunks()  # pages begin where chunks do
        self._writer.write_table(group.cast(self._writer.schema), row_group_size=count)
        self._waiting = [waiting.slice(count)]
        self._rows -= count
