"""Indicator rows: levels filled down, class rows, fillers, columns by content, values and findings of each row."""

from __future__ import annotations

import pytest
from literal_forms import content, table

from model import Code, Finding, IndicatorRow
from normalize import normalize

LEVELS = "一级指标 | 二级指标 | 三级指标"


def read(*blocks: str) -> tuple[list[IndicatorRow], list[Finding]]:
    forms, findings = normalize(
        content("2023年度项目支出绩效自评表", "项目名称 | 甲\n实施单位 | 县局", *blocks), "ab" * 32
    )
    return [row for form in forms for row in form.indicators], list(findings)


def rows(text: str) -> list[IndicatorRow]:
    return read(text)[0]


# ---------------------------------------------------------------------------------------------------------------------
# Levels
# ---------------------------------------------------------------------------------------------------------------------

FILLED = [
    ("产出指标", "数量指标", "甲"),
    ("产出指标", "数量指标", "乙"),
    ("效益指标", None, "丙"),
    ("效益指标", "社会效益指标", "丁"),
]


BODIES = {
    "second level begun before the first prints its text": """
 | 数量指标 | 甲 | 1 | 1
产出指标 | ^ | 乙 | 1 | 1
效益指标 | | 丙 | 1 | 1
^ | 社会效益指标 | 丁 | 1 | 1
""",
    "merged": """
产出指标 | 数量指标 | 甲 | 1 | 1
^ | ^ | 乙 | 1 | 1
效益指标 | | 丙 | 1 | 1
^ | 社会效益指标 | 丁 | 1 | 1
""",
    "blank below the first": """
产出指标 | 数量指标 | 甲 | 1 | 1
 | | 乙 | 1 | 1
效益指标 | | 丙 | 1 | 1
 | 社会效益指标 | 丁 | 1 | 1
""",
    "printed again": """
产出指标 | 数量指标 | 甲 | 1 | 1
产出指标 | 数量指标 | 乙 | 1 | 1
效益指标 | | 丙 | 1 | 1
效益指标 | 社会效益指标 | 丁 | 1 | 1
""",
    "first level again, second blank": """
产出指标 | 数量指标 | 甲 | 1 | 1
产出指标 | | 乙 | 1 | 1
效益指标 | | 丙 | 1 | 1
效益指标 | 社会效益指标 | 丁 | 1 | 1
""",
    "in rows of their own": """
产出指标 | | | |
 | 数量指标 | | |
 | | 甲 | 1 | 1
 | | 乙 | 1 | 1
效益指标 | | | |
 | | 丙 | 1 | 1
 | 社会效益指标 | | |
 | | 丁 | 1 | 1
""",
    "across the table": """
产出指标 | < | < | < | <
数量指标 | < | < | < | <
 | | 甲 | 1 | 1
 | | 乙 | 1 | 1
效益指标 | < | < | < | <
 | | 丙 | 1 | 1
 | 社会效益指标 | 丁 | 1 | 1
""",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_levels_fill_down(body: str) -> None:
    found = rows(f"{LEVELS} | 指标值 | 完成值{body}")
    assert [(row.level1, row.level2, row.name) for row in found] == FILLED


def test_a_class_row_prints_its_level_under_the_operator_too() -> None:
    found = rows(f"""
{LEVELS} | 指标性质 | 指标值 | 完成值
满意度指标 | | | | |
 | 服务对象满意度指 | | 服务对象满意度指标 | |
 | | 群众满意度 | ≥ | 90 | 92
""")
    assert [(row.level2, row.level2_raw, row.operator) for row in found] == [
        ("服务对象满意度指标", "服务对象满意度指", ">=")
    ]
    assert found[0].flags == ("level_mended",)


def test_a_class_row_that_prints_its_level_under_the_operator_only() -> None:
    found = rows(f"{LEVELS} | 指标性质 | 指标值 | 完成值\n产出指标 | | | 数量指标 | |\n | | 甲 | ≥ | 1 | 1")
    assert [(row.level1, row.level2) for row in found] == [("产出指标", "数量指标")]


def test_levels_go_on_under_a_head_printed_again() -> None:
    found, _ = read(
        f"{LEVELS} | 指标值 | 完成值\n产出指标 | 数量指标 | 甲 | 1 | 1", f"{LEVELS} | 指标值 | 完成值\n | | 乙 | 1 | 1"
    )
    assert [(row.row, row.level1, row.level2) for row in found] == [
        (1, "产出指标", "数量指标"),
        (2, "产出指标", "数量指标"),
    ]


def test_a_first_level_that_shows_its_weight_only() -> None:
    (row,) = rows(f"{LEVELS} | 指标值 | 完成值\n(50分) | 数量指标 | 甲 | 1 | 1")
    assert (row.level1, row.level1_raw, row.flags) == ("产出指标", "(50分)", ("level_inferred",))


# ---------------------------------------------------------------------------------------------------------------------
# Which rows are indicators
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "filler",
    [
        "产出指标 | 数量指标 | …… | | | ",
        "产出指标 | 数量指标 | / | / | / | /",
        "产出指标 | 数量指标 | 指标2： | | | ",
        "产出指标 | 时效指标 | 无 | 无 | 无 | ",
        " | | | | | ",
        "产出指标 | 数量指标 | 小计 | | | 50",
    ],
)
def test_fillers_give_no_row_and_no_finding(filler: str) -> None:
    found, findings = read(f"{LEVELS} | 指标值 | 完成值 | 分值\n产出指标 | 数量指标 | 甲 | 1 | 1 | 10\n{filler}")
    assert [row.name for row in found] == ["甲"]
    assert findings == []


