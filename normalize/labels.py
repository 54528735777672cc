"""Labels of a form that are no heads of columns: those of the head block, money lines, goals, totals and notes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from normalize.cases import fold
from normalize.patterns import Patterns, load_patterns
from normalize.rows import label_forms

__all__ = ["Field", "Label", "Mark", "find_label", "find_mark", "find_source", "is_mark", "is_of_which"]

Field = Literal["department", "unit", "project", "project_code", "year", "score_total", "money_unit", "ignored"]
Mark = Literal[
    "title", "year", "goal", "goal_first", "goal_adjusted", "goal_expected", "goal_project", "goal_actual",
    "goal_reason", "total", "note", "foot", "section", "filler", "subtotal", "self_reference", "province_level",
    "column_letter", "column_numbers", "year_amount", "department_scope", "transfer_scope", "project_scope",
    "accounts_title", "budget_title",
]  # fmt: skip

_LONGEST_MARK = 80  # characters; what is longer is prose
_WHOLE: frozenset[Mark] = frozenset(
    {
        "title", "year", "filler", "province_level", "column_letter", "department_scope", "transfer_scope",
        "project_scope", "accounts_title", "budget_title",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the head block. Of two labels for one field the one of lower rank counts; `opens`: it opens a form."""

    field: Field
    rank: int
    scope: str | None
    opens: bool


def find_label(printed: str) -> Label | None:
    """The label of the head block that a text is."""
    case = _labels().find(printed)
    if case is None:
        return None
    return Label(case["field"], int(case["rank"]), case["scope"] or None, case["opens"] == "yes")  # type: ignore[arg-type]


def find_source(printed: str) -> str | None:
    """The source of money that a line's label names, None where no case knows it."""
    text = printed
    for form in label_forms(text):
        case = _sources().find_folded(_of_which(form))
        if case:
            return case["source"]
    return None


def find_mark(printed: str, *marks: Mark) -> Mark | None:
    """The first of these marks that a text is."""
    return next((mark for mark in marks if is_mark(printed, mark)), None)


def is_mark(printed: str, mark: Mark) -> bool:
    """Whether a text is this mark of a form. Titles and years are read with their brackets."""
    if len(printed) > _LONGEST_MARK:
        return False
    if mark in _WHOLE:
        return _marks(mark).find_folded(fold(printed)) is not None
    return _marks(mark).find(printed) is not None


def is_of_which(printed: str) -> bool:
    """Whether a text is nothing but 其中."""
    return not _of_which(fold(printed))


def _of_which(label: str) -> str:
    """A label without 其中： and the like before it."""
    return label.removeprefix("其中").strip(":.,;、，。")


@cache
def _labels() -> Patterns:
    return load_patterns("labels", ("pattern",), ("field", "rank", "scope", "opens", "pattern", "examples"))


@cache
def _sources() -> Patterns:
    return load_patterns("sources", ("pattern",), ("source", "pattern", "examples"))


@cache
def _marks(mark: Mark) -> Patterns:
    return load_patterns("blocks", ("kind", "pattern"), ("kind", "pattern", "examples"), mark)
