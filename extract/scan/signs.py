"""Signs that stand alone in a cell, told by their ink: to a recogniser that was trained on words a lone dash is a 1, a
slash a 7, and a small % any character."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["STROKES", "Bools", "ink_runs", "lone_sign"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

# A single stroke: 一 is as wide as a letter, - a third of that.
STROKES = frozenset("一-－—–_―─")
_SHORT_DASH = 0.5
_WIDEST_SIGN, _SAME_LENGTH = 1.3, 0.85
_FLATTER = 1.5
"""A hyphen is so much wider than high; specks are about square."""
# A stroke is flatter than this and shorter than that, in heights, and ink through and through.
_FLAT, _LONGEST_DASH, _SOLID = 0.26, 2.6, 0.6
# A letter's height and its greatest width, in heights of a line.
_LOWEST, _HIGHEST, _WIDEST = 0.5, 1.3, 1.4
# How much a sign is like a drawn %, as correlation: those in print from 0.53 on, other characters up to 0.45 (外, 篇).
_LIKE, _SIDE, _SOFT = 0.5, 32, 1.2
# Of small % in black and white, 0.45 and more, round characters were read, which themselves have at most 0.25; x and 1
# have up to 0.49.
_ROUND, _LIKE_ROUND = frozenset("03689gqoO@&B"), 0.4


def lone_sign(text: str, ink: Bools, height: float) -> str | None:
    """The sign that all of a line's ink makes, whatever it was read as (`text`); None where it is no such sign.
    `height` is that of a line, in pixels."""
    square = height / 0.9
    if _is_stroke(ink, height) or text in STROKES or _is_hyphen(text, ink, height):
        return "—" if ink.shape[1] > _SHORT_DASH * square else "-"
    if _is_equals(ink, height):
        return "＝" if ink.shape[1] > _SHORT_DASH * square else "="
    if _is_slash(ink, height):
        return "/"
    return "%" if _is_percent(text, ink, height) else None


def ink_runs(flags: Bools) -> list[tuple[int, int]]:
    """Where there is ink without a break: first, and one past the last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _is_stroke(ink: Bools, height: float) -> bool:
    """Whether all of a line's ink is one short stroke: a dash, whatever it was read as."""
    tall, wide = ink.shape
    return tall < _FLAT * height and wide > 2 * tall and wide < _LONGEST_DASH * height and bool(ink.mean() > _SOLID)


def _is_hyphen(text: str, ink: Bools, height: float) -> bool:
    """Whether all of a line's ink is a hyphen of a few pixels that was read as another lone mark, a dot or a quote."""
    tall, wide = ink.shape
    flat = _FLATTER * tall <= wide < _SHORT_DASH * height
    return len(text) == 1 and not text.isalnum() and tall < _FLAT * height and flat


def _is_equals(ink: Bools, height: float) -> bool:
    """Whether a line's ink is two strokes of one length, one over the other; those of 二 differ."""
    rows = ink_runs(np.asarray(ink.any(axis=1)))
    if len(rows) != 2 or ink.shape[1] > _WIDEST_SIGN * height or ink.shape[0] > _WIDEST_SIGN * height:
        return False
    widths, flat = [], True
    for y0, y1 in rows:
        columns = np.flatnonzero(ink[y0:y1].any(axis=0))
        widths.append(int(columns[-1] - columns[0]) + 1)
        flat = flat and y1 - y0 < _FLAT * height and widths[-1] > 1.4 * (y1 - y0)
    return flat and min(widths) > _SAME_LENGTH * max(widths)


def _is_slash(ink: Bools, height: float) -> bool:
    """Whether a line's ink is one thin stroke that leans to the right."""
    tall, wide = ink.shape
    if tall < 0.6 * height or wide < 0.2 * height or wide > height or not ink.any(axis=1).all():
        return False
    counts = ink.sum(axis=1)
    middles = (ink * np.arange(wide)).sum(axis=1) / counts
    lean = np.polyfit(np.arange(tall), middles, 1)[0]
    off = np.abs(middles - np.polyval(np.polyfit(np.arange(tall), middles, 1), np.arange(tall))).max()
    return bool(counts.max() < 0.3 * height and lean < -0.2 and off < 0.12 * height)


def _is_percent(text: str, ink: Bools, height: float) -> bool:
    """Whether a character that looks otherwise, a Chinese one or a round one, has the look of a %."""
    tall, wide = ink.shape
    if len(text) != 1 or text in "%％" or not _LOWEST * height < tall < _HIGHEST * height or wide >= _WIDEST * height:
        return False
    if text.isascii() and text not in _ROUND:
        return False
    least = _LIKE_ROUND if text in _ROUND else _LIKE
    return max(float((_standard(ink) * sign).mean()) for sign in _percents()) >= least


@cache
def _percents() -> tuple[Floats, ...]:
    """Drawn %: with strokes that lean more and less, and with larger and smaller rings."""
    import cv2

    drawn, side = [], 4 * _SIDE
    for lean in (0.18, 0.26, 0.34):
        for wide, high in ((0.18, 0.22), (0.15, 0.2)):
            sign, thick = np.zeros((side, side), np.uint8), round(0.09 * side)
            for x, y in ((0.24, 0.27), (0.76, 0.73)):
                middle, axes = (round(side * x), round(side * y)), (round(side * wide), round(side * high))
                cv2.ellipse(sign, middle, axes, 0, 0, 360, 255, thick)
            top, foot = ((round(side * (0.5 + k * lean)), round(side * (0.5 - k * 0.47))) for k in (1, -1))
            cv2.line(sign, top, foot, 255, thick)
            drawn.append(_standard(sign > 127))
    return tuple(drawn)


def _standard(ink: Bools) -> Floats:
    """The ink in a square of one size, softened, with mean 0 and deviation 1."""
    import cv2

    soft = cv2.resize(ink.astype(np.float64), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(soft, (0, 0), _SOFT)
    standard: Floats = (soft - soft.mean()) / max(float(soft.std()), 1e-6)
    return standard
