"""The truth of a degraded fixture: its text twin as far as a page shows it.

A picture cannot show what the page hides. So the twin's tables are read from the fixture's text, the text of each cell
is cut to what the cell shows, and these tables go through the same joining and normalizing as a scan's: what comes out
is what a reader without a fault gives. Pages that a sample keeps as text keep their hidden text.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from fixtures.degrade.make import FIXTURES
from fixtures.degrade.recipes import Sample, find_recipe
from model import Cell, Document, Finding, Form, Page, Table


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a sample, by whom ever: its pages' raw tables, forms and findings."""

    pages: tuple[Page, ...]
    forms: tuple[Form, ...]
    findings: tuple[Finding, ...]


@cache
def read_twin(sample: Sample) -> Reading:
    """The reading of a sample's text twin, pages numbered as in the sample."""
    return document_to_reading(twin_document(sample))


def twin_document(sample: Sample) -> Document:
    """The twin's raw tables: shown text only on the pages that the sample holds as pictures."""
    from pipeline import TableEngine, read_pages

    recipe = find_recipe(sample.recipe)
    pages = list(sample.pages) or None
    document = read_pages(FIXTURES / "pdf" / f"{sample.source}.pdf", TableEngine.AUTO, pages)
    return replace(document, pages=tuple(
        _page(page, number, hide=not recipe.text and page.number not in recipe.container.text_pages)
        for number, page in enumerate(document.pages, 1)
    ))


def document_to_reading(document: Document) -> Reading:
    """Raw tables joined and normalized, as `pipeline.read_file` does it."""
    from extract import join_pages
    from normalize import normalize

    content = join_pages(document)
    forms, findings = normalize(content, document.document_id)
    return Reading(document.pages, tuple(forms), (*content.findings, *findings))


def _page(page: Page, number: int, *, hide: bool) -> Page:
    tables = tuple(_table(table, number, hide=hide) for table in page.tables)
    lines = tuple(replace(line, page=number) for line in page.lines)
    return replace(page, number=number, tables=tables, lines=lines)


def _table(table: Table, number: int, *, hide: bool) -> Table:
    cells = tuple(_cell(cell, number, hide=hide) for cell in table.cells)
    return replace(table, page=number, page_last=number, cells=cells)


def _cell(cell: Cell, number: int, *, hide: bool) -> Cell:
    if not hide or cell.shown is None:
        return replace(cell, page=number)
    return replace(cell, page=number, text=cell.visible, shown=None, lines=(cell.visible,))
