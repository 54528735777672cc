"""The sheet of paper in a photo: what lies around it, a desk or the lid of a scanner, is made white and cut off.

A sheet is told from light and shadow by its edges, which are sharp and straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.scan.ink import Picture

__all__ = ["Cut", "cut_paper"]

Small = npt.NDArray[np.uint8]
Corners = npt.NDArray[np.float32]

# The picture is looked at this small: pixels of its longer side.
_SMALL = 640
# Levels of grey that are tried, up and down from the one that parts light and dark best.
_FURTHEST, _STEP = 60, 10
# A sheet takes this share of its picture; more is the picture itself.
_SHARE = (0.2, 0.97)
# Its outline is a quadrilateral, up to bends and dog's ears.
_FOUR_SIDED = 0.94
# How much brighter than its surroundings it is, on both sides of its edges (some pixels away, of the small picture),
# and on how much of each edge.
_BRIGHTER, _ASIDE, _SHARP = 25, 3, 0.7
# Sides of a sheet that lie within the picture: of one told by the likeliest level, and of others.
_LEAST_SIDES, _SIDES = 2, 4
# The edge itself, its shadow and its curl are cut off, in pixels of the small picture.
_CURL = 2
# What lies deeper inside, as a share of the longer side, is the sheet's, however dark.
_WELL_INSIDE = 0.05


@dataclass(frozen=True, slots=True)
class Cut:
    """A picture cut to its sheet, and where its top left corner lay, in pixels."""

    picture: Picture
    x: int = 0
    y: int = 0


def cut_paper(picture: Picture) -> Cut:
    """The picture of the sheet alone, white around it; the picture itself where no sheet and its surroundings show."""
    import cv2

    step = max(picture.shape[:2]) / _SMALL
    if step <= 1:
        return Cut(picture)
    size = max(round(picture.shape[1] / step), 1), max(round(picture.shape[0] / step), 1)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    found = _find_sheet(small)
    if found is None:
        return Cut(picture)
    whole = cv2.resize(found, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 127
    rows, columns = np.flatnonzero(whole.any(axis=1)), np.flatnonzero(whole.any(axis=0))
    y0, y1, x0, x1 = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    part = whole[y0:y1, x0:x1, None]
    return Cut(np.where(part, picture[y0:y1, x0:x1], 255).astype(np.uint8), x0, y0)


def _find_sheet(small: Picture) -> Small | None:
    """Where the sheet lies in a small picture (255).

    In uneven light no one level parts all of it from what lies around: others are tried from the likeliest on, and the
    channel in which each place is darkest, for desks have a colour and paper has none. Of those the sheet has to show
    all its sides: what is left of a table under a head of colour shows three.
    """
    import cv2

    for n, channel in enumerate((cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), small.min(axis=2))):
        smooth = cv2.morphologyEx(channel, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))  # print is no edge
        soft = cv2.GaussianBlur(smooth, (5, 5), 0)
        likely, _ = cv2.threshold(soft, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for apart in sorted(range(-_FURTHEST, _FURTHEST + 1, _STEP), key=abs):
            sheet = _sheet_over(smooth, soft, likely + apart, _SIDES if n or apart else _LEAST_SIDES)
            if sheet is not None:
                return sheet
    return None


def _sheet_over(smooth: Small, soft: Small, level: float, sides: int) -> Small | None:
    """The sheet that is brighter than a level, and shows at least so many sides: within its bent outline, and all that
    lies well inside."""
    import cv2

    bright = np.where(soft > level, 255, 0).astype(np.uint8)
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    share = cv2.contourArea(hull) / smooth.size
    if not _SHARE[0] < share < _SHARE[1]:
        return None
    corners = _four(hull)
    if corners is None or not _is_sharp(smooth, corners, sides):
        return None
    sheet, inner = np.zeros_like(smooth), np.zeros_like(smooth)
    cv2.drawContours(sheet, [outline], -1, 255, cv2.FILLED)
    cv2.fillConvexPoly(inner, np.round(corners).astype(np.int32), 255)
    return _shrunk(sheet, _CURL) | _shrunk(inner, round(_WELL_INSIDE * _SMALL))


def _shrunk(area: Small, pixels: int) -> Small:
    import cv2

    shrunk: Small = cv2.erode(area, np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8), borderValue=255)
    return shrunk


def _four(hull: npt.NDArray[np.int32]) -> Corners | None:
    """The quadrilateral that an outline is; None where it is none."""
    import cv2

    for loose in (0.01, 0.02, 0.03, 0.05):
        corners = cv2.approxPolyDP(hull, loose * cv2.arcLength(hull, True), True)
        if len(corners) == 4:
            fits = cv2.contourArea(corners) / max(cv2.contourArea(hull), 1.0)
            return corners[:, 0].astype(np.float32) if fits > _FOUR_SIDED else None
    return None


def _is_sharp(gray: Small, corners: Corners, sides: int) -> bool:
    """Whether the brightness falls at once along each side that does not lie on the picture's own edge, and there are
    so many such sides at least."""
    middle = corners.mean(axis=0)
    seen = 0
    height, width = gray.shape
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = (b - a) / max(float(np.linalg.norm(b - a)), 1.0)
        out = np.array([along[1], -along[0]])
        if out @ ((a + b) / 2 - middle) < 0:
            out = -out
        points = a + np.linspace(0.05, 0.95, 60)[:, None] * (b - a)
        outer, inner = points + _ASIDE * 2 * out, points - _ASIDE * out
        there = (outer >= 0).all(axis=1) & (outer[:, 0] < width) & (outer[:, 1] < height)
        if there.mean() < 0.5:
            continue
        seen += 1
        o, i = outer[there].astype(int), np.clip(inner[there], 0, [width - 1, height - 1]).astype(int)
        falls = gray[i[:, 1], i[:, 0]].astype(int) - gray[o[:, 1], o[:, 0]].astype(int)
        if (falls > _BRIGHTER).mean() < _SHARP:
            return False
    return seen >= sides
