"""The rules of a straight page: long thin runs of ink, with the breaks that noise, seals and faint print make.

All in pixels; the place of a rule is the middle of its ink.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.grid import Segment
from extract.scan.creases import DARKER, find_creases, rules_without_creases
from extract.scan.crumbs import find_crumbs
from extract.scan.pieces import RUN, Frame, Piece, Runs, join_pieces
from extract.scan.recognise import Gray
from extract.scan.sides import complete_sides, without_strokes

__all__ = ["Rulings", "find_rulings", "to_dark"]

Bytes = npt.NDArray[np.uint8]

# All in points. Dashes are closed over gaps up to this, must run this far, and come this often: digits 1 in the rows of
# a table, one under another with rules between, come every 10 points at most.
_DASH_GAP, _DASHED, _PERIOD = 3.2, 30.0, 8.0
# Rules of nothing but crumbs; letters stand one under another in many lines of text.
_ROW_CRUMBS, _COLUMN_CRUMBS = 24.0, 30.0
# A shorter run is a piece of a broken rule where it stands on one line with long ones and nothing is over or under it.
_PIECE, _FREE = 5.0, 1.5
# A line that leans by a pixel is two pieces, each with the other's ink right beside it.
_EDGE_OF_INK = 0.75
# A longer run needs less room: lines of text touch the rules of forms that are set tight, on one side at least.
_SURE, _SURELY, _TIGHT_RUN = 70.0, 140.0, 24.0
# Noise and faint print part a run by so much at most.
_GAP = 0.4
# Rules are no thicker; fields of ink are.
_THICKEST, _THINNEST_FIELD = 4.5, 2.4
# Sides that are completed carry the rules across that others need.
_ROUNDS = 2
# Letters and brackets are no higher than this.
_HIGHER = 11.5
# The ink of a rule lies this near to its place.
_ON_A_RULE = 0.6
# Share of the places beside a piece that may be ink: other rules that cross it.
_NEXT_TO = (0.16, 0.16)
_SURE_NEXT_TO = (0.2, 0.6)
_NOTHING_NEXT_TO = (0.05, 0.07)
_ONE_SIDE_FREE = (0.04, 0.16)
# Letters' strokes are no longer, but for those of large print, which leaves its rows higher. In points.
_LETTERS = 9.5
# Share of a run that has nothing beside it where it crosses more rules than it has room between them.
_ALONE = 0.5


@dataclass(frozen=True, slots=True)
class Rulings:
    """The rules of a page, where their ink lies (255 on pictures of the page's size), and where the sheet is folded."""

    horizontal: list[Segment]
    vertical: list[Segment]
    row_ink: Bytes
    column_ink: Bytes
    creases_y: tuple[float, ...] = ()
    creases_x: tuple[float, ...] = ()


def to_dark(gray: Gray, scale: float) -> Bytes:
    """The page in black and white, 255 for ink: what is darker than its surroundings of some letters' width."""
    import cv2

    block = max(round(9 * scale) | 1, 3)  # a picture of some pixels has next to no scale
    dark: Bytes = cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 16)
    return dark


def find_rulings(gray: Gray, scale: float) -> Rulings:
    """Find the rules of a straight page."""
    across, along = _contrast(gray, scale), _contrast(np.ascontiguousarray(gray.T), scale)
    dark, turned = (np.where(contrast > DARKER, 255, 0).astype(np.uint8) for contrast in (across, along))
    over_columns = _crossed(_long_ink(dark, scale))
    column_ink = _long_ink(turned | over_columns, scale)
    over_rows = _crossed(column_ink)
    row_ink = _long_ink(dark | over_rows, scale)
    all_ink = to_dark(gray, scale)
    rows = _find_runs(dark, row_ink, over_rows, all_ink, _ROW_CRUMBS, scale)
    columns = _find_runs(turned, column_ink, over_columns, np.ascontiguousarray(all_ink.T), _COLUMN_CRUMBS, scale)
    horizontal, row_pieces = join_pieces(rows, columns.long, scale)
    vertical, column_pieces = join_pieces(columns, rows.long, scale)
    height, width = gray.shape
    creases_y, creases_x = find_creases(horizontal, vertical, height, width, scale)
    horizontal = rules_without_creases(horizontal, creases_y, vertical, across)
    vertical = rules_without_creases(vertical, creases_x, horizontal, along)
    over_rows, over_columns = _contrast_alone(across, over_rows), _contrast_alone(along, over_columns)
    folds = tuple(tuple(place for place, *_ in found) for found in (creases_y, creases_x))
    vertical = without_strokes(vertical, horizontal, over_columns, scale)
    for _ in range(_ROUNDS):
        horizontal = complete_sides(horizontal, vertical, folds[0], over_rows, scale)
        vertical = complete_sides(vertical, horizontal, folds[1], over_columns, scale)
    row_ink = _ink_of(row_pieces, rows.ink) | _ink_on(horizontal, dark, scale)
    column_ink = _ink_of(column_pieces, columns.ink) | _ink_on(vertical, turned, scale)
    return Rulings(horizontal, vertical, row_ink, np.ascontiguousarray(column_ink.T), *folds)


