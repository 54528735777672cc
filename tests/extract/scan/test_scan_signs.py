"""Signs that stand alone, told by their ink."""

from __future__ import annotations

import numpy as np
import pytest

from extract.scan.marks import read_marks
from extract.scan.recognise import Recognised
from extract.scan.signs import lone_sign
from model import Reading, Rival

cv2 = pytest.importorskip("cv2")
HEIGHT = 24


def drawn(*strokes: tuple[tuple[int, int], tuple[int, int]], size: tuple[int, int] = (24, 24)) -> np.ndarray:
    ink = np.zeros(size, np.uint8)
    for start, end in strokes:
        cv2.line(ink, start, end, 255, 2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] > 0


def percent(ring: int, size: int = 24) -> np.ndarray:
    ink = np.zeros((size, size), np.uint8)
    cv2.circle(ink, (size // 4, size // 4 + 1), ring, 255, 2)
    cv2.circle(ink, (3 * size // 4, 3 * size // 4 - 1), ring, 255, 2)
    cv2.line(ink, (3 * size // 4 - 1, 1), (size // 4 + 1, size - 2), 255, 2)
    return ink > 0


def eight(rings: int = 2) -> np.ndarray:
    ink = np.zeros((24, 14), np.uint8)
    for n in range(rings):
        half = 11 // rings
        cv2.ellipse(ink, (6, half + 1 + n * (half + 5)), (5, half - 1), 0, 0, 360, 255, 2)
    return ink > 0


@pytest.mark.parametrize("read", ["名", "男", "は", "第", "品", "8", "0", "g"])
@pytest.mark.parametrize("ring", [4, 5])
def test_a_percent_sign_is_one_whatever_it_is_read_as(read: str, ring: int) -> None:
    assert lone_sign(read, percent(ring), HEIGHT) == "%"


@pytest.mark.parametrize(
    ("read", "ink", "sign"),
    [
        ("1", drawn(((14, 2), (6, 22))), "/"),
        ("7", drawn(((16, 2), (6, 22))), "/"),
        ("1", drawn(((2, 12), (9, 12))), "-"),
        ("•", drawn(((2, 12), (5, 12))), "-"),
        ("*", drawn(((2, 12), (5, 12))), "-"),
        ("1", drawn(((0, 12), (23, 12))), "—"),
        ("二", drawn(((2, 9), (14, 9)), ((2, 15), (14, 15))), "="),
    ],
)
def test_signs_of_strokes(read: str, ink: np.ndarray, sign: str) -> None:
    assert lone_sign(read, ink, HEIGHT) in {sign, "＝" if sign == "=" else sign}


@pytest.mark.parametrize(
    ("read", "ink"),
    [
        ("1", drawn(((10, 2), (10, 22)))),
        ("二", drawn(((6, 6), (16, 6)), ((1, 19), (23, 19)))),
        ("次", drawn(((2, 4), (6, 8)), ((4, 20), (12, 4)), ((12, 8), (22, 8)), ((14, 12), (22, 22)))),
        ("中", drawn(((2, 6), (22, 6)), ((2, 14), (22, 14)), ((2, 6), (2, 14)), ((12, 1), (12, 23)))),
        ("·", np.ones((4, 5), np.bool_)),  # a speck: before a number it would be a minus
        ("8", eight()),
        ("0", eight(rings=1)),
        ("x", percent(5)),  # an x is as like a small % as some % are
    ],
)
def test_letters_and_digits_are_no_signs(read: str, ink: np.ndarray) -> None:
    assert lone_sign(read, ink, HEIGHT) is None


def test_a_digit_that_looks_like_a_per_cent_sign_remains_a_rival() -> None:
    line = Recognised("8", Reading((0.9,)), (0.5,))
    marked = read_marks(line, percent(5), HEIGHT)
    assert marked.text == "%"
    assert marked.reading.rivals == (Rival(0, 1, "8", pytest.approx(0.4)),)
    assert max(marked.reading.confidences) < 0.95
