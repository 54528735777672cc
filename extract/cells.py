"""Which cell each character belongs to.

Characters are gathered into runs (pieces of one line of text as it was drawn). A run that lies well inside one cell is
that cell's. A run whose place is in doubt (it crosses a rule, overlaps other text, goes on a line pitch away in the next
cell, leaves the table or the page) is asked for its clip path: text is the cell's that clips it, and what the clip leaves
out is hidden. Without a clip it belongs to the cell where its line starts and sits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from extract.glyphs import Bools, ClipSource, Floats, Glyphs, Ints
from extract.grid import Grid
from model import Box

__all__ = ["OUTSIDE", "Run", "place_runs"]

# Characters of one line lie this close across it (in heights of the text), and a run ends at a wider gap along it.
SAME_LINE = 0.35
RUN_GAP = 0.9
RUN_BACK = -0.5
# Text that goes on over a rule with less of a gap than this was not set for the next cell.
CROSS_GAP = 0.12
# How far (in heights) text may reach over a rule before its place is in doubt.
OVERHANG = 0.22
# Lines closer than this (in heights) are drawn over one another; a paragraph's next line follows within PITCH.
CROWDED = 0.85
PITCH = 2.3
# Lines drawn over one another were seen cut into this many runs.
_LINE_RUNS = 4
# How far a clip may reach over the cell that it cuts, in points.
CLIP_SLACK = 4.0
OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of one line of text in one cell (or OUTSIDE): its glyphs in order, its box, and which of them show.

    `hidden` holds the glyphs (by number) that the page clips away.
    """

    glyphs: Sequence[int]
    x0: float
    y0: float
    x1: float
    y1: float
    cell: int
    hidden: frozenset[int] = frozenset()


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


def place_runs(glyphs: Glyphs, grids: Sequence[Grid], size: tuple[float, float], clips: ClipSource) -> list[Run]:
    """Cut the page's text into runs and give each to a cell: numbers count the spans of all grids in order."""
    if not len(glyphs):
        return []
    boxes = np.array([grid.span_box(span) for grid in grids for span in grid.spans], dtype=float).reshape(-1, 4)
    owner = _owners(glyphs, grids)
    runs = _cut_runs(glyphs, owner)
    ends = np.append(runs.start[1:], len(glyphs)).tolist()
    doubt = _doubtful(runs, boxes, size)
    placed: list[Run] = []
    doubtful: list[range] = []
    for start, end, x0, y0, x1, y1, cell, open_ in zip(
        runs.start.tolist(), ends, runs.x0.tolist(), runs.y0.tolist(), runs.x1.tolist(), runs.y1.tolist(),
        runs.low.tolist(), doubt.tolist(), strict=True,
    ):  # fmt: skip
        if open_:
            doubtful.append(range(start, end))
        else:
            placed.append(Run(range(start, end), x0, y0, x1, y1, cell))
    if doubtful:
        placed += _settle(doubtful, _Settling(glyphs, owner, boxes, size, clips))
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


def _mark_continued(runs: _Runs, boxes: Floats, height: Floats, doubt: Bools) -> None:
    """A line that follows the one drawn before it at a line's pitch, but in another cell of the same column, may be what
    the first one's cell clips away; so may those that follow it."""
    pitch = np.abs((runs.y0[1:] + runs.y1[1:]) - (runs.y0[:-1] + runs.y1[:-1])) / 2
    low = np.minimum(height[1:], height[:-1])
    follows = (pitch > SAME_LINE * low) & (pitch < PITCH * low)
    inside = runs.low >= 0
    left = np.where(inside, boxes[runs.low, 0], runs.x0)
    right = np.where(inside, boxes[runs.low, 2], runs.x1)
    follows &= np.minimum(runs.x1[1:], right[:-1]) > np.maximum(runs.x0[1:], left[:-1])
    leaves = follows & (runs.low[1:] != runs.low[:-1])
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
    """Runs of one cell that are drawn over one another: then all text of that cell is in doubt."""
    middle = (runs.y0 + runs.y1) / 2
    order = np.lexsort((runs.x0, middle, runs.low))
    for step in range(1, min(_LINE_RUNS, len(order))):  # those of one line may stand in any order
        a, b = order[:-step], order[step:]
        low = np.minimum(height[a], height[b])
        overlap = np.minimum(runs.x1[a], runs.x1[b]) - np.maximum(runs.x0[a], runs.x0[b])
        crowded = (runs.low[a] == runs.low[b]) & (runs.low[a] >= 0) & (overlap > OVERHANG * low)
        crowded &= middle[b] - middle[a] < CROWDED * low
        if crowded.any():
            doubt |= np.isin(runs.low, runs.low[a[crowded]])


