"""The characters of a page, as arrays, in the display's coordinates."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from extract.pdfium import OpenPage, call
from model import Box

__all__ = ["ClipSource", "Glyphs", "read_glyphs", "text_turn", "to_display", "without_doubles", "without_watermark"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_BLANK = np.zeros(0x3002, dtype=bool)
_BLANK[[*range(0x21), 0x7F, 0xA0, 0x2028, 0x2029, 0x200B, 0x200E, 0x200F, 0x3000]] = True
_BLANK[0x2000:0x200B] = True
_BLANK[2] = False  # PDFium writes U+0002 for a hyphen at the end of a line


# How far a font reaches over and under its line, in heights, where PDFium does not say.
ASCENT, DESCENT = 0.88, 0.12
# A character's ink starts this close behind its origin, in heights.
BEARING = 0.5
# Boxes lower than this share of the page's usual height may end at the ink of a comma, a full stop or an x.
LOW = 0.75
# Bold that is made by drawing twice moves the second copy by less than this (in heights of the text).
DOUBLE = 0.12


class ClipSource(Protocol):
    """Tells the text object of a character (by its place in the text page) and the clip that it is drawn under."""

    def of(self, index: int) -> tuple[int, Box | None]:
        """The object, by a number of its own, and its clip in display points, None where nothing clips it."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The visible characters of a page in the order of its content, one array place each.

    `code` is the Unicode code point, `x0..y1` the box (advance width by ascent to descent) in points from the top left
    of the displayed page, `index` the place in PDFium's text page, `spaced` whether a typed space stands before it.
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
    code = _read_codes(page)
    box = _read_boxes(page)
    blank = _BLANK[np.minimum(code, 0x3001)] | (code == 0xFEFF)
    for i, inked in _inked(page, np.flatnonzero(~blank & _may_be_ink(box, blank)), box):
        box[i] = _font_box(inked)
    shown = to_display(page, box)
    keep = ~blank
    keep &= (shown[:, 2] > shown[:, 0]) & (shown[:, 3] > shown[:, 1])
    where = np.flatnonzero(keep)
    return Glyphs(
        code=code[where], x0=shown[where, 0], y0=shown[where, 1], x1=shown[where, 2], y1=shown[where, 3],
        index=where, spaced=_spaced(page, code, blank, where),
    )  # fmt: skip


def _read_codes(page: OpenPage) -> Ints:
    """Code points by place in the text page, one by one where the bulk call left out some that have no Unicode."""
    count = page.chars
    codes = np.zeros(count + 1, dtype=np.uint16)
    if call.get_text(page.text, 0, count, codes.ctypes.data) == count + 1:
        surrogates = (codes >= 0xD800) & (codes < 0xE000)
        if codes[:count].all() and not surrogates.any():
            return codes[:count].astype(np.int64)
    code_of, text = call.char_code, page.text
    return np.fromiter((code_of(text, i) for i in range(count)), dtype=np.int64, count=count)


def _read_boxes(page: OpenPage) -> Floats:
    rects = np.zeros((page.chars, 4), dtype=np.float32)  # FS_RECTF: left, top, right, bottom
    first, count = rects.ctypes.data, page.chars
    addresses = range(first, first + 16 * count, 16)
    deque(map(call.char_loose_box, repeat(page.text), range(count), addresses), maxlen=0)  # the loop in C
    return rects[:, [0, 3, 2, 1]].astype(np.float64)


class _Inked(NamedTuple):
    """A character for which PDFium has only the ink, or no box: its box by PDFium and its ink (left, bottom, right,
    top), its origin, the direction of its line, and the size of its font."""

    known: list[float]
    ink: list[float]
    origin: list[float]
    direction: list[float]
    size: float


