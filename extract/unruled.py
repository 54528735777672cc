"""Tables without rules, or with horizontal ones only: found and read by how the text stands.

words -> lines -> blocks (between rules, or lines with gaps) -> columns -> rows -> cells, and a verdict on what came
out. A wrong table is worse than none: prose, lists, contents and label lines must not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from extract.grid import Grid
from extract.text import join_lines
from extract.unruled_blocks import Block, find_frames, find_free_blocks
from extract.unruled_checks import Verdict, judge_table
from extract.unruled_columns import Columns, cut_lines, find_columns
from extract.unruled_lines import JOIN_GAP, Segment, Word, is_number, words_to_lines
from extract.unruled_rows import Part, Row, lines_to_rows
from model import Box, Cell, Method, Table

__all__ = ["Reading", "UnruledPage", "Word", "may_hold_table", "read_unruled"]


class Boxed(Protocol):
    """Something with a box: a word, or the run that it is made of."""

    @property
    def x0(self) -> float: ...
    @property
    def y0(self) -> float: ...
    @property
    def x1(self) -> float: ...
    @property
    def y1(self) -> float: ...


@dataclass(frozen=True, slots=True)
class UnruledPage:
    """What stands outside a page's ruled tables: words and rules, in points from the top left of the displayed page.

    A word is a piece of a line that no gap wider than a letter parts. `packed` are the grids whose boxes hold several
    rows; what stands in them is among `words`.
    """

    number: int
    words: Sequence[Word]
    horizontal: Sequence[Segment] = ()
    vertical: Sequence[Segment] = ()
    packed: Sequence[Grid] = ()


def may_hold_table(pieces: Sequence[Boxed]) -> bool:
    """Whether lines have gaps in them, three at least. Cheap (0.1 ms): most pages of a report are prose."""
    if len(pieces) < 4:
        return False
    box = np.array([(piece.x0, piece.y0, piece.x1, piece.y1) for piece in pieces])
    middle, height = (box[:, 1] + box[:, 3]) / 2, box[:, 3] - box[:, 1]
    order = np.argsort(middle)
    box, middle, height = box[order], middle[order], height[order]
    least = np.minimum(height[1:], height[:-1])
    beside = np.diff(middle) < 0.5 * least
    gap = np.maximum(box[1:, 0], box[:-1, 0]) - np.minimum(box[1:, 2], box[:-1, 2])
    return int((beside & (gap > JOIN_GAP * least)).sum()) >= 3


@dataclass(frozen=True, slots=True)
class Reading:
    """Tables from top to bottom: those that are sure, and those that need another engine to see the same."""

    sure: tuple[Table, ...] = ()
    doubtful: tuple[Table, ...] = ()


def read_unruled(page: UnruledPage) -> Reading:
    """Read the page's tables that no grid of rules holds."""
    found: dict[Verdict, list[Table]] = {verdict: [] for verdict in Verdict}
    found[Verdict.YES] += [_read_packed(grid, page) for grid in page.packed]
    rest = _outside(page.words, found[Verdict.YES])
    for block in find_frames(rest, page.horizontal):
        _read(block, page, found)
    for block in find_free_blocks(words_to_lines(_outside(rest, found[Verdict.YES]))):
        _read(block, page, found)
    return Reading(_in_order(found[Verdict.YES]), _in_order(found[Verdict.MAYBE]))


def _in_order(tables: Iterable[Table]) -> tuple[Table, ...]:
    return tuple(sorted(tables, key=lambda table: (table.bbox.y0, table.bbox.x0)))


def _outside(words: Sequence[Word], tables: Sequence[Table]) -> list[Word]:
    return [word for word in words if not any(_holds(table.bbox, word) for table in tables)]


def _read_packed(grid: Grid, page: UnruledPage) -> Table:
    lines = words_to_lines(word for word in page.words if _holds(grid.box, word))
    columns = find_columns(lines, grid.xs[1:-1])
    columns = Columns(columns.cores, (grid.xs[0], *columns.lines[1:-1], grid.xs[-1]))
    rows = lines_to_rows(cut_lines(lines, columns), columns, grid.ys)
    return _table(rows, columns, grid.ys, page.number)


