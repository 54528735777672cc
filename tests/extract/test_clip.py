"""Clip paths: which text a page hides, wherever the clip is set."""

from __future__ import annotations

import pytest
from drawn import lines_of, read_sheet, read_table, rows_of, shown_of
from tiny_pdf import HEIGHT, WIDTH, Sheet, Xobject, clipped, grid, one_by_one, text, under

XS, YS = (50.0, 150.0, 250.0, 350.0), (50.0, 70.0, 90.0, 110.0)
LONG = "甲项目很长很长很长很长很长"
ROWS = [["指标名称", "目标值", "实际"], [LONG, "12", "13"], ["乙项", "5", "6"]]
SHOWN = [ROWS[0], [LONG[:10], "12", "13"], ROWS[2]]


def clipped_cells(draw=one_by_one) -> str:
    return grid(XS, YS) + "".join(
        clipped(XS[c], YS[r], XS[c + 1], YS[r + 1], draw(XS[c] + 2, YS[r] + 14, ROWS[r][c]))
        for r in range(3)
        for c in range(3)
    )


@pytest.mark.parametrize("draw", [one_by_one, text], ids=["one object a character", "one object a run"])
def test_text_that_runs_into_a_filled_cell_is_its_own_cells(draw) -> None:
    table = read_table(clipped_cells(draw))
    assert rows_of(table) == ROWS
    assert shown_of(table) == SHOWN


TURNS = {
    0: Sheet(clipped_cells()),
    90: Sheet(under((0, 1, -1, 0, HEIGHT, 0), clipped_cells()), HEIGHT, WIDTH, 90),
    180: Sheet(under((-1, 0, 0, -1, WIDTH, HEIGHT), clipped_cells()), rotate=180),
    270: Sheet(under((0, -1, 1, 0, 0, WIDTH), clipped_cells()), HEIGHT, WIDTH, 270),
}


@pytest.mark.parametrize("sheet", TURNS.values(), ids=TURNS)
def test_on_turned_pages(sheet: Sheet) -> None:
    table = read_table(sheet)
    assert rows_of(table) == ROWS
    assert shown_of(table) == SHOWN


def test_under_a_crop_box_with_an_offset() -> None:
    sheet = Sheet(under((0, 1, -1, 0, HEIGHT, 0), clipped_cells()), HEIGHT, WIDTH, 90, crop=(20, 10, 400, 500))
    assert shown_of(read_table(sheet)) == SHOWN


def test_inside_form_xobjects() -> None:
    inner = Xobject(under((1.5, 0, 0, 1.5, 0, 0), clipped_cells()), (1, 0, 0, 1, 3, 4))
    outer = Xobject(under((0.5, 0, 0, 0.5, 0, 0), "/G Do "), inner={"G": inner})
    table = read_table(Sheet("q 1 0 0 1 30 -40 cm /F Do Q", xobjects={"F": outer}))
    assert rows_of(table) == ROWS
    assert shown_of(table) == SHOWN


def test_a_clip_a_little_larger_than_its_cell() -> None:
    content = clipped(47, 47, 153, 73, text(52, 64, "很长" * 6)) + clipped(147, 47, 253, 73, text(152, 64, "12"))
    assert rows_of(read_table(grid(XS, YS) + content))[0] == ["很长" * 6, "12", ""]


@pytest.mark.parametrize("box", [(0, 0, 595, 842), (50, 50, 350, 110)], ids=["the page's", "the table's"])
def test_a_clip_over_many_cells_says_nothing_of_them(box: tuple[int, int, int, int]) -> None:
    content = clipped(*box, text(52, 64, "甲") + text(152, 64, "乙") + text(52, 84, "很长" * 7))
    assert rows_of(read_table(grid(XS, YS) + content))[:2] == [["甲", "乙", ""], ["很长" * 7, "", ""]]


def test_two_clips_are_cut_with_each_other() -> None:
    content = clipped(0, 0, 120, 842, clipped(50, 50, 150, 70, text(52, 64, LONG)))
    table = read_table(grid(XS, YS) + content)
    assert rows_of(table)[0] == [LONG, "", ""]
    assert shown_of(table)[0] == [LONG[:7], "", ""]


def test_text_hidden_beside_the_tables_is_not_there() -> None:
    page = read_sheet(grid(XS, YS) + clipped(50, 120, 250, 135, text(52, 150, "看不见")) + text(52, 180, "看得见"))
    assert lines_of(page) == ["看得见"]


def test_a_title_that_its_cell_cuts_is_kept_whole() -> None:
    title = "2023年度部门整体支出绩效自评表"
    page = read_sheet(clipped(50, 20, 150, 40, text(52, 34, title)) + grid(XS, YS) + text(52, 64, "甲"))
    assert lines_of(page) == [title]


def test_a_character_that_the_clip_leaves_whole_stays_in_its_line() -> None:
    """PDFium drops clips that cut nothing: of a line cut near its top, quotation marks are left whole."""
    line = clipped(50, 50, 150, 70, text(52, 64, "调减为")) + text(52, 76, "“")
    line += clipped(50, 50, 150, 70, text(62, 76, "-")) + text(67, 76, "”")
    line += clipped(50, 50, 150, 70, text(77, 76, "）"))
    table = read_table(grid(XS, YS) + line + clipped(50, 70, 150, 90, text(100, 86, "-2,829")))
    assert [row[0] for row in rows_of(table)] == ["调减为“-”）", "-2,829", ""]
