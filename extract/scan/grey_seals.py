"""Seals in scans without colour: rings of an even grey, paler than print, told by their shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.scan.recognise import Gray

__all__ = ["GreySeal", "find_grey_seals"]

Mask = npt.NDArray[np.bool_]

# Red ink is at 90 in grey, worn or pale ink at 170; print is darker, or has no even middle in its thin strokes.
_DARKEST, _PALEST, _EVEN = 55, 190, 64
# Seals of bodies are 38 to 58 mm wide, and round or oval. In points; width to height.
_LEAST, _MOST, _OVAL = 90.0, 190.0, 1.7
_JOINED = 16.0
# Share of a ring's way round that is seen: print and rules cross it.
_SEEN, _AROUND = 0.6, 180
_ELLIPSE = 5
"""Points that tell an ellipse."""
# Print is that much darker than a seal's grey; letters alone have so much of it, those that touch a ring next to none.
_PAPER, _DARK_PRINT, _DARK_SHARE, _LIKE_SHARE = 215, 0.6, 0.2, 0.05
_FILL = 0.6
"""Ink of a ring, a star and letters covers no more of a seal."""
# The dark middles of strokes are that share of print, per cent, and darker than a seal by that factor.
_CORES, _PRINT_DARKER = 10, 0.52
_SCALES = tuple(n / 100 for n in range(90, 104))


@dataclass(frozen=True, slots=True)
class GreySeal:
    """Where a seal lies, its ring and what is in it, and the usual grey of its ink, 0 to 255. One that is not paler
    than print can not be taken out."""

    area: Mask
    level: float
    is_paler: bool = True


def find_grey_seals(gray: Gray, scale: float) -> list[GreySeal]:
    """The seals on a page in even light. `scale` is in pixels a point."""
    import cv2

    even = cv2.morphologyEx(gray, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) <= _EVEN
    solid = even & (gray > _DARKEST) & (gray < _PALEST)
    if not solid.any() or min(gray.shape) < _LEAST * scale:
        return []
    return [seal for ring in _rings(solid, scale) if (seal := _seal(gray, solid, ring)) is not None]


Ellipse = tuple[tuple[float, float], tuple[float, float], float]


def _rings(solid: Mask, scale: float) -> Iterator[Ellipse]:
    """Blots as wide as seals, as ellipses in pixels."""
    import cv2

    step = max(1, round(scale))
    height, width = (side // step * step for side in solid.shape)
    share = solid[:height, :width].reshape(height // step, step, width // step, step).mean(axis=(1, 3))
    reach = max(3, round(_JOINED * scale / step))
    small = cv2.morphologyEx((share > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    outlines, _ = cv2.findContours(small, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        _, _, wide, high = (side * step / scale for side in cv2.boundingRect(outline))
        if min(wide, high) > _LEAST and max(wide, high) < min(_MOST, _OVAL * min(wide, high)):
            hull = cv2.convexHull(outline)
            if len(hull) >= _ELLIPSE:
                (x, y), axes, angle = cv2.fitEllipse(hull)
                yield (x * step, y * step), (axes[0] * step, axes[1] * step), angle


def _seal(gray: Gray, solid: Mask, ring: Ellipse) -> GreySeal | None:
    """The seal, where its ring is seen most of the way round: text fills no circle's line."""
    import cv2

    if max(_seen(solid, ring, size) for size in _SCALES) < _SEEN:
        return None
    inside = np.zeros(gray.shape, np.uint8)
    centre, (a, b), angle = ring
    cv2.ellipse(inside, (centre, (1.06 * a, 1.06 * b), angle), 255, cv2.FILLED)
    area = inside > 0
    level = float(np.median(gray[area & solid]))
    if solid[area].mean() > _FILL:
        return None
    if not _is_paler(gray, area, level):
        return GreySeal(area, level, is_paler=False)
    return GreySeal(area & ~_print_alone(gray, solid, area, level), level)


def _is_paler(gray: Gray, area: Mask, level: float) -> bool:
    """Whether a seal is paler than the page's print by so much that print does not go with it."""
    around = gray[(gray < _PAPER) & ~area]
    return bool(len(around)) and float(np.percentile(around, _CORES)) < _PRINT_DARKER * level


def _print_alone(gray: Gray, solid: Mask, area: Mask, level: float) -> Mask:
    """The letters that a seal does not touch: much of their ink is darker than the seal's, and none is like it."""
    import cv2

    ink = ((gray < _PAPER) & area).astype(np.uint8)
    count, labels = cv2.connectedComponents(ink)
    sizes = np.bincount(labels.ravel(), minlength=count)
    dark = np.bincount(labels[gray < _DARK_PRINT * level], minlength=count)
    like = np.bincount(labels[solid], minlength=count)
    alone = (dark >= _DARK_SHARE * sizes) & (like <= _LIKE_SHARE * sizes)
    alone[0] = False
    letters: Mask = alone[labels]
    return letters


def _seen(solid: Mask, ring: Ellipse, size: float) -> float:
    """The share of an ellipse's line that lies on solid ink."""
    (x, y), (a, b), angle = ring
    turn = np.radians(angle)
    around = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)
    u, v = size * a / 2 * np.cos(around), size * b / 2 * np.sin(around)
    columns = np.clip((x + u * np.cos(turn) - v * np.sin(turn)).astype(int), 0, solid.shape[1] - 1)
    rows = np.clip((y + u * np.sin(turn) + v * np.cos(turn)).astype(int), 0, solid.shape[0] - 1)
    return float(solid[rows, columns].mean())
