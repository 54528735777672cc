"""Rows of a scan against those of its text twin, in every contract column but ids, boxes, flags and the method.

Rows are compared in their order and not by their numbers, so that one row missing counts once.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from math import isclose
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from scan_cells import fold

from model import Code, Finding, Form, FormRow, FundRow, IndicatorRow, Severity

TABLES: Mapping[str, type] = {"forms": FormRow, "funds": FundRow, "indicators": IndicatorRow}
LEFT_OUT = frozenset({"form_id", "document_id", "form_no", "line", "row", "x0", "y0", "x1", "y1", "flags", "method"})
_PLACES = frozenset({"page", "page_first", "page_last"})
"""Whole numbers that count pages: they are compared, but are no numbers off the page."""

_READ_FROM = {
    "initial_cny": "initial_raw",
    "adjustment_cny": "adjustment_raw",
    "final_cny": "final_raw",
    "executed_cny": "executed_raw",
    "execution_rate_pct": "execution_rate_raw",
    "target_value": "target_raw",
    "target_max": "target_raw",
    "target_date": "target_raw",
    "actual_value": "actual_raw",
    "actual_date": "actual_raw",
}
_COMPUTED_FROM = {"achievement_pct": ("target_value", "actual_value")}


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A column that differs. `row` is the twin's number of that row, or the scan's where the twin has no such row."""

    form: int
    table: str
    row: int
    column: str
    want: object
    got: object
    is_number: bool
    flagged: bool


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of the twin, those that are equal, missing and surplus ones; numbers that differ, and those of them without
    a flag."""

    rows: int = 0
    rows_equal: int = 0
    rows_missing: int = 0
    rows_extra: int = 0
    numbers: int = 0
    numbers_wrong: int = 0
    numbers_unflagged: int = 0

    def __add__(self, other: RowCounts) -> RowCounts:
        return RowCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


Row = FormRow | FundRow | IndicatorRow


def compare_forms(
    want: Sequence[Form], got: Sequence[Form], findings: Iterable[Finding]
) -> tuple[RowCounts, list[RowDifference]]:
    """The forms of a twin and of its scan, in their order. `findings` are the scan's.

    Rows are aligned so that the fewest columns differ: a missing row does not shift the others.
    """
    flags = Flags(tuple(findings))
    counts, differences = RowCounts(), []
    for n in range(max(len(want), len(got))):
        a, b = (forms[n] if n < len(forms) else None for forms in (want, got))
        form_id = b.head.form_id if b else None
        for table in TABLES:
            more, wrong = _compare_rows(n + 1, table, _rows(a, table), _rows(b, table), flags, form_id)
            counts, differences = counts + more, differences + wrong
    return counts, differences


def is_same(want: object, got: object) -> bool:
    """Whether two values are the same; texts by `scan_cells.fold`, floats up to rounding."""
    if want == got:
        return True
    if isinstance(want, str) and isinstance(got, str):
        return fold(want) == fold(got)
    if isinstance(want, float) and isinstance(got, float):
        return isclose(want, got, rel_tol=1e-12, abs_tol=1e-12)
    return False


@cache
def columns(table: str) -> tuple[str, ...]:
    """The columns of a table that are compared."""
    return tuple(field.name for field in fields(TABLES[table]) if field.name not in LEFT_OUT)


@cache
def number_columns(table: str) -> frozenset[str]:
    """The columns that hold numbers or dates off the page."""
    hints = get_type_hints(TABLES[table])
    return frozenset(c for c in columns(table) if c not in _PLACES and {Decimal, float, int, date} & _kinds(hints[c]))


def _kinds(hint: Any) -> set[Any]:
    """The plain types in an annotation."""
    if get_origin(hint) is Annotated:
        return _kinds(get_args(hint)[0])
    return set(get_args(hint)) if isinstance(hint, types.UnionType) else {hint}


# ---------------------------------------------------------------------------------------------------------------------
# Flags
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flags:
    """The findings of a scan, asked whether they warn of a value."""

    findings: tuple[Finding, ...]

    def warn_of(self, form_id: str | None, table: str, row: int | None, column: str, *, missing: bool) -> bool:
        """Whether a finding `ocr_uncertain` stands at a value's column or the one that it was read from, at its whole
        row, form or document; for a value that is missing, also one of severity error (it was not understood)."""
        places = _origins(column)
        for finding in self.findings:
            tells = finding.code is Code.OCR_UNCERTAIN or (missing and finding.severity is Severity.ERROR)
            if tells and finding.form_id in (None, form_id) and _stands_at(finding, table, row, places):
                return True
        return False


def _origins(column: str) -> set[str]:
    """A column and those that its value comes from."""
    found = {column, *_COMPUTED_FROM.get(column, ())}
    return found | {_READ_FROM[one] for one in found if one in _READ_FROM}


def _stands_at(finding: Finding, table: str, row: int | None, places: set[str]) -> bool:
    if finding.table in (None, "documents"):
        return True
    if finding.table != table or finding.row not in (None, row):
        return False
    return finding.column is None or finding.column in places


# ---------------------------------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------------------------------


def _rows(form: Form | None, table: str) -> tuple[Row, ...]:
    if form is None:
        return ()
    return (form.head,) if table == "forms" else form.funds if table == "funds" else form.indicators


def _compare_rows(
    form: int, table: str, want: Sequence[Row], got: Sequence[Row], flags: Flags, form_id: str | None
) -> tuple[RowCounts, list[RowDifference]]:
    counts, out = RowCounts(), []
    for a, b in align_rows(table, want, got):
        wrong = [
            _difference(form, table, a, b, column, flags, form_id)
            for column in columns(table)
            if a is None or b is None or not is_same(getattr(a, column), getattr(b, column))
        ]
        wrong = [one for one in wrong if one.want is not None or one.got is not None]
        numbers = [one for one in wrong if one.is_number]
        counts += RowCounts(
            rows=int(a is not None),
            rows_equal=int(not wrong),
            rows_missing=int(b is None),
            rows_extra=int(a is None),
            numbers=0 if a is None else sum(getattr(a, c) is not None for c in number_columns(table)),
            numbers_wrong=len(numbers),
            numbers_unflagged=sum(not one.flagged for one in numbers),
        )
        out += wrong
    return counts, out


def _difference(
    form: int, table: str, want: Row | None, got: Row | None, column: str, flags: Flags, form_id: str | None
) -> RowDifference:
    values = [None if row is None else getattr(row, column) for row in (want, got)]
    flagged = flags.warn_of(form_id, table, _number(table, got), column, missing=values[1] is None)
    number = _number(table, want if want is not None else got)
    return RowDifference(form, table, number or 1, column, *values, column in number_columns(table), flagged)


def _number(table: str, row: Row | None) -> int | None:
    return None if row is None or table == "forms" else getattr(row, "line" if table == "funds" else "row")


def align_rows(table: str, want: Sequence[Row], got: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
    """Rows in order, paired so that the fewest columns differ; a row without a partner costs half its columns."""
    names = [name for name in columns(table) if name not in _PLACES]
    gap = len(names) / 2
    cost = [[0.0] * (len(got) + 1) for _ in range(len(want) + 1)]
    for n in range(len(want), -1, -1):
        for m in range(len(got), -1, -1):
            steps = []
            if n < len(want) and m < len(got):
                steps.append(cost[n + 1][m + 1] + _distance(names, want[n], got[m]))
            if n < len(want):
                steps.append(cost[n + 1][m] + gap)
            if m < len(got):
                steps.append(cost[n][m + 1] + gap)
            cost[n][m] = min(steps, default=0.0)
    return _walk(cost, names, gap, want, got)


def _walk(
    cost: Sequence[Sequence[float]], names: Sequence[str], gap: float, want: Sequence[Row], got: Sequence[Row]
) -> list[tuple[Row | None, Row | None]]:
    """The cheapest way through the table of costs."""
    n = m = 0
    out: list[tuple[Row | None, Row | None]] = []
    while n < len(want) or m < len(got):
        both = n < len(want) and m < len(got)
        if both and cost[n][m] == cost[n + 1][m + 1] + _distance(names, want[n], got[m]):
            out.append((want[n], got[m]))
            n, m = n + 1, m + 1
        elif n < len(want) and cost[n][m] == cost[n + 1][m] + gap:
            out.append((want[n], None))
            n += 1
        else:
            out.append((None, got[m]))
            m += 1
    return out


def _distance(names: Sequence[str], a: Row, b: Row) -> int:
    return sum(not is_same(getattr(a, name), getattr(b, name)) for name in names)
