"""What a page's rules leave out, read by how its text stands: the door from the page to the reading without rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extract.glyphs import Bools, Glyphs
from extract.grid import Grid, Segment
from extract.pdfium import OpenPage
from extract.rules import Drawing
from extract.settle import Run
from extract.unruled import Reading, UnruledPage, may_hold_table, read_unruled
from extract.unruled_grid import complete_columns, inside_grid, is_packed, may_be_packed
from extract.unruled_words import glyphs_to_words, runs_to_words
from model import Box, Table

__all__ = ["complete_grids", "is_drawing", "read_beside", "runs_beside"]

# Rules this close (points) to a grid's side are part of it.
_SIDE = 2.0


def complete_grids(
    grids: Sequence[Grid], drawing: Drawing, glyphs: Glyphs, text: str, space: Bools
) -> tuple[list[Grid], list[Grid]]:
    """The grids with the columns that their rules leave out, and apart from them those whose boxes hold several rows.

    The latter are read by `read_beside`. `text` and `space` have a place for each glyph: its character, and whether a
    space stands before it.
    """
    whole, packed = [], []
    for grid in (complete_columns(grid, drawing.horizontal, drawing.vertical, glyphs) for grid in grids):
        if may_be_packed(grid, glyphs):
            where = np.flatnonzero(inside_grid(grid, glyphs)).tolist()
            if is_packed(grid, glyphs_to_words(glyphs, where, text, space)):
                packed.append(grid)
                continue
        whole.append(grid)
    return whole, packed


def read_beside(
    page: OpenPage,
    drawing: Drawing,
    grids: Sequence[Grid],
    packed: Sequence[Grid],
    runs: Sequence[Run],
    glyphs: Glyphs,
    text: str,
    space: Bools,
) -> Reading:
    """Read the tables among `runs`, the page's text outside `grids`, and those of the `packed` grids."""
    if not packed and not may_hold_table(runs):
        return Reading()
    boxes = [grid.box for grid in grids]
    return read_unruled(
        UnruledPage(
            number=page.number,
            words=runs_to_words(page, runs, glyphs, text, space),
            horizontal=[rule for rule in drawing.horizontal if not any(_runs_in(rule, box) for box in boxes)],
            vertical=[rule for rule in drawing.vertical if not any(_runs_in(rule, _turned(box)) for box in boxes)],
            packed=packed,
        )
    )


def runs_beside(runs: Sequence[Run], tables: Sequence[Table]) -> list[Run]:
    """The runs that stand in none of the tables."""
    return [run for run in runs if not any(_holds(table.bbox, run) for table in tables)]


def _holds(box: Box, run: Run) -> bool:
    return box.x0 < (run.x0 + run.x1) / 2 < box.x1 and box.y0 < (run.y0 + run.y1) / 2 < box.y1


def _runs_in(rule: Segment, box: Box) -> bool:
    place, start, end = rule
    return box.y0 - _SIDE < place < box.y1 + _SIDE and start < box.x1 and end > box.x0


def _turned(box: Box) -> Box:
    """The box with its sides exchanged, for vertical rules."""
    return Box(box.y0, box.x0, box.y1, box.x1)


def is_drawing(table: Table) -> bool:
    """Whether a ruled table is a drawing: bars or axes of a chart, a grid without any text.

    Bars end anywhere between the lines of a chart, so that many of its cells span others and few hold text. A published
    table that was left blank still has its head, and its body is regular.
    """
    filled = sum(bool(cell.text) for cell in table.cells)
    spanning = sum(cell.r1 > cell.r0 or cell.c1 > cell.c0 for cell in table.cells)
    count = len(table.cells)
    return not filled or (count > 20 and filled < 0.25 * count < spanning)
