"""Labels of the goals in two pieces: 年初 and 设定目标 side by side are 年初设定目标, cut by a rule that is none.

A picture shows strokes between characters as rules now and then. What was a label is then a label and a text, and the
text is taken for a part of the goal.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from model import Cell, Reading
from normalize.cases import load
from normalize.labels import Mark, find_mark
from normalize.reading_columns import Choice
from normalize.reading_near import cores_of, nearness
from normalize.reading_trust import SURE_NUMBER, aligned
from normalize.readings import Edit
from normalize.rows import Row

__all__ = ["join_pieces"]

_GOALS: tuple[Mark, ...] = (
    "goal_first", "goal_adjusted", "goal_expected", "goal_project", "goal_actual", "goal_reason",
)  # fmt: skip
_LONGEST_PIECE = 4  # characters


def join_pieces(row: Row) -> Iterator[tuple[Cell, Choice]]:
    """The left pieces of labels with the whole label, and the right ones with nothing."""
    for left, right in pairwise(row.filled):
        readings = aligned(left), aligned(right)
        if readings[0] is None or readings[1] is None or right.c0 != left.c1 + 1:
            continue
        pieces = [cell.text for cell in (left, right) if not _mark(cell.text)]  # one may be a label by itself
        joined = Reading((*readings[0].confidences, *readings[1].confidences))
        if pieces and len(max(pieces, key=len)) <= _LONGEST_PIECE and (meant := _whole(left.text + right.text, joined)):
            yield left, Choice((Edit(0, len(left.text), meant),), meant, alone=True, settled=True)
            yield right, Choice((Edit(0, len(right.text), ""),), "", alone=True, settled=True)


def _mark(text: str) -> Mark | None:
    return find_mark(text, *_GOALS)


def _whole(text: str, reading: Reading) -> str | None:
    """The label that two pieces make, one of their characters read otherwise at most, and not surely."""
    if text in _labels():
        return text
    near = ((label, nearness(text, label)) for label in _labels() if len(label) == len(text))
    found = [
        label
        for label, one in near
        if one and len(one.other) == 1 and not one.junk and reading.confidences[one.other[0]] < SURE_NUMBER
    ]
    return found[0] if len(found) == 1 else None


@cache
def _labels() -> frozenset[str]:
    cases = load("blocks", key=("kind", "pattern"), columns=("kind", "pattern", "examples"))
    return frozenset(cores_of(case for case in cases.values() if case["kind"] in _GOALS))
