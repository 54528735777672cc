from dataclasses import replace

from literal import INDICATOR, RESULT
from model import Code, Completion, Finding, Form, Result
from output.completions import complete_rows, completions_to_text, rows_to_names, text_to_completions
from output.rows import Row, place_of, result_to_rows

FORM_ID = "abababababababab-1"
DONE = Completion(FORM_ID, 1, "交通安全宣传资料印制、发放份数", "交通安全… (cd-1)", "completed by memory", True)


def _cut() -> Result:
    row = replace(INDICATOR, name_status="truncated", flags=("name_truncated", "name_cleaned", "actual_implausible"))
    form = RESULT.forms[0]
    place = ("indicators", 1, 2, "name", "印制、", "印制", FORM_ID, "ab" * 32)
    cut = Finding(Code.NAME_TRUNCATED, "The name is cut.", *place)
    return Result(RESULT.document, (Form(form.head, form.funds, (row, *form.indicators[1:])),), (cut, *RESULT.findings))


def _value(row: Row, table: str, column: str) -> object:
    return row[place_of(table, column)]


def test_a_completed_row() -> None:
    before = result_to_rows(_cut())
    rows = complete_rows(before, [DONE])
    first, second = rows["indicators"]
    assert _value(first, "indicators", "name") == DONE.name
    assert _value(first, "indicators", "name_status") == "repaired"
    assert _value(first, "indicators", "name_source") == "memory"
    assert _value(first, "indicators", "name_evidence") == DONE.evidence
    assert _value(first, "indicators", "flags") == ("name_repaired", "actual_implausible")
    assert _value(first, "indicators", "name_raw") == INDICATOR.name_raw
    assert second == before["indicators"][1]
    assert before == result_to_rows(_cut())


def test_the_findings_of_a_completed_row() -> None:
    before = result_to_rows(_cut())["findings"]
    after = complete_rows(result_to_rows(_cut()), [DONE])["findings"]
    repaired = after[0]
    assert [_value(repaired, "findings", name) for name in ("code", "severity", "raw", "value", "message", "page")] == [
        "name_repaired", "info", "印制、", DONE.name, "completed by memory", 2,
    ]  # fmt: skip
    assert [_value(row, "findings", "code") for row in after] == [
        "name_repaired", "actual_implausible", "money_unit_corrected", "page_unread",
    ]  # fmt: skip
    assert after[1:] == before[2:]


def test_marks_that_are_still_taken_off() -> None:
    rows = complete_rows(result_to_rows(_cut()), [replace(DONE, unmarked=False)])
    assert _value(rows["indicators"][0], "indicators", "flags") == (
        "name_repaired", "name_cleaned", "actual_implausible",
    )  # fmt: skip
    assert _value(rows["findings"][1], "findings", "value") == DONE.name


def test_rows_without_completions_are_the_same() -> None:
    rows = result_to_rows(_cut())
    assert complete_rows(rows, []) is rows
    assert complete_rows(rows, [replace(DONE, form_id="x-1")]) == rows


def test_completions_as_text() -> None:
    later = replace(DONE, row=9)
    assert text_to_completions(completions_to_text([later, DONE])) == [DONE, later]
    assert completions_to_text([later, DONE]) == completions_to_text([DONE, later])
    assert completions_to_text([]) == ""
    assert text_to_completions("") == []


def test_names_of_rows() -> None:
    one, two = rows_to_names(result_to_rows(_cut()))
    assert (one.name, one.name_status, one.row, one.department) == (
        "交通安全宣传资料印制", "truncated", 1, "曲靖市公安局交通警察支队",
    )  # fmt: skip
    assert (one.level2, one.unit, one.marked) == ("数量指标", "份", "交通安全宣传资料印制、")
    assert two.marked is None
