"""Forms whose figures contradict each other, as they were published: told in findings, never changed."""

from __future__ import annotations

import pytest
from literal_forms import content

from model import Code, Finding, Form
from normalize import normalize

COLUMNS = "一级指标 | 二级指标 | 三级指标 | 指标值 | 完成值 | 分值 | 得分"
INDICATORS = f"""
{COLUMNS}
产出指标 | 数量指标 | 甲 | ≥1个 | 1个 | 50 | 50
效益指标 | 社会效益指标 | 乙 | ≥2个 | 2个 | 40 | 40
"""
MONEY = "项目资金（万元） | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分\n"


def read(money: str, indicators: str = INDICATORS, unit: str = "") -> tuple[Form, list[Finding]]:
    head = "项目名称 | 甲项目 | < | < | < | < | <\n主管部门 | 县局 | < | 实施单位 | 县局 | < | <"
    money = money.replace("万元", unit) if unit else money
    forms, findings = normalize(content("项目支出绩效自评表", "（2021年度）", head, money, indicators), "ab" * 32)
    assert len(forms) == 1
    return forms[0], list(findings)


def told(findings: list[Finding]) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(f.code.value, f.table, f.row, f.column) for f in findings if f.severity != "info"]


def test_a_form_without_contradictions() -> None:
    lines = "年度资金总额 | 10 | 10 | 9 | 10 | 90% | 9\n其中：财政拨款 | 6 | 6 | 5 | - | 83.33% | -\n"
    total = f"{INDICATORS}总分 | < | < | < | < | 100 | 99"
    _, findings = read(f"{MONEY}{lines}其他资金 | 4 | 4 | 4 | - | 100% | -", total)
    assert told(findings) == []


def test_a_source_above_a_total_of_nothing() -> None:  # 90, 90, 89.974 under 0, 0, 0
    form, findings = read(
        MONEY + "年度资金总额 | 0 | 0 | 0 | 10 | 0% | 10\n其中：财政拨款 | 90 | 90 | 89.974 | - | 99.97% | -"
    )
    assert [("sources_mismatch", "funds", 1, f"{c}_cny") for c in ("initial", "final", "executed")] == [
        finding for finding in told(findings) if finding[0] == "sources_mismatch"
    ]
    assert [str(fund.final_cny) for fund in form.funds] == ["0.00", "900000.00"]


def test_indicators_that_are_a_hundred_without_the_execution_row() -> None:
    lines = "年度资金总额 | 10 | 10 | 10 | 10 | 100% | 10"
    full = f"{COLUMNS}\n产出指标 | 数量指标 | 甲 | ≥1个 | 1个 | 100 | 100\n总分 | < | < | < | < | 100 | 100"
    form, findings = read(MONEY + lines, full)
    assert told(findings) == [
        ("weight_sum_mismatch", "forms", None, "weight_total"),
        ("score_sum_mismatch", "forms", None, "score_total"),
    ]
    assert (form.head.weight_total, form.head.score_total) == (100, 100)
    assert [f.value for f in findings] == ["110.00", "110.00"]


def test_an_execution_row_that_weighs_everything() -> None:  # weight 100, score 98, rate 83.5 %
    total = f"{INDICATORS}总分 | < | < | < | < | 100 | 98"
    form, findings = read(MONEY + "年度资金总额 | 150万 | 150 | 125.25 | 100 | 83.5% | 98", total)
    assert ("score_mismatch", "funds", 1, "score") in told(findings)
    assert ("weight_sum_mismatch", "forms", None, "weight_total") in told(findings)
    assert (form.funds[0].weight, form.funds[0].score, str(form.funds[0].initial_cny)) == (100, 98, "1500000.00")


def test_sources_of_nothing_under_a_total() -> None:
    lines = "年度资金总额 | 20000 | 20000 | 20000 | 10 | 100% | 10\n其中：财政拨款 | 0 | 0 | 0 | - | | -\n"
    money = f"{MONEY}{lines}其他资金 | 0 | 0 | 0 | - | | -"
    form, findings = read(money, unit="元")
    assert [finding for finding in told(findings) if finding[0] == "sources_mismatch"] == [
        ("sources_mismatch", "funds", 1, f"{column}_cny") for column in ("initial", "final", "executed")
    ]
    assert [str(fund.final_cny) for fund in form.funds] == ["20000.00", "0.00", "0.00"]


def test_sources_that_miss_their_sum_by_little() -> None:
    lines = (
        "年度资金总额 | 2000.03 | 2000.03 | 1900 | 10 | 95.00% | 9.5\n其中：中央财政资金 | 1000 | 1000 | 950 | - | | -"
    )
    form, findings = read(f"{MONEY}{lines}\n省级财政资金 | 1000 | 1000 | 950 | - | | -")
    assert [finding for finding in told(findings) if finding[0] == "sources_mismatch"] == [
        ("sources_mismatch", "funds", 1, "initial_cny"),
        ("sources_mismatch", "funds", 1, "final_cny"),
    ]
    assert str(form.funds[0].final_cny) == "20000300.00"


