"""Parts: runs of documents in the order of the tables, each rendered once and kept until one of its documents changes.

A part holds, for each table, its rows as an Arrow stream and as lines of CSV. The files are the parts of all documents
one after the other, so that a nightly run that adds a hundred documents to a hundred thousand renders a few hundred
again and copies the rest. Where parts begin depends on the documents' paths alone, and what the files hold does not
depend on where parts begin. Parts are a cache: their file may go at any time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from zlib import crc32

from output.catalogue import Entry
from output.completions import complete_rows, text_to_completions
from output.csv_text import rows_to_csv
from output.extras import extra_texts, tables_with
from output.rows import Row, Rows, place_of
from output.schema import TABLES, Table, arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Look",
    "Part",
    "Parts",
    "Piece",
    "documents_to_part",
    "entries_to_generation",
    "entries_to_runs",
    "forget_parts",
]

_LAYOUT = 2
_RUN = 64
"""Documents in a part, on average: a part is what a new document among them costs to render again."""
_RUN_ROWS = 20_000
"""Rows after which a part ends, so that long documents do not make parts that fill the memory."""


@dataclass(frozen=True, slots=True)
class Look:
    """How rows are rendered: the names of extra columns of `documents`, whether CSV is wanted and made safe."""

    extra_columns: tuple[str, ...] = ()
    csv: bool = True
    excel_safe: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of one table in a part: an Arrow stream, and lines of CSV without their head, both compressed."""

    arrow: bytes
    csv: bytes

    def to_arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        import pyarrow as pa

        with pa.ipc.open_stream(_uncompress(self.arrow)) as stream:
            return stream.read_all()

    def to_csv(self) -> bytes:
        """The lines of CSV."""
        return _uncompress(self.csv)


Part = Mapping[str, Piece]
"""The pieces of a part by table name."""


# ---------------------------------------------------------------------------------------------------------------------
# Which documents make a part, and what state they make together
# ---------------------------------------------------------------------------------------------------------------------


