"""A file in, raw tables out. `read_document` reads the pages, `join_pages` joins their tables over page breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from extract.document import Recognition, read_document
    from extract.join import join_pages

__all__ = ["Recognition", "join_pages", "read_document"]


def __getattr__(name: str) -> Any:  # PDFium and numpy are loaded at the first use, not by `zipingbiao --help`
    if name in ("Recognition", "read_document"):
        import extract.document

        return getattr(extract.document, name)
    if name == "join_pages":
        from extract.join import join_pages

        return join_pages
    raise AttributeError(name)
