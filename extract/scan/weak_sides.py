"""Sides between two cells of a row of which a broken rule left too little to be told by ink alone: the text decides.

Where a cell spans several columns its text runs over their lines, or stands in its middle, and no ink lies on them.
Where two cells have lost the side between them, each keeps its text to itself, with a gap about the line, and a piece
of the rule is left, most often where it meets the rule over or under the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.grid import Grid, Segment, Span
from extract.scan.lines import text_ink

__all__ = ["find_weak_sides"]

Bytes = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]

# All in points. Half the width of a line, rules that lean with it, and the ground beside it, where strokes have others.
_HALF, _GROUND = 0.8, (1.2, 2.2)
# What is left of a rule that leans lies this near to its line.
_LEANS = 1.2
# What is left out at the top and foot of a row, where the rules across lie, and how far a piece's end reaches.
_EDGE, _TIP = 0.6, 2.0
# Text of two cells keeps this far apart; letters of one line stand nearer.
_GAP = 5.0
# Text keeps this far from the middle of a line; a letter's other strokes start nearer to the one that lies on it.
_CLEAR = 1.5
# Rules across that are thick or lean reach so much further in.
_INNER = 1.2
# Text stands in the middle of a cell up to this.
_MIDDLE = 4.0
# Nothing need be left of the side between texts that stand so far apart, each in the middle of its cell up to this.
_FAR, _CENTRED = 12.0, 1.5
# One letter on each side is one word set wide: 合 计.
_ONE_LETTER = 14.0
# The share of a side that must be left: between two texts with such a gap; between two that come nearer; with text on
# one side or none.
_PARTED, _NEARER, _ALONE = 0.08, 0.35, 0.3
# A piece of a rule is at least so long; specks are smaller.
_PIECE = 1.0
# Digits and marks are no higher.
_DIGIT = 8.5


@dataclass(frozen=True, slots=True)
class _Row:
    """A cell's picture without its edges, and where its left side lies (pixels)."""

    ink: Bools
    left: int


def find_weak_sides(grids: Sequence[Grid], dark: Bytes, scale: float) -> list[Segment]:
    """Vertical sides (points) inside cells that span columns. `dark` is the page's ink, rules and text, 255."""
    return [side for grid in grids for side in _sides(grid, dark, scale)]


def _sides(grid: Grid, dark: Bytes, scale: float) -> Iterator[Segment]:
    for span in grid.spans:
        if span[3] == span[2]:
            continue
        row = _row(grid, span, dark, scale)
        places = [x * scale for x in grid.xs[span[2] : span[3] + 2]]
        runs = _texts(row, places[1:-1], scale)
        for n, x in enumerate(places[1:-1], 1):
            if _is_side(_on_line(row, x, scale), runs, places, n, scale):
                yield x / scale, grid.ys[span[0]], grid.ys[span[1] + 1]


def _row(grid: Grid, span: Span, dark: Bytes, scale: float) -> _Row:
    box = grid.span_box(span)
    y0, y1 = round((box.y0 + _EDGE) * scale), round((box.y1 - _EDGE) * scale)
    x0, x1 = round((box.x0 + _GROUND[0]) * scale), round((box.x1 - _GROUND[0]) * scale)
    part = dark[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
    return _Row(part > 0, max(x0, 0))


def _on_line(row: _Row, x: float, scale: float) -> Bools:
    """Where along a line there is ink that has nothing beside it."""
    at, half = x - row.left, _HALF * scale
    on = _columns(row.ink, at - half, at + half)
    near, far = (one * scale for one in _GROUND)
    beside = _columns(row.ink, at - far, at - near) | _columns(row.ink, at + near, at + far)
    return on & ~beside


def _columns(ink: Bools, start: float, end: float) -> Bools:
    part = ink[:, max(round(start), 0) : max(round(end) + 1, 0)]
    return np.asarray(part.any(axis=1))


def _is_left(line: Bools, least: float, scale: float) -> bool:
    """Whether a share of a side is left, some of it at one of its ends, or in a piece as long as no mark or digit."""
    tip, piece = round(_TIP * scale), round(_PIECE * scale)
    if len(line) < 2 * tip or line.mean() < least:
        return False
    return max(int(line[:tip].sum()), int(line[-tip:].sum())) >= piece or _longest(line) >= _DIGIT * scale


def _longest(line: Bools) -> int:
    """The longest run of ink."""
    gaps = np.flatnonzero(np.concatenate(([True], ~line, [True])))
    return int(np.diff(gaps).max()) - 1


def _texts(row: _Row, lines: Sequence[float], scale: float) -> list[tuple[float, float]]:
    """Where the columns of the cell hold text, from left to right: pieces of lines of the grid left out, and those of
    the rules over and under it."""
    inner = round(_INNER * scale)
    ink = row.ink.copy()
    ink[:inner] = ink[len(ink) - inner :] = False
    for x in lines:
        on = _on_line(row, x, scale)
        at, half = x - row.left, _LEANS * scale
        ink[on, max(round(at - half), 0) : max(round(at + half) + 1, 0)] = False
    clean = text_ink(ink.astype(np.uint8) * 255, np.zeros(ink.shape, np.uint8), scale)
    flags = np.concatenate(([False], clean.any(axis=0), [False]))
    edges = np.flatnonzero(np.diff(flags.astype(np.int8))) + row.left
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _is_side(
    line: Bools, runs: Sequence[tuple[float, float]], places: Sequence[float], n: int, scale: float
) -> bool:
    """Whether what is left on line `n` of a cell's is a side, by the text before and behind it."""
    left, right = places[n] - _HALF * scale, places[n] + _HALF * scale
    before, behind = [run for run in runs if run[1] <= right], [run for run in runs if run[0] >= left]
    if len(before) + len(behind) < len(runs):  # text runs over the line
        return False
    if before and behind:
        gap = behind[0][0] - before[-1][1]
        if min(behind[0][0] - places[n], places[n] - before[-1][1]) < _CLEAR * scale:  # a stroke of 因 or 名
            return False
        if gap >= _FAR * scale and _is_set_apart(before, behind, places, n, scale):
            return True
        return _is_left(line, _PARTED if gap >= _GAP * scale else _NEARER, scale)
    if runs and abs(runs[0][0] + runs[-1][1] - places[0] - places[-1]) < 2 * _MIDDLE * scale:
        return False
    return _is_left(line, _ALONE, scale)


def _is_set_apart(
    before: Sequence[tuple[float, float]],
    behind: Sequence[tuple[float, float]],
    places: Sequence[float],
    n: int,
    scale: float,
) -> bool:
    """Whether the texts on both sides of a line stand each in the middle of a cell that ends at it."""
    if max(texts[-1][1] - texts[0][0] for texts in (before, behind)) < _ONE_LETTER * scale:
        return False
    return all(
        any(abs(texts[0][0] + texts[-1][1] - places[n] - other) < 2 * _CENTRED * scale for other in others)
        for texts, others in ((before, places[:n]), (behind, places[n + 1 :]))
    )
