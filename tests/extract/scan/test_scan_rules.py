"""Rules of scans that are hard to see: low rows, breaks, crumbs, folds, and strokes of letters that look like sides."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_tables import SCALE, THICK, grid_of, letters, sheet, table

from extract.scan.creases import without_creases
from extract.scan.ink import picture_to_ink
from extract.scan.rulings import find_rulings

cv2 = pytest.importorskip("cv2")
XS = (100, 300, 700, 1100)
LOW = tuple(range(120, 120 + 9 * 37, 37))  # rows of 13 points, lower than any run that is a rule by itself


def test_sides_of_low_rows_run_on_over_the_rules_that_they_cross() -> None:
    assert grid_of(table(XS, LOW)) == [(8, 3, 24)]


@pytest.mark.parametrize("pitch", [28, 33, 41])
def test_low_rows_keep_their_sides_beside_text(pitch: int) -> None:
    ys = tuple(range(120, 120 + 9 * pitch, pitch))
    page = table(XS, ys)
    for y in ys[:-1]:
        letters(page, 306, y + 5, 6, pitch - 8)
    assert grid_of(page) == [(8, 3, 24)]


def test_a_word_in_each_low_row_makes_no_side() -> None:
    """标 under 标 under 标: their strokes reach from rule to rule."""
    ys = tuple(range(120, 120 + 9 * 28, 28))
    page = table(XS, ys)
    for y in ys[:-1]:
        letters(page, 420, y + 3, 4, 24, seed=7)
    assert grid_of(page) == [(8, 3, 24)]


def test_a_stroke_on_a_known_line_is_no_side() -> None:
    """A cell that spans two columns in a row as low as its letters: one of them stands where the line would."""
    ys = tuple(range(120, 120 + 9 * 28, 28))
    page = table(XS, ys, frozenset({(3, 2)}))
    top = ys[3]
    page[top : top + 28, XS[2] : XS[2] + THICK] = 0
    for left in (XS[2] - 14, XS[2] + 6):
        for stroke in (5, 12, 19):
            page[top + stroke : top + stroke + 3, left : left + 12] = 0
    assert grid_of(page) == [(8, 3, 23)]


def broken(seed: int, share: float = 0.12) -> np.ndarray:
    """A table whose rules lack pieces of 2 to 8 points all over."""
    ys = (120, 170, 220, 300, 380, 460)
    page = table(XS, ys, ink=40)
    rng = np.random.default_rng(seed)
    white = sheet(*page.shape)
    for y in ys:
        for x in rng.integers(XS[0], XS[-1], int(share * (XS[-1] - XS[0]) / 14)):
            page[y : y + THICK, x : x + rng.integers(6, 22)] = 255
    for x in XS:
        for y in rng.integers(ys[0], ys[-1], int(share * (ys[-1] - ys[0]) / 14)):
            page[y : y + rng.integers(6, 22), x : x + THICK] = 255
    return np.minimum(page, white)


@pytest.mark.parametrize("seed", range(6))
def test_broken_sides_are_completed(seed: int) -> None:
    assert grid_of(broken(seed)) == [(5, 3, 15)]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_completed_leaves_merged_cells_whole(seed: int) -> None:
    page = broken(seed)
    page[176:214, 290:315] = 255  # the second row's first two cells are one
    letters(page, 200, 184, 8)
    assert grid_of(page) == [(5, 3, 14)]


def test_rules_of_crumbs_are_found() -> None:
    """Pale rules in black and white: some dots of each are left."""
    ys = tuple(range(120, 540, 60))
    page = table(XS, ys)
    rng = np.random.default_rng(2)
    for y in ys[1:-1]:
        kept = rng.random((1, XS[-1] - XS[0] - THICK)) < 0.65
        line = np.where(np.repeat(kept, 2, axis=1)[:, : kept.shape[1]], 0, 255)
        page[y : y + THICK, XS[0] + THICK : XS[-1]] = 255
        page[y, XS[0] + THICK : XS[-1]] = line
        for x in XS:
            page[y - 2 : y + 5, x : x + THICK] = 0
    assert grid_of(page) == [(len(ys) - 1, 3, 3 * (len(ys) - 1))]


def test_lines_of_text_are_no_rules_of_crumbs() -> None:
    page = sheet(900, 1200)
    for y in range(60, 840, 36):
        letters(page, 60, y, 34)
    assert not find_rulings(page, SCALE).vertical
    assert grid_of(page) == []


def test_a_cross_of_folds_alone_is_no_table() -> None:
    page = sheet(900, 1200)
    page[400:403] = 190
    page[:, 640:643] = 190
    letters(page, 100, 200, 10)
    assert grid_of(page) == []


def test_a_fold_through_a_table_is_none_of_its_rules() -> None:
    page = table((100, 300, 700, 1100), (120, 170, 220, 300, 380))
    fold = page.copy()
    fold[:, 500:503] = np.minimum(fold[:, 500:503], 200)
    assert grid_of(fold) == [(4, 3, 12)]


def test_a_fold_that_ends_before_the_edges_of_a_crooked_page_is_no_rule() -> None:
    page = table((100, 300, 700, 1100), (120, 170, 220, 300, 380))
    fold = page.copy()
    fold[40:460, 500:503] = 0
    assert grid_of(fold) == [(4, 3, 12)]
    upright = page.copy()
    upright[120:382, 500:503] = 0  # no further than the table
    assert grid_of(upright) == [(4, 4, 16)]


def test_a_fold_of_a_crooked_page_without_rules_is_one() -> None:
    page = sheet(900, 1200)
    page[60:840, 640:643] = 100
    letters(page, 100, 200, 10)
    assert find_rulings(page, SCALE).creases_x
    page[60:200, 640:643] = page[700:840, 640:643] = 255
    assert not find_rulings(page, SCALE).creases_x


def test_sides_that_text_stands_against_in_low_rows() -> None:
    ys = tuple(range(120, 120 + 9 * 39, 39))
    page = table((100, 400, 700, 1100), ys)
    for y in ys[:-1]:
        letters(page, 700 - 5 * 24 - 10, y + 8, 5)
    assert grid_of(page) == [(8, 3, 24)]


def test_a_fold_in_black_and_white_is_taken_out_and_letters_on_it_stay() -> None:
    page = np.full((600, 1000), 255, np.uint8)
    page[250:253, 470:530] = 0  # the stroke of a letter, across
    page[20:580, 499:502] = 0
    clean = without_creases(page, (), (500.0,), SCALE)
    assert (clean[24:180, 490:510] == 255).all()
    assert (clean[251, 470:530] == 0).mean() > 0.9


def folded(page: np.ndarray, y: int) -> np.ndarray:
    """A page with a fold that is paler outside of the table, where the light falls otherwise."""
    fold = page.copy()
    fold[y : y + 3] = np.minimum(fold[y : y + 3], 232)
    fold[y : y + 3, XS[0] : XS[-1]] = np.minimum(fold[y : y + 3, XS[0] : XS[-1]], 195)
    return fold


def test_a_fold_that_is_darker_in_the_table_is_none_of_its_rules() -> None:
    assert grid_of(folded(table(XS, (120, 170, 220, 300, 380)), 258)) == [(4, 3, 12)]


def test_letters_on_a_fold_make_it_no_rule() -> None:
    page = table(XS, (120, 170, 220, 300, 380))
    letters(page, 310, 246, 14)
    assert grid_of(folded(page, 258)) == [(4, 3, 12)]


def test_a_rule_in_line_with_a_fold_stays() -> None:
    assert grid_of(folded(table(XS, (120, 170, 220, 300, 380)), 220)) == [(4, 3, 12)]


@pytest.mark.parametrize("scale", [0.01, 0.3, 0.7, SCALE, 6.0])
@pytest.mark.parametrize("size", [(1, 1), (2, 300), (40, 40), (300, 200)])
def test_pictures_of_any_size_and_kind_are_looked_at(scale: float, size: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    for gray in (
        np.full(size, 255, np.uint8), np.zeros(size, np.uint8), rng.integers(0, 256, size, dtype=np.uint8),
        (np.indices(size).sum(axis=0) % 2 * 255).astype(np.uint8),
        (np.indices(size)[0] % 4 // 2 * 255).astype(np.uint8),
    ):  # fmt: skip
        find_rulings(gray, scale)
        assert picture_to_ink(np.repeat(gray[:, :, None], 3, axis=2), scale).gray.shape == size
