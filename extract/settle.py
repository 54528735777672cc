"""Runs of text whose cell is in doubt: settled by the clip that each is drawn under, else by where its line stands."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from extract.glyphs import ClipSource, Glyphs
from model import Box

__all__ = ["OUTSIDE", "PADDING", "RUN_BACK", "RUN_GAP", "SAME_LINE", "Doubt", "Run", "settle_runs"]

OUTSIDE = -1
# Characters of one line lie this close across it (in heights of the text), and a run ends at a wider gap along it.
SAME_LINE = 0.35
RUN_GAP = 0.9
# Characters of one text overlap by no more than this: two texts on one line are sorted into each other by their place.
RUN_BACK = -0.2
# Cells keep their text from the rule by 1 pt (Calc) to 5.4 pt (Word), in points.
PADDING = 6.5
# Text whose line is this much higher or lower (in heights) is another text.
STEP = 0.06
# A character that reaches this much (in heights) into the cell above or below may be that one's.
INSIDE_OTHER = 0.22
# How far a clip may reach over the cell that it cuts, in points.
CLIP_SLACK = 4.0


class Run(NamedTuple):
    """A piece of one line of text in one cell (or OUTSIDE): its glyphs in order and its box.

    `hidden` holds those of its glyphs (by number) that the page clips away.
    """

    glyphs: Sequence[int]
    x0: float
    y0: float
    x1: float
    y1: float
    cell: int
    hidden: frozenset[int] = frozenset()


class Doubt:
    """What is needed to settle runs in doubt: the page's glyphs as plain lists, the cell under each, and all cells."""

    __slots__ = ("cells", "clips", "index", "owner", "size", "x0", "x1", "y0", "y1")

    def __init__(
        self, glyphs: Glyphs, owner: list[int], cells: Sequence[Box], size: tuple[float, float], clips: ClipSource
    ) -> None:
        self.index: list[int] = glyphs.index.tolist()
        self.x0: list[float] = glyphs.x0.tolist()
        self.y0: list[float] = glyphs.y0.tolist()
        self.x1: list[float] = glyphs.x1.tolist()
        self.y1: list[float] = glyphs.y1.tolist()
        self.owner, self.cells, self.size, self.clips = owner, cells, size, clips

    def is_seen(self, k: int, clip: Box, slack: float = 0.3) -> bool:
        """Whether the clip leaves the middle of glyph k."""
        x, y = (self.x0[k] + self.x1[k]) / 2, (self.y0[k] + self.y1[k]) / 2
        return clip.x0 - slack <= x <= clip.x1 + slack and clip.y0 - slack <= y <= clip.y1 + slack

    def run(self, where: Sequence[int], cell: int, hidden: frozenset[int] = frozenset()) -> Run:
        """A run of these glyphs in that cell."""
        sides = (self.x0, self.y0, self.x1, self.y1)
        if where[-1] - where[0] == len(where) - 1:  # glyphs are in order: most lines are whole
            x0, y0, x1, y1 = (side[where[0] : where[-1] + 1] for side in sides)
        else:
            x0, y0, x1, y1 = ([side[k] for k in where] for side in sides)
        return Run(where, min(x0), min(y0), max(x1), max(y1), cell, hidden)


def settle_runs(doubtful: Iterable[range], page: Doubt) -> list[Run]:
    """Give glyphs in doubt to the cells that clip them; the rest by their line."""
    cells: dict[Box, int] = {}
    clipped: dict[tuple[int, Box], list[int]] = {}
    placed: list[Run] = []
    for run in doubtful:
        loose, unseen, cut = _part(run, cells, clipped, page)
        if cut:  # beside clipped text, what no clip cuts stands in its own cell
            cutting = {cells[clip] for _, clip in _clips_of(run, page) if clip is not None} - {OUTSIDE}
            pieces = itertools.groupby((k for k, _ in loose), page.owner.__getitem__)
            placed += [run for _, piece in pieces for run in _runs_beside(list(piece), cutting, page)]
        elif loose:  # text outside the tables that is seen in part: a title may be cut by a cell without rules
            placed += _place_loose(sorted(loose + unseen) if unseen else loose, page)
    for (cell, clip), where in clipped.items():
        for line in _lines_of(where, page):
            placed.append(page.run(line, cell, frozenset(k for k in line if not page.is_seen(k, clip))))
    return placed


