"""Pictures of text lines into text: the PP-OCRv6 models of rapidocr's wheel, with what else each character may be.

Nothing is fetched. rapidocr's own pass pads every line to 320 pixels at least and reads six at a time; here lines of
like width go together and no line is wider than it must be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from model import Reading, Rival

__all__ = ["INSTALL", "Floats", "Gray", "Recognised", "Recogniser", "is_installed", "recogniser"]

Gray = npt.NDArray[np.uint8]
"""A picture in shades of grey, rows x columns, 0 black to 255 white."""
Floats = npt.NDArray[np.float32]

INSTALL = "pip install 'zipingbiao[ocr]'"

HEIGHT = 48
"""Pixels of a line's height that the model was trained on."""
_STEP = 8
"""Pixels that one step of the output stands for."""
_NARROWEST = 64
_BATCH_PIXELS = 3600
"""Width of a batch, all its lines together. More makes the output (18,710 classes a step) large and no faster."""
_LIKELY = 0.01
"""Probability from which on another reading of a character is worth telling."""
_INSERTED = 0.05
_RIVALS = 4
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of a line, how sure each character is, and where it stands: `places` are the middles of the characters
    as shares of the picture's width."""

    text: str
    reading: Reading
    places: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """The mean of the characters' confidences; 0 for no text."""
        confidences = self.reading.confidences
        return sum(confidences) / len(confidences) if confidences else 0.0


NOTHING = Recognised("", Reading(()), ())


def is_installed() -> bool:
    """Whether the extra `ocr` is there. Loads nothing."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


def model_file(kind: str) -> Path:
    """The file of rapidocr's model for `rec` or `det`. Raises FileNotFoundError where its wheel holds none."""
    from importlib.util import find_spec

    spec = find_spec("rapidocr")
    folders = spec.submodule_search_locations if spec is not None else None
    found = sorted(file for folder in folders or () for file in Path(folder, "models").glob(f"*_{kind}_*.onnx"))
    if not found:
        raise FileNotFoundError(f"rapidocr holds no {kind} model; install it anew: {INSTALL}")
    return found[-1]


def open_session(kind: str, threads: int) -> Any:
    """An onnxruntime session of a model, on `threads` threads of this processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # An arena keeps the largest batch's memory for good, which a worker's limit would count.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(model_file(kind)), options, providers=["CPUExecutionProvider"])


@lru_cache(maxsize=1)
def recogniser(threads: int) -> Recogniser:
    """The recogniser of this process. Loading its model takes a third of a second."""
    return Recogniser(threads)


class Recogniser:
    """The recognition model, loaded. `threads` is the number of threads that a call may use."""

    def __init__(self, threads: int) -> None:
        self._session = open_session("rec", threads)
        self._input = self._session.get_inputs()[0].name
        known = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ("", *known, " ")
        self._remembered: dict[bytes, Recognised] = {}

    def read_lines(self, pictures: Sequence[Gray]) -> list[Recognised]:
        """The text of each picture, which holds one line, upright. Pictures that are the same to the pixel are read
        once: 1-bit scans of printed forms repeat 004 and 人次 so."""
        keys = [repr(picture.shape).encode() + picture.tobytes() for picture in pictures]
        new = {key: picture for key, picture in zip(keys, pictures, strict=True) if key not in self._remembered}
        if len(self._remembered) + len(new) > _REMEMBERED:
            self._remembered.clear()
            new = dict(zip(keys, pictures, strict=True))
        self._remembered.update(self._read(new))
        return [self._remembered[key] for key in keys]

    def forget(self) -> None:
        """Forget the lines read so far."""
        self._remembered.clear()

    def _read(self, pictures: dict[bytes, Gray]) -> Iterator[tuple[bytes, Recognised]]:
        lines = sorted(((prepare(picture), key) for key, picture in pictures.items()), key=lambda one: one[0].width)
        for batch in _batches(lines):
            width = max(line.width for line, _ in batch)
            steps = self._session.run(None, {self._input: _stack([line.picture for line, _ in batch], width)})[0]
            for (line, key), scores in zip(batch, steps, strict=True):
                yield key, decode(scores, self._characters, Stretch(width / scores.shape[0], line.left, line.inner))


class Stretch(NamedTuple):
    """Where a step of the model's output stands: a step is `step` pixels, the line begins at `left`, `inner` wide."""

    step: float
    left: int
    inner: int

    def place(self, at: float) -> float:
        """The place of a step as a share of the line's width."""
        return min(max((at * self.step - self.left) / self.inner, 0.0), 1.0)


