"""The money block: sources, columns, units printed and real, amounts in yuan."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from literal_forms import content

from model import Code
from normalize.find import find_forms
from normalize.labels import find_source
from normalize.money import MoneyBlock, parse_money
from normalize.money_unit import find_printed_unit, settle_unit
from normalize.values import parse_amount

INDICATORS = "\n一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值\n产出指标 | 数量指标 | 甲 | ≥1个 | 1个\n"
COUNTY = ("县交通局",)


def money(rows: str, bodies: tuple[str, ...] = COUNTY, mentions: tuple[str, ...] = ()) -> MoneyBlock:
    (form,) = find_forms(content("项目支出绩效自评表", "项目名称 | 甲\n实施单位 | 县局", rows, INDICATORS))
    return parse_money(form, bodies, None, mentions)


def codes(block: MoneyBlock) -> list[Code]:
    return [finding.code for finding in block.findings]


def test_two_columns_of_labels() -> None:
    block = money("""
部门预算资金(万元) | 项目年度支出 | < | 年初预算数 | 预算调整数 | 预算确定数 | 执行数 | 执行率(%) | 情况说明
^ | 年度资金总额 | < | 30 | -1.5 | 28.5 | 28.5 | 100 | 无
^ | 基本支出 | 年度资金总额 | 10 | 0.5 | 10.5 | 10.5 | 100 |
^ | 项目支出 | 年度资金总额 | 20 | -2 | 18 | 18 | 100 |
^ | ^ | 其中：财政拨款 | 20 | -2 | 18 | 18 | 100 |
^ | ^ | 上年结转 | | | | | |
""")
    assert [line.source for line in block.lines] == ["total", "basic", "project", "fiscal", "carryover"]
    assert [line.source_raw for line in block.lines][:3] == [
        "年度资金总额",
        "基本支出 年度资金总额",
        "项目支出 年度资金总额",
    ]
    first = block.lines[0]
    assert (first.initial_cny, first.adjustment_cny) == (Decimal(300000), Decimal(-15000))
    assert (first.final_cny, first.executed_cny, first.execution_rate_pct) == (Decimal(285000), Decimal(285000), 100)
    assert first.note == "无"
    blank = block.lines[4]
    assert (blank.initial_cny, blank.initial_raw, blank.execution_rate_pct) == (None, None, None)
    assert block.findings == ()


def test_a_total_inside_project_money_is_the_projects() -> None:
    block = money("""
资金（万元） | < | < | 年初预算数 | 执行数
年度资金总额 | < | < | 30 | 30
基本支出 | 年度资金总额 | < | 10 | 10
项目支出 | 财政拨款 | < | 20 | 20
^ | 年度资金总额 | < | 20 | 20
""")
    assert [line.source for line in block.lines] == ["total", "basic", "fiscal", "project"]


def test_a_single_line_without_a_label_is_the_total() -> None:
    block = money("项目资金（万元） | 年初预算数 | 全年预算数 | 全年执行数\n | 10 | 12 | 12")
    assert [(line.source, line.source_raw) for line in block.lines] == [("total", None)]


def test_a_ledger_under_amounts_side_by_side_is_told() -> None:
    block = money("""
