"""Hive partitions: `DIR/indicators/fiscal_year=2023/part-*.parquet`, beside the files that hold everything.

Tables whose rows belong to a form are cut by the form's fiscal year; documents and findings are not, since a document
may hold forms of several years. The column stands in the folders' names only, as Hive and Spark have it. The names of
the files carry their generation: a reader that listed an older state does not mix it with this one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from output.files import beside, remove_folder, swap_folder, sync_file, sync_folder
from output.package import FileFacts, file_to_facts
from output.parquet import open_parquet, with_generation
from output.parts import Part
from output.schema import TABLES, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["PARTITION", "PartitionFiles", "check_folders", "folders_missing", "remove_folders"]

PARTITION = "fiscal_year"
_NULL = "__HIVE_DEFAULT_PARTITION__"
_PARTITIONED = tuple(table for table in TABLES if table.name in ("forms", "funds", "indicators"))
_GROUP_ROWS = 20_000
"""Rows of a table and year that make a row group."""
_HELD_ROWS = 60_000
"""Rows held for all tables and years together; beyond it the largest lot is written. Bounds memory."""


def check_folders(out: Path) -> None:
    """Raise OSError where a folder that partitions would replace holds anything else."""
    for folder in _folders(out):
        if folder.exists() and not _is_ours(folder):
            raise FileExistsError(f"{folder} holds other files than partitions; move them, or leave out --partition")


def remove_folders(out: Path) -> None:
    """Take away the partitions of an earlier publication; what is none stays."""
    for folder in _folders(out):
        if _is_ours(folder):
            shutil.rmtree(folder)


def folders_missing(out: Path) -> bool:
    """Whether a table has no partitions in `out`."""
    return not all(folder.is_dir() for folder in _folders(out))


def _folders(out: Path) -> Iterator[Path]:
    return (out / table.name for table in _PARTITIONED)


def _is_ours(folder: Path) -> bool:
    if not folder.is_dir() or folder.is_symlink():
        return False
    years = list(folder.iterdir())
    return all(
        year.name.startswith(f"{PARTITION}=")
        and year.is_dir()
        and all(file.name.startswith("part-") and file.suffix == ".parquet" for file in year.iterdir())
        for year in years
    )


class PartitionFiles:
    """The partitions of one publication, written beside their names. `facts` are their files by table, when done."""

    def __init__(self, out: Path, generation: str) -> None:
        self.facts: Mapping[str, list[FileFacts]] = {}
        self._out = out
        self._generation = generation
        self._stack = ExitStack()
        self._writers: dict[tuple[str, int | None], pq.ParquetWriter] = {}
        self._waiting: dict[tuple[str, int | None], list[pa.Table]] = {}
        self.remove_beside(out)
        for folder in _folders(out):
            beside(folder).mkdir()
        self._schemas = {table.name: _schema(arrow_schema(table), generation) for table in _PARTITIONED}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                for lot in sorted(self._waiting, key=_lot_order):
                    self._flush(lot)
        finally:
            self._stack.close()
        if error is None:
            self.facts = {table.name: list(self._sync(table.name)) for table in _PARTITIONED}

    def write(self, part: Part) -> None:
        """Add the rows of a part."""
        forms = part["forms"].to_arrow()
        for table in _PARTITIONED:
            rows = forms if table.name == "forms" else part[table.name].to_arrow()
            for year, lot in _by_year(rows, forms):
                self._waiting.setdefault((table.name, year), []).append(lot)
                if self._count((table.name, year)) >= _GROUP_ROWS:
                    self._flush((table.name, year))
        while sum(map(self._count, self._waiting)) > _HELD_ROWS:
            self._flush(max(sorted(self._waiting, key=_lot_order), key=self._count))

    def _count(self, lot: tuple[str, int | None]) -> int:
        return sum(rows.num_rows for rows in self._waiting[lot])

    def _flush(self, lot: tuple[str, int | None]) -> None:
        import pyarrow as pa

        name, year = lot
        rows = pa.concat_tables(self._waiting.pop(lot)).combine_chunks()
        if lot not in self._writers:
            folder = beside(self._out / name) / f"{PARTITION}={_NULL if year is None else year}"
            folder.mkdir()
            file = folder / f"part-{self._generation}-0.parquet"
            self._writers[lot] = self._stack.enter_context(open_parquet(file, self._schemas[name]))
        rows = rows.select(self._schemas[name].names).cast(self._schemas[name])
        self._writers[lot].write_table(rows, row_group_size=_GROUP_ROWS)

    def _sync(self, name: str) -> Iterator[FileFacts]:
        folder = beside(self._out / name)
        for file in sorted(folder.glob("*/*.parquet")):
            sync_file(file)
            sync_folder(file.parent)
            yield file_to_facts(file, f"{name}/{file.parent.name}/{file.name}")
        sync_folder(folder)

    @staticmethod
    def place(out: Path) -> None:
        """Let the partitions written beside take the place of those there were."""
        for folder in _folders(out):
            swap_folder(folder)

    @staticmethod
    def remove_beside(out: Path) -> None:
        """Take away what a publication that failed left beside."""
        for folder in _folders(out):
            remove_folder(beside(folder))


def _schema(schema: pa.Schema, generation: str) -> pa.Schema:
    place = schema.get_field_index(PARTITION)
    return with_generation(schema if place < 0 else schema.remove(place), generation)


def _lot_order(lot: tuple[str, int | None]) -> tuple[str, int]:
    return lot[0], -1 if lot[1] is None else lot[1]


def _by_year(rows: pa.Table, forms: pa.Table) -> Iterator[tuple[int | None, pa.Table]]:
    """Rows by the fiscal year of their form, None where it prints none."""
    import pyarrow.compute as pc

    places = pc.index_in(rows["form_id"], value_set=forms["form_id"].combine_chunks())
    years = forms[PARTITION].combine_chunks().take(places.combine_chunks())
    for year in sorted(years.unique().to_pylist(), key=lambda year: (year is not None, year)):
        is_of_year = pc.is_null(years) if year is None else pc.equal(years, year)
        yield year, rows.filter(is_of_year)
