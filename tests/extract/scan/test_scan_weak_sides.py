"""Sides of which breaks have left little: cells are parted or kept whole by how their text stands."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_tables import SCALE, THICK, grid_of, layout_of, letters, table

from extract.grid import Grid
from extract.scan.rulings import to_dark
from extract.scan.weak_sides import find_weak_sides

pytest.importorskip("cv2")
XS = (100, 500, 900, 1100)
YS = tuple(range(120, 120 + 7 * 50, 50))
ROW = 3
TOP = YS[ROW]
LOST = frozenset({(ROW, 1)})
PARTED, WHOLE = 18, 17


def cells(page: np.ndarray) -> int:
    """How many cells the page's only grid has, weak sides and all."""
    (grid,) = layout_of(page).grids
    return len(grid.spans)


def left_of(page: np.ndarray, start: int, length: int) -> None:
    """A piece of the lost side, `start` pixels under the rule over it."""
    page[TOP + start : TOP + start + length, XS[1] : XS[1] + THICK] = 0


def test_a_piece_at_the_end_parts_two_texts() -> None:
    page = table(XS, YS, LOST)
    left_of(page, 0, 9)
    letters(page, 130, TOP + 14, 5)
    letters(page, 560, TOP + 14, 6)
    assert cells(page) == PARTED


def test_texts_alone_part_no_cell() -> None:
    """填报人： and 联系电话： stand in one cell, with room for what is filled in."""
    page = table(XS, YS, LOST)
    letters(page, 130, TOP + 14, 5)
    letters(page, 560, TOP + 14, 6)
    assert cells(page) == WHOLE


def test_a_word_set_wide_stays_one() -> None:
    """合 and 计 stand in the middles of the columns that their cell spans."""
    page = table(XS, YS, LOST)
    letters(page, 301 - 13, TOP + 14, 1, seed=3)
    letters(page, 701 - 13, TOP + 14, 1, seed=3)
    assert cells(page) == WHOLE


def test_texts_in_the_middle_of_their_cells_part_them_without_any_ink() -> None:
    page = table(XS, YS, LOST)
    letters(page, 301 - 2 * 27, TOP + 14, 4, seed=3)
    letters(page, 701 - 2 * 27, TOP + 14, 4, seed=3)
    assert cells(page) == PARTED


def test_text_over_the_line_keeps_a_cell_whole() -> None:
    page = table(XS, YS, LOST)
    left_of(page, 0, 9)
    letters(page, 400, TOP + 14, 8)
    assert cells(page) == WHOLE


@pytest.mark.parametrize("start", [16, 22])
def test_a_mark_between_two_texts_is_no_side(start: int) -> None:
    """A colon or a digit does not reach the rules over and under the row."""
    page = table(XS, YS, LOST)
    left_of(page, start, 12)
    letters(page, 130, TOP + 14, 5)
    letters(page, 560, TOP + 14, 6)
    assert cells(page) == WHOLE


def test_a_stroke_of_a_letter_that_fills_its_row_is_no_side() -> None:
    ys = (120, 148, 176)
    page = table(XS, ys, frozenset({(1, 1)}))
    top, x = ys[1], XS[1]
    for left in (x, x + 20):  # 因
        page[top + 4 : top + 26, left : left + 3] = 0
    for y in (4, 14, 23):
        page[top + y : top + y + 3, x : x + 22] = 0
    letters(page, x - 60, top + 4, 2, 20)
    letters(page, x + 27, top + 4, 5, 20)
    xs = tuple((place + 1.5) / SCALE for place in XS)
    spans = ((0, 0, 0, 0), (0, 0, 1, 1), (0, 0, 2, 2), (1, 1, 0, 1), (1, 1, 2, 2))
    grid = Grid(xs, tuple((y + 1.5) / SCALE for y in ys), spans)
    assert find_weak_sides([grid], to_dark(page, SCALE), SCALE) == []
    page[top + 4 : top + 26, x + 3 : x + 24] = 255
    assert len(find_weak_sides([grid], to_dark(page, SCALE), SCALE)) == 1


def test_what_is_left_beside_one_text_must_be_more() -> None:
    page = table(XS, YS, LOST)
    letters(page, 130, TOP + 14, 5)
    left_of(page, 0, 9)
    assert cells(page) == WHOLE
    left_of(page, 36, 12)
    assert cells(page) == PARTED


def test_text_in_the_middle_of_a_wide_cell_keeps_it_whole() -> None:
    xs = (100, 500, 940, 1100)
    page = table(xs, YS, LOST)
    page[TOP : TOP + 18, xs[1] : xs[1] + THICK] = 0
    letters(page, 520 - 5, TOP + 14, 1)
    assert cells(page) == WHOLE


def test_a_line_of_which_low_rows_have_whole_sides_is_known() -> None:
    """A line in some low rows alone, none of its pieces long; breaks leave two of its sides whole."""
    ys = tuple(range(120, 120 + 6 * 38, 38))
    page = table(XS, ys)
    for y in ys[1:5]:
        page[y - 14 : y, XS[1] : XS[1] + THICK] = 255
    for n in (0, 4):
        page[ys[n] + THICK : ys[n + 1], XS[1] : XS[1] + THICK] = 0
    assert grid_of(page) == [(5, 3, 15)]


@pytest.mark.parametrize("gap", [3, 1])
def test_text_that_touches_a_broken_rule_from_both_sides_leaves_it(gap: int) -> None:
    ys = (120, 170, 220, 270, 320)
    page = table(XS, ys)
    y = ys[2]
    page[y : y + THICK, XS[1] + THICK : XS[1] + 30] = 255
    for x in range(XS[1] + 8, XS[2] - 30, 26):
        letters(page, x, y - 24 - gap, 1, 24)
        letters(page, x, y + THICK + gap, 1, 24)
        page[y - gap - 3 : y - gap, x : x + 20] = 0
        page[y + THICK + gap : y + THICK + gap + 3, x : x + 20] = 0
    assert grid_of(page) == [(4, 3, 12)]


def test_a_side_that_starts_behind_a_break_at_a_rule_across_is_whole() -> None:
    page = table(XS, YS)
    y = YS[2]
    page[y : y + THICK, XS[2] + THICK : XS[2] + 22] = 255
    page[y : y + THICK, XS[2] - 40 : XS[2] - 12] = 255
    assert grid_of(page) == [(6, 3, 18)]


def test_text_that_touches_a_broken_side_from_below_leaves_it() -> None:
    page = table(XS, YS)
    y = YS[2]
    page[y : y + THICK, XS[1] + THICK + 8 : XS[1] + 80] = 255
    page[y : y + THICK, XS[2] - 60 : XS[2]] = 255
    for x in range(XS[1] + 20, XS[2] - 40, 26):
        page[y + THICK + 1 : y + THICK + 4, x : x + 22] = 0
        page[y + THICK + 1 : y + 26, x + 9 : x + 12] = 0
    assert grid_of(page) == [(6, 3, 18)]


def test_a_line_of_letters_on_a_known_line_is_no_side() -> None:
    """A cell of two rows whose text stands where the line between them would run."""
    page = table(XS, YS)
    y = YS[2]
    page[y : y + THICK, XS[1] + THICK : XS[2]] = 255
    letters(page, XS[1] + 10, y - 2, 14)
    assert grid_of(page) == [(6, 3, 17)]
