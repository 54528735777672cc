"""Goals: in one cell, beside each other, under each other, twice, with markup."""

from __future__ import annotations

import pytest
from literal_forms import content

from model import Code
from normalize.find import find_forms
from normalize.goals import GoalBlock, parse_goals

INDICATORS = "\n一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值\n产出指标 | 数量指标 | 甲 | ≥1个 | 1个\n"


def goals(rows: str) -> GoalBlock:
    (form,) = find_forms(content("项目支出绩效自评表", "项目名称 | 甲 | < | < | <\n" + rows.strip() + INDICATORS))
    return parse_goals(form.goals)


@pytest.mark.parametrize(
    ("rows", "expected", "actual"),
    [
        ("部门年度目标 | 保障。 | < | < | <", "保障。", None),
        ("年度总体目标 | 预期目标 | < | 实际完成情况 | <\n^ | 保障。 | < | 已保障。 | <", "保障。", "已保障。"),
        ("年度总体目标 | 预期目标 | < | 实际完成情况 | <\n | 保障。 | < | 已保障。 | <", "保障。", "已保障。"),
        ("预期目标 | 保障。 | < | < | <\n实际完成情况 | 已保障。 | < | < | <", "保障。", "已保障。"),
        ("年初设定目标 | < | 年度总体目标完成情况综述 | < | <\n保障。 | < | 已保障。 | < | <", "保障。", "已保障。"),
        ("年度总体目标 | 预期目标 | < | 实际完成情况 | <\n^ | 保障。 | < | | <", "保障。", None),
        ("项目绩效目标 | 项目总目标 | < | 年度总体目标 | <\n^ | 建成。 | < | 开工。 | <", "开工。", None),
        (
            "年度总体目标 | 预期目标 | < | 实际完成情况 | <\n^ | 保障目标完成情况良好 | < | 完成情况 | <",
            "保障目标完成情况良好",
            "完成情况",
        ),
    ],
)
def test_goals(rows: str, expected: str | None, actual: str | None) -> None:
    read = goals(rows)
    assert (read.expected, read.actual) == (expected, actual)


def test_the_adjusted_goal_counts_where_it_is_filled() -> None:
    head = "年初绩效目标 | < | 全年(调整)绩效目标 | 全年目标实际完成情况 | <\n"
    read = goals(head + "年初。 | < | 调整。 | 完成。 | <")
    assert (read.expected, read.actual) == ("调整。", "完成。")
    assert [(finding.code, finding.raw) for finding in read.findings] == [(Code.GOAL_ADJUSTED, "年初。")]
    read = goals(head + "年初。 | < | | 完成。 | <")
    assert (read.expected, read.findings) == ("年初。", ())


def test_markup_goes_and_is_told() -> None:
    read = goals("部门年度目标 | <p>保障。</p> | < | < | <")
    assert read.expected == "保障。"
    assert [finding.code for finding in read.findings] == [Code.MARKUP_REMOVED]


def test_the_reason_of_a_missed_goal() -> None:
    rows = "年度绩效目标 | < | 实际完成情况 | < | 偏差原因分析及改进措施\n保障。 | < | 部分保障。 | < | 因疫情。"
    assert goals(rows).reason == "因疫情。"
