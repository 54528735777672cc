"""The harder forms, and what becomes of them in full: nothing lost, nothing invented."""

from __future__ import annotations

import pytest
from hard_forms import FORMS
from test_families import render

from model import Severity
from normalize import normalize

EXPECTED = {
    "blank_heads": """
form self_assessment project name-target-actual 2022 - - 甲项目 -
  - - - - - -
  产出指标 数量指标 人数 >= 5 - 人 5 - 人 True - - -
  产出指标 质量指标 率 >= 5 - % 5 - % True - - -
""",
    "no_score_head": """
form self_assessment project university 2022 - - 甲项目 -
  - - - - - -
  产出指标 数量指标 人数 >= 5 - 人 5 - 人 True - - -
  产出指标 质量指标 率 >= 5 - % 5 - % True - - -
  ! head_unknown indicators 1 - 10 -
  ! head_unknown indicators 1 - 天气原因 -
  ! head_unknown indicators 2 - 10 -
  ! head_unknown indicators 2 - 无 -
""",
    "other_heads": """
form self_assessment project university 2022 - - 甲项目 -
  - - 万元 万元 - -
  fund total 100000.00 - 100000.00 90000.00 90 - - 说明文字
  产出指标 数量指标 人数 >= 5 - 人 5 - 人 True - - -
  产出指标 质量指标 率 >= 5 - % 5 - % True - - -
  ! head_unknown forms - - 奇怪列 -
  ! head_unknown funds 1 - 奇怪内容 -
  ! text_left_out funds 1 - 1 -
  ! text_left_out funds 1 - 按比例 -
  ! text_left_out indicators 1 - 每少一人扣1分 -
  ! text_left_out indicators 1 - 台账 -
  ! text_left_out indicators 1 - 100 -
  ! text_left_out indicators 2 - 报告 -
  ! text_left_out indicators 2 - 100 -
""",
    "two_rows_kinds": """
form self_assessment project level1-level2-name-target-actual-weight-score-reason 2022 - - 甲项目 -
  - - - - - -
  产出指标 数量指标 人数 >= 5 - 人 5 - 人 True 10 10 -
""",
    "transfer_block": """
form self_assessment transfer transfer 2024 内蒙古自治区人社厅 临河区人社局 就业补助资金 -
  目标文本 完成文本 万元 万元 - -
  fund total - - 20000000.00 19000000.00 95 - - -
  fund central - - 10000000.00 9500000.00 95 - - -
  fund provincial - - 10000000.00 9500000.00 95 - - -
  产出指标 数量指标 补贴人次 >= 2468 - 人 2500 - 人 True - - -
""",
    "transfer_split": """
form self_assessment transfer level1-level2-name-target-actual-reason 2024 - - 就业补助资金 -
  目标文本 完成文本 万元 万元 - -
  fund total - - 20000000.00 19000000.00 - - - -
  产出指标 数量指标 补贴人次 >= 2468 - 人 2500 - 人 True - - -
""",
    "forestry": """
form self_assessment - university 2024 - - - -
  目标文本 - 万元 万元 - -
  fund total - - 528000.00 528000.00 100 - - -
  fund central - - 528000.00 528000.00 100 - - -
  fund provincial - - 0.00 0.00 - - - -
  产出指标 数量指标 造林面积 - 1000 - 亩 1000 - 亩 - - - -
  ! text_left_out funds 1 - 0 -
  ! text_left_out funds 1 - 52.800000 -
  ! text_left_out funds 1 - 52.8 -
  ! text_left_out funds 1 - 100% -
  ! text_left_out funds 1 - 文件 -
  ! text_left_out funds 2 - 0 -
  ! text_left_out funds 2 - 52.800000 -
  ! text_left_out funds 2 - 52.8 -
  ! text_left_out funds 2 - 100% -
  ! text_left_out funds 3 - 0 -
  ! text_left_out funds 3 - 0 -
  ! text_left_out funds 3 - 0 -
""",
    "yueyang": """
form self_assessment project university - - - 创文项目 -
  目标甲 完成甲 万元 万元 - -
  fund total - - 1700000.00 1796000.00 - - - -
  fund central - - - - - - - -
  fund provincial - - - - - - - -
  fund prefecture - - 1700000.00 1700000.00 - - - -
  fund other - - - 96000.00 - - - -
  产出指标 数量指标 次数 - 5 - 次 5 - 次 - - - -
  ! sources_mismatch funds 1 - 170 179.6
  ! text_left_out funds 1 - 170 -
  ! text_left_out funds 1 - 0 -
  ! text_left_out funds 4 - 170 -
  ! text_left_out funds 5 - 9.6 -
  ! row_unplaced forms - - 凭证号_支出内容_支出金额_附件 -
  ! row_unplaced forms - - 12#_广告费_12000_3 -
""",
    "shaoyang": """
form self_assessment project university 2021 - 邵阳市某局 农村公路养护 -
  - - - - - -
  fund total - - 10026000.00 - - - - -
  fund central - - 7267000.00 - - - - -
  fund provincial - - 239000.00 - - - - -
  fund prefecture - - 2520000.00 - - - - -
  fund other - - - - - - - -
  产出指标 数量指标 次数 - 5 - 次 5 - 次 - - - -
  ! amount_forced funds 5 final_cny - 0.00
""",
    "names": """
form self_assessment project level1-level2-name-target-actual-weight 2022 - - 甲项目 -
  - - - - - -
  产出指标 数量指标 培训人次 >= 5 - 人次 5 - 人次 True 10 - -
  产出指标 数量指标 发放册数 - 5 - 册 5 - 册 - 5 - -
  产出指标 数量指标 修路 - 5 - 公里 5 - 公里 - 5 - -
  产出指标 质量指标 苗木成活率(≥**%) >= 85 - % 90 - % True 5 - -
  产出指标 质量指标 年度资金支付完成率100% - 100 - % - - - - 5 - -
  产出指标 质量指标 - >= 90 - % 95 - % True 5 - -
  产出指标 成本指标 成本控制数(万元) <= 100000 - 元 90000 - 元 True 5 - -
  产出指标 成本指标 培训次数≥5次 >= 5 - 次 - - - - 5 - -
  产出指标 成本指标 项目结余率(计算方法为:结余数/预算数) <= 10 - % 5 - % True 5 - -
  效益指标 生态效益指标 减少污染 - - - - - - - - 10 - -
  ! text_left_out forms - - 社会效益指标_指标1：_10 -
  ! name_cleaned indicators 1 name 指标1：培训人次 培训人次
  ! name_cleaned indicators 2 name ①发放册数 发放册数
  ! name_cleaned indicators 3 name (2)修路 修路
  ! operator_in_name indicators 4 operator (≥**%) >=
  ! value_in_name indicators 5 target_value 100% -
  ! name_missing indicators 6 name - -
  ! value_in_name indicators 8 target_value ≥5次 -
  ! name_cleaned indicators 10 name 指标1:减少_污染 减少污染
  ! actual_missing indicators 5 actual_raw - -
  ! actual_missing indicators 8 actual_raw - -
""",
    "levels": """
form self_assessment project level1-level2-name-target-actual-weight 2022 - - 甲项目 -
  - - - - - -
  产出指标 数量指标 培训人次 >= 5 - 人次 5 - 人次 True 10 - -
  产出指标 质量指标 合格率 >= 5 - % 5 - % True 10 - -
  效益指标 社会效益指标 好 - - - - - - - - 10 - -
  效益指标 可持续影响指标 好2 - - - - - - - - 10 - -
  满意度指标 服务对象满意度指标 满意度 >= 90 - % 95 - % True 10 - -
  过程指标 时效指标 及时率 >= 90 - % 95 - % True 10 - -
  效果指标 社会效果 及时率 >= 90 - % 95 - % True 10 - -
  投入指标 数量指标 及时率 >= 90 - % 95 - % True 10 - -
  产出指标 质量指标 及时率 >= 90 - % 95 - % True 10 - -
  效益指标 生态效益指标 绿化 >= 90 - % 95 - % True 10 - -
  满意度指标 服务对象满意度指标 及时率 >= 90 - % 95 - % True 10 - -
  ! level_mended indicators 1 level2 数量_指标 数量指标
  ! level_inferred indicators 1 level1 （50分） 产出指标
  ! level_mended indicators 2 level2 产出质量 质量指标
  ! level_inferred indicators 2 level1 （50分） 产出指标
  ! level_mended indicators 3 level2 社会效_益指标 社会效益指标
  ! level_inferred indicators 3 level1 (30分) 效益指标
  ! level_mended indicators 4 level2 可持续 可持续影响指标
  ! level_inferred indicators 4 level1 (30分) 效益指标
  ! level_mended indicators 5 level2 社会公众或服务对象满意度指标 服务对象满意度指标
  ! level_inferred indicators 5 level1 （10分） 满意度指标
  ! level_mended indicators 6 level2 进度指标 时效指标
  ! level_mended indicators 8 level2 数量值 数量指标
  ! level_mended indicators 9 level1 产_出_指_标 产出指标
  ! level_mended indicators 9 level2 质_量_值 质量指标
  ! level_mended indicators 10 level2 生态效益 生态效益指标
  ! level_inferred indicators 10 level1 - 效益指标
  ! level_mended indicators 11 level1 满意_度指_标 满意度指标
  ! level_mended indicators 11 level2 服务对象_满意_度指_标 服务对象满意度指标
""",
    "scores": """
form self_assessment project level1-level2-name-target-actual-weight-score 2022 - - 甲项目 -
  - - 万元 万元 100 99
  fund total - - 1000000.00 900000.00 90 10 9 -
  产出指标 数量指标 培训人次 >= 5 - 人次 5 - 人次 True 50 50 -
  产出指标 质量指标 合格率 >= 5 - % 5 - % True 10 12 -
  产出指标 时效指标 率 >= 5 - % 5 - % True 30 - -
  产出指标 时效指标 率二 >= 5 - % 5 - % True - - -
  ! score_mismatch indicators 2 score 12 -
  ! score_sum_mismatch forms - score_total 99 71.00
""",
    "forestry_without_indicators": """
form self_assessment - unknown 2024 - - - -
  - - 万元 万元 - -
  fund total - - 528000.00 500000.00 94.7 - - -
  fund central - - 528000.00 500000.00 94.7 - - -
""",
    "years_of_accounts": """
form self_assessment project university 2022 - - 养老服务 -
  - - - - - -
  产出指标 数量指标 补助人数 >= 3 - 人 4 - 人 True - - -
  ! year_inferred forms - fiscal_year 某某县民政局2022年度部门决算公开 2022
""",
    "years_that_differ": """
form self_assessment project university - - - 养老服务 -
  - - - - - -
  产出指标 数量指标 补助人数 >= 3 - 人 4 - 人 True - - -
""",
    "two_totals": """
form self_assessment department name-unit-operator-target-actual-weight-score 2022 某局 - - -
  - - - - 100 98
  - - 培训人次 >= 100 - 人次 120 - 人次 True 100 98 -
  ! head_conflict forms - score_total 97 98
  ! score_mismatch indicators 1 score 98 100.00
""",
    "system_anhui_department": """
form self_assessment department system-anhui-department 2023 某某区司法局 - - -
  做好人民调解。 已完成调解。 万元 万元 100 99.5
  fund total 1000000.00 - 1200000.00 1140000.00 95 10 9.5 -
  产出指标 数量指标 调解案件数 >= 300 - 件 312 - 件 True 50 50 -
  满意度指标 服务对象满意度指标 群众满意度 >= 90 - % 96 - % True 40 40 -
""",
    "years_of_others": """
form self_assessment project university - - - 养老服务 -
  - - - - - -
  产出指标 数量指标 补助人数 >= 3 - 人 4 - 人 True - - -
""",
    "accounts_before": """
form self_assessment project university 2022 - - 养老服务 -
  - - - - - -
  产出指标 数量指标 补助人数 >= 3 - 人 4 - 人 True - - -
""",
    "sources_as_words": """
form self_assessment project university 2022 - - 养老服务 -
  - - 万元 万元 - -
  fund total - - 100000.00 100000.00 100 - - -
  产出指标 数量指标 补助人数 >= 3 - 人 4 - 人 True - - -
  ! text_left_out funds 1 - 其他 -
""",
}


