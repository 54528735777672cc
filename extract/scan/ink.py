"""The ink of a scanned page: seals taken out, uneven light made even, everything else in shades of grey."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.scan.recognise import Gray

__all__ = ["Ink", "Mask", "Picture", "find_seals", "is_colored", "picture_to_ink"]

Picture = npt.NDArray[np.uint8]
"""A picture in colours: rows x columns x (blue, green, red)."""
Mask = npt.NDArray[np.bool_]

# A pixel is red or blue where that channel stands out from the others by this much (of 255).
_STANDS_OUT = 40
# Beside a seal's ink the colour bleeds, in JPEG by two pixels at 200 dpi; there it stands out by less.
_TINTED, _BLEEDS = 18, 0.7
# Seals of bodies are 38 to 58 mm wide, those of persons and departments 15 mm and more: in points.
_SEAL_LEAST, _SEAL_MOST = 36.0, 240.0
# Ink of a ring, a star and letters covers this share of a seal's box; a coloured field of a table nearly all of it.
_SEAL_FILL = (0.02, 0.6)
_RED, _GREEN, _BLUE = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Ink:
    """A page's ink in shades of grey, 255 for paper, at `scale` pixels a point. `stamped` says where a seal lay."""

    gray: Gray
    scale: float
    stamped: Mask | None = None


def picture_to_ink(picture: Picture, scale: float) -> Ink:
    """The ink of a page's picture. `scale` is in pixels a point."""
    gray, stamped = _without_seals(picture, scale)
    return Ink(even_light(gray, scale), scale, stamped)


def is_colored(picture: Picture) -> bool:
    """Whether any part of the picture is coloured, more than JPEG noise makes it."""
    small = picture[::4, ::4].astype(np.int16)
    return bool(((small.max(axis=2) - small.min(axis=2)) > _STANDS_OUT).sum() > 30)


def _without_seals(picture: Picture, scale: float) -> tuple[Gray, Mask | None]:
    """The picture in grey, the ink of each seal seen through the channel in which it is paler than print.

    The red channel shows a red seal as a breath of grey and print under it as black. Everywhere else the picture is
    turned to grey in the ordinary way: print itself may be red or blue.
    """
    import cv2

    gray: Gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    if not is_colored(picture):
        return gray, None
    stamped = np.zeros(gray.shape, dtype=bool)
    for channel in (_RED, _BLUE):
        seals = find_seals(picture, channel, scale)
        if seals is not None:
            tinted = (_excess(picture, channel) > _TINTED) & seals
            reach = 2 * round(_BLEEDS * scale) + 1
            near = cv2.dilate(tinted.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
            gray = np.where(near, _print_only(picture[:, :, channel]), gray)
            stamped |= seals
    return gray, stamped if stamped.any() else None


def _excess(picture: Picture, channel: int) -> npt.NDArray[np.int16]:
    """How much a channel stands out from the other two."""
    import cv2

    others = [picture[:, :, other] for other in (_RED, _GREEN, _BLUE) if other != channel]
    excess: npt.NDArray[np.int16] = np.subtract(picture[:, :, channel], cv2.max(*others), dtype=np.int16)
    return excess


def _print_only(channel: Gray) -> Gray:
    """A channel with what is paler than print made paper: in the red channel, edges of a seal are at 120 and more."""
    levels = np.arange(256, dtype=np.float32)
    curve = np.clip(np.where(levels < 80, levels, 80 + (levels - 80) * 175 / 80), 0, 255)
    return curve.astype(np.uint8)[channel]


def find_seals(picture: Picture, channel: int, scale: float) -> Mask | None:
    """Where seals in the colour of a channel (2 red, 0 blue) lie: their boxes, with a margin. None where there is none.

    A seal is a blot of colour as wide as seals are and about as high, which its ink does not fill.
    """
    import cv2

    step = max(1, round(scale))  # a pixel a point is enough to see a seal
    colored = (_excess(picture[::step, ::step], channel) > _STANDS_OUT).astype(np.uint8)
    if not colored.any():
        return None
    reach = max(3, round(10 * scale / step))
    joined = cv2.morphologyEx(colored, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    del labels
    found = np.zeros(picture.shape[:2], dtype=bool)
    margin = round(4 * scale)
    for x, y, width, height, _ in stats[1:count].tolist():
        ink = colored[y : y + height, x : x + width].mean()
        if _is_seal(width * step / scale, height * step / scale, float(ink)):
            top, left = max(y * step - margin, 0), max(x * step - margin, 0)
            found[top : (y + height) * step + margin, left : (x + width) * step + margin] = True
    return found if found.any() else None


def _is_seal(width: float, height: float, ink: float) -> bool:
    """Whether a blot of colour (points; share of its box that is ink) may be a seal, cut by the page's edge too."""
    longer, shorter = max(width, height), min(width, height)
    return (
        _SEAL_LEAST <= longer <= _SEAL_MOST
        and shorter > 0.3 * longer
        and _SEAL_FILL[0] < ink < _SEAL_FILL[1]
    )


def even_light(gray: Gray, scale: float) -> Gray:
    """The picture with its paper at white throughout: shadows, folds and grey paper divided out.

    The paper's brightness is that of the brightest pixels around, seen coarsely so that no letter counts.
    """
    import cv2

    step = max(2, round(2 * scale))
    coarse = cv2.resize(gray, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(coarse, np.ones((7, 7), np.uint8))
    paper = cv2.medianBlur(paper, 7 if min(paper.shape) >= 7 else 3)
    if paper.min() > 245:
        return gray
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    even: Gray = cv2.divide(gray, np.maximum(paper, 40), scale=255)
    return even
