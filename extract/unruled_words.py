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
    order = np.array([stretch.start for stretch in stretches])
    ends = np.array([stretch.stop for stretch in stretches])
    # Pairs of start and end, and the boxes between them: reduceat gives each second one.
    pairs = np.column_stack((order, np.minimum(ends, len(glyphs) - 1))).ravel()
    left, top = (np.minimum.reduceat(side, pairs)[::2].tolist() for side in (glyphs.x0, glyphs.y0))
    right, foot = (np.maximum.reduceat(side, pairs)[::2].tolist() for side in (glyphs.x1, glyphs.y1))
    words = []
    for stretch, *box in zip(stretches, left, top, right, foot, strict=True):
        first = bisect_right(breaks, stretch.start)
        inside = breaks[first : bisect_left(breaks, stretch.stop, first)]
        words.append(_word(stretch, inside, box, glyphs, text, (space, wide)))
    return words


def _is_turned(page: OpenPage, glyphs: Glyphs, glyph: int) -> bool:
    """Whether a character does not stand upright on the displayed page."""
    angle = call.char_angle(page.text, int(glyphs.index[glyph]))
    return bool(angle >= 0 and round(angle / (math.pi / 2) + page.rotation) % 4 != 0)