def entries_to_runs(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Cut the ordered entries into runs. A run ends at a path that its hash picks, so that a path that comes or goes
    moves no other border."""
    run: list[Entry] = []
    rows = 0
    for entry in entries:
        run.append(entry)
        rows += entry.rows
        if crc32(entry.path.encode()) % _RUN == 0 or rows >= _RUN_ROWS:
            yield run
            run, rows = [], 0
    if run:
        yield run


def entries_to_generation(entries: Iterable[Entry]) -> str:
    """The name of the state that entries make: 16 hexadecimal digits. Equal rows have equal names, whenever and in
    whatever order their documents were read."""
    state = hashlib.sha256()
    for entry in entries:
        state.update(_told(entry))
    return state.hexdigest()[:16]


def _told(entry: Entry, *more: object) -> bytes:
    """All that a document's rows depend on, as bytes that nothing else gives."""
    told = (entry.path, entry.extra, entry.digest.hex(), entry.completions, entry.is_first, *more)
    return json.dumps(told, ensure_ascii=True).encode() + b"\n"


def _run_to_key(run: Iterable[Entry], look: Look) -> bytes:
    state = hashlib.sha256(repr((_LAYOUT, look, TABLES)).encode())
    for entry in run:
        state.update(_told(entry, entry.read_at))
    return state.digest()


# ---------------------------------------------------------------------------------------------------------------------
# Rendering
# ---------------------------------------------------------------------------------------------------------------------


def documents_to_part(documents: Iterable[tuple[str, str, Rows]], look: Look) -> Part:
    """Render documents, each its path, its extras (as in `Entry`) and its rows, which may miss tables."""
    pieces = {}
    gathered: dict[str, list[Row]] = {table.name: [] for table in TABLES}
    for path, extra, rows in documents:
        for name, known in gathered.items():
            known += _place(rows[name], path, extra, look) if name == "documents" else rows.get(name, [])
    for table in tables_with(look.extra_columns):
        pieces[table.name] = _rows_to_piece(table, gathered[table.name], look)
    return pieces


_PATH = place_of("documents", "path")


def _place(rows: Sequence[Row], path: str, extra: str, look: Look) -> list[Row]:
    """Rows of `documents` with the path that they stand for, and with what is known of its file."""
    more = extra_texts(extra, look.extra_columns)
    return [(*row[:_PATH], path, *row[_PATH + 1 :], *more) for row in rows]


def _rows_to_piece(table: Table, rows: Sequence[Row], look: Look) -> Piece:
    import pyarrow as pa

    schema = arrow_schema(table)
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(pa.table(arrays, schema=schema))
    lines = rows_to_csv(table, rows, excel_safe=look.excel_safe) if look.csv else b""
    return Piece(_compress(sink.getvalue()), _compress(lines))


def _compress(data: bytes | pa.Buffer) -> bytes:
    """A part's stream is compressed as a whole: column by column, as Arrow does it, costs three times as long."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue().to_pybytes())


def _uncompress(data: bytes) -> bytes:
    import pyarrow as pa

    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


# ---------------------------------------------------------------------------------------------------------------------
# The cache
# ---------------------------------------------------------------------------------------------------------------------

_TABLES = """
CREATE TABLE parts (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, used INTEGER NOT NULL);
CREATE TABLE pieces (id INTEGER NOT NULL, name TEXT NOT NULL, arrow BLOB NOT NULL, csv BLOB NOT NULL);
CREATE INDEX pieces_by_id ON pieces (id);
"""


class Parts:
    """The parts that were rendered before, in a file of their own. Those that `render` did not ask for go at the end
    of the block, unless it ends with an error."""

    def __init__(self, file: Path) -> None:
        self._connection = _open(file)
        (last,) = self._connection.execute("SELECT max(used) FROM parts").fetchone()
        self._now = (last or 0) + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._forget_unused()
        finally:
            self._connection.close()

    def _forget_unused(self) -> None:
        with self._connection:
            self._connection.execute("BEGIN")
            unused = "(SELECT id FROM parts WHERE used <> ?)"
            self._connection.execute(f"DELETE FROM pieces WHERE id IN {unused}", (self._now,))  # noqa: S608
            self._connection.execute("DELETE FROM parts WHERE used <> ?", (self._now,))

    def render(self, entries: Iterable[Entry], rows_of: Callable[[str], Rows], look: Look) -> Iterator[Part]:
        """The parts of all entries in order; rows are asked for only where a part is not there."""
        for run in entries_to_runs(entries):
            key = _run_to_key(run, look)
            yield self._find(key) or self._keep(key, documents_to_part(_documents(run, rows_of), look))

    def _find(self, key: bytes) -> Part | None:
        found = self._connection.execute("SELECT id FROM parts WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None
        self._connection.execute("UPDATE parts SET used = ? WHERE id = ?", (self._now, *found))
        pieces = self._connection.execute("SELECT name, arrow, csv FROM pieces WHERE id = ?", found)
        return {name: Piece(arrow, csv) for name, arrow, csv in pieces}

    def _keep(self, key: bytes, part: Part) -> Part:
        with self._connection:
            execute = self._connection.execute
            execute("BEGIN")
            number = execute("INSERT INTO parts (key, used) VALUES (?, ?)", (key, self._now)).lastrowid
            for name, piece in part.items():
                execute("INSERT INTO pieces VALUES (?, ?, ?, ?)", (number, name, piece.arrow, piece.csv))
        return part


def _documents(run: Iterable[Entry], rows_of: Callable[[str], Rows]) -> Iterator[tuple[str, str, Rows]]:
    for entry in run:
        rows = rows_of(entry.result_id)
        if entry.is_first:
            yield entry.path, entry.extra, complete_rows(rows, text_to_completions(entry.completions))
        else:
            yield entry.path, entry.extra, {"documents": rows["documents"]}


def _open(file: Path) -> sqlite3.Connection:
    """The cache, begun afresh where it is broken or of another version."""
    for _ in range(2):
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            layout = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            if layout == 0:
                connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={_LAYOUT}; COMMIT;")
            if layout in (0, _LAYOUT):
                return connection
        except sqlite3.OperationalError:  # the disk, not the file
            connection.close()
            raise
        except sqlite3.DatabaseError:
            pass
        connection.close()
        forget_parts(file)
    raise sqlite3.DatabaseError(f"{file} cannot be begun")


def forget_parts(file: Path) -> None:
    """Take the cache away."""
    for name in (f"{file.name}-wal", f"{file.name}-shm", file.name):
        file.with_name(name).unlink(missing_ok=True)
