"""Scanned tables that kept their horizontal rules alone: the sides of their columns are told by the text."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from drawn_tables import SCALE, THICK, layout_of, letters, sheet, table

from extract.grid import Grid
from extract.join import join_pages
from extract.scan.layout import rules_in_points
from extract.scan.open_sides import find_open_sides
from extract.scan.rulings import find_rulings, to_dark
from model import Box, Cell, Document, Method, Page, Table

pytest.importorskip("cv2")
XS = (100, 300, 700, 1100)
YS = tuple(range(120, 120 + 11 * 56, 56))


def open_grids(gray: np.ndarray) -> list[Grid]:
    """The grids of a page whose sides may be told by the text."""
    return list(layout_of(gray).grids)


def form(ys: tuple[int, ...] = YS, plain: int | None = None) -> np.ndarray:
    """Rows of text in three columns between horizontal rules; `plain` is a row that is left empty."""
    page = sheet(max(ys) + 140, XS[-1] + 100)
    for y in ys:
        page[y : y + THICK, XS[0] : XS[-1]] = 0
    for n, (y, _) in enumerate(pairwise(ys)):
        if n != plain:
            for x, count in ((130, 4), (320, 5 + n % 4), (850, 2)):
                letters(page, x, y + 16, count)
    return page


def shape(grid: Grid) -> tuple[int, int, int]:
    return len(grid.ys) - 1, len(grid.xs) - 1, len(grid.spans)


def test_columns_of_a_form_with_horizontal_rules_alone() -> None:
    assert [shape(grid) for grid in open_grids(form())] == [(10, 3, 30)]


def test_a_paragraph_takes_the_columns_it_runs_over() -> None:
    page = form(plain=4)
    letters(page, 130, YS[4] + 16, 4)
    letters(page, 320, YS[4] + 16, 26)
    (grid,) = open_grids(page)
    assert (4, 4, 0, 0) in grid.spans
    assert (4, 4, 1, 2) in grid.spans
    assert shape(grid) == (10, 3, 29)


def test_a_title_centred_over_the_table_is_one_cell() -> None:
    page = form(plain=4)
    letters(page, 560, YS[4] + 16, 3)
    (grid,) = open_grids(page)
    assert (4, 4, 0, 2) in grid.spans


def test_text_set_to_the_left_of_its_column_takes_no_empty_cell_beside_it() -> None:
    page = form(plain=4)
    letters(page, 130, YS[4] + 16, 4)
    letters(page, 850, YS[4] + 16, 2)
    (grid,) = open_grids(page)
    assert shape(grid) == (10, 3, 30)


def test_rules_that_stop_before_a_column_leave_its_cell_whole() -> None:
    page = form()
    page[YS[1] + THICK : YS[7], : XS[1]] = 255
    letters(page, 130, YS[1] + 140, 4)
    (grid,) = open_grids(page)
    assert (1, 6, 0, 0) in grid.spans
    assert shape(grid) == (10, 3, 25)


def test_columns_of_which_each_has_rows_of_its_own() -> None:
    """一级指标 in one row, 二级指标 in the next: never beside one another, but neither over or under the other."""
    page = sheet(YS[-1] + 140, XS[-1] + 100)
    for n, y in enumerate(YS):
        page[y : y + THICK, XS[0] : XS[-1]] = 0
        if n < len(YS) - 1:
            letters(page, (130, 320)[n % 2], y + 16, 4)
            letters(page, 850, y + 16, 2)
    assert [shape(grid) for grid in open_grids(page)] == [(10, 3, 30)]


def test_a_column_set_to_the_middle_stays_one() -> None:
    page = form()
    for n, y in enumerate(YS[:-1]):
        page[y + 10 : y + 50, 840:1000] = 255
        letters(page, 900 - 13 * (n % 4), y + 16, 1 + n % 4)
    assert [shape(grid) for grid in open_grids(page)] == [(10, 3, 30)]


def test_few_rules_make_no_form() -> None:
    """Tables of books, and rules between paragraphs, are read by how their text stands."""
    assert open_grids(form(YS[:6])) == []


def test_prose_between_rules_has_no_columns() -> None:
    page = sheet(YS[-1] + 140, XS[-1] + 100)
    for n, y in enumerate(YS):
        page[y : y + THICK, XS[0] : XS[-1]] = 0
        if n < len(YS) - 1:
            letters(page, 130, y + 16, 34 - n % 3)
    assert [grid for grid in open_grids(page) if len(grid.xs) > 2] == []


def test_a_table_with_sides_gets_no_others() -> None:
    page = table(XS, YS)
    for y in YS[:-1]:
        letters(page, 130, y + 16, 2)
        letters(page, 230, y + 16, 2)
    found = find_rulings(page, SCALE)
    rows, columns = rules_in_points(found.horizontal, SCALE), rules_in_points(found.vertical, SCALE)
    assert find_open_sides(rows, columns, to_dark(page, SCALE), found.row_ink, SCALE) == []


def open_table(page: int, xs: tuple[float, ...], texts: tuple[str, ...], engine: str = "open") -> Table:
    places = zip(pairwise(xs), texts, strict=True)
    cells = tuple(Cell(0, 0, n, n, text, Box(x0, 9, x1, 20), page) for n, ((x0, x1), text) in enumerate(places))
    return Table(page, page, Method.OCR, engine, Box(xs[0], 100, xs[-1], 120), 1, len(texts), cells, xs)


@pytest.mark.parametrize(("engine", "columns"), [("open", 5), ("ruled", 8)])
def test_open_sides_of_two_pages_are_one_though_they_lie_elsewhere_in_their_gaps(engine: str, columns: int) -> None:
    tables = [
        open_table(1, (0, 60, 112, 180, 250, 400), ("产出", "数量", "完成率", "100", "100"), engine),
        open_table(2, (0, 70, 112, 171, 239, 400), ("产出", "质量", "合格率", "95", "96"), engine),
    ]
    pages = tuple(Page(n, 500, 700, Method.OCR, (one,), ()) for n, one in enumerate(tables, 1))
    blocks = join_pages(Document("a" * 64, "a.pdf", "application/pdf", 1, None, pages)).blocks
    assert [block.cols for block in blocks if isinstance(block, Table)] == [columns]
