"""Each check of a form's figures, passing and failing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from model import Code, Finding, FundRow, IndicatorRow
from normalize.checks import (
    check_actuals,
    check_adjustment,
    check_composition,
    check_duplicates,
    check_execution_score,
    check_rates,
    check_scores,
    check_sources,
    check_totals,
)

YUAN, WAN = Decimal(1), Decimal(10000)


def fund(source: str, *amounts: str | None, scale: Decimal = YUAN, line: int = 1, **more: object) -> FundRow:
    """A line with initial, adjustment, final and executed amounts as printed; those left out are blank."""
    raws = [*amounts, *[None] * (4 - len(amounts))]
    cny = [None if raw is None else Decimal(raw) * scale for raw in raws]
    row = FundRow("f", line, 1, source, source, *cny, *raws, None, None, None, None, None)
    return replace(row, **more)  # type: ignore[arg-type]


def indicator(n: int, name: str, **more: object) -> IndicatorRow:
    row = IndicatorRow(
        form_id="f", row=n, page=1, x0=None, y0=None, x1=None, y1=None, level1="产出指标", level2="数量指标",
        level1_raw=None, level2_raw=None, name=name, name_raw=name, name_status="complete", name_source=None,
        name_evidence=None, operator=">=", operator_source="symbol", operator_raw="≥", target_raw="90",
        target_value=90.0, target_max=None, target_date=None, unit="%", unit_raw="%", actual_raw="92",
        actual_value=92.0, actual_date=None, actual_unit="%", achieved=True, achievement_pct=102.2,
        weight=None, score=None, reason=None,
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def told(findings: object) -> list[tuple[Code, int | None, str | None, str | None]]:
    found: list[Finding] = list(findings)  # type: ignore[call-overload]
    return [(f.code, f.row, f.column, f.value) for f in found]


# ---------------------------------------------------------------------------------------------------------------------
# Money
# ---------------------------------------------------------------------------------------------------------------------


def test_adjustment() -> None:
    good = fund("total", "170294599.63", "-3361340.55", "166933259.08")
    assert told(check_adjustment([good], YUAN)) == []
    off = fund("total", "170294599.63", "-3361340.55", "166933259.09")
    assert told(check_adjustment([off], YUAN)) == [(Code.ADJUSTMENT_MISMATCH, 1, "final_cny", None)]


def test_adjustment_forces_a_blank_amount() -> None:
    blank = fund("other", "2000000.00", "-2000000.00")
    assert told(check_adjustment([blank], YUAN)) == [(Code.AMOUNT_FORCED, 1, "final_cny", "0.00")]
    assert told(check_adjustment([fund("other", "1", None, "2")], YUAN)) == []  # a form without adjustments


def test_rounded_amounts_in_ten_thousands() -> None:
    rounded = fund("total", "10.01", "0.01", "10.03", scale=WAN)
    assert told(check_adjustment([rounded], WAN)) == []
    assert told(check_adjustment([fund("total", "10.01", "0.01", "10.04", scale=WAN)], WAN)) != []
    assert told(check_adjustment([fund("total", "10", "1", "12", scale=WAN)], WAN)) != []


def test_composition() -> None:
    lines = [fund("total", "30"), fund("basic", "10", line=2), fund("project", "20", line=3)]
    assert told(check_composition(lines, YUAN)) == []
    lines[2] = fund("project", "21", line=3)
    assert told(check_composition(lines, YUAN)) == [(Code.COMPOSITION_MISMATCH, 2, "initial_cny", None)]
    assert told(check_composition(lines[:2], YUAN)) == []


def test_sources() -> None:
    lines = [fund("total", "30"), fund("fiscal", "20", line=2), fund("other", "10", line=3)]
    assert told(check_sources(lines, YUAN)) == []
    lines[2] = fund("other", "9", line=3)
    assert told(check_sources(lines, YUAN)) == [(Code.SOURCES_MISMATCH, 1, "initial_cny", None)]
    lines[2] = fund("other", line=3)
    assert told(check_sources(lines, YUAN)) == [(Code.AMOUNT_FORCED, 3, "initial_cny", "10.00")]


def test_sources_under_project_money() -> None:
    lines = [fund("total", "50"), fund("basic", "20"), fund("project", "30"), fund("fiscal", "30"), fund("other", "0")]
    assert told(check_sources(lines, YUAN)) == []


def test_sources_above_their_sum() -> None:
    lines = [fund("fiscal", "20"), fund("other", "10", line=2), fund("total", "30", line=3)]
    assert told(check_sources(lines, YUAN)) == []
    lines[2] = fund("total", "31", line=3)
    assert told(check_sources(lines, YUAN)) == [(Code.SOURCES_MISMATCH, 3, "initial_cny", None)]


def test_a_source_that_is_part_of_another() -> None:
    levels = [fund("central", "15"), fund("county", "5")]
    assert told(check_sources([fund("total", "30"), fund("fiscal", "20"), *levels, fund("other", "10")], YUAN)) == []


@pytest.mark.parametrize(("total", "part", "broken"), [("100", "90", False), ("0", "90", True), ("90", "90", False)])
def test_one_source_is_not_more_than_the_sum(total: str, part: str, broken: bool) -> None:
    found = told(check_sources([fund("total", total), fund("fiscal", part)], YUAN))
    assert [code for code, *_ in found] == ([Code.SOURCES_MISMATCH] if broken else [])


@pytest.mark.parametrize(
    ("executed", "final", "rate", "raw", "right"),
    [
        ("165794459.08", "166933259.08", 99.32, "99.32", True),
        ("85.75", "100", 86.0, "86%", True),
        ("49.88", "100", 50.0, "50%", True),
        ("31.08", "100", 31.0, "31.00%", False),
        ("86.18", "100", 86.19, "86.19%", False),
        ("10", "0", 0.0, "0.00%", True),
        ("10", None, 50.0, "50%", True),
    ],
)
def test_rates(executed: str, final: str | None, rate: float, raw: str, right: bool) -> None:
    line = fund("total", None, None, final, executed, execution_rate_pct=rate, execution_rate_raw=raw)
    assert [code for code, *_ in told(check_rates([line]))] == ([] if right else [Code.RATE_MISMATCH])


@pytest.mark.parametrize(
    ("rate", "weight", "score", "right"),
    [
        (86.18, 10.0, 8.62, True),
        (45.17, 10.0, 4.52, True),
        (99.3, 10.0, 10.0, True),
        (120.0, 10.0, 10.0, True),
        (100.0, 20.0, 20.0, True),
        (83.5, 100.0, 98.0, False),
        (50.0, 10.0, 10.0, False),
    ],
)
def test_execution_score(rate: float, weight: float, score: float, right: bool) -> None:
    line = fund("total", execution_rate_pct=rate, weight=weight, score=score)
    assert [code for code, *_ in told(check_execution_score([line]))] == ([] if right else [Code.SCORE_MISMATCH])


def test_execution_score_by_the_amounts_where_no_rate_is_printed() -> None:
    line = fund("total", None, None, "100", "50", weight=10.0, score=5.0)
    assert told(check_execution_score([line])) == []
    assert told(check_execution_score([replace(line, score=9.0)])) == [(Code.SCORE_MISMATCH, 1, "score", "5.00")]


# ---------------------------------------------------------------------------------------------------------------------
# Weights, scores and indicators
# ---------------------------------------------------------------------------------------------------------------------


def test_a_score_within_its_weight() -> None:
    assert told(check_scores([indicator(1, "甲", weight=10.0, score=10.0), indicator(2, "乙", score=5.0)])) == []
    assert told(check_scores([indicator(1, "甲", weight=10.0, score=11.0)])) == [
        (Code.SCORE_MISMATCH, 1, "score", None)
    ]


def test_totals() -> None:
    execution = fund("total", weight=20.0, score=20.0)
    rows = [indicator(1, "甲", weight=40.0, score=40.0), indicator(2, "乙", weight=40.0, score=39.6)]
    assert told(check_totals([execution], rows, 100.0, 99.6)) == []
    assert told(check_totals([execution], rows, None, None)) == []
    assert told(check_totals([], rows, 100.0, 99.6)) == [
        (Code.WEIGHT_SUM_MISMATCH, None, "weight_total", "80.00"),
        (Code.SCORE_SUM_MISMATCH, None, "score_total", "79.60"),
    ]


def test_duplicates() -> None:
    full, cut = "全市机动车驾驶人满意度", "全市机动车驾驶"
    assert told(check_duplicates([indicator(1, full), indicator(2, full, operator=">")])) == [
        (Code.DUPLICATE_INDICATOR, 1, "name", "2"),
        (Code.DUPLICATE_INDICATOR, 2, "name", "1"),
    ]
    truncated = indicator(2, cut, name_status="truncated")
    assert [row for _, row, *_ in told(check_duplicates([indicator(1, full), truncated]))] == [1, 2]
    assert told(check_duplicates([indicator(1, full), indicator(2, cut)])) == []
    assert told(check_duplicates([indicator(1, full), indicator(2, full, target_raw="95")])) == []
    assert told(check_duplicates([indicator(1, full), indicator(2, full, level2="质量指标")])) == []


def test_a_blank_actual() -> None:
    assert told(check_actuals([indicator(1, "甲", actual_raw=None)])) == [(Code.ACTUAL_MISSING, 1, "actual_raw", "90")]
    assert told(check_actuals([indicator(1, "甲", actual_raw=None, target_value=None, target_raw="好")])) == []


@pytest.mark.parametrize(
    ("target", "actual", "pct", "far"),
    [
        ("350000", "333万", 951.4, True),
        ("350000", "100万", 285.7, False),
        ("35万", "333万", 951.4, False),
        ("3", "28", 933.3, False),
        ("6", "150", 2500.0, True),
        ("350000", "35", 0.01, True),
        ("800000", "0", 0.0, False),
        ("90", "92", 102.2, False),
    ],
)
def test_an_actual_far_from_its_target(target: str, actual: str, pct: float, far: bool) -> None:
    row = indicator(1, "甲", target_raw=target, actual_raw=actual, achievement_pct=pct, unit_raw="份")
    assert [code for code, *_ in told(check_actuals([row]))] == ([Code.ACTUAL_IMPLAUSIBLE] if far else [])