@pytest.mark.parametrize("filler", ["产出指标 | 数量指标 | | | | 10", "产出指标 | 数量指标 | 指标2： | | | 10"])
def test_fillers_with_a_weight_are_quoted(filler: str) -> None:
    found, findings = read(f"{LEVELS} | 指标值 | 完成值 | 分值\n产出指标 | 数量指标 | 甲 | 1 | 1 | 10\n{filler}")
    assert [row.name for row in found] == ["甲"]
    assert [(f.code, f.severity, f.table) for f in findings] == [(Code.TEXT_LEFT_OUT, "info", "forms")]
    assert "10" in (findings[0].raw or "")


def test_totals_give_no_row() -> None:
    forms, findings = normalize(
        content(
            "项目名称 | 甲\n实施单位 | 县局",
            f"""
{LEVELS} | 指标值 | 完成值 | 分值 | 得分
产出指标 | 数量指标 | 甲 | 1 | 1 | 10 | 9
总分 | < | < | < | < | 10 | 9
""",
        ),
        "ab" * 32,
    )
    assert [row.name for row in forms[0].indicators] == ["甲"]
    assert (forms[0].head.weight_total, forms[0].head.score_total) == (10, 9)
    assert findings == ()


@pytest.mark.parametrize("total", ["总分：98.5分 | < | < | < | < | <", "自评总分 | < | < | < | < | 98.5"])
def test_a_total_of_scores_only(total: str) -> None:
    forms, _ = normalize(
        content(f"{LEVELS} | 指标值 | 完成值 | 得分\n产出指标 | 数量指标 | 甲 | 1 | 1 | 98.5\n{total}"), "ab" * 32
    )
    assert (forms[0].head.weight_total, forms[0].head.score_total) == (None, 98.5)


def test_a_name_alone_is_an_indicator() -> None:
    found = rows(f"{LEVELS} | 指标值 | 完成值\n产出指标 | 质量指标 | 合格程度 | | ")
    assert [(row.name, row.target_raw, row.actual_raw) for row in found] == [("合格程度", None, None)]


def test_values_without_a_name_stay() -> None:
    (row,) = rows(f"{LEVELS} | 指标值 | 完成值\n满意度指标 | 服务对象满意度指标 | | ≥90% | 95%")
    assert (row.name, row.name_status, row.target_value, row.actual_value) == (None, "truncated", 90, 95)


def test_a_row_that_fits_nothing_is_a_finding() -> None:
    found, findings = read(
        f"{LEVELS} | 指标值 | 完成值\n产出指标 | 数量指标 | 甲 | 1 | 1\n说不清的一行 | < | < | < | <"
    )
    assert len(found) == 1
    assert [(f.code, f.raw) for f in findings] == [(Code.ROW_UNPLACED, "说不清的一行")]


def test_text_under_an_unknown_head_is_kept() -> None:
    found, findings = read(f"{LEVELS} | 指标值 | 完成值 | 怪异列\n产出指标 | 数量指标 | 甲 | 1 | 1 | 内容")
    assert found[0].flags == ("head_unknown",)
    assert [(f.table, f.row, f.raw) for f in findings] == [("forms", None, "怪异列"), ("indicators", 1, "内容")]


