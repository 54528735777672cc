"""How near texts are to known words: characters missing, characters otherwise, junk beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from literal_forms import table
from recognised import Doubts, reading

from model import Reading, Rival
from normalize.reading_columns import Holds
from normalize.reading_heads import near_levels
from normalize.reading_labels import near_word
from normalize.reading_near import nearest, nearness
from normalize.rows import table_rows


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("度量单位", "度量单位", ((), (), ())),
        ("1度量位-", "度量单位", ((), (3,), (0, 4))),
        ("A 度量单位", "度量单位", ((), (), (0,))),
        ("度量单仁", "度量单位", ((3,), (), ())),
        ("量单位", "度量单位", ((), (0,), ())),
        ("度量单", "度量单位", ((), (3,), ())),
        ("实际宅成值", "实际完成值", ((2,), (), ())),
        ("偏差原因析及改进播施", "偏差原因分析及改进措施", ((8,), (4,), ())),
        ("执行事（B/A）", "执行率", None),  # too short
        ("预算执行事（B/A）", "预算执行率", ((4,), (), ())),
        ("度单", "度量单位", None),
        ("量度单位", "度量单位", None),  # the order counts
        ("度量的单位", "度量单位", None),  # a word more
        ("", "度量单位", None),
        ("1-", "度量单位", None),
    ],
)
def test_nearness(text: str, word: str, found: tuple[tuple[int, ...], ...] | None) -> None:
    near = nearness(text, word)
    assert (None if near is None else (near.other, near.missing, near.junk)) == found


WORDS = {"度量单位": "unit", "计量单位": "unit", "实际完成值": "actual", "全年完成值": "actual", "年初目标值": "target"}


@pytest.mark.parametrize(
    ("text", "doubts", "word"),
    [
        ("1度量位-", {}, "度量单位"),
        ("度量位", {}, None),  # as sure as can be, and nothing else is wrong
        ("度量位", {1: (0.8, [])}, "度量单位"),
        ("度量位", {0: (0.8, [])}, None),  # a doubt elsewhere
        ("度量单", {2: (0.8, [])}, None),  # at the end nothing shows that anything is missing
        ("某计单位", {0: (0.8, []), 1: (0.8, [])}, None),  # 计量单位 stands near, but for two characters
        ("实际完成率（B）得分", {4: (0.6, [])}, None),  # two heads in one cell
        ("实际完成值（B）得分", {4: (0.6, [])}, None),
        ("丨量单位", {}, "度量单位"),  # either, and both are the same
        ("实际完成率", {}, None),
        ("实际完成率", {4: (0.6, [])}, "实际完成值"),
        ("年初日标值", {2: (0.6, [])}, "年初目标值"),
    ],
)
def test_the_nearest_word(text: str, doubts: Doubts, word: str | None) -> None:
    assert nearest(text, reading(text, doubts), WORDS) == word


def test_words_of_two_meanings_are_as_good_as_none() -> None:
    words = {"数量指标": "quantity", "质量指标": "quality"}
    assert nearest("1量指标", reading("1量指标"), words) is None
    assert nearest("1数指标", reading("1数指标"), words) == "数量指标"


def test_what_the_reader_must_have_seen() -> None:
    missed = Reading((0.99,) * 3, (Rival(2, 2, "十", 0.2),))
    assert nearest("度量位", missed, WORDS, seen=True) == "度量单位"
    assert nearest("度量位", reading("度量位", {0: (0.6, [])}), WORDS, seen=True) is None
    assert nearest("度量单仁", reading("度量单仁", {3: (0.6, [])}), WORDS, seen=True) is None


@pytest.mark.parametrize(
    ("holds", "text", "doubts", "meant"),
    [
        (Holds.LEVEL2, "成本指称", {3: (0.6, [])}, "成本指标"),
        (Holds.LEVEL2, "社会效益指", {}, None),  # known as it stands
        (Holds.LEVEL2, "会效益指标1", {}, "社会效益指标"),
        (Holds.LEVEL2, "某量指标", {0: (0.6, [])}, None),  # 数量 or 质量
        (Holds.LEVEL2, "数量目标", {}, None),
        (Holds.LEVEL2, "产出数量团日-", {4: (0.66, []), 5: (0.46, [])}, None),
        (Holds.LEVEL1, "产出指称（50分）", {3: (0.6, [])}, "产出指标（50分）"),
        (Holds.LEVEL1, "满意度指1", {}, "满意度指标"),
        (Holds.SOURCE, "财政专F 管理资金", {}, "财政专户管理资金"),
        (Holds.SOURCE, "某级资金", {0: (0.6, [])}, None),
        (Holds.SOURCE, "/", {}, None),
        (Holds.NAME, "成本指称", {3: (0.6, [])}, None),
    ],
)
def test_levels_and_sources(holds: Holds, text: str, doubts: Doubts, meant: str | None) -> None:
    choice = near_word(text, reading(text, doubts), holds)
    assert (choice.text if choice else None) == meant


@pytest.mark.parametrize(
    ("heads", "meant"),
    [
        ("级指标 | 二级指标 | 三级指标 | 年度指标值", {"级指标": "一级指标"}),  # thin strokes go in black and white
        ("级指标 | 二级指标 | 级+ | 年度指标值", {"级指标": "一级指标", "级+": "三级指标"}),
        ("一级指标 | 级指标 | 三级指标 | 年度指标值", {"级指标": "二级指标"}),
        ("一级指标 | 二级指标 | 三级指标 | 年度指标值 | 级", {}),  # beside no level
        ("一级指标 | 二级指标 | 三级指标 | 级", {}),  # no fourth level
        ("一级指标 | 二级指标 | 甲级 | 年度指标值", {}),
        ("级指标 | 二级指标", {}),  # too few heads to be sure of the row
        ("二级指标 | 年度指标值 | 级指标", {}),
    ],
)
def test_what_is_left_of_a_level_beside_another(heads: str, meant: dict[str, str]) -> None:
    block = table(heads)
    cells = tuple(replace(cell, reading=reading(cell.text)) for cell in block.cells)
    (row,) = table_rows(replace(block, cells=cells))
    assert {cell.text: choice.text for cell, choice in near_levels(row)} == meant
