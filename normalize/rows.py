"""The rows of raw tables as a reader meets them, and labels freed from what is printed around them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from model import Box, Cell, Line, Table
from normalize.cases import fold

__all__ = ["Row", "Strip", "label_forms", "row_box", "split_label", "table_rows"]

_BRACKETS = re.compile(r"\([^()]*\)")
_YEAR = re.compile(r"^20\d\d年度?(?=.)")
_NUMBERING = re.compile(r"^(?:\d{1,2}[.、]|[一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十\d]{1,3}\))")
_COLON = re.compile(r"[:：]")
_MARKS = ":.,;、，。；*"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    `cells` start on it, left to right; `over` are merged cells from above that cover it; `filled` are those of `cells`
    that print something.
    """

    table: Table
    index: int
    cells: tuple[Cell, ...]
    over: tuple[Cell, ...]
    filled: tuple[Cell, ...]

    @property
    def covering(self) -> tuple[Cell, ...]:
        """All cells that cover the row, left to right."""
        return tuple(sorted((*self.cells, *self.over), key=lambda cell: cell.c0)) if self.over else self.cells

    @property
    def page(self) -> int:
        """The page that the row begins on."""
        return self.cells[0].page if self.cells else self.over[0].page

    @property
    def text(self) -> str:
        """What the row prints, cell by cell."""
        return " ".join(cell.text for cell in self.filled)


Strip = Row | Line
"""What a reader meets next: a row of a table or a line between tables."""


def table_rows(table: Table) -> list[Row]:
    """The rows of a table from the top, rows without any cell of their own left out."""
    own: list[list[Cell]] = [[] for _ in range(table.rows)]
    over: list[list[Cell]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        own[cell.r0].append(cell)
        for r in range(cell.r0 + 1, cell.r1 + 1):
            over[r].append(cell)
    return [
        Row(table, r, tuple(own[r]), tuple(over[r]), tuple(cell for cell in own[r] if cell.text))
        for r in range(table.rows)
        if own[r]
    ]


def row_box(row: Row) -> Box:
    """Where the row stands on its first page: as wide as all its cells, as high as those of one row."""
    covering = row.covering
    flat = [cell for cell in row.cells if cell.r1 == cell.r0] or row.cells
    return Box(
        min(cell.bbox.x0 for cell in covering),
        min(cell.bbox.y0 for cell in flat),
        max(cell.bbox.x1 for cell in covering),
        max(cell.bbox.y1 for cell in flat),
    )


@lru_cache(maxsize=4096)
def label_forms(text: str) -> tuple[str, ...]:
    """The texts under which a printed label may be known, best first: folded, without numbering, year and final marks.

    Brackets stand around parts of a label (指标(目标)值) and around remarks (执行率(B/A)): first the label with their
    content, then without it; a bracket that a cut head leaves open goes with what stands in it.
    """
    folded = _YEAR.sub("", _NUMBERING.sub("", fold(text))).strip(_MARKS)
    if "(" not in folded:
        return (folded,)
    inner = folded
    while (outer := _BRACKETS.sub("", inner)) != inner:
        inner = outer
    inner = inner.partition("(")[0] or inner
    return (folded.replace("(", "").replace(")", ""), inner.strip(_MARKS))


def split_label(text: str) -> tuple[str, str] | None:
    """Label and value of `填报单位：某某局`, None where no colon stands in the text."""
    match = _COLON.search(text)
    return (text[: match.start()].strip(), text[match.end() :].strip()) if match else None
