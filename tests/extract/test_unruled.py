"""Tables without rules, from drawings in letters: a Latin one is 5 pt wide, a Chinese one 10, two blanks part words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.grid import Grid
from extract.unruled import Reading, UnruledPage, may_hold_table, read_unruled
from extract.unruled_columns import find_columns
from extract.unruled_grid import complete_columns, is_packed
from extract.unruled_lines import Cut, Segment, Word, is_number, words_to_lines
from extract.unruled_page import is_drawing
from model import Box, Cell, Method, Table

PITCH = 14.0
HEIGHT = 10.0
RULE = "───"


def width_of(text: str) -> float:
    return sum(10.0 if unicodedata.east_asian_width(char) in "WF" else 5.0 for char in text)


def draw(picture: str, pitch: float = PITCH) -> UnruledPage:
    """A page of words and rules: a line of ─ is a rule."""
    words, rules, y = [], [], 20.0
    for line in picture.strip("\n").split("\n"):
        if RULE in line:
            start = width_of(line[: line.index("─")])
            rules.append((y - pitch + HEIGHT + 2, start, start + 5.0 * line.count("─")))
            continue
        for match in re.finditer(r"\S+(?: \S+)*", line):
            x = width_of(line[: match.start()])
            words.append(Word(match.group(), x, y, x + width_of(match.group()), y + HEIGHT))
        y += pitch
    return UnruledPage(1, words, rules)


def rows_of(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.r0].append(cell.text)
    return rows


def read(picture: str, pitch: float = PITCH) -> list[list[list[str]]]:
    return [rows_of(table) for table in read_unruled(draw(picture, pitch)).sure]


def check_cover(table: Table) -> None:
    places = [(r, c) for cell in table.cells for r in range(cell.r0, cell.r1 + 1) for c in range(cell.c0, cell.c1 + 1)]
    assert sorted(places) == [(r, c) for r in range(table.rows) for c in range(table.cols)]


# ---------------------------------------------------------------------------------------------------------------------
# Tables
# ---------------------------------------------------------------------------------------------------------------------


def test_figures_without_rules() -> None:
    assert read("""
Country          1991     1994     1996
Austria          12.0     13.5     14.1
Belgium           9.8     10.2      n.a.
Czech Republic    7.7      8.0      8.3
Denmark          11.1     12.6     12.9
""") == [[
        ["Country", "1991", "1994", "1996"],
        ["Austria", "12.0", "13.5", "14.1"],
        ["Belgium", "9.8", "10.2", "n.a."],
        ["Czech Republic", "7.7", "8.0", "8.3"],
        ["Denmark", "11.1", "12.6", "12.9"],
    ]]  # fmt: skip


def test_three_rules_frame_a_table_and_leave_its_caption_and_source_out() -> None:
    assert read("""
表1  财政收入情况
────────────────────────────────────────────
年份      收入（亿元）    增长（%）
────────────────────────────────────────────
2021      655.18          9.4
2022      640.05          -2.3
────────────────────────────────────────────
数据来源：财政年鉴
""") == [[["年份", "收入（亿元）", "增长（%）"], ["2021", "655.18", "9.4"], ["2022", "640.05", "-2.3"]]]  # fmt: skip


def test_two_tables_between_rules_are_two_tables() -> None:
    found = read("""
──────────────────────────────
Groups        Turnover   Share
──────────────────────────────
Carrefour     62.7       40.5%
Auchan        23.5       19.5%
──────────────────────────────
The second table of this page shows the same groups in the year after.
──────────────────────────────
Groups        Turnover   Share
──────────────────────────────
Carrefour     65.0       41.2%
Auchan        24.1       19.9%
──────────────────────────────
""")
    assert [len(rows) for rows in found] == [3, 3]
    assert found[1][1] == ["Carrefour", "65.0", "41.2%"]


FORM = """
一级指标      二级指标          三级指标                  指标值    单位      实际完成值    偏差原因分析
产出指标
              数量指标
                                组织送戏下乡演出场次      36        场        30            受汛期影响六场演出推迟到次年
                                                                                            一季度
                                新建村级文化活动室面积    1200      平方米    1260
              质量指标
                                活动室竣工验收一次合格率  100       %         100
效益指标
              社会效益指标
                                受益群众人数              8000      人        8600
