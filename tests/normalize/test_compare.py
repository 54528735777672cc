"""Whether actuals meet their targets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.compare import achievement_pct, is_achieved, is_comparable, is_met, units_differ
from normalize.operators import Operator
from normalize.values import Value, parse_actual, parse_value


def pair(target: str, actual: str, column: str | None = None) -> tuple[Value, Value]:
    value = parse_value(target, column)
    return value, parse_actual(actual, value)


@pytest.mark.parametrize(
    ("target", "actual", "achieved"),
    [
        ("≥50个", "50", True),
        ("≥50个", "49", False),
        ("≥50个", "51个", True),
        ("≤90万元", "90", True),
        ("≤90万元", "89.5万元", True),
        ("≤90万元", "900001元", False),
        (">92%", "92", False),
        (">92%", "92.1%", True),
        ("<5%", "5", False),
        ("<5%", "4.9", True),
        ("=100%", "100", True),
        ("=100%", "101", False),
        ("=0起", "0", True),
        ("<0%", "0", True),
        ("<0%", "1", False),
        (">0%", "0", False),
        ("≤2018年10月31日", "2018年10月底", True),
        ("2018年10月底前", "2018年11月底", False),
        ("2018年10月底前", "2018年9月30日", True),
        ("=2018年10月底", "2018年10月31日", True),
        ("≥300平方米", "310㎡", True),
        ("=3-5次", "3", True),
        ("=3-5次", "4", True),
        ("=3-5次", "5", True),
        ("=3-5次", "6", False),
        ("=3-5次", "2", False),
        ("≥3-5次", "5", True),
        ("≥3-5次", "4", None),
        ("≥3-5次", "2", False),
        ("≤3-5次", "6", False),
        ("≤3-5次", "3", True),
        ("50个", "50", None),
        ("2018年10月底", "2018年10月底", None),
        ("≥50个", "50次", None),
        ("≥50", "50个", None),
        ("≥50个", "", None),
        ("≥50个", "完成", None),
        ("≥50个", "50-60", None),
        ("≥优", "优", None),
        ("2018年10月底前", "完成", None),
        ("2018年10月底前", "10", None),
        ("≥5个", "2018年10月底", None),
    ],
)
def test_achieved(target: str, actual: str, achieved: bool | None) -> None:
    values = pair(target, actual)
    assert is_achieved(values[0].operator, *values) is achieved


@pytest.mark.parametrize(
    ("target", "actual", "pct"),
    [
        ("350000份", "333万", 3330000 / 350000 * 100),
        ("122833人次", "120829", 120829 / 122833 * 100),
        ("90万元", "45", 50.0),
        ("100%", "100", 100.0),
        ("-5%", "5", -100.0),
        ("3", "0", 0.0),
        ("300平方米", "150㎡", 50.0),
    ],
)
def test_achievement(target: str, actual: str, pct: float) -> None:
    assert achievement_pct(*pair(target, actual)) == pytest.approx(pct, rel=1e-15)


@pytest.mark.parametrize(
    ("target", "actual"),
    [
        ("0起", "0"),
        ("0起", "3"),
        ("100%", "5个"),
        ("3-5次", "4"),
        ("5次", "3-5次"),
        ("优", "5"),
        ("5次", ""),
        ("2018年10月底", "2018年10月底"),
    ],
)
def test_no_achievement(target: str, actual: str) -> None:
    assert achievement_pct(*pair(target, actual)) is None


@pytest.mark.parametrize(
    ("target", "actual", "comparable", "differ"),
    [
        ("50个", "50", True, False),
        ("100%", "5个", False, True),
        ("3-5次", "4", True, False),
        ("3", "3个", False, False),
        ("优", "3个", False, False),
        ("3个", "完成", False, False),
        ("300平方米", "150㎡", True, False),
    ],
)
def test_units(target: str, actual: str, comparable: bool, differ: bool) -> None:
    values = pair(target, actual)
    assert (is_comparable(*values), units_differ(*values)) == (comparable, differ)


@given(st.sampled_from(Operator), st.decimals(-100, 100, places=2), st.decimals(-100, 100, places=2))
def test_operators_agree_with_each_other(operator: Operator, target: Decimal, actual: Decimal) -> None:
    expected = {
        ">=": actual >= target,
        "<=": actual <= target,
        ">": actual > target,
        "<": actual < target or (actual == 0 and target == 0),
        "=": actual == target,
    }
    assert is_met(operator, target, actual) is expected[operator]
