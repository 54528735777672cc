"""Creases of a folded sheet: told from rules, and made paper.

A fold is as dark all along, so that the middle of each row or column of pixels beside it tells how dark.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from extract.grid import Segment
from extract.scan.recognise import Gray

__all__ = ["DARKER", "find_creases", "rules_without_creases", "without_creases"]

Bytes = npt.NDArray[np.uint8]

# How much darker than the paper beside it a rule is, of 255: pale grey ones by 50, JPEG noise by 15.
DARKER = 20
# Folds reach this near the edges of the page, as shares of its length, and there are no more of them.
_EDGE, _CREASES, _A_TABLE = 0.02, 2, 3
# A rule that runs in line with a fold is so much darker than what of the fold lies outside the table, where the light
# may fall otherwise, and has this share of the contrast of other rules: folds were seen with a fifth. So have letters
# that stand on a fold, but for the gaps in them, in percent.
_DARKER_INSIDE, _LIKE_RULES, _GAPS = 1.5, 0.5, 25

# A crease and its shadow reach so far, in points.
_REACH = 7.0
# Stretches along a crease that are judged by themselves, in points: its shadow comes and goes.
_STRETCH = 90.0


def find_creases(
    horizontal: Sequence[Segment], vertical: Sequence[Segment], height: int, width: int
) -> tuple[list[Segment], list[Segment]]:
    """The few rules that run to the edges of the page: folds, and the edges of sheets. Where many do, the picture is
    cut to its table; where there are next to no others, there is no table with rules."""
    creases_y, creases_x = _to_edges(horizontal, width), _to_edges(vertical, height)
    rest = len(horizontal) + len(vertical) - len(creases_y) - len(creases_x)
    if rest < _A_TABLE and len(creases_y) + len(creases_x) <= _CREASES:
        return creases_y, creases_x
    return (
        creases_y if len(creases_y) <= min(_CREASES, len(horizontal) - 2) else [],
        creases_x if len(creases_x) <= min(_CREASES, len(vertical) - 2) else [],
    )


def _to_edges(rules: Sequence[Segment], length: int) -> list[Segment]:
    edge = _EDGE * length
    lines = [[other for other in rules if abs(other[0] - rule[0]) < edge / 3] for rule in rules]
    reach = [(min(one[1] for one in line), max(one[2] for one in line)) for line in lines]
    return [rule for rule, (start, end) in zip(rules, reach, strict=True) if start < edge and end > length - edge]


def rules_without_creases(
    rules: list[Segment], creases: Sequence[Segment], crossing: Sequence[Segment], contrast: Bytes
) -> list[Segment]:
    """The rules without creases. What runs in line with a rule of the table, which is darker, is cut off."""
    rest = [rule for rule in rules if rule not in creases]
    if not creases or not rest:
        return rest
    return rest + [piece for place, *_ in creases for piece in _darker_pieces(place, rest, crossing, contrast)]


def _darker_pieces(
    place: float, rules: Sequence[Segment], crossing: Sequence[Segment], contrast: Bytes
) -> Iterator[Segment]:
    """The parts of a crease, from one rule across to the next, that are darker than what of it lies outside the
    table."""
    line = contrast[max(round(place) - 3, 0) : round(place) + 3].max(axis=0)
    left, right = min(start for _, start, _ in rules), max(end for _, _, end in rules)
    outside = np.concatenate((line[: round(left)], line[round(right) :]))
    least = max(_DARKER_INSIDE * float(np.median(outside)) if len(outside) else 0.0, DARKER)
    like_rules = _LIKE_RULES * _usual(rules, contrast)
    sides = sorted({round(x) for x, y0, y1 in crossing if y0 - 5 < place < y1 + 5} | {round(left), round(right)})
    for start, end in pairwise(sides):
        part = line[start:end]
        if len(part) and np.median(part) > least and np.percentile(part, _GAPS) > like_rules:
            yield place, float(start), float(end)


def _usual(rules: Sequence[Segment], contrast: Bytes) -> float:
    """How much darker than the paper rules are."""
    lines = [contrast[max(round(place) - 1, 0) : round(place) + 2, round(a) : round(b)] for place, a, b in rules]
    return float(np.median([np.median(line.max(axis=0)) for line in lines if line.size] or [0.0]))


def without_creases(gray: Gray, creases_y: Sequence[float], creases_x: Sequence[float], scale: float) -> Gray:
    """The picture with its creases divided out, at their places in pixels; print on them stays."""
    for place in creases_y:
        gray = _flat(gray, place, scale)
    for place in creases_x:
        gray = np.ascontiguousarray(_flat(np.ascontiguousarray(gray.T), place, scale).T)
    return gray


def _flat(gray: Gray, place: float, scale: float) -> Gray:
    """The picture without a horizontal crease at a place (pixels)."""
    first, last = max(round(place - _REACH * scale), 0), round(place + _REACH * scale)
    flat = gray.copy()
    step = round(_STRETCH * scale)
    for start in range(0, gray.shape[1], step):
        part = gray[first:last, start : start + step].astype(np.float32)
        shade = np.maximum(np.percentile(part, 60, axis=1, keepdims=True), 60.0)
        flat[first:last, start : start + step] = np.clip(part * (255.0 / shade), 0, 255).astype(np.uint8)
    return flat
