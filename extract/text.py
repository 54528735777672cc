"""Text from glyphs: where a space stands, and how the lines of a cell become one string."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from extract.glyphs import Bools, Floats, Glyphs

__all__ = ["glyphs_to_text", "join_lines", "space_before"]

# A gap this wide (in heights of the text) between Latin letters or digits is a space; CJK text is set solid, and only a
# gap that one could not take for justified setting parts it.
LATIN_SPACE = 0.22
CJK_SPACE = 1.5
_HYPHENS = (2, 0xAD, 0xFFFE)  # what PDFium writes for a hyphen at the end of a line
_LATIN_END = re.compile(r"[A-Za-z0-9,.;:!?)\]%'\"À-ɏ]$")
_LATIN_START = re.compile(r"^[A-Za-z0-9(\['\"À-ɏ]")
_NUMBER_END = re.compile(r"[0-9][,.]?$|[+\-−]$")
_NUMBER_START = re.compile(r"^[,.]?[0-9]|^%")
_TAIL = re.compile(r"[0-9,.]*$")
_HEAD = re.compile(r"^[0-9,.]*")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]+)?")

# Some producers map glyphs to look-alike code points (Kangxi radicals, compatibility ideographs): the reader sees the
# ordinary ideograph.
_LOOKALIKES = {
    code: folded
    for first, last in ((0x2E80, 0x2FDF), (0xF900, 0xFAFF))
    for code in range(first, last)
    if len(folded := unicodedata.normalize("NFKC", chr(code))) == 1 and folded != chr(code)
} | dict.fromkeys(_HYPHENS, "-") | {0: "\ufffd"}


def space_before(glyphs: Glyphs) -> Bools:
    """For each glyph whether a space stands between it and the one before it, where both are on one line."""
    space = glyphs.spaced.copy()
    if len(glyphs) > 1:
        gap = glyphs.x0[1:] - glyphs.x1[:-1]
        height = np.minimum(glyphs.y1[1:] - glyphs.y0[1:], glyphs.y1[:-1] - glyphs.y0[:-1])
        latin = glyphs.code < 0x2000
        wide: Floats = np.where(latin[1:] & latin[:-1], LATIN_SPACE, CJK_SPACE) * height
        space[1:] |= gap > wide
    return space


def glyphs_to_text(glyphs: Glyphs) -> str:
    """The glyphs' characters as one string, one place a glyph."""
    text = glyphs.code.astype("<u4").tobytes().decode("utf-32-le", "replace")
    if text.isascii() and "\x02" not in text:
        return text
    code = glyphs.code
    odd = (code <= 2) | (code == 0xAD) | (code == 0xFFFE) | ((code >= 0x2E80) & (code < 0x2FE0))
    if (odd | ((code >= 0xF900) & (code < 0xFB00))).any():
        return text.translate(_LOOKALIKES)
    return text


def join_lines(lines: Sequence[str], full: Sequence[bool] = ()) -> str:
    """Join a cell's lines: CJK without a space, Latin words with one, a number that was broken because its line was
    full without one.

    `full` says for each line whether the next character would not have fitted (taken as True where not given).
    """
    text = ""
    for i, line in enumerate(lines):
        if not line:
            continue
        was_full = full[i - 1] if 0 < i <= len(full) else True
        text += _between(text, line, was_full) + line
    return text


def _between(before: str, after: str, was_full: bool) -> str:
    if not before:
        return ""
    if _NUMBER_END.search(before) and _NUMBER_START.search(after):
        return "" if _is_one_number(before, after, was_full) else " "
    if before.endswith("-"):
        return ""
    return " " if _LATIN_END.search(before) and _LATIN_START.search(after) else ""


def _is_one_number(before: str, after: str, was_full: bool) -> bool:
    """Whether a line break stands inside a number: beside its comma or point, inside a group of three, or, where the
    line was full, anywhere that leaves a number."""
    if after[0] in ",.%" or before[-1] in ",.+-−":
        return True
    tail, head = _TAIL.search(before), _HEAD.search(after)
    if tail is None or head is None:
        return was_full
    whole = tail[0] + head[0]
    if "," in whole:
        return bool(_GROUPED.fullmatch(whole)) and (was_full or not _GROUPED.fullmatch(tail[0]))
    return was_full and whole.count(".") <= 1
