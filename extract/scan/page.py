"""A picture of a page in, its tables and lines out: the same types that a text page gives.

picture -> ink -> straight -> rules -> grid -> strips of text -> recognised -> cells and lines, with their boxes on the
page as it lies in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from extract.grid import Grid
from extract.page import place_page, turn_page
from extract.readings import join_readings
from extract.scan.again import less_sure, read_surely, surer
from extract.scan.beside import Text, read_lines, read_unruled_tables, text_to_word
from extract.scan.ink import Picture
from extract.scan.layout import Layout, find_outside, lay_out
from extract.scan.lines import Frame, Strip
from extract.scan.marks import Marked, read_marks, read_stack, settle_marks
from extract.scan.paper import cut_paper
from extract.scan.recognise import Recognised, recogniser
from extract.text import join_lines
from extract.unruled_grid import PACKED_LINES, is_packed
from extract.unruled_page import is_drawing
from model import Box, Cell, Method, Page, Reading, Table

__all__ = ["is_residue", "read_picture"]

# Lines are upright where those tried are recognised as surely as this, on average.
_UPRIGHT, _SURELY_UPRIGHT = 0.86, 0.95
# Where no lines stand outside of grids to tell, those in cells of bad pictures are likely upright if they are read so
# surely, and so much more surely than upside down.
_LIKELY_UPRIGHT, _SURER = 0.55, 0.3
# Lines lie level that are so much wider than high: such a page stands on its feet or its head, however badly it is
# read.
_WIDE, _MOST_LINES = 2.0, 0.7
_TRIED, _LONG_LINE = 6, 6
# A line outside of tables that is less sure is a pattern, a signature or a seal.
_LEAST_SURE = 0.45
# A table has so many cells of text that are as sure as this; the lines of charts, maps and shadows make emptier grids.
_SURE_CELLS, _FILLED, _SURE = 3, 0.08, 0.6
# What only the gentle removal of a seal shows is its streaks, unless it is as sure as this.
_UNDER_A_SEAL = 0.9
# Nothing is surer than this that was read under a seal without colour, which print may have gone with.
_UNDER_A_GREY_SEAL = 0.9
_LONE_MARKS = frozenset("-.·")
# Grids with more rows are told by their rules.
_PACKED_ROWS = 12


def read_picture(picture: Picture, scale: float, number: int, threads: int) -> Page:
    """Read the picture of a page, of `scale` pixels a point. `threads` is how many the recogniser may use.

    The page's size, and all boxes, are in points of the picture as it was given, whichever way up its text stands.
    """
    height, width = (side / scale for side in picture.shape[:2])
    cut = cut_paper(picture)
    upright = _find_upright(cut.picture, scale, threads)
    page = _read_layout(upright.layout, upright.outside, number, threads)
    if upright.turn:
        page = turn_page(page, upright.turn, *(side / scale for side in cut.picture.shape[1::-1]))
    if cut.x or cut.y:
        page = place_page(page, lambda box: _moved(box, cut.x / scale, cut.y / scale))
    return replace(page, width=width, height=height)


def _moved(box: Box, x: float, y: float) -> Box:
    return Box(round(box.x0 + x, 2), round(box.y0 + y, 2), round(box.x1 + x, 2), round(box.y1 + y, 2))


# ---------------------------------------------------------------------------------------------------------------------
# Which way up
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Upright:
    """The clockwise quarter turns that set a page upright, its layout then, and its lines outside of grids."""

    turn: int
    layout: Layout
    outside: tuple[Frame, ...]


def _find_upright(picture: Picture, scale: float, threads: int) -> _Upright:
    """The page set upright. Turns are tried in the order in which scans need them, until lines are recognised; where
    they are surer upside down, the page is turned over."""
    best: tuple[float, _Upright] | None = None
    turns = [0, 1, 3, 2]
    while turns:
        turn = turns.pop(0)
        layout = lay_out(np.ascontiguousarray(np.rot90(picture, -turn)), scale)
        upright = _Upright(turn, layout, tuple(find_outside(layout, threads)))
        sure, over = _how_sure(upright, threads)
        level = _lies_level(upright)
        likely = sure >= over if level else level is None and sure >= max(_LIKELY_UPRIGHT, over + _SURER)
        if likely or sure >= max(_UPRIGHT, over) or not (upright.outside or any(layout.cells)):
            return upright
        if level or over > max(sure, _UPRIGHT):
            turns = [other for other in turns if other == (turn + 2) % 4]
        if best is None or sure > best[0]:  # others are let go: a layout takes ten bytes a pixel
            best = sure, upright
    assert best is not None  # noqa: S101  one turn at least was tried
    return best[1]


def _lies_level(upright: _Upright) -> bool | None:
    """Whether most lines outside of grids go from side to side; None where there are none. In the cells of grids they
    are cut as if they did."""
    wide = [frame.x1 - frame.x0 > _WIDE * (frame.y1 - frame.y0) for frame in upright.outside]
    return sum(wide) >= _MOST_LINES * len(wide) if wide else None


def _how_sure(upright: _Upright, threads: int) -> tuple[float, float]:
    """How surely some of the longest lines are recognised, as they stand and upside down, 0 to 1. Short ones count for
    less: lone letters look alike from several sides."""
    strips = [strip for strip in chain.from_iterable(upright.layout.cells) if not strip.is_stack]
    strips += [Strip((frame,)) for frame in upright.outside]
    longest = sorted(strips, key=lambda strip: strip.frames[0].x0 - strip.frames[0].x1)[:_TRIED]
    pictures = [upright.layout.picture_of(strip) for strip in longest]
    sure = _mean_weight(recogniser(threads).read_lines(pictures))
    if sure >= _SURELY_UPRIGHT:
        return sure, 0.0
    over = [np.ascontiguousarray(picture[::-1, ::-1]) for picture in pictures]
    return sure, _mean_weight(recogniser(threads).read_lines(over))


def _mean_weight(lines: Sequence[Recognised]) -> float:
    weights = [line.confidence * min(len(line.text) / _LONG_LINE, 1.0) for line in lines]
    return sum(weights) / len(weights) if weights else 0.0


# ---------------------------------------------------------------------------------------------------------------------
# Recognition
# ---------------------------------------------------------------------------------------------------------------------


def _read_layout(layout: Layout, outside: Sequence[Frame], number: int, threads: int) -> Page:
    """Recognise a page's strips, all at once, and put cells, tables and lines together."""
    strips = [*chain.from_iterable(layout.cells), *(Strip((frame,)) for frame in outside)]
    read = read_surely(recogniser(threads), [layout.picture_of(strip) for strip in strips], layout.height)
    read = _read_under_seals(layout, strips, read, threads)
    texts = [
        Text(strip.frames[0], line, _mark(layout, strip, line)) for strip, line in zip(strips, read, strict=True)
    ]
    cells, rest = _by_cell(layout, texts)
    rest = [text for text in rest if text.marked.text.strip() and text.line.confidence >= _LEAST_SURE]
    settled = settle_marks([*([text.marked for text in cell] for cell in cells), *([text.marked] for text in rest)])
    cells = [
        [replace(text, marked=marked) for text, marked in zip(cell, lines, strict=True)]
        for cell, lines in zip(cells, settled[: len(cells)], strict=True)
    ]
    rest = [replace(text, marked=lines[0]) for text, lines in zip(rest, settled[len(cells) :], strict=True)]
    return _put_together(layout, cells, rest, number)


