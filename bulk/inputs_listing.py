"""The list of a run: every document given to it, each once, in the order given, on disk and not in memory.

It is whole before the first document is read, so that a run knows how many there are, and a hundred thousand take
seconds. The database beside the catalogue is a scratch file of one run.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Self

from bulk.inputs import Extras, Source
from model import DocumentError, ErrorCode

__all__ = ["Listing"]

_TABLES = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE sources (
    key BLOB PRIMARY KEY, path TEXT, place BLOB, members TEXT, size INTEGER, version INTEGER,
    error_code TEXT, error TEXT, names TEXT, texts TEXT
);
BEGIN;
"""
_ADD = """
INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET names = excluded.names, texts = excluded.texts WHERE excluded.names IS NOT NULL
"""


class Listing:
    """The documents of one run, on disk in a scratch file that goes when it is closed."""

    def __init__(self, file: Path) -> None:
        file.unlink(missing_ok=True)
        self._file = file
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._file.unlink(missing_ok=True)

    def fill(self, sources: Iterable[tuple[Source, Extras | None]], go_on: Callable[[], bool]) -> None:
        """Take in sources, each key once; what is said of one later counts. Stops when `go_on` no longer says so."""
        rows = (_to_row(source, extras) for source, extras in takewhile(lambda _: go_on(), sources))
        self._connection.executemany(_ADD, rows)

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM sources").fetchone()[0])

    def __iter__(self) -> Iterator[Source]:
        cursor = self._connection.execute(
            "SELECT key, path, place, members, size, version, error_code, error FROM sources ORDER BY rowid"
        )
        return (_to_source(*row) for row in cursor)

    def __contains__(self, key: bytes) -> bool:
        return self._connection.execute("SELECT 1 FROM sources WHERE key = ?", (key,)).fetchone() is not None

    def extras(self) -> Iterator[tuple[bytes, str, str]]:
        """What manifests say: key, names and texts as JSON."""
        return iter(self._connection.execute("SELECT key, names, texts FROM sources WHERE names IS NOT NULL"))

    def is_complete(self) -> bool:
        """Whether all was seen that was given: no folder, archive or store kept its documents from being listed."""
        where = "SELECT 1 FROM sources WHERE error IS NOT NULL LIMIT 1"
        return self._connection.execute(where).fetchone() is None


_Row = tuple[object, ...]


def _to_row(source: Source, extras: Extras | None) -> _Row:
    error = source.error
    return (
        source.key,
        source.path,
        os.fsencode(source.place),
        _to_json(source.members) if source.members else None,
        source.size,
        source.version,
        None if error is None else error.code.value,
        None if error is None else error.message,
        None if extras is None else _to_json(extras.names),
        None if extras is None else _to_json(extras.texts),
    )


def _to_json(texts: tuple[str | None, ...]) -> str:
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def _to_source(
    key: bytes, path: str, place: bytes, members: str | None, size: int | None, version: int | None,
    code: str | None, message: str | None,
) -> Source:  # fmt: skip
    error = None if code is None else DocumentError(ErrorCode(code), message or "")
    way = tuple(json.loads(members)) if members else ()
    return Source(key, path, os.fsdecode(place), way, size, version, error)
