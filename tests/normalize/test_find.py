"""Which parts of a document are forms: blocks over tables and pages, several forms, and what only looks like one."""

from __future__ import annotations

import pytest
from family_forms import FORMS
from literal_forms import content, line, table

from model import Table
from normalize.cases import load
from normalize.find import FormParts, check_lines, find_forms
from normalize.labels import find_label, find_source, is_mark

INDICATORS = """
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值
产出指标 | 数量指标 | 甲 | ≥1个 | 1个
"""


def projects(forms: list[FormParts]) -> list[str]:
    return [form.labels[0].text for form in forms]


@pytest.mark.parametrize("name", ["standards", "standards_with_targets", "accounts", "contents"])
def test_look_alikes_are_no_forms(name: str) -> None:
    assert find_forms(FORMS[name]) == []


def test_prose_that_names_a_form_is_none() -> None:
    assert (
        find_forms(content("2023年度部门整体支出绩效自评表", "项目名称：某项目", "年初预算数100万元，执行数99万元。"))
        == []
    )


def test_forms_on_one_page_and_in_one_grid() -> None:
    assert projects(find_forms(FORMS["several"])) == ["项目名称 A项目", "项目名称 B项目", "项目名称 C项目"]


def test_blocks_in_tables_of_their_own() -> None:
    (form,) = find_forms(FORMS["separate"])
    assert (form.page_first, form.page_last) == (1, 3)
    assert [len(part.rows) for part in form.indicators] == [1, 3]
    assert len(form.money[0].rows) == 2
    assert form.unplaced == ()


def test_account_tables_before_and_after_belong_to_no_form() -> None:
    account = """
科目编码 | 科目名称 | 年初预算数 | 调整预算数 | 决算数
2040201 | 行政运行 | 100.00 | 120.00 | 118.00
"""
    (form,) = find_forms(
        content(account, "项目支出绩效自评表", "项目名称 | A项目\n实施单位 | 县局", INDICATORS, account)
    )
    assert form.money == ()
    assert [len(part.rows) for part in form.indicators] == [1]
    assert form.titles == ("项目支出绩效自评表",)


def test_a_heading_pages_before_is_no_title() -> None:
    far = [line("2022年度项目支出绩效评价报告", page=1), table("项目名称 | A项目\n实施单位 | 县局", page=5)]
    (form,) = find_forms(content(*far, table(INDICATORS, page=5)))
    assert form.titles == ()
    assert form.page_first == 5


def test_the_title_over_the_grid_is_the_last_one() -> None:
    (form,) = find_forms(
        content("十四、项目支出绩效自评表", "2023年度项目支出绩效自评表", "项目名称 | A项目 | |", INDICATORS)
    )
    assert form.titles[-1] == "2023年度项目支出绩效自评表"


def test_a_form_without_indicators_is_one_where_its_money_says_so() -> None:
    head = """
项目名称 | A项目 | < | <
项目资金（万元） | 全年预算数 | 全年执行数 | 执行率
年度资金总额 | 10 | 10 | 100%
"""
    assert [form.indicators for form in find_forms(content("项目支出绩效自评表", head))] == [()]
    assert find_forms(content("项目支出情况表", head)) == []


def test_notes_in_the_grid_and_under_it() -> None:
    (form,) = find_forms(
        content(
            "项目支出绩效自评表",
            INDICATORS + "其他需说明事项 | 无 | < | < | <\n备注：1. 第一条。 | < | < | < | <",
            "2. 第二条，",
            "续行。",
            "- 7 -",
            "第五部分 名词解释",
        )
    )
    assert [note.text for note in form.notes] == ["其他需说明事项 无", "备注：1. 第一条。", "2. 第二条，", "续行。"]


def test_rows_that_fit_no_block_are_kept() -> None:
    (form,) = find_forms(content("项目名称 | A项目\n说不清 | 的一行", INDICATORS))
    assert [row.text for row in form.unplaced] == ["说不清 的一行"]


def test_a_repeated_title_goes_on_with_its_form() -> None:
    title = "2023年度项目支出绩效自评表"
    more: Table = table("| | 乙 | ≥1个 | 1个", page=2)
    (form,) = find_forms(content(title, "项目名称 | A项目 | | |", INDICATORS, line(title, page=2), more))
    assert sum(len(part.rows) for part in form.indicators) == 2


@pytest.mark.parametrize(
    ("table_name", "key", "columns"),
    [
        ("labels", ("pattern",), ("field", "rank", "scope", "opens", "pattern", "examples")),
        ("sources", ("pattern",), ("source", "pattern", "examples")),
        ("blocks", ("kind", "pattern"), ("kind", "pattern", "examples")),
    ],
)
def test_every_example_of_a_label_is_known(table_name: str, key: tuple[str, ...], columns: tuple[str, ...]) -> None:
    wrong = []
    for case in load(table_name, key=key, columns=columns).values():
        for example in case["examples"].split(";"):
            if table_name == "labels":
                label = find_label(example)
                right = label is not None and (label.field, str(label.rank)) == (case["field"], case["rank"])
            elif table_name == "sources":
                right = find_source(example) == case["source"]
            else:
                right = is_mark(example, case["kind"])  # type: ignore[arg-type]
            if not right:
                wrong.append(example)
    assert wrong == []


@pytest.mark.parametrize("text", ["按照年初预算完成工作目标任务。", "数量指标", "曲靖市公安局交通警察支队", "100", ""])
def test_texts_that_are_no_labels(text: str) -> None:
    assert find_label(text) is None
    assert find_source(text) is None


def test_money_under_the_indicators_of_its_grid() -> None:
    money = "\n项目资金（万元） | 全年预算数 | 全年执行数 | 执行率 | <\n合计 | 10 | 10 | 100% | <\n"
    (form,) = find_forms(content("项目支出绩效自评表", "项目名称 | A项目 | < | < | <" + INDICATORS + money))
    assert [len(part.rows) for part in form.money] == [1]


def test_heads_on_lines_contradict() -> None:
    lines = ["一级指标 二级指标", "三级指标", "年度指标值 实际完成值", "产出指标 数量指标 甲 1 1"]
    assert [finding.page for finding in check_lines(content(*lines))] == [1]
    assert list(check_lines(content(*lines[:2]))) == []
    assert list(check_lines(FORMS["mof"])) == []


def test_a_list_of_projects_is_not_the_head_of_the_first_form() -> None:
    listed = "序号 | 项目名称 | 自评得分 | <\n1 | A项目 | 98 | <\n2 | B项目 | 97 | <"
    forms = find_forms(content("项目支出绩效自评结果公开", listed, "项目名称 | A项目\n实施单位 | 县局", INDICATORS))
    assert projects(forms) == ["项目名称 A项目"]
    assert forms[0].unplaced == ()