# ---------------------------------------------------------------------------------------------------------------------
# Columns
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        (f"{LEVELS} | 指标性质 | 指标值 | 度量单位 | 完成值 | 分值 | 得分", "≥ | 90 | 次 | 92 | 10 | 9"),
        (f"{LEVELS} | 分值 | 年度指标值 | 全年实际值 | 得分", "10 | ≥90次 | 92次 | 9"),
        (f"{LEVELS} | 计算符号 | 指标值 | 实际完成值 | 计量单位 | 分值 | 得分", "≥ | 90 | 92 | 次 | 10 | 9"),
        (f"{LEVELS} | 年初目标值（A） | 实际完成值（B） | 权重 | 自评得分", "不少于90次 | 92次 | 10分 | 9"),
        (f"{LEVELS} | 年度指标值 | < | 完成值 | 分值 | 得分", "≥90 | 次 | 92 | 10 | 9"),
        (f"{LEVELS} |  | 指标值 | 度量单位 | 完成值 | 分值 | 得分", "≥ | 90 | 次 | 92 | 10 | 9"),
        (f"{LEVELS} | 指标值 |  | 完成值 | 分值 | 得分", "≥90 | 次 | 92 | 10 | 9"),
    ],
)
def test_columns_wherever_they_stand(head: str, cells: str) -> None:
    (row,) = rows(f"{head}\n产出指标 | 数量指标 | 甲 | {cells}")
    assert (row.operator, row.target_value, row.unit, row.actual_value, row.actual_unit) == (">=", 90, "次", 92, "次")
    assert (row.weight, row.score, row.achieved) == (10, 9, True)
    assert row.flags == ("score_mismatch",)  # 9 of 10 for a met target


def test_a_column_of_natures_is_no_operator() -> None:
    (row,) = rows(f"{LEVELS} | 指标性质 | 指标值 | 完成值\n产出指标 | 数量指标 | 甲 | 定量 | ≥90% | 95%")
    assert (row.operator, row.operator_raw, row.operator_source) == (">=", "≥", "symbol")


def test_codes_without_a_book_are_findings() -> None:
    (row,) = rows(f"{LEVELS} | 指标性质 | 指标值 | 完成值\n产出指标 | 数量指标 | 甲 | 7 | 90 | 95")
    assert (row.operator, row.operator_raw, row.achieved) == (None, "7", None)
    assert row.flags == ("code_unknown",)


def test_merged_values_hold_for_all_their_rows_and_weights_for_one() -> None:
    found = rows(f"""
{LEVELS} | 指标值 | 完成值 | 分值 | 未完成原因
产出指标 | 数量指标 | 甲 | 1 | 1 | 10 | 天气
^ | ^ | 乙 | 2 | 1 | ^ | ^
""")
    assert [(row.weight, row.reason) for row in found] == [(10, "天气"), (None, "天气")]


def test_a_table_that_goes_on_without_a_head() -> None:
    first = f"{LEVELS} | 指标值 | 完成值 | 未完成原因\n产出指标 | 数量指标 | 甲 | 1 | 1 | "
    more = table(" | | 乙 | 2 | 1 | 天气\n | | 丙 | 2 | 2 | ", page=2)
    forms, _ = normalize(content("项目名称 | 甲 | < | < | < | <\n" + first, more), "ab" * 32)
    assert [(row.name, row.page, row.level2) for row in forms[0].indicators] == [
        ("甲", 1, "数量指标"),
        ("乙", 2, "数量指标"),
        ("丙", 2, "数量指标"),
    ]


def test_the_box_of_a_row() -> None:
    found = rows(f"{LEVELS} | 指标值 | 完成值\n产出指标 | 数量指标 | 甲 | 1 | 1\n^ | ^ | 乙 | 1 | 1")
    assert [(row.x0, row.y0, row.x1, row.y1) for row in found] == [(40, 120, 340, 140), (40, 140, 340, 160)]


# ---------------------------------------------------------------------------------------------------------------------
# Values
# ---------------------------------------------------------------------------------------------------------------------


def one(target: str, actual: str, unit: str = "", name: str = "甲乙丙") -> IndicatorRow:
    (row,) = rows(f"{LEVELS} | 指标值 | 度量单位 | 完成值\n产出指标 | 数量指标 | {name} | {target} | {unit} | {actual}")
    return row


def test_magnitudes_and_units() -> None:
    row = one("350000", "333万", "份")
    assert (row.target_value, row.actual_value, row.actual_raw, row.actual_unit) == (350000, 3330000, "333万", "份")
    row = one("≤90万元", "90")
    assert (row.target_value, row.unit, row.unit_raw, row.actual_value, row.actual_unit) == (
        900000,
        "元",
        "万元",
        900000,
        "元",
    )


