"""Text that is drawn on two pages because a page break cuts its cell: each page keeps what it shows.

WPS and Excel print such a cell in full on both pages, each under a clip that shows its part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from model import Cell, Page, Table

__all__ = ["part_at_breaks"]


def part_at_breaks(pages: Sequence[Page]) -> list[Page]:
    """The pages with the text of cells cut by a page break parted between them."""
    parted = list(pages)
    for i in range(len(parted) - 1):
        above, below = parted[i], parted[i + 1]
        if above.tables and below.tables and above.number + 1 == below.number:
            last, first = _part(above.tables[-1], below.tables[0])
            if last is not above.tables[-1] or first is not below.tables[0]:
                parted[i] = replace(above, tables=(*above.tables[:-1], last))
                parted[i + 1] = replace(below, tables=(first, *below.tables[1:]))
    return parted


def _part(above: Table, below: Table) -> tuple[Table, Table]:
    tops = [cell for cell in below.cells if cell.r0 == 0 and cell.text]
    for cell in above.cells:
        if cell.r1 != above.rows - 1 or not cell.text:
            continue
        for other in tops:
            if _is_same_column(cell, other) and _is_one_text(cell, other):
                above = _with(above, cell, _upper(cell, other))
                below = _with(below, other, _as_shown(other))
    return above, below


def _is_same_column(a: Cell, b: Cell) -> bool:
    return abs(a.bbox.x0 - b.bbox.x0) < 3 and abs(a.bbox.x1 - b.bbox.x1) < 3


def _is_one_text(a: Cell, b: Cell) -> bool:
    """Whether two cells, one over the break and one under it, hold one text of which each hides a part.

    The first shows its beginning and the second its end, and no more than all of it: rows that print the same reason,
    both clipped, hold it twice.
    """
    if a.shown is None and b.shown is None:
        return False
    whole, top, bottom = _solid(a.text), _solid(a.visible), _solid(b.visible)
    if whole == _solid(b.text):
        return whole.startswith(top) and whole.endswith(bottom) and len(top) + len(bottom) <= len(whole)
    return top + bottom in (whole, _solid(b.text))


def _solid(text: str) -> str:
    return "".join(text.split())


def _upper(cell: Cell, other: Cell) -> Cell:
    """The part above the break: all that the part below does not show, lines that both pages hide included."""
    rest = cell.text.removesuffix(other.visible)
    if cell.text != other.text or rest == cell.visible or not cell.text.endswith(other.visible):
        return _as_shown(cell)
    return replace(cell, text=rest, shown=cell.visible, lines=(rest,)) if cell.visible else _as_shown(cell)


def _as_shown(cell: Cell) -> Cell:
    return replace(cell, text=cell.visible, shown=None, lines=(cell.visible,) if cell.visible else ())


def _with(table: Table, old: Cell, new: Cell) -> Table:
    return replace(table, cells=tuple(new if cell is old else cell for cell in table.cells))
