"""What is known of the documents of an output folder: a SQLite file that survives a kill at any moment.

`results` has one row for each document's bytes: what read it, and its outcome; `packed` holds the rows that it gave.
`paths` has one row for each file given: which result its bytes have, and the size and time by which an unchanged file
is known without reading it. Ten names for the same bytes are ten rows of `paths` and one of `results`. `bodies` says
which departments have forms in which document, `touched` which of them changed since their names were settled. The
output tables are written from here, and only if something changed since.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from model import Completion, ErrorCode, SeenName, Status
from output.catalogue_file import FOLDER, CatalogueError, lock_folder, open_catalogue
from output.completions import completions_to_text, rows_to_names, text_to_completions
from output.extras import extra_names
from output.outcome import Outcome, Packed
from output.rows import Rows, bytes_to_rows

__all__ = ["FOLDER", "Catalogue", "CatalogueError", "Entry", "FileMark", "Totals"]

_FIND_GONE = """
CREATE TEMP TABLE gone AS SELECT key, result_id FROM paths WHERE key NOT IN (SELECT key FROM given) AND NOT EXISTS (
    SELECT 1 FROM given WHERE closed AND (
        substr(paths.key, 1, length(given.key) + 1) = CAST(given.key || '/' AS BLOB)
        OR substr(paths.key, 1, length(given.key) + 2) = CAST(given.key || '!/' AS BLOB)
    )
)
"""


@dataclass(frozen=True, slots=True)
class FileMark:
    """How a file is known: its absolute path (or address, or URL) as bytes, the path as given, size in bytes and time
    of change; for members of archives and objects of stores a number that changes with their bytes is in its place."""

    key: bytes
    path: str
    size: int | None
    mtime_ns: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the tables: its result, and all that its rows depend on. `extra` is what manifests say of it, a JSON
    array of names and texts, or empty. `is_first`: of the files with these bytes, it is the one whose rows stand in
    all tables; the others have the row of `documents` only."""

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
        self.out = out
        folder = out / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.enter_context(lock_folder(folder / "lock", out))
            if afresh:
                for leftover in folder.glob("catalogue.sqlite*"):
                    leftover.unlink()
            self._connection = stack.enter_context(closing(open_catalogue(folder / "catalogue.sqlite")))
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

    def failed(self, codes: Iterable[ErrorCode]) -> Iterator[tuple[bytes, str]]:
        """Key and path of each file that failed with one of these codes, by path."""
        wanted = [code.value for code in codes]
        places = ", ".join("?" * len(wanted))
        query = f"SELECT key, path FROM paths JOIN results USING (result_id) WHERE error_code IN ({places})"  # noqa: S608
        return iter(self._connection.execute(f"{query} ORDER BY path, key", wanted))

    def keys_from(self, prefix: bytes) -> list[bytes]:
        """The keys that begin so."""
        where = "key >= ? AND key < ?"
        cursor = self._connection.execute(f"SELECT key FROM paths WHERE {where}", (prefix, prefix + b"\xff"))  # noqa: S608
        return [key for (key,) in cursor]

    @property
    def connection(self) -> sqlite3.Connection:
        """The open database, for modules that keep a table of their own in it."""
        return self._connection

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

    def forget(self, key: bytes) -> None:
        """Take a file off the books, and what it gave with its last file. Nothing happens where it is not there."""
        with self._change() as connection:
            before = connection.execute("SELECT result_id FROM paths WHERE key = ?", (key,)).fetchone()
            if before is not None:
                connection.execute("DELETE FROM paths WHERE key = ?", (key,))
                _count_change(connection)
                _drop_unheld(connection, before[0])

    def prune(self) -> int:
        """Forget the files that this run was not given, but those in a folder or archive that could not be opened.
        Returns how many."""
        with self._change() as connection:
            connection.execute(_FIND_GONE)
            for table in ("paths", "extras"):
                connection.execute(f"DELETE FROM {table} WHERE key IN (SELECT key FROM gone)")  # noqa: S608
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
        """The columns that manifests give `documents`."""
        return extra_names(self._connection)

    def entries(self) -> Iterator[Entry]:
        """The files, ordered by path."""
        first = "SELECT key FROM paths AS one WHERE one.result_id = paths.result_id ORDER BY path, key LIMIT 1"
        extra = "iif(names IS NULL, '', '[' || names || ',' || texts || ']')"
        cursor = self._connection.execute(
            f"SELECT path, {extra}, result_id, digest, read_at, completions, key = ({first}),"  # noqa: S608
            " indicators + infos + warnings + errors FROM paths JOIN results USING (result_id)"
            " LEFT JOIN extras USING (key) ORDER BY path, key"
        )
        for path, extra, result_id, digest, read_at, completions, is_first, rows in cursor:
            yield Entry(path, extra, result_id, digest, read_at, completions, bool(is_first), rows)

    def rows_of(self, result_id: str) -> Rows:
        """The rows that a document gave by itself."""
        row = self._connection.execute("SELECT rows FROM packed WHERE result_id = ?", (result_id,)).fetchone()
        return bytes_to_rows(row[0])


def _link(connection: sqlite3.Connection, mark: FileMark, result_id: str) -> None:
    before = connection.execute("SELECT result_id FROM paths WHERE key = ?", (mark.key,)).fetchone()
    connection.execute(
        "INSERT INTO paths VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET size = excluded.size,"
        " mtime_ns = excluded.mtime_ns, result_id = excluded.result_id",
        (mark.key, mark.path, mark.size, mark.mtime_ns, result_id),
    )
    if before != (result_id,):
        _count_change(connection)
        if before is not None:
            _drop_unheld(connection, before[0])


def _drop_unheld(connection: sqlite3.Connection, result_id: str) -> None:
    """A document that no file holds any more goes."""
    held = connection.execute("SELECT 1 FROM paths WHERE result_id = ? LIMIT 1", (result_id,)).fetchone()
    if held is None:
        _forget(connection, result_id)


def _forget(connection: sqlite3.Connection, result_id: str) -> None:
    """Take a document away; its department's names must be settled without it."""
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
