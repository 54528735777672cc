"""Second readings: camelot and pdfplumber as table engines, their results as our tables.

Both ignore clip paths and read a file with parsers of their own, many times slower than PDFium. They are asked where
the first reading contradicts itself or is in doubt, or by hand. camelot reads no file whose owner forbids copying, and
a form XObject that draws itself crashes it: like all that opens a file it must run behind a process boundary.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from extract.grid import Span
from extract.text import join_lines
from extract.unruled import Reading
from extract.unruled_lines import is_figure
from model import Box, Cell, Method, Table

__all__ = ["contradiction", "read_camelot", "read_pdfplumber", "settle_unruled"]

# Share of cells with several figures from which on a table is taken to contradict itself.
DOUBTFUL = 0.05
# Share of cells that two engines must read alike for a table of text alone.
AGREED = 0.6
# Places closer than this (points) are one line of a grid.
SAME_LINE = 1.0
# What camelot's text lines may stick out of an area (points).
_AREA_SLACK = 2.0


def read_camelot(
    path: str | Path, page_number: int, *, areas: Sequence[Box] | None = None, flavor: str = "hybrid"
) -> list[Table]:
    """Read the tables of a page (from 1) with camelot; of `areas` (display points) only, where they are given.

    `flavor` is camelot's: `lattice` reads rules, `stream` and `network` alignment, `hybrid` both. A page that camelot
    cannot read gives no table.
    """
    from camelot.backends.image_conversion import ImageConversionError
    from camelot.io import read_pdf
    from playa.exceptions import PDFException
    from pypdfium2 import PdfiumError

    try:
        frame = _read_frame(path, page_number)
        if frame.is_cropped and flavor in ("lattice", "hybrid"):
            flavor = "network"  # camelot 2.0 takes the picture of the shown part for that of the whole media box
        options = {} if areas is None else {"table_areas": [_area(area, frame) for area in areas]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "No tables found on page-1" and the like
            found = read_pdf(str(path), pages=str(page_number), flavor=flavor, suppress_stdout=True, **options)
    # A page number that its own page tree does not hold, text without letters, an unreadable cross reference table:
    # IndexError, ValueError and RuntimeError are what camelot 2.0 and playa let through.
    except (PDFException, PdfiumError, ImageConversionError, IndexError, ValueError, RuntimeError):
        return []
    return _without_overlaps(
        _from_camelot(table, page_number, frame) for table in found if len(table.rows) and len(table.cols)
    )


def read_pdfplumber(path: str | Path, page_number: int) -> list[Table]:
    """Read the tables of a page (from 1) with pdfplumber. A page that it cannot read gives no table."""
    import pdfplumber
    from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException
    from pypdfium2 import PdfiumError

    try:
        frame = _read_frame(path, page_number)
        with pdfplumber.open(path) as document:
            page = document.pages[page_number - 1]
            read = [_from_pdfplumber(table, page_number, frame) for table in page.find_tables()]
    except (MalformedPDFException, PdfminerException, PdfiumError, IndexError):
        return []
    return [table for table in read if table is not None]


def contradiction(table: Table) -> float:
    """The share of a table's filled cells that hold several figures side by side: columns that were not told apart."""
    filled = [cell for cell in table.cells if cell.text]
    return sum(_holds_figures(cell) for cell in filled) / len(filled) if filled else 0.0


def _holds_figures(cell: Cell) -> bool:
    return any(sum(map(is_figure, line.split())) > 1 for line in cell.lines)


def settle_unruled(reading: Reading, path: str | Path) -> list[Table]:
    """The tables of a page without rules, after camelot was asked about those in doubt.

    A table that puts the figures of several columns into one cell is read again. One of text alone, which prose set in
    columns looks like, counts only where camelot finds the same cells.
    """
    tables = [_reread(table, path) for table in reading.sure]
    tables += [table for table in reading.doubtful if _is_confirmed(table, path)]
    return sorted(tables, key=lambda table: (table.bbox.y0, table.bbox.x0))