class Prepared(NamedTuple):
    """A line's picture as the model takes it: the line itself stands `left` pixels from the left, `inner` wide."""

    picture: Gray
    left: int
    inner: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.picture.shape[1])


def prepare(picture: Gray) -> Prepared:
    """The picture at the model's height, no narrower than the model reads well: white is put beside lone digits."""
    import cv2

    width = max(1, round(picture.shape[1] * HEIGHT / picture.shape[0]))
    shrinks = picture.shape[0] > HEIGHT
    line = cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    missing = max(_NARROWEST - width, -width % _STEP)
    if not missing:
        return Prepared(line, 0, width)
    white = int(np.percentile(line, 90))
    left = missing // 2 if width < _NARROWEST else 0
    wide = cv2.copyMakeBorder(line, 0, 0, left, missing - left, cv2.BORDER_CONSTANT, value=white)
    return Prepared(wide, left, width)


def _batches(lines: Sequence[tuple[Prepared, bytes]]) -> Iterator[list[tuple[Prepared, bytes]]]:
    """Lines in order of their width, as many as a batch may hold."""
    batch: list[tuple[Prepared, bytes]] = []
    for line in lines:
        if batch and (len(batch) + 1) * line[0].width > _BATCH_PIXELS:
            yield batch
            batch = []
        batch.append(line)
    if batch:
        yield batch


def _stack(lines: Sequence[Gray], width: int) -> Floats:
    """Lines as the model's input: count x 3 x 48 x width, -1 black to 1 white; 0 behind the shorter ones."""
    stack = np.zeros((len(lines), 3, HEIGHT, width), dtype=np.float32)
    for n, line in enumerate(lines):
        stack[n, :, :, : line.shape[1]] = line.astype(np.float32) / 127.5 - 1.0
    return stack


def decode(scores: Floats, characters: Sequence[str], stretch: Stretch) -> Recognised:
    """The text of a line from the model's scores (steps x classes, class 0 is "no character"); CTC: repeats of a class
    in neighbouring steps are one character. `stretch` says where its steps stand."""
    best = scores.argmax(axis=1)
    text, confidences, places, rivals = "", [], [], []
    for start, end in _stretches(best):
        if best[start]:
            step = start + int(scores[start:end, best[start]].argmax())
            rivals += _rivals(scores[step], int(best[start]), characters, len(text), len(text) + 1)
            text += characters[best[start]]
            confidences.append(float(scores[step, best[start]]))
            places.append(stretch.place((start + end) / 2))
        else:
            near = {int(best[k]) for k in (start - 1, end) if 0 <= k < len(best)}
            rivals += _inserted(scores[start:end], near, characters, len(text))
    return Recognised(text, Reading(tuple(confidences), tuple(rivals)), tuple(places))


def _stretches(best: npt.NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    """Where the same class is best in neighbouring steps."""
    cuts = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    return pairwise(cuts)


def _rivals(scores: Floats, taken: int, characters: Sequence[str], start: int, end: int) -> list[Rival]:
    """What else a character may be; nothing at all (class 0) is one of the possibilities."""
    if scores[taken] > 1 - _LIKELY:
        return []
    likely = np.flatnonzero(scores >= _LIKELY)
    order = likely[np.argsort(-scores[likely])][: _RIVALS + 1]
    return [Rival(start, end, characters[k], float(scores[k])) for k in order.tolist() if k != taken]


def _inserted(scores: Floats, near: set[int], characters: Sequence[str], at: int) -> list[Rival]:
    """What may stand where nothing was read. Classes of the neighbours are only their shoulders."""
    rest = scores[:, 0].min()
    if rest > 1 - _INSERTED:
        return []
    step = int(scores[:, 0].argmin())
    likely = np.flatnonzero(scores[step] >= _INSERTED).tolist()
    return [Rival(at, at, characters[k], float(scores[step, k])) for k in likely if k and k not in near]
