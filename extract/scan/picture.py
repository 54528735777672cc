"""Pictures of pages: a PDF's page rendered as the scanner took it, and the pages of picture files."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import addressof, c_uint
from dataclasses import dataclass
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extract.boxfont import use_box_font, use_system_fonts
from extract.pdfium import OpenPage, call
from extract.rules import object_bounds, walk_page
from extract.scan.ink import Picture
from model import DocumentError, ErrorCode

__all__ = ["MOST_PIXELS", "PagePicture", "count_pictures", "open_pictures", "render_page", "seeing"]

POINTS = 72
# Scans are rendered at their own resolution within these, in dots an inch: fewer lose strokes, more cost time alone.
_LEAST_DPI, _MOST_DPI = 150, 300
_DRAWN_DPI = 200
# A page is rendered into no more pixels, which is A3 at 300 dpi, and a picture scaled down to that: a layout takes some
# 20 bytes a pixel. Under so many dots an inch nothing can be read, and files with more pixels are refused.
MOST_PIXELS = 18_000_000
_MOST_IN_A_FILE = 100_000_000
_TOO_COARSE = 70
# Pictures without a credible resolution are taken for a page whose longer side is that of A4.
_A4 = 842.0
_CREDIBLE_DPI = (90, 1300)
_CREDIBLE_SIDE = (140, 2600)
# Small pictures are enlarged so many times at most, and no further than this many pixels a side.
_MOST_LARGER, _LARGEST = 3.0, 4000
_BAD = "is damaged and cannot be opened as a picture; download it again"


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a picture, `scale` pixels a point."""

    picture: Picture
    scale: float


@contextmanager
def seeing(data: bytes) -> Iterator[pdfium.PdfDocument]:
    """The PDF opened for rendering: letters of fonts that are not in the file are drawn with the machine's fonts, and
    not as the boxes by which text is measured."""
    use_system_fonts()
    try:
        document = pdfium.PdfDocument(data)
        try:
            yield document
        finally:
            document.close()
    finally:
        use_box_font()


def render_page(document: pdfium.PdfDocument, page: OpenPage, dpi: float | None = None) -> PagePicture | None:
    """The page as displayed, at the resolution of its scan unless `dpi` says another; None where it is too large to be
    read at any resolution.

    `document` is the same file as the page's, opened for rendering.
    """
    dpi = dpi or min(max(_scan_dpi(page), _LEAST_DPI), _MOST_DPI)
    area = page.width * page.height / POINTS**2
    dpi = min(dpi, (MOST_PIXELS / area) ** 0.5)
    if dpi < _TOO_COARSE:
        return None
    bitmap = document[page.number - 1].render(scale=dpi / POINTS, may_draw_forms=False, draw_annots=False)
    picture: Picture = np.ascontiguousarray(_to_bgr(bitmap.to_numpy()))
    return PagePicture(picture, dpi / POINTS)


def _to_bgr(pixels: Any) -> Picture:
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    colors: Picture = pixels[:, :, :3]
    return colors


def _scan_dpi(page: OpenPage) -> float:
    """The resolution of the largest picture on the page, in dots an inch; 200 where the page draws none."""
    best = (0.0, float(_DRAWN_DPI))
    width, height = c_uint(), c_uint()
    for kind, handle, matrix in walk_page(page):
        if kind == raw.FPDF_PAGEOBJ_IMAGE and call.image_size(handle, addressof(width), addressof(height)):
            x0, y0, x1, y1 = object_bounds([handle], matrix)[0].tolist()
            across, down = x1 - x0, y1 - y0
            if min(across, down) > 1:
                dots = max(width.value, height.value) / max(across, down) * POINTS
                best = max(best, (across * down, dots))
    return best[1]


# ---------------------------------------------------------------------------------------------------------------------
# Picture files
# ---------------------------------------------------------------------------------------------------------------------


