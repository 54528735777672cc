"""Which cell each character belongs to.

Characters are gathered into runs (pieces of one line of text as it was drawn). A run that lies well inside one cell
is that cell's. A run whose place is in doubt (it crosses a rule, overlaps other text, goes on a line pitch away in the
next cell, leaves the table or the page) is asked for its clip path: text is the cell's that clips it, and what the clip
leaves out is hidden. Without a clip it belongs to the cell where its line starts and sits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from extract.glyphs import Bools, ClipSource, Floats, Glyphs, Ints
from extract.grid import Grid
from extract.settle import OUTSIDE, RUN_BACK, RUN_GAP, SAME_LINE, Doubt, Run, settle_runs
from model import Box

__all__ = ["OUTSIDE", "Run", "place_runs"]

# Text that goes on over a rule with less of a gap than this was not set for the next cell.
CROSS_GAP = 0.12
# How far (in heights) text may reach over a rule before its place is in doubt.
OVERHANG = 0.22
# Lines closer than this (in heights) are drawn over one another; a paragraph's next line follows within PITCH.
CROWDED = 0.85
PITCH = 2.3
# Lines of one cell are set this close (in heights), or closer.
CLOSE = 1.8
# How far (in heights) over or under a table what its cells hide was seen beside other text. Where few runs stand
# outside the tables, as on pages that a table fills, all are looked at: a merged cell's text may be pages away.
BESIDE = 8.0
FEW_OUTSIDE = 16
# Letters so many times as high as the page's others may be a watermark.
WATERMARK = 2.2
# Lines drawn over one another were seen cut into this many runs.
_LINE_RUNS = 4


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs as arrays: first glyph of each, box, lowest and highest cell of its glyphs, whether in doubt."""

    start: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    low: Ints
    high: Ints


def place_runs(
    glyphs: Glyphs, grids: Sequence[Grid], cell_boxes: Sequence[Box], size: tuple[float, float], clips: ClipSource
) -> list[Run]:
    """Cut the page's text into runs and give each to a cell, by its number in `cell_boxes`: the spans of all grids."""
    if not len(glyphs):
        return []
    boxes = np.fromiter(chain.from_iterable(cell_boxes), dtype=float, count=4 * len(cell_boxes)).reshape(-1, 4)
    owner = _owners(glyphs, grids)
    runs = _cut_runs(glyphs, owner)
    ends = np.append(runs.start[1:], len(glyphs)).tolist()
    doubt = _doubtful(runs, boxes, size) | _entered(runs, owner)
    _mark_strays(runs, _may_stray(runs, owner, boxes), glyphs, clips, doubt)
    ghost = _overprinted(runs, boxes)
    placed: list[Run] = []
    doubtful: list[range] = []
    for start, end, x0, y0, x1, y1, cell, open_, drop in zip(
        runs.start.tolist(), ends, runs.x0.tolist(), runs.y0.tolist(), runs.x1.tolist(), runs.y1.tolist(),
        runs.low.tolist(), doubt.tolist(), ghost.tolist(), strict=True,
    ):  # fmt: skip
        if drop:
            continue
        if open_:
            doubtful.append(range(start, end))
        else:
            placed.append(Run(range(start, end), x0, y0, x1, y1, cell))
    if doubtful:
        placed += settle_runs(doubtful, Doubt(glyphs, owner.tolist(), cell_boxes, size, clips))
    return placed


def _owners(glyphs: Glyphs, grids: Sequence[Grid]) -> Ints:
    """The cell that each glyph's middle lies in. Of grids inside one another the smallest counts."""
    owner = np.full(len(glyphs), OUTSIDE, dtype=np.int64)
    x, y = (glyphs.x0 + glyphs.x1) / 2, (glyphs.y0 + glyphs.y1) / 2
    base = 0
    order = []
    for grid in grids:
        box = grid.box
        order.append(((box.x1 - box.x0) * (box.y1 - box.y0), base, grid))
        base += len(grid.spans)
    for _, base, grid in sorted(order, key=lambda entry: (-entry[0], entry[1])):
        column = np.searchsorted(grid.xs, x) - 1
        row = np.searchsorted(grid.ys, y) - 1
        inside = (column >= 0) & (row >= 0) & (column < len(grid.xs) - 1) & (row < len(grid.ys) - 1)
        place = np.empty((len(grid.ys) - 1, len(grid.xs) - 1), dtype=np.int64)
        for k, (r0, r1, c0, c1) in enumerate(grid.spans):
            place[r0 : r1 + 1, c0 : c1 + 1] = base + k
        owner[inside] = place[row[inside], column[inside]]
    return owner


