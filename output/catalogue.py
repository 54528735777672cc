"""What is known of the documents of an output folder: a SQLite file that survives a kill at any moment.

`results` has one row for each document's bytes: what read it, and its outcome; `packed` holds the rows that it gave.
`paths` has one row for each file given: which result its bytes have, and the size and time by which an unchanged file
is known without reading it. Ten names for the same bytes are ten rows of `paths` and one of `results`. `bodies` says
which departments have forms in which document, `touched` which of them changed since their names were settled. The
output tables are written from here, and only if something changed since.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from model import Completion, ErrorCode, SeenName, Status
from output.completions import completions_to_text, rows_to_names, text_to_completions
from output.outcome import Outcome, Packed
from output.rows import Rows, bytes_to_rows

__all__ = ["FOLDER", "Catalogue", "CatalogueError", "Entry", "FileMark", "Totals"]

FOLDER = ".zipingbiao"
"""Name of the folder, in the output folder, that holds the catalogue."""

_LAYOUT = 2
_TABLES = """
CREATE TABLE results (
    result_id TEXT PRIMARY KEY,
    made_with TEXT NOT NULL,
    status TEXT NOT NULL,
    error_code TEXT,
    error TEXT,
    pages INTEGER,
    forms INTEGER NOT NULL,
    indicators INTEGER NOT NULL,
    infos INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    read_at TEXT NOT NULL,
    digest BLOB NOT NULL,
    completions TEXT NOT NULL,
    repaired INTEGER NOT NULL,
    unmarked INTEGER NOT NULL
);
CREATE TABLE packed (result_id TEXT PRIMARY KEY REFERENCES results (result_id) ON DELETE CASCADE, rows BLOB NOT NULL);
CREATE TABLE paths (
    key BLOB PRIMARY KEY,
    path TEXT NOT NULL,
    size INTEGER,
    mtime_ns INTEGER,
    extra TEXT NOT NULL,
    result_id TEXT NOT NULL REFERENCES results (result_id)
);
CREATE INDEX paths_by_result ON paths (result_id, path, key);
CREATE INDEX paths_by_path ON paths (path, key);
CREATE TABLE bodies (
    department TEXT NOT NULL,
    result_id TEXT NOT NULL REFERENCES results (result_id) ON DELETE CASCADE,
    cut INTEGER NOT NULL,
    PRIMARY KEY (department, result_id)
) WITHOUT ROWID;
CREATE INDEX bodies_by_result ON bodies (result_id);
CREATE TABLE touched (department TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE state (changes INTEGER NOT NULL, published TEXT NOT NULL);
INSERT INTO state VALUES (0, '');
"""
_OF_RUN = """
CREATE TEMP TABLE given (key BLOB PRIMARY KEY, result_id TEXT NOT NULL, closed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX temp.given_by_result ON given (result_id);
"""

_FIND_GONE = """
CREATE TEMP TABLE gone AS SELECT key, result_id FROM paths WHERE key NOT IN (SELECT key FROM given) AND NOT EXISTS (
    SELECT 1 FROM given WHERE closed AND substr(paths.key, 1, length(given.key) + 1) = CAST(given.key || '/' AS BLOB)
)
"""


class CatalogueError(Exception):
    """The output folder's catalogue cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """How a file is known: its key (absolute path as bytes), the path as given, size in bytes and time of change.

    `extra` is a JSON object of what else is known of the file, text by column name; empty for nothing.
    """

    key: bytes
    path: str
    size: int | None
    mtime_ns: int | None
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the tables: its result, and all that its rows depend on. `is_first`: of the files with these bytes,
    it is the one whose rows stand in all tables; the others have the row of `documents` only."""

    path: str
    extra: str
    result_id: str
    digest: bytes
    read_at: str
    completions: str
    is_first: bool
    rows: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the documents of a run, each counted once, however many files hold it."""

    forms: int
    indicators: int
    infos: int
    warnings: int
    errors: int


_OUTCOME = ", ".join(field.name for field in fields(Outcome))


def _row_to_outcome(row: tuple[object, ...]) -> Outcome:
    outcome = Outcome(*row)  # type: ignore[arg-type]
    code = None if outcome.error_code is None else ErrorCode(outcome.error_code)
    return replace(outcome, status=Status(outcome.status), error_code=code)


class Catalogue:
    """The catalogue of one output folder, open for one run at a time. A change is on disk when its call returns.

    Raises CatalogueError where another run is at work in the folder or the file is not to be understood.
    """

    def __init__(self, out: Path, *, afresh: bool = False) -> None:
        folder = out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.enter_context(_lock(folder / "lock", out))
            if afresh:
                for leftover in folder.glob("catalogue.sqlite*"):
                    leftover.unlink()
            self._connection = stack.enter_context(closing(_open(folder / "catalogue.sqlite")))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A change that is made as a whole or not at all."""
        with self._connection:  # commits, or rolls back on an error
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    # -- what is known of a file --------------------------------------------------------------------------------------

    def outcome_of_file(self, mark: FileMark) -> Outcome | None:
        """The outcome of a path whose size, time of change and extras are those seen last, None where it is new or
        changed."""
        where = "result_id = (SELECT result_id FROM paths WHERE key = ? AND size = ? AND mtime_ns = ? AND extra = ?)"
        return self._outcome(where, mark.key, mark.size, mark.mtime_ns, mark.extra)

    def outcome_of_path(self, key: bytes) -> Outcome | None:
        """The outcome that a path had when it was seen last, whatever stands there now."""
        return self._outcome("result_id = (SELECT result_id FROM paths WHERE key = ?)", key)

    def outcome_of_bytes(self, result_id: str) -> Outcome | None:
        """The outcome of a document by its result_id, None where it was never read."""
        return self._outcome("result_id = ?", result_id)

    def _outcome(self, where: str, *values: object) -> Outcome | None:
        row = self._connection.execute(f"SELECT {_OUTCOME} FROM results WHERE {where}", values).fetchone()  # noqa: S608
        return None if row is None else _row_to_outcome(row)

    # -- changes ------------------------------------------------------------------------------------------------------

    def store(self, outcome: Outcome, packed: Packed, marks: Iterable[FileMark]) -> None:
        """Keep a document's rows in place of those it had, for all the files that hold it."""
        values = (*astuple(outcome), packed.read_at, packed.digest, "", 0, 0)
        with self._change() as connection:
            execute = connection.execute
            _touch_bodies(connection, outcome.result_id)
            execute("DELETE FROM bodies WHERE result_id = ?", (outcome.result_id,))
            places = ", ".join("?" * len(values))
            execute(f"INSERT OR REPLACE INTO results VALUES ({places})", values)  # noqa: S608
            execute("INSERT OR REPLACE INTO packed VALUES (?, ?)", (outcome.result_id, packed.rows))
            for department, cut in packed.bodies:
                execute("INSERT INTO bodies VALUES (?, ?, ?)", (department, outcome.result_id, cut))
            _touch_bodies(connection, outcome.result_id)
            _count_change(connection)
            for mark in marks:
                _link(connection, mark, outcome.result_id)

    def link(self, mark: FileMark, result_id: str) -> None:
        """Note that a file holds a document whose rows are stored; the document it held goes with its last file."""
        with self._change() as connection:
            _link(connection, mark, result_id)

    def prune(self) -> int:
        """Forget the files that this run was not given, but those under a folder that could not be opened. Returns
        how many."""
        with self._change() as connection:
            connection.execute(_FIND_GONE)
            connection.execute("DELETE FROM paths WHERE key IN (SELECT key FROM gone)")
            held = "SELECT DISTINCT result_id FROM gone WHERE result_id NOT IN (SELECT result_id FROM paths)"
            for (result_id,) in connection.execute(held).fetchall():
                _forget(connection, result_id)
            (count,) = connection.execute("SELECT count(*) FROM gone").fetchone()
            connection.execute("DROP TABLE gone")
            if count:
                _count_change(connection)
        return int(count)

    # -- the books of this run ----------------------------------------------------------------------------------------

    def note_given(self, key: bytes, result_id: str, *, closed: bool = False) -> None:
        """Note that a file was given to this run; `closed`: it, or the folder that it is, could not be opened."""
        self._connection.execute("INSERT OR REPLACE INTO given VALUES (?, ?, ?)", (key, result_id, closed))

    def totals_of_given(self) -> Totals:
        """Sums over the documents that this run was given, names completed by others counted as repaired."""
        row = self._connection.execute(
            "SELECT sum(forms), sum(indicators), sum(infos + repaired - unmarked), sum(warnings - repaired),"
            " sum(errors) FROM results WHERE result_id IN (SELECT result_id FROM given)"
        ).fetchone()
        return Totals(*(value or 0 for value in row))

    # -- the memory of names ------------------------------------------------------------------------------------------

    def touched(self) -> list[str]:
        """The departments whose documents changed since their names were settled."""
        return [row[0] for row in self._connection.execute("SELECT department FROM touched ORDER BY department")]

    def names_of(self, department: str, *, only_cut: bool = False) -> Iterator[SeenName]:
        """The names in all documents with forms of a department, or only those in which names are cut, document by
        document. Forms of other departments in them are there too."""
        cursor = self._connection.execute(
            "SELECT packed.rows FROM bodies JOIN packed USING (result_id) WHERE department = ? AND cut >= ?"
            " ORDER BY result_id",
            (department, int(only_cut)),
        )
        for (data,) in cursor:
            yield from rows_to_names(bytes_to_rows(data, ("forms", "indicators", "findings")))

    def settle(self, department: str, form_ids: Iterable[str], completions: Sequence[Completion]) -> None:
        """Keep the completed names of a department's forms in place of those they had. `form_ids` are all its forms
        with cut names."""
        forms = set(form_ids)
        with self._change() as connection:
            known = connection.execute(
                "SELECT result_id, completions FROM bodies JOIN results USING (result_id) WHERE department = ?"
                " AND (cut OR completions <> '')",
                (department,),
            ).fetchall()
            for result_id, text in known:
                others = [one for one in text_to_completions(text) if one.form_id not in forms]
                mine = [one for one in completions if result_id.startswith(one.form_id.rpartition("-")[0])]
                _set_completions(connection, result_id, text, [*others, *mine])
            connection.execute("DELETE FROM touched WHERE department = ?", (department,))

    # -- the tables ---------------------------------------------------------------------------------------------------

    @property
    def changes(self) -> int:
        """How many changes there were since the catalogue began."""
        return int(self._connection.execute("SELECT changes FROM state").fetchone()[0])

    @property
    def published(self) -> str:
        """What `set_published` noted last: the state that the output tables were written from."""
        return str(self._connection.execute("SELECT published FROM state").fetchone()[0])

    def set_published(self, mark: str) -> None:
        """Note the state that the output tables were written from."""
        self._connection.execute("UPDATE state SET published = ?", (mark,))

    def extra_columns(self) -> tuple[str, ...]:
        """The names of what is known of files beside their documents, in order of their letters."""
        cursor = self._connection.execute(
            "SELECT DISTINCT json_each.key FROM paths, json_each(paths.extra) WHERE paths.extra <> '' ORDER BY 1"
        )
        return tuple(row[0] for row in cursor)

    def entries(self) -> Iterator[Entry]:
        """The files, ordered by path."""
        first = "SELECT key FROM paths AS one WHERE one.result_id = paths.result_id ORDER BY path, key LIMIT 1"
        cursor = self._connection.execute(
            f"SELECT path, extra, result_id, digest, read_at, completions, key = ({first}),"  # noqa: S608
            " indicators + infos + warnings + errors FROM paths JOIN results USING (result_id) ORDER BY path, key"
        )
        for path, extra, result_id, digest, read_at, completions, is_first, rows in cursor:
            yield Entry(path, extra, result_id, digest, read_at, completions, bool(is_first), rows)

    def rows_of(self, result_id: str) -> Rows:
        """The rows that a document gave by itself."""
        row = self._connection.execute("SELECT rows FROM packed WHERE result_id = ?", (result_id,)).fetchone()
        return bytes_to_rows(row[0])


def _link(connection: sqlite3.Connection, mark: FileMark, result_id: str) -> None:
    find = "SELECT result_id, extra FROM paths WHERE key = ?"
    before = connection.execute(find, (mark.key,)).fetchone()
    connection.execute(
        "INSERT INTO paths VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET size = excluded.size,"
        " mtime_ns = excluded.mtime_ns, extra = excluded.extra, result_id = excluded.result_id",
        (mark.key, mark.path, mark.size, mark.mtime_ns, mark.extra, result_id),
    )
    if before == (result_id, mark.extra):
        return
    _count_change(connection)
    if before is not None and before[0] != result_id:
        held = connection.execute("SELECT 1 FROM paths WHERE result_id = ? LIMIT 1", before[:1]).fetchone()
        if held is None:
            _forget(connection, before[0])


def _forget(connection: sqlite3.Connection, result_id: str) -> None:
    """A document that no file holds any more goes, and its department's names must be settled without it."""
    _touch_bodies(connection, result_id)
    for table in ("bodies", "packed", "results"):
        connection.execute(f"DELETE FROM {table} WHERE result_id = ?", (result_id,))  # noqa: S608


def _touch_bodies(connection: sqlite3.Connection, result_id: str) -> None:
    connection.execute("INSERT OR IGNORE INTO touched SELECT department FROM bodies WHERE result_id = ?", (result_id,))


def _count_change(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE state SET changes = changes + 1")


def _set_completions(
    connection: sqlite3.Connection, result_id: str, before: str, completions: Sequence[Completion]
) -> None:
    text = completions_to_text(completions)
    if text == before:
        return
    unmarked = sum(one.unmarked for one in completions)
    connection.execute(
        "UPDATE results SET completions = ?, repaired = ?, unmarked = ? WHERE result_id = ?",
        (text, len(completions), unmarked, result_id),
    )
    _count_change(connection)


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        _prepare(connection, file)
    except sqlite3.OperationalError:  # the disk, not the file
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        raise CatalogueError(f"{file} cannot be used ({error}). --overwrite starts afresh.") from error
    except CatalogueError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if layout not in (0, _LAYOUT):
        age = "an earlier" if layout < _LAYOUT else "a later"
        raise CatalogueError(
            f"{file} was written by {age} version of zipingbiao. --overwrite reads all inputs again and starts afresh;"
            " another --out leaves it as it is."
        )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    if layout == 0:
        connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={_LAYOUT}; COMMIT;")
    connection.executescript(_OF_RUN)


def _lock(file: Path, out: Path) -> IO[bytes]:
    """A lock that lasts while the file is open and goes with the process that holds it, however that ends."""
    handle = file.open("a+b")
    try:
        _lock_handle(handle)
    except OSError as error:
        handle.seek(0)
        holder = handle.read(100).decode("ascii", "replace").strip()
        handle.close()
        who = f" ({holder})" if holder else ""
        raise CatalogueError(
            f"Another run is writing to {out}{who}. Wait until it ends, or give another --out."
        ) from error
    if sys.platform != "win32":  # there a locked file can not be read by others
        handle.truncate(0)
        handle.write(f"process {os.getpid()} on {platform.node()}\n".encode("ascii", "replace"))
        handle.flush()
    return handle


def _lock_handle(handle: IO[bytes]) -> None:
    """Lock an open file, or raise OSError at once where another process has it locked."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
