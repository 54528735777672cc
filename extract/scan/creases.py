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
# So far past the outermost rules across, of at least this length: rules of tables end at those. In points.
_PAST, _SIDE = 12.0, 20.0
# Where there are no rules across: as much as a crooked page is larger, as a share of its length.
_CROOKED = 0.08
# Pieces of a fold that leans lie so far apart, in points.
_ONE_LINE = 2.0
# A rule that runs in line with a fold is so much darker than what of the fold lies outside the table, where the light
# may fall otherwise, and has this share of the contrast of other rules: folds were seen with a fifth. So have letters
# that stand on a fold, but for the gaps in them, in percent.
_DARKER_INSIDE, _LIKE_RULES, _GAPS = 1.5, 0.5, 25

# A crease and its shadow reach so far, in points.
_REACH = 7.0
# Stretches along a crease that are judged by themselves, in points: its shadow comes and goes.
_STRETCH = 90.0
# In black and white a crease is a line: the grey of ink, with what straightening blurs; what is longer than strokes,
# how far the line leans, and its breaks, in points.
_BLACK, _LONGER, _LEANS, _BREAK = 128, 11.5, 2.5, 1.2
# The ground beside it has few shades of grey there: straightening makes them.
_SHADES, _FEW = (60, 215), 0.15


def find_creases(
    horizontal: Sequence[Segment], vertical: Sequence[Segment], height: int, width: int, scale: float
) -> tuple[list[Segment], list[Segment]]:
    """The few rules that run to the edges of the page, or on both sides past all rules across: folds, and the edges of
    sheets. Where many do, the picture is cut to its table; where there are next to no others, there is no table with
    rules."""
    creases_y, creases_x = _far(horizontal, vertical, width, scale), _far(vertical, horizontal, height, scale)
    rest_y, rest_x = len(horizontal) - len(creases_y), len(vertical) - len(creases_x)
    count_y, count_x = _count_lines(creases_y, scale), _count_lines(creases_x, scale)
    if rest_y + rest_x < _A_TABLE and count_y + count_x <= _CREASES:
        return creases_y, creases_x
    return (
        creases_y if count_y <= _CREASES <= rest_y else [],
        creases_x if count_x <= _CREASES <= rest_x else [],
    )


def _count_lines(rules: Sequence[Segment], scale: float) -> int:
    """How many lines the rules are pieces of."""
    places = sorted(place for place, *_ in rules)
    return len(places) - sum(after - before < _ONE_LINE * scale for before, after in pairwise(places))


def _far(rules: Sequence[Segment], crossing: Sequence[Segment], length: int, scale: float) -> list[Segment]:
    """The rules that with those in line with them reach further than rules of tables do. A crooked page is larger when
    it is straight, so that its folds end before its edges."""
    edge = _EDGE * length
    lines = [[other for other in rules if abs(other[0] - rule[0]) < edge / 3] for rule in rules]
    reach = [(min(one[1] for one in line), max(one[2] for one in line)) for line in lines]
    sides = [place for place, start, end in crossing if edge < place < length - edge and end - start > _SIDE * scale]
    first, last = _CROOKED * length, (1 - _CROOKED) * length
    if sides:
        first, last = min(sides) - _PAST * scale, max(sides) + _PAST * scale
    return [
        rule
        for rule, (start, end) in zip(rules, reach, strict=True)
        if start < max(edge, first) and end > min(length - edge, last)
    ]


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
    band = gray[first:last]
    black_and_white = ((band > _SHADES[0]) & (band < _SHADES[1])).mean() < _FEW
    flat = _without_line(gray, place, scale) if black_and_white else gray.copy()
    step = round(_STRETCH * scale)
    for start in range(0, gray.shape[1], step):
        part = flat[first:last, start : start + step].astype(np.float32)
        shade = np.maximum(np.percentile(part, 60, axis=1, keepdims=True), 60.0)
        flat[first:last, start : start + step] = np.clip(part * (255.0 / shade), 0, 255).astype(np.uint8)
    return flat


def _without_line(gray: Gray, place: float, scale: float) -> Gray:
    """A copy without the long dark line, rough and leaning, that a crease is in black and white: what of it has letters
    over and under it stays."""
    import cv2

    out = gray.copy()
    part = out[max(round(place - _LEANS * scale), 0) : round(place + _LEANS * scale)]
    dark = np.where(part < _BLACK, 255, 0).astype(np.uint8)
    chained = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    chained = cv2.morphologyEx(chained, cv2.MORPH_CLOSE, np.ones((1, round(_BREAK * scale)), np.uint8))
    line = cv2.morphologyEx(chained, cv2.MORPH_OPEN, np.ones((1, round(_LONGER * scale)), np.uint8))
    if not line.any():
        return out
    line = cv2.dilate(line, np.ones((3, 1), np.uint8))
    letters = cv2.morphologyEx(cv2.subtract(dark, line), cv2.MORPH_CLOSE, np.ones((len(part) | 1, 1), np.uint8))
    part[(line > 0) & (letters == 0)] = 255
    return out
