"""A picture of a page in, its tables and lines out: the same types that a text page gives.

picture -> ink -> upright and straight -> rules -> grid -> strips of text -> recognised -> cells and lines, with their
boxes on the page as it lies in the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from extract.grid import Grid, Segment, find_grids
from extract.readings import join_readings
from extract.scan.detect import detector
from extract.scan.ink import Picture, picture_to_ink
from extract.scan.lines import Frame, Strip, cut_lines, line_height, strip_picture, text_ink
from extract.scan.marks import Bools, Marked, read_marks, settle_marks
from extract.scan.recognise import Gray, Recognised, recogniser
from extract.scan.rulings import Bytes, find_rulings, to_dark
from extract.scan.straighten import Sheet, straighten
from extract.text import join_lines
from extract.unruled import UnruledPage, read_unruled
from extract.unruled_lines import CUT_GAP, Cut, Word
from extract.unruled_page import is_drawing
from model import Box, Cell, Line, Method, Page, Table

__all__ = ["read_picture"]

# Lines are upright where those tried are recognised as surely as this, on average.
_UPRIGHT = 0.8
_TRIED = 6
# A line outside of tables that is less sure is a pattern, a signature or a seal.
_LEAST_SURE = 0.45
# A gap this wide (heights) parts a line in two, as on text pages.
_COLUMN_GAP = 1.0


@dataclass(frozen=True, slots=True)
class _Layout:
    """A straight page before recognition: its grids, and the strips of text in each cell and outside the grids."""

    sheet: Sheet
    gray: Gray
    ink: Bytes
    grids: tuple[Grid, ...]
    cells: tuple[tuple[Strip, ...], ...]
    height: float
    horizontal: tuple[Segment, ...]
    vertical: tuple[Segment, ...]

    @property
    def scale(self) -> float:
        return self.sheet.ink.scale


@dataclass(frozen=True, slots=True)
class _Text:
    """A line of text outside of cells: where it stands on the straight page (pixels), and how it was read."""

    frame: Frame
    line: Recognised
    marked: Marked


def read_picture(picture: Picture, scale: float, number: int, threads: int) -> Page:
    """Read the picture of a page, of `scale` pixels a point. `threads` is how many the recogniser may use.

    The page's size, and all boxes, are in points of the picture as it was given, whichever way up its text stands.
    """
    height, width = picture.shape[:2]
    turn, layout, outside = _find_upright(picture, scale, threads)
    page = _read_layout(layout, outside, number, threads)
    page = replace(page, width=width / scale, height=height / scale)
    if not turn:
        return page
    from extract.page import turn_page

    return turn_page(page, turn, width / scale, height / scale)


# ---------------------------------------------------------------------------------------------------------------------
# Which way up
# ---------------------------------------------------------------------------------------------------------------------


def _find_upright(picture: Picture, scale: float, threads: int) -> tuple[int, _Layout, list[Frame]]:
    """The clockwise quarter turns that set the page upright, its layout then, and the frames of its lines outside of
    grids. Turns are tried in the order in which scans need them, until lines are recognised."""
    best: tuple[float, int, _Layout, list[Frame]] | None = None
    for turn in (0, 1, 3, 2):
        turned = np.ascontiguousarray(np.rot90(picture, -turn)) if turn else picture
        layout = _lay_out(turned, scale)
        outside = _find_outside(layout, threads)
        sure = _how_sure(layout, outside, threads)
        if best is None or sure > best[0]:
            best = sure, turn, layout, outside
        if sure >= _UPRIGHT or (turn == 0 and not outside and not any(layout.cells)):
            break
    assert best is not None  # noqa: S101  the first turn set it
    return best[1:]


def _how_sure(layout: _Layout, outside: Sequence[Frame], threads: int) -> float:
    """How surely some of the longest lines are recognised, 0 to 1."""
    strips = [strip for strip in chain.from_iterable(layout.cells) if not strip.is_stack]
    strips += [Strip((frame,)) for frame in outside]
    longest = sorted(strips, key=lambda strip: strip.frames[0].x0 - strip.frames[0].x1)[:_TRIED]
    lines = recogniser(threads).read_lines([_picture_of(layout, strip) for strip in longest])
    return sum(line.confidence for line in lines) / len(lines) if lines else 0.0


# ---------------------------------------------------------------------------------------------------------------------
# Layout
# ---------------------------------------------------------------------------------------------------------------------


def _lay_out(picture: Picture, scale: float) -> _Layout:
    sheet = straighten(picture_to_ink(picture, scale))
    gray = sheet.ink.gray
    rulings = find_rulings(gray, scale)
    horizontal, vertical = _to_points(rulings.horizontal, scale), _to_points(rulings.vertical, scale)
    grids = find_grids(horizontal, vertical)
    ink = text_ink(to_dark(gray, scale), rulings.ink, scale)
    frames = [_to_frame(grid.span_box(span), scale) for grid in grids for span in grid.spans]
    height = line_height(ink, frames, scale)
    cells = tuple(tuple(cut_lines(ink, frame, height, scale)) for frame in frames)
    without = np.where(rulings.ink > 0, 255, gray).astype(np.uint8)
    return _Layout(sheet, without, ink, tuple(grids), cells, height, tuple(horizontal), tuple(vertical))


def _to_points(rules: Sequence[Segment], scale: float) -> list[Segment]:
    return [(place / scale, start / scale, end / scale) for place, start, end in rules]


def _to_frame(box: Box, scale: float) -> Frame:
    return Frame(*(max(round(side * scale), 0) for side in box))


def _find_outside(layout: _Layout, threads: int) -> list[Frame]:
    """The lines of text outside the grids, in bands of the page that grids leave free."""
    ink = layout.ink.copy()
    gray = layout.gray.copy()
    for grid in layout.grids:
        frame = _to_frame(grid.box, layout.scale)
        ink[frame.y0 : frame.y1, frame.x0 : frame.x1] = 0
        gray[frame.y0 : frame.y1, frame.x0 : frame.x1] = 255
    found: list[Frame] = []
    margin = round(8 * layout.scale)
    for y0, y1 in _bands(np.asarray(ink.any(axis=1)), margin):
        columns = np.flatnonzero(ink[y0:y1].any(axis=0))
        x0, x1 = max(int(columns[0]) - margin, 0), int(columns[-1]) + margin
        found += [
            Frame(frame.x0 + x0, frame.y0 + y0, frame.x1 + x0, frame.y1 + y0)
            for frame in detector(threads).find_lines(gray[y0:y1, x0:x1], layout.scale)
        ]
    return found


def _bands(rows: Bools, margin: int) -> Iterator[tuple[int, int]]:
    """Where rows have ink, with a margin, bands that touch made one."""
    wide = np.convolve(rows.astype(np.int32), np.ones(2 * margin + 1, np.int32), "same") > 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wide, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _picture_of(layout: _Layout, strip: Strip) -> Gray:
    return strip_picture(layout.gray, layout.ink, strip, layout.height)


# ---------------------------------------------------------------------------------------------------------------------
# Recognition
# ---------------------------------------------------------------------------------------------------------------------


def _read_layout(layout: _Layout, outside: Sequence[Frame], number: int, threads: int) -> Page:
    """Recognise a page's strips, all at once, and put cells, tables and lines together."""
    strips = [*chain.from_iterable(layout.cells), *(Strip((frame,)) for frame in outside)]
    lines = iter(recogniser(threads).read_lines([_picture_of(layout, strip) for strip in strips]))
    cells = [[_mark(layout, strip, next(lines)) for strip in cell] for cell in layout.cells]
    texts = [
        _Text(frame, line, _mark(layout, Strip((frame,)), line))
        for frame, line in zip(outside, lines, strict=True)
        if line.text.strip() and line.confidence >= _LEAST_SURE
    ]
    settled = settle_marks([*cells, *([text.marked] for text in texts)])
    texts = [replace(text, marked=marked[0]) for text, marked in zip(texts, settled[len(cells) :], strict=True)]
    tables = [table for table in _tables(layout, settled[: len(cells)], number) if not is_drawing(table)]
    unruled = _read_unruled(layout, texts, number)
    rest = [text for text in texts if not any(_holds(table, text, layout) for table in unruled)]
    tables = sorted([*tables, *(_on_page(table, layout) for table in unruled)], key=_place)
    return Page(number, 0.0, 0.0, Method.OCR, tuple(tables), tuple(_lines(layout, rest, number)))


