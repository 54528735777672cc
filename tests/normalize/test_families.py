"""Forms of every family as literal tables, and what becomes of them, in full: heads, money, indicators, findings."""

from __future__ import annotations

from dataclasses import fields

import pytest
from family_forms import FORMS

from model import Content, FormRow, FundRow, IndicatorRow
from normalize import normalize

FORM_A = ("kind", "scope", "layout", "fiscal_year", "department", "unit", "project", "project_code")
FORM_B = ("goal_expected", "goal_actual", "money_unit_printed", "money_unit", "weight_total", "score_total")
FUND = ("source", "initial_cny", "adjustment_cny", "final_cny", "executed_cny", "execution_rate_pct", "weight", "score")
INDICATOR = (
    "level1", "level2", "name", "operator", "target_value", "target_date", "unit",
    "actual_value", "actual_date", "actual_unit", "achieved", "weight", "score", "reason",
)  # fmt: skip
FINDING = ("code", "table", "row", "column", "raw", "value")


def text(row: object, columns: tuple[str, ...]) -> str:
    """The columns of a row, `-` for no value."""
    values = [getattr(row, column) for column in columns]
    shown = ("-" if v is None else f"{v:g}" if isinstance(v, float) else str(v).replace(" ", "_") for v in values)
    return " ".join(shown)


def render(content: Content) -> list[str]:
    """A line for each form's head (two), fund, indicator and finding."""
    out: list[str] = []
    forms, findings = normalize(content, "cd" * 32)
    for form in forms:
        out += ["form " + text(form.head, FORM_A), text(form.head, FORM_B)]
        out += ["fund " + text(fund, (*FUND, "note")) for fund in form.funds]
        out += [text(row, INDICATOR) for row in form.indicators]
    return out + ["! " + text(finding, FINDING) for finding in findings]