@pytest.mark.parametrize(
    ("amounts", "rate", "broken"),
    [
        ("100 | 100 | 85.75", "86%", False),
        ("100 | 100 | 49.88", "50%", False),
        ("100 | 100 | 31.08", "31.00%", True),
        ("250000.00 | 250000.00 | 215457.6", "86.18%", False),
        ("250000.00 | 250000.00 | 215457.6", "86.19%", True),
        ("100 | 100 | 0", "0", False),
        ("0 | 0 | 0", "0.00%", False),
        ("0.00 | 90 | 89.1", "99.00%", False),
        ("0 | 200 | 66.86", "100%", True),
    ],
)
def test_rates(amounts: str, rate: str, broken: bool) -> None:
    form, findings = read(f"{MONEY}年度资金总额 | {amounts} | - | {rate} | -")
    assert [f.code for f in findings if f.code is Code.RATE_MISMATCH] == ([Code.RATE_MISMATCH] if broken else [])
    assert form.funds[0].execution_rate_pct == float(rate.removesuffix("%"))
    assert form.funds[0].execution_rate_raw == rate


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("≥120个 | 69个 | 2 | 1", "1.15"),
        ("≥3807个 | 3224个 | 2 | 1.9", "1.69"),
        ("≥120个 | 69个 | 2 | 1.15", None),
        ("≥120个 | 69个 | 2 | 2", "1.15"),
        ("=31人 | 31人 | 10 | 9", "10.00"),
        ("≥72890元 | 72890元 | 20 | 19", "20.00"),
        ("≥90% | 95% | 30 | 27", "30.00"),
        ("≥90% | 95% | 30 | 30", None),
        ("≤100元 | 120元 | 10 | 8", None),
        ("≤100元 | 120元 | 10 | 10", "8.00"),
        ("≤100元 | 250元 | 10 | 0", None),
        ("100% | 50% | 10 | 10", None),  # no operator is printed
        ("高 | 高 | 10 | 9", None),
    ],
)
def test_scores_far_from_what_was_reached(row: str, value: str | None) -> None:
    indicators = f"{COLUMNS}\n产出指标 | 数量指标 | 甲项 | {row}\n效益指标 | 社会效益指标 | 乙 | 好 | 好 | 88 | 88"
    form, findings = read(f"{MONEY}年度资金总额 | 10 | 10 | 10 | 10 | 100% | 10", indicators)
    assert [f.value for f in findings if f.code is Code.SCORE_MISMATCH] == ([value] if value else [])
    assert form.indicators[0].score == float(row.split("|")[-1])


def test_a_met_target_with_a_lower_score_and_a_reason() -> None:
    rows = f"{COLUMNS} | 偏差原因\n产出指标 | 数量指标 | 甲项 | ≥90% | 95% | 30 | 27 | 资料归档不及时"
    _, findings = read(f"{MONEY}年度资金总额 | 10 | 10 | 10 | 10 | 100% | 10", rows)
    assert not [f for f in findings if f.code is Code.SCORE_MISMATCH]


def test_scores_above_their_weights() -> None:
    rows = f"{COLUMNS}\n产出指标 | 数量指标 | 甲项 | 好 | 好 | 90 | 95"
    form, findings = read(f"{MONEY}年度资金总额 | 10 | 10 | / | 10 | | 12", rows)
    assert told(findings) == [("score_mismatch", "funds", 1, "score"), ("score_mismatch", "indicators", 1, "score")]
    assert (form.funds[0].score, form.indicators[0].score) == (12, 95)


@pytest.mark.parametrize(
    ("execution", "indicator", "broken"),
    [("10", "90", False), ("10", "100", True), ("20", "80", False), ("10", "80", True), ("-", "80", False)],
)
def test_weights_without_a_printed_total(execution: str, indicator: str, broken: bool) -> None:
    rows = f"{COLUMNS}\n产出指标 | 数量指标 | 甲项 | 好 | 好 | {indicator} | {indicator}"
    form, findings = read(f"{MONEY}年度资金总额 | 10 | 10 | 10 | {execution} | 100% | {execution}", rows)
    assert [f.code for f in findings] == ([Code.WEIGHT_SUM_MISMATCH] if broken else [])
    assert form.head.weight_total is None


def test_the_row_of_20_points() -> None:
    money = """
预算执行情况（万元）（20分） | | 预算数（A） | 执行数（B） | 执行率（B/A） | 得分（20分*执行率）
^ | 年度财政资金总额 | {}
"""
    rows = """
一级指标 | 二级指标 | 三级指标 | 年初目标值（A） | 实际完成值（B） | 得分
产出指标 | 数量指标 | 甲 | ≥1个 | 1个 | 80
总分 | < | < | < | < | {}
"""
    for amounts, total, codes in (
        ("500 | 500 | 100% | 20", "100", []),
        ("500 | 450 | 90% | 18", "98", []),
        ("500 | 450 | 90% | 20", "100", [("score_mismatch", "funds", 1, "score")]),
        ("500 | 500 | 100% | 20", "98", [("score_sum_mismatch", "forms", None, "score_total")]),
    ):
        form, findings = read(money.format(amounts), rows.format(total))
        assert told(findings) == codes
        assert form.funds[0].weight == 20


def test_received_money_that_misses_its_sources() -> None:
    money = """
计划安排资金(万元) | 170 | 实际到位资金(万元) | 170 | 实际支出(万元) | 179.6 | 结余(万元) | 0
其中：中央财政 | | 其中：中央财政 | | 其中：中央财政 | | 其中：中央财政 |
市财政 | 170 | 市财政 | 170 | 市财政 | 170 | 市财政 |
其他 | | 其他 | 9.6 | 其他 | 9.6 | 其他 |
"""
    form, findings = read(money)
    assert ("sources_mismatch", "funds", 1, None) in told(findings)
    assert [f.raw for f in findings if f.code is Code.TEXT_LEFT_OUT] == ["170", "0", "170", "9.6"]
    assert [(f.source, f.final_raw, f.executed_raw) for f in form.funds] == [
        ("total", "170", "179.6"),
        ("central", None, None),
        ("prefecture", "170", "170"),
        ("other", None, "9.6"),
    ]
