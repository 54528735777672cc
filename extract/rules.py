"""The rules of a page: strokes, edges of boxes and thin filled rectangles, as horizontal and vertical segments."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from ctypes import addressof, c_float
from dataclasses import dataclass

import numpy as np
import pypdfium2.raw as raw

from extract.glyphs import Bools, Floats, to_display
from extract.pdfium import OpenPage, call
from model import Box

__all__ = ["Drawing", "form_matrices", "object_bounds", "read_drawing", "walk_page"]

# Published forms draw rules as filled rectangles up to 2.3 pt thick (WPS) and frames up to 3 pt; the thinnest cell seen
# is 6 pt wide.
THICK = 3.2
# A stroke may lean by this much and still be a rule (rounding of coordinates).
LEAN = 0.75
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_MAX_DEPTH = 6
_PALE = 250
Matrix = tuple[float, float, float, float, float, float]
Bar = tuple[float, float, float, float]
Segment = tuple[float, float, float]
"""A rule: its place across (y of a horizontal, x of a vertical one), then where it starts and ends. Display points."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page draws beside text: rules in no order, the boxes of its pictures (display points), whether it holds
    form XObjects, and how many paths."""

    horizontal: list[Segment]
    vertical: list[Segment]
    pictures: tuple[Box, ...]
    has_forms: bool
    paths: int


def read_drawing(page: OpenPage) -> Drawing:
    """Walk the page's objects, those inside form XObjects too, and collect its rules."""
    paths: dict[Matrix, list[int]] = {}
    pictures, has_forms = [], False
    for kind, handle, matrix in walk_page(page):
        if kind == raw.FPDF_PAGEOBJ_PATH:
            paths.setdefault(matrix, []).append(handle)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            pictures.append(_shown_box(handle, matrix, page))
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            has_forms = True
    horizontal, vertical = _to_segments([_path_bars(handles, matrix) for matrix, handles in paths.items()], page)
    return Drawing(horizontal, vertical, tuple(pictures), has_forms, sum(map(len, paths.values())))


def walk_page(page: OpenPage) -> Iterator[tuple[int, int, Matrix]]:
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
        for kind, handle, matrix in walk_page(page)
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


def _shown_box(handle: int, matrix: Matrix, page: OpenPage) -> Box:
    """The part of a picture that stands on the page, in display points."""
    x0, y0, x1, y1 = map(float, to_display(page, object_bounds([handle], matrix))[0])
    return Box(max(x0, 0.0), max(y0, 0.0), min(x1, page.width), min(y1, page.height))


def object_bounds(handles: Sequence[int], matrix: Matrix) -> Floats:
    """The boxes (n x 4: left, bottom, right, top) of objects in the page's space."""
    out = np.zeros((len(handles), 4), dtype=np.float32)
    at = [range(out.ctypes.data + 4 * side, out.ctypes.data + 16 * len(handles), 16) for side in range(4)]
    deque(map(call.object_bounds, handles, *at), maxlen=0)  # the loop in C, here and below
    boxes: Floats = out.astype(np.float64)
    if matrix == _IDENTITY:
        return boxes
    x, y = boxes[:, [0, 0, 2, 2]], boxes[:, [1, 3, 1, 3]]
    xs, ys = matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]
    return np.stack([xs.min(axis=1), ys.min(axis=1), xs.max(axis=1), ys.max(axis=1)], axis=1)


def _path_bars(handles: Sequence[int], matrix: Matrix) -> Floats:
    """The bars (n x 4, in the page's space) that paths draw: thin paths as they are, of others each straight piece."""
    boxes = object_bounds(handles, matrix)
    stroked, filled = _painted(handles)
    seen = stroked | filled
    thin = (boxes[:, 2] - boxes[:, 0] <= THICK) | (boxes[:, 3] - boxes[:, 1] <= THICK)
    pieces: list[Bar] = []  # a thin path is one rule, stroked or filled, whatever its segments
    for i in np.flatnonzero(seen & ~thin).tolist():
        if stroked[i] or call.segment_count(handles[i]) > 5:
            own = _multiply(_matrix_of(handles[i]), matrix)
            pieces += _piece_bars(handles[i], own, stroked=bool(stroked[i]))
    return np.concatenate([boxes[seen & thin], np.array(pieces, dtype=np.float64).reshape(-1, 4)])


