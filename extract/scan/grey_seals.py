"""Seals in scans without colour: thick rings, grey or as black as the print, told by their shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.scan.recognise import Gray

__all__ = ["GreySeal", "find_grey_seals", "with_rules_under"]

Mask = npt.NDArray[np.bool_]
Ellipse = tuple[tuple[float, float], tuple[float, float], float]
"""Middle, axes (whole) and turn in degrees, in pixels."""

# Red ink is at 90 in grey, worn or pale ink at 170; print is darker, or has no even middle in its thin strokes.
_DARKEST, _PALEST, _EVEN = 55, 190, 64
# A seal's ring is 1 mm thick and more, strokes of print and rules of tables half as much, in points.
_THICK = 1.7
# Seals of bodies are 38 to 58 mm wide, and round or oval. In points; width to height.
_LEAST, _MOST, _OVAL = 90.0, 190.0, 1.3
_APART = 40.0
"""Middles of seals lie further apart, in points."""
_TRIED = 4
# Share of a circle's line with thick ink near it: rings gave 0.8 and more, text and tables under 0.4. Of the ellipse's
# very line worn rings in black and white gave 0.55, anything else 0.18.
_HINTED, _SEEN, _AROUND = 0.5, 0.4, 180
_BAND, _FITTED = 0.06, 0.03
"""Ink so near to the circle's line tells the ellipse, and so near to that in the end, in radii."""
_ELLIPSE = 50
"""Pixels that tell an ellipse."""
_SIZES = np.arange(0.88, 1.125, 0.01)
_EDGE = 0.25
"""The ring goes as far as so much of its line is seen, as a share of where it is seen best."""
_OUTSIDE = 0.5
"""Not more than this is seen on both edges of the sizes looked at: else it is no ring, but a disc or a field."""
# Print is that much darker than a seal's grey; letters alone have so much of it, those that touch a ring next to none.
_PAPER, _DARK_PRINT, _DARK_SHARE, _LIKE_SHARE = 215, 0.6, 0.2, 0.05
# The dark middles of strokes are that share of print, per cent, and darker than a seal by that factor; a seal's own
# grey is that of a quarter of its ring: palettes show it in two shades.
_CORES, _PRINT_DARKER, _OWN = 10, 0.52, 25
_MARGIN, _LONG = 40, 20.0
"""How much darker at least, of 255; and the length of a rule, in points."""
# The star in the middle, in radii, and its least size, in points; letters' thick parts are smaller.
_STAR, _STAR_SIZE = 0.42, 3.4
# A rule goes on under a seal for so long at most, and is seen beside it for so long, in points.
_UNDER, _BESIDE, _RULE = 150.0, 12.0, 15.0
_FRINGE = 1.2
"""What a ring's ink has beside its thick part, in points."""


@dataclass(frozen=True, slots=True)
class GreySeal:
    """Where a seal lies: its ring and what is in it, and the usual grey of its ink, 0 to 255.

    Of one that is not paler than print only the ring and the star can be taken out, by their shape: `ink`.
    """

    area: Mask
    level: float
    ink: Mask | None = None


def find_grey_seals(gray: Gray, scale: float) -> list[GreySeal]:
    """The seals on a page in even light. `scale` is in pixels a point."""
    import cv2

    if min(gray.shape) < _LEAST * scale:
        return []
    across = max(3, round(_THICK * scale))
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    thick = cv2.morphologyEx((gray < _PALEST).astype(np.uint8), cv2.MORPH_OPEN, pen) > 0
    return [seal for ring in _rings(thick, scale) if (seal := _seal(gray, thick, ring, scale)) is not None]


# ---------------------------------------------------------------------------------------------------------------------
# Rings
# ---------------------------------------------------------------------------------------------------------------------


