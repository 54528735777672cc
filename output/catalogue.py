"""What is known of the documents of an output folder: a SQLite file that survives a kill at any moment.

Two tables. `results`: one row for each document's bytes, with the rows it gave, what read it, and its outcome. `paths`:
one row for each file given, which result its bytes have, and the size and time by which an unchanged file is known
without reading it. Ten names for the same bytes are ten rows of `paths` and one of `results`. The output tables are
written from here, and only if something changed since.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from model import ErrorCode, Result, Severity, Status
from output.rows import Rows, bytes_to_rows, result_to_rows, rows_to_bytes

__all__ = ["FOLDER", "Catalogue", "CatalogueError", "FileMark", "Outcome", "path_to_result_id", "result_to_outcome"]

FOLDER = ".zipingbiao"
"""Name of the folder, in the output folder, that holds the catalogue."""

_LAYOUT = 1
_TABLES = """
CREATE TABLE results (
    result_id TEXT PRIMARY KEY,
    made_with TEXT NOT NULL,
    status TEXT NOT NULL,
    error_code TEXT,
    error TEXT,
    forms INTEGER NOT NULL,
    indicators INTEGER NOT NULL,
    infos INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    rows BLOB NOT NULL
);
CREATE TABLE paths (
    key BLOB PRIMARY KEY,
    path TEXT NOT NULL,
    size INTEGER,
    mtime_ns INTEGER,
    result_id TEXT NOT NULL REFERENCES results (result_id)
);
CREATE INDEX paths_by_result ON paths (result_id);
CREATE INDEX paths_by_path ON paths (path, key);
CREATE TABLE state (changes INTEGER NOT NULL, published TEXT NOT NULL);
INSERT INTO state VALUES (0, '');
"""


class CatalogueError(Exception):
    """The output folder's catalogue cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class FileMark:
    """How a file is known: its absolute path (or address, or URL) as bytes, the path as given, size in bytes and time
    of change; for members of archives and objects of stores a number that changes with their bytes is in its place."""

    key: bytes
    path: str
    size: int | None
    mtime_ns: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a document, without its rows. `made_with` names the version and the options that read it."""

    result_id: str
    made_with: str
    status: Status
    error_code: ErrorCode | None
    error: str | None
    forms: int
    indicators: int
    infos: int
    warnings: int
    errors: int

    @property
    def document_id(self) -> str | None:
        """The sha256 of the bytes; None where the file could not be opened."""
        return None if self.result_id.startswith(_BY_PATH) else self.result_id


_BY_PATH = "path:"


def path_to_result_id(mark: FileMark) -> str:
    """The id of the result of a file that could not be opened, and so has no bytes to go by."""
    return _BY_PATH + mark.key.hex()


def result_to_outcome(result_id: str, made_with: str, result: Result) -> Outcome:
    """The outcome of a document just read."""
    document = result.document
    severities = [finding.severity for finding in result.findings]
    return Outcome(
        result_id,
        made_with,
        document.status,
        document.error_code,
        document.error,
        document.forms,
        document.indicators,
        severities.count(Severity.INFO),
        severities.count(Severity.WARNING),
        severities.count(Severity.ERROR),
    )


_OUTCOME = ", ".join(field.name for field in fields(Outcome))


def _row_to_outcome(row: tuple[Any, ...]) -> Outcome:
    result_id, made_with, status, code, *others = row
    error_code = None if code is None else ErrorCode(code)
    return Outcome(result_id, made_with, Status(status), error_code, *others)


class Catalogue:
    """The catalogue of one output folder, open for one run at a time. A change is on disk when its call returns.

    Raises CatalogueError where another run is at work in the folder or the file is not to be understood.
    """

    def __init__(self, out: Path, *, afresh: bool = False) -> None:
        self.out = out
        folder = out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder / "lock", out)
        if afresh:
            for leftover in folder.glob("catalogue.sqlite*"):
                leftover.unlink()
        self._connection = _open(folder / "catalogue.sqlite")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._lock.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open database, for modules that keep a table of their own in it (`output.extras`, `output.runs`)."""
        return self._connection

    def outcome_of_file(self, mark: FileMark) -> Outcome | None:
        """The outcome of a path whose size and time of change are those seen last, None where it is new or changed."""
        where = "result_id = (SELECT result_id FROM paths WHERE key = ? AND size = ? AND mtime_ns = ?)"
        return self._outcome(where, mark.key, mark.size, mark.mtime_ns)

    def outcome_of_path(self, key: bytes) -> Outcome | None:
        """The outcome that a path had when it was seen last, whatever stands there now."""
        return self._outcome("result_id = (SELECT result_id FROM paths WHERE key = ?)", key)

    def outcome_of_bytes(self, result_id: str) -> Outcome | None:
        """The outcome of a document by its result_id, None where it was never read."""
        return self._outcome("result_id = ?", result_id)

    def _outcome(self, where: str, *values: object) -> Outcome | None:
        row = self._connection.execute(f"SELECT {_OUTCOME} FROM results WHERE {where}", values).fetchone()  # noqa: S608
        return None if row is None else _row_to_outcome(row)

    def store(self, outcome: Outcome, result: Result, marks: list[FileMark]) -> None:
        """Keep a document's rows in place of those it had, for all the files that hold it."""
        values = (*astuple(outcome), rows_to_bytes(result_to_rows(result)))
        with self._connection:  # commits, or rolls back on an error
            self._connection.execute("BEGIN IMMEDIATE")
            places = ", ".join("?" * len(values))
            self._connection.execute(f"INSERT OR REPLACE INTO results VALUES ({places})", values)  # noqa: S608
            self._count_change()
            for mark in marks:
                self._link(mark, outcome.result_id)

    def link(self, mark: FileMark, result_id: str) -> None:
        """Note that a file holds a document whose rows are stored; the document it held goes with its last file."""
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._link(mark, result_id)

    def _link(self, mark: FileMark, result_id: str) -> None:
        execute = self._connection.execute
        before = execute("SELECT result_id FROM paths WHERE key = ?", (mark.key,)).fetchone()
        execute(
            "INSERT INTO paths VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET size = excluded.size, mtime_ns = excluded.mtime_ns, result_id = excluded.result_id",
            (mark.key, mark.path, mark.size, mark.mtime_ns, result_id),
        )
        if before == (result_id,):
            return
        self._count_change()
        if before is not None:
            self._drop_unheld(before)

    def failed(self, codes: Iterable[ErrorCode]) -> Iterator[tuple[bytes, str]]:
        """Key and path of each file that failed with one of these codes, by path."""
        wanted = [code.value for code in codes]
        places = ", ".join("?" * len(wanted))
        return iter(
            self._connection.execute(
                f"SELECT key, path FROM paths JOIN results USING (result_id) WHERE error_code IN ({places})"  # noqa: S608
                " ORDER BY path, key",
                wanted,
            )
        )

    def keys_from(self, prefix: bytes) -> list[bytes]:
        """The keys that begin so."""
        where = "key >= ? AND key < ?"
        cursor = self._connection.execute(f"SELECT key FROM paths WHERE {where}", (prefix, prefix + b"\xff"))  # noqa: S608
        return [key for (key,) in cursor]

    def forget(self, key: bytes) -> None:
        """Take a file off the books, and what it gave with its last file. Nothing happens where it is not there."""
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            before = self._connection.execute("DELETE FROM paths WHERE key = ? RETURNING result_id", (key,)).fetchone()
            if before is not None:
                self._count_change()
                self._drop_unheld(before)

    def _drop_unheld(self, result_id: tuple[str]) -> None:
        self._connection.execute(
            "DELETE FROM results WHERE result_id = ?1 AND NOT EXISTS (SELECT 1 FROM paths WHERE result_id = ?1)",
            result_id,
        )

    def _count_change(self) -> None:
        self._connection.execute("UPDATE state SET changes = changes + 1")

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

    def documents(self) -> Iterator[tuple[str, Rows]]:
        """Each file's path and rows, ordered by path. Of files with the same bytes, only the first has all the rows;
        the others have the row of `documents`."""
        listed: set[str] = set()
        cursor = self._connection.execute(
            "SELECT paths.path, results.result_id, results.rows FROM paths JOIN results USING (result_id)"
            " ORDER BY paths.path, paths.key"
        )
        for path, result_id, data in cursor:
            rows = bytes_to_rows(data)
            yield path, rows if result_id not in listed else {"documents": rows["documents"]}
            listed.add(result_id)


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        layout = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        if layout == 0:
            connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version={_LAYOUT}; COMMIT;")
    except sqlite3.OperationalError:  # the disk, not the file
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        raise CatalogueError(f"{file} cannot be used ({error}). --overwrite starts afresh.") from error
    if layout not in (0, _LAYOUT):
        connection.close()
        raise CatalogueError(f"{file} was written by another version of zipingbiao. --overwrite starts afresh.")
    return connection


def _lock(file: Path, out: Path) -> IO[bytes]:
    """A lock that lasts while the file is open and goes with the process that holds it, however that ends."""
    handle = file.open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise CatalogueError(f"Another run is writing to {out}. Wait until it ends, or give another --out.") from error
    return handle
