"""The journal of an output folder: when runs began and ended, what they did. A table beside the catalogue's own."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

__all__ = ["Run", "begin_run", "end_run", "read_runs"]

_TABLE = """
CREATE TABLE IF NOT EXISTS runs (
    number INTEGER PRIMARY KEY, version TEXT, arguments TEXT, host TEXT, pid INTEGER, began TEXT, ended TEXT,
    files INTEGER, known INTEGER, pages INTEGER, exit_code INTEGER
)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `arguments` are its options for reading and writing. `ended` is None while it works, or was killed:
    then the counts after it are None too. `pages` counts those of documents that it read itself."""

    version: str
    arguments: tuple[str, ...]
    host: str
    pid: int
    began: datetime
    ended: datetime | None
    files: int | None
    known: int | None
    pages: int | None
    exit_code: int | None

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.ended is None else (self.ended - self.began).total_seconds()

    @property
    def is_at_work(self) -> bool:
        """Whether it still works, as far as this machine can tell."""
        return self.ended is None and self.host == socket.gethostname() and _is_alive(self.pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is there, and another user's
        return True
    return True


def begin_run(connection: sqlite3.Connection, version: str, arguments: tuple[str, ...]) -> int:
    """Note that a run begins. Returns its number."""
    connection.execute(_TABLE)
    row = (version, json.dumps(arguments), socket.gethostname(), os.getpid(), _now())
    added = connection.execute("INSERT INTO runs (version, arguments, host, pid, began) VALUES (?, ?, ?, ?, ?)", row)
    return int(added.lastrowid or 0)


def end_run(connection: sqlite3.Connection, number: int, files: int, known: int, pages: int, exit_code: int) -> None:
    """Note that a run ended, and with what."""
    connection.execute(
        "UPDATE runs SET ended = ?, files = ?, known = ?, pages = ?, exit_code = ? WHERE number = ?",
        (_now(), files, known, pages, int(exit_code), number),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat()


def read_runs(connection: sqlite3.Connection, last: int) -> list[Run]:
    """The last runs, the latest first; none where the catalogue has no journal yet."""
    columns = "version, arguments, host, pid, began, ended, files, known, pages, exit_code"
    try:
        rows = connection.execute(f"SELECT {columns} FROM runs ORDER BY number DESC LIMIT ?", (last,))  # noqa: S608
    except sqlite3.OperationalError:
        return []
    return [_row_to_run(*row) for row in rows]


def _row_to_run(
    version: str, arguments: str, host: str, pid: int, began: str, ended: str | None,
    files: int | None, known: int | None, pages: int | None, exit_code: int | None,
) -> Run:  # fmt: skip
    until = None if ended is None else datetime.fromisoformat(ended)
    words = tuple(json.loads(arguments))
    return Run(version, words, host, pid, datetime.fromisoformat(began), until, files, known, pages, exit_code)