def _contrast_alone(contrast: Bytes, crossing: Bytes) -> Bytes:
    """The contrast without the ink of rules across."""
    return np.where(crossing > 0, 0, contrast).astype(np.uint8)


def _contrast(gray: Gray, scale: float) -> Bytes:
    """How much darker each place is than the paper over and under it: horizontal rules and strokes are, but not the
    edge of a shadow or of a fold, which is dark on one side only."""
    import cv2

    reach = round(_THICKEST * scale) + 2
    paper = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    contrast: Bytes = cv2.subtract(paper, gray)
    return contrast


def _crossed(ink: Bytes) -> Bytes:
    """Where rules in one direction lie, on the picture in which those in the other are looked for: beside a crossing
    there is no paper, so that a rule would break at each."""
    import cv2

    wide: Bytes = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    return np.ascontiguousarray(wide.T)


def _ink_of(pieces: Sequence[Piece], ink: Bytes) -> Bytes:
    """The ink of pieces that are rules: other runs are strokes of letters, chained up where lines touch."""
    rules = np.zeros_like(ink)
    for x, y, width, height in (piece.box for piece in pieces):
        rules[y : y + height, x : x + width] = ink[y : y + height, x : x + width]
    return rules


def _ink_on(rules: Sequence[Segment], dark: Bytes, scale: float) -> Bytes:
    """The ink on horizontal rules: what is left of those in crumbs belongs to no piece."""
    ink, half = np.zeros_like(dark), _ON_A_RULE * scale
    for place, start, end in rules:
        part = slice(max(round(place - half), 0), round(place + half) + 1), slice(max(round(start), 0), round(end))
        ink[part] = dark[part]
    return ink


def _closed(dark: Bytes, gap: int) -> Bytes:
    import cv2

    closed: Bytes = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    return closed


def _opened(dark: Bytes, run: int) -> Bytes:
    import cv2

    opened: Bytes = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    return opened


def _long_ink(dark: Bytes, scale: float) -> Bytes:
    return _opened(_closed(dark, round(_GAP * scale) + 1), round(RUN * scale))


def _find_runs(
    dark: Bytes, ink: Bytes, crossing: Bytes, all_ink: Bytes, crumbs: float, scale: float
) -> Runs:
    """The horizontal runs in a picture, `ink` those that are long, `crossing` the ink of rules across, `all_ink` that
    of letters with their strokes in both directions, `crumbs` how long rules of nothing but crumbs must be."""
    import cv2

    lone = cv2.subtract(dark, crossing)
    long: list[Piece] = []
    tight: list[Piece] = []
    low: list[Piece] = []
    for piece in _components(ink, _THICKEST * scale):
        stretches = list(_stretches(piece.box, lone, scale))
        if max((width for _, _, width, _ in stretches), default=0) < RUN * scale:
            over = list(_over_rules(piece, stretches, lone, scale))
            long += over
            if not over:
                low += [
                    piece._replace(start=float(box[0]), end=float(box[0] + box[2]), box=box, is_lone=True)
                    for box in stretches
                    if box[2] >= _HIGHER * scale and _is_free(box, all_ink, scale, _NOTHING_NEXT_TO)
                ]
        elif _is_rule(piece, dark, scale):
            long.append(piece)
        elif piece.length >= _TIGHT_RUN * scale:
            tight.append(piece)
    rest = cv2.subtract(dark, cv2.dilate(ink, np.ones((3, 3), np.uint8)))
    short = _opened(_closed(rest, round(_GAP * scale) + 1), round(_PIECE * scale))
    dashed = _opened(_closed(rest, round(_DASH_GAP * scale)), round(_DASHED * scale))
    long += [piece for piece in _free_pieces(dashed, dark, all_ink, scale) if _is_dashed(piece.box, lone, scale)]
    dots = find_crumbs(cv2.subtract(rest, crossing), crumbs, scale)
    long += list(_components(dots, _THICKEST * scale))
    return Runs(long, _free_pieces(short, dark, all_ink, scale) + low, tight, ink | short | dashed | (dots & dark))


