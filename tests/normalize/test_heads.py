"""Heads of columns: every printed variant in the tables, and where heads stand in a grid."""

from __future__ import annotations

import pytest
from literal_forms import table

from normalize.cases import load
from normalize.heads import Block, Role, columns_of, find_heads, is_continued_by, role_of
from normalize.rows import table_rows

CASES = load("heads", key=("block", "pattern"), columns=("block", "role", "pattern", "examples"))
EXAMPLES = [(c["block"], c["role"], e) for c in CASES.values() for e in c["examples"].split(";")]


@pytest.mark.parametrize(("block", "role", "printed"), EXAMPLES)
def test_every_example_has_its_role(block: str, role: str, printed: str) -> None:
    assert role_of(printed, Block(block)) is Role(role)


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("年度 指标 值", Role.TARGET),
        ("实际完成值（B）", Role.ACTUAL),
        ("全年（实际）完成值", Role.ACTUAL),
        ("指标（目标）值", Role.TARGET),
        ("三 级\u3000指 标", Role.NAME),
        ("得分（40分）", Role.SCORE),
        ("偏差原因分析及改进措施：", Role.REASON),
        ("完成率", Role.OTHER),
        ("科目三小车考试服务人次", Role.UNKNOWN),
        ("按照年初预算完成工作目标任务。", Role.UNKNOWN),
        ("", Role.UNKNOWN),
    ],
)
def test_heads_of_indicators(printed: str, role: Role) -> None:
    assert role_of(printed, Block.INDICATOR) is role


@pytest.mark.parametrize(
    ("printed", "role"),
    [
        ("预算调整数", Role.ADJUSTMENT),
        ("调整预算数", Role.FINAL),
        ("调整后预算数", Role.FINAL),
        ("全年（调整）预算数", Role.FINAL),
        ("预算数", Role.FINAL),
        ("年初预算数(A)", Role.INITIAL),
        ("预算执行率（B/A×100%）", Role.RATE),
        ("执行率权重", Role.WEIGHT),
        ("执行率得分(分)", Role.SCORE),
        ("预算调整数（调增为“+”；调减为", Role.ADJUSTMENT),  # cut by its cell
        ("执行数（系统提取", Role.EXECUTED),
        ("（系统提取", Role.UNKNOWN),
    ],
)
def test_heads_of_money(printed: str, role: Role) -> None:
    assert role_of(printed, Block.MONEY) is role


def roles(text: str) -> list[list[str]]:
    return [[c.role.value for c in head.columns] for head in find_heads(table_rows(table(text)))]


def test_two_rows_of_heads_with_blanks_between() -> None:
    assert roles("""
绩效指标 | < | < | 指标性质 | 指标值 | 实际完成值
一级指标 | 二级指标 | 三级指标 | | |
产出指标 | 数量指标 | 甲 | 004 | 1 | 1
""") == [["level1", "level2", "name", "operator", "target", "actual"]]


def test_heads_under_a_head_of_several() -> None:
    assert roles("""
绩效指标 | < | < | 年度指标值 | < | < | 实际完成值
一级指标 | 二级指标 | 三级指标 | 指标性质 | 指标值 | 度量单位 | ^
产出指标 | 数量指标 | 甲 | ≥ | 1 | 次 | 1
""") == [["level1", "level2", "name", "operator", "target", "unit", "actual"]]


def test_three_levels_merged_over_the_subheads() -> None:
    assert roles("""
一级指标 | 二级指标 | 三级指标 | 年度指标值 | < | 实际完成值
^ | ^ | ^ | 指标值 | 计量单位 | ^
产出指标 | 数量指标 | 甲 | 1 | 次 | 1
""") == [["level1", "level2", "name", "target", "unit", "actual"]]


def test_the_weight_beside_the_name_counts() -> None:
    found = roles("""
一级指标 | 分值 | 二级指标 | 分值 | 三级指标 | 分值 | 目标值 | 完成值
产出指标 | 50 | 数量指标 | 50 | 甲 | 25 | 1 | 1
""")
    assert found == [["level1", "other", "level2", "other", "name", "weight", "target", "actual"]]


def test_a_row_of_goals_above_is_no_head() -> None:
    assert roles("""
实际完成情况 | 完成 | < | <
一级指标 | 二级指标 | 三级指标 | 指标值
产出指标 | 数量指标 | 甲 | 1
""") == [["level1", "level2", "name", "target"]]


def test_standards_have_no_head_of_a_form() -> None:
    assert (
        roles("""
一级指标 | 二级指标 | 三级指标 | 分值 | 评价标准 | 得分
决策 | 项目立项 | 立项依据 | 5 | 充分 | 5
""")
        == []
    )


def test_labels_of_lines_under_a_head_of_amounts() -> None:
    assert roles("""
年度预算数(万元) | 年初预算 | 调整后预算数 | 预算执行数
总额 | 1 | 1 | 1
""") == [["label", "initial", "final", "executed"]]


def test_columns_of_a_table_that_goes_on_without_a_head() -> None:
    first = table("""
一级指标 | 二级指标 | 三级指标 | 指标值 | 实际完成值
产出指标 | 数量指标 | 甲 | 1 | 1
""")
    second = table(
        """
| | 乙 | 1 | 1
| | 丙 | 1 | 1
""",
        page=2,
    )
    elsewhere = table("| 乙 | 1\n| 丙 | 1", page=2, left=55)
    head = find_heads(table_rows(first))[0]
    assert is_continued_by(head, second)
    assert not is_continued_by(head, elsewhere)
    assert [(c.role, c.c0) for c in columns_of(head, second)] == [(c.role, c.c0) for c in head.columns]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "一级指标 | 二级指标 | 绩效指标 | 指标值\n产出指标 | 数量指标 | 甲 | 1",
            ["level1", "level2", "name", "target"],
        ),
        ("一级指标 | 二级指标 | 指标值\n产出指标 | 培训人数 | 1\n | 培训天数 | 1", ["level1", "name", "target"]),
        (
            "绩效指标 | 一级指标 | 二级指标 | 三级指标 | 指标值\n^ | 产出指标 | 数量指标 | 甲 | 1",
            ["side", "level1", "level2", "name", "target"],
        ),
    ],
)
def test_the_column_of_names(text: str, found: list[str]) -> None:
    assert roles(text) == [found]


def test_the_actual_behind_the_target_counts() -> None:
    found = roles("指标名称 | 2022年完成值 | 2023年目标值 | 2023年完成值\n甲 | 1 | 2 | 2")
    assert found == [["name", "other", "target", "actual"]]
