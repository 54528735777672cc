"""Levels: canonical, broken, cut, with weights, and unknown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.levels import infer_level1, is_level, parse_level1, parse_level2

LEVEL1 = ["产出指标", "效益指标", "满意度指标", "成本指标"]
LEVEL2 = [
    *("数量指标", "质量指标", "时效指标", "成本指标", "经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标"),
    *("服务对象满意度指标", "经济成本指标", "社会成本指标", "生态环境成本指标"),
]


@pytest.mark.parametrize("name", LEVEL1)
def test_canonical_level1(name: str) -> None:
    level = parse_level1(name)
    assert (level.name, level.known, level.mended, level.weight) == (name, True, False, None)


@pytest.mark.parametrize("name", LEVEL2)
def test_canonical_level2(name: str) -> None:
    level = parse_level2(name)
    assert (level.name, level.known, level.mended, level.weight) == (name, True, False, None)


@pytest.mark.parametrize(
    ("printed", "name", "weight"),
    [
        ("产 出 指 标", "产出指标", None),
        ("产出\n指标", "产出指标", None),
        ("产出", "产出指标", None),
        ("效益", "效益指标", None),
        ("满意度", "满意度指标", None),
        ("满意度指", "满意度指标", None),
        ("产出指", "产出指标", None),
        ("产出指标（50分）", "产出指标", "50"),
        ("产出指标(50)", "产出指标", "50"),
        ("产出指标 50分", "产出指标", "50"),
        ("产出指标（50%）", "产出指标", "50"),
        ("产出指 标（50 分）", "产出指标", "50"),
        ("产出（50分）指标", "产出指标", "50"),
        ("一、产出指标", "产出指标", None),
        ("（一）产出指标", "产出指标", None),
        ("1.产出指标", "产出指标", None),
        ("产出指标：", "产出指标", None),
        ("效益指标[30分]", "效益指标", "30"),
        ("⼀、产出指标", "产出指标", None),
    ],
)
def test_mended_level1(printed: str, name: str, weight: str | None) -> None:
    level = parse_level1(printed)
    assert (level.name, level.known, level.mended) == (name, True, True)
    assert level.weight == (None if weight is None else Decimal(weight))
    assert level.raw == printed


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("社会效益", "社会效益指标"),
        ("社会效", "社会效益指标"),
        ("经济效益指", "经济效益指标"),
        ("可持续影 响指标", "可持续影响指标"),
        ("可持续影\n响指标", "可持续影响指标"),
        ("可持续", "可持续影响指标"),
        ("服务对象满意度指", "服务对象满意度指标"),
        ("服务对象", "服务对象满意度指标"),
        ("社会公众或服务对象满意度指标", "服务对象满意度指标"),
        ("社会公众或服务对象满意度指", "服务对象满意度指标"),
        ("质量 指标", "质量指标"),
        ("满意 度指 标", "满意度指标"),
        ("产出数量", "数量指标"),
        ("产出质量", "质量指标"),
        ("产出时效", "时效指标"),
        ("产出成本", "成本指标"),
        ("生态环境成本", "生态环境成本指标"),
        ("数量指标（20分）", "数量指标"),
        ("成本", "成本指标"),
        ("进度指标", "时效指标"),
        ("数量值", "数量指标"),
        ("质 量 值", "质量指标"),
    ],
)
def test_mended_level2(printed: str, name: str) -> None:
    level = parse_level2(printed)
    assert (level.name, level.known, level.mended) == (name, True, True)


@pytest.mark.parametrize(
    "printed", ["过程指标", "投入指标", "决策", "社会", "生态", "社会公众满意度指标", "绩效指标"]
)
def test_others_stay_as_printed(printed: str) -> None:
    for parse in (parse_level1, parse_level2):
        level = parse(printed)
        assert (level.name, level.known, level.mended, level.weight) == (printed, False, False, None)
    assert not is_level(printed)


def test_other_level_with_its_weight() -> None:
    level = parse_level2("过程指标（20分）")
    assert (level.name, level.known, level.weight) == ("过程指标", False, Decimal(20))
    assert parse_level2(" 过程 指标 ").name == "过程 指标"


@pytest.mark.parametrize(
    ("printed", "weight"), [("(50分)", "50"), ("（50）", "50"), ("50分", "50"), ("50", "50"), ("12.5分", "12.5")]
)
def test_level_that_shows_only_its_weight(printed: str, weight: str) -> None:
    level = parse_level1(printed)
    assert (level.name, level.known, level.weight, level.raw) == (None, False, Decimal(weight), printed)


@pytest.mark.parametrize("printed", ["", " ", "/", "—"])
def test_blank_level(printed: str) -> None:
    level = parse_level2(printed)
    assert (level.name, level.known, level.mended, level.weight) == (None, False, False, None)


def test_levels_are_not_mixed_up() -> None:
    assert not parse_level1("数量指标").known
    assert not parse_level2("产出指标").known
    assert parse_level1("成本指标").name == parse_level2("成本指标").name == "成本指标"
    assert is_level("产出指标")
    assert is_level("数量指标（20分）")


@pytest.mark.parametrize(
    ("level2", "level1"),
    [
        ("数量指标", "产出指标"),
        ("质量指标", "产出指标"),
        ("时效指标", "产出指标"),
        ("成本指标", "产出指标"),
        ("社会效益指标", "效益指标"),
        ("可持续影响指标", "效益指标"),
        ("服务对象满意度指标", "满意度指标"),
        ("经济成本指标", None),
        ("社会成本指标", None),
        ("过程指标", None),
    ],
)
def test_level1_of_a_level2(level2: str, level1: str | None) -> None:
    assert infer_level1(level2) == level1


@given(st.text(max_size=20))
def test_no_text_raises(text: str) -> None:
    assert parse_level1(text).raw == text
    assert parse_level2(text).raw == text
