"""The rules of a page: strokes, edges of boxes and thin filled rectangles, as horizontal and vertical segments."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from ctypes import addressof, c_float, c_int, c_uint
from dataclasses import dataclass

import pypdfium2.raw as raw

from extract.pdfium import OpenPage, call

__all__ = ["Drawing", "form_matrices", "read_drawing"]

# Published forms draw rules as filled rectangles up to 2.3 pt thick (WPS) and frames up to 3 pt; the thinnest cell seen
# is 6 pt wide.
THICK = 3.2
# A stroke may lean by this much and still be a rule (rounding of coordinates).
LEAN = 0.75
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_MAX_DEPTH = 6
_PALE = 250
Matrix = tuple[float, float, float, float, float, float]
Segment = tuple[float, float, float]
"""A rule: its place across (y of a horizontal, x of a vertical one), then where it starts and ends. Display points."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page draws beside text: rules in no order, and the boxes of its pictures as shares of the page's area."""

    horizontal: list[Segment]
    vertical: list[Segment]
    picture_share: float
    has_forms: bool


def read_drawing(page: OpenPage) -> Drawing:
    """Walk the page's objects, those inside form XObjects too, and collect its rules."""
    pen = _Pen(page)
    for kind, handle, matrix in _walk_page(page):
        if kind == raw.FPDF_PAGEOBJ_PATH:
            pen.add_path(handle, matrix)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            pen.add_picture(handle, matrix)
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            pen.has_forms = True
    area = page.width * page.height
    return Drawing(pen.horizontal, pen.vertical, min(pen.picture_area / area, 1.0) if area else 0.0, pen.has_forms)


def _walk_page(page: OpenPage) -> Iterator[tuple[int, int, Matrix]]:
    """The page's objects but text: kind, handle, and the matrix from the object's space to the page's."""
    holder = page.page
    handles = list(map(call.get_object, itertools.repeat(holder), range(call.count_objects(holder))))
    for handle, kind in zip(handles, map(call.object_type, handles), strict=True):
        if kind != raw.FPDF_PAGEOBJ_TEXT:  # text is the bulk of a page, and draws no rule
            yield kind, handle, _IDENTITY
            if kind == raw.FPDF_PAGEOBJ_FORM:
                yield from _walk_form(handle, _matrix_of(handle), 1)


def _walk_form(form: int, matrix: Matrix, depth: int) -> Iterator[tuple[int, int, Matrix]]:
    """All objects inside a form XObject, text too, those of forms inside it after each."""
    if depth > _MAX_DEPTH:
        return
    for i in range(call.form_count(form)):
        handle = call.form_object(form, i)
        kind = call.object_type(handle)
        yield kind, handle, matrix
        if kind == raw.FPDF_PAGEOBJ_FORM:
            yield from _walk_form(handle, _multiply(_matrix_of(handle), matrix), depth + 1)


def form_matrices(page: OpenPage) -> dict[int, Matrix]:
    """The matrix to page space of each text object that stands inside a form XObject, by its handle."""
    return {
        handle: matrix
        for kind, handle, matrix in _walk_page(page)
        if kind == raw.FPDF_PAGEOBJ_TEXT and matrix is not _IDENTITY
    }


def _matrix_of(handle: int) -> Matrix:
    out = (c_float * 6)()
    if not call.object_matrix(handle, addressof(out)):
        return _IDENTITY
    return (out[0], out[1], out[2], out[3], out[4], out[5])


def _multiply(m: Matrix, n: Matrix) -> Matrix:
    return (
        m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5],
    )  # fmt: skip


