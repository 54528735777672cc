"""A file in, its pages read: raw tables and the lines beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from extract.breaks import part_at_breaks
from extract.page import read_page
from extract.pdfium import open_page, open_pdf
from model import Code, Document, DocumentError, ErrorCode, Finding, Method, Page

__all__ = ["ENGINES", "read_document"]

ENGINES = ("auto", "ruled", "pdfplumber", "camelot")
# A published report has some hundred pages and a few megabytes; what is larger is a mistake or an attack.
MAX_BYTES = 512 * 1024 * 1024
MAX_PAGES = 5000


def _no_pages(_done: int, _total: int) -> None:
    """Nobody wants to know how far a document is."""


def read_document(
    path: str | Path,
    *,
    engine: str = "auto",
    pages: Sequence[int] | None = None,
    on_page: Callable[[int, int], None] = _no_pages,
) -> Document:
    """Read a PDF's tables and lines. `pages` (from 1) limits it; pages that the file does not have are left out.

    `engine`: `auto` reads ruled tables from the page's rules and tables without rules by their alignment; `ruled`,
    `pdfplumber` and `camelot` use that engine alone. After each page, `on_page` is called with the number of pages read
    and their total. Raises DocumentError where the file cannot be read, ValueError for
    an engine that there is not.
    """
    if engine not in ENGINES:
        raise ValueError(f"no table engine {engine!r}; there are {', '.join(ENGINES)}")
    path = Path(path)
    data = _read_bytes(path)
    with open_pdf(data) as document:
        count = len(document)
        if count > MAX_PAGES:
            raise DocumentError(ErrorCode.TOO_LARGE, f"The file has {count} pages, more than {MAX_PAGES}; split it.")
        wanted = range(1, count + 1) if pages is None else sorted({p for p in pages if 1 <= p <= count})
        read = []
        for page in _read_pages(document, wanted, path, engine):
            read.append(page)
            on_page(len(read), len(wanted))
        producer = document.get_metadata_value("Producer") or None
    return Document(
        document_id=hashlib.sha256(data).hexdigest(),
        path=str(path),
        media_type="application/pdf",
        size_bytes=len(data),
        producer=producer,
        pages=tuple(part_at_breaks(read)),
    )


def _read_bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(ErrorCode.TOO_LARGE, f"The file has more than {MAX_BYTES >> 20} MiB; split it.")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: no path has a null in it
        raise DocumentError(ErrorCode.NOT_FOUND, "The file does not exist; check the path.") from error
    except IsADirectoryError as error:
        raise DocumentError(ErrorCode.NOT_FOUND, "The path is a folder; name a file in it.") from error
    except OSError as error:
        raise DocumentError(
            ErrorCode.NOT_FOUND, f"The file cannot be read ({error.strerror}); check its rights."
        ) from error


def _read_pages(document: object, wanted: Sequence[int], path: Path, engine: str) -> Iterator[Page]:
    for number in wanted:
        with open_page(document, number) as page:
            if page is None:
                yield _unreadable(number)
            else:
                yield read_page(page, path=path, engine=engine)


def _unreadable(number: int) -> Page:
    finding = Finding(
        Code.PAGE_UNREAD, "The page is damaged and could not be loaded; download the file again.",
        table="documents", page=number,
    )  # fmt: skip
    return Page(number, 0.0, 0.0, Method.TEXT, (), (), (finding,))