def _place(table: Table) -> tuple[float, float]:
    return table.bbox.y0, table.bbox.x0


def _mark(layout: _Layout, strip: Strip, line: Recognised) -> Marked:
    if strip.is_stack or not line.text:
        return Marked(line.text.replace(" ", ""), line.reading)
    frame = strip.frames[0]
    return read_marks(line, layout.ink[frame.y0 : frame.y1, frame.x0 : frame.x1] > 0, layout.height)


def _tables(layout: _Layout, cells: Sequence[Sequence[Marked]], number: int) -> Iterator[Table]:
    rest = iter(zip(layout.cells, cells, strict=True))
    for grid in layout.grids:
        made = [_cell(layout, grid, span, *next(rest), number) for span in grid.spans]
        yield Table(
            number, number, Method.OCR, "ruled", _page_box(layout, grid.box), len(grid.ys) - 1, len(grid.xs) - 1,
            tuple(made), tuple(x - grid.xs[0] for x in grid.xs),
        )  # fmt: skip


def _cell(
    layout: _Layout, grid: Grid, span: tuple[int, int, int, int], strips: Sequence[Strip], lines: Sequence[Marked],
    number: int,
) -> Cell:  # fmt: skip
    box = grid.span_box(span)
    texts = [line.text for line in lines]
    full = [_is_full(strip, box, layout) for strip in strips]
    text = join_lines(texts, full)
    reading = join_readings([(line.text, line.reading) for line in lines], text)
    return Cell(*span, text, _page_box(layout, box), number, None, tuple(texts), reading)