def _holds(box: Box, word: Word) -> bool:
    return box.y0 < word.middle < box.y1 and box.x0 < (word.x0 + word.x1) / 2 < box.x1


def _read(block: Block, page: UnruledPage, found: dict[Verdict, list[Table]]) -> None:
    """Read a block, and put the table under what its rows and columns say."""
    top, foot = block.lines[0].y0, block.lines[-1].y1
    borders = [x for x, y0, y1 in page.vertical if min(y1, foot) - max(y0, top) > 0.5 * (foot - top)]
    columns = find_columns(block.lines, borders)
    if len(columns) < 2:
        return
    rows = lines_to_rows(cut_lines(block.lines, columns), columns, block.rules)
    verdict = judge_table(rows, columns, len(block.rules))
    if verdict is not Verdict.NO:
        found[verdict].append(_table(rows, columns, block.rules, page.number))


def _table(rows: Sequence[Row], columns: Columns, rules: Sequence[float], page: int) -> Table:
    xs, ys = columns.lines, _borders(rows, rules)
    cells = [
        Cell(r0, r1, c0, c1, join_lines(lines), Box(xs[c0], ys[r0], xs[c1 + 1], ys[r1 + 1]), page, None, lines)
        for r0, r1, c0, c1, lines in _with_tall_heads([_row_cells(row, len(columns)) for row in rows])
    ]
    box = Box(xs[0], ys[0], xs[-1], ys[-1])
    return Table(page, page, Method.TEXT, "unruled", box, len(rows), len(columns), tuple(cells))


RowCell = tuple[int, int, tuple[str, ...]]
"""First and last column of a cell, and its lines."""


def _with_tall_heads(rows: Sequence[Sequence[RowCell]]) -> Iterator[tuple[int, int, int, int, tuple[str, ...]]]:
    """Cells with their rows. Beside a head of several columns, parted in the row below, the other heads are two rows
    tall."""
    covered: set[int] = set()
    for r, row in enumerate(rows):
        below = rows[r + 1] if r + 1 < len(rows) else ()
        tall = _tall_heads(row, below) if not covered else set()
        for c0, c1, lines in row:
            if c0 not in covered:
                yield (r, r + 1 if c0 in tall else r, c0, c1, lines)
        covered = tall


def _tall_heads(row: Sequence[RowCell], below: Sequence[RowCell]) -> set[int]:
    """The columns whose heads go on into the row below."""
    wide = [(c0, c1) for c0, c1, lines in row if c1 > c0 and lines]
    filled = [(c0, c1) for c0, c1, lines in below if lines]
    if not wide or any(is_number(lines[0]) for _, _, lines in (*row, *below) if lines):
        return set()
    parted = {span for span in wide if sum(span[0] <= c0 and c1 <= span[1] for c0, c1 in filled) > 1}
    if not parted or not all(any(a <= c0 and c1 <= b for a, b in parted) for c0, c1 in filled):
        return set()
    return {c for c0, c1, lines in row if lines and (c0, c1) not in parted for c in range(c0, c1 + 1)}


def _borders(rows: Sequence[Row], rules: Sequence[float]) -> list[float]:
    """The heights between rows: where a rule runs, else in the middle."""
    ys = [rows[0].y0]
    for above, below in pairwise(rows):
        between = [rule for rule in rules if above.y0 < rule < below.y1]
        ys.append(between[0] if between else (above.y1 + below.y0) / 2)
    return [*ys, rows[-1].y1]


def _row_cells(row: Row, count: int) -> list[RowCell]:
    """The cells of a row, blank ones too: first and last column, lines of text."""
    groups: list[list[Part]] = []
    for part in sorted(row.parts, key=lambda part: (part.c0, part.c1)):
        if groups and part.c0 <= max(other.c1 for other in groups[-1]):
            groups[-1].append(part)
        else:
            groups.append([part])
    cells: list[RowCell] = []
    column = 0
    for group in groups:
        c0, c1 = group[0].c0, max(part.c1 for part in group)
        cells += [(c, c, ()) for c in range(column, c0)]
        cells.append((c0, c1, _lines_of(group)))
        column = c1 + 1
    return cells + [(c, c, ()) for c in range(column, count)]


def _lines_of(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(" ".join(word.text for word in line.words) for line in words_to_lines(part.word for part in parts))