@dataclass(frozen=True, slots=True)
class _Settling:
    """What is needed to settle runs in doubt."""

    glyphs: Glyphs
    owner: Ints
    boxes: Floats
    size: tuple[float, float]
    clips: ClipSource


def _settle(doubtful: Iterable[range], page: _Settling) -> list[Run]:
    """Give glyphs in doubt to the cells that clip them; the rest by their line."""
    index = page.glyphs.index.tolist()
    cells: dict[Box, int] = {}
    clipped: dict[tuple[int, Box], list[int]] = {}
    placed: list[Run] = []
    for run in doubtful:
        loose: list[int] = []
        handles: list[int] = []
        for k, (handle, clip) in zip(run, _clips_of(run, index, page.clips), strict=True):
            if clip is not None and clip not in cells:
                cells[clip] = _clipping_cell(clip, page.boxes)
            if clip is not None and cells[clip] != OUTSIDE:
                clipped.setdefault((cells[clip], clip), []).append(k)
            elif clip is None or _is_seen(k, clip, page.glyphs):
                loose.append(k)
                handles.append(handle)
        if loose:
            placed += _place_loose(loose, handles, page)
    for (cell, clip), where in clipped.items():
        placed += _lines_of(where, cell, clip, page.glyphs)
    return placed


def _clips_of(run: range, index: list[int], clips: ClipSource) -> list[tuple[int, Box | None]]:
    """Object and clip of each glyph. A run under one clip at its ends and middle is under it throughout."""
    if len(run) < 5:
        return [clips.of(index[k]) for k in run]
    samples = [clips.of(index[k]) for k in (run[0], run[len(run) // 2], run[-1])]
    if len({clip for _, clip in samples}) == 1 and len({handle for handle, _ in samples}) == 3:
        return [(-k, samples[0][1]) for k in run]  # one object a character, as WPS draws: handles only need to differ
    return [clips.of(index[k]) for k in run]


def _is_seen(k: int, clip: Box, glyphs: Glyphs) -> bool:
    x, y = (glyphs.x0[k] + glyphs.x1[k]) / 2, (glyphs.y0[k] + glyphs.y1[k]) / 2
    return bool(clip.x0 <= x <= clip.x1 and clip.y0 <= y <= clip.y1)


def _clipping_cell(clip: Box, boxes: Floats) -> int:
    """The cell that a clip belongs to, OUTSIDE where it cuts more than one cell (a page's or a table's own clip)."""
    if not len(boxes):
        return OUTSIDE
    x, y = (clip.x0 + clip.x1) / 2, (clip.y0 + clip.y1) / 2
    inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
    inside &= (clip.x0 >= boxes[:, 0] - CLIP_SLACK) & (clip.x1 <= boxes[:, 2] + CLIP_SLACK)
    inside &= (clip.y0 >= boxes[:, 1] - CLIP_SLACK) & (clip.y1 <= boxes[:, 3] + CLIP_SLACK)
    found = np.flatnonzero(inside)
    if not len(found):
        return OUTSIDE
    area = (boxes[found, 2] - boxes[found, 0]) * (boxes[found, 3] - boxes[found, 1])
    return int(found[np.argmin(area)])


def _lines_of(where: list[int], cell: int, clip: Box, glyphs: Glyphs) -> list[Run]:
    """Runs of the glyphs that one cell clips, cut where the line changes, with what the clip hides."""
    at = np.array(where)
    part = glyphs.take(at)
    x, y = (part.x0 + part.x1) / 2, (part.y0 + part.y1) / 2
    seen = (x >= clip.x0 - 0.3) & (x <= clip.x1 + 0.3) & (y >= clip.y0 - 0.3) & (y <= clip.y1 + 0.3)
    starts = _cut_runs(part, np.zeros(len(part), dtype=np.int64)).start.tolist()
    runs = []
    for start, end in zip(starts, [*starts[1:], len(where)], strict=True):
        hidden = frozenset(where[k] for k in range(start, end) if not seen[k])
        runs.append(_run(where[start:end], cell, glyphs, hidden))
    return runs


def _run(where: Sequence[int], cell: int, glyphs: Glyphs, hidden: frozenset[int] = frozenset()) -> Run:
    at = np.array(where)
    return Run(
        where, float(glyphs.x0[at].min()), float(glyphs.y0[at].min()), float(glyphs.x1[at].max()),
        float(glyphs.y1[at].max()), cell, hidden,
    )  # fmt: skip


def _place_loose(where: list[int], handles: list[int], page: _Settling) -> list[Run]:
    """Place a piece of a line that no cell clips. Off the page it is dropped: nobody ever saw it."""
    glyphs = page.glyphs
    at = np.array(where)
    if (
        glyphs.x1[at].max() < 0 or glyphs.y1[at].max() < 0
        or glyphs.x0[at].min() > page.size[0] or glyphs.y0[at].min() > page.size[1]
    ):  # fmt: skip
        return []
    pieces = _split_at_rules(where, handles, page)
    return [_run(piece, _start_cell(piece, page), glyphs) for piece in pieces]


def _split_at_rules(where: list[int], handles: list[int], page: _Settling) -> list[list[int]]:
    """Cut a line where it passes from cell to cell between two text objects, or where a rule stands between two
    characters and neither touches it: two cells' texts, set tight."""
    pieces = [[where[0]]]
    glyphs, owner = page.glyphs, page.owner
    lone = len(set(handles)) > len(where) / 2  # one object a character: a new object says nothing
    for (a, b), (handle_a, handle_b) in zip(
        zip(where, where[1:], strict=False), zip(handles, handles[1:], strict=False), strict=True
    ):
        if owner[a] != owner[b] and owner[a] >= 0 and owner[b] >= 0 and (
            (handle_a != handle_b and not lone) or _is_clear(a, b, page)
        ):  # fmt: skip
            pieces.append([])
        elif owner[a] != owner[b] and glyphs.x0[b] - glyphs.x1[a] > RUN_GAP * (glyphs.y1[a] - glyphs.y0[a]):
            pieces.append([])
        pieces[-1].append(b)
    return pieces


def _is_clear(a: int, b: int, page: _Settling) -> bool:
    """Whether the rule between glyphs a and b, of two cells side by side, runs between them without touching either."""
    rule = page.boxes[page.owner[a], 2]
    slack = 0.04 * (page.glyphs.y1[a] - page.glyphs.y0[a])
    return bool(page.glyphs.x1[a] <= rule - slack and page.glyphs.x0[b] >= rule + slack)


def _start_cell(where: Sequence[int], page: _Settling) -> int:
    """The cell of a line that crosses rules: the one that it is centred on, else the one that it starts in."""
    owners = [int(page.owner[k]) for k in where]
    first = owners[0]
    if len(set(owners)) == 1 or first == OUTSIDE:
        return max(set(owners), key=owners.count)
    middle = float(page.glyphs.x0[where[0]] + page.glyphs.x1[where[-1]]) / 2
    height = float(page.glyphs.y1[where[0]] - page.glyphs.y0[where[0]])
    for cell in dict.fromkeys(owners):
        if cell != OUTSIDE and cell != first:
            box = page.boxes[cell]
            if abs((box[0] + box[2]) / 2 - middle) < height / 2 and box[0] < middle < box[2]:
                return cell
    return first
