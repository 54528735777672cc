"""Accuracy, field by field: an output folder beside rows that are known to be right.

A cell is compared where either side has a value; two empty ones say nothing. Values are compared as what they are:
350000 is 350000.0, 2023/5/1 is 2023-05-01, the order of a list does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from math import isclose
from pathlib import Path
from typing import Any

from output.schema import Column, Kind
from output.stored import StoredError, read_rows
from output.truth import DocumentRef, Truth, TruthRow, read_truth
from output.wrong import Miss, MissFile

__all__ = ["Floor", "Score", "Tally", "Verdict", "evaluate_tables", "floors_missed", "score_lines", "score_to_json"]


class Verdict(StrEnum):
    """What a cell is beside the truth."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    INVENTED = "invented"


@dataclass(slots=True)
class Tally:
    """Counts of cells. `wrong`: both have a value, not the same. `missing`: only the truth has. `invented`: only the
    output has."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0

    @property
    def compared(self) -> int:
        """The cells in which either side has a value."""
        return self.right + self.wrong + self.missing + self.invented

    @property
    def accuracy(self) -> float | None:
        """The share of compared cells that are right; None where none was compared."""
        return self.right / self.compared if self.compared else None

    def add(self, verdict: Verdict) -> None:
        """Count one cell."""
        setattr(self, verdict.value, getattr(self, verdict.value) + 1)


@dataclass(slots=True)
class TableScore:
    """One table's counts: rows of the truth, those of them that the output has not, rows that only the output has."""

    rows: int = 0
    missing: int = 0
    invented: int = 0
    columns: dict[str, Tally] = field(default_factory=dict)


@dataclass(slots=True)
class Score:
    """The accuracy of an output folder. `unknown` names columns of the truth that no table has: they are not judged."""

    documents: int
    not_found: tuple[str, ...]
    tables: dict[str, TableScore]
    unknown: tuple[str, ...]

    def tally(self, table: str | None = None, column: str | None = None) -> Tally:
        """The counts of everything, of a table or of a column. Raises KeyError for what was not judged."""
        tables = self.tables if table is None else {table: self.tables[table]}
        parts = [
            tally
            for score in tables.values()
            for name, tally in score.columns.items()
            if column is None or name == column
        ]
        if column is not None and not parts:
            raise KeyError(column)
        return Tally(*(sum(getattr(part, verdict) for part in parts) for verdict in Verdict))


@dataclass(frozen=True, slots=True)
class Floor:
    """The least accuracy that is enough: of everything, of a table, or of a column."""

    table: str | None
    column: str | None
    share: float

    def __str__(self) -> str:
        return ".".join(part for part in (self.table, self.column) if part) or "all"


@dataclass(frozen=True, slots=True)
class _Place:
    """Which row: beginning of the document's sha256 (or its path where it has none), form, row or line."""

    document: str
    form_no: int
    number: int


def evaluate_tables(out: Path, truth: Path, wrong: Path | None = None) -> Score:
    """Compare the tables of `out` with the truth. Cells that are not right are written to the CSV `wrong`.

    Raises StoredError where either cannot be read, or nothing can be compared.
    """
    truths = read_truth(truth)
    refs = dict.fromkeys(row.document for table in truths.values() for row in table.rows)
    documents = _find_documents(out, refs)
    score = Score(
        documents=len(refs),
        not_found=tuple(str(ref) for ref in refs if documents[ref] is None),
        tables={},
        unknown=tuple(f"{name}.{column}" for name, table in truths.items() for column in table.unknown),
    )
    with MissFile(wrong) as misses:
        for name, table in truths.items():
            score.tables[name] = _compare_table(out, table, documents, misses)
    if not score.tally().compared:
        raise StoredError(f"{truth} has no cell to compare. Give it columns that the tables have: zipingbiao schema")
    return score


# ---------------------------------------------------------------------------------------------------------------------
# Which document is meant
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Document:
    document_id: str | None
    path: str

    @property
    def key(self) -> str:
        return self.document_id[:16] if self.document_id else self.path


def _find_documents(out: Path, refs: Mapping[DocumentRef, None]) -> dict[DocumentRef, _Document | None]:
    """The document that each reference means, None where the output has none. Raises StoredError for several."""
    starts = {ref.id_start for ref in refs if ref.id_start}
    names = {_last(ref.path) for ref in refs if ref.path}
    alone = DocumentRef(None, None) in refs
    near = [
        _Document(document_id, path)
        for document_id, path, forms in read_rows(out, "documents", ["document_id", "path", "forms"])
        if (alone and forms) or (document_id or "")[:16] in starts or _last(path) in names
    ]
    return {ref: _find_document(ref, near) for ref in refs}


