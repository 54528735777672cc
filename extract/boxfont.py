"""A font of boxes for Chinese text whose own font is not in the file.

Published forms often leave out SimSun and its like. PDFium then measures characters by whatever font the machine has,
and drops a text object whose characters that font lacks: on a machine without Chinese fonts a WPS page, one object a
character, is empty, and on others its rare characters are gone. With this font every character has a size, and what
is read does not depend on the machine.
"""

from __future__ import annotations

import ctypes
import struct
from typing import Any

import pypdfium2.raw as raw

__all__ = ["use_box_font", "use_system_fonts"]

_EM, _ASCENT, _DESCENT = 1000, 880, -120
# x0, y0, x1, y1 of the ink
_WIDE_INK, _NARROW_INK = (0, -100, 980, 800), (0, -100, 420, 800)
# PDFium has fonts of its own for these.
_BUILT_IN = (b"helvetica", b"arial", b"times", b"courier", b"symbol", b"zapfdingbats")
_GB2312_CHARSET = 134
_HANDLE = 1


def use_box_font() -> None:
    """Let PDFium measure text without a font by boxes. Holds for this process, for fonts that are not yet loaded."""
    raw.FPDF_SetSystemFontInfo(ctypes.byref(_FONTS))


def use_system_fonts() -> None:
    """Let PDFium take the machine's fonts again, for who wants to see a page: boxes are drawn as specks."""
    raw.FPDF_SetSystemFontInfo(None)


def box_font() -> bytes:
    """A TrueType font with two glyphs, each two specks at the corners of its ink: one wide, and one narrow for Latin.

    The ink stays inside what fonts call their height and width: PDFium joins it to the box that it makes of these.
    """
    wide, narrow = _specks(*_WIDE_INK), _specks(*_NARROW_INK)
    last_latin = 0x1FFF
    box = (0, _WIDE_INK[1], _WIDE_INK[2], _WIDE_INK[3])
    tables = {
        b"cmap": struct.pack(  # format 13: many to one
            ">4HI2H9I", 0, 1, 3, 10, 12, 13, 0, 40, 0, 2, 1, last_latin, 1, last_latin + 1, 0x10FFFF, 2
        ),
        b"glyf": narrow + wide,
        b"head": struct.pack(">4I2H2Q4h2H3h", 0x10000, 0, 0, 0x5F0F3CF5, 0, _EM, 0, 0, *box, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, _ASCENT, _DESCENT, 0, _EM, 0, 0, _EM, 1, *[0] * 7, 3),
        b"hmtx": struct.pack(">HhHhHh", _EM, 0, _EM // 2, 0, _EM, 0),
        b"loca": struct.pack(">4I", 0, 0, len(narrow), len(narrow) + len(wide)),  # glyph 0, "missing", is blank
        b"maxp": struct.pack(">I14H", 0x10000, 3, 8, 2, 0, 0, 2, *[0] * 8),
    }
    at = 12 + 16 * len(tables)
    head, body = struct.pack(">I4H", 0x10000, len(tables), 64, 2, 48), b""
    for tag, data in tables.items():
        head += struct.pack(">4s3I", tag, 0, at + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    return head + body


def _specks(x0: int, y0: int, x1: int, y1: int) -> bytes:
    """A glyph of two small squares in opposite corners of a box."""
    points = [(x + dx, y + dy) for x, y in ((x0, y0), (x1 - 4, y1 - 4)) for dx, dy in ((0, 0), (0, 4), (4, 4), (4, 0))]
    steps = [(x - px, y - py) for (x, y), (px, py) in zip(points, [(0, 0), *points], strict=False)]
    glyph = struct.pack(">5h2Hh8B", 2, x0, y0, x1, y1, 3, 7, 0, *[1] * 8)
    glyph += struct.pack(">8h", *(x for x, _ in steps)) + struct.pack(">8h", *(y for _, y in steps))
    return glyph + b"\0" * (-len(glyph) % 4)


_DATA = box_font()


def _map_font(_this: Any, _weight: int, _italic: int, _charset: int, _pitch: int, face: Any, _exact: Any) -> int | None:
    name = ctypes.string_at(face) if face else b""
    return None if name.lower().startswith(_BUILT_IN) else _HANDLE


def _copy_font(_this: Any, _font: Any, table: int, buffer: Any, size: int) -> int:
    if table:
        return 0  # the whole font is table 0
    if buffer and size >= len(_DATA):
        ctypes.memmove(buffer, _DATA, len(_DATA))
    return len(_DATA)


def _copy_name(_this: Any, _font: Any, buffer: Any, size: int) -> int:
    if buffer and size >= 4:
        ctypes.memmove(buffer, b"Box\0", 4)
    return 4


def _describe_fonts() -> raw.FPDF_SYSFONTINFO:
    callbacks = {
        "Release": lambda _this: None,
        "EnumFonts": lambda _this, _mapper: None,
        "MapFont": _map_font,
        "GetFont": lambda _this, _face: None,
        "GetFontData": _copy_font,
        "GetFaceName": _copy_name,
        "GetFontCharset": lambda _this, _font: _GB2312_CHARSET,
        "DeleteFont": lambda _this, _font: None,
    }
    types = dict(raw.FPDF_SYSFONTINFO._fields_)
    fonts = raw.FPDF_SYSFONTINFO(version=1)
    for name, function in callbacks.items():
        setattr(fonts, name, types[name](function))
    return fonts


_FONTS = _describe_fonts()  # PDFium keeps a pointer to it
