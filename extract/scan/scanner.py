"""The door from a PDF's page to its picture: whole pages without usable text, and pictures that stand beside text."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

import numpy as np

from extract.grid import find_grids
from extract.pdfium import OpenPage
from extract.scan.ink import picture_to_ink
from extract.scan.layout import rules_in_points
from extract.scan.page import read_picture
from extract.scan.picture import PagePicture, render_page, seeing
from extract.scan.rulings import find_rulings
from extract.scan.straighten import straighten
from extract.unread import Unread
from model import Box, Code, Finding, Method, Page

__all__ = ["Scanner", "with_pictures"]

# A picture beside text is a form only if its rules make so many cells.
_LEAST_CELLS = 6
_GLANCE_DPI = 100.0


class Scanner:
    """Reads pages of one PDF by their pictures. `data` are the file's bytes, `threads` how many a page may use."""

    def __init__(self, data: bytes, threads: int) -> None:
        self._data = data
        self._threads = threads
        self._stack = ExitStack()
        self._document: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _render(self, page: OpenPage, dpi: float | None = None) -> PagePicture | None:
        if self._document is None:
            self._document = self._stack.enter_context(seeing(self._data))
        return render_page(self._document, page, dpi)

    def read(self, page: OpenPage, text: Page, unread: Unread | None) -> Page:
        """The page, read as far as `unread` says (None: all of it) by its picture, the rest as in `text`."""
        pictures = unread.pictures if unread is not None else ()
        if pictures and not self._shows_grid(page, pictures):
            return text
        picture = self._render(page)
        if picture is None:
            sentence = f"The page is {page.width:.0f} x {page.height:.0f} points, too large to be read as a picture."
            finding = Finding(Code.PAGE_UNREAD, sentence, table="documents", page=page.number)
            return replace(text, findings=(*text.findings, finding))
        if not pictures:
            return self._read_all(page, picture)
        return with_pictures(text, self._read_all(page, PagePicture(_only(picture, pictures), picture.scale)))

    def _shows_grid(self, page: OpenPage, pictures: Sequence[Box]) -> bool:
        """Whether rules make a grid in the pictures, at a glance: photos and charts on pages of text are many."""
        picture = self._render(page, _GLANCE_DPI)
        return picture is not None and _is_gridded(PagePicture(_only(picture, pictures), picture.scale))

    def _read_all(self, page: OpenPage, picture: PagePicture) -> Page:
        read = read_picture(picture.picture, picture.scale, page.number, self._threads)
        return replace(read, width=page.width, height=page.height)


def _only(picture: PagePicture, boxes: Sequence[Box]) -> Any:
    """The page's picture with everything outside the boxes white."""
    pixels = np.full_like(picture.picture, 255)
    for box in boxes:
        x0, y0, x1, y1 = (max(round(side * picture.scale), 0) for side in box)
        pixels[y0:y1, x0:x1] = picture.picture[y0:y1, x0:x1]
    return pixels


def _is_gridded(picture: PagePicture) -> bool:
    ink = straighten(picture_to_ink(picture.picture, picture.scale)).ink
    rules = find_rulings(ink.gray, ink.scale)
    horizontal, vertical = (rules_in_points(found, ink.scale) for found in (rules.horizontal, rules.vertical))
    return any(len(grid.spans) >= _LEAST_CELLS for grid in find_grids(horizontal, vertical))


def with_pictures(text: Page, scanned: Page) -> Page:
    """A page of text with the tables of its pictures; as it was where they hold none."""
    if not scanned.tables:
        return text
    tables = sorted([*text.tables, *scanned.tables], key=lambda table: (table.bbox.y0, table.bbox.x0))
    lines = sorted([*text.lines, *scanned.lines], key=lambda line: (line.bbox.y0, line.bbox.x0))
    findings = (*text.findings, *scanned.findings)
    return replace(text, method=Method.MIXED, tables=tuple(tables), lines=tuple(lines), findings=findings)