def _rings(thick: Mask, scale: float) -> Iterator[Ellipse]:
    """Circles and near circles of thick ink. Where text stands by the hundred lines, circles are found in it too."""
    import cv2

    step = max(1, round(scale))
    height, width = (side // step * step for side in thick.shape)
    small = thick[:height, :width].reshape(height // step, step, width // step, step).any(axis=(1, 3))
    point = scale / step
    circles = cv2.HoughCircles(
        cv2.GaussianBlur(small.astype(np.uint8) * 255, (5, 5), 1.0), cv2.HOUGH_GRADIENT, 1.5, _APART * point,
        param1=100, param2=30, minRadius=int(_LEAST / 2 * point), maxRadius=int(_MOST / 2 * point),
    )  # fmt: skip
    near = cv2.dilate(small.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    for x, y, radius in () if circles is None else circles[0][:_TRIED].tolist():
        if _seen(near, ((x, y), (2 * radius, 2 * radius), 0.0)) < _HINTED:
            continue
        ring = _fitted(thick, ((x * step, y * step), (2 * radius * step, 2 * radius * step), 0.0))
        if ring is not None and max(ring[1]) < _OVAL * min(ring[1]) and _is_ring(_profile(thick, ring)):
            yield ring


def _fitted(thick: Mask, circle: Ellipse) -> Ellipse | None:
    """The ellipse that goes through the thick ink near a circle's line."""
    import cv2

    ring, most = circle, _BAND
    (x, y), (reach, _), _ = circle
    x0, y0 = max(int(x - reach), 0), max(int(y - reach), 0)
    rows, columns = np.nonzero(thick[y0 : int(y + reach), x0 : int(x + reach)])
    for _ in range(3):
        near = np.abs(_radii(columns + x0, rows + y0, ring) - 1) < most
        if near.sum() < _ELLIPSE:
            return None
        at = np.stack([columns[near] + x0, rows[near] + y0], axis=1).astype(np.float32)
        middle, axes, turn = cv2.fitEllipse(at)
        ring, most = ((middle[0], middle[1]), (axes[0], axes[1]), turn), _FITTED
    return ring


def _radii(
    x: npt.NDArray[np.int64], y: npt.NDArray[np.int64], ring: Ellipse
) -> npt.NDArray[np.float64]:
    """How far places lie from an ellipse's middle; 1 on its line."""
    (x0, y0), (a, b), angle = ring
    turn = np.radians(angle)
    u = ((x - x0) * np.cos(turn) + (y - y0) * np.sin(turn)) / (a / 2)
    v = ((y - y0) * np.cos(turn) - (x - x0) * np.sin(turn)) / (b / 2)
    radii: npt.NDArray[np.float64] = np.hypot(u, v)
    return radii


def _profile(thick: Mask, ring: Ellipse) -> npt.NDArray[np.float64]:
    """The share of thick ink on an ellipse's line, drawn in each of the sizes."""
    middle, (a, b), turn = ring
    return np.array([_seen(thick, (middle, (size * a, size * b), turn)) for size in _SIZES])


def _is_ring(profile: npt.NDArray[np.float64]) -> bool:
    return bool(profile.max() >= _SEEN and max(profile[0], profile[-1]) <= _OUTSIDE * profile.max())


def _seen(thick: Mask, ring: Ellipse) -> float:
    """The share of an ellipse's line that lies on ink."""
    (x, y), (a, b), angle = ring
    turn = np.radians(angle)
    around = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    u, v = a / 2 * np.cos(around), b / 2 * np.sin(around)
    columns = np.clip((x + u * np.cos(turn) - v * np.sin(turn)).astype(int), 0, thick.shape[1] - 1)
    rows = np.clip((y + u * np.sin(turn) + v * np.cos(turn)).astype(int), 0, thick.shape[0] - 1)
    return float(thick[rows, columns].mean())


# ---------------------------------------------------------------------------------------------------------------------
# Seals
# ---------------------------------------------------------------------------------------------------------------------


def _seal(gray: Gray, thick: Mask, ring: Ellipse, scale: float) -> GreySeal:
    radii = _all_radii(gray.shape, ring)
    seen = _profile(thick, ring)
    own = _SIZES[seen >= _EDGE * seen.max()]
    band = (radii >= own.min() - 0.01) & (radii <= own.max() + 0.01)
    area = radii <= own.max() + 0.04
    level = float(np.percentile(gray[band & thick], _OWN))
    if _is_paler(gray, area, level, scale):
        return GreySeal(area & ~_print_alone(gray, area, level), level)
    ink = gray < _PAPER
    drawn = _grown(thick & band, scale) & ink
    drawn |= _inside(ink & ~drawn, (radii >= own.min() - 0.03) & (radii <= own.max() + 0.03))
    return GreySeal(area, level, drawn | _grown(_star(thick, radii, scale), scale) & ink)


def _all_radii(shape: tuple[int, ...], ring: Ellipse) -> npt.NDArray[np.float64]:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return _radii(columns, rows, ring)


def _inside(ink: Mask, band: Mask) -> Mask:
    """What is left of a ring: blots that lie within its band."""
    import cv2

    count, labels = cv2.connectedComponents(ink.astype(np.uint8))
    beyond = np.bincount(labels[~band], minlength=count) > 0
    beyond[0] = True
    left: Mask = ~beyond[labels]
    return left


def _star(thick: Mask, radii: npt.NDArray[np.float64], scale: float) -> Mask:
    """The blots in the middle of a seal."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats((thick & (radii < _STAR)).astype(np.uint8))
    least = _STAR_SIZE * scale
    large = (stats[:count, cv2.CC_STAT_WIDTH] >= least) & (stats[:count, cv2.CC_STAT_HEIGHT] >= least)
    large[0] = False
    star: Mask = large[labels]
    return star


def _grown(ink: Mask, scale: float) -> Mask:
    import cv2

    across = 2 * round(_FRINGE * scale) + 1
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    grown: Mask = cv2.dilate(ink.astype(np.uint8), pen) > 0
    return grown


def _is_paler(gray: Gray, area: Mask, level: float, scale: float) -> bool:
    """Whether a seal is paler than the page's letters by so much that print does not go with it. Rules are darker than
    thin letters, and tell nothing."""
    import cv2

    ink = (gray < _PAPER).astype(np.uint8)
    long = round(_LONG * scale)
    rules = [cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape, np.uint8)) for shape in ((1, long), (long, 1))]
    letters = gray[(ink > rules[0] | rules[1]) & ~area]
    return bool(len(letters)) and float(np.percentile(letters, _CORES)) < min(_PRINT_DARKER * level, level - _MARGIN)


def _print_alone(gray: Gray, area: Mask, level: float) -> Mask:
    """The letters that a seal does not touch: much of their ink is darker than the seal's, and none is like it."""
    import cv2

    even = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) <= _EVEN
    solid = even & (gray > _DARKEST) & (gray < _PALEST)
    count, labels = cv2.connectedComponents(((gray < _PAPER) & area).astype(np.uint8))
    sizes = np.bincount(labels.ravel(), minlength=count)
    dark = np.bincount(labels[gray < _DARK_PRINT * level], minlength=count)
    like = np.bincount(labels[solid], minlength=count)
    alone = (dark >= _DARK_SHARE * sizes) & (like <= _LIKE_SHARE * sizes)
    alone[0] = False
    letters: Mask = alone[labels]
    return letters


def with_rules_under(without: Gray, whole: Gray, scale: float) -> Gray:
    """A straight page without its seals, but with the rules under them, which go with those as dark as they are: what
    was taken out of the whole picture goes back where it lies in line between two pieces of a rule."""
    import cv2

    hidden = ((without >= _PAPER) & (whole < _PAPER)).astype(np.uint8)
    seen = (without < _PAPER).astype(np.uint8)
    under = np.zeros_like(hidden)
    for turn in ((1, 0), (0, 1)):
        beside, gap, rule = (
            np.ones(tuple(max(round(length * scale) * one, 1) for one in turn), np.uint8)
            for length in (_BESIDE, _UNDER, _RULE)
        )
        pieces = cv2.morphologyEx(seen, cv2.MORPH_OPEN, beside)
        filled = cv2.morphologyEx(pieces, cv2.MORPH_CLOSE, gap) & hidden
        under |= cv2.morphologyEx(pieces | filled, cv2.MORPH_OPEN, rule) & hidden
    return np.where(under > 0, whole, without).astype(np.uint8)
