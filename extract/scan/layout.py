"""A page's picture laid out: straight, its grids found, and the strips of text in each cell and outside the grids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extract.grid import Grid, Segment, find_grids
from extract.scan.creases import without_creases
from extract.scan.detect import detector
from extract.scan.erase import rule_ink
from extract.scan.grey_seals import with_rules_under
from extract.scan.ink import Ink, Picture, picture_to_ink
from extract.scan.lines import (
    Frame,
    Strip,
    cut_lines,
    fit_frame,
    larger_ink,
    line_height,
    strip_picture,
    text_ink,
    without_residue,
)
from extract.scan.marks import Bools
from extract.scan.open_sides import find_open_sides
from extract.scan.recognise import Gray
from extract.scan.rulings import Bytes, find_rulings, to_dark
from extract.scan.specks import without_specks
from extract.scan.straighten import Floats, Sheet, straighten
from extract.scan.weak_sides import find_weak_sides
from model import Box

__all__ = ["Layout", "box_to_frame", "find_outside", "lay_out", "overlooked", "rules_in_points"]

# Free room around a band of text, in points.
_MARGIN = 8.0
# Letters outside of cells are at least this high or wide, in points; dust is smaller.
_LETTER = 3.0
# A line that the detector overlooked: its height in points, its width in heights, the share of it that is ink, how far
# it stands from others at least, and from one of them at most, in points, and how many there are at most on a page.
_LINE_HEIGHTS, _LINE_WIDTH, _INKED, _BESIDE_FOUND = (4.5, 16.0), 3.0, (0.1, 0.6), 2.0
_NEAR_A_LINE, _MOST_OVERLOOKED = 25.0, 6
# A seal's removal may take letters off a line's ends: so many heights beside it are looked at.
_LOST = 0.8
# Ink in a cell under a dark seal may hide a figure from so many square points on; a pixel is ink below this.
_HIDING, _SEEN = 5.0, 160


@dataclass(frozen=True, slots=True)
class Layout:
    """A straight page before recognition.

    `gray` is its picture without the grids' rules, `ink` the letters' in black and white; `cells` are the strips of
    each grid's spans in order, grid by grid; `height` is the usual height of a line in pixels. Grids and rules are in
    points of the straight page; `open_sides` are those vertical ones that are not drawn, but told by the text.
    """

    sheet: Sheet
    gray: Gray
    ink: Bytes
    grids: tuple[Grid, ...]
    cells: tuple[tuple[Strip, ...], ...]
    height: float
    horizontal: tuple[Segment, ...]
    vertical: tuple[Segment, ...]
    gentle: Gray | None = None
    open_sides: tuple[Segment, ...] = ()

    @property
    def scale(self) -> float:
        """Pixels a point."""
        return self.sheet.ink.scale

    def picture_of(self, strip: Strip) -> Gray:
        """The picture of a strip, ready to be recognised."""
        return strip_picture(self.gray, self.ink, strip, self.height)

    def is_stamped(self, strip: Strip) -> bool:
        """Whether a seal lay over a strip."""
        stamped = self.sheet.ink.stamped
        return stamped is not None and any(stamped[f.y0 : f.y1, f.x0 : f.x1].any() for f in strip.frames)

    def hides(self, box: Box) -> bool:
        """Whether a cell (in points) has ink of a seal that can not be told from print."""
        stamped = self.sheet.ink.stamped
        if not self.sheet.ink.dark or stamped is None or self.gentle is None:
            return False
        part = _part(box_to_frame(box, self.scale))
        return int((stamped[part] & (self.gentle[part] < _SEEN)).sum()) > _HIDING * self.scale**2

    def covers(self, frame: Frame) -> bool:
        """Whether ink of such a seal was taken out of a line, or right beside it."""
        if not self.sheet.ink.dark or self.gentle is None:
            return False
        room = round(_LOST * self.height)
        part = _part(Frame(max(frame.x0 - room, 0), frame.y0, frame.x1 + room, frame.y1))
        return int(((self.gray[part] > _SEEN) & (self.gentle[part] < _SEEN)).sum()) > _HIDING * self.scale**2

    def gentle_picture_of(self, strip: Strip) -> Gray:
        """The picture of a strip under a seal with its thinnest strokes, and with streaks of the seal."""
        assert self.gentle is not None  # noqa: S101  asked of stamped strips only
        room = round(_LOST * self.height)
        around = [Frame(max(f.x0 - room, 0), f.y0, f.x1 + room, f.y1) for f in strip.frames]
        if strip.is_stack:
            around = list(strip.frames)
        y0, y1 = min(f.y0 for f in around), max(f.y1 for f in around)
        part = self.gentle[max(y0 - room, 0) : y1 + room]
        ink = text_ink(to_dark(part, self.scale), np.zeros_like(part), self.scale)
        moved = [Frame(f.x0, f.y0 - max(y0 - room, 0), f.x1, f.y1 - max(y0 - room, 0)) for f in around]
        fitted = [fit_frame(ink, frame) or frame for frame in moved]
        return strip_picture(part, ink, Strip(tuple(fitted)), self.height)

    def ink_of(self, frame: Frame) -> Bools:
        """The ink of the letters in a frame."""
        return self.ink[frame.y0 : frame.y1, frame.x0 : frame.x1] > 0

    def box_of(self, frame: Frame) -> Box:
        """A frame in points of the straight page."""
        return Box(*(side / self.scale for side in (frame.x0, frame.y0, frame.x1, frame.y1)))

    def is_open(self, grid: Grid) -> bool:
        """Whether the sides of a grid's columns are not drawn."""
        return any(grid.box.y0 - 1 < y0 and y1 < grid.box.y1 + 1 for _, y0, y1 in self.open_sides)

    def on_page(self, box: Box) -> Box:
        """A box of the straight page as it lies in the picture: through the middles of its sides, so that it is no
        larger for its leaning."""
        middle_x, middle_y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        x: Floats = np.array([box.x0, middle_x, box.x1, middle_x]) * self.scale
        y: Floats = np.array([middle_y, box.y0, middle_y, box.y1]) * self.scale
        in_x, in_y = self.sheet.to_picture(x, y)
        return Box(*(round(float(side) / self.scale, 2) for side in (in_x[0], in_y[1], in_x[2], in_y[3])))


