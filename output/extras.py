"""What manifests say of documents: a table of its own beside the catalogue's, and columns behind those of `documents`.

`names` and `texts` are JSON arrays of one length. A document keeps what the last manifest that named it said.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace

from output.rows import to_unicode
from output.schema import TABLES, Column, Kind, Table

__all__ = ["extra_names", "extra_texts", "keep_extras", "tables_with"]

_DOC = "from the manifest, as it stood there"


def keep_extras(connection: sqlite3.Connection, rows: Iterable[tuple[bytes, str, str]]) -> bool:
    """Keep keys with their names and texts (JSON arrays); one without names says nothing any more. Returns whether that
    changed anything."""
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
    names: dict[str, str] = {}
    lists = connection.execute(
        "SELECT names FROM extras JOIN paths USING (key) GROUP BY names ORDER BY min(paths.path), names"
    )
    for (text,) in lists:
        for name in json.loads(text):
            names.setdefault(name.casefold(), name)
    return tuple(names.values())


def tables_with(names: Sequence[str]) -> tuple[Table, ...]:
    """The output tables, `documents` with these columns behind its own."""
    documents, *others = TABLES
    extra = tuple(Column(name, Kind.TEXT, True, _DOC) for name in names)
    return (replace(documents, columns=(*documents.columns, *extra)), *others)


def extra_texts(extra: str, names: Sequence[str]) -> tuple[str | None, ...]:
    """The texts of a document under these names. `extra` is a JSON array of its own names and its texts, or empty."""
    if not extra:
        return (None,) * len(names)
    known, texts = json.loads(extra)
    by_name = dict(zip(map(str.casefold, known), texts, strict=True))
    found = (by_name.get(name.casefold()) for name in names)
    return tuple(None if text is None else to_unicode(str(text)) for text in found)
