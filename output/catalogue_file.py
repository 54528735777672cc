"""The catalogue's file: its tables, how it is opened, and the lock that one run at a time holds on its folder."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from pathlib import Path
from typing import IO

__all__ = ["FOLDER", "CatalogueError", "lock_folder", "open_catalogue"]

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
CREATE TABLE extras (key BLOB PRIMARY KEY, names TEXT NOT NULL, texts TEXT NOT NULL);
CREATE TABLE state (changes INTEGER NOT NULL, published TEXT NOT NULL);
INSERT INTO state VALUES (0, '');
"""
_OF_RUN = """
CREATE TEMP TABLE given (key BLOB PRIMARY KEY, result_id TEXT NOT NULL, closed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX temp.given_by_result ON given (result_id);
"""


class CatalogueError(Exception):
    """The output folder's catalogue cannot be used; the message says why and what to do."""


def open_catalogue(file: Path) -> sqlite3.Connection:
    """The catalogue, begun where it is not there. Raises CatalogueError where it is not to be understood."""
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


def lock_folder(file: Path, out: Path) -> IO[bytes]:
    """A lock that lasts while the file is open and goes with the process that holds it, however that ends. Raises
    CatalogueError where another process holds it."""
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