class _Pen:
    """Collects rules in display coordinates."""

    __slots__ = (
        "_box",
        "_box_at",
        "_frame",
        "_int",
        "_int_at",
        "_point",
        "_point_at",
        "_rgba",
        "_rgba_at",
        "_rotation",
        "_size",
        "has_forms",
        "horizontal",
        "picture_area",
        "vertical",
    )  # fmt: skip

    def __init__(self, page: OpenPage) -> None:
        self.horizontal: list[Segment] = []
        self.vertical: list[Segment] = []
        self.picture_area = 0.0
        self.has_forms = False
        self._frame, self._rotation = page.frame, page.rotation
        self._size = (page.width, page.height)
        self._box, self._point = (c_float * 4)(), (c_float * 2)()
        self._int, self._rgba = (c_int * 2)(), (c_uint * 4)()
        self._box_at, self._point_at = addressof(self._box), addressof(self._point)
        self._int_at, self._rgba_at = addressof(self._int), addressof(self._rgba)

    def _bounds(self, handle: int, matrix: Matrix) -> tuple[float, float, float, float] | None:
        at = self._box_at
        if not call.object_bounds(handle, at, at + 4, at + 8, at + 12):
            return None
        x0, y0, x1, y1 = self._box
        if matrix is _IDENTITY:
            return x0, y0, x1, y1
        corners = [_apply(matrix, x, y) for x in (x0, x1) for y in (y0, y1)]
        xs, ys = [c[0] for c in corners], [c[1] for c in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def add_picture(self, handle: int, matrix: Matrix) -> None:
        box = self._bounds(handle, matrix)
        if box is not None:
            left, bottom, right, top = self._frame
            width = min(box[2], right) - max(box[0], left)
            height = min(box[3], top) - max(box[1], bottom)
            self.picture_area += max(width, 0.0) * max(height, 0.0)

    def add_path(self, handle: int, matrix: Matrix) -> None:
        box = self._bounds(handle, matrix)
        if box is None:
            return
        x0, y0, x1, y1 = box
        at = self._int_at
        call.draw_mode(handle, at, at + 4)
        filled, stroked = self._int
        if not filled and not stroked:
            return
        stroked = bool(stroked) and not self._is_pale(handle, filled=False)
        if not stroked and (not filled or self._is_pale(handle, filled=True)):
            return
        width, height = x1 - x0, y1 - y0
        if width <= THICK or height <= THICK:  # one rule, stroked or filled, whatever its segments
            self._add_bar(x0, y0, x1, y1)
        elif stroked or call.segment_count(handle) > 5:
            self._add_segments(handle, _multiply(_matrix_of(handle), matrix), stroked=stroked)

    def _is_pale(self, handle: int, *, filled: bool) -> bool:
        """Whether the path is drawn in white or see-through: Word and WPS leave white rules under removed borders."""
        at = self._rgba_at
        get = call.fill_color if filled else call.stroke_color
        if not get(handle, at, at + 4, at + 8, at + 12):
            return False
        red, green, blue, alpha = self._rgba
        return alpha < 8 or (red >= _PALE and green >= _PALE and blue >= _PALE)

    def _add_segments(self, handle: int, matrix: Matrix, *, stroked: bool) -> None:
        for points in self._subpaths(handle, matrix):
            if stroked:
                for (ax, ay), (bx, by) in itertools.pairwise(points):
                    if abs(ax - bx) <= LEAN or abs(ay - by) <= LEAN:
                        self._add_bar(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
            elif points:
                xs, ys = [p[0] for p in points], [p[1] for p in points]
                if max(xs) - min(xs) <= THICK or max(ys) - min(ys) <= THICK:
                    self._add_bar(min(xs), min(ys), max(xs), max(ys))

    def _subpaths(self, handle: int, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
        """The path's subpaths as points; one with a curve gives none (a curve is no rule)."""
        points: list[tuple[float, float]] = []
        curved = False
        at = self._point_at
        for i in range(call.segment_count(handle)):
            segment = call.path_segment(handle, i)
            kind = call.segment_type(segment)
            if kind == raw.FPDF_SEGMENT_MOVETO:
                if not curved:
                    yield points
                points, curved = [], False
            curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
            call.segment_point(segment, at, at + 4)
            points.append(_apply(matrix, self._point[0], self._point[1]))
            if call.segment_close(segment) and points:
                points.append(points[0])
        if not curved:
            yield points

    def _add_bar(self, x0: float, y0: float, x1: float, y1: float) -> None:
        left, bottom, right, top = self._frame
        match self._rotation:
            case 0:
                x0, y0, x1, y1 = x0 - left, top - y1, x1 - left, top - y0
            case 1:
                x0, y0, x1, y1 = y0 - bottom, x0 - left, y1 - bottom, x1 - left
            case 2:
                x0, y0, x1, y1 = right - x1, y0 - bottom, right - x0, y1 - bottom
            case _:
                x0, y0, x1, y1 = top - y1, right - x1, top - y0, right - x0
        width, height = self._size
        if x1 < -THICK or y1 < -THICK or x0 > width + THICK or y0 > height + THICK:
            return
        is_dot = x1 - x0 <= THICK and y1 - y0 <= THICK  # of a dotted rule of either kind
        if is_dot or x1 - x0 >= y1 - y0:
            self.horizontal.append(((y0 + y1) / 2, x0, x1))
        if is_dot or x1 - x0 < y1 - y0:
            self.vertical.append(((x0 + x1) / 2, y0, y1))


def _apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]
