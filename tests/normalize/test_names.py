"""Names: which are cut, what completes them, what must not."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_names import WIDTHS, cut, read_corpus, study

from model import Code
from normalize.cases import fold
from normalize.names import NameContext, NameInput, NameResult, repair_names
from normalize.names_goal import leading_verb
from normalize.names_text import clean_name, display_width

SEED = Path(__file__).with_name("names_seed.csv")
GOALS = Path(__file__).with_name("names_goals.csv")
USUAL = "已按计划完成年度任务。"


CUT_AT_TEN_TO_TWELVE = (
    "社区治理和服务体系建",
    "乡镇财政管理信息系统运",
    "国有资产清查核实经费使",
    "基层组织活动场所维修和管",
)


def row(text: str, n: int = 1, **fields: str) -> NameInput:
    return NameInput(n, text, **{"shown": text, **fields})  # type: ignore[arg-type]


def repair(text: str, goal: str = "", **fields: str) -> NameResult:
    """The result of one row of a form whose column cuts after ten to twelve characters."""
    return repair_in_cut_form([row(text, **fields)], NameContext((goal,)))[0]


def repair_in_cut_form(rows: list[NameInput], context: NameContext) -> list[NameResult]:
    cut_rows = [row(name, n, target="1", unit="项") for n, name in enumerate(CUT_AT_TEN_TO_TWELVE, 90)]
    return repair_names([*rows, *cut_rows], context)[: len(rows)]


def read_seed() -> tuple[str, list[dict[str, str]]]:
    lines = [line for line in SEED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    goal, *cases = csv.DictReader(lines)
    return goal["printed"], cases


def seed_rows() -> list[NameInput]:
    fields = ("reason", "level2", "target", "unit", "actual")
    return [
        NameInput(n, case["printed"], case["printed"], **{field: case[field] for field in fields})
        for n, case in enumerate(read_seed()[1], 1)
    ]


# ---------------------------------------------------------------------------------------------------------------------
# The published form
# ---------------------------------------------------------------------------------------------------------------------

SEED_RESULTS = repair_names(seed_rows(), NameContext((read_seed()[0],)))


@pytest.mark.parametrize("n", range(len(SEED_RESULTS)))
def test_seed(n: int) -> None:
    case, result = read_seed()[1][n], SEED_RESULTS[n]
    assert (result.name, result.status, result.source or "") == (case["name"], case["status"], case["source"])
    assert (result.evidence or "") == case["evidence"]
    assert result.reason == (case["left"] or case["reason"])


def test_seed_counts() -> None:
    assert Counter(result.status for result in SEED_RESULTS) == {"complete": 36, "repaired": 18, "truncated": 16}


def test_seed_without_goal_text_completes_from_siblings_and_spilt_text_only() -> None:
    sources = Counter(result.source for result in repair_names(seed_rows(), NameContext()))
    assert sources == {None: 66, "sibling": 2, "spill": 2}


@pytest.mark.parametrize("result", SEED_RESULTS, ids=lambda result: str(result.row))
def test_seed_findings(result: NameResult) -> None:
    codes = [finding.code for finding in result.findings]
    assert (Code.NAME_REPAIRED in codes) == (result.status == "repaired")
    assert (Code.NAME_TRUNCATED in codes) == (result.status == "truncated")
    assert all(finding.table == "indicators" and finding.row == result.row for finding in result.findings)
    if result.status == "repaired":
        repaired = next(finding for finding in result.findings if finding.code is Code.NAME_REPAIRED)
        assert repaired.value == result.name
        assert result.evidence is not None
        assert result.evidence in repaired.message


def test_seed_moved_text() -> None:
    moved = {
        finding.row: (finding.column, finding.raw, finding.value)
        for result in SEED_RESULTS
        for finding in result.findings
        if finding.code is Code.TEXT_MOVED
    }
    usual = "按照年初预算完成工作目标任务。"
    assert moved == {
        64: ("reason", f"{usual} 设置进一步规范合理，", usual),
        65: ("reason", f"{usual} 规范车辆行驶和停放，避", usual),
    }


@pytest.mark.parametrize(
    ("before", "behind", "target", "status"),
    [
        ("保障安全。", "；", "1", "repaired"),
        ("保障安全，", "；", "1", "truncated"),
        ("保障安全。", "，", "1", "truncated"),
        ("保障安全。", "；", "30", "truncated"),
    ],
    ids=["an item of its own", "joined to one before", "joined to one behind", "more than one thing"],
)
def test_a_rambling_item_of_the_goal_names_a_single_task(before: str, behind: str, target: str, status: str) -> None:
    item = "完成公安交通管理综合应用平台升执法记录仪采集站维护及中心机房设备、核心数据库的运维"
    rows = [replace(row, target=target) if row.row == 20 else row for row in seed_rows()]
    assert repair_names(rows, NameContext(goals=(before + item + behind,)))[19].status == status


# ---------------------------------------------------------------------------------------------------------------------
# The study
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_of_the_corpus_is_completed_wrongly(width: int) -> None:
    results = list(study(width))
    assert [(printed, result.name, full) for verdict, full, printed, result in results if verdict == "wrong"] == []
    counts = Counter(verdict for verdict, *_ in results)
    assert counts["changed"] == 0
    assert counts["doubted"] <= 2
    assert counts["right"] >= 15


def test_names_of_the_corpus_in_full_are_complete() -> None:
    names = [(result.name, result.status, result.findings) for *_, result in study(99)]
    assert names == [(row.text, "complete", ()) for _, rows in read_corpus().values() for row in rows]


def test_corpus_is_large_enough() -> None:
    assert sum(len(rows) for _, rows in read_corpus().values()) >= 200


# ---------------------------------------------------------------------------------------------------------------------
# Whole names and names without evidence
# ---------------------------------------------------------------------------------------------------------------------


def test_a_cleaned_name_is_a_finding() -> None:
    (result,) = repair_names([row("指标1：培训人次；")], NameContext())
    assert (result.name, result.status) == ("培训人次", "complete")
    assert [(f.code, f.raw, f.value) for f in result.findings] == [(Code.NAME_CLEANED, "指标1：培训人次；", "培训人次")]


def test_markup_is_a_finding() -> None:
    (result,) = repair_names([row("<p>培训人次</p>")], NameContext())
    assert [f.code for f in result.findings] == [Code.MARKUP_REMOVED]


@pytest.mark.parametrize(
    "name", ["群众满意度", "设备完好", "完成支队2023年度核心", "推进县域医疗改革", "培训教师", "修建厕所"]
)
def test_names_of_a_form_without_a_cut_width_are_complete(name: str) -> None:
    (result, *_) = repair_names([row(name), row("验收合格率", 2)], NameContext(("群众满意度提升情况良好",)))
    assert (result.name, result.status, result.findings) == (name, "complete", ())


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("设施设备（系", "设施设备（系"),
        ("道路交通事故一般案件办", "道路交通事故一般案件办"),
        ("开展安全宣传，", "开展安全宣传"),
    ],
)
def test_a_name_that_breaks_off_is_truncated_in_any_form(name: str, kept: str) -> None:
    (result, *_) = repair_names([row(name), row("验收合格率", 2)], NameContext())
    assert (result.name, result.status, result.source, result.evidence) == (kept, "truncated", None, None)
    assert result.findings[0].code is Code.NAME_TRUNCATED


def test_the_goal_text_proves_a_name_whole() -> None:
    (result,) = repair_names(
        [row("印制宣传手册、", target="35", unit="万份")], NameContext(("印制宣传手册不低于35万份。",))
    )
    assert (result.name, result.status) == ("印制宣传手册", "complete")


# ---------------------------------------------------------------------------------------------------------------------
# Clipped and spilt text
# ---------------------------------------------------------------------------------------------------------------------


def test_clipped_text() -> None:
    full = "完成公安交通管理综合应用平台运维"
    (result,) = repair_names([NameInput(3, full, full[:10])], NameContext())
    assert (result.name, result.status, result.source, result.evidence) == (full, "repaired", "clipped_text", full)
    assert [(f.code, f.row, f.raw, f.value) for f in result.findings] == [
        (Code.TEXT_CLIPPED, 3, full[:10], full),
        (Code.NAME_REPAIRED, 3, full[:10], full),
    ]


@pytest.mark.parametrize(
    ("goal", "name", "status", "source"),
    [
        ("提高基层医疗卫生服务能力和应急处置水平。", "提高基层医疗卫生服务能力和应急处置水平", "repaired", "goal"),
        ("提高基层服务能力。", "提高基层医疗卫生服务能力和应急处置水", "repaired", "clipped_text"),
    ],
)
def test_clipped_text_that_a_low_row_leaves_out_in_part(goal: str, name: str, status: str, source: str) -> None:
    held = "提高基层医疗卫生服务能力和应急处置水"
    result = repair(held, goal, shown=held[:9])
    assert (result.name, result.status, result.source) == (name, status, source)


def test_clipped_text_that_breaks_off_stays_truncated() -> None:
    held = "基层组织活动场所维修和"
    result = repair(held, shown=held[:7])
    assert (result.name, result.status, result.source) == (held, "truncated", "clipped_text")


def test_clipped_names_that_break_off_at_one_width_are_truncated() -> None:
    """A browser's print: 12 letters show, the 13th is held by the PDF, the rest by nobody."""
    held = (
        "组织突发公共卫生事件应急演", "人均基本公共卫生服务经费补", "提高基层医疗卫生服务能力和",
        "儿童国家免疫规划疫苗接种剂", "乡镇卫生院设备购置完成及时率", "群众就医满意度",
    )  # fmt: skip
    rows = [row(name, n, shown=name[: min(12, len(name) - 1)]) for n, name in enumerate(held, 1)]
    results = repair_names(rows, NameContext())
    assert [result.status for result in results] == [*["truncated"] * 4, "repaired", "repaired"]
    assert [result.name for result in results] == list(held)


