"""Known words in recognised texts: only what the reader itself thinks possible, or is known to be mistaken, is one."""

from __future__ import annotations

import pytest
from literal_forms import content
from recognised import Doubts, reading, with_readings

from model import Content, Line, Reading, Rival, Table
from normalize.reading_terms import decide_money_unit, decide_terms, decide_titles, is_term

HEAD = "绩效指标 | 一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分"


def decided(document: Content) -> list[tuple[str, str]]:
    return [(text.text, choice.text) for block in document.blocks for text, choice in decide_terms(block)]


def misread(document: Content, printed: str, read_as: str, doubts: Doubts) -> Content:
    def read(text: str) -> tuple[str, Reading | None]:
        return (read_as, reading(read_as, doubts)) if text == printed else (text, reading(text))

    return with_readings(document, read)


@pytest.mark.parametrize(
    ("printed", "read_as", "doubts"),
    [
        ("三级指标", "三级措标", {2: (0.7, [("指", 0.2)])}),
        ("三级指标", "三级措标", {2: (0.8, [])}),  # by the table alone
        ("三级指标", "三级措标", {2: (0.97, [("指", 0.02)])}),  # by a rival, however sure the reader is
        ("实际完成值", "实际完戍佰", {3: (0.8, []), 4: (0.7, [("值", 0.2)])}),
        ("得分", "得兮", {1: (0.6, [("分", 0.3)])}),
        ("年度指标值", "|年度指标值", {}),
        ("年度指标值", "|年度指值-", {}),  # under a seal
        ("实际完成值", "实际完咸值", {3: (0.6, [("戚", 0.2)])}),  # near to one only
        ("三级指标", "三级指1", {}),
        ("三级指标", "三指标", {}),  # beside the level before it
        ("三级指标", "级指标-", {}),
        ("一级指标", "级指标", {}),
        ("年度指标值", "年庋指标植", {1: (0.7, []), 4: (0.6, [("值", 0.3)])}),
    ],
)
def test_heads(printed: str, read_as: str, doubts: Doubts) -> None:
    assert decided(misread(content(HEAD), printed, read_as, doubts)) == [(read_as, printed)]


@pytest.mark.parametrize(
    ("read_as", "doubts"),
    [
        ("三级措标", {}),  # the reader is sure, and the two do not look the same
        ("三级甲标", {}),  # near a term is not a term where the reader is sure
        ("三级甲标", {0: (0.5, [])}),
        ("二甲指标-", {}),
        ("年度指标-", {}),  # a target, which the row has
        ("甲三级指标-", {}),
        ("三级指标", {2: (0.5, [("措", 0.3)])}),  # one as it stands
    ],
)
def test_heads_that_stay(read_as: str, doubts: Doubts) -> None:
    assert decided(misread(content(HEAD), "三级指标", read_as, doubts)) == []


def test_what_is_left_of_a_level_is_told_by_the_level_beside_it_only() -> None:
    apart = "绩效指标 | 一级指标 | 二级指标 | 年度指标值 | 三级指标 | 实际完成值 | 分值 | 得分"
    assert decided(misread(content(apart), "三级指标", "级指标-", {})) == []
    assert decided(misread(content(HEAD), "分值", "级指标-", {})) == []


def test_what_hardly_can_be_read_where_the_head_of_names_stands_is_it() -> None:
    torn, doubt = "一一房乘城", {2: (0.4, [])}
    assert decided(misread(content(HEAD), "三级指标", torn, doubt)) == [(torn, "三级指标")]
    assert decided(misread(content(HEAD), "三级指标", torn, {})) == []  # surely read: the form prints it
    apart = "绩效指标 | 一级指标 | 二级指标 | 年度指标值 | 三级指标 | 实际完成值 | 分值 | 得分"
    assert decided(misread(content(apart), "三级指标", torn, doubt)) == []
    few = "一级指标 | 二级指标 | 三级指标 | 年度指标值"
    assert decided(misread(content(few), "三级指标", torn, doubt)) == []


def test_a_head_is_one_among_heads_only() -> None:
    row = "产出指标 | 数量指标 | 甲 | 10 | 11 | 实际完戍值 | 5 | 5"
    doubts = {3: (0.6, [("成", 0.3)])}
    assert decided(misread(content(row), "实际完戍值", "实际完戍值", doubts)) == []
    head = HEAD.replace("实际完成值", "实际完戍值")
    assert decided(misread(content(head), "实际完戍值", "实际完戍值", doubts)) == [("实际完戍值", "实际完成值")]


def test_a_head_near_to_another_asks_for_a_row_of_heads() -> None:
    row = "三级指标 | 年度指标值 | 1实际成值-"
    assert decided(with_readings(content(row), lambda text: (text, reading(text)))) == []
    row = "一级指标 | 三级指标 | 年度指标值 | 1实际成值-"
    assert decided(with_readings(content(row), lambda text: (text, reading(text)))) == [("1实际成值-", "实际完成值")]
    row = "一级指标 | 三级指标 | 年度指标值 | 1实际成值- | 甲乙 | 丙丁"
    assert decided(with_readings(content(row), lambda text: (text, reading(text)))) == []


