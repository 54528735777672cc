"""One page: its tables and the lines beside them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from extract.cells import place_runs
from extract.clip import Clips
from extract.edges import table_edges
from extract.glyphs import Bools, Glyphs, read_glyphs, text_turn, without_doubles, without_watermark
from extract.grid import Grid, find_grids
from extract.page_numbers import is_page_number
from extract.pdfium import OpenPage
from extract.rules import Drawing, read_drawing
from extract.settle import OUTSIDE, PADDING, Run
from extract.text import LATIN_SPACE, glyphs_to_text, join_lines, space_before
from extract.unread import Unread, find_unread
from extract.unruled_page import complete_grids, is_drawing, read_beside, runs_beside
from model import Box, Cell, Code, Finding, Line, Method, Page, Table

__all__ = ["PageText", "place_page", "read_page", "turn_page"]

_COLUMN_GAP = 2.5


@dataclass(frozen=True, slots=True)
class _Printed:
    """The page's text, one place a glyph, and before which of them a space stands."""

    text: str
    space: Bools
    glyphs: Glyphs
    spaces: bytes
    """`space` once more: a byte a glyph, which is searched faster."""


@dataclass(frozen=True, slots=True)
class _TextLine:
    """A line of runs from left to right: all its text, the part that shows, its box."""

    text: str
    shown: str
    box: Box


class PageText(NamedTuple):
    """A page read by its text, and what of it must be recognised."""

    page: Page
    unread: Unread | None


def read_page(page: OpenPage, *, path: Path, engine: str = "auto") -> PageText:
    """Read a page's tables and the lines outside them. `path` is the file, for engines that open it themselves."""
    glyphs = read_glyphs(page)
    turn = text_turn(page, glyphs)
    if turn and engine in ("auto", "ruled"):  # a table that lies sideways is read upright, its boxes turned back
        width, height = (page.height, page.width) if turn % 2 else (page.width, page.height)
        upright = replace(page, rotation=(page.rotation + turn) % 4, width=width, height=height)
        read = _read_upright(upright, read_glyphs(upright), engine, None)
        unread = read.unread if read.unread is None or not read.unread.pictures else None
        return PageText(turn_page(read.page, turn, page.width, page.height), unread)
    return _read_upright(page, glyphs, engine, path)


def _read_upright(page: OpenPage, glyphs: Glyphs, engine: str, path: Path | None) -> PageText:
    drawing = read_drawing(page)
    clips = Clips(page, has_forms=drawing.has_forms)
    glyphs = without_watermark(page, without_doubles(glyphs, clips))
    space = space_before(glyphs)
    printed = _Printed(glyphs_to_text(glyphs), space, glyphs, space.tobytes())
    grids, packed = _find_grids(drawing, printed, engine)
    boxes = [grid.span_box(span) for grid in grids for span in grid.spans]
    by_cell: dict[int, list[Run]] = {}
    for run in place_runs(glyphs, grids, boxes, (page.width, page.height), clips):
        by_cell.setdefault(run.cell, []).append(run)
    outside = by_cell.get(OUTSIDE, [])
    numbers = itertools.count()
    tables = []
    for grid in grids:
        first = next(numbers)
        table = _table(page.number, grid, itertools.chain((first,), numbers), boxes, by_cell, printed)
        if engine == "auto" and is_drawing(table):
            outside += [run for number in range(first, first + len(grid.spans)) for run in by_cell.get(number, ())]
        else:
            tables.append(table)
    beside = _tables_beside(page, drawing, (grids, packed), outside, printed, engine, path)
    if beside:
        outside = runs_beside(outside, beside)
        tables = sorted([*tables, *beside], key=lambda table: (table.bbox.y0, table.bbox.x0))
    lines = _lines_outside(page, outside, printed)
    read = Page(page.number, page.width, page.height, Method.TEXT, tuple(tables), tuple(lines), _without_size(page))
    return PageText(read, find_unread(page, glyphs, drawing))


