"""What the page shows of a text object: its clip path as a box."""

from __future__ import annotations

from ctypes import addressof, c_float

import numpy as np

from extract.glyphs import Floats, to_display
from extract.pdfium import OpenPage, call
from extract.rules import Matrix, form_matrices
from model import Box

__all__ = ["Clips"]


class Clips:
    """Clip boxes of a page's text objects, asked for one glyph at a time and remembered by object.

    WPS and LibreOffice put every cell under a clip path of its own; reading each costs more than all other work on a
    page, so they are read only for text whose place is in doubt.
    """

    __slots__ = ("_by_object", "_forms", "_has_forms", "_matrices", "_page", "_point", "_point_at")

    def __init__(self, page: OpenPage, *, has_forms: bool) -> None:
        self._page = page
        self._has_forms = has_forms
        self._matrices: dict[int, Matrix] | None = None
        self._by_object: dict[int, Box | None] = {}
        self._point = (c_float * 2)()
        self._point_at = addressof(self._point)

    def of(self, index: int) -> tuple[int, Box | None]:
        """The text object that draws the character at `index` of the text page, and its clip in display points."""
        handle = call.char_object(self._page.text, index) or 0
        if handle not in self._by_object:
            self._by_object[handle] = self._read(handle) if handle else None
        return handle, self._by_object[handle]

    def _read(self, handle: int) -> Box | None:
        path = call.clip_path(handle)
        count = call.clip_paths(path) if path else 0
        if count <= 0:
            return None
        x0, y0, x1, y1 = -1e9, -1e9, 1e9, 1e9
        for i in range(count):
            xs, ys = self._points(path, i)
            if xs:
                x0, y0, x1, y1 = max(x0, min(xs)), max(y0, min(ys)), min(x1, max(xs)), min(y1, max(ys))
        if x0 <= -1e9:
            return None
        box = self._placed(handle, np.array([[x0, y0, x1, y1]]))
        return Box(*(float(side) for side in to_display(self._page, box)[0]))

    def _points(self, path: int, i: int) -> tuple[list[float], list[float]]:
        count = call.clip_segments(path, i)
        xs, ys = [], []
        # Nearly all clips are rectangles: two opposite corners say it all.
        for k in (0, 2) if count in (4, 5) else range(count):
            call.segment_point(call.clip_segment(path, i, k), self._point_at, self._point_at + 4)
            xs.append(self._point[0])
            ys.append(self._point[1])
        return xs, ys

    def _placed(self, handle: int, box: Floats) -> Floats:
        """The box in page space: objects inside a form XObject give theirs in the form's own."""
        if not self._has_forms:
            return box
        if self._matrices is None:
            self._matrices = form_matrices(self._page)
        m = self._matrices.get(handle)
        if m is None:
            return box
        xs = [m[0] * x + m[2] * y + m[4] for x in box[0, [0, 2]] for y in box[0, [1, 3]]]
        ys = [m[1] * x + m[3] * y + m[5] for x in box[0, [0, 2]] for y in box[0, [1, 3]]]
        return np.array([[min(xs), min(ys), max(xs), max(ys)]])