"""


def test_form_without_rules_keeps_its_levels_and_joins_wrapped_text() -> None:
    [rows] = read(FORM)
    assert rows[0] == ["一级指标", "二级指标", "三级指标", "指标值", "单位", "实际完成值", "偏差原因分析"]
    assert rows[1] == ["产出指标", "", "", "", "", "", ""]
    assert rows[2] == ["", "数量指标", "", "", "", "", ""]
    assert rows[3] == [
        "", "", "组织送戏下乡演出场次", "36", "场", "30", "受汛期影响六场演出推迟到次年一季度",
    ]  # fmt: skip
    assert rows[4] == ["", "", "新建村级文化活动室面积", "1200", "平方米", "1260", ""]
    assert len(rows) == 10


def test_wrapped_head_cells_are_one_row() -> None:
    [rows] = read("""
科目          预算数（调       执行数（系统提    执行率
              增为“+”）        取）              (%)
基本支出      62,289.51        60,932.52         97.82
项目支出      108,004.12       104,861.56        97.09
其他支出      2,000.00         1,900.00          95.00
上缴支出      1,000.00         900.00            90.00
""")
    assert rows[0] == ["科目", "预算数（调增为“+”）", "执行数（系统提取）", "执行率(%)"]
    assert rows[1] == ["基本支出", "62,289.51", "60,932.52", "97.82"]


def test_cells_set_to_the_middle_of_their_row_are_one_row() -> None:
    page = draw("""
项目            目标        完成        原因
道路养护        100         98          无
桥梁改造        8           8           无
绿化补植        50          50          无
""")
    lower = [w._replace(y0=w.y0 + 7, y1=w.y1 + 7) if w.text == "无" else w for w in page.words]
    wrapped = [
        Word("施工单位进场较晚已督促", 200, 90, 310, 100),
        Word("加快进度。", 200, 104, 250, 114),
        *(Word(text, x, 97, x + width_of(text), 107) for text, x in (("管网维护", 0), ("20", 80), ("19", 140))),
    ]
    [table] = read_unruled(UnruledPage(1, [*lower, *wrapped])).sure
    assert rows_of(table)[-1] == ["管网维护", "20", "19", "施工单位进场较晚已督促加快进度。"]
    assert rows_of(table)[1] == ["道路养护", "100", "98", "无"]


def test_head_over_several_columns_spans_them_and_the_others_are_two_rows_tall() -> None:
    page = draw("""
科目编码    科目名称          本年支出                   项目支出
                                            小计      其中一次性    其中经常性
201         一般公共服务      3,684.52      774.45    274.45        500.00
208         社会保障          421.90        12.00     2.00          10.00
210         卫生健康          198.44        10.00     4.00          6.00
221         住房保障          530.16        20.00     5.00          15.00
""")
    [table] = read_unruled(page).sure
    spans = {cell.text: (cell.r0, cell.r1, cell.c0, cell.c1) for cell in table.cells if cell.text and cell.r0 < 2}
    assert spans["项目支出"] == (0, 0, 3, 5)
    assert spans["科目编码"] == (0, 1, 0, 0)
    assert spans["其中经常性"] == (1, 1, 5, 5)
    check_cover(table)


def test_figures_set_tight_are_columns_of_their_own() -> None:
    """Gaps narrower than what parts words, wider than a space."""
    words = []
    for r in range(5):
        y = 20 + r * PITCH
        words.append(Word(f"地区{r}", 0, y, 30, y + HEIGHT))
        cuts = (Cut(7, 85, 89), Cut(14, 124, 128))
        words.append(Word("1180.401329.411478.42", 50, y, 163, y + HEIGHT, cuts))
    [table] = read_unruled(UnruledPage(1, words)).sure
    assert rows_of(table)[0] == ["地区0", "1180.40", "1329.41", "1478.42"]


def test_value_column_with_text_to_the_left_and_figures_to_the_right_is_one_column() -> None:
    [rows] = read("""
三级指标            实际完成值        分值    得分
活动室面积          1260平方米        10      10
演出场次            30场              10      8.3
合格率                      100%      10      10
及时率                       91%      10      9.5
""")
    assert [row[1] for row in rows] == ["实际完成值", "1260平方米", "30场", "100%", "91%"]


# ---------------------------------------------------------------------------------------------------------------------
# No tables
# ---------------------------------------------------------------------------------------------------------------------

NO_TABLES = {
    "prose": """
The Commission therefore called for more technical assistance to be provided
to the national authorities in order to help them to access and absorb the
available resources.  During the previous programming period the Bank had
agreed a framework with the Commission, under which it participated.
""",
    "labels and values": """
单位名称：某县文化馆              填报日期：2024年3月8日
项目负责人：李某                  联系电话：0000-0000000
主管部门：某县文化和旅游局        金额单位：万元
""",
    "contents with dots": """
第一部分 部门概况 ..........................................  3
第二部分 部门决算表 ........................................  7
第三部分 决算情况说明 ......................................  11
第四部分 名词解释 ..........................................  15
""",
    "contents without dots": """
