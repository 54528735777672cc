"""Words from the runs of a page: the door through which text enters the reading of tables without rules."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from extract.glyphs import Bools, Floats, Glyphs
from extract.pdfium import OpenPage, call
from extract.settle import Run
from extract.unruled_lines import CUT_GAP, Cut, Word

__all__ = ["glyphs_to_words", "runs_to_words"]

# A new word starts at a gap wider than this, on another line, or further left.
WORD_GAP = 0.9


def runs_to_words(page: OpenPage, runs: Iterable[Run], glyphs: Glyphs, text: str, space: Bools) -> list[Word]:
    """Words of runs. `text` and `space` have a place for each glyph: its character, whether a space stands before it.

    Turned text (axes of charts, stamps along the margin) is left out.
    """
    upright = [run.glyphs for run in runs if len(run.glyphs) > 2 or not _is_turned(page, glyphs, run.glyphs[0])]
    stretches = [stretch for where in upright for stretch in _stretches(where)]
    return _stretches_to_words(stretches, glyphs, text, space)


def glyphs_to_words(glyphs: Glyphs, where: Sequence[int], text: str, space: Bools) -> list[Word]:
    """Words of some glyphs of a page, in the order in which they are drawn."""
    at = np.asarray(where, dtype=np.int64)
    if not len(at):
        return []
    x0, y0, x1, y1 = glyphs.x0[at], glyphs.y0[at], glyphs.x1[at], glyphs.y1[at]
    height = np.minimum(y1[1:] - y0[1:], y1[:-1] - y0[:-1])
    gap = x0[1:] - x1[:-1]
    apart = np.abs((y0 + y1)[1:] - (y0 + y1)[:-1]) > 0.7 * height
    apart |= (gap > WORD_GAP * height) | (gap < -0.5 * height) | (np.diff(at) != 1)
    pieces = np.split(at, np.flatnonzero(apart) + 1)
    return _stretches_to_words([range(int(p[0]), int(p[-1]) + 1) for p in pieces], glyphs, text, space)


def _stretches(where: Sequence[int]) -> Iterator[range]:
    """Glyphs that follow one another as they are drawn."""
    if isinstance(where, range):
        yield where
        return
    start = where[0]
    for before, after in pairwise(where):
        if after != before + 1:
            yield range(start, before + 1)
            start = after
    yield range(start, where[-1] + 1)


def _stretches_to_words(stretches: Sequence[range], glyphs: Glyphs, text: str, space: Bools) -> list[Word]:
    if not stretches:
        return []
    height = np.minimum(glyphs.y1[1:] - glyphs.y0[1:], glyphs.y1[:-1] - glyphs.y0[:-1])
    wide = np.concatenate(([False], glyphs.x0[1:] - glyphs.x1[:-1] > CUT_GAP * height))
    breaks = np.flatnonzero(wide | space).tolist()
    printed = _Printed(text, space.tolist(), wide.tolist(), *(side.tolist() for side in _sides(glyphs)))
    words = []
    for stretch in stretches:
        first = bisect_right(breaks, stretch.start)
        words.append(_word(stretch, breaks[first : bisect_left(breaks, stretch.stop, first)], printed))
    return words


def _sides(glyphs: Glyphs) -> tuple[Floats, Floats, Floats, Floats]:
    return glyphs.x0, glyphs.y0, glyphs.x1, glyphs.y1


class _Printed(NamedTuple):
    """The page's glyphs as lists: character, whether a space or a wide gap stands before it, box."""

    text: str
    space: list[bool]
    wide: list[bool]
    x0: list[float]
    y0: list[float]
    x1: list[float]
    y1: list[float]


def _word(stretch: range, breaks: Sequence[int], printed: _Printed) -> Word:
    """The word of some glyphs; `breaks` are those with a space or a wide gap before them."""
    start, end = stretch.start, stretch.stop
    pieces, cuts, length = [], [], 0
    for k in breaks:
        pieces.append(printed.text[start:k])
        length += k - start
        if printed.space[k]:
            pieces.append(" ")
            length += 1
        if printed.wide[k]:
            cuts.append(Cut(length, printed.x1[k - 1], printed.x0[k]))
        start = k
    pieces.append(printed.text[start:end])
    inside = slice(stretch.start, end)
    return Word(
        "".join(pieces), min(printed.x0[inside]), min(printed.y0[inside]), max(printed.x1[inside]),
        max(printed.y1[inside]), tuple(cuts),
    )  # fmt: skip


def _is_turned(page: OpenPage, glyphs: Glyphs, glyph: int) -> bool:
    """Whether a character does not stand upright on the displayed page."""
    angle = call.char_angle(page.text, int(glyphs.index[glyph]))
    return bool(angle >= 0 and round(angle / (math.pi / 2) + page.rotation) % 4 != 0)