def _part(frame: Frame) -> tuple[slice, slice]:
    return slice(frame.y0, frame.y1), slice(frame.x0, frame.x1)


def lay_out(picture: Picture, scale: float) -> Layout:
    """Straighten a page's picture and find its grids and the text in them."""
    sheet = straighten(picture_to_ink(picture, scale))
    rulings = find_rulings(_ruled(sheet.ink), scale)
    horizontal, vertical = rules_in_points(rulings.horizontal, scale), rules_in_points(rulings.vertical, scale)
    gray = without_creases(sheet.ink.gray, rulings.creases_y, rulings.creases_x, scale)
    dark = to_dark(gray, scale)
    clean = without_specks(gray, dark, scale)
    if clean is not gray:
        gray, dark = clean, to_dark(clean, scale)
    open_sides = find_open_sides(horizontal, vertical, dark, rulings.row_ink, scale)
    vertical += open_sides
    grids = find_grids(horizontal, vertical)
    if weak_sides := find_weak_sides(grids, dark, scale):
        vertical += weak_sides
        grids = find_grids(horizontal, vertical)
    rules = rule_ink(rulings, grids, dark, scale)
    ink = text_ink(dark, rules, scale)
    frames = [box_to_frame(grid.span_box(span), scale) for grid in grids for span in grid.spans]
    ink = without_residue(ink, frames, scale)
    height = line_height(ink, frames, scale)
    cells = tuple(tuple(cut_lines(ink, frame, height, scale)) for frame in frames)
    without = np.where(rules > 0, 255, gray).astype(np.uint8)
    gentle = None
    if sheet.ink.gentle is not None:
        gentle = np.where(rules > 0, 255, sheet.ink.gentle).astype(np.uint8)
    return Layout(
        sheet, without, ink, tuple(grids), cells, height, tuple(horizontal), tuple(vertical), gentle, tuple(open_sides)
    )


