"""Lines of text in the cells of a scanned form: where they stand, and their pictures ready to be recognised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from extract.scan.recognise import Gray
from extract.scan.rulings import Bytes

__all__ = [
    "Frame", "Strip", "cut_lines", "fit_frame", "larger_ink", "line_height", "strip_picture", "text_ink",
    "without_residue",
]  # fmt: skip

# Specks are smaller than a decimal point, which is a point wide. In points.
_SPECK = 0.62
# Letters are between these heights, in points; titles are higher, and stand outside of cells.
_LOWEST, _HIGHEST = 4.0, 40.0
# In heights of a line: gaps inside letters such as 二 and 冒, what one line may reach, and from where on there are two.
_INNER_GAP, _ONE_LINE, _TWO_LINES = 0.3, 1.25, 1.55
# What is left of rules that were taken out lies this close to the cell's side and is this thin, in points.
_AT_SIDE, _RESIDUE = 1.6, 1.9
# In corners, where rules that are double or end early leave more, it lies this close to top or foot.
_AT_CORNER = 2.8
# Lines that touch have less ink where they meet than this share of what is usual in them.
_VALLEY = 0.4
# Dust is this small and stands this far from a line, in heights of the line; a full stop stands nearer.
_DUST, _FAR = 0.24, 0.8
_PAD_Y, _PAD_X = 0.1, 0.2
_NARROW = 1.45
# Marks that are lower than this share of a line and no wider than high are left by seals, rules and dust.
_TICK = 0.35
_STACKED = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of pixels: columns x0 to x1, rows y0 to y1, the ends not included."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True, slots=True)
class Strip:
    """What is recognised at once: a line, or letters that stand one under another, from top to bottom."""

    frames: tuple[Frame, ...]

    @property
    def is_stack(self) -> bool:
        """Whether it is made of letters one under another."""
        return len(self.frames) > 1


def text_ink(dark: Bytes, rules: Bytes, scale: float) -> Bytes:
    """The ink of a page's letters: without the ink of rules, and without specks."""
    import cv2

    ink = cv2.subtract(dark, rules)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    keep = stats[:, cv2.CC_STAT_AREA] > (_SPECK * scale) ** 2
    keep[0] = False
    del count
    clean: Bytes = keep[labels].astype(np.uint8) * 255
    return clean


def larger_ink(ink: Bytes, least: float) -> Bytes:
    """The ink of pieces that are at least so wide or high, in pixels."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    keep = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) >= least
    keep[0] = False
    larger: Bytes = keep[labels].astype(np.uint8) * 255
    return larger


def line_height(ink: Bytes, cells: Sequence[Frame], scale: float) -> float:
    """The usual height of a line of text in the cells, in pixels; 10 points where they hold too little to tell."""
    heights = [
        y1 - y0 for cell in cells for y0, y1 in _runs(ink[cell.y0 : cell.y1, cell.x0 : cell.x1].any(axis=1))
    ]  # fmt: skip
    usual = [height for height in heights if _LOWEST * scale < height < _HIGHEST * scale]
    if len(usual) < 3:
        return 10 * scale
    # Lines of digits are lower than those of Chinese letters, runs of several lines higher: the upper half's middle.
    single = [height for height in usual if height < 1.5 * np.median(usual)]
    return float(np.percentile(single, 65))


def _runs(flags: Any) -> list[tuple[int, int]]:
    """Where flags are set without a break: first, and one past the last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def without_residue(ink: Bytes, cells: Sequence[Frame], scale: float) -> Bytes:
    """The ink without the thin pieces along the sides of cells, which rules have left."""
    clean = ink.copy()
    for cell in cells:
        part = ink[cell.y0 : cell.y1, cell.x0 : cell.x1]
        if part.any():
            clean[cell.y0 : cell.y1, cell.x0 : cell.x1] = _without_residue(part, scale)
    return clean


def cut_lines(ink: Bytes, cell: Frame, height: float, scale: float) -> list[Strip]:
    """The lines of text in a cell, from top to bottom. `height` is the page's usual height of a line, in pixels."""
    part = ink[cell.y0 : cell.y1, cell.x0 : cell.x1]
    if not part.any():
        return []
    frames = [
        frame for y0, y1 in _line_runs(part, height)
        if (frame := _fitted(part, y0, y1, cell)) is not None and _is_text(frame, height, scale)
    ]  # fmt: skip
    if len(frames) > _STACKED and all(frame.x1 - frame.x0 < _NARROW * height for frame in frames):
        return [Strip(tuple(frames))]
    return [Strip((frame,)) for frame in frames]