def count_pictures(data: bytes) -> int:
    """The number of pages of a picture file. Raises DocumentError: `damaged`, `too_large`."""
    with _opened(data) as file:
        return int(getattr(file, "n_frames", 1))


def open_pictures(data: bytes, pages: Sequence[int]) -> Iterator[PagePicture]:
    """Pages (from 1) of a picture file: one of a PNG or JPEG, all of a TIFF. Raises DocumentError as above."""
    with _opened(data) as file:
        for number in pages:
            file.seek(number - 1)
            yield _frame_to_picture(file)


# What Pillow raises for broken files: TypeError for a TIFF that is cut between its pages.
_BROKEN = (OSError, SyntaxError, TypeError, ValueError, EOFError, LookupError, struct.error)


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # large pictures, odd tags: judged here
        try:
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF", "MPO")) as file:
                yield file
        except Image.DecompressionBombError as error:
            raise _too_large() from error
        except (UnidentifiedImageError, *_BROKEN) as error:
            raise DocumentError(ErrorCode.DAMAGED, f"The file {_BAD}.") from error


def _too_large() -> DocumentError:
    return DocumentError(
        ErrorCode.TOO_LARGE, f"The picture has more than {_MOST_IN_A_FILE // 10**6} million pixels; scale it down."
    )


def _frame_to_picture(file: Any) -> PagePicture:
    from PIL import ImageOps

    width, height = file.size
    if width * height > _MOST_IN_A_FILE:
        raise _too_large()
    shrink = max((width * height / MOST_PIXELS) ** 0.5, 1.0)
    scale = _pixels_a_point(file.info.get("dpi"), width, height)
    if file.format == "JPEG" and shrink > 1:
        file.draft("RGB", (int(width / shrink), int(height / shrink)))
    upright = ImageOps.exif_transpose(file)  # cameras say which way up they were held
    flat = _flatten(upright)
    longest = max(flat.size) / scale * (max(width, height) / max(flat.size))
    target = min(max(flat.size), longest * _MOST_DPI / POINTS, max(width, height) / shrink)
    if target < 0.95 * max(flat.size):
        flat = flat.resize([max(1, round(side * target / max(flat.size))) for side in flat.size], resample=5)
    scale *= max(flat.size) / max(width, height)
    larger = min(_LEAST_DPI / POINTS / scale, _MOST_LARGER)
    if larger > 1.2 and max(flat.size) * larger < _LARGEST:  # pictures of screens: rules a pixel wide, letters of ten
        flat = flat.resize([max(1, round(side * larger)) for side in flat.size], resample=3)
        scale *= larger
    return PagePicture(np.ascontiguousarray(np.asarray(flat)[:, :, ::-1]), scale)


def _flatten(frame: Any) -> Any:
    """The frame in red, green and blue, see-through parts on white."""
    from PIL import Image

    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        layered = frame.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(paper, layered).convert("RGB")
    if frame.mode.startswith(("I", "F")):  # 16 bits a pixel, which `convert` would cut off at 255
        levels = np.asarray(frame, dtype=np.float64)
        span = max(float(levels.max() - levels.min()), 1.0)
        return Image.fromarray(((levels - levels.min()) * (255 / span)).astype(np.uint8)).convert("RGB")
    return frame.convert("RGB")


def _pixels_a_point(dpi: Any, width: int, height: int) -> float:
    """The scale that the file claims where it is credible for a page; else that of an A4 page."""
    longest = max(width, height)
    try:
        claimed = float(max(dpi)) if dpi else 0.0
    except (TypeError, ValueError, ZeroDivisionError):
        claimed = 0.0
    if _CREDIBLE_DPI[0] <= claimed <= _CREDIBLE_DPI[1]:
        side = longest * POINTS / claimed
        if _CREDIBLE_SIDE[0] <= side <= _CREDIBLE_SIDE[1] and claimed != 96:  # 96 is what screens and cameras write
            return claimed / POINTS
    return max(longest / _A4, 0.05)
