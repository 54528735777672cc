"""The characters of a page, as arrays, in the display's coordinates."""

from __future__ import annotations

from ctypes import addressof, c_double, c_float, c_ushort
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from extract.pdfium import OpenPage, call
from model import Box

__all__ = ["ClipSource", "Glyphs", "read_glyphs", "to_display", "without_doubles"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_BLANK = np.zeros(0x3002, dtype=bool)
_BLANK[[*range(0x21), 0x7F, 0xA0, 0x2028, 0x2029, 0x200B, 0x200E, 0x200F, 0x3000]] = True
_BLANK[0x2000:0x200B] = True
_BLANK[2] = False  # PDFium writes U+0002 for a hyphen at the end of a line


# Bold that is made by drawing twice moves the second copy by less than this (in heights of the text).
DOUBLE = 0.12


class ClipSource(Protocol):
    """Tells the text object of a character (by its place in the text page) and the clip that it is drawn under."""

    def of(self, index: int) -> tuple[int, Box | None]: ...


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The visible characters of a page in the order of its content, one array place each.

    `code` is the Unicode code point, `x0..y1` the box (advance width by ascent to descent) in points from the top left of
    the displayed page, `index` the place in PDFium's text page, `spaced` whether a typed space stands before it.
    """

    code: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    index: Ints
    spaced: Bools

    def __len__(self) -> int:
        return len(self.code)

    def take(self, which: Ints | Bools) -> Glyphs:
        """The glyphs that an index or mask array chooses, in its order."""
        return Glyphs(
            self.code[which], self.x0[which], self.y0[which], self.x1[which], self.y1[which], self.index[which],
            self.spaced[which],
        )  # fmt: skip


def to_display(page: OpenPage, box: Floats) -> Floats:
    """User-space boxes (n x 4: left, bottom, right, top) as display boxes (n x 4: x0, y0, x1, y1)."""
    left, bottom, right, top = page.frame
    x0, y0, x1, y1 = box[:, 0], box[:, 1], box[:, 2], box[:, 3]
    match page.rotation:
        case 0:
            sides = (x0 - left, top - y1, x1 - left, top - y0)
        case 1:
            sides = (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
        case 2:
            sides = (right - x1, y0 - bottom, right - x0, y1 - bottom)
        case _:
            sides = (top - y1, right - x1, top - y0, right - x0)
    return np.stack(sides, axis=1)


def read_glyphs(page: OpenPage) -> Glyphs:
    """Read the page's characters, blanks left out."""
    count = page.chars
    code = _read_codes(page)
    box = _read_boxes(page)
    blank = _BLANK[np.minimum(code, 0x3001)] | (code == 0xFEFF)
    flat = ~blank & ((box[:, 2] - box[:, 0] <= 0.01) | (box[:, 3] - box[:, 1] <= 0.01))
    if flat.any():  # turned text has no loose box; the tight one is right in any direction
        for i in np.flatnonzero(flat).tolist():
            box[i] = _tight_box(page, i)
    shown = to_display(page, box)
    keep = ~blank
    keep &= (shown[:, 2] > shown[:, 0]) & (shown[:, 3] > shown[:, 1])
    where = np.flatnonzero(keep)
    return Glyphs(
        code=code[where], x0=shown[where, 0], y0=shown[where, 1], x1=shown[where, 2], y1=shown[where, 3],
        index=where, spaced=_spaced(page, code, blank, where, count),
    )  # fmt: skip


def _read_codes(page: OpenPage) -> Ints:
    """Code points by place in the text page. The bulk call leaves out characters that have no Unicode: then one by one."""
    count = page.chars
    buffer = (c_ushort * (count + 1))()
    if call.get_text(page.text, 0, count, addressof(buffer)) == count + 1:
        codes = np.frombuffer(buffer, dtype=np.uint16, count=count).astype(np.int64)
        if not ((codes >= 0xD800) & (codes < 0xE000)).any() and codes.all():
            return codes
    code_of, text = call.char_code, page.text
    return np.fromiter((code_of(text, i) for i in range(count)), dtype=np.int64, count=count)


def _read_boxes(page: OpenPage) -> Floats:
    count = page.chars
    rects = (c_float * (4 * max(count, 1)))()  # FS_RECTF: left, top, right, bottom
    loose_box, text, address = call.char_loose_box, page.text, addressof(rects)
    for i in range(count):
        loose_box(text, i, address + 16 * i)
    boxes = np.frombuffer(rects, dtype=np.float32, count=4 * count).reshape(count, 4).astype(np.float64)
    return boxes[:, [0, 3, 2, 1]]


def _tight_box(page: OpenPage, index: int) -> tuple[float, float, float, float]:
    out = (c_double * 4)()
    at = addressof(out)
    call.char_box(page.text, index, at, at + 8, at + 16, at + 24)  # left, right, bottom, top
    return out[0], out[2], out[1], out[3]


def _spaced(page: OpenPage, code: Ints, blank: Bools, where: Ints, count: int) -> Bools:
    """For each kept place whether a typed space stands before it. PDFium makes up spaces and breaks of its own."""
    spaced = np.zeros(len(where), dtype=bool)
    generated, text = call.char_generated, page.text
    for i in np.flatnonzero(blank).tolist():
        if code[i] in (10, 13) or generated(text, i) == 1:
            continue
        after = int(np.searchsorted(where, i))
        if after < len(where):
            spaced[after] = True
    del count
    return spaced


def without_doubles(glyphs: Glyphs, clips: ClipSource) -> Glyphs:
    """Take out glyphs that are drawn twice at one place to look bold.

    The same character at the same place under two clips is two texts, one of which its cell hides.
    """
    if len(glyphs) < 2:
        return glyphs
    keep = np.ones(len(glyphs), dtype=bool)
    for shift in (0.0, 0.5):  # two roundings, so that a pair on the edge of one is not missed
        order = np.lexsort((np.floor(glyphs.x0 + shift), np.floor(glyphs.y0 + shift), glyphs.code))
        a, b = order[:-1], order[1:]
        near = DOUBLE * (glyphs.y1[a] - glyphs.y0[a])
        double = glyphs.code[a] == glyphs.code[b]
        double &= (np.abs(glyphs.x0[a] - glyphs.x0[b]) < near) & (np.abs(glyphs.y0[a] - glyphs.y0[b]) < near)
        for i in np.flatnonzero(double).tolist():
            first, second = sorted((int(a[i]), int(b[i])))
            if clips.of(int(glyphs.index[first]))[1] == clips.of(int(glyphs.index[second]))[1]:
                keep[second] = False
    return glyphs if keep.all() else glyphs.take(keep)
