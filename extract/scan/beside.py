"""What stands outside a scanned page's grids: tables without rules, and lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extract.grid import Grid
from extract.page_numbers import is_page_number
from extract.readings import join_readings
from extract.scan.layout import Layout
from extract.scan.lines import Frame
from extract.scan.marks import Marked
from extract.scan.recognise import Recognised
from extract.text import join_lines
from extract.unruled import UnruledPage, read_unruled
from extract.unruled_lines import CUT_GAP, Cut, Word
from model import Box, Line, Method, Table

__all__ = ["Text", "read_lines", "read_unruled_tables", "text_to_word"]

# A gap this wide (heights) parts a line in two.
_COLUMN_GAP = 1.0
# Rules this close (points) to a grid are its own.
_SIDE = 2.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: where it stands on the straight page (pixels), and how it was read, before and after its marks
    were put right."""

    frame: Frame
    line: Recognised
    marked: Marked

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.frame.y1 - self.frame.y0


def read_unruled_tables(
    layout: Layout, texts: Sequence[Text], packed: Sequence[Grid], number: int
) -> list[Table]:
    """The tables that no grid tells, on the straight page: those among the lines, and those of the `packed` grids,
    whose boxes hold several rows."""
    boxes = [grid.box for grid in layout.grids]
    page = UnruledPage(
        number,
        [text_to_word(layout, text) for text in texts],
        [rule for rule in layout.horizontal if not any(box.y0 - _SIDE < rule[0] < box.y1 + _SIDE for box in boxes)],
        [rule for rule in layout.vertical if not any(box.x0 - _SIDE < rule[0] < box.x1 + _SIDE for box in boxes)],
        packed,
    )
    return [_with_readings(table, texts, layout) for table in read_unruled(page).sure]


def text_to_word(layout: Layout, text: Text) -> Word:
    """The text as the reading without rules takes it, on the straight page, with the gaps in it."""
    box = layout.box_of(text.frame)
    if len(text.line.text) != len(text.marked.text):
        return Word(text.marked.text, *box)
    width = box.x1 - box.x0
    square = layout.height / 0.9 / max(text.frame.x1 - text.frame.x0, 1)
    cuts = []
    for at, (before, after) in enumerate(zip(text.line.places, text.line.places[1:], strict=False), 1):
        halves = (_width(text.line.text[at - 1]) + _width(text.line.text[at])) / 2
        if after - before - square * halves > CUT_GAP * square:
            cuts.append(Cut(at, box.x0 + (before + 0.4 * square) * width, box.x0 + (after - 0.4 * square) * width))
    return Word(text.marked.text, *box, tuple(cuts))


def _width(char: str) -> float:
    return 1.0 if char > "\u2e80" else 0.55


def _with_readings(table: Table, texts: Sequence[Text], layout: Layout) -> Table:
    """The table as it lies in the picture, with the readings of the words that its cells were made of."""
    cells = []
    for cell in table.cells:
        mine = [t for t in texts if t.marked.text in cell.text and _overlaps(cell.bbox, layout.box_of(t.frame))]
        mine.sort(key=lambda text: cell.text.find(text.marked.text))
        reading = join_readings([(text.marked.text, text.marked.reading) for text in mine], cell.text)
        if reading is not None and any(layout.covers(text.frame) for text in mine):
            reading = replace(reading, hidden=True)
        cells.append(replace(cell, reading=reading))
    xs = sorted({side for cell in cells for side in (cell.bbox.x0, cell.bbox.x1)})
    return replace(table, method=Method.OCR, cells=tuple(cells), xs=tuple(x - xs[0] for x in xs))


def _overlaps(a: Box, b: Box) -> bool:
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def read_lines(layout: Layout, texts: Sequence[Text], number: int) -> Iterator[Line]:
    """Lines outside of tables, page numbers left out: pieces that stand close on one line are one."""
    height = layout.gray.shape[0] / layout.scale
    rows: list[list[Text]] = []
    for text in sorted(texts, key=lambda text: text.frame.y0 + text.frame.y1):
        if rows and _is_beside(rows[-1][-1], text):
            rows[-1].append(text)
        else:
            rows.append([text])
    for row in rows:
        for piece in _split(sorted(row, key=lambda text: text.frame.x0)):
            line, box = _line(layout, piece, number)
            if not is_page_number(line.text, box, height):
                yield line


def _is_beside(a: Text, b: Text) -> bool:
    return abs((a.frame.y0 + a.frame.y1) - (b.frame.y0 + b.frame.y1)) < min(a.height, b.height)


def _split(row: Sequence[Text]) -> Iterator[list[Text]]:
    piece = [row[0]]
    for text in row[1:]:
        if text.frame.x0 - piece[-1].frame.x1 > _COLUMN_GAP * text.height:
            yield piece
            piece = []
        piece.append(text)
    yield piece


def _line(layout: Layout, piece: Sequence[Text], number: int) -> tuple[Line, Box]:
    """The line, and where it stands on the straight page."""
    text = join_lines([one.marked.text for one in piece])
    reading = join_readings([(one.marked.text, one.marked.reading) for one in piece], text)
    frame = Frame(
        min(one.frame.x0 for one in piece), min(one.frame.y0 for one in piece),
        max(one.frame.x1 for one in piece), max(one.frame.y1 for one in piece),
    )  # fmt: skip
    box = layout.box_of(frame)
    return Line(number, text, layout.on_page(box), reading), box
