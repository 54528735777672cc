"""Characters to strings: spaces, lines joined, look-alikes; on literals and on drawn cells."""

from __future__ import annotations

import pytest
from drawn import read_table, rows_of
from hypothesis import given
from hypothesis import strategies as st
from tiny_pdf import grid, kerned, one_by_one, shown, text

from extract.text import join_lines

JOINED = [
    # CJK
    (["产出指", "标"], "产出指标"),
    (["（2023", "年度）"], "（2023年度）"),
    (["≥90", "%"], "≥90%"),
    (["按照2023年初", "3月完成"], "按照2023年初3月完成"),
    (["完成APP", "升级"], "完成APP升级"),
    (["一、", "二、"], "一、二、"),
    (["", "产出", "", "指标"], "产出指标"),
    # Latin
    (["Hello", "World"], "Hello World"),
    (["Hello", "again, my", "friend"], "Hello again, my friend"),
    (["(see", "note)"], "(see note)"),
    # one number on two lines
    (["170,294,", "599.63"], "170,294,599.63"),
    (["170,294", ",599.63"], "170,294,599.63"),
    (["170,294,5", "99.63"], "170,294,599.63"),
    (["170,294,599.", "63"], "170,294,599.63"),
    (["170,294,599", ".63"], "170,294,599.63"),
    (["-3,361,", "340.55"], "-3,361,340.55"),
    (["-", "3,361,340.55"], "-3,361,340.55"),
    (["98.93", "%"], "98.93%"),
    # two numbers, one under the other
    (["100.00", "200.00"], "100.00 200.00"),
    (["170,294.63", "166,933.08"], "170,294.63 166,933.08"),
    (["1,000", "2,000"], "1,000 2,000"),
]


@pytest.mark.parametrize(("lines", "joined"), JOINED)
def test_lines_of_full_width(lines: list[str], joined: str) -> None:
    assert join_lines(lines) == joined


@pytest.mark.parametrize(
    ("lines", "joined"),
    [(["12", "34"], "12 34"), (["2023", "2024"], "2023 2024"), (["5", "6", "7"], "5 6 7"), (["1,5", "00"], "1,500")],
)
def test_short_lines_of_numbers_are_numbers_of_their_own(lines: list[str], joined: str) -> None:
    assert join_lines(lines, [False] * len(lines)) == joined


@given(
    st.lists(st.text(st.sampled_from("产出指标年度（）、，。0123456789,.%-+≥abcXYZ /"), max_size=12), max_size=6),
    st.lists(st.booleans(), max_size=6),
)
def test_joining_loses_and_adds_no_character(lines: list[str], full: list[bool]) -> None:
    joined = join_lines(lines, full)
    assert joined.replace(" ", "") == "".join(lines).replace(" ", "")
    assert joined.count(" ") <= "".join(lines).count(" ") + max(len(lines) - 1, 0)


XS, YS = (50.0, 150.0, 250.0), (50.0, 90.0, 110.0)
GRID = grid(XS, YS)

DRAWN = {
    "a run": (text(52, 64, "指标名称"), "指标名称"),
    "one object a character": (one_by_one(52, 64, "指标12.5%名称"), "指标12.5%名称"),
    "a typed space": (text(52, 64, "其中： 财政拨款"), "其中： 财政拨款"),
    "words": (text(52, 64, "Hello World", font="L"), "Hello World"),
    "words apart without a typed space": (
        text(52, 64, "Hello", font="L") + text(82, 64, "World", font="L"), "Hello World"
    ),
    "words on two lines": (text(52, 64, "Hello", font="L") + text(52, 76, "World", font="L"), "Hello World"),
    "letters and Chinese": (text(52, 64, "使用APP 2次"), "使用APP 2次"),
    "digits that were kerned": (kerned(52, 64, ["1", -0.8, "1", -0.8, "0", 1.5, ".5"]), "110.5"),
    "letters set wide": (f"BT 1.2 Tc /C 10 Tf 1 0 0 1 55 778 Tm {shown('项目支出1,250')} Tj ET\n", "项目支出1,250"),
    "letters set tight": (f"BT -1.5 Tc /C 10 Tf 1 0 0 1 55 778 Tm {shown('项目支出1,250')} Tj ET\n", "项目支出1,250"),
    "letters squeezed": (f"BT 60 Tz /C 10 Tf 1 0 0 1 55 778 Tm {shown('项目支出1,250')} Tj ET\n", "项目支出1,250"),
    "tiny letters": (text(52, 64, "项目支出1,250", 2), "项目支出1,250"),
    "a superscript": (text(52, 64, "10") + text(62, 60, "2", 6) + text(66, 64, "平方"), "102平方"),
    "radicals for ideographs": (text(52, 64, "⼀⽬⾏", font="A"), "一目行"),
    "a font that is known by its map alone": (
        "".join(text(52 + 10 * k, 64, char, font="A") for k, char in enumerate("≥≤﹦％")), "≥≤﹦％"
    ),
    "one character under another": (
        "".join(text(60, 58 + 8 * k, char, 7) for k, char in enumerate("产出指标")), "产出指标"
    ),
    "drawn in no order": (text(82, 64, "名称") + text(52, 76, "二行") + text(62, 64, "指标"), "指标名称二行"),
    "two lines": (text(52, 64, "第一行") + text(52, 76, "第二行"), "第一行第二行"),
    "a rare character": (one_by_one(52, 64, "垚懎㙟镕"), "垚懎㙟镕"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "want"), DRAWN.values(), ids=DRAWN)
def test_drawn_text(content: str, want: str) -> None:
    assert rows_of(read_table(GRID + content)) == [[want, ""], ["", ""]]


def test_a_number_that_its_cell_breaks_is_one() -> None:
    xs, ys = (50.0, 95.0), (50.0, 80.0, 100.0)
    content = grid(xs, ys) + text(52, 64, "170,294,") + text(52, 76, "599.63") + text(52, 94, "1")
    assert rows_of(read_table(content)) == [["170,294,599.63"], ["1"]]


@pytest.mark.xfail(strict=True, reason="columns of vertical text are read as lines: two of them are rare")
def test_two_columns_of_vertical_text() -> None:
    content = "".join(text(75, 60 + 9 * k, char, 8) for k, char in enumerate("部门"))
    content += "".join(text(60, 60 + 9 * k, char, 8) for k, char in enumerate("支出"))
    assert rows_of(read_table(GRID + content))[0][0] == "部门支出"