_Part = list[tuple[int, int]]
"""Glyphs and the objects that draw them."""


def _part(
    run: range, cells: dict[Box, int], clipped: dict[tuple[int, Box], list[int]], page: Doubt
) -> tuple[_Part, _Part, bool]:
    """Part a run: what cells clip goes to `clipped`, by cell and clip. The rest is returned: what is seen, what is not
    seen outside the tables, and whether a cell clips any of the run."""
    loose: _Part = []
    unseen: _Part = []
    cut = False
    for k, (handle, clip) in zip(run, _clips_of(run, page), strict=True):
        if clip is not None and clip not in cells:
            cells[clip] = _clipping_cell(clip, page.cells)
        if clip is not None and cells[clip] != OUTSIDE:
            clipped.setdefault((cells[clip], clip), []).append(k)
            cut = True
        elif clip is None or page.is_seen(k, clip, 0.0):
            loose.append((k, handle))
        elif page.owner[k] == OUTSIDE:
            unseen.append((k, handle))
    return loose, unseen, cut


def _runs_beside(where: list[int], cutting: set[int], page: Doubt) -> list[Run]:
    """Characters over one cell that no clip cuts, as runs: those that belong to a cell of `cutting` each apart."""
    own = [k for k in where if _cell_beside(k, cutting, page) == page.owner[k]]
    moved = [page.run([k], _cell_beside(k, cutting, page)) for k in where if k not in own]
    return [page.run(own, page.owner[own[0]]), *moved] if own else moved


def _cell_beside(k: int, cutting: set[int], page: Doubt) -> int:
    """The cell of a character that no clip cuts, in a line that the clips of `cutting` do: its own, unless it reaches
    out of that into one of them. Quotation marks are all that such a clip leaves whole of a line cut near its top."""
    owner = page.owner[k]
    if owner == OUTSIDE or owner in cutting:
        return owner
    x, height = (page.x0[k] + page.x1[k]) / 2, page.y1[k] - page.y0[k]
    own = page.cells[owner]
    for cell in sorted(cutting):
        box = page.cells[cell]
        above = box.y0 < own.y0 and own.y0 - page.y0[k] > INSIDE_OTHER * height
        below = box.y1 > own.y1 and page.y1[k] - own.y1 > INSIDE_OTHER * height
        if box.x0 <= x <= box.x1 and (above or below):
            return cell
    return owner