def _last(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _find_document(ref: DocumentRef, near: Sequence[_Document]) -> _Document | None:
    found = [document for document in near if _is_meant(ref, document)]
    exact = [document for document in found if document.path == ref.path]
    found = exact or found
    if len({document.key for document in found}) > 1:
        several = ", ".join(document.path for document in found[:3])
        raise StoredError(f"The truth is about {ref}, which may be any of {several}. Give document_id or longer paths.")
    return found[0] if found else None


def _is_meant(ref: DocumentRef, document: _Document) -> bool:
    if ref.id_start is not None:
        return (document.document_id or "").startswith(ref.id_start)
    if ref.path is None:
        return True
    ours, theirs = document.path.replace("\\", "/"), ref.path.replace("\\", "/").removeprefix("./")
    return ours == theirs or ours.endswith(f"/{theirs}")


# ---------------------------------------------------------------------------------------------------------------------
# Row beside row
# ---------------------------------------------------------------------------------------------------------------------


def _compare_table(
    out: Path, truth: Truth, documents: Mapping[DocumentRef, _Document | None], misses: MissFile
) -> TableScore:
    score = TableScore(rows=len(truth.rows), columns={column.name: Tally() for column in truth.columns})
    known = {_place(row, documents): row for row in truth.rows}
    if len(known) < len(truth.rows):
        raise StoredError(f"The truth has a row of {truth.table.name} twice: {_twice(truth, documents)}. Keep one.")
    paths = {document.key: document.path for document in documents.values() if document}
    ours = _our_rows(out, truth, known)
    for place, row in known.items():
        score.missing += place not in ours
        _compare_row(truth, place, paths, row.values, ours.get(place, {}), score, misses)
    for place, values in ours.items():
        if place not in known:
            score.invented += 1
            _compare_row(truth, place, paths, {}, values, score, misses)
    return score


def _place(row: TruthRow, documents: Mapping[DocumentRef, _Document | None]) -> _Place:
    document = documents[row.document]
    return _Place(document.key if document else str(row.document), row.form_no, row.number)


def _twice(truth: Truth, documents: Mapping[DocumentRef, _Document | None]) -> str:
    seen: set[_Place] = set()
    for row in truth.rows:
        place = _place(row, documents)
        if place in seen:
            return f"line {row.line}"
        seen.add(place)
    return ""


def _our_rows(out: Path, truth: Truth, known: Mapping[_Place, TruthRow]) -> dict[_Place, dict[str, Any]]:
    """The output's rows of the forms (of the documents, for forms) that the truth is about."""
    name = truth.table.name
    keys = {"documents": "path", "forms": "document_id"}
    have = {column.name for column in truth.table.columns}
    shown = {raw for column in truth.columns if (raw := _raw_of(column.name, have))}
    ids = [key for key in ("document_id", "path", "form_id", "form_no", "row", "line", "page") if key in have]
    columns = list(dict.fromkeys([*ids, *(column.name for column in truth.columns), *sorted(shown)]))
    forms = {f"{place.document}-{place.form_no}" for place in known}
    where = None if name in keys else ("form_id", forms)
    about = {place.document for place in known}
    rows: dict[_Place, dict[str, Any]] = {}
    for cells in read_rows(out, name, columns, where):
        values = dict(zip(columns, cells, strict=True))
        place = _our_place(name, values)
        if place.document in about:
            rows.setdefault(place, values)
    return rows


def _our_place(name: str, values: Mapping[str, Any]) -> _Place:
    if name == "documents":
        return _Place((values["document_id"] or "")[:16] or values["path"], 0, 0)
    if name == "forms":
        return _Place(values["document_id"][:16], values["form_no"], 0)
    document, _, form_no = values["form_id"].rpartition("-")
    return _Place(document, int(form_no), values["row" if name == "indicators" else "line"])


def _raw_of(column: str, have: set[str]) -> str | None:
    """The column of the printed text that a column was read from."""
    names = (f"{column}_raw", f"{column.rpartition('_')[0]}_raw")
    return next((name for name in names if name in have and name != column), None)


def _compare_row(
    truth: Truth,
    place: _Place,
    paths: Mapping[str, str],
    right: Mapping[str, Any],
    ours: Mapping[str, Any],
    score: TableScore,
    misses: MissFile,
) -> None:
    have = {column.name for column in truth.table.columns}
    for column in truth.columns:
        expected, found = right.get(column.name), ours.get(column.name)
        verdict = _verdict(column, expected, found)
        if verdict is None:
            continue
        score.columns[column.name].add(verdict)
        if verdict is not Verdict.RIGHT:
            raw = _raw_of(column.name, have)
            misses.write(
                Miss(
                    table=truth.table.name,
                    path=paths.get(place.document, place.document),
                    document=place.document,
                    form_no=place.form_no or None,
                    row=place.number or None,
                    page=ours.get("page"),
                    column=column.name,
                    verdict=verdict.value,
                    truth=expected,
                    found=found,
                    raw=ours.get(raw) if raw else None,
                )
            )


def _verdict(column: Column, expected: Any, found: Any) -> Verdict | None:
    """What a cell is; None where neither side has a value."""
    expected, found = _plain(expected), _plain(found)
    if expected is None:
        return None if found is None else Verdict.INVENTED
    if found is None:
        return Verdict.MISSING
    return Verdict.RIGHT if _is_same(column.kind, expected, found) else Verdict.WRONG


def _plain(value: Any) -> Any:
    """A value, None for what says nothing: an empty list, a text of blanks."""
    if isinstance(value, str):
        return "\n".join(value.split("\r\n")).strip() or None
    if isinstance(value, list | tuple):
        return tuple(value) or None
    return value


def _is_same(kind: Kind, expected: Any, found: Any) -> bool:
    if kind is Kind.NUMBER:
        return isclose(expected, found, rel_tol=1e-9, abs_tol=1e-9)
    if kind is Kind.LIST:
        return sorted(expected) == sorted(found)
    return bool(expected == found)


# ---------------------------------------------------------------------------------------------------------------------
# Floors, and the score for a person and a program
# ---------------------------------------------------------------------------------------------------------------------


def floors_missed(score: Score, floors: Sequence[Floor]) -> tuple[Floor, ...]:
    """The floors that the score is below. Raises StoredError where one is about what was not judged."""
    try:
        return tuple(one for one in floors if (score.tally(one.table, one.column).accuracy or 0.0) < one.share)
    except KeyError as error:
        raise StoredError(f"A floor is about {error}, which the truth says nothing of. Take it away.") from error


def score_lines(score: Score, missed: Sequence[Floor]) -> Iterator[str]:
    """The score for a person."""
    yield f"documents  {score.documents} in the truth, {len(score.not_found)} of them not in the tables"
    yield from (f"  not there: {name}" for name in score.not_found[:20])
    width = max(len(name) for table in score.tables.values() for name in [*_compared(table), "column"])
    for name, table in score.tables.items():
        yield f"{name}  {table.rows} rows in the truth, {table.missing} missing, {table.invented} invented"
        yield f"  {'column':<{width}} compared    right    wrong  missing invented  accuracy"
        yield from (_tally_line(column, tally, width) for column, tally in _compared(table).items())
    yield _tally_line("overall", score.tally(), width + 2).removeprefix("  ")
    if score.unknown:
        yield f"not judged, since no table has it: {', '.join(score.unknown)}"
    yield from (f"below      {floor}: {floor.share:g} was asked for" for floor in missed)


def _compared(table: TableScore) -> dict[str, Tally]:
    """The columns in which there was anything to compare."""
    return {name: tally for name, tally in table.columns.items() if tally.compared}


def _tally_line(name: str, tally: Tally, width: int) -> str:
    counts = (tally.compared, tally.right, tally.wrong, tally.missing, tally.invented)
    share = "" if tally.accuracy is None else f"{tally.accuracy:.4f}"
    return f"  {name:<{width}}{''.join(f' {count:>8}' for count in counts)}  {share:>8}".rstrip()


def score_to_json(score: Score, missed: Sequence[Floor]) -> dict[str, object]:
    """The score for a program."""
    tables = {
        name: {
            "rows": table.rows,
            "rows_missing": table.missing,
            "rows_invented": table.invented,
            "columns": {column: _tally_to_json(tally) for column, tally in table.columns.items()},
        }
        for name, table in score.tables.items()
    }
    return {
        "documents": score.documents,
        "documents_not_found": list(score.not_found),
        "tables": tables,
        "overall": _tally_to_json(score.tally()),
        "columns_unknown": list(score.unknown),
        "floors_missed": [{"floor": str(floor), "share": floor.share} for floor in missed],
    }


def _tally_to_json(tally: Tally) -> dict[str, object]:
    return {"compared": tally.compared, **asdict(tally), "accuracy": tally.accuracy}