def test_a_clipped_mark_is_no_clipped_name() -> None:
    (result,) = repair_names([NameInput(1, "宣传资料印制、", "宣传资料印制")], NameContext())
    assert (result.status, result.source) == ("truncated", None)


def test_a_hidden_name_is_its_text() -> None:
    (result,) = repair_names([NameInput(1, "群众满意度", "")], NameContext())
    assert (result.name, result.source) == ("群众满意度", "clipped_text")


def test_spilt_text_of_a_whole_name_stays_in_the_reason() -> None:
    reason = f"{USUAL} 设置进一步规范合理，"
    rows = [row("验收合格率", reason=reason), *(row("培训人次", n, reason=USUAL) for n in (2, 3, 4))]
    result = repair_names(rows, NameContext())[0]
    assert (result.name, result.status, result.reason) == ("验收合格率", "complete", reason)


def test_spilt_text_that_breaks_off_too_is_moved_but_truncated() -> None:
    reason = f"{USUAL} 引导车辆有序停放，避"
    rows = [row("引导车辆有序停放，", reason=reason), *(row("培训人次", n, reason=USUAL) for n in (2, 3, 4))]
    result = repair_names(rows, NameContext())[0]
    assert (result.name, result.status, result.source) == ("引导车辆有序停放，避", "truncated", "spill")
    assert result.reason == USUAL
    assert [f.code for f in result.findings] == [Code.TEXT_MOVED, Code.NAME_TRUNCATED]