def _cut_runs(glyphs: Glyphs, owner: Ints) -> _Runs:
    height = np.minimum(glyphs.y1[1:] - glyphs.y0[1:], glyphs.y1[:-1] - glyphs.y0[:-1])
    middle = glyphs.y0 + glyphs.y1
    gap = glyphs.x0[1:] - glyphs.x1[:-1]
    cut = np.abs(middle[1:] - middle[:-1]) > 2 * SAME_LINE * height
    cut |= (gap > RUN_GAP * height) | (gap < RUN_BACK * height)
    cut |= (owner[1:] != owner[:-1]) & (gap > CROSS_GAP * height)
    start = np.concatenate(([0], np.flatnonzero(cut) + 1))
    return _Runs(
        start,
        np.minimum.reduceat(glyphs.x0, start), np.minimum.reduceat(glyphs.y0, start),
        np.maximum.reduceat(glyphs.x1, start), np.maximum.reduceat(glyphs.y1, start),
        np.minimum.reduceat(owner, start), np.maximum.reduceat(owner, start),
    )  # fmt: skip


def _doubtful(runs: _Runs, boxes: Floats, size: tuple[float, float]) -> Bools:
    """Which runs do not lie plainly in one cell, or outside all of them."""
    height = runs.y1 - runs.y0
    over = OVERHANG * height
    off_page = (runs.x0 < -over) | (runs.y0 < -over) | (runs.x1 > size[0] + over) | (runs.y1 > size[1] + over)
    # WPS draws a cell that a page break cuts in full on both pages: where text leaves the page, any text beside the
    # tables may be hidden.
    doubt = (runs.low < 0) if off_page.any() else np.zeros(len(height), dtype=bool)
    doubt |= off_page
    if len(boxes):
        box = boxes[runs.low]  # that of the last cell for OUTSIDE, masked below
        reaches = (runs.y0 < box[:, 1] - over) | (runs.y1 > box[:, 3] + over)
        reaches |= (runs.x0 < box[:, 0] - over) | (runs.x1 > box[:, 2] + over)
        doubt |= reaches & (runs.low >= 0)
        doubt |= runs.low != runs.high
    if len(boxes) and len(height) > 1:
        _mark_continued(runs, boxes, height, doubt)
        _mark_crowded(runs, height, doubt)
    return doubt


def _entered(runs: _Runs, owner: Ints) -> Bools:
    """Runs in cells that another cell's text runs over into: PDFium sorts the characters of a line by their place, so
    that the end of the one may stand behind the other's."""
    crossing: Bools = runs.low != runs.high
    if not crossing.any():
        return crossing
    lengths = np.diff(np.append(runs.start, len(owner)))
    entered = np.unique(owner[np.repeat(crossing, lengths)])
    inside: Bools = (runs.low >= 0) & np.isin(runs.low, entered)
    return inside