一、收入支出决算总体情况说明          12
二、财政拨款支出情况说明              13
三、机关运行经费支出情况              15
四、政府采购支出情况                  16
五、国有资产占用情况                  18
""",
    "numbered list": """
（一）  核对项目资金到位和使用情况。
（二）  收集产出和效益的佐证资料。
（三）  填写自评表并撰写报告。
（四）  报送财政部门备案。
""",
    "prose in two columns": """
本年度纳入预算管理的项目支出组织开展了绩效自评    自评工作由财务部门牵头业务部门配合按照项目立项
资金落实业务管理产出效益等环节逐项核对相关资料    对照年初设定的目标分析完成情况形成自评的结论并
根据预算法和有关管理办法的规定各单位对本年度的    撰写报告报送财政部门备案同时在门户网站上公开自
项目支出组织开展绩效自评自评结果作为安排下一年    评结果接受社会监督对自评中发现的问题及时的整改
""",
    "two lines of figures": """
合计    12    13
小计    10    11
""",
    "signatures": """
项目负责人        财务负责人        单位负责人
（签字）          （签字）          （签字）
""",
    "one-column figures": """
12.0
13.5
14.1
15.2
""",
    "nothing": "",
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_is_no_table(name: str) -> None:
    assert read_unruled(draw(NO_TABLES[name])) == Reading()


def test_text_in_three_columns_waits_for_a_second_witness() -> None:
    reading = read_unruled(
        draw("""
事项                责任单位          工作要求
预算绩效目标        各预算单位        随部门预算同步填报
绩效运行监控        绩效科            每年七月底前完成
绩效自评            各预算单位        次年三月底前完成
结果应用            预算科            与下一年度预算挂钩
""")
    )
    assert not reading.sure
    assert rows_of(reading.doubtful[0])[1] == ["预算绩效目标", "各预算单位", "随部门预算同步填报"]


def test_gate_passes_tables_and_stops_prose() -> None:
    assert may_hold_table(draw(FORM).words)
    assert not may_hold_table(draw(NO_TABLES["prose"]).words)
    assert not may_hold_table([])


# ---------------------------------------------------------------------------------------------------------------------
# Parts
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["12", "-3.5", "1,234.56", "99.32%", "(3)", "(1,096)", "n.a.", "–", "—", "$ 40.40", "2013–14", "333万", "12 *"],
)
def test_is_number(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", ["", "第3页", "12平方米", "2023年度", "Table 3", "3 to 5 years", "一二"])
def test_is_no_number(text: str) -> None:
    assert not is_number(text)


def test_ligatures_that_part_a_word_are_joined() -> None:
    [line] = words_to_lines([Word("f", 0, 0, 4, 10), Word("inancial", 2, 0, 40, 10), Word("literacy", 60, 0, 90, 10)])
    assert [word.text for word in line.words] == ["financial", "literacy"]


def test_raised_mark_stays_on_its_line() -> None:
    assert (
        len(words_to_lines([Word("risk", 0, 0, 20, 10), Word("16", 30, -2, 36, 4), Word("more", 45, 0, 70, 10)])) == 1
    )


def test_vertical_rules_are_borders() -> None:
    lines = words_to_lines(draw("""
Freq.    344
53       61
458      12
""").words)  # fmt: skip
    assert len(find_columns(lines, [35.0])) == 2


# ---------------------------------------------------------------------------------------------------------------------
# Grids whose rules tell a part
# ---------------------------------------------------------------------------------------------------------------------


def glyphs_of(words: Sequence[Word]):
    """Glyphs of words, 5 pt each."""
    import numpy as np

    from extract.glyphs import Glyphs

    boxes = [
        (ord(char), word.x0 + 5 * k, word.y0, word.x0 + 5 * k + 5, word.y1)
        for word in words
        for k, char in enumerate(word.text)
    ]
    columns = list(zip(*boxes, strict=True))
    arrays = [np.array(column, dtype=float) for column in columns[1:]]
    fields = {name: np.zeros(len(boxes)) for name in Glyphs.__dataclass_fields__}
    fields |= {"code": np.array(columns[0]), "index": np.arange(len(boxes)), "spaced": np.zeros(len(boxes), dtype=bool)}
    fields |= dict(zip(("x0", "y0", "x1", "y1"), arrays, strict=True))
    return Glyphs(**fields)


def full_spans(rows: int, cols: int) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((r, r, c, c) for r in range(rows) for c in range(cols))


XS = (0.0, 80.0, 160.0, 240.0)
BODY = """
Country         Cases           Total
Austria         86              3375
Belgium         12              3973
Bulgaria        7               1136
"""


def test_columns_of_the_head_go_on_through_rows_with_horizontal_rules_only() -> None:
    ys = (16.0, 32.0, 46.0, 60.0, 74.0)
    grid = Grid(XS, ys, (*full_spans(1, 3), (1, 1, 0, 2), (2, 2, 0, 2), (3, 3, 0, 2)))
    assert complete_columns(grid, [], [], glyphs_of(draw(BODY).words)).spans == full_spans(4, 3)


def test_rules_below_a_ruled_head_are_its_rows() -> None:
    grid = Grid(XS, (16.0, 32.0), full_spans(1, 3))
    below: list[Segment] = [(y, 0.0, 240.0) for y in (46.0, 60.0, 74.0)]
    longer = complete_columns(grid, below, [], glyphs_of(draw(BODY).words))
    assert longer.ys == (16.0, 32.0, 46.0, 60.0, 74.0)
    assert longer.spans == full_spans(4, 3)


def test_merged_cells_of_prose_stay_merged() -> None:
    ys = (16.0, 32.0, 46.0, 60.0, 74.0)
    grid = Grid(XS, ys, (*full_spans(1, 3), (1, 1, 0, 2), (2, 2, 0, 2), (3, 3, 0, 2)))
    prose = """
