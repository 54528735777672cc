"""Cells that a page break cuts and that are drawn on both pages: each page keeps what it shows."""

from __future__ import annotations

import pytest
from drawn import read_sheets, rows_of, shown_of
from tiny_pdf import clipped, grid, one_by_one, text

from extract.breaks import part_at_breaks

GOAL = [*(f"目标文字第{number}行满满满满满满" for number in "一二三四"), "完"]
XS = (50.0, 110.0, 250.0)


def goal(top: float, bottom: float, first: float, draw) -> str:
    """The goal's lines from a height on, 13 pt apart, under the clip of the part of its cell that the page shows."""
    content = "".join(draw(112, first + 13 * k, line) for k, line in enumerate(GOAL))
    return clipped(110, top, 250, bottom, content)


def sheets(draw) -> tuple[str, str]:
    """A row of five lines, two of which stand on the first page; drawn in full on both."""
    first = grid(XS, (750, 770, 800)) + text(52, 764, "项目") + text(112, 764, "甲") + text(52, 785, "目标")
    second = grid(XS, (50, 90, 110)) + text(52, 104, "下行") + text(112, 104, "乙")
    return first + goal(770, 800, 782, draw), second + goal(50, 90, 36, draw)


@pytest.mark.parametrize("draw", [text, one_by_one], ids=["runs", "one object a character"])
def test_a_cell_drawn_in_full_on_both_pages(draw) -> None:
    pages = read_sheets(*sheets(draw))
    assert rows_of(pages[0].tables[0])[1] == ["目标", "".join(GOAL)]
    assert shown_of(pages[0].tables[0])[1] == ["目标", GOAL[0] + GOAL[1]]
    above, below = part_at_breaks(pages)
    assert rows_of(above.tables[0]) == [["项目", "甲"], ["目标", GOAL[0] + GOAL[1]]]
    assert rows_of(below.tables[0]) == [["", GOAL[2] + GOAL[3] + GOAL[4]], ["下行", "乙"]]


def test_one_text_in_two_cells_that_hide_nothing_stays_in_both() -> None:
    content = grid(XS, (750, 770)) + text(52, 764, "产出指标") + text(112, 764, "甲")
    below = grid(XS, (50, 70)) + text(52, 64, "产出指标") + text(112, 64, "乙")
    above, below_ = part_at_breaks(read_sheets(content, below))
    assert rows_of(above.tables[0]) == [["产出指标", "甲"]]
    assert rows_of(below_.tables[0]) == [["产出指标", "乙"]]


REASON = "按照年初预算完成工作目标任务。"


@pytest.mark.parametrize("shown", [1, 9, 13])
def test_rows_that_clip_the_same_text_keep_it_both(shown: int) -> None:
    def row(y: float, name: str) -> str:
        reason = clipped(110, y, 112 + 10 * shown, y + 20, one_by_one(112, y + 14, REASON))
        return grid((50, 110, 112 + 10 * shown), (y, y + 20)) + text(52, y + 14, name) + reason

    above, below = part_at_breaks(read_sheets(row(750, "甲"), row(50, "乙")))
    assert rows_of(above.tables[0]) == [["甲", REASON]]
    assert rows_of(below.tables[0]) == [["乙", REASON]]


def test_lines_that_both_pages_hide_stay_above() -> None:
    """A cell too low for its text, cut by the break: its third line is hidden on both pages."""
    first, second = sheets(text)
    second = second.replace(goal(50, 90, 36, text), goal(50, 90, 22, text))
    above, below = part_at_breaks(read_sheets(first, second))
    assert rows_of(above.tables[0])[1] == ["目标", GOAL[0] + GOAL[1] + GOAL[2]]
    assert shown_of(above.tables[0])[1] == ["目标", GOAL[0] + GOAL[1]]
    assert rows_of(below.tables[0])[0] == ["", GOAL[3] + GOAL[4]]


def test_text_that_a_cell_hides_on_one_page_only_stays_whole() -> None:
    cut = grid(XS, (750, 770)) + clipped(110, 750, 250, 770, text(112, 764, GOAL[0]) + text(112, 777, GOAL[1]))
    above, below = part_at_breaks(read_sheets(cut, grid(XS, (50, 70)) + text(112, 64, "别的")))
    assert rows_of(above.tables[0]) == [["", GOAL[0] + GOAL[1]]]
    assert rows_of(below.tables[0]) == [["", "别的"]]


def test_pages_without_tables_are_left_alone() -> None:
    pages = read_sheets(text(50, 50, "说明"), *sheets(text), "")
    assert [len(page.tables) for page in part_at_breaks(pages)] == [0, 1, 1, 0]