EXPECTED = {
    "mof": """
form self_assessment project mof-2020 2021 鄂州市人力资源和社会保障局 市社会保险基金结算中心 城乡居民养老保险补助 -
  完成城乡居民养老保险参保扩面工作，发放补助。 已完成参保扩面工作。 万元 万元 85 82.85
  fund total 1500000.00 - 1500000.00 1252500.00 83.5 10 8.35 -
  fund fiscal 1500000.00 - 1500000.00 1252500.00 83.5 - - -
  fund carryover 0.00 - 0.00 0.00 - - - -
  fund other 0.00 - 0.00 0.00 - - - -
  产出指标 数量指标 参保人数 >= 50 - 个 52 - 个 True 20 20 -
  产出指标 质量指标 补助发放准确率 >= 100 - % 100 - % True 10 10 -
  产出指标 时效指标 发放及时率 = 100 - % 95 - % False 10 9.5 系统升级
  产出指标 成本指标 成本控制数(万元) <= 1.5e+06 - 元 1.2525e+06 - 元 True 10 10 -
  效益指标 社会效益指标 保障参保人权益 - - - - - - - - 15 15 -
  满意度指标 服务对象满意度指标 参保人满意度 >= 90 - % 92 - % True 10 10 -
""",
    "anhui": """
form self_assessment project mof-2020 2022 - 池州市贵池区教育局 工资性支出 51000021R000000026813
  目标一 完成一 万元 万元 100 100
  fund total 1000000.00 - 1205000.00 1205000.00 100 10 10 -
  fund fiscal 1000000.00 - 1205000.00 1205000.00 100 - - -
  产出指标 数量指标 发放人数 >= 2400 - 份 2450 - 份 True 20 20 -
  产出指标 质量指标 合格率 >= 95 - % 95 - % True 30 30 -
  效益指标 可持续影响指标 年度资金支付完成率100% - 100 - % - - - - 30 30 -
  满意度指标 满意度指标 满意度 - - - - - - - - 10 10 -
  ! level_mended indicators 1 level1 产出指标(50分) 产出指标
  ! name_cleaned indicators 1 name 指标1：发放人数 发放人数
  ! level_mended indicators 2 level1 产出指标(50分) 产出指标
  ! operator_in_actual indicators 2 actual_value ≥95% ≥
  ! name_cleaned indicators 2 name 指标1：合格率 合格率
  ! level_mended indicators 3 level2 可持续影_响指标 可持续影响指标
  ! level_inferred indicators 3 level1 (30分) 效益指标
  ! value_in_name indicators 3 target_value 100% -
  ! level_mended indicators 4 level2 满意度_指标 满意度指标
  ! level_inferred indicators 4 level1 (10分) 满意度指标
  ! actual_missing indicators 3 actual_raw - -
""",
    "sichuan": """
form self_assessment project sichuan-0013zp 2023 青神县农业农村局 青神县农业农村局本级 乡村振兴补助 T005678901
  完成补助发放。 已完成。 万元 万元 100 99.9
  fund total 1000000.00 - 900000.00 891000.00 99 10 9.9 -
  fund fiscal 1000000.00 - 900000.00 891000.00 99 - - -
  fund special_account 0.00 - 0.00 0.00 0 - - -
  fund own 0.00 - 0.00 0.00 0 - - -
  fund other 0.00 - 0.00 0.00 0 - - -
  产出指标 数量指标 补助户数 = 5 - 户 5 - 户 True 30 30 -
  产出指标 经济成本指标 补助标准 <= 1600 - 元/亩 1600 - 元/亩 True 30 30 -
  效益指标 社会效益指标 收入提升 - - - - - - - - 30 30 -
""",
    "hubei": """
form self_assessment project hubei-20-40-40 2020 市农业农村局 黄冈市农业农村局 农业生产发展 -
  - - 万元 万元 - 99.6
  fund total - - 5000000.00 5000000.00 100 20 20 -
  产出指标 数量指标 培训人数 >= 120 - 人 130 - 人 True - 10 -
  产出指标 质量指标 合格率 >= 95 - % 96 - % True - 10 -
  效益指标 社会效益指标 农民收入 - - - - - - - - - 19.6 -
  产出指标 数量指标 建设面积 - 80000 - 亩 82000 - 亩 - - 20 -
  满意度指标 服务对象满意度指标 农民满意度 >= 90 - % 95 - % True - 20 -
  ! level_mended indicators 3 level2 社会效益 社会效益指标
  ! level_mended indicators 5 level2 服务对象满意度 服务对象满意度指标
""",
    "chongqing_2021": """
form self_assessment department chongqing-2021 2021 重庆市梁平区教委 - - -
  调整后目标文本 完成文本 万元 万元 - 97.93
  fund total 10000000.00 - 12000000.00 9512400.00 79.27 10 7.93 -
  - - 三公经费支出 <= 800000 - 元 780000 - 元 True 40 40 -
  - - 教师培训 >= 100 - 人次 120 - 人次 True 50 50 -
  ! goal_adjusted forms - goal_expected 年初目标文本 -
  ! goal_adjusted indicators 1 target_value 90 80
  ! text_left_out indicators 1 - 100 -
  ! text_left_out indicators 1 - 是 -
  ! text_left_out indicators 2 - 100 -
  ! text_left_out indicators 2 - 否 -
""",
    "chongqing_2022": """
form self_assessment department chongqing-2022 2022 重庆市某局 - - -
  年初目标文本 完成文本 万元 万元 - 98
  fund total 10000000.00 - 12000000.00 12000000.00 100 10 10 -
  fund fiscal 10000000.00 - 12000000.00 12000000.00 100 - - -
  - - 法律援助案件数 >= 8 - 件 8 - 件 True 20 20 -
  - - 群众满意度 >= 90 - % 95 - % True 10 10 -
  ! score_sum_mismatch forms - score_total 98 40.00
  ! weight_sum_mismatch forms - weight_total - 40
""",
    "mof_2018": """
form self_assessment project mof-2018-weighted 2022 中江县农业农村局 中江县农业农村局 高标准农田建设 -
  建设目标 建设完成 万元 万元 100 100
  fund total - - 3102000.00 1547400.00 49.88 10 5 -
  fund central - - 3102000.00 1547400.00 49.88 - - -
  产出指标 数量指标 渠道长度 >= 266 - 米 266 - 米 True 50 50 -
  效益指标 社会效益指标 受益人口 - 5000 - 人次 6000 - 人次 - 50 50 -
  ! operator_in_actual indicators 1 actual_value ≥266米 ≥
  ! weight_sum_mismatch forms - weight_total 100 110.00
  ! score_sum_mismatch forms - score_total 100 105.00
""",
    "transfer_2018": """
form self_assessment transfer transfer 2021 湖北省林业局 咸宁市林业局 中央财政林业补助 -
  目标文本 完成文本 万元 万元 - -
  fund total - - 10000000.00 9000000.00 90 - - -
  fund central - - 8000000.00 7000000.00 87.5 - - -
  fund provincial - - 1000000.00 1000000.00 100 - - -
  fund local - - 1000000.00 1000000.00 100 - - -
  产出指标 数量指标 造林面积 >= 15000 - 亩 16000 - 亩 True - - -
  产出指标 时效指标 完成时间 - - 2018-10-31 - - 2018-11-30 - - - - 天气
""",
    "transfer_2022": """
form self_assessment transfer transfer 2024 内蒙古自治区人力资源和社会保障厅 临河区人社局 就业补助资金 -
  目标文本 完成文本 万元 万元 - -
  fund total - - 20000300.00 19000000.00 95 - - -
  fund central - - 10000000.00 9500000.00 95 - - -
  fund provincial - - 5000000.00 4750000.00 95 - - -
  fund prefecture - - 3000000.00 2850000.00 95 - - -
  fund county - - 2000000.00 1900000.00 95 - - -
  产出指标 数量指标 补贴人次 >= 2468 - 人 2500 - 人 True - - -
  ! sources_mismatch funds 1 final_cny 2000.03 -
""",
    "beijing": """
form self_assessment project beijing-2016 2016 北京市科委 市科委信息中心 信息系统运维 -
  运维目标 完成 万元 万元 100 99.93
  fund total 1000000.00 - - 993200.00 99.32 10 9.93 -
  fund fiscal 1000000.00 - - 993200.00 99.32 - - -
  产出指标 数量指标 系统数量 - 31 - - 42 - - - 50 50 -
  效益指标 社会效益指标 满意率 - 80 - % 90 - % - 40 40 -
  ! text_left_out funds 1 - 执行率×分值 -
  ! text_left_out indicators 1 - 按比例 -
  ! level_mended indicators 2 level2 社会效益 社会效益指标
  ! text_left_out indicators 2 - 按比例 -
""",
    "university": """
form self_assessment - university 2017 - - - -
  - - - - - -
  产出指标 数量指标 论文数量 >= 31 - 篇 42 - 篇 True - - -
  产出指标 时效指标 完成时间 - - 2018-10-31 - - 2018-10-31 - - - - -
""",
    "operator_in_name": """
form target project shanghai-target 2022 - - 造林绿化 -
  - - - - - -
  产出指标 数量指标 苗木成活率(≥**%) >= 85 - % - - - - - - -
  产出指标 成本指标 项目总投入(≥**万元) >= 6.07e+07 - 元 - - - - - - -
  ! operator_in_name indicators 1 operator (≥**%) >=
  ! operator_in_name indicators 2 operator (≥**万元) >=
""",
    "standards": "",
    "accounts": "",
    "several": """
form self_assessment project university 2022 县A局 县A局 A项目 -
  - - 元 元 - -
  fund total 215457.60 - 250000.00 215457.60 86.18 - - -
  产出指标 数量指标 数量A >= 1 - 次/月 2 - 次/月 True - - -
form self_assessment project university 2022 县B局 县B局 B项目 -
  - - 元 元 - -
  fund total 20000.00 - 20000.00 20000.00 100 - - -
  产出指标 数量指标 数量B >= 3 - 次 2 - 次 False - - -
form self_assessment project university 2022 - - C项目 -
  - - - - - -
  产出指标 数量指标 数量C >= 3 - 次 2 - 次 False - - -
  ! year_inferred forms - fiscal_year 项目支出绩效自评表 2022
""",
    "yunnan_project": """
form self_assessment project yunnan-project-2020 2020 丽江市文化和旅游局 丽江市文化和旅游局 丽江市旅游营销 -
  目标 完成 万元 万元 70 65
  fund total 72900.00 - 72900.00 72900.00 100 10 10 -
  fund fiscal 72900.00 - 72900.00 72900.00 - - - -
  fund carryover - - - - - - - -
  fund other - - - - - - - -
  产出指标 数量指标 补助人数 = 31 - 人 31 - 人 True 10 9 -
  产出指标 数量指标 资金数 >= 72890 - 元 72890 - 元 True 20 19 -
  效益指标 社会效益指标 知名度 >= 90 - % 95 - % True 30 27 -
  ! score_mismatch indicators 1 score 9 10.00
  ! score_mismatch indicators 2 score 19 20.00
  ! score_mismatch indicators 3 score 27 30.00
""",
    "separate": """
form self_assessment project level1-level2-name-target-actual-weight-score-reason 2023 县财政局 县财政局 项目A -
  目标甲 完成甲 万元 万元 - -
  fund total 100000.00 - 120000.00 120000.00 100 - - -
  fund fiscal 100000.00 - 120000.00 120000.00 100 - - -
  产出指标 数量指标 甲 >= 1 - 个 1 - 个 True 10 10 -
  产出指标 质量指标 乙 >= 90 - % 91 - % True 10 10 -
  效益指标 社会效益指标 丙 >= 90 - % 91 - % True 10 10 -
  效益指标 社会效益指标 丁 >= 80 - % 81 - % True 10 10 说明丁
""",
    "tianjin": """
form self_assessment department system-tianjin - 某局 - - -
  目标一 完成一 - - - -
  - - 培训人次 >= 100 - 人次 120 - 人次 True 10 10 -
""",
    "grades": """
form target project shanghai-target 2019 - - 某项目 -
  - - - - - -
  产出指标 数量指标 完成率 - 100 - % - - - - - - -
  ! text_left_out indicators 1 - 描述 -
  ! text_left_out indicators 1 - 90% -
  ! text_left_out indicators 1 - 85% -
  ! text_left_out indicators 1 - 85% -
""",
    "half_years": """
form target department shanghai-target 2024 镇江市某局 - - -
  - - - - - -
  决策 计划制定 中长期规划 - - - - - - - - - - -
  过程 预算执行 预算执行率 = 100 - % - - - - - - -
  产出指标 数量指标 检查次数 >= 10 - 次 - - - - - - -
  ! text_left_out indicators 1 - 健全 -
  ! text_left_out indicators 2 - =50% -
  ! text_left_out indicators 3 - ≥5次 -
""",
    "gansu": """
form target project shanghai-target 2023 甘肃省教育厅 本级 某项目 -
  目标文本 - 万元 万元 - -
  fund total - - 5000000.00 - - - - -
  fund fiscal - - 5000000.00 - - - - -
  fund other - - 0.00 - - - - -
  成本指标 经济成本指标 总成本 <= 5e+06 - 元 - - - - - - -
  产出指标 数量指标 数量 >= 100 - % - - - - - - -
""",
    "shandong": """
form target project name-target 2022 - - 某项目 -
  - - - - - -
  产出指标 数量指标 数量A - 1000 - 标箱 - - - - - - -
  产出指标 质量指标 质量B > 92 - % - - - - - - -
  ! level_mended indicators 1 level2 数量值 数量指标
  ! level_inferred indicators 1 level1 - 产出指标
  ! level_mended indicators 2 level2 质量值 质量指标
  ! level_inferred indicators 2 level1 - 产出指标
""",
    "weights_of_levels": """
form self_assessment department level1-level2-name-weight-target-actual-score 2023 - 县医保局 - -
  保障医保 - - - - -
  产出指标 数量指标 参保人数 - 100000 - 人 110000 - 人 - 25 25 -
  产出指标 数量指标 稽核数 - 20 - 家 20 - 家 - 25 25 -
  ! text_left_out indicators 1 - 50 -
  ! text_left_out indicators 1 - 50 -
""",
    "all_in_one_grid": """
form self_assessment project university 2023 县局 县局 某项目 -
  目标 完成 万元 万元 - -
  fund total 100000.00 - 120000.00 120000.00 100 - - -
  产出指标 数量指标 甲 >= 1 - 个 1 - 个 True - - -
  产出指标 数量指标 只有名字 - - - - - - - - - - -
  ! head_unknown forms - - 怪异列 -
  ! row_unplaced forms - - 说不清的一行 -
  ! head_unknown indicators 1 - 内容 -
""",
    "standards_with_targets": "",
    "contents": "",
}