@pytest.mark.parametrize("form", FORMS)
def test_form(form: str) -> None:
    expected = [line.strip() for line in EXPECTED[form].strip().splitlines()]
    assert render(FORMS[form]) == expected


def test_every_form_is_expected() -> None:
    assert set(EXPECTED) == set(FORMS)


@pytest.mark.parametrize(
    ("form", "notes"),
    [
        (
            "transfer_split",
            [
                "资金管理情况：情况说明 存在问题和改进措施",
                "分配科学性：按因素法分配200万元 无",
                "下达及时性：及时下达，按要求分解下达 进度慢，将加快",
                "支出责任履行情况：配套到位 无",
            ],
        ),
        (
            "forestry",
            ["资金管理情况：情况说明 存在问题 改进措施", "分配科学性：按因素分配 无 无", "下达及时性：及时 较慢 加快"],
        ),
        (
            "forestry_without_indicators",
            [
                "资金管理情况：情况说明 存在问题 改进措施",
                "分配科学性：按因素分配 无 无",
                "下达及时性：30日内下达 较慢 加快",
            ],
        ),
    ],
)
def test_notes(form: str, notes: list[str]) -> None:
    forms, _ = normalize(FORMS[form], "cd" * 32)
    assert (forms[0].head.notes or "").split("\n") == notes


@pytest.mark.parametrize("form", FORMS)
def test_texts_without_a_column_are_quoted(form: str) -> None:
    """Every text of a table stands in a row, a head, the notes or a finding; only heads and labels may go."""
    forms, findings = normalize(FORMS[form], "cd" * 32)
    kept = " ".join(f"{form} " for form in forms) + " ".join(f"{f.raw} {f.message}" for f in findings)
    for text in ("天气原因", "每少一人扣1分", "台账", "奇怪内容", "广告费", "文件", "9.6", "按因素"):
        printed = any(text in str(block) for block in FORMS[form].blocks)
        assert not printed or text in kept


def test_what_is_known_is_no_error() -> None:
    _, findings = normalize(FORMS["forestry"], "cd" * 32)
    assert {f.severity for f in findings} == {Severity.INFO}