def _may_stray(runs: _Runs, owner: Ints, boxes: Floats) -> Bools:
    """Runs that stand close to a line of another cell of their column, or over or under a table: they may be lines that
    their own cell, above or below, hides. Text that its clip does not cut has none in PDFium: one look tells."""
    height = runs.y1 - runs.y0
    stray = np.zeros(len(height), dtype=bool)
    if not len(boxes):
        return stray
    outside = runs.low < 0
    reach = BESIDE * height if int(outside.sum()) > FEW_OUTSIDE else np.full(len(height), np.inf)
    stray |= outside & (runs.y1 > boxes[:, 1].min() - reach) & (runs.y0 < boxes[:, 3].max() + reach)
    middle = (runs.y0 + runs.y1) / 2
    cells = [runs.low]
    if (runs.low != runs.high).any():
        cells += [owner[(runs.start + np.append(runs.start[1:], len(owner))) // 2], runs.high]
    for cell in cells:
        column = np.where(cell < 0, -1, np.round(boxes[cell, 0]))
        order = np.lexsort((middle, column))
        for step in (1, 2):  # two may share a line
            a, b = order[:-step], order[step:]
            close = (column[a] == column[b]) & (cell[a] != cell[b])
            close &= middle[b] - middle[a] < CLOSE * np.minimum(height[a], height[b])
            stray[a[close]] = stray[b[close]] = True
    return stray


def _mark_strays(runs: _Runs, stray: Bools, glyphs: Glyphs, clips: ClipSource, doubt: Bools) -> None:
    """Look at the clips of runs that may stray; where one does, at those of all runs in the cell where it stands."""
    asked = doubt.copy()
    for _ in range(2):
        found = []
        for k in np.flatnonzero(stray & ~asked).tolist():
            if _is_hidden(glyphs, int(runs.start[k]), clips):
                doubt[k] = True
                found.append(runs.low[k])
        if not found:
            return
        asked |= stray
        stray = (runs.low >= 0) & np.isin(runs.low, found)


def _is_hidden(glyphs: Glyphs, k: int, clips: ClipSource) -> bool:
    """Whether the page hides the middle of a character."""
    clip = clips.of(int(glyphs.index[k]))[1]
    if clip is None:
        return False
    x, y = (glyphs.x0[k] + glyphs.x1[k]) / 2, (glyphs.y0[k] + glyphs.y1[k]) / 2
    return not (clip.x0 <= x <= clip.x1 and clip.y0 <= y <= clip.y1)


def _overprinted(runs: _Runs, boxes: Floats) -> Bools:
    """Runs of large letters that reach over their cell both above and below: an upright watermark, no cell's text."""
    height = runs.y1 - runs.y0
    if not len(boxes) or height.max() <= WATERMARK * height.min():
        return np.zeros(len(height), dtype=bool)
    ghost = height > WATERMARK * np.median(height)
    box = boxes[runs.low]
    reach = OVERHANG * height
    return ghost & (runs.low >= 0) & (runs.y0 < box[:, 1] - reach) & (runs.y1 > box[:, 3] + reach)


def _mark_continued(runs: _Runs, boxes: Floats, height: Floats, doubt: Bools) -> None:
    """A line that follows the one drawn before it at a line's pitch, but in another cell of the same column, may be
    what the first one's cell clips away; so may those that follow it."""
    pitch = np.abs((runs.y0[1:] + runs.y1[1:]) - (runs.y0[:-1] + runs.y1[:-1])) / 2
    low = np.minimum(height[1:], height[:-1])
    follows = (pitch > SAME_LINE * low) & (pitch < PITCH * low)
    inside = runs.low >= 0
    left = np.where(inside, boxes[runs.low, 0], runs.x0)
    right = np.where(inside, boxes[runs.low, 2], runs.x1)
    follows &= np.minimum(runs.x1[1:], right[:-1]) > np.maximum(runs.x0[1:], left[:-1])
    leaves = follows & ((runs.low[1:] != runs.low[:-1]) | (runs.high[1:] != runs.high[:-1]))
    for k in np.flatnonzero(leaves).tolist():
        doubt[k] = doubt[k + 1] = True
        for step in range(k + 1, len(follows)):
            if not follows[step] or leaves[step]:
                break
            doubt[step + 1] = True
        for step in range(k - 1, -1, -1):
            if not follows[step] or leaves[step]:
                break
            doubt[step] = True


def _mark_crowded(runs: _Runs, height: Floats, doubt: Bools) -> None:
    """Runs that are drawn over one another: then all text of their cells is in doubt."""
    middle = (runs.y0 + runs.y1) / 2
    by_line = np.lexsort((runs.x0, middle, runs.low))
    drawn = np.arange(len(by_line))  # two lines sorted into each other are cut to single characters
    orders = [(by_line, step) for step in range(1, min(_LINE_RUNS, len(by_line)))] + [(drawn, 1)]
    a = np.concatenate([order[:-step] for order, step in orders])
    b = np.concatenate([order[step:] for order, step in orders])
    low = np.minimum(height[a], height[b])
    overlap = np.minimum(runs.x1[a], runs.x1[b]) - np.maximum(runs.x0[a], runs.x0[b])
    crowded = (overlap > OVERHANG * low) & (np.abs(middle[b] - middle[a]) < CROWDED * low)
    if crowded.any():
        cells = np.concatenate((runs.low[a[crowded]], runs.low[b[crowded]]))
        doubt |= (runs.low >= 0) & np.isin(runs.low, cells)