def _inked(page: OpenPage, where: Ints, box: Floats) -> Iterator[tuple[int, _Inked]]:
    """Of the characters at `where` those whose box is their ink, or flat, each with its place in the text page."""
    ink = _asked(call.char_box, page, where, np.zeros((len(where), 4)))[:, [0, 2, 1, 3]]
    known = box[where]
    bare = (known[:, 2] - known[:, 0] <= 0.01) | (known[:, 3] - known[:, 1] <= 0.01)
    bare |= (np.abs(known[:, 1] - ink[:, 1]) <= 0.01) | (np.abs(known[:, 3] - ink[:, 3]) <= 0.01)
    if not bare.any():
        return
    where, known, ink = where[bare], known[bare], ink[bare]
    origin = _asked(call.char_origin, page, where, np.zeros((len(where), 2)))
    matrix = np.zeros((len(where), 6), dtype=np.float32)
    first = matrix.ctypes.data
    places = where.tolist()
    deque(map(call.char_matrix, repeat(page.text), places, range(first, first + 24 * len(places), 24)), maxlen=0)
    sizes = map(call.char_size, repeat(page.text), places)
    rows = zip(known.tolist(), ink.tolist(), origin.tolist(), matrix[:, :2].tolist(), sizes, strict=True)
    yield from zip(places, map(_Inked._make, rows), strict=True)


def _asked(call_of: Callable[..., int], page: OpenPage, where: Ints, out: Floats) -> Floats:
    """PDFium's answer for each character at `where`: as many doubles as `out` has columns."""
    first, step = out.ctypes.data, 8 * out.shape[1]
    columns = [range(first + 8 * k, first + step * len(out), step) for k in range(out.shape[1])]
    deque(map(call_of, repeat(page.text), where.tolist(), *columns), maxlen=0)
    return out


def _font_box(inked: _Inked) -> tuple[float, float, float, float]:
    """The box of a character for which PDFium has only the ink: from its origin to the ink's end, as high as its font.

    In fonts whose descriptor says Ascent 0, as LibreOffice writes it for AR PL UMing, top or bottom are the ink's.

    Ink alone would put 一 or a comma on a line of its own, and gaps beside a full stop or a 1.
    """
    known, (left, bottom, right, top), (x, y), (a, b), font_size = inked
    size = font_size * math.hypot(a, b)
    is_flat = known[2] - known[0] <= 0.01 or known[3] - known[1] <= 0.01
    if not size or (abs(a) > 0.05 * abs(b) and abs(b) > 0.05 * abs(a)):
        return left, bottom, right, top
    if abs(b) > abs(a):  # the text runs up (b > 0) or down the unturned page
        up, down = (x - ASCENT * size, x + DESCENT * size) if b > 0 else (x - DESCENT * size, x + ASCENT * size)
        return (up, _from(y, bottom, size), down, top) if b > 0 else (up, bottom, down, _from(y, top, -size))
    low, high = (y - DESCENT * size, y + ASCENT * size) if a > 0 else (y - ASCENT * size, y + DESCENT * size)
    if not is_flat and max(abs(a - b) for a, b in zip(known, inked.ink, strict=True)) > 0.01:
        return known[0], low, known[2], high
    return (_from(x, left, size), low, right, high) if a > 0 else (left, low, _from(x, right, -size), high)


def _from(origin: float, ink: float, size: float) -> float:
    """Where a character starts: at its origin, but at its ink where one glyph stands for several characters."""
    return origin if 0 <= (ink - origin) / size < BEARING else ink


