"""A page read: turned pages, lines beside tables, page numbers, pages that cannot be read, odd geometry."""

from __future__ import annotations

import pytest
from drawn import lines_of, read_sheet, read_table, rows_of
from tiny_pdf import HEIGHT, WIDTH, Picture, Sheet, cells, grid, one_by_one, text, turned, under

XS, YS = (50.0, 150.0, 250.0, 350.0), (50.0, 70.0, 90.0, 110.0)
ROWS = [["指标名称", "目标值", "实际"], ["甲项目", "12", "13"], ["乙项", "5", "6"]]
BASE = grid(XS, YS) + cells(XS, YS, ROWS) + text(50, 40, "标题行")
LEFT, RIGHT, OVER = (0, 1, -1, 0, HEIGHT, 0), (0, -1, 1, 0, 0, WIDTH), (-1, 0, 0, -1, WIDTH, HEIGHT)

UPRIGHT = {
    "as it is": Sheet(BASE),
    "/Rotate 90": Sheet(under(LEFT, BASE), HEIGHT, WIDTH, 90),
    "/Rotate 180": Sheet(under(OVER, BASE), rotate=180),
    "/Rotate 270": Sheet(under(RIGHT, BASE), HEIGHT, WIDTH, 270),
    "/Rotate -90": Sheet(under(RIGHT, BASE), HEIGHT, WIDTH, -90),
    "/Rotate 450": Sheet(under(LEFT, BASE), HEIGHT, WIDTH, 450),
    "/Rotate 45, which there is not": Sheet(BASE, rotate=45),
    "a media box with an offset": Sheet(under((1, 0, 0, 1, -100, -200), BASE), extra="/MediaBox [-100 -200 495 642]"),
    "a media box written backwards": Sheet(BASE, extra="/MediaBox [595 842 0 0]"),
}


@pytest.mark.parametrize("sheet", UPRIGHT.values(), ids=UPRIGHT)
def test_boxes_are_those_of_the_displayed_page(sheet: Sheet) -> None:
    page = read_sheet(sheet)
    assert (page.width, page.height) == (WIDTH, HEIGHT)
    assert [rows_of(table) for table in page.tables] == [ROWS]
    assert [[round(side) for side in table.bbox] for table in page.tables] == [[50, 50, 350, 110]]
    assert [(line.text, round(line.bbox.x0), round(line.bbox.y1)) for line in page.lines] == [("标题行", 50, 41)]


@pytest.mark.parametrize(
    ("sheet", "size", "box"),
    [
        (Sheet(BASE, crop=(30, 600, 400, 830)), (370, 230), [20, 38, 320, 98]),
        (Sheet(under(LEFT, BASE), HEIGHT, WIDTH, 90, crop=(20, 10, 830, 400)), (390, 810), [40, 30, 340, 90]),
    ],
    ids=["upright", "/Rotate 90"],
)
def test_a_crop_box_moves_the_origin(sheet: Sheet, size: tuple[int, int], box: list[int]) -> None:
    page = read_sheet(sheet)
    assert (page.width, page.height) == size
    assert [rows_of(table) for table in page.tables] == [ROWS]
    assert [round(side) for side in page.tables[0].bbox] == box


SIDEWAYS = {
    "upwards": (Sheet(under(LEFT, BASE), HEIGHT, WIDTH), [50, 245, 110, 545]),
    "downwards": (Sheet(under(RIGHT, BASE), HEIGHT, WIDTH), [732, 50, 792, 350]),
    "upside down": (Sheet(under(OVER, BASE)), [245, 732, 545, 792]),
}


@pytest.mark.parametrize(("sheet", "box"), SIDEWAYS.values(), ids=SIDEWAYS)
def test_a_table_that_lies_on_an_upright_page(sheet: Sheet, box: list[int]) -> None:
    page = read_sheet(sheet)
    assert [rows_of(table) for table in page.tables] == [ROWS]
    assert [round(side) for side in page.tables[0].bbox] == box
    assert (page.width, page.height) == (sheet.width, sheet.height)


def test_a_word_that_stands_sideways_in_its_cell() -> None:
    ys = (50.0, 120.0, 140.0)
    content = grid(XS, ys) + turned(105, 115, "产出指标", (0, 1, -1, 0)) + text(152, 64, "名称") + text(252, 134, "12")
    assert rows_of(read_table(content)) == [["产出指标", "名称", ""], ["", "", "12"]]