def _reread(table: Table, path: str | Path) -> Table:
    """The table as camelot reads its area where that puts figures together in less than half as many cells."""
    doubt = contradiction(table)
    if doubt < DOUBTFUL:
        return table
    best = _largest(read_camelot(path, table.page, areas=[table.bbox], flavor="stream"))
    return table if best is None or best.rows < 2 or contradiction(best) >= doubt / 2 else best


def _is_confirmed(table: Table, path: str | Path) -> bool:
    found = _largest(read_camelot(path, table.page, areas=[table.bbox], flavor="stream"))
    if found is None or found.cols != table.cols:
        return False
    mine, other = (Counter("".join(cell.text.split()) for cell in t.cells if cell.text) for t in (table, found))
    return (mine & other).total() >= AGREED * mine.total()


def _largest(tables: Sequence[Table]) -> Table | None:
    return max(tables, key=lambda table: len(table.cells), default=None)


# ---------------------------------------------------------------------------------------------------------------------
# camelot
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Frame:
    """Size of a page's media box as displayed, and where the part of it that is shown begins. Points."""

    width: float
    height: float
    left: float
    top: float

    @property
    def is_cropped(self) -> bool:
        """Whether only a part of the media box is shown."""
        return self.left != 0 or self.top != 0

    def shown(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """A box of the media box, y downwards, on the displayed page."""
        return Box(x0 - self.left, y0 - self.top, x1 - self.left, y1 - self.top)


def _read_frame(path: str | Path, page_number: int) -> _Frame:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        page = document[page_number - 1]
        media, crop, turns = page.get_mediabox(), page.get_cropbox(), page.get_rotation() // 90 % 4
    finally:
        document.close()
    left, bottom, right, top = (crop[0] - media[0], crop[1] - media[1], media[2] - crop[2], media[3] - crop[3])
    width, height = media[2] - media[0], media[3] - media[1]
    if turns % 2:
        width, height = height, width
    return _Frame(width, height, *((left, top), (bottom, left), (right, bottom), (top, right))[turns])


def _area(box: Box, frame: _Frame) -> str:
    """An area as camelot wants it: left, top, right, bottom, from the bottom left of the media box."""
    left, above = frame.left - _AREA_SLACK, frame.height - frame.top + _AREA_SLACK
    sides = (box.x0 + left, above - box.y0, box.x1 + left + 2 * _AREA_SLACK, above - box.y1 - 2 * _AREA_SLACK)
    return ",".join(f"{side:.2f}" for side in sides)


def _from_camelot(found: Any, page: int, frame: _Frame) -> Table:
    """A camelot table: places without a side between them are one cell."""
    xs = [found.cols[0][0], *(column[1] for column in found.cols)]
    ys = [found.rows[0][0], *(row[1] for row in found.rows)]  # downwards, measured from the bottom
    cells = []
    for r0, r1, c0, c1 in _spans(found.cells):
        texts = [found.cells[r][c].text for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)]
        box = _to_display((xs[c0], ys[r1 + 1], xs[c1 + 1], ys[r0]), found.rotation, frame)
        cells.append(_cell((r0, r1, c0, c1), "\n".join(texts), box, page))
    return _table(cells, len(found.rows), len(found.cols), page, "camelot")


def _to_display(box: tuple[float, float, float, float], rotation: str, frame: _Frame) -> Box:
    """A box measured from the bottom left, on the page as displayed. camelot turns a page whose text lies sideways."""
    left, bottom, right, top = box
    if rotation == "clockwise":
        return frame.shown(bottom, left, top, right)
    if rotation == "anticlockwise":
        return frame.shown(frame.width - top, frame.height - right, frame.width - bottom, frame.height - left)
    return frame.shown(left, frame.height - top, right, frame.height - bottom)


