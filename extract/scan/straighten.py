"""A crooked page made straight: skew, the perspective of a photo, and slight bends of the sheet.

angle of the page -> pieces of rules on the turned page -> a smooth field of how far they leave the straight -> one
remapping of the picture. The field follows from the rules alone: a page without any is only turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from extract.scan.ink import Ink
from extract.scan.recognise import Gray

__all__ = ["Field", "Piece", "Sheet", "find_angle", "fit_field", "straighten", "trace_pieces"]

Floats = npt.NDArray[np.float64]

# Pages lie in a scanner within 5 degrees, in photos within 10.
_STEEPEST = 14.0
# Pixels that a place may be off before the picture is remapped: each remapping blurs.
_STILL = 0.6
# A piece of a rule, in points: this long at least, this thick at most, this far from straight at most.
_LONG, _THICK, _BENT = 40.0, 3.2, 1.2
_MOST_PIECES = 400
# Powers (of x, of y) in the field: skew, perspective, and bends that a sheet under a lid or in a hand has.
_POWERS = ((1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (3, 0))
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """Points (pixels) of a piece of a rule, `along` it and `across`: x and y of a horizontal one, y and x of a
    vertical one."""

    along: Floats
    across: Floats


@dataclass(frozen=True, slots=True)
class Field:
    """Where each place of the straight page stands in the picture.

    A place (pixels) is bent by two polynomials, one for y along x and one for x along y, then turned by `matrix`
    (2 x 3). Polynomials take places scaled to -1..1 over `size` (width, height of the straight page) and give pixels.
    """

    matrix: Floats
    size: tuple[int, int]
    bend_y: tuple[float, ...] = (0.0,) * len(_POWERS)
    bend_x: tuple[float, ...] = (0.0,) * len(_POWERS)

    def __call__(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Places in the picture of places on the straight page."""
        bent_x, bent_y = self.bent(x, y)
        m = self.matrix
        return m[0, 0] * bent_x + m[0, 1] * bent_y + m[0, 2], m[1, 0] * bent_x + m[1, 1] * bent_y + m[1, 2]

    def bent(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The places before they are turned."""
        p, q = self._scaled(x, y)
        return x + _terms(q, p) @ np.array(self.bend_x), y + _terms(p, q) @ np.array(self.bend_y)

    def unbent(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The other way: places whose bent places are given, to a small fraction of a pixel."""
        at_x, at_y = x, y
        for _ in range(6):
            bent_x, bent_y = self.bent(at_x, at_y)
            at_x, at_y = at_x + (x - bent_x), at_y + (y - bent_y)
        return at_x, at_y

    def _scaled(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        width, height = self.size
        return 2 * x / width - 1, 2 * y / height - 1


def _terms(along: Floats, across: Floats) -> Floats:
    return np.stack([along**a * across**b for a, b in _POWERS], axis=-1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page made straight: its ink, and where its places stand in the picture (None where it is the picture)."""

    ink: Ink
    field: Field | None = None

    def to_picture(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Pixels of the picture for pixels of the straight page."""
        return (x, y) if self.field is None else self.field(x, y)


def straighten(ink: Ink) -> Sheet:
    """The page made straight."""
    turned = _turn(ink.gray, find_angle(ink.gray, ink.scale))
    rows, columns = trace_pieces(remap(ink.gray, turned), ink.scale)
    field = fit_field(turned, rows, columns)
    if _shift(field) < _STILL:
        return Sheet(ink)
    gentle = None if ink.gentle is None else remap(ink.gentle, field)
    return Sheet(
        replace(
            ink,
            gray=remap(ink.gray, field),
            stamped=None if ink.stamped is None else remap(ink.stamped.astype(np.uint8) * 255, field, 0) > 127,
            gentle=gentle,
            whole=gentle if ink.whole is ink.gentle or ink.whole is None else remap(ink.whole, field),
        ),
        field,
    )


def _turn(gray: Gray, angle: float) -> Field:
    """The field of a page that was only turned, by `angle` degrees clockwise, on paper wide enough for its corners."""
    height, width = gray.shape
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    size = round(width * cos + height * abs(sin)), round(width * abs(sin) + height * cos)
    turn = np.array([[cos, -sin], [sin, cos]])
    shift = np.array([width / 2, height / 2]) - turn @ np.array([size[0] / 2, size[1] / 2])
    return Field(np.column_stack([turn, shift]), size)


def _shift(field: Field) -> float:
    """The furthest that a corner or a side's middle of the page moves, in pixels."""
    width, height = field.size
    x, y = np.meshgrid([0.0, width / 2, width], [0.0, height / 2, height])
    in_x, in_y = field(x, y)
    return float(np.hypot(in_x - x, in_y - y).max())


def remap(gray: Gray, field: Field, paper: int = 255) -> Gray:
    """The straight page. Only every 16th place is computed; between them the field is as good as linear."""
    import cv2

    width, height = field.size
    step = 16
    xs = (np.arange(-(-width // step) + 1) + 0.5) * step - 0.5
    ys = (np.arange(-(-height // step) + 1) + 0.5) * step - 0.5
    maps = []
    for coarse in field(*np.meshgrid(xs, ys)):
        full = cv2.resize(coarse.astype(np.float32), None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
        maps.append(full[:height, :width])
    border = {"borderMode": cv2.BORDER_CONSTANT, "borderValue": paper}
    straight: Gray = cv2.remap(gray, maps[0], maps[1], cv2.INTER_CUBIC, **border)
    return straight


# ---------------------------------------------------------------------------------------------------------------------
# The angle
# ---------------------------------------------------------------------------------------------------------------------


def find_angle(gray: Gray, scale: float) -> float:
    """Degrees by which the page is turned clockwise: the angle under which its lines and rules stand out most, found
    coarsely first. 0 for a blank page."""
    import cv2

    shrink = min(0.9 / scale, 1.0)
    if min(gray.shape) * shrink < 2:
        return 0.0
    small = cv2.resize(gray, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    dark = (small < min(215, small.mean() - 12)).astype(np.float32)
    if dark.sum() < 50:
        return 0.0
    best = 0.0
    for reach, step in ((_STEEPEST, 0.5), (0.5, 0.1), (0.1, 0.02)):
        angles = best + np.arange(-reach, reach + step / 2, step)
        best = float(angles[int(np.argmax([_contrast(dark, angle) for angle in angles]))])
    return best


def _contrast(dark: npt.NDArray[np.float32], angle: float) -> float:
    """How much the sums of rows and of columns change from one to the next, the page turned back by `angle`."""
    import cv2

    height, width = dark.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(dark, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return float((np.diff(turned.sum(axis=1)) ** 2).sum() + (np.diff(turned.sum(axis=0)) ** 2).sum())


# ---------------------------------------------------------------------------------------------------------------------
# The field
# ---------------------------------------------------------------------------------------------------------------------


def trace_pieces(gray: Gray, scale: float) -> tuple[list[Piece], list[Piece]]:
    """Pieces of the page's horizontal and vertical rules, which may lean by a tenth and bend a little."""
    import cv2

    block = max(round(6 * scale) | 1, 3)
    dark = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 14)
    return _trace(dark, scale), _trace(np.ascontiguousarray(dark.T), scale)


def _trace(dark: Gray, scale: float) -> list[Piece]:
    import cv2

    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(11 * scale)), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs)
    long = [n for n in range(1, count) if stats[n, cv2.CC_STAT_WIDTH] > _LONG * scale]
    long = sorted(long, key=lambda n: -int(stats[n, cv2.CC_STAT_WIDTH]))[:_MOST_PIECES]
    pieces = (_piece(labels, stats[n], n, scale) for n in long)
    return [piece for piece in pieces if piece is not None]


def _piece(labels: npt.NDArray[np.int32], stat: npt.NDArray[np.int32], label: int, scale: float) -> Piece | None:
    """The middle of a component in each of some columns; None where it is no thin and nearly straight line."""
    x, y, width, height, area = stat.tolist()
    if area > (_THICK * scale + 2) * width:
        return None
    columns = np.arange(0, width, max(1, round(4 * scale)))
    mine = labels[y : y + height, x : x + width][:, columns] == label
    weights = mine.sum(axis=0)
    columns, mine, weights = columns[weights > 0], mine[:, weights > 0], weights[weights > 0]
    along = (columns + x).astype(np.float64)
    across = (mine * np.arange(height)[:, None]).sum(axis=0) / weights + y
    if len(along) < 4:
        return None
    smooth = np.polyfit(along - along[0], across, 4 if len(along) > 12 else 2)
    bend = across - np.polyval(smooth, along - along[0])
    return Piece(along, across) if np.abs(bend).mean() < _BENT * scale / 2.8 else None


def fit_field(turned: Field, rows: Sequence[Piece], columns: Sequence[Piece]) -> Field:
    """The field that makes each piece straight, by least squares in rounds: each takes the places that the last one
    gave. Pieces that do not go with the others (edges of the desk, letters) lose their weight."""
    field = turned
    for _ in range(_ROUNDS):
        field = replace(
            field, bend_y=_fit(rows, field, vertical=False), bend_x=_fit(columns, field, vertical=True)
        )
    return field


def _fit(pieces: Sequence[Piece], field: Field, *, vertical: bool) -> tuple[float, ...]:
    """The polynomial of one direction: each piece has an offset of its own, all share the bend."""
    powers = _usable(pieces, field.size[vertical])
    if not powers:
        return (0.0,) * len(_POWERS)
    along = np.concatenate([piece.along for piece in pieces])
    across = np.concatenate([piece.across for piece in pieces])
    owner = np.repeat(np.arange(len(pieces)), [len(piece.along) for piece in pieces])
    straight_x, straight_y = field.unbent(*((across, along) if vertical else (along, across)))
    width, height = field.size
    p, q = 2 * straight_x / width - 1, 2 * straight_y / height - 1
    terms = (_terms(q, p) if vertical else _terms(p, q))[:, powers]
    weights = np.ones(len(along))
    bend: Floats = np.zeros(len(powers))
    for _ in range(3):
        total = np.bincount(owner, weights)
        centred = terms - np.stack([np.bincount(owner, weights * t) / total for t in terms.T], axis=1)[owner]
        shift = across - (np.bincount(owner, weights * across) / total)[owner]
        root = np.sqrt(weights)
        bend = np.asarray(np.linalg.lstsq(centred * root[:, None], shift * root, rcond=None)[0], dtype=np.float64)
        off = np.sqrt(np.bincount(owner, (shift - centred @ bend) ** 2) / np.bincount(owner))
        usual = max(float(np.median(off)), 0.3)
        weights = (1 / (1 + (off / (2 * usual)) ** 4))[owner]
    out = np.zeros(len(_POWERS))
    out[powers] = bend
    return tuple(out.tolist())


def _usable(pieces: Sequence[Piece], length: int) -> list[int]:
    """Which powers the pieces can tell: few and short ones tell a slope, but no bend."""
    total = sum(float(np.ptp(piece.along)) for piece in pieces) / length
    if total < 0.3:
        return []
    return [0] if total < 1.0 or len(pieces) < 3 else list(range(len(_POWERS)))
