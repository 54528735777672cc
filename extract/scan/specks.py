"""Specks that dust and noise leave all over a page, which would be read as points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.scan.lines import text_ink
from extract.scan.recognise import Gray
from extract.scan.rulings import Bytes

__all__ = ["without_specks"]

# A speck is no larger than this, in points, and about as wide as high: print's own dots and short strokes lean.
_SPECK, _ROUND, _SOLID = 1.9, 1.4, 0.6
# Specks that lie alone have no ink so near, in points; a page with so many of them is full of specks.
_ALONE, _MANY = 3.0, 15
# Points stand in print between two signs, a decimal point between digits, or as a colon's close to a letter and over
# one another. In points.
_BESIDE, _CLOSE = 5.0, 2.5


@dataclass(frozen=True, slots=True)
class _Specks:
    """Specks by their boxes and areas in pixels, on a page of which `sums` are the sums of ink."""

    boxes: npt.NDArray[np.int32]
    areas: npt.NDArray[np.int32]
    sums: npt.NDArray[np.int32]
    scale: float

    def near(
        self, left: float = 0.0, above: float = 0.0, right: float = 0.0, below: float = 0.0
    ) -> npt.NDArray[np.bool_]:
        """Whether each has ink beside it, so far out in points."""
        x, y, width, height = self.boxes.T
        x0, x1 = x - round(left * self.scale), x + width + round(right * self.scale)
        y0, y1 = y - round(above * self.scale), y + height + round(below * self.scale)
        (y0, y1), (x0, x1) = (
            (np.clip(start, 0, most - 1), np.clip(end, 0, most - 1))
            for start, end, most in ((y0, y1, self.sums.shape[0]), (x0, x1, self.sums.shape[1]))
        )
        around = self.sums[y1, x1] - self.sums[y0, x1] - self.sums[y1, x0] + self.sums[y0, x0]
        more: npt.NDArray[np.bool_] = around > self.areas
        return more

    def are_print(self) -> npt.NDArray[np.bool_]:
        """Whether each stands where print has points."""
        left, right = self.near(left=_BESIDE), self.near(right=_BESIDE)
        above, below = self.near(above=_BESIDE), self.near(below=_BESIDE)
        close = self.near(left=_CLOSE, right=_CLOSE)
        return (left & right) | (above & below) | (close & (above | below))


def without_specks(gray: Gray, dark: Bytes, scale: float) -> Gray:
    """The page without the specks that no print stands around; itself where it is not full of specks.

    `dark` is the page's ink. Specks inside of letters and between them stay: there they may be print.
    """
    import cv2

    ink = text_ink(dark, np.zeros_like(dark), scale)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    small = np.flatnonzero(_is_speck(stats, scale))
    if len(small) < _MANY:
        return gray
    specks = _Specks(stats[small, :4], stats[small, cv2.CC_STAT_AREA], cv2.integral(ink // 255), scale)
    if (~specks.near(_ALONE, _ALONE, _ALONE, _ALONE)).sum() < _MANY:
        return gray
    gone = np.zeros(count, dtype=bool)
    gone[small[~specks.are_print()]] = True
    away = cv2.dilate(gone[labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    clean: Gray = np.where(away, 255, gray).astype(np.uint8)
    return clean


def _is_speck(stats: npt.NDArray[np.int32], scale: float) -> npt.NDArray[np.bool_]:
    """Which pieces of ink are small, round and solid; the first is the paper."""
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    small: npt.NDArray[np.bool_] = (longer <= _SPECK * scale) & (longer <= _ROUND * shorter)
    small &= area >= _SOLID * width * height
    small[0] = False
    return small