@pytest.mark.parametrize("family", FORMS)
def test_family(family: str) -> None:
    expected = [line.strip() for line in EXPECTED[family].strip().splitlines()]
    assert render(FORMS[family]) == expected


def test_every_family_is_expected() -> None:
    assert set(EXPECTED) == set(FORMS)


@pytest.mark.parametrize("family", FORMS)
def test_findings_name_rows_and_columns_that_are_there(family: str) -> None:
    forms, findings = normalize(FORMS[family], "cd" * 32)
    tables = {"forms": FormRow, "funds": FundRow, "indicators": IndicatorRow}
    for finding in findings:
        names = {field.name for field in fields(tables[finding.table or ""])}
        assert finding.column is None or finding.column in names
        assert (finding.form_id or "").startswith("cd" * 8)
        form = next(form for form in forms if form.head.form_id == finding.form_id)
        rows = {"funds": [f.line for f in form.funds], "indicators": [i.row for i in form.indicators], "forms": [None]}
        assert finding.row in rows[finding.table or ""]


@pytest.mark.parametrize("family", FORMS)
def test_flags_are_the_codes_of_a_rows_findings(family: str) -> None:
    forms, findings = normalize(FORMS[family], "cd" * 32)
    for form in forms:
        told: list[tuple[str, int, set[str]]] = [("funds", f.line, set(f.flags)) for f in form.funds]
        told += [("indicators", i.row, set(i.flags)) for i in form.indicators]
        for table, row, flags in told:
            place = (form.head.form_id, table, row)
            assert flags == {f.code.value for f in findings if (f.form_id, f.table, f.row) == place}
