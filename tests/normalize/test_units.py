"""Units: known ones, their magnitudes, and which of them are the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.cases import load
from normalize.units import Behind, find_unit_behind, find_unit_in_name, is_same_unit, parse_unit

UNIT_COLUMNS = ("printed", "unit", "factor", "behind", "same")


def units() -> dict[str, dict[str, str]]:
    return {key: dict(case) for key, case in load("units", key="printed", columns=UNIT_COLUMNS).items()}


@pytest.mark.parametrize(
    ("printed", "name", "factor"),
    [
        ("个", "个", 1),
        (" 次 ", "次", 1),
        ("％", "%", 1),
        ("百分比", "%", 1),
        ("百分之", "%", 1),
        ("‰", "‰", 1),
        ("万元", "元", 10**4),
        ("亿元", "元", 10**8),
        ("千元", "元", 10**3),
        ("百万元", "元", 10**6),
        ("十亿元", "元", 10**9),
        ("万人次", "人次", 10**4),
        ("万亩", "亩", 10**4),
        ("万千字", "字", 10**7),
        ("千字/天", "字/天", 1000),
        ("十万元/公里", "元/公里", 10**5),
        ("亿千瓦时", "千瓦时", 10**8),
        ("万平方米", "平方米", 10**4),
        ("千米", "千米", 1),
        ("千克", "千克", 1),
        ("千瓦", "千瓦", 1),
        ("百米", "米", 100),
        ("万", None, 10**4),
        ("亿", None, 10**8),
        ("个/年", "个/年", 1),
        ("次/月", "次/月", 1),
        ("元/亩", "元/亩", 1),
        ("元／亩", "元/亩", 1),
        ("万元/公里", "元/公里", 10**4),
        ("元/生/年", "元/生/年", 1),
        ("元/（人·月）", "元/（人·月）", 1),
        ("元/(人.月)", "元/(人.月)", 1),
        ("次/10万公顷", "次/10万公顷", 1),
        ("元每吨", "元每吨", 1),
        ("万/月", "/月", 10**4),
        ("%/年", "%/年", 1),
        ("个（套）", "个（套）", 1),
        ("台(套)", "台(套)", 1),
        ("万台（套）", "台（套）", 10**4),
        ("人（次）", "人（次）", 1),
        ("(个)", "个", 1),
        ("（%）", "%", 1),
        ("单位：万元", "元", 10**4),
        ("㎡", "㎡", 1),
        ("m²", "m²", 1),
        ("月", "月", 1),
        ("级", "级", 1),
    ],
)
def test_unit(printed: str, name: str | None, factor: int) -> None:
    unit = parse_unit(printed)
    assert unit is not None
    assert (unit.name, unit.factor, unit.known, unit.raw) == (name, Decimal(factor), True, printed)


@pytest.mark.parametrize("printed", ["", " ", "/", "-", "—", "XX", "无", "定性", "定性指标", "……"])
def test_no_unit(printed: str) -> None:
    assert parse_unit(printed) is None


@pytest.mark.parametrize(
    ("printed", "name", "factor"),
    [
        ("标志牌", "标志牌", 1),
        ("千羽绒", "千羽绒", 1),
        ("单位：", "单位：", 1),
        ("万羽绒", "羽绒", 10**4),
        ("个（羽绒）", "个（羽绒）", 1),
        ("元/羽绒", "元/羽绒", 1),
        ("780", None, 1),
    ],
)
def test_unknown_unit_stays_as_printed(printed: str, name: str | None, factor: int) -> None:
    unit = parse_unit(printed)
    assert unit is not None
    assert (unit.name, unit.factor, unit.known, unit.raw) == (name, Decimal(factor), False, printed)


@pytest.mark.parametrize(
    ("behind", "numeral", "name"),
    [
        ("个", False, "个"),
        ("个", True, "个"),
        ("期", False, "期"),
        ("期", True, None),
        ("月", False, None),
        ("级", False, None),
        ("垛", False, "垛"),
        ("垛", True, None),
        ("凉亭", False, "凉亭"),
        ("个凉亭", False, "个凉亭"),
        ("个小凉亭", False, None),
        ("凉亭组", False, None),
        ("个凉亭组合", False, None),
        ("及时", False, None),
        ("xyz", False, None),
        ("个/", False, None),
        ("/个", False, None),
        ("元/人·", False, None),
        ("元//人", False, None),
        ("元/（人", False, None),
        ("个()", False, None),
        ("()", False, None),
        ("(羽绒)", False, None),
        ("万", False, None),
        ("元/(人次", False, None),
        ("元/人次)", False, None),
        ("元/", False, None),
        ("个(万)", False, None),
        ("万每月", False, "每月"),
        ("万亩", False, "亩"),
        ("万/月", False, "/月"),
        ("元/亩", False, "元/亩"),
        ("(个)", False, "个"),
        ("个(套)", False, "个(套)"),
        ("期(次)", True, None),
        ("期/年", True, None),
        ("万期", True, None),
        ("(期)", True, None),
    ],
)
def test_unit_behind_a_number(behind: str, numeral: bool, name: str | None) -> None:
    unit = find_unit_behind(behind, behind, numeral=numeral)
    assert (unit.name if unit else None) == name
    assert (unit is not None) == (name is not None or behind == "万")
    assert unit is None or unit.raw == behind


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("成本控制数(万元)", "万元"),
        ("成本控制数（万元）", "万元"),
        ("群众满意度（％）", "％"),
        ("办理案件（起）", "起"),
        ("发放标准（元/人）", "元/人"),
        ("采购设备(台/套) ", "台/套"),
        ("支出（单位：万元）", "万元"),
        ("一期工程（二期）", None),
        ("验收合格率(合格数/总数)", None),
        ("支持市（县）", None),
        ("街道（社区）", None),
        ("参训人员（学员）", None),
        ("结余率(计算方法为:结余数/预算数)", None),
        ("（万元）成本", None),
        ("成本", None),
        ("增长（万）", None),
    ],
)
def test_unit_in_brackets_behind_a_name(name: str, unit: str | None) -> None:
    assert find_unit_in_name(name) == unit


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("平方米", "㎡"),
        ("公里", "千米"),
        ("千米", "km"),
        ("人", "名"),
        ("元/㎡", "元/平方米"),
        ("元每吨", "元/吨"),
        ("个（套）", "个(套)"),
        (None, None),
    ],
)
def test_same_units(a: str | None, b: str | None) -> None:
    assert is_same_unit(a, b)
    assert is_same_unit(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("人", "人次"),
        ("个", "件"),
        ("次", "场"),
        ("%", "‰"),
        ("个", None),
        ("公里", "米"),
        ("元", "元/人"),
        ("个村", "个"),
    ],
)
def test_different_units(a: str | None, b: str | None) -> None:
    assert not is_same_unit(a, b)


def test_table_of_units_has_hundreds_and_is_sound() -> None:
    table = units()
    assert len(table) >= 500
    for key, case in table.items():
        assert Decimal(case["factor"]) > 0, key
        assert case["behind"] in set(Behind), key
        same = case["same"]
        assert not same or same not in table or table[same]["same"] in {"", same}, f"{key}: {same} names another unit"


@given(st.sampled_from(sorted(units())), st.sampled_from(["", "十", "百", "千", "万", "亿", "千万", "百亿"]))
def test_every_unit_of_the_table_reads_with_any_magnitude(printed: str, magnitude: str) -> None:
    unit = parse_unit(magnitude + printed)
    assert unit is not None
    assert unit.known or not magnitude
