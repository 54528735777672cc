"""Characters off the page: doubled ones once, watermarks out, fonts that are not in the file."""

from __future__ import annotations

import struct

import pytest
from drawn import lines_of, read_sheet, read_table, rows_of
from tiny_pdf import clipped, grid, one_by_one, text, turned

from extract.boxfont import box_font

XS, YS = (50.0, 150.0, 250.0, 350.0), (50.0, 70.0, 90.0, 110.0)
GRID = grid(XS, YS)
E = ["", "", ""]

TWICE = {
    "a run": text(52, 64, "粗体字11") + text(52.3, 64, "粗体字11"),
    "a run, moved up too": text(52, 64, "粗体字11") + text(52.3, 63.7, "粗体字11"),
    "one object a character, run by run": one_by_one(52, 64, "粗体字11") + one_by_one(52.3, 64, "粗体字11"),
    "one object a character, twice each": "".join(
        text(52 + x + by, 64, char) for x, char in zip((0, 10, 20, 30, 35), "粗体字11", strict=True) for by in (0, 0.3)
    ),
    "four times": "".join(text(52 + dx, 64 + dy, "粗体字11") for dx in (0, 0.3) for dy in (0, 0.3)),
    "at the same place": text(52, 64, "粗体字11") * 2,
}


@pytest.mark.parametrize("content", TWICE.values(), ids=TWICE)
def test_bold_that_is_made_by_drawing_twice_is_read_once(content: str) -> None:
    assert rows_of(read_table(GRID + content)) == [["粗体字11", "", ""], E, E]


def test_letters_that_stand_twice_stay() -> None:
    assert rows_of(read_table(GRID + text(52, 64, "1110011 aabb 人人")))[0][0] == "1110011 aabb 人人"


@pytest.mark.xfail(strict=True, reason="PDFium's text page leaves out an object that repeats what stands at its place")
def test_the_same_text_in_two_cells_under_their_clips_stays_in_both() -> None:
    content = clipped(50, 50, 150, 70, text(52, 64, "按照年初预算完成工作目标任务"))
    content += clipped(150, 50, 250, 70, text(152, 64, "目标任务"))
    assert rows_of(read_table(GRID + content))[0] == ["按照年初预算完成工作目标任务", "目标任务", ""]


ASLANT = (0.7, 0.7, -0.7, 0.7)
MARKS = {
    "a run aslant": turned(60, 140, "水印机密不得外传", ASLANT, 40),
    "aslant, one object a character": "".join(
        turned(60 + 28 * k, 140 - 28 * k, char, ASLANT, 40) for k, char in enumerate("水印机密不得")
    ),
    "small ones all over": "".join(
        turned(60 + 90 * x, 60 + 40 * y, "内部资料", (0.87, 0.5, -0.5, 0.87)) for x in range(4) for y in range(3)
    ),
    "upright and large": text(100, 105, "水印", 60),
}


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_watermarks_are_no_text(mark: str) -> None:
    rows = [["甲", "", ""], ["格", "乙", "丙"], E]
    content = text(52, 64, "甲") + "".join(text(52 + 100 * k, 84, char) for k, char in enumerate("格乙丙"))
    page = read_sheet(GRID + content + mark)
    assert [rows_of(table) for table in page.tables] == [rows]
    assert lines_of(page) == []


def test_a_font_of_boxes_holds_every_character() -> None:
    font = box_font()
    count = struct.unpack(">H", font[4:6])[0]
    tables = {}
    for k in range(count):
        tag, _, offset, length = struct.unpack(">4s3I", font[12 + 16 * k : 28 + 16 * k])
        tables[tag.decode()] = font[offset : offset + length]
    assert {"cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp"} == set(tables)
    kind, _, _, _, groups = struct.unpack(">HHIII", tables["cmap"][12:28])
    assert kind == 13
    spans = [struct.unpack(">3I", tables["cmap"][28 + 12 * k : 40 + 12 * k]) for k in range(groups)]
    assert [(first, last) for first, last, _ in spans] == [(1, 0x1FFF), (0x2000, 0x10FFFF)]


def test_characters_without_a_font_have_their_width() -> None:
    """What is read must not depend on the fonts of the machine."""
    page = read_sheet(text(50, 100, "中a≥9，"))
    (line,) = page.lines
    assert line.text == "中a≥9，"
    assert [round(side, 1) for side in line.bbox] == [50, 91.2, 90, 101.2]


def test_blank_characters_are_no_text() -> None:
    content = text(52, 64, "   ") + text(152, 64, "　　") + text(252, 64, "\u00a0\u200b", font="A")
    assert rows_of(read_table(GRID + content + text(52, 84, "甲"))) == [E, ["甲", "", ""], E]
