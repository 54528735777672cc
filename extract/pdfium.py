"""PDFium at arm's length: opening a file, a page's handles, and the few calls that are made once a character.

pypdfium2's own bindings convert handles to ctypes pointers at every call. A page has some 500 characters and as many
page objects, so the calls made for each are bound here a second time with plain integer handles, which halves their
cost. Nothing outside `extract` sees a handle.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from ctypes import PYFUNCTYPE, c_double, c_float, c_int, c_size_t, c_uint, c_void_p, cast
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extract.boxfont import use_box_font
from model import DocumentError, ErrorCode

__all__ = ["OpenPage", "call", "open_page", "open_pdf"]


def _bind(function: Any, restype: Any, *argtypes: Any) -> Callable[..., Any]:
    return PYFUNCTYPE(restype, *argtypes)(cast(function, c_void_p).value or 0)


class call:  # noqa: N801 - a namespace of functions, written as PDFium's own names are used
    """PDFium's functions over integer handles."""

    count_objects = _bind(raw.FPDFPage_CountObjects, c_int, c_void_p)
    get_object = _bind(raw.FPDFPage_GetObject, c_void_p, c_void_p, c_int)
    object_type = _bind(raw.FPDFPageObj_GetType, c_int, c_void_p)
    object_bounds = _bind(raw.FPDFPageObj_GetBounds, c_int, *[c_void_p] * 5)
    object_matrix = _bind(raw.FPDFPageObj_GetMatrix, c_int, c_void_p, c_void_p)
    form_count = _bind(raw.FPDFFormObj_CountObjects, c_int, c_void_p)
    form_object = _bind(raw.FPDFFormObj_GetObject, c_void_p, c_void_p, c_size_t)
    fill_color = _bind(raw.FPDFPageObj_GetFillColor, c_int, *[c_void_p] * 5)
    stroke_color = _bind(raw.FPDFPageObj_GetStrokeColor, c_int, *[c_void_p] * 5)
    draw_mode = _bind(raw.FPDFPath_GetDrawMode, c_int, c_void_p, c_void_p, c_void_p)
    segment_count = _bind(raw.FPDFPath_CountSegments, c_int, c_void_p)
    path_segment = _bind(raw.FPDFPath_GetPathSegment, c_void_p, c_void_p, c_int)
    segment_point = _bind(raw.FPDFPathSegment_GetPoint, c_int, *[c_void_p] * 3)
    segment_type = _bind(raw.FPDFPathSegment_GetType, c_int, c_void_p)
    clip_path = _bind(raw.FPDFPageObj_GetClipPath, c_void_p, c_void_p)
    clip_paths = _bind(raw.FPDFClipPath_CountPaths, c_int, c_void_p)
    clip_segments = _bind(raw.FPDFClipPath_CountPathSegments, c_int, c_void_p, c_int)
    clip_segment = _bind(raw.FPDFClipPath_GetPathSegment, c_void_p, c_void_p, c_int, c_int)
    segment_close = _bind(raw.FPDFPathSegment_GetClose, c_int, c_void_p)
    get_text = _bind(raw.FPDFText_GetText, c_int, c_void_p, c_int, c_int, c_void_p)
    char_box = _bind(raw.FPDFText_GetCharBox, c_int, c_void_p, c_int, *[c_void_p] * 4)
    char_loose_box = _bind(raw.FPDFText_GetLooseCharBox, c_int, c_void_p, c_int, c_void_p)
    char_code = _bind(raw.FPDFText_GetUnicode, c_uint, c_void_p, c_int)
    char_generated = _bind(raw.FPDFText_IsGenerated, c_int, c_void_p, c_int)
    char_object = _bind(raw.FPDFText_GetTextObject, c_void_p, c_void_p, c_int)
    char_origin = _bind(raw.FPDFText_GetCharOrigin, c_int, c_void_p, c_int, *[c_void_p] * 2)
    char_matrix = _bind(raw.FPDFText_GetMatrix, c_int, c_void_p, c_int, c_void_p)
    text_mode = _bind(raw.FPDFTextObj_GetTextRenderMode, c_int, c_void_p)
    see_through = _bind(raw.FPDFPageObj_HasTransparency, c_int, c_void_p)
    image_size = _bind(raw.FPDFImageObj_GetImagePixelSize, c_int, *[c_void_p] * 3)
    char_size = _bind(raw.FPDFText_GetFontSize, c_double, c_void_p, c_int)
    char_angle = _bind(raw.FPDFText_GetCharAngle, c_float, c_void_p, c_int)