def _spans(cells: Sequence[Sequence[Any]]) -> list[Span]:
    """Cells of a camelot grid: each grows to the right, then down, while no side parts it from the next place."""
    taken: set[tuple[int, int]] = set()
    spans: list[Span] = []
    for r, row in enumerate(cells):
        for c in range(len(row)):
            if (r, c) in taken:
                continue
            c1, r1 = c, r
            while c1 + 1 < len(row) and (r, c1 + 1) not in taken and not row[c1].right and not row[c1 + 1].left:
                c1 += 1
            while r1 + 1 < len(cells) and all(
                not cells[r1][k].bottom and not cells[r1 + 1][k].top and (r1 + 1, k) not in taken
                for k in range(c, c1 + 1)
            ):
                r1 += 1
            taken |= {(i, k) for i in range(r, r1 + 1) for k in range(c, c1 + 1)}
            spans.append((r, r1, c, c1))
    return spans


def _without_overlaps(tables: Iterable[Table]) -> list[Table]:
    """camelot's hybrid flavor returns a ruled table again as part of an aligned one: the one with more cells stays."""
    kept: list[Table] = []
    for table in sorted(tables, key=lambda table: -sum(bool(cell.text) for cell in table.cells)):
        if not any(_overlap(table.bbox, other.bbox) > 0.3 for other in kept):
            kept.append(table)
    return sorted(kept, key=lambda table: (table.bbox.y0, table.bbox.x0))


def _overlap(a: Box, b: Box) -> float:
    """The share of the smaller box that both cover."""
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    smaller = min((box.x1 - box.x0) * (box.y1 - box.y0) for box in (a, b))
    return width * height / smaller if width > 0 and height > 0 and smaller > 0 else 0.0


# ---------------------------------------------------------------------------------------------------------------------
# pdfplumber
# ---------------------------------------------------------------------------------------------------------------------


def _from_pdfplumber(found: Any, page: int, frame: _Frame) -> Table | None:
    """A pdfplumber table: its cells are boxes, and what no box covers is blank."""
    texts = {
        box: text
        for row, values in zip(found.rows, found.extract(), strict=True)
        for box, text in zip(row.cells, values, strict=True)
        if box is not None
    }
    xs = _lines(x for box in texts for x in (box[0], box[2]))
    ys = _lines(y for box in texts for y in (box[1], box[3]))
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for box, text in texts.items():
        c0, c1, r0, r1 = _place(xs, box[0]), _place(xs, box[2]) - 1, _place(ys, box[1]), _place(ys, box[3]) - 1
        places = {(r, c) for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)}
        if places and not places & taken:
            taken |= places
            cells.append(_cell((r0, r1, c0, c1), text or "", frame.shown(*box), page))
    for r, (y0, y1) in enumerate(pairwise(ys)):
        for c, (x0, x1) in enumerate(pairwise(xs)):
            if (r, c) not in taken:
                cells.append(_cell((r, r, c, c), "", frame.shown(x0, y0, x1, y1), page))
    return _table(cells, len(ys) - 1, len(xs) - 1, page, "pdfplumber") if len(cells) > 1 else None


def _lines(places: Iterable[float]) -> list[float]:
    """Distinct places in order, those closer than a point taken as one."""
    lines: list[float] = []
    for place in sorted(places):
        if not lines or place - lines[-1] > SAME_LINE:
            lines.append(place)
    return lines


def _place(lines: Sequence[float], place: float) -> int:
    return min(range(len(lines)), key=lambda i: abs(lines[i] - place))


# ---------------------------------------------------------------------------------------------------------------------
# Both
# ---------------------------------------------------------------------------------------------------------------------


def _cell(span: Span, text: str, box: Box, page: int) -> Cell:
    lines = tuple(line for part in text.split("\n") if (line := " ".join(part.split())))
    return Cell(*span, join_lines(lines), box, page, None, lines)


def _table(cells: Sequence[Cell], rows: int, cols: int, page: int, engine: str) -> Table:
    ordered = tuple(sorted(cells, key=lambda cell: (cell.r0, cell.c0)))
    box = Box(
        min(cell.bbox.x0 for cell in ordered), min(cell.bbox.y0 for cell in ordered),
        max(cell.bbox.x1 for cell in ordered), max(cell.bbox.y1 for cell in ordered),
    )  # fmt: skip
    return Table(page, page, Method.TEXT, engine, box, rows, cols, ordered)