def _is_full(strip: Strip, box: Box, layout: _Layout) -> bool:
    """Whether one more digit would not have fitted behind the line."""
    room = 2.0 + 0.55 * layout.height / layout.scale
    left, right = strip.frames[0].x0 / layout.scale, strip.frames[0].x1 / layout.scale
    return left - box.x0 < room and box.x1 - right < room


def _page_box(layout: _Layout, box: Box) -> Box:
    """The box on the page as it lies in the picture, of a box on the straight page: through the middles of its sides,
    so that it is no larger for its leaning."""
    middle_x, middle_y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    x = np.array([box.x0, middle_x, box.x1, middle_x]) * layout.scale
    y = np.array([middle_y, box.y0, middle_y, box.y1]) * layout.scale
    in_x, in_y = layout.sheet.to_picture(x, y)
    left, top, right, bottom = in_x[0], in_y[1], in_x[2], in_y[3]
    return Box(*(round(float(side) / layout.scale, 2) for side in (left, top, right, bottom)))


# ---------------------------------------------------------------------------------------------------------------------
# Outside of grids
# ---------------------------------------------------------------------------------------------------------------------


def _read_unruled(layout: _Layout, texts: Sequence[_Text], number: int) -> list[Table]:
    """The tables without rules among the lines, on the straight page."""
    boxes = [grid.box for grid in layout.grids]
    page = UnruledPage(
        number,
        [_word(layout, text) for text in texts],
        [rule for rule in layout.horizontal if not any(box.y0 - 2 < rule[0] < box.y1 + 2 for box in boxes)],
        [rule for rule in layout.vertical if not any(box.x0 - 2 < rule[0] < box.x1 + 2 for box in boxes)],
    )
    return [_with_readings(table, texts, layout) for table in read_unruled(page).sure]


