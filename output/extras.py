"""What manifests say of documents: a table of its own beside the catalogue's, and columns behind those of `documents`.

`names` and `texts` are JSON arrays of one length. A document keeps what the last manifest that named it said.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace

from output.rows import Rows
from output.schema import TABLES, Column, Kind, Table

__all__ = ["extra_names", "keep_extras", "tables_with", "with_extras"]

_TABLE = "CREATE TABLE IF NOT EXISTS extras (key BLOB PRIMARY KEY, names TEXT NOT NULL, texts TEXT NOT NULL)"
_DOC = "from the manifest, as it stood there"


def keep_extras(connection: sqlite3.Connection, rows: Iterable[tuple[bytes, str, str]]) -> bool:
    """Keep keys with their names and texts (JSON arrays); one without names says nothing any more. Returns whether that
    changed anything."""
    connection.execute(_TABLE)
    before = connection.total_changes
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO extras VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET names = excluded.names,"
            " texts = excluded.texts WHERE names <> excluded.names OR texts <> excluded.texts",
            rows,
        )
        connection.execute("DELETE FROM extras WHERE names = '[]'")
        changed = connection.total_changes > before
        if changed:
            connection.execute("UPDATE state SET changes = changes + 1")
    return changed


def extra_names(connection: sqlite3.Connection) -> tuple[str, ...]:
    """The columns that the documents' manifests have, those of the first document's manifest first.

    Names that differ only in the case of letters are one column, since DuckDB and Excel know no difference.
    """
    connection.execute(_TABLE)
    names: dict[str, str] = {}
    lists = connection.execute(
        "SELECT names FROM extras JOIN paths USING (key) GROUP BY names ORDER BY min(paths.path), names"
    )
    for (text,) in lists:
        for name in json.loads(text):
            names.setdefault(name.casefold(), name)
    return tuple(names.values())


def tables_with(names: tuple[str, ...]) -> tuple[Table, ...]:
    """The output tables, `documents` with these columns behind its own."""
    documents, *others = TABLES
    extra = tuple(Column(name, Kind.TEXT, True, _DOC) for name in names)
    return (replace(documents, columns=(*documents.columns, *extra)), *others)


def with_extras(
    connection: sqlite3.Connection, documents: Iterable[tuple[str, Rows]], names: tuple[str, ...]
) -> Iterator[tuple[str, Rows]]:
    """Documents as `Catalogue.documents` gives them, their row of `documents` with the extras behind it."""
    if not names:
        yield from documents
        return
    connection.execute(_TABLE)
    extras = connection.execute(
        "SELECT names, texts FROM paths LEFT JOIN extras USING (key) ORDER BY paths.path, paths.key"
    )
    for (path, rows), said in zip(documents, extras, strict=True):
        texts = _texts(said, names)
        yield path, {**rows, "documents": [(*row, *texts) for row in rows["documents"]]}


def _texts(said: tuple[str | None, str | None], names: tuple[str, ...]) -> tuple[str | None, ...]:
    if said[0] is None or said[1] is None:
        return (None,) * len(names)
    texts = dict(zip(map(str.casefold, json.loads(said[0])), json.loads(said[1]), strict=True))
    return tuple(texts.get(name.casefold()) for name in names)