def _clips_of(run: range, page: Doubt) -> list[tuple[int, Box | None]]:
    """Object and clip of each glyph. A run under one clip at its ends, its middle and where it crosses a rule is under
    it throughout."""
    index, clip_of = page.index, page.clips.of
    if len(run) >= 5:
        asked = {run[0], run[len(run) // 2], run[-1]}
        asked.update(k + step for k in run[:-1] if page.owner[k] != page.owner[k + 1] for step in (0, 1))
        samples = [clip_of(index[k]) for k in sorted(asked)]
        handles = len({handle for handle, _ in samples})
        if len({clip for _, clip in samples}) == 1 and handles in (1, len(samples)):
            lone = handles > 1  # one object a character, as WPS draws
            return [(-k if lone else samples[0][0], samples[0][1]) for k in run]
    return [clip_of(index[k]) for k in run]


def _clipping_cell(clip: Box, cells: Sequence[Box]) -> int:
    """The cell that a clip belongs to, OUTSIDE where it cuts more than one cell (a page's or a table's own clip).

    Of cells inside one another, the last is the inner one's: grids come from the top left.
    """
    x, y = (clip.x0 + clip.x1) / 2, (clip.y0 + clip.y1) / 2
    best, best_area = OUTSIDE, float("inf")
    for number, (x0, y0, x1, y1) in enumerate(cells):
        if (
            y0 <= y <= y1 and x0 <= x <= x1
            and clip.x0 >= x0 - CLIP_SLACK and clip.x1 <= x1 + CLIP_SLACK
            and clip.y0 >= y0 - CLIP_SLACK and clip.y1 <= y1 + CLIP_SLACK
            and (x1 - x0) * (y1 - y0) < best_area
        ):  # fmt: skip
            best, best_area = number, (x1 - x0) * (y1 - y0)
    return best


def _lines_of(where: list[int], page: Doubt) -> list[list[int]]:
    """Glyphs that one cell clips, cut where the line changes."""
    lines = [[where[0]]]
    for a, b in itertools.pairwise(where):
        height = min(page.y1[a] - page.y0[a], page.y1[b] - page.y0[b])
        apart = abs((page.y0[a] + page.y1[a]) - (page.y0[b] + page.y1[b])) / 2
        if apart > SAME_LINE * height or not RUN_BACK * height <= page.x0[b] - page.x1[a] <= RUN_GAP * height:
            lines.append([])
        lines[-1].append(b)
    return lines


def _place_loose(line: _Part, page: Doubt) -> list[Run]:
    """Place a piece of a line that no cell clips. Off the page it is dropped: nobody ever saw it."""
    where, handles = [k for k, _ in line], [handle for _, handle in line]
    whole = page.run(where, OUTSIDE)
    if whole.x1 < 0 or whole.y1 < 0 or whole.x0 > page.size[0] or whole.y0 > page.size[1]:
        return []
    return [page.run(piece, _start_cell(piece, page)) for piece in _split_at_rules(where, handles, page)]


def _split_at_rules(where: list[int], handles: list[int], page: Doubt) -> list[list[int]]:
    """Cut a line where it passes from cell to cell between two text objects, or where a rule stands in a gap between
    two characters or the line steps up or down: two cells' texts, set tight."""
    pieces = [[where[0]]]
    owner = page.owner
    lone = len(set(handles)) > len(where) / 2  # one object a character: a new object says nothing
    for i in range(1, len(where)):
        a, b = where[i - 1], where[i]
        if owner[a] != owner[b]:
            other_object = handles[i - 1] != handles[i] and not lone
            both = owner[a] >= 0 and owner[b] >= 0
            height = page.y1[a] - page.y0[a]
            wide = page.x0[b] - page.x1[a] > RUN_GAP * height
            step = abs(page.y1[a] - page.y1[b]) > STEP * height
            if wide or (both and (other_object or step or _is_clear(a, b, page))):
                pieces.append([])
        pieces[-1].append(b)
    return pieces


def _is_clear(a: int, b: int, page: Doubt) -> bool:
    """Whether the rule between glyphs a and b, of two cells side by side, runs in a gap between them."""
    rule = page.cells[page.owner[a]].x1
    height = page.y1[a] - page.y0[a]
    slack = 0.02 * height
    return page.x1[a] <= rule + slack and page.x0[b] >= rule - slack and page.x0[b] - page.x1[a] > 3 * slack


def _start_cell(where: Sequence[int], page: Doubt) -> int:
    """The cell of a line that crosses rules: the one that it is centred on, or ends in as right-aligned text does; else
    the one that it starts in."""
    owners = [page.owner[k] for k in where]
    first, last = owners[0], owners[-1]
    if first == OUTSIDE or len(set(owners)) == 1:
        return max(set(owners), key=owners.count)
    start, end = page.x0[where[0]], page.x1[where[-1]]
    height = page.y1[where[0]] - page.y0[where[0]]
    for cell in dict.fromkeys(owners):
        if cell not in (OUTSIDE, first):
            box = page.cells[cell]
            if abs((box.x0 + box.x1) / 2 - (start + end) / 2) < height / 2 and box.x0 < (start + end) / 2 < box.x1:
                return cell
    is_right = last != OUTSIDE and 0 <= page.cells[last].x1 - end < PADDING and start - page.cells[first].x0 > PADDING
    return last if is_right else first
