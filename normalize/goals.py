"""The goal block: the goal as set and as reached, in one cell, in two beside each other or under each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model import Cell, Code, Finding
from normalize.labels import Mark, find_mark
from normalize.markup import strip_markup
from normalize.rows import Row

__all__ = ["GoalBlock", "parse_goals"]

_MARKS: tuple[Mark, ...] = (
    "goal_actual", "goal_first", "goal_adjusted", "goal_project", "goal_expected", "goal", "goal_reason",
)  # fmt: skip
_EXPECTED: tuple[Mark, ...] = ("goal_adjusted", "goal_expected", "goal", "goal_first", "goal_project")


@dataclass(frozen=True, slots=True)
class GoalBlock:
    """The goals. `texts` are all of them as printed, markup taken out; `reason` is why a goal was missed."""

    expected: str | None
    actual: str | None
    reason: str | None
    texts: tuple[str, ...]
    findings: tuple[Finding, ...]


def parse_goals(rows: Sequence[Row]) -> GoalBlock:
    """Read the rows of a goal block."""
    cells = _values(rows)
    texts = {mark: strip_markup("".join(c.text for c in found)).strip() for mark, found in cells.items()}
    mark = next((mark for mark in _EXPECTED if texts.get(mark)), None)
    findings = _findings("goal_expected", cells.get(mark, [])) if mark else []
    findings += _findings("goal_actual", cells.get("goal_actual", []))
    if mark == "goal_adjusted" and texts.get("goal_first"):
        message = "Two goals are printed; the adjusted one counts."
        findings.append(_finding(Code.GOAL_ADJUSTED, message, "goal_expected", cells["goal_first"][0], None))
    return GoalBlock(
        expected=texts[mark] if mark else None,
        actual=texts.get("goal_actual") or None,
        reason=texts.get("goal_reason") or None,
        texts=tuple(text for text in texts.values() if text),
        findings=tuple(findings),
    )


def _values(rows: Sequence[Row]) -> dict[Mark, list[Cell]]:
    """The cells of text under or beside each label."""
    heads: list[tuple[Mark, Cell]] = []
    wait = False
    found: dict[Mark, list[Cell]] = {}
    for row in rows:
        labels = _labels(row)
        if wait and len(labels) < len(row.filled):
            labels = []  # under labels that nothing stands beside: the goals, whatever their words
        heads = labels or heads
        wait = len(labels) > 1 and len(labels) == len(row.filled)
        own = {id(cell) for _, cell in labels}
        for cell in row.filled:
            if id(cell) not in own:
                mark = _mark_beside(cell, labels) if labels else _mark_over(cell, heads)
                found.setdefault(mark, []).append(cell)
    return found


def _labels(row: Row) -> list[tuple[Mark, Cell]]:
    return [(mark, cell) for cell in row.filled if (mark := find_mark(cell.text, *_MARKS))]


def _mark_beside(cell: Cell, labels: Sequence[tuple[Mark, Cell]]) -> Mark:
    """The label that stands left of a text in its row."""
    before = [mark for mark, label in labels if label.c0 < cell.c0]
    return before[-1] if before else "goal"


def _mark_over(cell: Cell, heads: Sequence[tuple[Mark, Cell]]) -> Mark:
    """The label above a text; the block's own label at its side where none is above."""
    over = [mark for mark, head in heads if head.c0 <= cell.c1 and cell.c0 <= head.c1]
    if over:
        return over[-1]
    left = [mark for mark, head in heads if head.c1 < cell.c0]
    return left[-1] if left else "goal"


def _findings(column: str, cells: Sequence[Cell]) -> list[Finding]:
    """Markup taken out of a goal, and text of it that its page hides."""
    findings = []
    for cell in cells:
        if strip_markup(cell.text) != cell.text:
            findings.append(_finding(Code.MARKUP_REMOVED, "HTML left in the goal was taken out.", column, cell, None))
        if cell.shown is not None and cell.shown != cell.text:
            message = "The page hides part of the goal; the PDF holds it."
            findings.append(_finding(Code.TEXT_CLIPPED, message, column, cell, cell.text))
    return findings


def _finding(code: Code, message: str, column: str, cell: Cell, value: str | None) -> Finding:
    return Finding(code, message, table="forms", page=cell.page, column=column, raw=cell.visible, value=value)