def _is_rule(piece: Piece, dark: Bytes, scale: float) -> bool:
    """Whether a long run is a rule by itself."""
    if piece.length > _SURELY * scale:
        return True
    return _is_free(piece.box, dark, scale, _SURE_NEXT_TO if piece.length > _SURE * scale else _NEXT_TO)


def _over_rules(piece: Piece, stretches: Sequence[Frame], lone: Bytes, scale: float) -> Iterator[Piece]:
    """The rule in a run that is long only by the rules that it crosses: from its first to its last stretch with nothing
    beside it, if most of it is so. In rows as low as letters the strokes of a word that stands in each of them run on
    over the rules, but never alone."""
    alone = [
        box for box in stretches if box[2] >= _PIECE * scale
        and _is_free(box, lone, scale, _ONE_SIDE_FREE if box[2] < _LETTERS * scale else _SURE_NEXT_TO)
    ]  # fmt: skip
    if piece.length > _SURELY * scale:
        alone = list(stretches)
    if sum(box[2] for box in alone) < max(_ALONE * sum(box[2] for box in stretches), RUN * scale):
        return
    start, end = alone[0][0], alone[-1][0] + alone[-1][2]
    _, y, _, height = piece.box
    if end - start >= RUN * scale:
        yield piece._replace(start=float(start), end=float(end), box=(start, y, end - start, height))


def _stretches(box: Frame, lone: Bytes, scale: float) -> Iterator[Frame]:
    """The parts of a run between rules across."""
    x, y, width, height = box
    inked = np.asarray(lone[y : y + height, x : x + width].any(axis=0))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inked, [False])).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start > _EDGE_OF_INK * scale:
            yield x + start, y, end - start, height


def _free_pieces(ink: Bytes, dark: Bytes, all_ink: Bytes, scale: float) -> list[Piece]:
    return [
        piece._replace(is_lone=_is_free(piece.box, all_ink, scale, _NOTHING_NEXT_TO))
        for piece in _components(ink, _THINNEST_FIELD * scale)
        if _is_free(piece.box, dark, scale)
    ]


def _is_dashed(box: Frame, dark: Bytes, scale: float) -> bool:
    """Whether the ink in a run comes in regular dashes."""
    x, y, width, height = box
    inked = dark[y : y + height, x : x + width].any(axis=0)
    periods = np.diff(np.flatnonzero(np.diff(inked.astype(np.int8)) == 1))
    if len(periods) < 3:
        return False
    usual = float(np.median(periods))
    return usual < _PERIOD * scale and float((np.abs(periods - usual) <= 0.3 * usual + 1).mean()) > 0.7


def _components(ink: Bytes, thickest: float) -> Iterator[Piece]:
    """The connected pieces of ink that are thin."""
    import cv2

    count, _, stats, centres = cv2.connectedComponentsWithStats(ink)
    for (x, y, width, height, area), centre in zip(stats[1:count].tolist(), centres[1:count, 1].tolist(), strict=True):
        if area <= thickest * width:
            yield Piece(centre + 0.5, float(x), float(x + width), (x, y, width, height))


def _is_free(box: Frame, dark: Bytes, scale: float, most: tuple[float, float] = _NEXT_TO) -> bool:
    """Whether little stands right over and under a piece, beside which the strokes of letters have others: shares of
    its length that are ink on the emptier and on the fuller side."""
    x, y, width, height = box
    free, edge = max(2, round(_FREE * scale)), max(2, round(_EDGE_OF_INK * scale))
    over, under = dark[max(y - edge - free, 0) : max(y - edge, 0)], dark[y + height + edge : y + height + edge + free]
    shares = sorted(band[:, x : x + width].mean() / 255 if band.size else 0.0 for band in (over, under))
    return shares[0] < most[0] and shares[1] < most[1]