def _ruled(ink: Ink) -> Gray:
    """The picture in which rules are whole."""
    return ink.gray if ink.whole is None else with_rules_under(ink.gray, ink.whole, ink.scale)


def rules_in_points(rules: Sequence[Segment], scale: float) -> list[Segment]:
    """Rules in pixels as rules in points."""
    return [(place / scale, start / scale, end / scale) for place, start, end in rules]


def box_to_frame(box: Box, scale: float) -> Frame:
    """A box in points as a frame in pixels."""
    return Frame(*(max(round(side * scale), 0) for side in box))


def find_outside(layout: Layout, threads: int) -> list[Frame]:
    """The lines of text outside the grids, looked for in the bands of the page that have ink."""
    ink, gray = layout.ink.copy(), layout.gray.copy()
    for grid in layout.grids:
        frame = box_to_frame(grid.box, layout.scale)
        ink[frame.y0 : frame.y1, frame.x0 : frame.x1] = 0
        gray[frame.y0 : frame.y1, frame.x0 : frame.x1] = 255
    found: list[Frame] = []
    margin = round(_MARGIN * layout.scale)
    letters = larger_ink(ink, _LETTER * layout.scale)
    for y0, y1 in _bands(np.asarray(letters.any(axis=1)), margin):
        columns = np.flatnonzero(ink[y0:y1].any(axis=0))
        if not len(columns):
            continue
        x0, x1 = max(int(columns[0]) - margin, 0), int(columns[-1]) + margin
        for frame in detector(threads).find_lines(gray[y0:y1, x0:x1], layout.scale):
            on_page = Frame(frame.x0 + x0, frame.y0 + y0, frame.x1 + x0, frame.y1 + y0)
            fitted = fit_frame(ink, on_page)
            if fitted is not None:
                found.append(fitted)
    return found + overlooked(letters, found, layout.scale)


def overlooked(letters: Bytes, found: Sequence[Frame], scale: float) -> list[Frame]:
    """Lines of letters that the detector did not see: it leaves out small ones under large titles. None where they are
    many: then they are no lines but a drawing."""
    import cv2

    left, reach = letters.copy(), round(_BESIDE_FOUND * scale)
    for frame in found:
        left[max(frame.y0 - reach, 0) : frame.y1 + reach, max(frame.x0 - reach, 0) : frame.x1 + reach] = 0
    joined = cv2.dilate(left, np.ones((1, round(_MARGIN * scale)), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    lowest, highest = (side * scale for side in _LINE_HEIGHTS)
    frames = [
        fitted
        for x, y, width, height, _ in stats[1:].tolist()
        if lowest < height < highest and width > _LINE_WIDTH * height
        and (fitted := fit_frame(left, Frame(x, y, x + width, y + height))) is not None
        and _INKED[0] < (left[y : y + height, x : x + width] > 0).mean() < _INKED[1]
        and any(_is_near(fitted, other, scale) for other in found)
    ]  # fmt: skip
    return frames if len(frames) <= _MOST_OVERLOOKED else []


def _is_near(line: Frame, other: Frame, scale: float) -> bool:
    """Whether a line stands over or under another."""
    apart = max(line.y0 - other.y1, other.y0 - line.y1)
    return apart < _NEAR_A_LINE * scale and line.x0 < other.x1 and other.x0 < line.x1


def _bands(rows: Bools, margin: int) -> Iterator[tuple[int, int]]:
    """Where rows have ink, with a margin, bands that touch made one."""
    wide = np.convolve(rows.astype(np.int32), np.ones(2 * margin + 1, np.int32), "same") > 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wide, [False])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