def test_a_label_of_which_the_reader_thinks_that_something_is_missing() -> None:
    def read(rivals: tuple[Rival, ...]) -> Content:
        return with_readings(content("部名称 | 某局"), lambda text: (text, Reading((0.99,) * len(text), rivals)))

    assert decided(read((Rival(1, 1, "十", 0.26),))) == [("部名称", "部门名称")]
    assert decided(read((Rival(2, 2, "十", 0.26),))) == []
    assert decided(read(())) == []


@pytest.mark.parametrize(
    ("row", "doubted", "found"),
    [
        ("年度总体目标 | 年初 | 设定目标", {}, [("年初", "年初设定目标"), ("设定目标", "")]),
        ("年初 | 发定目标", {0: (0.64, [("设", 0.1)])}, [("年初", "年初设定目标"), ("发定目标", "")]),
        ("实际完成 | 青况", {0: (0.79, [("背", 0.11)])}, [("实际完成", "实际完成情况"), ("青况", "")]),
        ("实际完成 | 青况", {}, []),  # surely another word
        ("实际完成 | 95%", {0: (0.6, []), 1: (0.6, [])}, []),
        ("预期目标 | 实际完成情况", {}, []),  # two labels
        ("年初 | 完成全部工程。", {}, []),
        ("预期目标 | 建成二十公里渠道", {}, []),
    ],
)
def test_labels_of_goals_in_two_pieces(row: str, doubted: Doubts, found: list[tuple[str, str]]) -> None:
    last = row.split(" | ")[-1]
    document = with_readings(content(row), lambda text: (text, reading(text, doubted if text == last else {})))
    assert decided(document) == found


@pytest.mark.parametrize(
    ("row", "read_as", "printed", "doubts"),
    [
        ("X | 某县水务局", "项日名称", "项目名称", {1: (0.8, [])}),
        ("X | 150", "年度资全总额", "年度资金总额", {3: (0.8, [("金", 0.1)])}),
        ("X | 100 | 99", "合汁", "合计", {1: (0.6, [("计", 0.3)])}),
        ("产出指标 | X | 甲 | 5", "质里指标", "质量指标", {1: (0.7, [])}),
        ("X | 完成。", "预期目际", "预期目标", {3: (0.7, [])}),
        ("产出指标 | 数量指标 | X | ", "指际2：", "指标2：", {1: (0.7, [])}),
    ],
)
def test_other_words(row: str, read_as: str, printed: str, doubts: Doubts) -> None:
    document = content(row.replace("X", printed))
    assert decided(misread(document, printed, read_as, doubts)) == [(read_as, printed)]


def test_a_label_with_its_value_on_a_line() -> None:
    printed = "填报单位：某县水务局"
    label, value = "填报单伎：某县水务局", "填报单位：某县永务局"
    document = content(printed)
    assert decided(misread(document, printed, label, {3: (0.6, [("位", 0.3)])})) == [(label, printed)]
    assert decided(misread(document, printed, value, {7: (0.4, [("水", 0.3)])})) == []


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("宣传次数", {1: (0.4, [("转", 0.3)])}),
        ("1=s", {0: (0.4, [("l", 0.1)]), 1: (0.5, [("0", 0.2)]), 2: (0.5, [("5", 0.3)])}),  # a year is no word
        ("2O23", {}),
        ("5", {0: (0.4, [("其他", 0.5)])}),
        ("科目编码", {0: (0.6, [])}),  # near to 项目编码, and another word
        ("甲" * 50 + "合汁", {51: (0.5, [("计", 0.4)])}),
    ],
)
def test_texts_that_stay(text: str, doubts: Doubts) -> None:
    assert decided(misread(content(f"{text} | 甲"), text, text, doubts)) == []


def test_titles_are_read_by_those_of_other_pages() -> None:
    better, worse = "2023年度项目支出绩效自评表", "2028年度项目支出绩效自评表"

    def read(text: str) -> tuple[str, Reading | None]:
        return text, reading(text, {3: (0.6, [("3", 0.3)])} if text == worse else {})

    both = with_readings(content(better, worse), read)
    found = [(block.text, choice.text, choice.settled) for block, choice in decide_titles(both)]
    assert found == [(worse, better, False)]
    assert list(decide_titles(with_readings(content(worse), read))) == []
    sure = with_readings(content(better, worse), lambda text: (text, reading(text)))
    assert list(decide_titles(sure)) == []


def test_the_unit_of_the_amounts() -> None:
    doubts = {5: (0.7, [("万", 0.2)])}
    (table,) = misread(content("项目资金（方元） | 甲"), "项目资金（方元）", "项目资金（方元）", doubts).blocks
    assert isinstance(table, Table)
    assert [choice.text for _, choice in decide_money_unit(table.cells)] == ["项目资金（万元）"]
    (line,) = with_readings(content("单位：元"), lambda text: (text, reading(text))).blocks
    assert isinstance(line, Line)
    assert list(decide_money_unit([*table.cells, line])) == []  # it is printed elsewhere


def test_words() -> None:
    assert all(map(is_term, ("三级指标", "合计", "其他资金", "产出指标", "填报单位：某局")))
    assert not any(map(is_term, ("宣传次数", "50", "", "合")))
