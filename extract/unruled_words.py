"""Words from the runs of a page: the door through which text enters the reading of tables without rules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from extract.glyphs import Bools, Glyphs
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
    return [
        _word(run.glyphs, glyphs, text, space)
        for run in runs
        if len(run.glyphs) > 2 or not _is_turned(page, glyphs, run.glyphs[0])
    ]


def glyphs_to_words(glyphs: Glyphs, where: Sequence[int], text: str, space: Bools) -> list[Word]:
    """Words of some glyphs of a page, in the order in which they are drawn."""
    at = np.asarray(where)
    if not len(at):
        return []
    x0, y0, x1, y1 = glyphs.x0[at], glyphs.y0[at], glyphs.x1[at], glyphs.y1[at]
    height = np.minimum(y1[1:] - y0[1:], y1[:-1] - y0[:-1])
    gap = x0[1:] - x1[:-1]
    apart = np.abs((y0 + y1)[1:] - (y0 + y1)[:-1]) > 0.7 * height
    apart |= (gap > WORD_GAP * height) | (gap < -0.5 * height)
    return [_word(piece.tolist(), glyphs, text, space) for piece in np.split(at, np.flatnonzero(apart) + 1)]


def _word(where: Sequence[int], glyphs: Glyphs, text: str, space: Bools) -> Word:
    at = np.asarray(where)
    x0, x1, y0, y1 = glyphs.x0[at], glyphs.x1[at], glyphs.y0[at], glyphs.y1[at]
    gap = x0[1:] - x1[:-1]
    wide = np.flatnonzero(gap > CUT_GAP * float((y1 - y0).min())).tolist()
    spaced = set((np.flatnonzero(space[at][1:]) + 1).tolist())
    pieces, cuts, length = [], [], 0
    for k, char in enumerate(text[i] for i in at.tolist()):
        if k in spaced:
            pieces.append(" ")
            length += 1
        if wide and k - 1 == wide[0]:
            cuts.append(Cut(length, float(x1[k - 1]), float(x0[k])))
            wide.pop(0)
        pieces.append(char)
        length += 1
    return Word("".join(pieces), float(x0.min()), float(y0.min()), float(x1.max()), float(y1.max()), tuple(cuts))


def _is_turned(page: OpenPage, glyphs: Glyphs, glyph: int) -> bool:
    """Whether a character does not stand upright on the displayed page."""
    angle = call.char_angle(page.text, int(glyphs.index[glyph]))
    return bool(angle >= 0 and round(angle / (math.pi / 2) + page.rotation) % 4 != 0)