# ---------------------------------------------------------------------------------------------------------------------
# Siblings and goal text
# ---------------------------------------------------------------------------------------------------------------------

FULL = "城乡居民对公共服务和基层治理工作的满意度"


def siblings(*others: NameInput) -> NameResult:
    printed = row("城乡居民对公共服务和基", target="≥90", unit="%", actual="92", level2="满意度")
    return repair_in_cut_form([printed, *others], NameContext())[0]


def test_sibling() -> None:
    result = siblings(row(FULL, 2, target="≥90", unit="%", actual="92", level2="满意度"))
    assert (result.name, result.status, result.source, result.evidence) == (FULL, "repaired", "sibling", FULL)


@pytest.mark.parametrize(
    "field", [{"target": "≥95"}, {"unit": "人"}, {"actual": "93"}, {"level2": "社会效益指标"}, {"text": "农村" + FULL}]
)
def test_no_sibling(field: dict[str, str]) -> None:
    fields = {"text": FULL, "target": "≥90", "unit": "%", "actual": "92", "level2": "满意度"} | field
    assert siblings(row(n=2, **fields)).status == "truncated"


def test_two_siblings_that_differ_complete_nothing() -> None:
    same = {"target": "≥90", "unit": "%", "actual": "92"}
    assert siblings(row(FULL, 2, **same), row("城乡居民对公共服务和基础设施满意度", 3, **same)).status == "truncated"


def test_two_siblings_that_agree_complete() -> None:
    same = {"target": "≥90", "unit": "%", "actual": "92"}
    assert siblings(row(FULL, 2, **same), row(FULL, 3, **same)).name == FULL


def test_two_cut_rows_of_the_same_words_are_not_completed() -> None:
    same = {"target": "≥90", "unit": "%", "actual": "92"}
    results = repair_in_cut_form(
        [row(FULL[:11], 1, **same), row(FULL[:11], 2, **same), row(FULL, 3, **same)], NameContext((FULL,))
    )
    assert [result.status for result in results] == ["truncated", "truncated", "complete"]


