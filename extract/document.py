"""A file in, its pages read: raw tables and the lines beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from extract.breaks import part_at_breaks
from extract.page import PageText, read_page
from extract.pdfium import OpenPage, open_page, open_pdf
from extract.unread import Unread
from model import Code, Document, DocumentError, ErrorCode, Finding, Method, Page

__all__ = ["ENGINES", "OCR", "Recognition", "read_document"]

ENGINES = ("auto", "ruled", "pdfplumber", "camelot")
OCR = ("auto", "never", "always")
# A published report has some hundred pages and a few megabytes; what is larger is a mistake or an attack.
MAX_BYTES = 512 * 1024 * 1024
MAX_PAGES = 5000


def _no_scan(_pages: int) -> None:
    """Nothing to tell."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """Which pages are read by character recognition (`auto`: those without usable text, `never`, `always`), how many
    threads that may use, and who hears of it: before a page is recognised, `on_scan` is called with the number of
    such pages so far, since each takes seconds."""

    when: str = "auto"
    threads: int = 1
    on_scan: Callable[[int], None] = _no_scan

    def __post_init__(self) -> None:
        if self.when not in OCR:
            raise ValueError(f"no way of recognition {self.when!r}; there are {', '.join(OCR)}")


Progress = Callable[[int, int], None]
"""Called after each page with the number of pages done and of all."""


def _no_progress(done: int, total: int) -> None:
    """Nothing to tell."""


def read_document(
    path: str | Path,
    *,
    engine: str = "auto",
    pages: Sequence[int] | None = None,
    recognition: Recognition = Recognition(),
    on_page: Progress = _no_progress,
) -> Document:
    """Read a PDF's or a picture's tables and lines. `pages` (from 1) limits it; pages that it does not have are left
    out.

    `engine`: `auto` reads ruled tables from the page's rules and tables without rules by their alignment; `ruled`,
    `pdfplumber` and `camelot` use that engine alone. Raises DocumentError where the file cannot be read, ValueError for
    an engine that there is not.
    """
    if engine not in ENGINES:
        raise ValueError(f"no table engine {engine!r}; there are {', '.join(ENGINES)}")
    path = Path(path)
    data = _read_bytes(path)
    kind = picture_type(data)
    if kind is None:
        read, producer = _read_pdf(data, path, engine, pages, recognition, on_page)
    else:
        read, producer = _read_pictures(data, pages, recognition, on_page), None
    return Document(
        document_id=hashlib.sha256(data).hexdigest(),
        path=str(path),
        media_type=kind or "application/pdf",
        size_bytes=len(data),
        producer=producer,
        pages=tuple(part_at_breaks(read)),
    )


_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)


def picture_type(data: bytes) -> str | None:
    """The media type of a picture by its first bytes; None for everything else."""
    return next((kind for mark, kind in _PICTURES if data.startswith(mark)), None)


def _read_pdf(
    data: bytes, path: Path, engine: str, pages: Sequence[int] | None, recognition: Recognition, on_page: Progress
) -> tuple[list[Page], str | None]:
    with open_pdf(data) as document:
        count = len(document)
        if count > MAX_PAGES:
            raise DocumentError(ErrorCode.TOO_LARGE, f"The file has {count} pages, more than {MAX_PAGES}; split it.")
        wanted = range(1, count + 1) if pages is None else sorted({p for p in pages if 1 <= p <= count})
        with _PageReader(data, path, engine, recognition) as reader:
            read = []
            for number in wanted:
                with open_page(document, number) as page:
                    read.append(_unreadable(number) if page is None else reader.read(page))
                on_page(len(read), len(wanted))
        return read, document.get_metadata_value("Producer") or None


class _PageReader:
    """Reads the pages of one PDF, each by its text or by its picture."""

    def __init__(self, data: bytes, path: Path, engine: str, recognition: Recognition) -> None:
        self._path = path
        self._engine = engine
        self._recognition = recognition
        self._data = data
        self._stack = ExitStack()
        self._scanner: Any = None
        self._scanned = 0

    def __enter__(self) -> _PageReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(self, page: OpenPage) -> Page:
        """The page's tables and lines."""
        always = self._recognition.when == "always" and page.width > 0 and page.height > 0
        text, unread = _nothing(page) if always else read_page(page, path=self._path, engine=self._engine)
        if unread is None and not always:
            return text
        advice = why_not(self._recognition)
        if advice is None:
            return self._scan(page, text, unread)
        return text if unread is not None and unread.pictures else with_unread(text, unread, advice)

    def _scan(self, page: OpenPage, text: Page, unread: Unread | None) -> Page:
        if self._scanner is None:
            from extract.scan.scanner import Scanner

            self._scanner = self._stack.enter_context(Scanner(self._data, self._recognition.threads))
        self._scanned += 1
        self._recognition.on_scan(self._scanned)
        scanned: Page = self._scanner.read(page, text, unread)
        return scanned


def _nothing(page: OpenPage) -> PageText:
    return PageText(Page(page.number, page.width, page.height, Method.TEXT, (), ()), None)


def why_not(recognition: Recognition) -> str | None:
    """Why pages cannot be recognised, and what to do; None where they can."""
    from extract.scan.recognise import INSTALL, is_installed

    if recognition.when == "never":
        return "it was not read since --ocr is never"
    return None if is_installed() else f"it needs character recognition: {INSTALL}"


def with_unread(page: Page, unread: Unread | None, advice: str) -> Page:
    """The page with a finding that it was not read."""
    why = unread.why if unread is not None else "The page is to be read as a picture"
    finding = Finding(Code.PAGE_UNREAD, f"{why}; {advice}.", table="documents", page=page.number)
    return replace(page, findings=(*page.findings, finding))


def _read_pictures(
    data: bytes, pages: Sequence[int] | None, recognition: Recognition, on_page: Progress
) -> list[Page]:
    """The pages of a picture file. Raises DocumentError."""
    from extract.scan.picture import count_pictures, open_pictures

    count = count_pictures(data)
    if count > MAX_PAGES:
        raise DocumentError(ErrorCode.TOO_LARGE, f"The file has {count} pages, more than {MAX_PAGES}; split it.")
    wanted = range(1, count + 1) if pages is None else sorted({p for p in pages if 1 <= p <= count})
    advice = why_not(recognition)
    if advice is None:
        recognition.on_scan(len(wanted))
    read = []
    for number, picture in zip(wanted, open_pictures(data, wanted), strict=True):
        height, width = picture.picture.shape[:2]
        if advice is None:
            from extract.scan.page import read_picture

            read.append(read_picture(picture.picture, picture.scale, number, recognition.threads))
        else:
            page = Page(number, width / picture.scale, height / picture.scale, Method.TEXT, (), ())
            read.append(with_unread(page, Unread("The page is a picture"), advice))
        on_page(len(read), len(wanted))
    return read


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


def _unreadable(number: int) -> Page:
    finding = Finding(
        Code.PAGE_UNREAD, "The page is damaged and could not be loaded; download the file again.",
        table="documents", page=number,
    )  # fmt: skip
    return Page(number, 0.0, 0.0, Method.TEXT, (), (), (finding,))