def _word(layout: _Layout, text: _Text) -> Word:
    box = _frame_box(text.frame, layout)
    cuts = []
    square = layout.height / 0.9 / max(text.frame.x1 - text.frame.x0, 1)
    for at, (before, after) in enumerate(zip(text.line.places, text.line.places[1:], strict=False), 1):
        gap = after - before - square * (_width(text.line.text[at - 1]) + _width(text.line.text[at])) / 2
        if gap > CUT_GAP * square and len(text.line.text) == len(text.marked.text):
            width = box.x1 - box.x0
            cuts.append(Cut(at, box.x0 + (before + 0.4 * square) * width, box.x0 + (after - 0.4 * square) * width))
    return Word(text.marked.text, *box, tuple(cuts))


def _width(char: str) -> float:
    return 1.0 if char > "\u2e80" else 0.55


def _frame_box(frame: Frame, layout: _Layout) -> Box:
    return Box(*(side / layout.scale for side in (frame.x0, frame.y0, frame.x1, frame.y1)))


def _holds(table: Table, text: _Text, layout: _Layout) -> bool:
    box = _frame_box(text.frame, layout)
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return table.bbox.x0 < x < table.bbox.x1 and table.bbox.y0 < y < table.bbox.y1


def _with_readings(table: Table, texts: Sequence[_Text], layout: _Layout) -> Table:
    """The table with the readings of the words that its cells were made of."""
    words = [text for text in texts if _holds(table, text, layout)]
    cells = []
    for cell in table.cells:
        mine = [w for w in words if _overlaps(cell.bbox, _frame_box(w.frame, layout)) and w.marked.text in cell.text]
        mine.sort(key=lambda word: cell.text.find(word.marked.text))
        reading = join_readings([(word.marked.text, word.marked.reading) for word in mine], cell.text)
        cells.append(replace(cell, reading=reading))
    xs = sorted({cell.bbox.x0 for cell in cells} | {cell.bbox.x1 for cell in cells})
    return replace(table, method=Method.OCR, cells=tuple(cells), xs=tuple(x - xs[0] for x in xs))


def _overlaps(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def _on_page(table: Table, layout: _Layout) -> Table:
    cells = tuple(replace(cell, bbox=_page_box(layout, cell.bbox)) for cell in table.cells)
    return replace(table, bbox=_page_box(layout, table.bbox), cells=cells)


def _lines(layout: _Layout, texts: Sequence[_Text], number: int) -> Iterator[Line]:
    """Lines outside of tables: pieces that stand close on one line are one."""
    rows: list[list[_Text]] = []
    for text in sorted(texts, key=lambda text: (text.frame.y0 + text.frame.y1)):
        if rows and _is_beside(rows[-1][-1].frame, text.frame):
            rows[-1].append(text)
        else:
            rows.append([text])
    for row in rows:
        for piece in _split(sorted(row, key=lambda text: text.frame.x0)):
            yield _line(layout, piece, number)


def _is_beside(a: Frame, b: Frame) -> bool:
    return abs((a.y0 + a.y1) - (b.y0 + b.y1)) < min(a.y1 - a.y0, b.y1 - b.y0)


def _split(row: Sequence[_Text]) -> Iterator[list[_Text]]:
    piece = [row[0]]
    for text in row[1:]:
        if text.frame.x0 - piece[-1].frame.x1 > _COLUMN_GAP * (text.frame.y1 - text.frame.y0):
            yield piece
            piece = []
        piece.append(text)
    yield piece


def _line(layout: _Layout, piece: Sequence[_Text], number: int) -> Line:
    text = join_lines([one.marked.text for one in piece])
    reading = join_readings([(one.marked.text, one.marked.reading) for one in piece], text)
    frame = Frame(
        min(one.frame.x0 for one in piece), min(one.frame.y0 for one in piece),
        max(one.frame.x1 for one in piece), max(one.frame.y1 for one in piece),
    )  # fmt: skip
    return Line(number, text, _page_box(layout, _frame_box(frame, layout)), reading)
