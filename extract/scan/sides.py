"""The sides of cells that breaks have left in crumbs: looked for where a line is known, from rule across to rule.

What decides is the ink in the corridor of a cell's side: a broken rule still fills much of it, with nothing beside;
the cells that span rows or columns leave it empty, and their text fills both sides of it too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from extract.grid import Segment
from extract.scan.recognise import Gray

__all__ = ["complete_sides", "without_strokes"]

# All in points. Half the width of the corridor, and where the ground beside it lies.
_HALF, _NEXT_TO, _BESIDE = 0.5, (1.2, 1.8), (1.6, 3.4)
# Pieces of one line, and how far a rule across may end from it.
_SAME_LINE, _AT = 1.6, 18.0
# What is left of the corridor at each end, where the rules across are; a side is no shorter than this without them.
_END, _SHORTEST = 1.2, 4.0
# Share of a side that must be there: with nothing beside it, with text on one side, and on both. And share of it at one
# of its ends, which the strokes of letters do not reach.
_THERE = (0.42, 0.6, 0.75)
_AT_ENDS, _ENDS = 0.5, 2.0
# What a side may lack, in points, where a break lies at a rule across: the grid takes longer gaps for an underline's.
_LACKS = 2.0
# Share of the ground right beside the line that may be ink, for each share of ink on it: strokes of letters that end on
# a line run on from it. From a larger share on, text stands a little further away.
_NEXT, _FREE = 0.3, 0.08
# Share of a side that is known to be a rule, so that it may lack its ends, and more than others.
_KNOWN = 0.25
_LONGEST_GAP, _KNOWN_GAP = 12.0, 17.0
# Sides by text are longer than the letters of low rows are high.
_LONG = 24.0
# A side that is mostly there is one though a line of text touches it, if nothing does on its other side and one piece
# is longer than that: with one of its ends, and without.
_MOSTLY, _EMPTY = (0.65, 0.75), 0.05
# A side that is all but whole, up to the rules at both of its ends, which letters do not reach, is one though text
# stands against it on one side.
_WHOLE = 0.8
# Rows as low as letters; beside strokes there is ink so near, along such a share of them, on both sides.
_LOW, _STROKES, _STROKES_BESIDE = 12.5, (0.9, 2.6), 0.12
# The ink's contrast is that of the rest of the line, more or less.
_ALIKE = 0.55
# More rules than this times those across are the threads of a cloth, not a form's: the largest seen had 90 and 60.
_PATTERN = 250_000


@dataclass(frozen=True, slots=True)
class _Line:
    """Horizontal pieces at one place, and the contrast of their ink."""

    pieces: tuple[Segment, ...]
    contrast: float

    @property
    def place(self) -> float:
        """The place of the longest piece."""
        return max(self.pieces, key=lambda piece: piece[2] - piece[1])[0]

    def place_at(self, start: float, end: float) -> float:
        """The place of the piece that runs furthest along a stretch, or lies nearest to it: lines lean by a pixel."""
        return max(self.pieces, key=lambda piece: min(piece[2], end) - max(piece[1], start))[0]

    def covered(self, start: float, end: float) -> float:
        """How much of the way from start to end the pieces run."""
        return sum(max(min(b, end) - max(a, start), 0.0) for _, a, b in self.pieces)


def complete_sides(
    rules: Sequence[Segment], crossing: Sequence[Segment], folds: Sequence[float], contrast: Gray, scale: float
) -> list[Segment]:
    """Horizontal rules with the sides of cells added that lie in crumbs on their lines. `crossing` are the rules
    across, `folds` places where the sheet is folded, `contrast` is how much darker than the paper each place is,
    without the ink of rules across."""
    if len(rules) * len(crossing) > _PATTERN:
        return list(rules)
    added = [
        (line.place_at(start, end), start, end)
        for line in _lines(rules, contrast, scale)
        if all(abs(line.place - fold) > _SAME_LINE * scale for fold in folds)
        for start, end in _between(line.place, crossing, scale)
        if line.covered(start, end) < end - start - _LACKS * scale and _is_side(line, start, end, contrast, scale)
    ]
    return _merged([*rules, *added], scale)


def without_strokes(
    rules: Sequence[Segment], crossing: Sequence[Segment], contrast: Gray, scale: float
) -> list[Segment]:
    """Horizontal rules without the parts, from one rule across to the next, that are strokes of letters: in rows as
    low as letters (turned here on their side) a stroke runs on from rule to rule, with others on both of its sides."""
    return [part for rule in rules for part in _parts(rule, crossing, contrast, scale)]


def _parts(rule: Segment, crossing: Sequence[Segment], contrast: Gray, scale: float) -> Iterator[Segment]:
    place, start, end = rule
    least = _ALIKE * _contrast_of([rule], contrast, scale)
    for a, b in _between(place, crossing, scale):
        first, last = max(a + _END * scale, start), min(b - _END * scale, end)
        if b - a > _LOW * scale or last - first < _SHORTEST * scale / 2:
            continue
        if _beside(place, first, last, contrast, least, scale) > _STROKES_BESIDE:
            if a - start > _SHORTEST * scale:
                yield place, start, a
            start = b
    if end - start > _SHORTEST * scale:
        yield place, start, end


def _beside(place: float, start: float, end: float, contrast: Gray, least: float, scale: float) -> float:
    """The share of a stretch beside which there is ink, on the side with less of it."""
    bands = _bands(place, start, end, contrast, _STROKES, scale)
    return min(float((band > least).any(axis=0).mean()) if band.size else 0.0 for band in bands)


def _bands(
    place: float, start: float, end: float, contrast: Gray, zone: tuple[float, float], scale: float
) -> tuple[Gray, Gray]:
    """The ground over and under a stretch of a line, from and up to so far from it."""
    near, far = (round(one * scale) for one in zone)
    at, columns = round(place), slice(max(round(start), 0), round(end))
    return contrast[max(at - far, 0) : max(at - near, 0), columns], contrast[at + near + 1 : at + far + 1, columns]


def _lines(rules: Sequence[Segment], contrast: Gray, scale: float) -> Iterator[_Line]:
    line: list[Segment] = []
    for rule in sorted(rules):
        if line and rule[0] - line[-1][0] > _SAME_LINE * scale:
            yield _Line(tuple(line), _contrast_of(line, contrast, scale))
            line = []
        line.append(rule)
    if line:
        yield _Line(tuple(line), _contrast_of(line, contrast, scale))


def _contrast_of(pieces: Sequence[Segment], contrast: Gray, scale: float) -> float:
    ink = np.concatenate([_corridor(place, start, end, contrast, scale).max(axis=0) for place, start, end in pieces])
    return float(np.median(ink)) if len(ink) else 0.0


def _corridor(place: float, start: float, end: float, contrast: Gray, scale: float) -> Gray:
    half = _HALF * scale
    a, b = max(round(place - half), 0), round(place + half) + 1
    part: Gray = contrast[a:b, max(round(start), 0) : max(round(end), 1)]
    return part


def _between(place: float, crossing: Sequence[Segment], scale: float) -> Iterator[tuple[float, float]]:
    """From one rule across to the next, along a line."""
    reach = _AT * scale
    ends: list[float] = []
    for end in sorted(x for x, a, b in crossing if a - reach < place < b + reach):
        if not ends or end - ends[-1] > _SAME_LINE * scale:
            ends.append(end)
    yield from pairwise(ends)


def _is_side(line: _Line, start: float, end: float, contrast: Gray, scale: float) -> bool:
    """Whether the corridor from one rule across to the next holds what is left of a rule."""
    first, last = start + _END * scale, end - _END * scale
    if last - first < _SHORTEST * scale:
        return False
    place = line.place_at(start, end)
    corridor = _corridor(place, first, last, contrast, scale)
    if not corridor.size:
        return False
    strongest = corridor.max(axis=0)
    ink = strongest > max(_ALIKE * line.contrast, 1.0)
    darker = strongest > line.contrast / _ALIKE
    if darker.mean() > 0.3 * ink.mean():
        return False
    next_to = _shares(place, first, last, contrast, _ALIKE * line.contrast, _NEXT_TO, scale)
    beside = _shares(place, first, last, contrast, _ALIKE * line.contrast, _BESIDE, scale)
    tip = max(round(_ENDS * scale), 1)
    tips = ink[:tip].mean(), ink[-tip:].mean()
    ends = max(tips)
    if ink.mean() >= _WHOLE and min(tips) >= _WHOLE and next_to[0] <= _EMPTY and beside[0] <= _FREE:
        return True
    mostly = ink.mean() >= (_MOSTLY[0] if ends >= _AT_ENDS else _MOSTLY[1])
    if mostly and next_to[0] <= _EMPTY and _longest_gap(~ink) >= _LONG * scale:
        return True
    if next_to[1] > _NEXT * ink.mean():
        return False
    if line.covered(start, end) >= _KNOWN * (end - start):
        return bool(ink.mean() >= _THERE[0] and _longest_gap(ink) <= _KNOWN_GAP * scale)
    texts = sum(share > _FREE for share in beside)
    if texts and end - start < _LONG * scale:
        return False
    return bool(ink.mean() >= _THERE[texts] and ends >= _AT_ENDS and _longest_gap(ink) <= _LONGEST_GAP * scale)


def _longest_gap(ink: npt.NDArray[np.bool_]) -> int:
    """The longest run without ink (or with it, of the inverse)."""
    edges = np.flatnonzero(np.concatenate(([True], ink, [True])))
    return int(np.diff(edges).max()) - 1


def _shares(
    place: float, start: float, end: float, contrast: Gray, least: float, zone: tuple[float, float], scale: float
) -> tuple[float, float]:
    """The shares of the zones over and under a line that are darker than `least`, the emptier first."""
    bands = _bands(place, start, end, contrast, zone, scale)
    shares = sorted(float((band > least).mean()) if band.size else 0.0 for band in bands)
    return shares[0], shares[1]


def _merged(rules: Sequence[Segment], scale: float) -> list[Segment]:
    """Rules on one line that touch, made one."""
    out: list[Segment] = []
    for place, start, end in sorted(rules, key=lambda rule: rule[1]):
        for n, (other, a, b) in enumerate(out):
            if abs(other - place) <= _SAME_LINE * scale and start <= b + _SAME_LINE * scale:
                longer = place if end - start > b - a else other
                out[n] = (longer, a, max(b, end))
                break
        else:
            out.append((place, start, end))
    return out
