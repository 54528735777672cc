"""Grids whose rules tell only a part: the text between the rules shows the rest.

Two habits of published tables. The head is ruled in full, but the rows under it only by horizontal rules: the head's
columns go on (`complete_columns`). The frame, the head and perhaps some columns are ruled, but the body's rows stand
packed in one box: its lines are rows (`is_packed`), and the table is read by how its text stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from extract.glyphs import Bools, Floats, Glyphs
from extract.grid import Grid, Segment, Span, join_segments
from extract.unruled_checks import share_of_figures
from extract.unruled_columns import cut_lines, find_columns
from extract.unruled_lines import Word, words_to_lines
from extract.unruled_rows import lines_to_rows

__all__ = ["complete_columns", "inside_grid", "is_packed", "may_be_packed", "split_open_rows"]

# Merged cells one under another that are taken for rows whose columns are not ruled, at least.
OPEN_ROWS = 3
# Text of two columns keeps this far apart, in heights.
CLEAR_GAP = 0.5
# Rules whose ends differ by no more than this (points) belong together, and part rows no taller than that.
SAME_ENDS = 7.0
TALLEST_ROW = 60.0
# A head that is ruled in full has no more rows than this.
HEAD_ROWS = 4
# Lines of a box that are taken for rows, at least.
PACKED_LINES = 3


def complete_columns(grid: Grid, horizontal: Sequence[Segment], vertical: Sequence[Segment], glyphs: Glyphs) -> Grid:
    """The grid with the columns of its head carried on through rows that only horizontal rules part.

    Such rows may stand below its last vertical rule too. It is the same grid where its text does not bear them out.
    """
    longer = _with_rows_below(grid, horizontal, vertical)
    if longer is not grid:
        split = split_open_rows(longer, glyphs)
        if split is not longer:
            return split
    return split_open_rows(grid, glyphs)


def _with_rows_below(grid: Grid, horizontal: Sequence[Segment], vertical: Sequence[Segment]) -> Grid:
    """The grid with the rules below it that are as long as it is wide as open rows, down to where a grid starts."""
    box = grid.box
    if len(grid.ys) - 1 > HEAD_ROWS or len(grid.xs) < 3:
        return grid
    next_grid = min((y0 for x, y0, y1 in vertical if y1 > box.y1 + 3 and box.x0 - 3 < x < box.x1 + 3), default=np.inf)
    below = [
        place
        for place, start, end in join_segments(rule for rule in horizontal if box.y1 + 3 < rule[0] < next_grid - 3)
        if abs(start - box.x0) < SAME_ENDS and abs(end - box.x1) < SAME_ENDS
    ]  # fmt: skip
    steps = [b - a for a, b in pairwise([box.y1, *below])]
    count = next((i for i, step in enumerate(steps) if step > TALLEST_ROW), len(steps))
    if count < OPEN_ROWS:
        return grid
    rows, last = len(grid.ys) - 1, len(grid.xs) - 2
    spans = [(rows + i, rows + i, 0, last) for i in range(count)]
    return Grid(grid.xs, (*grid.ys, *below[:count]), (*grid.spans, *spans))


def split_open_rows(grid: Grid, glyphs: Glyphs) -> Grid:
    """Carry the columns of a ruled head on through rows that only horizontal rules part."""
    split: dict[Span, list[Span]] = {}
    for rows in _open_rows(grid):
        _, _, c0, c1 = rows[0]
        clear = [_clear_lines(grid, span, glyphs) for span in rows]
        told = [row for row in clear if row is not None and row.columns > 1]
        if len(told) < OPEN_ROWS or 2 * len(told) < len(rows):
            continue
        crossed = sum(int((~row.clear).sum()) for row in told)
        places = len(told) * (c1 - c0)
        if crossed > 0.1 * places or sum(row.columns for row in told) < 0.5 * (places + len(told)):
            continue
        for span, row in zip(rows, clear, strict=True):
            split[span] = _cut(span, np.ones(c1 - c0, dtype=bool) if row is None else row.clear)
    if not split:
        return grid
    spans = [piece for span in grid.spans for piece in split.get(span, (span,))]
    return Grid(grid.xs, grid.ys, tuple(sorted(spans, key=lambda span: (span[0], span[2]))))


def _open_rows(grid: Grid) -> list[list[Span]]:
    """Runs of rows, one under another, that are merged over the same columns."""
    runs: list[list[Span]] = []
    by_columns: dict[tuple[int, int], list[Span]] = {}
    for span in grid.spans:
        r0, r1, c0, c1 = span
        if c1 == c0 or r1 != r0:
            continue
        run = by_columns.get((c0, c1))
        if run is not None and run[-1][1] == r0 - 1:
            run.append(span)
        else:
            by_columns[c0, c1] = run = [span]
            runs.append(run)
    return [run for run in runs if len(run) >= OPEN_ROWS]


@dataclass(frozen=True, slots=True)
class _OpenRow:
    """Which of the column lines inside an open row its text keeps clear of, and how many columns hold text."""

    clear: Bools
    columns: int


def _clear_lines(grid: Grid, span: Span, glyphs: Glyphs) -> _OpenRow | None:
    """None for a row without text. A line counts as crossed where text stands close to it on both sides: prose."""
    x0, x1, height = _inside(grid, span, glyphs)
    if not len(x0):
        return None
    lines = np.array(grid.xs[span[2] + 1 : span[3] + 1])
    middle = (x0 + x1) / 2
    left = np.where(middle[:, None] < lines, x1[:, None], -np.inf).max(axis=0)
    right = np.where(middle[:, None] >= lines, x0[:, None], np.inf).min(axis=0)
    clear = (left <= lines + 0.5) & (right >= lines - 0.5) & (right - left > CLEAR_GAP * height)
    return _OpenRow(clear, len(np.unique(np.searchsorted(lines, middle))))


def _inside(grid: Grid, span: Span, glyphs: Glyphs) -> tuple[Floats, Floats, float]:
    """Left and right sides of the glyphs in a cell, and their usual height."""
    box = grid.span_box(span)
    y = (glyphs.y0 + glyphs.y1) / 2
    x = (glyphs.x0 + glyphs.x1) / 2
    where = (y > box.y0) & (y < box.y1) & (x > box.x0) & (x < box.x1)
    height = float(np.median(glyphs.y1[where] - glyphs.y0[where])) if where.any() else 0.0
    return glyphs.x0[where], glyphs.x1[where], height


def _cut(span: Span, clear: Bools) -> list[Span]:
    """Cut a cell at the column lines inside it that are clear."""
    r0, r1, c0, c1 = span
    ends = [*(c0 + int(k) for k in np.flatnonzero(clear)), c1]
    starts = [c0, *(end + 1 for end in ends[:-1])]
    return [(r0, r1, start, end) for start, end in zip(starts, ends, strict=True)]


def inside_grid(grid: Grid, glyphs: Glyphs) -> Bools:
    """Which glyphs have their middle in a grid."""
    box = grid.box
    x, y = glyphs.x0 + glyphs.x1, glyphs.y0 + glyphs.y1
    return (x > 2 * box.x0) & (x < 2 * box.x1) & (y > 2 * box.y0) & (y < 2 * box.y1)


def may_be_packed(grid: Grid, glyphs: Glyphs) -> bool:
    """Whether a grid has room for several lines in few rows. Cheap: nearly all grids fail it."""
    rows = len(grid.ys) - 1
    if not len(glyphs) or rows > 12:
        return False
    height = float(np.median(glyphs.y1 - glyphs.y0))
    tallest = max(below - above for above, below in zip(grid.ys, grid.ys[1:], strict=False))
    return tallest > PACKED_LINES * height


def is_packed(grid: Grid, words: Sequence[Word]) -> bool:
    """Whether the lines in the boxes of a grid are rows of figures, so that its rules tell only a part of the table.

    `words` are those inside the grid. A form's boxes hold wrapped text: there lines are no rows.
    """
    lines = words_to_lines(words)
    packed = [
        line for line in lines if _lines_beside(grid, line.middle, [other.middle for other in lines]) >= PACKED_LINES
    ]
    several = [line for line in packed if len(line.words) > 1]
    if len(several) < PACKED_LINES or len(several) < 0.8 * len(packed) or 2 * len(packed) < len(lines):
        return False
    columns = find_columns(lines, grid.xs[1:-1])
    rows = lines_to_rows(cut_lines(several, columns), columns, grid.ys)
    return len(columns) > 1 and len(rows) >= 0.9 * len(several) and share_of_figures(rows) > 0.6


def _lines_beside(grid: Grid, y: float, middles: Sequence[float]) -> int:
    """How many lines stand in the row of the grid that holds height `y`."""
    row = int(np.searchsorted(grid.ys, y))
    if row == 0 or row == len(grid.ys):
        return 0
    return sum(grid.ys[row - 1] < middle < grid.ys[row] for middle in middles)