def _painted(handles: Sequence[int]) -> tuple[Bools, Bools]:
    """Which paths are stroked and which filled, in a colour that one sees.

    Word and WPS leave white rules under removed borders.
    """
    count = len(handles)
    modes = np.zeros((count, 2), dtype=np.int32)
    first = modes.ctypes.data
    deque(map(call.draw_mode, handles, *(range(first + 4 * k, first + 8 * count, 8) for k in range(2))), maxlen=0)
    filled, stroked = modes[:, 0] != 0, modes[:, 1] != 0
    if stroked.any():
        stroked &= _is_seen(handles, call.stroke_color)
    if filled.any():
        filled &= _is_seen(handles, call.fill_color)
    return stroked, filled


def _is_seen(handles: Sequence[int], color_of: Callable[..., int]) -> Bools:
    """Which paths have a colour that is neither white nor see-through."""
    count = len(handles)
    rgba = np.zeros((count, 4), dtype=np.uint32)
    rgba[:, 3] = 255  # a path without a colour of its own is black
    first = rgba.ctypes.data
    deque(map(color_of, handles, *(range(first + 4 * k, first + 16 * count, 16) for k in range(4))), maxlen=0)
    seen: Bools = (rgba[:, 3] >= 8) & (rgba[:, :3].min(axis=1) < _PALE)
    return seen


def _piece_bars(handle: int, matrix: Matrix, *, stroked: bool) -> Iterator[Bar]:
    """The straight pieces of a stroked path that lie along the page, or the thin parts of a filled one."""
    for points in _subpaths(handle, matrix):
        if stroked:
            for (ax, ay), (bx, by) in itertools.pairwise(points):
                if abs(ax - bx) <= LEAN or abs(ay - by) <= LEAN:
                    yield min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)
        elif points:
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            if max(xs) - min(xs) <= THICK or max(ys) - min(ys) <= THICK:
                yield min(xs), min(ys), max(xs), max(ys)


def _subpaths(handle: int, matrix: Matrix) -> Iterator[list[tuple[float, float]]]:
    """The path's subpaths as points; one with a curve gives none (a curve is no rule)."""
    points: list[tuple[float, float]] = []
    curved = False
    point = (c_float * 2)()
    at = addressof(point)
    for i in range(call.segment_count(handle)):
        segment = call.path_segment(handle, i)
        kind = call.segment_type(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            if not curved:
                yield points
            points, curved = [], False
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        call.segment_point(segment, at, at + 4)
        points.append(_apply(matrix, point[0], point[1]))
        if call.segment_close(segment) and points:
            points.append(points[0])
    if not curved:
        yield points


def _to_segments(bars: Sequence[Floats], page: OpenPage) -> tuple[list[Segment], list[Segment]]:
    """Bars of the page's space as rules of the displayed page. A dot of a dotted rule may be of either kind."""
    if not bars:
        return [], []
    box = to_display(page, np.concatenate(bars))
    on_page = (box[:, 2] >= -THICK) & (box[:, 3] >= -THICK)
    on_page &= (box[:, 0] <= page.width + THICK) & (box[:, 1] <= page.height + THICK)
    box = box[on_page]
    width, height = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    dot = (width <= THICK) & (height <= THICK)
    lies = box[dot | (width >= height)]
    stands = box[dot | (width < height)]
    horizontal = zip(((lies[:, 1] + lies[:, 3]) / 2).tolist(), lies[:, 0].tolist(), lies[:, 2].tolist(), strict=True)
    vertical = zip(
        ((stands[:, 0] + stands[:, 2]) / 2).tolist(), stands[:, 1].tolist(), stands[:, 3].tolist(), strict=True
    )
    return list(horizontal), list(vertical)


def _apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]