def test_a_unit_in_the_names_brackets() -> None:
    row = one("≤150", "125.25", name="成本控制数(万元)")
    assert (row.name, row.target_value, row.unit, row.actual_value) == ("成本控制数(万元)", 1500000, "元", 1252500)


def test_an_actual_in_another_unit() -> None:
    row = one("100%", "1000件")
    assert (row.unit, row.actual_unit, row.achieved, row.achievement_pct) == ("%", "件", None, None)
    assert row.flags == ("unit_differs",)


def test_an_operator_before_the_actual() -> None:
    row = one("≥266米", "≥266米")
    assert (row.actual_value, row.achieved, row.flags) == (266, True, ("operator_in_actual",))


def test_text_is_no_number() -> None:
    row = one("显著提升", "达成预期指标")
    assert (row.target_value, row.actual_value, row.actual_unit, row.achieved) == (None, None, None, None)


def test_several_numbers_are_none() -> None:
    row = one("854万854万", "854万")
    assert (row.target_value, row.target_raw, row.flags) == (None, "854万854万", ("value_ambiguous",))


def test_a_target_that_repeats_the_name() -> None:
    row = one("甲乙丙不低于80%", "85%")
    assert (row.operator, row.target_value, row.unit, row.target_raw) == (">=", 80, "%", "甲乙丙不低于80%")


def test_an_operator_in_the_name() -> None:
    row = one("85", "90", name="苗木成活率(≥**%)")
    assert (row.operator, row.target_value, row.unit, row.actual_value, row.achieved) == (">=", 85, "%", 90, True)
    assert row.flags == ("operator_in_name",)


def test_a_value_in_the_name() -> None:
    row = one("", "", name="年度资金支付完成率100%")
    assert (row.target_value, row.unit, row.target_raw) == (100, "%", None)
    assert row.flags == ("value_in_name", "actual_missing")


def test_dates() -> None:
    row = one("2023年10月底前", "2023年11月底")
    assert (str(row.target_date), str(row.actual_date), row.achieved) == ("2023-10-31", "2023-11-30", False)


def test_the_adjusted_target_counts_where_it_is_filled() -> None:
    found = rows(
        "指标名称 | 计量单位 | 年初指标值 | 调整指标值 | 全年完成值\n甲 | 万元 | 90 | 80 | 78\n乙 | 人 | 5 | | 6"
    )
    assert [(row.target_value, row.flags) for row in found] == [(800000, ("goal_adjusted",)), (5, ())]


def test_a_weight_that_is_no_number() -> None:
    (row,) = rows(f"{LEVELS} | 指标值 | 完成值 | 分值\n产出指标 | 数量指标 | 甲 | 1 | 1 | 十来分")
    assert (row.weight, row.flags) == (None, ("number_not_understood",))


def test_clipped_text_is_kept_and_told() -> None:
    text = f"""
项目名称 | 某 | < | < | < | <
{LEVELS} | 指标值 | 完成值 | 说明
产出指标 | 数量指标 | 甲 | 1 | 1 | 因天气推迟
"""
    forms, findings = normalize(content(table(text, shown={"因天气推迟": "因天气"})), "ab" * 32)
    assert forms[0].indicators[0].reason == "因天气推迟"
    assert [(f.code, f.raw, f.value) for f in findings] == [(Code.TEXT_CLIPPED, "因天气", "因天气推迟")]


def test_a_first_level_that_a_note_names_by_its_weight() -> None:
    grid = f"{LEVELS} | 指标值 | 完成值\n(50分) | 其它 | 甲 | 1 | 1\n(40分) | 其它 | 乙 | 1 | 1"
    found, _ = read(grid, "注：1.一级指标分值统一设置为：产出指标50分、效益指标30分。")
    assert [(row.level1, row.flags) for row in found] == [("产出指标", ("level_inferred",)), (None, ())]


def test_a_clipped_level_is_told_in_all_its_rows() -> None:
    text = f"{LEVELS} | 指标值 | 完成值\n满意度指标 | 服务对象满意度指标 | 甲 | 1 | 1\n^ | ^ | 乙 | 1 | 1"
    forms, _ = normalize(content(table(text, shown={"服务对象满意度指标": "服务对象满意度指"})), "ab" * 32)
    for row in forms[0].indicators:
        assert (row.level2, row.level2_raw) == ("服务对象满意度指标", "服务对象满意度指")
        assert row.flags == ("text_clipped",)
