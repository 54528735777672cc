"""Lines of text outside a form's grid, and on pages without one: found by PP-OCRv6's detector.

A grid says where its cells are, so that the detector, which takes longer than the recogniser, sees only what is left.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from extract.scan.lines import Frame
from extract.scan.recognise import Gray, open_session

__all__ = ["Detector", "detector"]

# Pixels a point at which the detector sees the page: letters of 9 points are then 20 pixels high.
_SCALE = 2.1
# Its input must be a multiple of this.
_MULTIPLE = 32
# Its memory grows with the picture: a page of A4 has 2.2 million pixels as the detector sees it.
_MOST_PIXELS = 4_000_000
# A line this thin or short, in pixels, is a speck.
_LEAST = 5


@lru_cache(maxsize=1)
def detector(threads: int) -> Detector:
    """The detector of this process. Loading its model takes a second."""
    return Detector(threads)


class Detector:
    """The detection model, loaded, and what makes boxes of its output."""

    def __init__(self, threads: int) -> None:
        from rapidocr.ch_ppocr_det.utils import DBPostProcess

        self._session = open_session("det", threads)
        self._input = self._session.get_inputs()[0].name
        self._to_boxes = DBPostProcess(
            thresh=0.3, box_thresh=0.5, max_candidates=3000, unclip_ratio=1.6, use_dilation=True, score_mode="fast"
        )

    def find_lines(self, gray: Gray, scale: float) -> list[Frame]:
        """The boxes of lines of text on a straight picture of `scale` pixels a point, from the top."""
        import cv2

        height, width = gray.shape
        if min(height, width) < _LEAST:
            return []
        shrink = min(_SCALE / scale, (_MOST_PIXELS / (height * width)) ** 0.5, 1.0)
        size = [max(_MULTIPLE, round(side * shrink / _MULTIPLE) * _MULTIPLE) for side in (width, height)]
        small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1.0
        scores = self._session.run(None, {self._input: np.broadcast_to(small, (1, 3, *small.shape)).copy()})[0]
        boxes, _ = self._to_boxes(scores, (height, width))
        frames = [_box_to_frame(np.asarray(box), width, height) for box in boxes]
        return sorted(
            (frame for frame in frames if min(frame.x1 - frame.x0, frame.y1 - frame.y0) >= _LEAST),
            key=lambda frame: (frame.y0, frame.x0),
        )


def _box_to_frame(box: Gray, width: int, height: int) -> Frame:
    x, y = box[:, 0], box[:, 1]
    right, foot = min(int(x.max()) + 1, width), min(int(y.max()) + 1, height)
    return Frame(max(int(x.min()), 0), max(int(y.min()), 0), right, foot)