项目资金（万元） | 计划安排 | 30 | 实际支出 | 20
^ | 中央财政 | 30 | 中央财政 | 20
支出明细 | 操作间改造 | 记-105 | 200000 |
""")
    assert [line.source for line in block.lines] == ["total", "central"]
    unplaced = [finding.raw for finding in block.findings if finding.code is Code.ROW_UNPLACED]
    assert unplaced == ["支出明细 操作间改造 记-105 200000"]


def test_a_pair_of_label_and_amount_is_a_block() -> None:
    block = money("年度资金总额（万元） | 480.6")
    assert [(line.source, line.final_cny) for line in block.lines] == [("total", Decimal(4806000))]


def test_an_unknown_label_is_a_finding() -> None:
    block = money("项目资金（万元） | 全年预算数 | 全年执行数\n怪异来源 | 10 | 10")
    assert [(line.source, line.source_raw) for line in block.lines] == [(None, "怪异来源")]
    assert codes(block) == [Code.SOURCE_UNKNOWN]


def test_an_amount_that_is_none_is_a_finding() -> None:
    block = money("项目资金（万元） | 全年预算数 | 全年执行数\n合计 | 约10 | 10")
    assert (block.lines[0].final_cny, block.lines[0].final_raw) == (None, "约10")
    assert codes(block) == [Code.NUMBER_NOT_UNDERSTOOD]


def test_an_amount_with_its_own_magnitude() -> None:
    block = money("项目资金（万元） | 全年预算数 | 全年执行数\n合计 | 150万 | 125.25万")
    assert (block.lines[0].final_cny, block.lines[0].executed_cny) == (Decimal(1500000), Decimal(1252500))


def test_an_amount_beyond_all_money_is_not_understood() -> None:
    block = money(f"资金（万元） | 年初预算数 | 执行数\n年度资金总额 | {'9' * 40} | 1")
    assert (block.lines[0].initial_cny, block.lines[0].initial_raw) == (None, "9" * 40)
    assert Code.NUMBER_NOT_UNDERSTOOD in codes(block)


def test_parts_of_a_cent_are_rounded_and_told() -> None:
    block = money("项目资金（万元） | 全年预算数 | 全年执行数\n合计 | 9265.3534425 | 9265.353442")
    assert block.lines[0].final_cny == Decimal("92653534.42")
    assert codes(block) == [Code.AMOUNT_ROUNDED]


def test_a_row_of_column_letters_is_no_line() -> None:
    block = money("项目资金（万元） | 全年预算数 | 全年执行数 | 执行率\n | A | B | B/A\n合计 | 10 | 10 | 100%")
    assert [line.source for line in block.lines] == ["total"]


def test_the_weight_in_the_head_of_the_score() -> None:
    block = money("""
预算执行情况（万元）（20分） | 预算数（A） | 执行数（B） | 执行率（B/A） | 得分（20分*执行率）
总额 | 5 | 5 | 100% | 20
""")
    assert (block.lines[0].weight, block.lines[0].score) == (20, 20)


def test_of_two_groups_on_a_target_form_the_years_counts() -> None:
    block = money("""
