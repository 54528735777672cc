"""Rules taken out of a page's picture, the letters that touch them left whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extract.grid import Grid
from extract.scan.rulings import Bytes, Rulings

__all__ = ["rule_ink"]

# Ink this close to a line of a grid is the line's, in points.
_BESIDE = 2.6
# Rules are at most this thick, in points: a letter's stroke that runs into one is kept that far.
_THICK = 2.0


def rule_ink(rulings: Rulings, grids: Sequence[Grid], dark: Bytes, scale: float) -> Bytes:
    """Where the ink of the grids' rules lies, with its halo (255). Other runs are strokes of letters and underlines.

    Strokes that run into a rule are left: the tail of a comma that touches the rule under it would be cut off, and
    1,400 read as 1.400.
    """
    import cv2

    rows, columns = np.zeros_like(dark), np.zeros_like(dark)
    reach = _BESIDE * scale
    for grid in grids:
        x0, x1 = _span(grid.xs[0] * scale - reach, grid.xs[-1] * scale + reach)
        y0, y1 = _span(grid.ys[0] * scale - reach, grid.ys[-1] * scale + reach)
        for y in grid.ys:
            a, b = _span(y * scale - reach, y * scale + reach)
            rows[a:b, x0:x1] = rulings.row_ink[a:b, x0:x1]
        for x in grid.xs:
            a, b = _span(x * scale - reach, x * scale + reach)
            columns[y0:y1, a:b] = rulings.column_ink[y0:y1, a:b]
    rules = rows | columns
    letters = cv2.subtract(dark, cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    near = cv2.subtract(dark, rules)
    kept = _running_in(rows, letters, near, round(_THICK * scale)) | _running_in(
        np.ascontiguousarray(columns.T), np.ascontiguousarray(letters.T), np.ascontiguousarray(near.T),
        round(_THICK * scale),
    ).T  # fmt: skip
    halo = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    erased: Bytes = cv2.subtract(halo, cv2.subtract(kept, rows & columns))
    return erased


def _span(start: float, end: float) -> tuple[int, int]:
    return max(round(start), 0), max(round(end), 0)


def _running_in(rules: Bytes, letters: Bytes, near: Bytes, thick: int) -> Bytes:
    """The parts of horizontal rules that letters run into from above or below, and of their halo there."""
    import cv2

    kept = np.zeros_like(rules)
    body = rules | near
    for shift in (1, -1):
        touching = letters
        for _ in range(thick + 2):
            touching = _shifted(touching, shift) & body
            kept |= touching
    # A rule seen through is a whole row of the letter's own: only narrow strokes are kept.
    wide = cv2.morphologyEx(kept, cv2.MORPH_OPEN, np.ones((1, 4 * thick + 1), np.uint8))
    narrow: Bytes = cv2.subtract(kept, wide)
    return narrow


def _shifted(ink: Bytes, rows: int) -> Bytes:
    moved = np.zeros_like(ink)
    if rows > 0:
        moved[rows:] = ink[:-rows]
    else:
        moved[:rows] = ink[-rows:]
    return moved
