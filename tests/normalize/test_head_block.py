"""The head block: bodies, project and its code, year and scope."""

from __future__ import annotations

import pytest
from literal_forms import content

from model import Code
from normalize.find import FormParts, find_forms
from normalize.head import HeadBlock, parse_head

INDICATORS = """
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值
产出指标 | 数量指标 | 甲 | ≥1个 | 1个
"""


def parts(*blocks: str) -> FormParts:
    return find_forms(content(*blocks, INDICATORS))[0]


def head(*blocks: str, goals: tuple[str, ...] = ()) -> HeadBlock:
    return parse_head(parts(*blocks), goals)


def test_labels_beside_their_values() -> None:
    read = head(
        "项目支出绩效自评表", "项目名称 | 道路养护 | 主管部门 | 县交通局\n实施单位（盖章） | 县公路段 | 联系电话 | 123"
    )
    assert (read.project, read.department, read.unit) == ("道路养护", "县交通局", "县公路段")
    assert read.findings == ()


def test_labels_with_colons_on_lines_and_in_cells() -> None:
    read = head("填报单位：县林业局  填报日期：2024年1月", "项目名称：造林 | <\n主管部门： | 县林业局")
    assert (read.project, read.department, read.unit) == ("造林", "县林业局", "县林业局")


def test_a_blank_value_stays_blank() -> None:
    assert head("项目名称 | 甲\n主管部门 | ").department is None


def test_the_value_of_one_label_is_not_the_next_label() -> None:
    read = head("项目名称 | 主管部门 | 县局")
    assert (read.project, read.department) == (None, "县局")


@pytest.mark.parametrize(
    ("printed", "project", "code"),
    [
        ("51000021R000000026813-工资性支出", "工资性支出", "51000021R000000026813"),
        ("530300221100000428653—道路维护", "道路维护", "530300221100000428653"),
        ("2023年造林补助", "2023年造林补助", None),
        ("2023-2024年度护林补助", "2023-2024年度护林补助", None),
        ("5G-智慧项目", "5G-智慧项目", None),
    ],
)
def test_code_before_a_project(printed: str, project: str, code: str | None) -> None:
    read = head(f"项目名称 | {printed}")
    assert (read.project, read.project_code) == (project, code)


@pytest.mark.parametrize(
    ("printed", "body"),
    [
        ("219-池州市贵池区教育局", "池州市贵池区教育局"),
        ("[219]甘肃省教育厅", "甘肃省教育厅"),
        ("北京市科委 019", "北京市科委"),
        ("县卫健局（126）", "县卫健局"),
        ("第301医院", "第301医院"),
    ],
)
def test_codes_of_bodies_go(printed: str, body: str) -> None:
    assert head(f"项目名称 | 甲\n主管部门及代码 | {printed}").department == body


def test_the_unit_is_the_named_one_where_it_says_the_same() -> None:
    assert head("单位名称 | 县农业局\n项目名称 | 甲\n实施单位 | 本单位").unit == "县农业局"
    assert head("单位名称 | 县农业局\n项目名称 | 甲\n实施单位 | 种子站").unit == "种子站"


def test_the_local_body_counts_for_transfers() -> None:
    read = head("转移支付(项目)名称 | 就业补助\n中央主管部门 | 人社部\n地方主管部门 | 县人社局")
    assert (read.department, read.scope) == ("县人社局", "transfer")


@pytest.mark.parametrize(
    ("title", "label", "scope"),
    [
        ("2023年度部门整体支出绩效自评表", "部门名称", "department"),
        ("部门整体支出绩效自评表", "单位名称", "department"),
        ("部门预算项目支出绩效自评表(2023年度)", "项目名称", "project"),
        ("2020年度县级专项资金绩效目标自评表", "专项资金名称", "project"),
        ("转移支付区域(项目)绩效目标自评表", "项目名称", "transfer"),
        ("绩效自评表", "单位名称", None),
    ],
)
def test_scope(title: str, label: str, scope: str | None) -> None:
    assert head(title, f"{label} | 甲").scope == scope


@pytest.mark.parametrize(
    ("blocks", "year"),
    [
        (("2023年度项目支出绩效自评表", "项目名称 | 甲"), 2023),
        (("项目支出绩效自评表", "（2021年度）", "项目名称 | 甲"), 2021),
        (("项目支出绩效自评表(2016年度)", "项目名称 | 甲"), 2016),
        (("二〇二三年度项目支出绩效自评表", "项目名称 | 甲"), 2023),
        (("项目支出绩效自评表", "项目名称 | 甲 | 年度 | 2022"), 2022),
        (("项目支出绩效自评表", "项目名称 | 2021年造林"), None),
        (("2020年度项目绩效自评表", "填报日期：2021年3月15日", "项目名称 | 甲"), 2020),
    ],
)
def test_fiscal_year(blocks: tuple[str, ...], year: int | None) -> None:
    assert head(*blocks).fiscal_year == year


def test_a_year_that_only_the_goal_names() -> None:
    assert head("项目支出绩效自评表", "项目名称 | 甲", goals=("2023年度完成甲。",)).fiscal_year == 2023
    assert head("项目支出绩效自评表", "项目名称 | 甲", goals=("2022年结余，2023年完成。",)).fiscal_year is None


def test_years_that_contradict_each_other() -> None:
    blocks = ("2023年度项目支出绩效自评表", "（2022年度）", "项目名称 | 甲")
    read = head(*blocks)
    assert read.fiscal_year is None
    assert [finding.code for finding in read.findings] == [Code.HEAD_CONFLICT]
    assert head(*blocks, goals=("2022年完成甲。",)).fiscal_year == 2022


def test_text_beside_no_label_is_a_finding() -> None:
    (finding,) = head("项目名称 | 甲 | 怪异标签 | 怪异值").findings
    assert (finding.code, finding.raw) == (Code.ROW_UNPLACED, "怪异标签 怪异值")
