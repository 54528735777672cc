"""Forms off pictures: what the form knows decides, what nothing supports is flagged, and the file's own texts stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from literal_forms import content
from recognised import Doubts, reading, recognised, with_readings
from seed_form import seed

from model import Code, Content, Finding, Form, IndicatorRow, Method, Reading, Rival, Table
from normalize import normalize
from normalize.reading_pass import settle_readings

FORM = """
项目名称 | 农村饮水 | < | < | < | < | < | < | <
主管部门 | 某县水务局 | < | < | < | < | < | < | <
项目资金（万元） | < | 年初预算数 | 全年预算数 | 全年执行数 | 分值 | 执行率 | 得分 | <
^ | 年度资金总额 | 150.00 | 168.35 | 125.25 | 10 | 74.40% | 7.44 | <
^ | 其中：财政拨款 | 100.00 | 118.35 | 95.25 | — | — | — | <
^ | 其他资金 | 50.00 | 50.00 | 30.00 | — | — | — | <
年度总体目标 | 完成饮水工程。 | < | < | < | < | < | < | <
一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值 | 分值 | 得分 | 未完成原因 | <
产出指标 | 数量指标 | 新建水厂 | ≥36个 | 38个 | 30 | 30 | | <
^ | 质量指标 | 水质合格率 | ≥95% | 96% | 20 | 20 | | <
^ | 时效指标 | 完成及时率 | =100% | 98% | 10 | 9.5 | 天气原因 | <
效益指标 | 社会效益指标 | 受益人口 | ≥2500人 | 2600人 | 20 | 20 | | <
满意度指标 | 服务对象满意度指标 | 群众满意度 | ≥90% | 95% | 10 | 10 | | <
总分 | < | < | < | < | 100 | 96.94 | | <
"""
TITLE = "项目支出绩效自评表"
YEAR = "（2023年度）"

Misread = Mapping[str, tuple[str, Doubts]]
"""Printed text to the text as read and its doubts."""


def picture(misread: Misread, form: str = FORM) -> Content:
    """The form as read off a picture, some of its texts otherwise than printed. `#2` behind one: its second place."""
    seen: dict[str, int] = {}

    def read(text: str) -> tuple[str, Reading | None]:
        seen[text] = seen.get(text, 0) + 1
        found = misread.get(f"{text}#{seen[text]}") or (misread.get(text) if seen[text] == 1 else None)
        return (found[0], reading(*found)) if found else (text, reading(text))

    return with_readings(content(TITLE, YEAR, form), read)


def read_form(misread: Misread, form: str = FORM) -> tuple[Form, list[Finding]]:
    """The one form and what was decided and doubted."""
    (form_read,), findings = normalize(picture(misread, form), "ab" * 32)
    return form_read, [f for f in findings if f.code in (Code.OCR_DECIDED, Code.OCR_UNCERTAIN)]


def plain_form() -> Form:
    (form,), _ = normalize(content(TITLE, YEAR, FORM), "ab" * 32)
    return form


def without_flag(row: IndicatorRow) -> IndicatorRow:
    return replace(row, flags=tuple(flag for flag in row.flags if flag != "ocr_decided"))


def said(findings: Sequence[Finding]) -> list[tuple[str, str | None, int | None, str | None, str | None, str | None]]:
    return [(f.code.value.removeprefix("ocr_"), f.table, f.row, f.column, f.raw, f.value) for f in findings]


# ---------------------------------------------------------------------------------------------------------------------
# Nothing without a reading, nothing against a sure one
# ---------------------------------------------------------------------------------------------------------------------


def test_a_document_without_pictures_passes_through_itself() -> None:
    document = content(TITLE, YEAR, FORM)
    settled = settle_readings(document)
    assert settled.content is document
    assert settled.findings == ()
    assert [form.findings for form in settled.forms] == [()]


@pytest.mark.parametrize("document", [content(TITLE, YEAR, FORM), seed(), seed(cut=True), seed(merged=True)])
def test_a_sure_picture_gives_the_rows_of_its_text(document: Content) -> None:
    forms, findings = normalize(document, "ab" * 32)
    seen, also = normalize(recognised(document), "ab" * 32)
    assert [replace(form, head=replace(form.head, method=Method.TEXT)) for form in seen] == list(forms)
    assert also == findings
    assert settle_readings(recognised(document)).content == recognised(document)


# ---------------------------------------------------------------------------------------------------------------------
# Decisions, each with its finding
# ---------------------------------------------------------------------------------------------------------------------

DECIDED: list[tuple[str, Misread, list[tuple[object, ...]]]] = [
    (
        "a head that no table knows",
        {"三级指标": ("三级措标", {2: (0.7, [("指", 0.25)])})},
        [("decided", "forms", None, None, "三级措标", "三级指标")],
    ),
    (
        "a head of money",
        {"全年执行数": ("全年扶行数", {2: (0.8, [])})},
        [("decided", "forms", None, None, "全年扶行数", "全年执行数")],
    ),
    (
        "one of two heads of one level",
        {"二级指标": ("一级指标", {0: (0.6, [("二", 0.35)])})},
        [("decided", "forms", None, None, "一级指标", "二级指标")],
    ),
    (
        "a label, so that its value is found",
        {"主管部门": ("主菅部门", {1: (0.8, [("管", 0.15)])})},
        [("decided", "forms", None, None, "主菅部门", "主管部门")],
    ),
    (
        "a word of a sentence",
        {"完成饮水工程。": ("完成饮水工呈。", {5: (0.7, [("程", 0.25)])})},
        [
            ("decided", "forms", None, "goal_expected", "完成饮水工呈。", "完成饮水工程。"),
            ("uncertain", "forms", None, "goal_expected", "完成饮水工程。", None),  # the dictionary is no proof
        ],
    ),
    (
        "the title",
        {TITLE: ("项目支出绩效自坪表", {7: (0.8, [])})},
        [("decided", "forms", None, "title", "项目支出绩效自坪表", TITLE)],
    ),
    (
        "the year",
        {YEAR: ("（2O23年度）", {})},
        [("decided", "forms", None, "fiscal_year", "（2O23年度）", YEAR)],
    ),
    (
        "the unit of the amounts",
        {"项目资金（万元）": ("项目资金（方元）", {5: (0.8, [])})},
        [("decided", "forms", None, "money_unit_printed", "项目资金（方元）", "项目资金（万元）")],
    ),
    (
        "a source of money",
        {"其他资金": ("其池资金", {1: (0.9, [("他", 0.05)])})},
        [("decided", "funds", 3, "source_raw", "其池资金", "其他资金")],
    ),
    (
        "a level over its rows, once",
        {"产出指标": ("产出措标", {2: (0.7, [("指", 0.25)])})},
        [("decided", "indicators", 1, "level1_raw", "产出措标", "产出指标")],
    ),
    (
        "a row of totals",
        {"总分": ("总兮", {1: (0.6, [("分", 0.3)])})},
        [("decided", "forms", None, None, "总兮", "总分")],
    ),
    (
        "a letter in a value",
        {"≥2500人": ("≥25OO人", {})},
        [("decided", "indicators", 4, "target_raw", "≥25OO人", "≥2500人")],
    ),
    (
        "an amount that its rate tells",
        {"125.25": ("126.25", {2: (0.6, [("5", 0.3)])})},
        [("decided", "funds", 1, "executed_raw", "126.25", "125.25")],
    ),
    (
        "an amount that its sum tells",
        {"50.00": ("60.00", {0: (0.6, [("5", 0.3)])})},
        [("decided", "funds", 3, "initial_raw", "60.00", "50.00")],
    ),
    (
        "a weight that the total tells",
        {"20": ("26", {1: (0.6, [("0", 0.3), ("8", 0.05)])})},
        [("decided", "indicators", 2, "weight", "26", "20")],
    ),
    (
        "a total that its parts tell",
        {"100": ("106", {2: (0.6, [("0", 0.3)])})},
        [("decided", "forms", None, "weight_total", "106", "100")],
    ),
    (
        "dashes read as ones",
        {"—": ("1", {0: (0.9, [("一", 0.05)])}), "—#3": ("1", {0: (0.95, [])})},
        [("decided", "funds", 2, "weight", "1", "一"), ("decided", "funds", 2, "score", "1", "—")],
    ),
    (
        "a score by the total of scores",
        {"9.5": ("9.6", {2: (0.7, [("5", 0.2)])})},
        [("decided", "indicators", 3, "score", "9.6", "9.5")],
    ),
    (
        "an operator read as a digit, by the habit of the form",
        {"≥36个": ("236个", {0: (0.6, [("≥", 0.3)])})},
        [("decided", "indicators", 1, "target_raw", "236个", "≥36个")],
    ),
    (
        "strokes of a seal beside a value",
        {"98%": ("い98%", {0: (0.4, [])}), "38个": ("38个-", {})},
        [
            ("decided", "indicators", 1, "actual_raw", "38个-", "38个"),
            ("decided", "indicators", 3, "actual_raw", "い98%", "98%"),
        ],
    ),
    (
        "a head of which a character is lost under a seal",
        {"实际完成值": ("1实际成值-", {})},
        [("decided", "forms", None, None, "1实际成值-", "实际完成值")],
    ),
    (
        "a level that is near to one only",
        {"质量指标": ("质量指称", {3: (0.6, [("协", 0.2)])})},
        [("decided", "indicators", 2, "level2_raw", "质量指称", "质量指标")],
    ),
    (
        "an operator lost, by the habit of the form",
        {"≥36个": ("36个", {}), "x": ("", {})},
        [],  # nothing tells where the reader names no rival
    ),
]


@pytest.mark.parametrize(("misread", "findings"), [case[1:] for case in DECIDED], ids=[case[0] for case in DECIDED])
def test_decisions(misread: Misread, findings: list[tuple[object, ...]]) -> None:
    form, found = read_form(misread)
    assert said(found) == findings
    if findings:
        printed = plain_form()
        funds = tuple(replace(fund, flags=(), source_raw=None) for fund in form.funds)
        assert funds == tuple(replace(fund, flags=(), source_raw=None) for fund in printed.funds)
        assert [without_flag(row) for row in form.indicators] == list(printed.indicators)
        assert replace(form.head, method=Method.TEXT) == printed.head


def test_an_operator_that_the_reader_missed_is_taken_where_it_names_it() -> None:
    def read(text: str) -> tuple[str, Reading | None]:
        return ("36个", Reading((0.99,) * 3, (Rival(0, 0, "≥", 0.35),))) if text == "≥36个" else (text, reading(text))

    (form,), findings = normalize(with_readings(content(TITLE, YEAR, FORM), read), "ab" * 32)
    assert (form.indicators[0].operator, form.indicators[0].target_value) == (">=", 36.0)
    decided = [f for f in findings if f.code is Code.OCR_DECIDED]
    assert said(decided) == [("decided", "indicators", 1, "target_raw", "36个", "≥36个")]


@pytest.mark.parametrize(
    ("read", "doubts"),
    [
        (">95%", {0: (0.6, [("≥", 0.3)])}),  # the other operators of the form tell
        ("≥958", {3: (0.85, [("%", 0.13)])}),  # the unit of the actual tells
    ],
)
def test_what_the_form_tells_of_a_sign_is_taken_and_stays_in_doubt(read: str, doubts: Doubts) -> None:
    form, found = read_form({"≥95%": (read, doubts)})
    assert said(found) == [
        ("decided", "indicators", 2, "target_raw", read, "≥95%"),
        ("uncertain", "indicators", 2, "target_raw", "≥95%", None),
    ]
    row = form.indicators[1]
    assert (row.operator, row.target_value, row.unit, row.flags) == (">=", 95, "%", ("ocr_decided", "ocr_uncertain"))


def test_a_digit_that_both_looks_lost_is_told_by_the_total() -> None:
    read, found = read_form({"10#2": ("1", {0: (0.99, [("1°16", 0.75)])})})
    assert said(found) == [("decided", "indicators", 3, "weight", "1", "10")]
    assert read.indicators[2].weight == 10


def test_a_digit_is_no_per_cent_sign_where_the_actual_has_none() -> None:
    _, found = read_form({"≥36个": ("≥368", {3: (0.85, [("%", 0.13)])})})
    assert [f.code for f in found] == [Code.OCR_UNCERTAIN]


def looked_again(printed: str, text: str, again: Rival) -> Content:
    """The form with a text that was read surely, and otherwise when the reader looked again."""

    def read(one: str) -> tuple[str, Reading | None]:
        return (text, Reading((0.99,) * len(text), (again,))) if one == printed else (one, reading(one))

    return with_readings(content(TITLE, YEAR, FORM), read)


def test_an_operator_that_only_the_second_look_shows_is_taken_by_the_habit_of_the_form() -> None:
    (form,), findings = normalize(looked_again("≥36个", "36个", Rival(0, 3, "≥36个", 0.96)), "ab" * 32)
    assert (form.indicators[0].operator, form.indicators[0].target_value) == (">=", 36.0)
    assert said([f for f in findings if f.code is Code.OCR_DECIDED]) == [
        ("decided", "indicators", 1, "target_raw", "36个", "≥36个")
    ]


def test_a_number_read_otherwise_when_looked_at_again_is_in_doubt() -> None:
    _, findings = normalize(looked_again("38个", "38个", Rival(0, 2, "33", 0.9)), "ab" * 32)
    assert [(f.column, f.raw) for f in findings if f.code is Code.OCR_UNCERTAIN] == [("actual_raw", "38个")]
    _, findings = normalize(looked_again("38个", "38个", Rival(0, 3, "38人", 0.9)), "ab" * 32)
    assert [f for f in findings if f.code is Code.OCR_UNCERTAIN] == []  # the digits are the same


def test_rows_show_the_reading_taken_and_tell_it_by_a_flag() -> None:
    form, _ = read_form({"≥2500人": ("≥25OO人", {}), "50.00": ("60.00", {0: (0.6, [("5", 0.3)])})})
    assert (form.indicators[3].target_raw, form.indicators[3].target_value) == ("≥2500人", 2500.0)
    assert form.indicators[3].flags == ("ocr_decided",)
    assert (form.funds[2].initial_raw, form.funds[2].flags) == ("50.00", ("ocr_decided",))


def test_findings_say_why_and_where() -> None:
    _, (finding,) = read_form({"50.00": ("60.00", {0: (0.6, [("5", 0.3)])})})
    assert "the sources add up to their sum" in finding.message
    assert (finding.page, finding.form_id, finding.document_id) == (1, "ab" * 8 + "-1", "ab" * 32)


# ---------------------------------------------------------------------------------------------------------------------
# Doubts
# ---------------------------------------------------------------------------------------------------------------------

DOUBTED: list[tuple[str, Misread, list[tuple[object, ...]]]] = [
    ("a target", {"≥36个": ("≥86个", {1: (0.6, [("3", 0.3)])})}, [("target_raw", "≥86个", 1)]),
    ("an actual, never read by its target", {"38个": ("33个", {1: (0.7, [("6", 0.2)])})}, [("actual_raw", "33个", 1)]),
    ("a letter that is no value", {"38个": ("N", {0: (0.75, [("M", 0.03)])})}, [("actual_raw", "N", 1)]),
    ("a sign of a target", {"≥95%": (">95%", {0: (0.6, [("7", 0.3)])})}, [("target_raw", ">95%", 2)]),
    ("a missing sign", {"95%": ("95%", {})}, []),
    ("a digit that the sum backs", {"50.00": ("50.00", {0: (0.6, [("6", 0.3)])})}, []),
    ("a weight that the total backs", {"20": ("20", {0: (0.6, [("2", 0.3)])})}, []),
    ("a name hardly read", {"新建水厂": ("新建永厂", {2: (0.4, [("水", 0.3)])})}, [("name_raw", "新建永厂", 1)]),
    ("a name fairly read", {"新建水厂": ("新建水厂", {2: (0.7, [("永", 0.2)])})}, []),
    ("a reason, once", {"天气原因": ("天氛原困", {1: (0.3, []), 3: (0.3, [])})}, [("reason", "天氛原困", 3)]),
    ("a known level", {"质量指标": ("质量指标", {1: (0.4, [("里", 0.3)])})}, []),
    ("the year", {YEAR: ("（2028年度）", {4: (0.7, [("3", 0.2)])})}, [("fiscal_year", "（2028年度）", None)]),
    ("rivals that no column holds", {"38个": ("38个", {0: (0.7, [("三", 0.28)])})}, []),
    ("a dash that may be 1, but for the totals", {"—": ("—", {0: (0.6, [("1", 0.3)])})}, []),
    ("a dash that may be 1, but for executed / final", {"—#2": ("—", {0: (0.6, [("1", 0.3)])})}, []),
]  # fmt: skip


@pytest.mark.parametrize(("misread", "places"), [case[1:] for case in DOUBTED], ids=[case[0] for case in DOUBTED])
def test_doubts(misread: Misread, places: list[tuple[object, ...]]) -> None:
    form, found = read_form(misread)
    assert [(f.column, f.raw, f.row) for f in found] == places
    assert {f.code for f in found} <= {Code.OCR_UNCERTAIN}
    flagged = {("indicators", row.row) for row in form.indicators if "ocr_uncertain" in row.flags}
    flagged |= {("funds", fund.line) for fund in form.funds if "ocr_uncertain" in fund.flags}
    assert flagged == {(f.table, f.row) for f in found if f.row is not None}


def test_a_dash_that_may_be_a_one_without_totals() -> None:
    form = FORM[: FORM.index("总分")]
    _, found = read_form({"—#3": ("—", {0: (0.6, [("1", 0.3)])})}, form)
    assert [(f.column, f.row) for f in found] == [("score", 2)]


def test_weights_that_make_up_for_each_other() -> None:
    """30 + 20 is 50, and so is 20 + 30: the total backs neither. Where a score tells them apart, it does."""
    misread = {"30": ("30", {0: (0.6, [("2", 0.3)])}), "20": ("20", {0: (0.6, [("3", 0.3)])})}
    low = FORM.replace("38个 | 30 | 30", "38个 | 30 | 15").replace("96% | 20 | 20", "96% | 20 | 15")
    _, found = read_form(misread, low.replace("96.94", "76.94"))
    assert said(found) == [
        ("uncertain", "indicators", 1, "weight", "30", None),
        ("uncertain", "indicators", 2, "weight", "20", None),
    ]
    assert read_form(misread)[1] == []


def test_numbers_that_may_agree_in_two_ways_are_left_and_flagged() -> None:
    low = FORM.replace("38个 | 30 | 30", "38个 | 30 | 15").replace("96% | 20 | 20", "96% | 20 | 15")
    misread = {
        "30": ("80", {0: (0.6, [("3", 0.2), ("2", 0.1)])}),
        "20": ("30", {0: (0.6, [("2", 0.2), ("8", 0.1)])}),
    }
    form, found = read_form(misread, low.replace("96.94", "76.94"))
    assert [row.weight for row in form.indicators[:2]] == [80, 30]
    assert all("ocr_uncertain" in row.flags for row in form.indicators[:2])
    assert {f.code for f in found} == {Code.OCR_UNCERTAIN}


def test_a_blank_where_a_seal_may_hide_a_value_is_flagged() -> None:
    """Of the blank cells that the reader marks only those of values count, in the row that they stand in."""
    document = picture({})
    (*lines, table) = document.blocks
    assert isinstance(table, Table)
    hidden = Reading((), hidden=True)
    cells = tuple(
        replace(cell, text="", lines=(), reading=hidden) if cell.text in {"38个", "9.5", "天气原因"} else cell
        for cell in table.cells
    )
    (form,), findings = normalize(replace(document, blocks=(*lines, replace(table, cells=cells))), "ab" * 32)
    doubts = [finding for finding in findings if finding.code is Code.OCR_UNCERTAIN]
    assert [(one.table, one.row, one.column, one.raw) for one in doubts] == [
        ("indicators", 1, "actual_raw", None),
        ("indicators", 3, "score", None),
    ]
    assert all("look at the page" in one.message for one in doubts)
    assert form.indicators[0].actual_raw is None


def test_what_a_seal_lies_on_is_flagged_however_surely_it_was_read() -> None:
    document = picture({})
    (*lines, table) = document.blocks
    assert isinstance(table, Table)
    cells = tuple(
        replace(cell, reading=replace(cell.reading, hidden=True))
        if cell.text in {"新建水厂", "96%", "完成饮水工程。"} and cell.reading is not None else cell
        for cell in table.cells
    )
    _, findings = normalize(replace(document, blocks=(*lines, replace(table, cells=cells))), "ab" * 32)
    doubts = [(one.row, one.column) for one in findings if one.code is Code.OCR_UNCERTAIN]
    assert doubts == [(1, "name_raw"), (2, "actual_raw")]  # sentences lose little with a character


def test_rivals_are_quoted() -> None:
    _, (finding,) = read_form({"≥36个": ("≥86个", {1: (0.6, [("3", 0.3), ("5", 0.05)])})})
    assert "60%" in finding.message
    assert "'≥36个' or '≥56个'" in finding.message


def test_a_number_merged_over_rows_is_flagged_in_each() -> None:
    form = FORM.replace("≥95% | 96%", "^ | 96%").replace("≥36个", "≥36%")
    _, found = read_form({"≥36%": ("≥86%", {1: (0.6, [("3", 0.3)])})}, form)
    assert [(f.column, f.row) for f in found] == [("target_raw", 1), ("target_raw", 2)]


def test_a_year_that_the_document_names_surely_elsewhere_is_no_doubt() -> None:
    form = FORM.replace("完成饮水工程。", "2023年完成饮水工程。")
    read, found = read_form({YEAR: (YEAR, {4: (0.7, [("8", 0.2)])})}, form)
    assert found == []
    assert read.head.fiscal_year == 2023


def test_a_year_is_read_by_the_one_that_is_named_surely_elsewhere() -> None:
    form = FORM.replace("完成饮水工程。", "2023年完成饮水工程。")
    read, found = read_form({YEAR: ("（2028年度）", {4: (0.7, [("3", 0.2)])})}, form)
    assert said(found) == [("decided", "forms", None, "fiscal_year", "（2028年度）", YEAR)]
    assert read.head.fiscal_year == 2023
    other = FORM.replace("完成饮水工程。", "2021年完成饮水工程。")
    _, found = read_form({YEAR: ("（2028年度）", {4: (0.7, [("3", 0.2)])})}, other)
    assert said(found) == [("uncertain", "forms", None, "fiscal_year", "（2028年度）", None)]


def test_the_unit_of_the_amounts_in_doubt() -> None:
    misread = {"项目资金（万元）": ("项目资金（万元）", {5: (0.7, [("", 0.2)])})}
    _, (finding,) = read_form(misread)
    assert (finding.code, finding.column) == (Code.OCR_UNCERTAIN, "money_unit_printed")
    assert "'项目资金（元）'" in finding.message


def test_a_number_in_a_column_of_units_is_no_unit_however_sure() -> None:
    head = "项目名称 | 甲 | < | < | < | <\n一级指标 | 二级指标 | 三级指标 | 年度指标值 | 度量单位 | 实际完成值"
    form = f"{head}\n产出指标 | 数量指标 | 培训期数 | 5 | 期 | 5\n^ | 质量指标 | 合格率 | 95 | % | 96"
    read, found = read_form({"%": ("90", {})}, form)
    assert said(found) == [("decided", "indicators", 2, "unit_raw", "90", "%")]
    assert read.indicators[1].unit == "%"
    _, found = read_form({"%": ("40", {})}, form)
    assert said(found) == [("uncertain", "indicators", 2, "unit_raw", "40", None)]


def test_a_unit_in_doubt() -> None:
    counted = {"≥36个": ("≥36个", {3: (0.7, [("人", 0.2)])}), "≥2500人": ("≥2500人", {5: (0.7, [("入", 0.2)])})}
    _, found = read_form(counted)
    assert said(found) == [("uncertain", "indicators", 1, "target_raw", "≥36个", None)]


def test_the_title_of_another_page_helps() -> None:
    blocks = picture({}).blocks
    again = picture({"项目支出绩效自评表": ("项目支出缋效自评表", {4: (0.6, [("绩", 0.3)])})}).blocks
    settled = settle_readings(Content((*blocks, again[0], *blocks[2:])))
    assert [block.text for block in settled.content.blocks if not isinstance(block, Table)] == [TITLE, YEAR, TITLE]


def test_what_no_form_holds_is_told_for_the_document() -> None:
    table = content("一级指标 | 二级指标 | 说明\n甲 | 乙 | 丙")

    def read(text: str) -> tuple[str, Reading | None]:
        doubts = {2: (0.7, [("指", 0.2)])} if text == "二级指标" else {}
        return text.replace("二级指", "二级措"), reading(text, doubts)

    forms, findings = normalize(with_readings(table, read), "ab" * 32)
    assert forms == ()
    assert said(findings) == [("decided", "documents", None, None, "二级措标", "二级指标")]


# ---------------------------------------------------------------------------------------------------------------------
# How a form was read
# ---------------------------------------------------------------------------------------------------------------------


def method_of(document: Content) -> Method:
    return normalize(document, "ab" * 32)[0][0].head.method


def test_the_method_of_a_form() -> None:
    text, seen = content(TITLE, YEAR, FORM), picture({})
    assert (method_of(text), method_of(seen)) == (Method.TEXT, Method.OCR)


def test_a_table_joined_from_both_is_mixed_where_the_form_is() -> None:
    (title, year, table), (*_, seen) = content(TITLE, YEAR, FORM).blocks, picture({}).blocks
    assert isinstance(table, Table)
    assert isinstance(seen, Table)
    half = tuple(a if a.r0 < 8 else b for a, b in zip(table.cells, seen.cells, strict=True))
    assert method_of(Content((title, year, replace(table, method=Method.MIXED, cells=half)))) is Method.MIXED
    assert method_of(Content((title, year, replace(table, method=Method.MIXED)))) is Method.TEXT
    assert method_of(Content((title, year, replace(seen, method=Method.MIXED)))) is Method.OCR


def test_forms_of_one_document_have_their_own_methods() -> None:
    forms, _ = normalize(Content((*content(TITLE, YEAR, FORM).blocks, *picture({}).blocks)), "ab" * 32)
    assert [form.head.method for form in forms] == [Method.TEXT, Method.OCR]


# ---------------------------------------------------------------------------------------------------------------------
# Whatever is read
# ---------------------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(seed=st.integers(0, 10**9))
def test_every_change_has_its_finding_and_nothing_breaks(seed: int) -> None:
    random = Random(seed)
    signs = [*"0136789OlSB|.,%≥>指标分一—", ""]

    def read(text: str) -> tuple[str, Reading | None]:
        if random.random() < 0.8:
            return text, reading(text)
        places = sorted(random.randint(0, len(text)) for _ in range(2))
        ends = [min(n + random.randint(0, 1), len(text)) for n in places]
        rivals = [Rival(n, end, random.choice(signs), random.random()) for n, end in zip(places, ends, strict=True)]
        return text, Reading(tuple(random.random() for _ in text), tuple(rivals))

    document = with_readings(content(TITLE, YEAR, FORM), read)
    settled = settle_readings(document)
    before, after = texts_of(document), texts_of(settled.content)
    found = [*settled.findings, *(finding for form in settled.forms for finding in form.findings)]
    decided = [f for f in found if f.code is Code.OCR_DECIDED]
    assert {a for a, b in zip(before, after, strict=True) if a != b} <= {f.raw for f in decided}
    assert {b for a, b in zip(before, after, strict=True) if a != b} <= {f.value for f in decided}
    assert len(decided) >= sum(a != b for a, b in zip(before, after, strict=True))
    assert all(f.raw != f.value for f in decided)
    normalize(document, "ab" * 32)


def texts_of(document: Content) -> list[str]:
    return [c.text for block in document.blocks for c in (block.cells if isinstance(block, Table) else (block,))]


def test_rows_under_a_head_that_was_not_read_do_not_vanish() -> None:
    """Hubei's blocks are called 年度绩效目标1 and 2: without its head the first one's rows stood among the goals."""
    form = """
    项目名称 | 农村饮水 | < | < | < | < | <
    年度绩效目标1(40分) | 一级指标 | 二级指标 | 一级 | 年初目标值 | 实际完成值 | 得分
    ^ | 产出指标 | 数量指标 | 培训农民人数 | 不少于1200人 | 1265人 | 10
    ^ | 效益指标 | 社会效益指标 | 示范带动农户 | 0.8万户 | 0.82万户 | 20
    年度绩效目标2(40分) | 一级指标 | 二级指标 | 三级指标 | 年初目标值 | 实际完成值 | 得分
    ^ | 产出指标 | 数量指标 | 推广面积 | 8万亩以上 | 8.2万亩 | 10
    """
    (read,), findings = normalize(content(TITLE, YEAR, form), "ab" * 32)
    texts = [f.raw or "" for f in findings if f.code is Code.ROW_UNPLACED]
    for name in ("培训农民人数", "示范带动农户"):
        assert any(name in text for text in texts) or any(row.name == name for row in read.indicators)
