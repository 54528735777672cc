"""Why a page, or a picture on it, cannot be read by its text: what character recognition is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pypdfium2.raw as raw

from extract.glyphs import Bools, Glyphs
from extract.pdfium import OpenPage, call
from extract.rules import Drawing
from model import Box

__all__ = ["Unread", "find_unread"]

# Pages with fewer characters hold no text but a page number.
_FEW_GLYPHS = 20
_NO_GLYPHS = 5
# A page is a picture where pictures cover this share of it; one without any text where they cover so much.
_PICTURE_PAGE = 0.4
_LONE_PICTURE = 0.06
# Text converted to outlines: so many paths and no text.
_MANY_PATHS = 400
# Fonts without a meaning: this share of the characters has no Unicode, or one that no text is made of.
_UNMAPPED = 0.2
# A picture on a page of text that may be a form: its share of the page, and the characters that may stand over it.
_FORM_PICTURE = 0.1
_STRAY_GLYPHS = 4
# Characters asked whether they show.
_ASKED = 60
# Of the Chinese characters of a text this share is among the 6,763 (13,060 traditional) that all print uses; garbage
# text layers hold characters from all over the plane.
_COMMON = 0.75
_ENOUGH = 30
_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a page its text does not give: all of it, or the `pictures` (display points) that stand beside text."""

    why: str
    pictures: tuple[Box, ...] = ()


def find_unread(page: OpenPage, glyphs: Glyphs, drawing: Drawing) -> Unread | None:
    """What of a page must be recognised; None where its text is all there is."""
    if page.width <= 0 or page.height <= 0:
        return None
    covered = sum(_area(box) for box in drawing.pictures) / (page.width * page.height)
    if len(glyphs) < _FEW_GLYPHS and (
        covered > _PICTURE_PAGE or (len(glyphs) < _NO_GLYPHS and covered > _LONE_PICTURE)
    ):
        return Unread("The page is a picture without text")
    if len(glyphs) < _FEW_GLYPHS and drawing.paths > _MANY_PATHS and not drawing.horizontal:
        return Unread("The page's letters are drawn as outlines")
    if _is_garbage(glyphs):
        return Unread("The page's fonts do not say which characters they show")
    if covered > _PICTURE_PAGE and _is_hidden(page, glyphs, drawing):
        return Unread("The page is a picture over a hidden text layer")
    pictures = tuple(box for box in drawing.pictures if _may_be_form(box, page, glyphs))
    return Unread("The page shows a picture beside its text", pictures) if pictures else None


def _area(box: Box) -> float:
    return max(box.x1 - box.x0, 0.0) * max(box.y1 - box.y0, 0.0)


def _is_garbage(glyphs: Glyphs) -> bool:
    """Whether the characters are none that a text is made of."""
    code = glyphs.code
    unmapped = (code == 0) | (code == 0xFFFD) | ((code >= 0xE000) & (code < 0xF900))
    control = ((code > 2) & (code < 0x20)) | ((code >= 0x7F) & (code < 0xA0))
    odd = unmapped | control | ((code >= 0x370) & (code < 0x2000))
    if int(odd.sum()) > _UNMAPPED * max(len(glyphs), _FEW_GLYPHS):
        return True
    chinese = code[(code >= 0x3400) & (code < 0xA000)]
    if len(chinese) < _ENOUGH:
        return False
    text = "".join(map(chr, chinese.tolist()))
    return all(len(text.encode(book, "ignore")) / 2 < _COMMON * len(text) for book in ("gb2312", "big5"))


def _is_hidden(page: OpenPage, glyphs: Glyphs, drawing: Drawing) -> bool:
    """Whether most of the text does not show: drawn invisibly, as the text layers of scans are, or before a picture
    that lies over it."""
    at = np.unique(np.linspace(0, len(glyphs) - 1, _ASKED).astype(int))
    objects = [call.char_object(page.text, int(glyphs.index[k])) for k in at]
    modes = [call.text_mode(handle) if handle else -1 for handle in objects]
    invisible = np.array([mode in _INVISIBLE for mode in modes])
    if invisible.mean() > 0.5:
        return True
    order = {call.get_object(page.page, n): n for n in range(call.count_objects(page.page))}
    last = _last_opaque(order)
    under = [bool(handle) and order.get(handle, len(order)) < last for handle in objects]
    inside = _inside(glyphs.take(at), drawing.pictures)
    return bool((invisible | (np.array(under) & inside)).mean() > 0.5)


def _last_opaque(order: dict[int, int]) -> int:
    """The place in the page's order of its last picture that lets nothing through; -1 where there is none."""
    return max(
        (
            place for handle, place in order.items()
            if call.object_type(handle) == raw.FPDF_PAGEOBJ_IMAGE and not call.see_through(handle)
        ),
        default=-1,
    )  # fmt: skip


def _inside(glyphs: Glyphs, boxes: Sequence[Box]) -> Bools:
    x, y = (glyphs.x0 + glyphs.x1) / 2, (glyphs.y0 + glyphs.y1) / 2
    inside = np.zeros(len(glyphs), dtype=bool)
    for box in boxes:
        inside |= (x > box.x0) & (x < box.x1) & (y > box.y0) & (y < box.y1)
    return inside


def _may_be_form(box: Box, page: OpenPage, glyphs: Glyphs) -> bool:
    """Whether a picture on a page of text is large enough for a form, and none of the text stands over it."""
    return (
        _area(box) > _FORM_PICTURE * page.width * page.height
        and int(_inside(glyphs, [box]).sum()) <= _STRAY_GLYPHS
    )
