"""Tables of which a scan kept the horizontal rules alone: their sides, from the ends of rules and the gaps in the text.

Pale or thin vertical rules go when a scanner makes a page black and white, and some forms never have them. What parts
the columns then are the places where rules end, and the gaps that text leaves in row after row.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from extract.grid import Segment, join_segments
from extract.scan.lines import text_ink

__all__ = ["find_open_sides"]

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

# All in points. A form's rules are this long, lie so far apart at most, end within so much of each other, and are so
# many, three of them as wide as the form; tables of books have three or four.
_LONG, _TALLEST, _SAME_ENDS, _FEWEST, _FULL = 200.0, 140.0, 5.0, 8, 3
# Rules this near one another are a double one.
_DOUBLE = 3.6
# Gaps inside a line of text are narrower than this: brackets and marks leave six points beside them. Text of two
# columns stands further apart, in some rows at least.
_GAP = 7.0
# Letters of a line stand nearer than this; so near does the text of a full cell come to the next one's.
_TIGHT = 3.0
# One gap alone parts two columns where it is so wide.
_WIDE = 25.0
# Two lines are no nearer, and text keeps this far from a line.
_NARROWEST, _CLEAR = 9.0, 0.4
# What is narrower is a speck.
_SPECK = 0.8
# What is left of a rule lies this near to its place.
_OFF = 1.4
# Text over several columns is centred up to this.
_CENTRED = 4.0
# So many texts that start within so much of each other are set to the left of one column.
_COLUMN, _ALIKE = 3, 2.0
# Text alone in its row goes on to the end of the table if it takes this share of it.
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class _Stack:
    """Long horizontal rules with the same ends, and the shorter ones between them (points)."""

    left: float
    right: float
    ys: tuple[float, ...]
    rules: tuple[Segment, ...]

    def is_ruled(self, y: float, x0: float, x1: float) -> bool:
        """Whether a rule at a height runs all along a stretch."""
        return any(abs(at - y) <= _DOUBLE and a - _SAME_ENDS < x0 and x1 < b + _SAME_ENDS for at, a, b in self.rules)


def find_open_sides(
    horizontal: Sequence[Segment], vertical: Sequence[Segment], dark: Bytes, row_ink: Bytes, scale: float
) -> list[Segment]:
    """The sides (points) of the tables that have horizontal rules alone. `dark` is the page's ink, `row_ink` that of
    horizontal rules (pixels, 255)."""
    stacks = list(_stacks(horizontal, vertical))
    if not stacks:
        return []
    ink = text_ink(dark, _with_halo(row_ink), scale)
    return [side for stack in stacks for side in _sides(stack, ink, scale)]


def _with_halo(rules: Bytes) -> Bytes:
    import cv2

    halo: Bytes = cv2.dilate(rules, np.ones((5, 3), np.uint8))
    return halo


# ---------------------------------------------------------------------------------------------------------------------
# The rules
# ---------------------------------------------------------------------------------------------------------------------


def _stacks(horizontal: Sequence[Segment], vertical: Sequence[Segment]) -> Iterator[_Stack]:
    rules = [rule for rule in join_segments(horizontal) if rule[2] - rule[1] >= _DOUBLE]
    for group in _groups([rule for rule in rules if rule[2] - rule[1] >= _LONG]):
        longest = max(group, key=lambda rule: rule[2] - rule[1])
        full = [rule for rule in group if all(abs(rule[end] - longest[end]) < _SAME_ENDS for end in (1, 2))]
        left, right = (float(np.median([rule[end] for rule in full])) for end in (1, 2))
        top, foot = group[0][0], group[-1][0]
        inside = [
            rule for rule in rules
            if top <= rule[0] <= foot and left - _SAME_ENDS < rule[1] and rule[2] < right + _SAME_ENDS
            and rule[2] - rule[1] > _WIDE
        ]  # fmt: skip
        is_crossed = any(
            left - _SAME_ENDS < x < right + _SAME_ENDS and y0 < foot and y1 > top for x, y0, y1 in vertical
        )
        if len(group) < _FEWEST or len(full) < _FULL or is_crossed:
            continue
        ys: list[float] = []
        for y in sorted(rule[0] for rule in inside):
            if not ys or y - ys[-1] > _DOUBLE:
                ys.append(y)
        yield _Stack(left, right, tuple(ys), tuple(inside))


def _groups(rules: Sequence[Segment]) -> list[list[Segment]]:
    """Long rules, from top to bottom, that share an end with the one above."""
    groups: list[list[Segment]] = []
    for rule in sorted(rules):
        for group in groups:
            above = group[-1]
            is_near = rule[0] - above[0] <= _TALLEST
            if is_near and any(abs(rule[end] - above[end]) < _SAME_ENDS for end in (1, 2)):
                group.append(rule)
                break
        else:
            groups.append([rule])
    return groups


# ---------------------------------------------------------------------------------------------------------------------
# The columns
# ---------------------------------------------------------------------------------------------------------------------

_Run = tuple[float, float]


def _sides(stack: _Stack, ink: Bytes, scale: float) -> list[Segment]:
    rows = [_pieces(stack, y0, y1, ink, scale) for y0, y1 in pairwise(stack.ys)]
    lines = _lines(stack, [_joined(pieces, _GAP) for pieces in rows])
    if not lines:
        return []
    top, foot = stack.ys[0], stack.ys[-1]
    sides = [(stack.left, top, foot), (stack.right, top, foot)]
    starts = sorted(start for pieces in rows for start, _ in _joined(pieces, _GAP))
    spans = [_spans(stack, n, pieces, lines, starts) for n, pieces in enumerate(rows)]
    for n, x in enumerate(lines):
        for first, last in _blocks(stack, x):
            if not any(n in spans[row] for row in range(first, last)):
                sides.append((x, stack.ys[first], stack.ys[last]))
    return sides


def _pieces(stack: _Stack, y0: float, y1: float, ink: Bytes, scale: float) -> list[_Run]:
    """Where ink stands between two rules, from left to right."""
    left, right = round(stack.left * scale), round(stack.right * scale)
    band = ink[round((y0 + _OFF) * scale) : round((y1 - _OFF) * scale), left:right]
    flags = np.concatenate(([False], band.any(axis=0), [False])) if band.size else np.zeros(2, dtype=np.bool_)
    edges = np.flatnonzero(np.diff(flags.astype(np.int8))) / scale + stack.left
    pieces = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(a, b) for a, b in pieces if b - a >= _SPECK]


def _joined(pieces: Sequence[_Run], gap: float) -> list[_Run]:
    """Pieces with narrower gaps between them made one."""
    runs: list[_Run] = []
    for a, b in pieces:
        if runs and a - runs[-1][1] < gap:
            runs[-1] = runs[-1][0], b
        else:
            runs.append((a, b))
    return runs


def _lines(stack: _Stack, rows: Sequence[Sequence[_Run]]) -> list[float]:
    """The places of columns' sides, the outer ones left out: where rules end, and one in each gap that text leaves,
    the narrowest first, as many rows as can be in one."""
    ends = sorted(
        end for rule in stack.rules for end in rule[1:] if stack.left + _NARROWEST < end < stack.right - _NARROWEST
    )
    lines = [float(np.median(group)) for group in _clusters(ends)]
    gaps = [(a[1], b[0]) for runs in rows for a, b in pairwise(runs)]
    texts = [run for runs in rows for run in runs]
    for gap in sorted(gaps, key=lambda gap: gap[1] - gap[0]):
        if any(gap[0] <= x <= gap[1] for x in lines):
            continue
        place, support = _best(gap, gaps, texts)
        if support < 2 and gap[1] - gap[0] < _WIDE:
            continue
        if all(abs(place - x) >= _NARROWEST for x in lines):
            lines.append(place)
    return _with_holes(sorted(lines), stack, texts)


def _with_holes(lines: Sequence[float], stack: _Stack, texts: Sequence[_Run]) -> list[float]:
    """The lines, and more where a column's texts stand partly on one side of a hole and partly on the other: what is
    set alike, to the left, the right or the middle, overlaps. So stand 一级指标 and 二级指标 where each has a row of
    its own."""
    out = list(lines)
    for left, right in pairwise([stack.left, *lines, stack.right]):
        mine = [run for run in texts if left - _CLEAR < run[0] and run[1] < right + _CLEAR]
        for x in _holes(mine):
            before, behind = sum(b < x for _, b in mine), sum(a > x for a, _ in mine)
            crossing = len(mine) - before - behind
            if min(before, behind) >= max(2, 2 * crossing):
                out.append(x)
    return sorted(out)


def _holes(runs: Sequence[_Run]) -> Iterator[float]:
    """The middles of what lies between texts: from where one ends to where another starts, with no end between."""
    for end in sorted(b for _, b in runs):
        start = min((a for a, _ in runs if a > end), default=None)
        if start is not None and start - end >= _GAP and not any(end < b < start for _, b in runs):
            yield (start + end) / 2


def _clusters(places: Sequence[float]) -> list[list[float]]:
    groups: list[list[float]] = []
    for place in places:
        if groups and place - groups[-1][-1] <= _SAME_ENDS:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _best(gap: _Run, gaps: Sequence[_Run], texts: Sequence[_Run]) -> tuple[float, int]:
    """The place in a gap that most other gaps hold and least text crosses, and how many gaps hold it."""
    xs = np.linspace(gap[0], gap[1], max(round(2 * (gap[1] - gap[0])), 3))
    held, crossed = _count(xs, gaps), _count(xs, texts)
    worth = held - crossed
    best = np.flatnonzero(worth == worth.max())
    first = last = int(best[0])
    while last + 1 < len(xs) and worth[last + 1] == worth[first]:
        last += 1
    middle = (first + last) // 2
    return float(xs[middle]), int(held[middle])


def _count(xs: npt.NDArray[np.float64], runs: Sequence[_Run]) -> npt.NDArray[np.int64]:
    places = np.array(runs, dtype=np.float64).reshape(-1, 2)
    inside = (places[:, :1] <= xs) & (xs <= places[:, 1:])
    return np.asarray(inside.sum(axis=0), dtype=np.int64)


# ---------------------------------------------------------------------------------------------------------------------
# The cells
# ---------------------------------------------------------------------------------------------------------------------


def _blocks(stack: _Stack, x: float) -> Iterator[tuple[int, int]]:
    """The rows beside a line, put together where no rule parts them on both sides of it: first, and one past the
    last."""
    first = 0
    for n, y in enumerate(stack.ys[1:], 1):
        is_parted = any(stack.is_ruled(y, x + side - 1, x + side + 1) for side in (-_NARROWEST, _NARROWEST))
        if is_parted or n == len(stack.ys) - 1:
            yield first, n
            first = n


def _spans(
    stack: _Stack, row: int, pieces: Sequence[_Run], lines: Sequence[float], starts: Sequence[float]
) -> set[int]:
    """The lines that a row's text runs over: those that it stands on, and those beside it over which it is centred or,
    where nothing stands behind it in its row, goes on. `starts` are where texts of all rows start: what starts where
    others do is set to the left."""
    over: set[int] = set()
    borders = [stack.left, *lines, stack.right]
    runs, letters = _joined(pieces, _GAP), _joined(pieces, _TIGHT)
    for n, (a, b) in enumerate(runs):
        first, last = _section(stack, row, borders, a, b)
        if n:
            first = max(first, bisect_left(borders, runs[n - 1][1] - _CLEAR))
        if n + 1 < len(runs):
            last = min(last, bisect_right(borders, runs[n + 1][0] + _CLEAR) - 1)
        mine = [(c - _CLEAR, d + _CLEAR) for c, d in letters if a <= c and d <= b]
        crossed = [k for k, x in enumerate(lines) if any(c < x < d for c, d in mine)]
        is_centred = abs((a + b) - (borders[first] + borders[last])) < 2 * _CENTRED
        is_left = bisect_right(starts, a + _ALIKE) - bisect_left(starts, a - _ALIKE) >= _COLUMN
        if last - first > 1 and is_centred and not is_left and not _is_inside(a, b, borders):
            over |= set(range(first, last - 1))
        elif crossed:
            goes_on = n == len(runs) - 1 and (n == 1 or b - a > _MOST * (stack.right - stack.left))
            over |= set(range(crossed[0], len(lines) if goes_on else crossed[-1] + 1))
    return over


def _is_inside(a: float, b: float, borders: Sequence[float]) -> bool:
    """Whether text is centred in a column of its own."""
    n = bisect_right(borders, (a + b) / 2)
    return 0 < n < len(borders) and abs((a + b) - (borders[n - 1] + borders[n])) < 2 * _CENTRED


def _section(stack: _Stack, row: int, borders: Sequence[float], a: float, b: float) -> tuple[int, int]:
    """The borders between which the rules over and under a row change nowhere, around some text."""
    ends = {
        end for at, *pair in stack.rules for end in pair
        if min(abs(at - stack.ys[row]), abs(at - stack.ys[row + 1])) <= _DOUBLE
    }  # fmt: skip
    stops = [
        k for k, x in enumerate(borders)
        if k in (0, len(borders) - 1) or any(abs(x - end) <= _SAME_ENDS for end in ends)
    ]  # fmt: skip
    first = max((k for k in stops if borders[k] <= (a + b) / 2), default=0)
    last = min((k for k in stops if borders[k] >= (a + b) / 2), default=len(borders) - 1)
    return first, last