项目资金（元） | 项目资金总额 | 4,100,000.00 | 年度资金申请总额 | 1,100,000.00
^ | 其中：财政资金 | 4,100,000.00 | 其中：当年财政拨款 | 1,100,000.00
^ | ^ | ^ | 上年结转资金 | 0.00
""")
    assert [(line.source, line.final_cny) for line in block.lines] == [
        ("total", Decimal("1100000.00")),
        ("fiscal", Decimal("1100000.00")),
        ("carryover", Decimal("0.00")),
    ]
    assert codes(block) == [Code.AMOUNT_LEFT_OUT, Code.AMOUNT_LEFT_OUT]


@pytest.mark.parametrize(
    ("printed", "source"),
    [
        ("其中：财政拨款", "fiscal"),
        ("其中:当年财政拨款", "fiscal"),
        ("一般预算内拨款", "fiscal"),
        ("年度财政资金总额", "total"),
        ("上年结转资金", "carryover"),
        ("财政专户管理资金", "special_account"),
        ("单位资金", "own"),
        ("中央、省、市补助", "other"),
        ("县级资金", "county"),
        ("市级财政", "prefecture"),
        ("省级财政资金", "provincial"),
        ("其中：中央补助", "central"),
        ("地方资金", "local"),
        ("项目支出", "project"),
    ],
)
def test_sources(printed: str, source: str) -> None:
    assert find_source(printed) == source


# ---------------------------------------------------------------------------------------------------------------------
# Units
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("项目资金（万元）", "万元"),
        ("项目资金 (元)", "元"),
        ("单位：万元", "万元"),
        ("金额单位：人民币元", "元"),
        ("预算执行情况（万元）（20分）", "万元"),
        ("全年预算数(A)", None),
        ("元旦活动", None),
    ],
)
def test_printed_units(text: str, unit: str | None) -> None:
    assert find_printed_unit([text]) == unit


@pytest.mark.parametrize(
    ("printed", "amounts", "bodies", "mentions", "unit", "code"),
    [
        ("万元", ["170,294,599.63", "-4,192.56"], COUNTY, [], "元", Code.MONEY_UNIT_CORRECTED),
        ("万元", ["1,234,567.00"], COUNTY, [], "元", Code.MONEY_UNIT_CORRECTED),
        ("万元", ["1,234,567.00"], ["云南省教育厅"], [], "万元", Code.MONEY_UNIT_UNCERTAIN),
        ("万元", ["207.4538", "100"], COUNTY, [], "万元", None),
        ("元", ["207.4538"], COUNTY, [], "万元", Code.MONEY_UNIT_CORRECTED),
        ("元", ["100", "33.78"], COUNTY, [], "元", Code.MONEY_UNIT_UNCERTAIN),
        ("元", ["250000.00"], COUNTY, [], "元", None),
        ("万元", ["500,000.00"], COUNTY, ["全年投入50万元。"], "万元", None),
        ("万元", ["1,002,600.00"], COUNTY, ["投入100.26万元。"], "元", Code.MONEY_UNIT_CORRECTED),
        ("元", ["1002.6"], COUNTY, ["投入1002.6万元。"], "万元", Code.MONEY_UNIT_CORRECTED),
        (None, ["123.45"], COUNTY, [], None, Code.MONEY_UNIT_UNCERTAIN),
        (None, ["123.4567"], COUNTY, [], "万元", None),
        (None, ["12,345,678.90"], COUNTY, [], "元", None),
        ("万元", ["0", "150万"], COUNTY, [], "万元", None),
    ],
)
def test_the_unit_that_amounts_are_in(
    printed: str | None, amounts: list[str], bodies: list[str], mentions: list[str], unit: str | None, code: Code | None
) -> None:
    found, findings = settle_unit(printed, [parse_amount(a) for a in amounts], bodies, mentions)  # type: ignore[arg-type]
    assert found == unit
    assert [finding.code for finding in findings] == ([code] if code else [])


def test_amounts_without_a_settled_unit_are_null() -> None:
    block = money("项目资金 | 全年预算数 | 全年执行数\n合计 | 123.45 | 100")
    assert (block.unit, block.lines[0].final_cny, block.lines[0].final_raw) == (None, None, "123.45")


@given(st.decimals(min_value=-(10**8), max_value=10**8, places=2), st.sampled_from(["元", "万元"]))
def test_amounts_are_exact(amount: Decimal, unit: str) -> None:
    block = money(f"项目资金（{unit}） | 全年预算数 | 全年执行数\n合计 | {amount:,.2f} | 1", ("云南省教育厅",))
    scale = {"元": 1, "万元": 10000, None: 0}[block.unit]
    assert block.lines[0].final_cny == amount * scale


def test_amounts_in_a_sentence() -> None:
    block = money("项目资金情况 | 总额1002.6万元,其中:中央726.7万元;省级财政23.9万元;市级财政252万元;其他万元")
    assert [(line.source, line.final_cny) for line in block.lines] == [
        ("total", Decimal(10026000)),
        ("central", Decimal(7267000)),
        ("provincial", Decimal(239000)),
        ("prefecture", Decimal(2520000)),
        ("other", None),
    ]


def test_text_in_the_money_block_is_not_lost() -> None:
    (finding,) = money("项目资金情况 | 资金已足额拨付，使用规范。").findings
    assert (finding.code, finding.raw) == (Code.ROW_UNPLACED, "项目资金情况 资金已足额拨付，使用规范。")