def text_turn(page: OpenPage, glyphs: Glyphs) -> int:
    """The clockwise quarter turns that bring most of the page's text upright: 0 but where a table lies sideways."""
    if not len(glyphs):
        return 0
    step = max(len(glyphs) // 12, 1)
    turns = [
        (-round(call.char_angle(page.text, i) / (math.pi / 2)) - page.rotation) % 4
        for i in glyphs.index[::step].tolist()
    ]  # PDFium counts angles clockwise
    turn = max(set(turns), key=turns.count)
    return turn if turns.count(turn) * 2 > len(turns) else 0


def without_watermark(page: OpenPage, glyphs: Glyphs) -> Glyphs:
    """Take out text that stands aslant, as watermarks do."""
    if len(glyphs) < 3:
        return glyphs
    height = np.minimum(glyphs.y1[1:] - glyphs.y0[1:], glyphs.y1[:-1] - glyphs.y0[:-1])
    across, along = np.abs(np.diff(glyphs.x0)) / height, np.abs(np.diff(glyphs.y0)) / height
    aslant = (across > 0.15) & (across < 1.6) & (along > 0.15) & (along < 1.6)
    pairs = np.flatnonzero(aslant[1:] & aslant[:-1])
    if not len(pairs):
        return glyphs
    keep = np.ones(len(glyphs), dtype=bool)
    for k in sorted({int(i) + step for i in pairs for step in range(3)}):
        quarters = call.char_angle(page.text, int(glyphs.index[k])) / (math.pi / 2)
        keep[k] = abs(quarters - round(quarters)) < 0.05
    return glyphs.take(keep)


def _may_be_ink(box: Floats, blank: Bools) -> Bools:
    """Which boxes may be ink or nothing, not the font's: PDFium has no font's box for turned text, nor for fonts that
    do not say how high they are (Chromium writes some of a page's characters in such). The font's are alike in height.
    """
    kind = np.clip((box[:, 3] - box[:, 1]) * 4, 0, 4000).astype(np.int64)
    count = np.bincount(kind[~blank], minlength=1)
    among = np.cumsum(count)
    usual = int(np.searchsorted(among, among[-1] / 2))  # the median
    is_odd = count < max(3, 0.02 * among[-1])
    is_odd[: max(1, math.ceil(LOW * usual))] = True
    odd: Bools = is_odd[np.minimum(kind, len(count) - 1)] | (box[:, 2] - box[:, 0] <= 0.01)
    return odd


def _spaced(page: OpenPage, code: Ints, blank: Bools, where: Ints) -> Bools:
    """For each kept place whether a typed space stands before it. PDFium makes up spaces and breaks of its own."""
    spaced = np.zeros(len(where), dtype=bool)
    generated, text = call.char_generated, page.text
    blanks = np.flatnonzero(blank & (code != 10) & (code != 13))
    behind = np.searchsorted(where, blanks)
    for i, after in zip(blanks.tolist(), behind.tolist(), strict=True):
        if after < len(where) and not spaced[after] and generated(text, i) != 1:
            spaced[after] = True
    return spaced


def without_doubles(glyphs: Glyphs, clips: ClipSource) -> Glyphs:
    """Take out glyphs that are drawn twice at one place to look bold.

    The same character at the same place under two clips is two texts, one of which its cell hides.
    """
    if len(glyphs) < 2:
        return glyphs
    keep = np.ones(len(glyphs), dtype=bool)
    for shift in (0.0, 0.5):  # two roundings, so that a pair on the edge of one is not missed
        place = (glyphs.y0 / 2 + shift).astype(np.int64) * 65536 + (glyphs.x0 / 2 + shift).astype(np.int64)
        key = glyphs.code * 2**40 + place
        if len(set(key.tolist())) == len(key):
            continue
        order = np.argsort(key)
        same = np.diff(key[order]) == 0
        a, b = order[:-1], order[1:]
        near = DOUBLE * (glyphs.y1[a] - glyphs.y0[a])
        double = same & (np.abs(glyphs.x0[a] - glyphs.x0[b]) < near) & (np.abs(glyphs.y0[a] - glyphs.y0[b]) < near)
        for i in np.flatnonzero(double).tolist():
            first, second = sorted((int(a[i]), int(b[i])))
            if clips.of(int(glyphs.index[first]))[1] == clips.of(int(glyphs.index[second]))[1]:
                keep[second] = False
    return glyphs if keep.all() else glyphs.take(keep)