def _read_under_seals(
    layout: Layout, strips: Sequence[Strip], read: Sequence[Recognised], threads: int
) -> list[Recognised]:
    """The readings, those under a seal compared with what a gentler removal of it shows."""
    stamped = [n for n, strip in enumerate(strips) if layout.is_stamped(strip)]
    looks = [layout.gentle_picture_of(strips[n]) for n in stamped]
    found = dict(zip(stamped, read_surely(recogniser(threads), looks, layout.height), strict=True))
    settled = [surer(line, found[n], _UNDER_A_SEAL) if n in found else line for n, line in enumerate(read)]
    if layout.sheet.ink.grey:
        settled = [less_sure(line, _UNDER_A_GREY_SEAL) if n in found else line for n, line in enumerate(settled)]
    return settled


def _mark(layout: Layout, strip: Strip, line: Recognised) -> Marked:
    if strip.is_stack:
        return read_stack(line)
    return read_marks(line, layout.ink_of(strip.frames[0]), layout.height)


def _by_cell(layout: Layout, texts: Sequence[Text]) -> tuple[list[list[Text]], list[Text]]:
    """The texts of each cell, and those outside."""
    rest = iter(texts)
    cells = [[next(rest) for _ in cell] for cell in layout.cells]
    return cells, list(rest)


