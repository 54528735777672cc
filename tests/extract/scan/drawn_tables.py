"""Drawn tables for the tests of scans: rules and blots of ink at 200 dpi, without a font."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from extract.grid import find_grids
from extract.scan.layout import Layout, lay_out, rules_in_points
from extract.scan.rulings import find_rulings

SCALE = 200 / 72
THICK = 3


def sheet(height: int = 520, width: int = 1200) -> np.ndarray:
    """White paper."""
    return np.full((height, width), 255, np.uint8)


def table(
    xs: tuple[int, ...], ys: tuple[int, ...], skip: frozenset[tuple[int, int]] = frozenset(), ink: int = 0
) -> np.ndarray:
    """A ruled table; `skip` are sides (row, column line) that are not drawn: cells that span."""
    page = sheet(max(ys) + 140, max(xs) + 100)
    for y in ys:
        page[y : y + THICK, xs[0] : xs[-1] + THICK] = ink
    for c, x in enumerate(xs):
        for r, (y0, y1) in enumerate(pairwise(ys)):
            if (r, c) not in skip:
                page[y0 : y1 + THICK, x : x + THICK] = ink
    return page


def layout_of(gray: np.ndarray, scale: float = SCALE) -> Layout:
    """The layout of a page without colour."""
    return lay_out(np.repeat(gray[:, :, None], 3, axis=2), scale)


def grid_of(gray: np.ndarray, scale: float = SCALE) -> list[tuple[int, int, int]]:
    """Rows, columns and cells of the grids found."""
    rules = find_rulings(gray, scale)
    grids = find_grids(rules_in_points(rules.horizontal, scale), rules_in_points(rules.vertical, scale))
    return [(len(grid.ys) - 1, len(grid.xs) - 1, len(grid.spans)) for grid in grids]


def letters(page: np.ndarray, x: int, y: int, count: int, size: int = 24, seed: int | None = None) -> None:
    """Characters of some strokes each, from a place on; the same `seed` draws the same characters."""
    rng = np.random.default_rng([x, y] if seed is None else seed)
    for n in range(count):
        left, box = x + n * (size + 3), size - 3
        for _ in range(3):
            down, start, end = rng.integers(0, box), rng.integers(0, size // 3), rng.integers(2 * size // 3, size)
            page[y + down : y + down + 2, left + start : left + end] = 0
        for _ in range(2):
            right, start, end = rng.integers(0, box), rng.integers(0, size // 2), rng.integers(size // 2, size)
            page[y + start : y + end, left + right : left + right + 3] = 0