def _without_residue(part: Bytes, scale: float) -> Bytes:
    """The cell's ink without thin pieces along its sides, which rules have left."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(part)
    height, width = part.shape
    side, thin, corner = _AT_SIDE * scale, _RESIDUE * scale, _AT_CORNER * scale
    keep = np.ones(count, dtype=bool)
    for n, (x, y, w, h, _) in enumerate(stats.tolist()):
        at_top_or_foot = (y + h <= side or y >= height - side) and h <= thin
        at_left_or_right = (x + w <= side or x >= width - side) and w <= thin
        in_corner = (x == 0 or x + w == width) and (y + h <= corner or y >= height - corner) and h <= thin
        keep[n] = n > 0 and not (at_top_or_foot or at_left_or_right or in_corner)
    clean: Bytes = np.where(keep[labels], part, 0)
    return clean


def _line_runs(part: Bytes, height: float) -> Iterator[tuple[int, int]]:
    """Rows of ink that are lines: parts of letters joined, lines that touch parted."""
    runs = _runs(part.any(axis=1))
    joined: list[tuple[int, int]] = []
    for y0, y1 in runs:
        if joined and y0 - joined[-1][1] <= _INNER_GAP * height and y1 - joined[-1][0] <= _ONE_LINE * height:
            joined[-1] = (joined[-1][0], y1)
        else:
            joined.append((y0, y1))
    for y0, y1 in joined:
        yield from _parted(part, y0, y1, height)


def _parted(part: Bytes, y0: int, y1: int, height: float) -> Iterator[tuple[int, int]]:
    """A run of rows, cut where it has least ink as often as it is too high for one line."""
    count = round((y1 - y0) / (1.15 * height)) if y1 - y0 > _TWO_LINES * height else 1
    if count < 2:
        yield y0, y1
        return
    ink = (part[y0:y1] > 0).sum(axis=1)
    pitch = (y1 - y0) / count
    cuts = [y0]
    for n in range(1, count):
        low, high = int(n * pitch - 0.3 * height), int(n * pitch + 0.3 * height) + 1
        cut = low + int(np.argmin(ink[low:high]))
        if ink[cut] > _VALLEY * np.median(ink[ink > 0]):
            yield y0, y1  # one line of larger letters
            return
        cuts.append(y0 + cut)
    yield from pairwise([*cuts, y1])


def _without_dust(line: Bytes) -> Bytes:
    """The line without specks that stand far before or behind all else."""
    flags = np.asarray(line.any(axis=0))
    runs = _runs(flags)
    far, small = _FAR * line.shape[0], _DUST * line.shape[0]
    first, last = 0, len(runs) - 1
    while first < last and _is_speck(line, runs[first], small) and runs[first + 1][0] - runs[first][1] > far:
        first += 1
    while last > first and _is_speck(line, runs[last], small) and runs[last][0] - runs[last - 1][1] > far:
        last -= 1
    if len(runs) < 2 or (first, last) == (0, len(runs) - 1):
        return line
    kept = np.zeros_like(line)
    kept[:, runs[first][0] : runs[last][1]] = line[:, runs[first][0] : runs[last][1]]
    return kept


def _is_speck(line: Bytes, run: tuple[int, int], small: float) -> bool:
    return run[1] - run[0] <= small and int(line[:, run[0] : run[1]].any(axis=1).sum()) <= small


def fit_frame(ink: Bytes, frame: Frame) -> Frame | None:
    """A frame drawn in to the ink that it holds; None where it holds none."""
    return _fitted(ink[frame.y0 : frame.y1, frame.x0 : frame.x1], 0, frame.y1 - frame.y0, frame)


def _fitted(part: Bytes, y0: int, y1: int, cell: Frame) -> Frame | None:
    columns = np.flatnonzero(_without_dust(part[y0:y1]).any(axis=0))
    if not len(columns):
        return None
    rows = np.flatnonzero(part[y0:y1].any(axis=1))
    return Frame(
        cell.x0 + int(columns[0]), cell.y0 + y0 + int(rows[0]),
        cell.x0 + int(columns[-1]) + 1, cell.y0 + y0 + int(rows[-1]) + 1,
    )  # fmt: skip


def _is_text(frame: Frame, height: float, scale: float) -> bool:
    """Whether a frame holds more than a dot: a dash is wide, a letter high."""
    wide, high = frame.x1 - frame.x0, frame.y1 - frame.y0
    return max(wide, high) > 1.8 * scale and (high > _TICK * height or wide > high)


def strip_picture(gray: Gray, ink: Bytes, strip: Strip, height: float) -> Gray:
    """The picture of a strip: its line on white, at least as high as a line is, so that a dash stays a dash. Letters
    one under another are put side by side."""
    reach = max(1, round(0.06 * height))
    pieces = [_only_line(gray, ink, frame, reach) for frame in strip.frames]
    tallest = max(round(height), *(piece.shape[0] for piece in pieces))
    beside = 0 if strip.is_stack else round(_PAD_X * height)
    return np.hstack([_on_white(piece, tallest + 2 * round(_PAD_Y * height), beside) for piece in pieces])


def _only_line(gray: Gray, ink: Bytes, frame: Frame, reach: int) -> Gray:
    """The line's picture, white where none of its ink is near: what stands over and under it does not show."""
    import cv2

    y0, y1 = max(frame.y0 - reach, 0), min(frame.y1 + reach, gray.shape[0])
    x0, x1 = max(frame.x0 - reach, 0), min(frame.x1 + reach, gray.shape[1])
    near = cv2.dilate(ink[y0:y1, x0:x1], np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return np.where(near > 0, gray[y0:y1, x0:x1], 255).astype(np.uint8)


def _on_white(line: Gray, height: int, beside: int) -> Gray:
    missing = height - line.shape[0]
    return np.pad(line, ((missing // 2, missing - missing // 2), (beside, beside)), constant_values=255)