def _put_together(layout: Layout, cells: Sequence[Sequence[Text]], rest: list[Text], number: int) -> Page:
    tables: list[Table] = []
    packed: list[Grid] = []
    at = 0
    strips = iter(layout.cells)
    for grid in layout.grids:
        mine = cells[at : at + len(grid.spans)]
        at += len(grid.spans)
        made = [
            _cell(layout, grid, span, next(strips), texts, number)
            for span, texts in zip(grid.spans, mine, strict=True)
        ]
        if _may_be_packed(grid, layout) and is_packed(grid, [text_to_word(layout, t) for c in mine for t in c]):
            packed.append(grid)
            rest += [text for cell in mine for text in cell]
        elif _is_table(table := _table(layout, grid, made, number)):
            tables.append(table)
        else:
            rest += [text for cell in mine for text in cell if text.line.confidence >= _LEAST_SURE]
    unruled = read_unruled_tables(layout, rest, packed, number)
    rest = [text for text in rest if not any(_holds(table.bbox, layout.box_of(text.frame)) for table in unruled)]
    tables += [_on_page(table, layout) for table in unruled]
    tables.sort(key=lambda table: (table.bbox.y0, table.bbox.x0))
    return Page(number, 0.0, 0.0, Method.OCR, tuple(tables), tuple(read_lines(layout, rest, number)))


def _holds(outer: Box, inner: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return outer.x0 < x < outer.x1 and outer.y0 < y < outer.y1


def _on_page(table: Table, layout: Layout) -> Table:
    cells = tuple(
        replace(cell, bbox=layout.on_page(cell.bbox), reading=cell.reading if cell.text else _blank(layout, cell.bbox))
        for cell in table.cells
    )
    return replace(table, bbox=layout.on_page(table.bbox), cells=cells)


# ---------------------------------------------------------------------------------------------------------------------
# Tables
# ---------------------------------------------------------------------------------------------------------------------


def _may_be_packed(grid: Grid, layout: Layout) -> bool:
    rows = len(grid.ys) - 1
    tallest = max(below - above for above, below in zip(grid.ys, grid.ys[1:], strict=False))
    return rows <= _PACKED_ROWS and tallest > PACKED_LINES * layout.height / layout.scale


def _is_table(table: Table) -> bool:
    """Whether a grid holds enough text that was surely read."""
    sure = sum(bool(cell.text) and _is_sure(cell) for cell in table.cells)
    enough = max(min(_SURE_CELLS, len(table.cells) - 1), 1, _FILLED * len(table.cells))
    return not is_drawing(table) and sure >= enough


def _is_sure(cell: Cell) -> bool:
    confidences = cell.reading.confidences if cell.reading is not None else ()
    return bool(confidences) and sum(confidences) / len(confidences) >= _SURE


def _table(layout: Layout, grid: Grid, cells: Sequence[Cell], number: int) -> Table:
    engine = "open" if layout.is_open(grid) else "ruled"
    return Table(
        number, number, Method.OCR, engine, layout.on_page(grid.box), len(grid.ys) - 1, len(grid.xs) - 1,
        tuple(cells), tuple(x - grid.xs[0] for x in grid.xs),
    )  # fmt: skip


def _cell(
    layout: Layout,
    grid: Grid,
    span: tuple[int, int, int, int],
    strips: Sequence[Strip],
    texts: Sequence[Text],
    number: int,
) -> Cell:
    box = grid.span_box(span)
    shown = [(strip, text.marked) for strip, text in zip(strips, texts, strict=True) if text.marked.text]
    if any(any(char.isalnum() for char in line.text) for _, line in shown):
        shown = [(strip, line) for strip, line in shown if not is_residue(line)]
    lines = [line.text for _, line in shown]
    text = join_lines(lines, [_is_full(strip, box, layout) for strip, _ in shown])
    reading = join_readings([(line.text, line.reading) for _, line in shown], text) if text else _blank(layout, box)
    if reading is not None and any(layout.covers(frame) for strip, _ in shown for frame in strip.frames):
        reading = replace(reading, hidden=True)
    return Cell(*span, text, layout.on_page(box), number, None, tuple(lines), reading)


def _blank(layout: Layout, box: Box) -> Reading | None:
    """The reading of a cell in which nothing was read: none, but for one with a seal's ink that may hide a text."""
    return Reading((), hidden=True) if layout.hides(box) else None


def is_residue(line: Marked) -> bool:
    """Whether a line beside others holds marks alone, unsurely read: what creases, seals and specks leave; or one
    mark, which before a number would make it negative."""
    confidences = line.reading.confidences
    unsure = not confidences or min(confidences) < _SURE
    return line.text in _LONE_MARKS or (unsure and not any(char.isalnum() for char in line.text))


def _is_full(strip: Strip, box: Box, layout: Layout) -> bool:
    """Whether one more digit would not have fitted behind the line."""
    room = 2.0 + 0.55 * layout.height / layout.scale
    left, right = strip.frames[0].x0 / layout.scale, strip.frames[0].x1 / layout.scale
    return left - box.x0 < room and box.x1 - right < room