Country         Cases           Total
The number of reported cases went up in this
year and those of the year before went down,
which is why the total is what it was before
"""
    assert complete_columns(grid, [], [], glyphs_of(draw(prose).words)) is grid


def test_box_of_figures_is_packed_and_box_of_wrapped_text_is_not() -> None:
    grid = Grid(XS, (16.0, 32.0, 74.0), full_spans(2, 3))
    assert is_packed(grid, draw(BODY).words)
    wrapped = """
一级指标        二级指标        三级指标
产出指标和      数量指标和      活动室面积
效益指标以      质量指标以      和演出场次
及满意度        及成本          及合格率
"""
    assert not is_packed(Grid((0.0, 160.0, 320.0, 480.0), grid.ys, grid.spans), draw(wrapped).words)


def table_of(rows: int, cols: int, texts: dict[tuple[int, int], str], wide: frozenset[int] = frozenset()) -> Table:
    """A table; rows in `wide` are one cell each."""
    cells = []
    for r in range(rows):
        if r in wide:
            cells.append(Cell(r, r, 0, cols - 1, texts.get((r, 0), ""), Box(0, r, cols, r + 1), 1))
        else:
            cells += [Cell(r, r, c, c, texts.get((r, c), ""), Box(c, r, c + 1, r + 1), 1) for c in range(cols)]
    return Table(1, 1, Method.TEXT, "ruled", Box(0, 0, cols, rows), rows, cols, tuple(cells))


def test_charts_are_drawings_and_blank_forms_are_not() -> None:
    assert is_drawing(table_of(3, 2, {}))
    assert is_drawing(table_of(30, 3, {(1, 0): "30.5"}, frozenset(range(30))))
    assert not is_drawing(table_of(20, 6, {(0, c): "项目" for c in range(6)}))


# ---------------------------------------------------------------------------------------------------------------------
# Invariants
# ---------------------------------------------------------------------------------------------------------------------

CELL = st.sampled_from(["", "12", "3.5", "1,234.00", "-", "收入", "支出合计", "Austria", "总分"])


@given(st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=4, max_size=9))
def test_every_place_once_and_no_text_lost(rows: list[list[str]]) -> None:
    words = [
        Word(text, 100.0 * c, PITCH * r, 100.0 * c + width_of(text), PITCH * r + HEIGHT)
        for r, row in enumerate(rows) for c, text in enumerate(row) if text
    ]  # fmt: skip
    reading = read_unruled(UnruledPage(1, words))
    for table in (*reading.sure, *reading.doubtful):
        check_cover(table)
        inside = [w for w in words if table.bbox.y0 <= w.middle <= table.bbox.y1]
        assert sorted("".join(sorted("".join(c.text for c in table.cells).replace(" ", "")))) == sorted(
            "".join(w.text for w in inside).replace(" ", "")
        )


@given(
    st.lists(
        st.tuples(st.text("一12.a：", min_size=1, max_size=6), st.floats(0, 500), st.floats(0, 300), st.floats(1, 30)),
        max_size=40,
    )
)
def test_any_words_are_read_without_error(pieces: list[tuple[str, float, float, float]]) -> None:
    words = [Word(text, x, y, x + 5 * len(text), y + height) for text, x, y, height in pieces]
    reading = read_unruled(UnruledPage(1, words, [(y, 0.0, 400.0) for y in (50.0, 100.0, 200.0)]))
    for table in (*reading.sure, *reading.doubtful):
        check_cover(table)
