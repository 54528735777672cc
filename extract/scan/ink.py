"""The ink of a scanned page: seals taken out, uneven light made even, everything else in shades of grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.scan.grey_seals import find_grey_seals
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
# Pieces of a seal lie so near to one another, and it is no wider as a whole.
_SEAL_GAP, _SEAL_WHOLE = 20.0, 190.0
# Ink of a ring, a star and letters covers this share of a seal's box; a coloured field of a table nearly all of it.
_SEAL_FILL = (0.02, 0.6)
_RED, _GREEN, _BLUE = 2, 1, 0
_STRICT, _GENTLE = (80, 160), (135, 195)
# The same for seals without colour, as shares of their own grey.
_GREY_STRICT, _GREY_GENTLE = (0.5, 0.85), (0.7, 0.95)


@dataclass(frozen=True, slots=True)
class Ink:
    """A page's ink in shades of grey, 255 for paper, at `scale` pixels a point.

    `stamped` says where a seal's ink lay, or may be still. There `gray` shows dark print alone, without a streak of the
    seal but without the thinnest strokes, `gentle` all print, with streaks, and `whole` all ink, that of pale rules and
    of the seal too; all three None where there is no seal. Seals without colour (`grey`) may take print with them, and
    those as dark as the print (`dark`) surely do.
    """

    gray: Gray
    scale: float
    stamped: Mask | None = None
    gentle: Gray | None = None
    whole: Gray | None = None
    grey: bool = False
    dark: bool = False


def picture_to_ink(picture: Picture, scale: float) -> Ink:
    """The ink of a page's picture. `scale` is in pixels a point."""
    import cv2

    plain = even_light(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), scale)
    return _without_seals(picture, plain, scale) or _without_grey_seals(plain, scale)


def is_colored(picture: Picture) -> bool:
    """Whether any part of the picture is coloured, more than JPEG noise makes it."""
    small = picture[::4, ::4].astype(np.int16)
    return bool(((small.max(axis=2) - small.min(axis=2)) > _STANDS_OUT).sum() > 30)


def _without_seals(picture: Picture, plain: Gray, scale: float) -> Ink | None:
    """The picture in grey and even light, the ink of each seal seen through the channel in which it is paler than
    print; None where there is no seal in colour.

    The red channel shows a red seal as a breath of grey and print under it as black. Everywhere else the picture is
    turned to grey in the ordinary way: print itself may be red or blue.
    """
    import cv2

    if not is_colored(picture):
        return None
    gray = gentle = whole = plain
    stamped = np.zeros(gray.shape, dtype=bool)
    for channel in (_RED, _BLUE):
        seals = find_seals(picture, channel, scale)
        if seals is not None:
            tinted = (_excess(picture, channel) > _TINTED) & seals
            reach = 2 * round(_BLEEDS * scale) + 1
            near = cv2.dilate(tinted.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
            even = even_light(np.ascontiguousarray(picture[:, :, channel]), scale)
            gray = np.where(near, _print_only(even, _STRICT), gray)
            gentle = np.where(near, _print_only(even, _GENTLE), gentle)
            whole = np.where(near, even, whole)
            stamped |= near & seals
    return Ink(gray, scale, stamped, gentle, whole) if stamped.any() else None


def _without_grey_seals(gray: Gray, scale: float) -> Ink:
    """The same for seals without colour: those paler than print by their grey, others by their ring's shape."""
    seals = find_grey_seals(gray, scale)
    if not seals:
        return Ink(gray, scale)
    strict, gentle, stamped = gray, gray, np.zeros(gray.shape, dtype=bool)
    for seal in seals:
        stamped |= seal.area
        if seal.ink is not None:
            strict = np.where(seal.ink, 255, strict).astype(np.uint8)
        else:
            strict = np.where(seal.area, _print_only(gray, _of_level(_GREY_STRICT, seal.level)), strict)
            gentle = np.where(seal.area, _print_only(gray, _of_level(_GREY_GENTLE, seal.level)), gentle)
    return Ink(strict, scale, stamped, gentle, gray, grey=True, dark=any(seal.ink is not None for seal in seals))


def _of_level(shares: tuple[float, float], level: float) -> tuple[int, int]:
    return round(shares[0] * level), round(shares[1] * level)


def _excess(picture: Picture, channel: int) -> npt.NDArray[np.int16]:
    """How much a channel stands out from the other two."""
    import cv2

    others = [picture[:, :, other] for other in (_RED, _GREEN, _BLUE) if other != channel]
    excess: npt.NDArray[np.int16] = np.subtract(picture[:, :, channel], cv2.max(*others), dtype=np.int16)
    return excess


def _print_only(channel: Gray, levels: tuple[int, int]) -> Gray:
    """A channel with print as it is and paler ink made paper: `levels` are up to where it is print, and from where on
    paper. In JPEG the colour of a seal's edges spreads while their brightness does not: in the red channel they are at
    120 and more, and thin strokes of print at 140 and less, so that no one level parts them."""
    dark, pale = levels
    every = np.arange(256, dtype=np.float32)
    curve = np.where(every < dark, every, dark + (every - dark) * (255 - dark) / (pale - dark))
    return np.clip(curve, 0, 255).astype(np.uint8)[channel]


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
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    blots = [(x, y, x + width, y + height) for x, y, width, height, _ in stats[1:].tolist()]
    found = np.zeros(picture.shape[:2], dtype=bool)
    margin = round(4 * scale)
    for blot in blots:
        x0, y0, x1, y1 = blot
        ink = colored[y0:y1, x0:x1].mean()
        if _is_seal((x1 - x0) * step / scale, (y1 - y0) * step / scale, float(ink)):
            x0, y0, x1, y1 = (side * step for side in _whole_seal(blot, blots, step / scale))
            found[max(y0 - margin, 0) : y1 + margin, max(x0 - margin, 0) : x1 + margin] = True
    return found if found.any() else None


_Box = tuple[int, int, int, int]


def _whole_seal(seal: _Box, blots: Sequence[_Box], point: float) -> _Box:
    """A seal's blot with those near it that may be parts of it, an arc that rules cut off. `point`: points a pixel."""
    for blot in blots:
        gap = max(blot[0] - seal[2], seal[0] - blot[2], blot[1] - seal[3], seal[1] - blot[3])
        x0, y0 = min(seal[0], blot[0]), min(seal[1], blot[1])
        x1, y1 = max(seal[2], blot[2]), max(seal[3], blot[3])
        if gap * point < _SEAL_GAP and max(x1 - x0, y1 - y0) * point < _SEAL_WHOLE:
            seal = x0, y0, x1, y1
    return seal


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
    if min(gray.shape) < 4 * step:
        return gray
    coarse = cv2.resize(gray, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(coarse, np.ones((7, 7), np.uint8))
    paper = cv2.medianBlur(paper, 7 if min(paper.shape) >= 7 else 3)
    if paper.min() > 245:
        return gray
    paper = cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    even: Gray = cv2.divide(gray, np.maximum(paper, 40), scale=255)
    return even