def _without_size(page: OpenPage) -> tuple[Finding, ...]:
    if page.width > 0 and page.height > 0:
        return ()
    sentence = "The page has no size, so that nothing of it shows; look at it in another program."
    return (Finding(Code.PAGE_UNREAD, sentence, table="documents", page=page.number),)


def _find_grids(drawing: Drawing, printed: _Printed, engine: str) -> tuple[list[Grid], list[Grid]]:
    """The page's ruled grids, and apart those whose boxes hold several rows; none for an engine that finds its own."""
    if engine not in ("auto", "ruled"):
        return [], []
    grids = find_grids(drawing.horizontal, drawing.vertical)
    if engine == "ruled" or not grids:
        return grids, []
    return complete_grids(grids, drawing, printed.glyphs, printed.text, printed.space)


def _tables_beside(
    page: OpenPage,
    drawing: Drawing,
    grids: tuple[list[Grid], list[Grid]],
    outside: Sequence[Run],
    printed: _Printed,
    engine: str,
    path: Path | None,
) -> list[Table]:
    """The tables that no grid of rules holds: those of the engine asked for, else by how the text stands."""
    if engine == "auto":
        reading = read_beside(page, drawing, *grids, outside, printed.glyphs, printed.text, printed.space)
        if path is None or not (reading.sure or reading.doubtful):
            return list(reading.sure)
        from extract.second import settle_unruled

        return settle_unruled(reading, path)
    if engine == "ruled" or path is None:
        return []
    from extract.second import read_camelot, read_pdfplumber

    return read_camelot(path, page.number) if engine == "camelot" else read_pdfplumber(path, page.number)


def turn_page(page: Page, turn: int, width: float, height: float) -> Page:
    """A page that was read after `turn` clockwise quarter turns, with its boxes on the page as displayed."""
    def back(box: Box) -> Box:
        match turn:
            case 1:
                return Box(box.y0, height - box.x1, box.y1, height - box.x0)
            case 2:
                return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
            case _:
                return Box(width - box.y1, box.x0, width - box.y0, box.x1)

    xs = (tuple(table_edges(table)) for table in page.tables)
    placed = place_page(page, back)
    tables = tuple(replace(table, xs=edges) for table, edges in zip(placed.tables, xs, strict=True))
    return replace(placed, width=width, height=height, tables=tables, turn=turn)


def place_page(page: Page, place: Callable[[Box], Box]) -> Page:
    """A page with all boxes elsewhere."""
    tables = tuple(
        replace(
            table,
            bbox=place(table.bbox),
            cells=tuple(replace(cell, bbox=place(cell.bbox)) for cell in table.cells),
        )
        for table in page.tables
    )
    lines = tuple(replace(line, bbox=place(line.bbox)) for line in page.lines)
    return replace(page, tables=tables, lines=lines)


def _table(
    page: int,
    grid: Grid,
    numbers: Iterator[int],
    boxes: Sequence[Box],
    by_cell: dict[int, list[Run]],
    printed: _Printed,
) -> Table:
    cells = []
    for span in grid.spans:
        number = next(numbers)
        runs = by_cell.get(number)
        cells.append(_cell(page, span, boxes[number], runs, printed) if runs else Cell(*span, "", boxes[number], page))
    return Table(page, page, Method.TEXT, "ruled", grid.box, len(grid.ys) - 1, len(grid.xs) - 1, tuple(cells))


def _cell(
    number: int, span: tuple[int, int, int, int], box: Box, runs: Sequence[Run], printed: _Printed
) -> Cell:
    r0, r1, c0, c1 = span
    if len(runs) == 1 and not runs[0].hidden:
        text = _run_text(runs[0].glyphs, printed)
        return Cell(r0, r1, c0, c1, text, box, number, None, (text,))
    lines = runs_to_lines(runs, printed)
    full = [_is_full(line, box) for line in lines]
    texts = [line.text for line in lines]
    shown = None
    if any(run.hidden for run in runs):
        shown = join_lines([line.shown for line in lines], full)
    return Cell(r0, r1, c0, c1, join_lines(texts, full), box, number, shown, tuple(texts))


