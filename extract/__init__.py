"""A file in, raw tables out. `read_document` reads the pages, `join_pages` joins their tables over page breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extract.document import read_document
    from extract.join import join_pages

__all__ = ["join_pages", "read_document"]


def __getattr__(name: str) -> Any:  # PDFium and numpy are loaded at the first use, not by `zipingbiao --help`
    if name == "read_document":
        from extract.document import read_document

        return read_document
    if name == "join_pages":
        from extract.join import join_pages

        return join_pages
    raise AttributeError(name)