def read_goals() -> list[dict[str, str]]:
    lines = [line for line in GOALS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize("case", read_goals(), ids=lambda case: case["goal"][:12])
def test_goal(case: dict[str, str]) -> None:
    result = repair(case["printed"], case["goal"], **{field: case[field] for field in ("target", "unit", "actual")})
    if not case["name"]:
        assert (result.name, result.status, result.source) == (case["printed"], "truncated", None)
        return
    assert (result.name, result.status, result.source) == (case["name"], "repaired", "goal")
    assert result.evidence is not None
    assert result.evidence in case["goal"]


def test_a_completion_that_clashes_with_another_row_is_withdrawn() -> None:
    goal = "城乡居民基本养老保险参保率，"
    rows = [
        row("城乡居民基本养老保", 1, target="95", unit="%"),
        row("城乡居民基本养老保险参保率", 2, target="98", unit="%"),
    ]
    results = repair_names(rows, NameContext((goal,)))
    assert [(result.name, result.status) for result in results] == [
        ("城乡居民基本养老保", "truncated"),
        ("城乡居民基本养老保险参保率", "complete"),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# What always holds
# ---------------------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *(
            "完成",
            "开展",
            "组织",
            "为",
            "农村公路",
            "养护",
            "交通安全",
            "宣传",
            "教育",
            "活动",
            "培训",
            "人次",
            "满意度",
        ),
        *(
            "办理",
            "和",
            "、",
            "，",
            "。",
            "；",
            "（",
            "）",
            "“",
            "”",
            "不低于",
            "20",
            "%",
            "万次",
            "100%",
            "不",
            "2023年",
        ),
        *(
            "APP",
            "稳步提高",
            "业务",
            "办",
            "教",
            "率",
            "的",
            "达到",
            "指标1：",
            "①",
            "1.",
            "群众",
            "及",
            "等",
            " ",
            "\n",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=9).map("".join)
ROWS = st.lists(
    st.builds(
        lambda name, reason, target, unit: {"text": name, "reason": reason, "target": target, "unit": unit},
        TEXTS,
        st.one_of(st.just(USUAL), TEXTS, TEXTS.map(lambda text: f"{USUAL} {text}")),
        st.sampled_from(["90", "≥90%", "20万", "", "显著"]),
        st.sampled_from(["", "%", "次", "万人"]),
    ),
    max_size=8,
).map(lambda cases: [row(n=n, **case) for n, case in enumerate(cases, 1)])


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def stands_in_order(part: str, text: str) -> bool:
    rest = iter(text)
    return all(char in rest for char in part)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.lists(TEXTS, max_size=2))
def test_invariants(rows: list[NameInput], goals: list[str]) -> None:
    results = repair_names(rows, NameContext(tuple(goals)))
    given_texts = [squeezed(text) for text in (*goals, *(r.text for r in rows), *(r.reason for r in rows))]
    assert [result.row for result in results] == [one.row for one in rows]
    for one, result in zip(rows, results, strict=True):
        printed = fold(clean_name(one.text).text)
        assert stands_in_order(printed[len(leading_verb(printed)) :], fold(result.name))
        assert (result.evidence is None) == (result.source is None)
        if result.evidence is not None:
            assert any(squeezed(result.evidence) in text for text in given_texts)
        if result.status == "complete":
            assert fold(result.name) == printed
        if not any(finding.code is Code.TEXT_MOVED for finding in result.findings):
            assert result.reason == one.reason
        assert squeezed(one.reason).startswith(squeezed(result.reason)) or one.reason_lines


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_complete_names_stay_as_they_are(rows: list[NameInput]) -> None:
    done = [result for result in repair_names(rows, NameContext()) if result.status == "complete" and result.name]
    for result in done:
        (again,) = repair_names([row(result.name)], NameContext())
        assert again.name == result.name or clean_name(result.name).text != result.name


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([one.text for _, rows in read_corpus().values() for one in rows]), st.integers(1, 30))
def test_a_cut_name_is_never_longer_than_it_was(name: str, width: int) -> None:
    assert name.startswith(cut(name, width))
    assert display_width(cut(name, width)) <= 2 * width


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_taken(name: str, goal: str, reason: str) -> None:
    (result,) = repair_names([row(name, reason=reason)], NameContext((goal, name + goal)))
    assert result.row == 1