NUMBERS = [
    "3", "12", "-3-", "- 3 -", "— 3 —", "–3–", "―3―", "－３－", "·3·", "~ 3 ~", "[3]",
    "一3一", "第3页", "第 3 页", "第三页", "第十二页", "第3页 共9页",
    "第 3 页，共 9 页", "第3页/共9页", "第3页（共9页）",
    "共9页 第3页", "共 9 页，第 3 页", "3/9", "3 / 9", "3 of 9", "Page 3", "Page 3 of 9", "P3", "页码：3",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("y", [30, 830], ids=["head", "foot"])
def test_page_numbers_are_no_lines(number: str, y: int) -> None:
    assert lines_of(read_sheet(text(280, y, number, 9) + text(50, 400, number))) == lines_of(
        read_sheet(text(50, 400, number))
    )


@pytest.mark.parametrize("line", ["2023年度", "3.5", "12,000", "备注：1", "第3页备注", "附件3", "（三）", "单位：元"])
def test_other_lines_in_the_margin_stay(line: str) -> None:
    assert lines_of(read_sheet(text(280, 830, line))) == [line]


def test_lines_beside_tables_come_from_top_to_bottom_parted_at_wide_gaps() -> None:
    content = text(50, 130, "注：1. 说明") + text(50, 40, "部门名称：某局") + text(300, 40, "金额单位：万元")
    page = read_sheet(grid(XS, YS) + content + text(200, 25, "绩效自评表") + text(52, 64, "甲"))
    assert lines_of(page) == ["绩效自评表", "部门名称：某局", "金额单位：万元", "注：1. 说明"]


# Tests of what must be recognised stand in test_unread.py.


@pytest.mark.parametrize("content", ["", BASE, "".join(text(50, 100 + 15 * k, "说明文字" * 5) for k in range(20))])
def test_other_pages_have_no_finding(content: str) -> None:
    assert read_sheet(content).findings == ()


def test_a_picture_in_a_page_of_text_is_no_finding() -> None:
    prose = "".join(text(50, 100 + 15 * k, "说明文字" * 5) for k in range(20))
    page = read_sheet(Sheet(prose + under((590, 0, 0, 840, 2, 1), "/P Do "), xobjects={"P": Picture()}))
    assert page.findings == ()


ODD = {
    "no size": Sheet(text(50, 50, "甲"), 0, 0),
    "two thousand kilometres": Sheet(BASE, extra="/MediaBox [0 0 2000000000 2000000000]"),
    "numbers that are none": Sheet(BASE, extra="/MediaBox [nan inf 1e400 -1e400]"),
    "two numbers": Sheet(BASE, extra="/MediaBox [0 0]"),
    "cropped to nothing": Sheet(BASE, crop=(1000, 1000, 1200, 1200)),
    "strokes and text far away": Sheet(
        "1e30 1e30 m -1e30 1e30 l S 999999999999999999999999 1 m 2 3 l S nan inf m 1 1 l S\n" + BASE
        + text(1e9, -1e9, "远") + text(9e37, 9e37, "极")
    ),
    "fonts of no size": Sheet(BASE + text(52, 62, "甲", 0) + text(52, 82, "乙", 1e-9) + text(152, 82, "丙", -10)),
    "letters as high as towns": Sheet(BASE + text(252, 82, "丁", 1e6)),
    "a matrix that flattens all": Sheet(under((0, 0, 0, 0, 0, 0), BASE) + BASE),
    "a matrix that leans": Sheet(under((1, 0, 0.3, 1, 0, 0), BASE)),
    "a mirror": Sheet(under((-1, 0, 0, 1, WIDTH, 0), BASE)),
    "operators in no order": Sheet("Q Q q BT BT ET ET re re W n f* B b s S ' \" TJ Tj 1 2 3 <<>>[[[ (((( /// " + BASE),
}  # fmt: skip


@pytest.mark.parametrize("sheet", ODD.values(), ids=ODD)
def test_odd_geometry_raises_nothing(sheet: Sheet) -> None:
    page = read_sheet(sheet)
    assert page.number == 1


def test_strokes_and_text_far_away_leave_the_table_alone() -> None:
    assert rows_of(read_sheet(ODD["strokes and text far away"]).tables[0]) == ROWS


def test_two_thousand_rows() -> None:
    ys = tuple(20.0 + 4.2 * k for k in range(2001))
    rows = [[f"{k}", "项目", f"{k}.5"] for k in range(2000)]
    page = read_sheet(Sheet(under((1, 0, 0, 1, 0, 8200), grid(XS, ys) + cells(XS, ys, rows, 3)), height=9042))
    assert rows_of(page.tables[0]) == rows


def test_characters_in_any_order_on_the_line() -> None:
    content = "".join(one_by_one(x, 64, char) for x, char in ((72, "三"), (52, "一"), (62, "二")))
    assert rows_of(read_table(grid(XS, YS) + content))[0][0] == "一二三"
