"""Rules that are nothing but crumbs: thin pale ones in scans in black and white, of which the scanner keeps some dots.

No run of them is long; what shows them is that dots lie on one line for long, and none over or under it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["find_crumbs"]

Bytes = npt.NDArray[np.uint8]

# All in points. The length over which crumbs are counted and the gaps between them: lines of text, one under another,
# stand further apart. Half the height of the line that they lie on, and the ground over and under it.
_WINDOW, _GAP, _HALF, _NEAR, _FAR = 36.0, 3.2, 0.35, 0.9, 2.2
# Share of a line's length that holds crumbs, at least, and of the ground beside it, at most.
_DOTTED, _EMPTY = 0.42, 0.06


def find_crumbs(dark: Bytes, least: float, scale: float) -> Bytes:
    """Where horizontal rules of crumbs run (255), without the gaps between the crumbs. `dark` is black and white, 255
    for ink, without rules that are told otherwise; `least` is the length of a rule, in points."""
    import cv2

    near, high = round(_NEAR * scale), round((_FAR - _NEAR) * scale)
    if min(near, high) < 1:  # too small a picture to show them
        return np.zeros_like(dark)
    half, width = max(round(_HALF * scale), 1), round(_WINDOW * scale)
    on_line = cv2.dilate(dark, np.ones((2 * half + 1, 1), np.uint8))
    likely: npt.NDArray[np.bool_] = cv2.blur(on_line, (width, 1)) >= _DOTTED * 255
    for offset in (-1, 1):
        ground = _shifted(dark, offset * near, high)
        likely &= cv2.blur(ground, (width, 1)) <= _EMPTY * 255
    reach = cv2.dilate(likely.astype(np.uint8) * 255, np.ones((1, width), np.uint8))
    closed = cv2.morphologyEx(on_line & reach, cv2.MORPH_CLOSE, np.ones((1, round(_GAP * scale)), np.uint8))
    runs: Bytes = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, round(least * scale)), np.uint8))
    return runs


def _shifted(dark: Bytes, offset: int, height: int) -> Bytes:
    """What ink there is so far (rows) over (negative) or under each place, in a band so high."""
    import cv2

    band: Bytes = cv2.dilate(dark, np.ones((height, 1), np.uint8), anchor=(0, 0 if offset > 0 else height - 1))
    moved = np.zeros_like(band)
    if offset > 0:
        moved[:-offset] = band[offset:]
    else:
        moved[-offset:] = band[:offset]
    return moved