def _is_full(line: _TextLine, box: Box) -> bool:
    """Whether one more digit would not have fitted behind the line: then a number may go on in the next."""
    room = PADDING + 0.55 * (line.box.y1 - line.box.y0)
    return line.box.x0 - box.x0 < room and box.x1 - line.box.x1 < room


def runs_to_lines(runs: Sequence[Run], printed: _Printed) -> list[_TextLine]:
    """Put runs into lines from top to bottom, each from left to right."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: run.y0 + run.y1):
        if rows and _same_line(rows[-1], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    if len(rows) > 1 and all(len(row) == 1 and len(row[0].glyphs) == 1 for row in rows):
        rows = _upright(rows)
    return [_text_line(sorted(row, key=lambda run: run.x0), printed) for row in rows]


def _same_line(row: list[Run], run: Run) -> bool:
    last = row[-1]
    height = min(run.y1 - run.y0, last.y1 - last.y0)
    return abs((run.y0 + run.y1) - (last.y0 + last.y1)) < height


def _upright(rows: list[list[Run]]) -> list[list[Run]]:
    """Characters one under another that were drawn from the bottom up (text turned by 90 degrees) read upwards."""
    order = [row[0].glyphs[0] for row in rows]
    return rows[::-1] if order == sorted(order, reverse=True) else rows


def _text_line(runs: Sequence[Run], printed: _Printed) -> _TextLine:
    text = shown = ""
    before: Run | None = None
    for run in runs:
        piece = _run_text(run.glyphs, printed)
        seen = piece if not run.hidden else _run_text([k for k in run.glyphs if k not in run.hidden], printed)
        if before is not None and _is_spaced(before, run, printed):
            text += " "
            shown += " " if shown and seen else ""
        text += piece
        shown += seen
        before = run
    box = Box(
        min(run.x0 for run in runs), min(run.y0 for run in runs),
        max(run.x1 for run in runs), max(run.y1 for run in runs),
    )  # fmt: skip
    return _TextLine(text, shown, box)


def _is_spaced(a: Run, b: Run, printed: _Printed) -> bool:
    last, first = a.glyphs[-1], b.glyphs[0]
    gap = b.x0 - a.x1
    height = min(a.y1 - a.y0, b.y1 - b.y0)
    if printed.space[first] and gap > 0.1 * height:
        return True
    latin = printed.text[last] < "\u2000" and printed.text[first] < "\u2000"
    return gap > (LATIN_SPACE if latin else 1.5) * height


def _run_text(glyphs: Sequence[int], printed: _Printed) -> str:
    """The run's characters with the spaces between them. Spaces were found for neighbours in drawing order."""
    if isinstance(glyphs, range):
        start, end = glyphs.start, glyphs.stop
        text = printed.text[start:end]
        if b"\1" not in printed.spaces[start + 1 : end]:
            return text
        cuts = [0, *(np.flatnonzero(printed.space[start + 1 : end]) + 1).tolist(), len(text)]
        return " ".join(text[a:b] for a, b in itertools.pairwise(cuts))
    text = ""
    for before, k in zip([None, *glyphs], glyphs, strict=False):
        if before is not None and k == before + 1 and printed.space[k]:
            text += " "
        text += printed.text[k]
    return text


def _lines_outside(page: OpenPage, runs: Sequence[Run], printed: _Printed) -> list[Line]:
    """Lines outside the tables; page numbers left out, wide gaps part a line in two."""
    lines = []
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: run.y0 + run.y1):
        if rows and _same_line(rows[-1], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        for piece in _split_columns(sorted(row, key=lambda run: run.x0)):
            line = _text_line(piece, printed)
            if not is_page_number(line.text, line.box, page.height):
                lines.append(Line(page.number, line.text, line.box))
    return lines


def _split_columns(runs: list[Run]) -> list[list[Run]]:
    pieces = [[runs[0]]]
    for before, run in itertools.pairwise(runs):
        if run.x0 - before.x1 > _COLUMN_GAP * (run.y1 - run.y0):
            pieces.append([])
        pieces[-1].append(run)
    return pieces
