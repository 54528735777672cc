"""The seed's form from raw tables to rows, however its grid is drawn and cut by pages."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from literal_forms import table
from seed_form import column_rows, head_rows, indicator_rows, read_rows, seed

from model import Code, Content, Form, IndicatorRow
from normalize import normalize

INDICATORS = [row for row in read_rows() if row["kind"] == "indicator"]


def read(content: Content) -> Form:
    (form,), _ = normalize(content, "ab" * 32)
    return form


def without_place(form: Form) -> list[IndicatorRow]:
    return [replace(row, page=0, x0=None, y0=None, x1=None, y1=None) for row in form.indicators]


def test_head() -> None:
    head = read(seed()).head
    assert (head.form_id, head.form_no, head.document_id) == ("ab" * 8 + "-1", 1, "ab" * 32)
    assert (head.kind, head.scope, head.layout) == ("self_assessment", "department", "yunnan-department-2023")
    assert (head.title, head.fiscal_year) == ("2023年度部门整体支出绩效自评表", 2023)
    assert (head.department, head.unit, head.project, head.project_code) == (
        "曲靖市公安局交通警察支队",
        None,
        None,
        None,
    )
    assert (head.money_unit_printed, head.money_unit) == ("万元", "元")
    assert (head.weight_total, head.score_total) == (None, None)
    assert head.goal_expected
    assert head.goal_expected.startswith("2023年度按照支队年度计划安排")
    assert head.goal_expected.endswith("安全感、满意度。")
    assert head.goal_actual is None


@pytest.mark.parametrize("notes", ["lines", "rows"])
def test_notes(notes: str) -> None:
    assert read(seed(notes=notes)).head.notes == (
        "备注：1. 涉密部门和涉密信息按保密规定不公开。\n"
        "2. 一级指标包含产出指标、效益指标、满意度指标，二级指标和三级指标根据项目实际情况设置。"
    )


def test_funds() -> None:
    funds = read(seed()).funds
    assert [(f.line, f.source, f.source_raw) for f in funds] == [
        (1, "total", "年度资金总额"),
        (2, "basic", "基本支出 年度资金总额"),
        (3, "project", "项目支出 年度资金总额"),
        (4, "fiscal", "其中：财政拨款"),
        (5, "other", "其他资金"),
        (6, "carryover", "上年结转"),
    ]
    total = funds[0]
    assert total.initial_cny == Decimal("170294599.63")
    assert total.adjustment_cny == Decimal("-3361340.55")
    assert total.final_cny == Decimal("166933259.08")
    assert total.executed_cny == Decimal("165794459.08")
    assert (total.initial_raw, total.execution_rate_pct, total.execution_rate_raw) == ("170,294,599.63", 99.32, "99.32")
    assert [funds[4].final_cny, funds[4].executed_cny, funds[5].initial_cny] == [None, None, None]
    assert [f.flags for f in funds] == [(), (), (), (), ("amount_forced",), ("amount_forced",)]


def test_every_row_as_printed() -> None:
    form = read(seed())
    assert len(form.indicators) == len(INDICATORS)
    for row, printed in zip(form.indicators, INDICATORS, strict=True):
        assert (row.name, row.name_raw, row.name_status) == (printed["name"], printed["name"], "complete")
        assert (row.operator_raw, row.operator_source) == (printed["nature"], "code")
        assert (row.target_raw, row.unit_raw, row.actual_raw or "") == (
            printed["target"],
            printed["unit"],
            printed["actual"],
        )
        assert (row.target_value, row.unit, row.reason) == (
            float(printed["target"]),
            printed["unit"],
            printed["reason"],
        )


def test_levels() -> None:
    found: dict[tuple[str | None, str | None], int] = {}
    for row in read(seed()).indicators:
        found[row.level1, row.level2] = found.get((row.level1, row.level2), 0) + 1
    assert found == {
        ("产出指标", "数量指标"): 32,
        ("产出指标", "质量指标"): 15,
        ("产出指标", "时效指标"): 7,
        ("效益指标", "社会效益指标"): 11,
        ("满意度指标", "服务对象满意度指标"): 5,
    }


def test_operators_values_and_doubts() -> None:
    rows = read(seed()).indicators
    assert {row.operator_raw: row.operator for row in rows} == {"001": ">", "002": "<", "003": "=", "004": ">="}
    printed = next(row for row in rows if row.actual_raw == "333万")
    assert (printed.actual_value, printed.actual_unit, printed.achieved) == (3330000, "份", True)
    assert printed.flags == ("actual_implausible",)
    unmet = [row.name for row in rows if row.achieved is False]
    assert unmet == [
        "科目三小车考试服务人次",
        "科目二小车考试服务人次",
        "机动车行驶证业务",
        "应用云南省农村道路交通安全管理信息系统手机APP",
    ]
    nothing = next(row for row in rows if row.operator == "<")
    assert (nothing.target_value, nothing.actual_value, nothing.achieved) == (0, 0, True)
    assert [row.row for row in rows if "actual_missing" in row.flags] == [64, 65]


def test_the_heads_of_the_money_block_tell_the_code_book() -> None:
    grid = "\n".join([*head_rows(), *column_rows(), *indicator_rows(cut=False, merged=False)])
    form = read(Content((table(grid.replace("曲靖市公安局交通警察支队", "某某中心")),)))
    known = {"001": ">", "002": "<", "003": "=", "004": ">="}
    assert {row.operator_raw: row.operator for row in form.indicators} == known


def test_duplicates_are_linked_and_kept() -> None:
    _, findings = normalize(seed(cut=True), "ab" * 32)
    linked = [(f.row, f.value) for f in findings if f.code is Code.DUPLICATE_INDICATOR]
    assert linked == [(66, "68"), (68, "66"), (67, "69"), (69, "67")]


def test_the_unit_is_proven_by_the_forms_own_figures() -> None:
    _, findings = normalize(seed(), "ab" * 32)
    (proof,) = [f for f in findings if f.code is Code.MONEY_UNIT_CORRECTED]
    assert (proof.raw, proof.value, proof.form_id) == ("万元", "元", "ab" * 8 + "-1")
    assert "170,294,599.63" in proof.message


def test_cut_names_are_completed_from_evidence_or_stay_cut() -> None:
    expected = {}
    with (Path(__file__).parents[2] / "fixtures/source/seed_cut_names.csv").open(encoding="utf-8") as file:
        for case in csv.DictReader(file):
            expected[case["name_cut"]] = case["name"].split(" | ")
    wrong = [
        (row.name_raw, row.name)
        for row in read(seed(cut=True)).indicators
        if row.name_status == "repaired" and row.name not in expected.get(row.name_raw or "", [row.name])
    ]
    assert wrong == []


@settings(max_examples=25)
@given(
    merged=st.booleans(),
    again=st.booleans(),
    breaks=st.lists(st.integers(min_value=1, max_value=77), max_size=4, unique=True).map(sorted).map(tuple),
)
def test_the_rows_are_the_same_however_the_grid_is_cut(merged: bool, again: bool, breaks: tuple[int, ...]) -> None:
    form = read(seed(merged=merged, again=again, breaks=breaks))
    assert without_place(form) == without_place(read(seed()))
    assert form.funds == read(seed()).funds
    assert (form.head.page_first, form.head.page_last) == (1, 1 + len(breaks))


def test_rows_know_their_page() -> None:
    rows = read(seed(breaks=(20, 50))).indicators
    assert [rows[0].page, rows[17].page, rows[18].page, rows[-1].page] == [1, 1, 2, 3]


def test_clipped_names_are_read_whole() -> None:
    long = [row for row in INDICATORS if len(row["name"]) > 11]
    shown = {row["name"]: row["name"][:10] for row in long}
    grid = "\n".join([*head_rows(), *column_rows(), *indicator_rows(cut=False, merged=False)])
    form = read(Content((table(grid, shown=shown),)))
    assert [row.name for row in form.indicators] == [row["name"] for row in INDICATORS]
    clipped = [row for row in form.indicators if row.name_raw != row.name]
    assert len(clipped) == len(long)
    assert {(row.name_status, row.name_source) for row in clipped} == {("repaired", "clipped_text")}


def test_a_document_without_a_form_gives_nothing() -> None:
    assert normalize(Content(()), "ab" * 32) == ((), ())


def test_time() -> None:
    content = seed()
    normalize(content, "ab" * 32)
    begun = process_time()
    for _ in range(5):
        normalize(content, "ab" * 32)
    assert (process_time() - begun) / 5 < 0.1