_ERRORS = {
    raw.FPDF_ERR_PASSWORD: (
        ErrorCode.ENCRYPTED,
        "is encrypted and needs a password; ask the publisher for an open copy or remove the password",
    ),
    raw.FPDF_ERR_SECURITY: (
        ErrorCode.ENCRYPTED,
        "is protected by a scheme that cannot be opened; ask the publisher for an open copy",
    ),
}


@contextlib.contextmanager
def open_pdf(data: bytes) -> Iterator[pdfium.PdfDocument]:
    """Open a PDF from its bytes. A PDF with an empty user password opens.

    Raises DocumentError: `empty`, `not_a_pdf`, `encrypted` or `damaged`.
    """
    if not data.strip(b"\0 \r\n\t"):
        raise DocumentError(ErrorCode.EMPTY, "The file is empty; download it again.")
    # Headers are found after some bytes of an HTTP head or a byte order mark; readers look in the first 1024 bytes.
    if b"%PDF" not in data[:1024]:
        raise DocumentError(ErrorCode.NOT_A_PDF, f"The file is not a PDF{_what_it_is(data)}; check where it came from.")
    use_box_font()
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code, sentence = _ERRORS.get(
            getattr(error, "err_code", None),
            (ErrorCode.DAMAGED, "is damaged and cannot be opened; download it again"),
        )
        raise DocumentError(code, f"The file {sentence}.") from error
    try:
        if len(document) == 0:
            raise DocumentError(ErrorCode.DAMAGED, "The file holds no page; download it again.")
        yield document
    finally:
        document.close()


_SIGNATURES = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"PK\x03\x04", "a zip archive or an Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"Rar!", "a RAR archive"),
)


def _what_it_is(data: bytes) -> str:
    head = data[:64].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return next((f" but {what}" for mark, what in _SIGNATURES if head.startswith(mark.lower())), "")


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A loaded page: integer handles of page and text page, and its geometry.

    `frame` is (left, bottom, right, top) of the visible box in PDF user space, `rotation` the clockwise quarter turns
    of /Rotate, `width` and `height` the displayed size in points.
    """

    number: int
    page: int
    text: int
    chars: int
    frame: tuple[float, float, float, float]
    rotation: int
    width: float
    height: float


@contextlib.contextmanager
def open_page(document: pdfium.PdfDocument, number: int) -> Iterator[OpenPage | None]:
    """Load page `number` (from 1) with its text; None where PDFium cannot load it. Closed again at the end."""
    page = raw.FPDF_LoadPage(document.raw, number - 1)
    if not page:
        yield None
        return
    text = raw.FPDFText_LoadPage(page)
    try:
        box = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(page, box)
        yield OpenPage(
            number=number,
            page=cast(page, c_void_p).value or 0,
            text=cast(text, c_void_p).value or 0,
            chars=max(raw.FPDFText_CountChars(text), 0) if text else 0,
            frame=(box.left, box.bottom, box.right, box.top),
            rotation=raw.FPDFPage_GetRotation(page) % 4,
            width=raw.FPDF_GetPageWidthF(page),
            height=raw.FPDF_GetPageHeightF(page),
        )
    finally:
        if text:
            raw.FPDFText_ClosePage(text)
        raw.FPDF_ClosePage(page)

