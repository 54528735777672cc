"""Operators that became digits: changed only where the form proves it, quoted where something speaks for it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from literal_forms import content

from model import Code, Finding, IndicatorRow
from normalize import normalize

HEAD = """
项目名称 | 甲 | < | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 未完成原因
"""


def read(*rows: str) -> tuple[list[IndicatorRow], list[Finding]]:
    """The rows and findings of a form of `name | target | actual | weight | score | reason` lines."""
    body = "\n".join(f"产出指标 | 数量指标 | {row}" for row in rows)
    forms, findings = normalize(content("项目支出绩效自评表", HEAD + body), "ab" * 32)
    found = [f for f in findings if f.code is Code.OPERATOR_AS_DIGIT]
    return list(forms[0].indicators), found


def read_quoted(*rows: str) -> tuple[list[tuple[str | None, float | None]], list[tuple[int | None, str | None]]]:
    indicators, found = read(*rows)
    return [(row.operator, row.target_value) for row in indicators], [(f.row, f.value) for f in found]


def test_rows_that_prove_it() -> None:
    values, found = read_quoted(
        "援助案件数 | 28 | 8 | 10 | 10 |",
        "培训期数 | 21 | 1 | 10 | 10 |",
        "培训人数 | 250人 | 50 | 10 | 10 |",
        "检查次数 | 26次 | 6次 | 10 | 10 |",
        "合格率 | 290% | 95% | 10 | 10 |",
    )
    assert values == [(">=", 8.0), (">=", 1.0), (">=", 50.0), (">=", 6.0), (">=", 90.0)]
    assert found == [(1, ">=8"), (2, ">=1"), (3, ">=50人"), (4, ">=6次"), (5, ">=90%")]


def test_columns_of_a_row_that_is_changed() -> None:
    rows, found = read("合格率 | 292% | 92% | 10 | 10 |", "检查次数 | 26次 | 6次 | 10 | 10 |")
    row = rows[0]
    assert (row.operator, row.operator_raw, row.operator_source) == (">=", "2", "symbol")
    assert (row.target_raw, row.target_value, row.unit, row.achieved) == ("292%", 92.0, "%", True)
    assert row.achievement_pct == 100.0
    assert row.flags == ("operator_as_digit",)
    assert [(f.column, f.raw, f.value) for f in found][:1] == [("target_value", "292%", ">=92%")]


def test_wide_magnitudes_go_with_the_reading() -> None:
    values, _ = read_quoted("面积 | 28万亩 | 8万亩 | 10 | 10 |", "人数 | 250人 | 50人 | 10 | 10 |")
    assert values == [(">=", 80000.0), (">=", 50.0)]


@pytest.mark.parametrize(
    "rows",
    [
        ("案件数 | 28 | 28 | 10 | 10 |",),
        ("案件数 | 28 | 30 | 10 | 10 |", "期数 | 21 | 24 | 10 | 10 |"),
        ("案件数 | 28 | 25 | 10 | 8.9 |", "期数 | 21 | 20 | 10 | 9.5 |"),
        ("案件数 | 28 | 8 | 10 | 2.86 |", "期数 | 21 | 1 | 10 | 0.5 |"),
        ("期刊 | 2021 | 2021 | 10 | 10 |",),
        ("案件数 | 20 | 0 | 10 | 10 |", "期数 | 20 | 0 | 10 | 10 |"),
        ("案件数 | 2 | 2 | 10 | 10 |",),
        ("增长率 | 290% | 310% | 10 | 10 |",),
        ("案件数 | ≥28 | 8 | 10 | 10 |", "期数 | ≥21 | 1 | 10 | 10 |"),
        ("案件数 | 28 | 9 | | |", "期数 | 21 | 3 | | |"),
        ("时间 | 2023年12月底 | 3年12月底 | 10 | 10 |",),
    ],
)
def test_true_numbers_stay(rows: tuple[str, ...]) -> None:
    values, found = read_quoted(*rows)
    assert found == []
    assert all(value is None or value >= 2 for _, value in values)


@pytest.mark.parametrize(
    ("rows", "quoted"),
    [
        (("案件数 | 28 | 8 | 10 | 10 |",), [(1, ">=8")]),  # one row alone
        (("案件数 | 28 | 8 | | |",), [(1, ">=8")]),
        (("甲 | 28 | 8 | 10 | 10 |", "乙 | 25 | 5 | 10 | 10 |", "丙 | 26 | 27 | 10 | 10 |"), [(1, ">=8"), (2, ">=5")]),
        (("甲 | 28 | 8 | 10 | 10 |", "乙 | 25 | 5 | 10 | 10 | 受疫情影响未完成"), [(1, ">=8"), (2, ">=5")]),
        (("合格率 | 292% | | | |",), [(1, ">=92%")]),  # targets only
    ],
)
def test_doubt_is_quoted_and_nothing_changed(rows: tuple[str, ...], quoted: list[tuple[int, str]]) -> None:
    values, found = read_quoted(*rows)
    assert found == quoted
    assert all(operator is None and value is not None and value > 20 for operator, value in values)


def test_what_costs_less_was_to_cost_no_more() -> None:
    body = "产出指标 | 成本指标 | 总成本 | 290万元 | 90万元 | 10 | 10 |\n^ | 数量指标 | 案件 | 28 | 8 | 10 | 10 |\n"
    body += "^ | 数量指标 | 期数 | 21 | 1 | 10 | 10 |"
    forms, _ = normalize(content("项目支出绩效自评表", HEAD + body), "ab" * 32)
    cost, cases, _ = forms[0].indicators
    assert (cost.operator, cost.target_value) == (None, 2900000.0)
    assert "operator_as_digit" in cost.flags
    assert (cases.operator, cases.target_value) == (">=", 8.0)


def test_a_column_of_operators_settles_it() -> None:
    text = """
部门名称 | 某局 | < | < | < | <
指标名称 | 计算符号 | 指标值 | 实际完成值 | 分值 | 得分
甲 | = | 28 | 8 | 10 | 10
乙 | ≥ | 21 | 1 | 10 | 10
"""
    forms, findings = normalize(content("部门整体支出绩效自评表", text), "ab" * 32)
    assert [row.target_value for row in forms[0].indicators] == [28.0, 21.0]
    assert not [f for f in findings if f.code is Code.OPERATOR_AS_DIGIT]


@pytest.mark.parametrize("n", range(1, 10))
def test_every_digit(n: int) -> None:
    values, _ = read_quoted(f"甲 | 2{n} | {n} | 10 | 10 |", "乙 | 250 | 50 | 5 | 5 |")
    assert values[0] == (">=", float(Decimal(n)))
