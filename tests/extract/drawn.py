"""What the engine reads of a drawn page, in shapes that are short to compare."""

from __future__ import annotations

from pathlib import Path

from tiny_pdf import Sheet, pdf

from extract.page import read_page
from extract.pdfium import open_page, open_pdf
from model import Page, Table

Place = tuple[int, int, int, int]


def read_sheets(*sheets: Sheet | str, engine: str = "ruled") -> list[Page]:
    """The pages, each read on its own."""
    pages = []
    with open_pdf(pdf(*sheets)) as document:
        for number in range(1, len(sheets) + 1):
            with open_page(document, number) as page:
                assert page is not None
                pages.append(read_page(page, path=Path("drawn.pdf"), engine=engine).page)
    return pages


def read_sheet(sheet: Sheet | str, engine: str = "ruled") -> Page:
    """One page, read; every table's places covered exactly once."""
    page = read_sheets(sheet, engine=engine)[0]
    for table in page.tables:
        check_cover(table)
    return page


def read_table(sheet: Sheet | str) -> Table:
    """The page's only table."""
    page = read_sheet(sheet)
    assert len(page.tables) == 1, [rows_of(table) for table in page.tables]
    return page.tables[0]


def check_cover(table: Table) -> None:
    """Each grid place is covered by exactly one cell, and cells come in reading order."""
    places = [(r, c) for cell in table.cells for r in range(cell.r0, cell.r1 + 1) for c in range(cell.c0, cell.c1 + 1)]
    assert sorted(places) == [(r, c) for r in range(table.rows) for c in range(table.cols)]
    order = [(cell.r0, cell.c0) for cell in table.cells]
    assert order == sorted(order)


def rows_of(table: Table) -> list[list[str]]:
    """The cells' texts row by row, each merged cell where it starts."""
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.r0].append(cell.text)
    return rows


def shown_of(table: Table) -> list[list[str]]:
    """What the cells show, row by row."""
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.r0].append(cell.visible)
    return rows


def spans_of(table: Table) -> dict[Place, str]:
    """Each cell's span and text."""
    return {(cell.r0, cell.r1, cell.c0, cell.c1): cell.text for cell in table.cells}


def lines_of(page: Page) -> list[str]:
    """The lines outside the tables."""
    return [line.text for line in page.lines]
