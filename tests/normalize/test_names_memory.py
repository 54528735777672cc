from collections import Counter
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_memory import departments, pairs

from literal import INDICATOR, RESULT
from model import Completion, SeenName
from normalize.names_memory import body_to_key, complete_names, find_bodies

FORM = RESULT.forms[0]
BODY = "曲靖市公安局"
FULL = "城乡居民对公共服务和基层治理工作的满意度"
CUT = FULL[:11]
LONG = "及时为警务辅助人员配发服装和执法装备并按月发放工资缴纳五险一金"


def seen(document: int, row: int, name: str, status: str = "complete", **fields: str | None) -> SeenName:
    document_id = f"{document:064x}"
    base = SeenName(document_id, f"{document_id[-16:]}-1", BODY, row, name, status, None, "%", None)
    return replace(base, **fields)  # type: ignore[arg-type]


def whole_form(document: int, *names: str, **fields: str | None) -> list[SeenName]:
    """The names of a form that surely does not cut them: a far longer one stands among them, and shorter ones."""
    texts = [*names, LONG, LONG + "等", LONG + "及", "培训次数"]
    return [seen(document, n, text, **fields) for n, text in enumerate(texts, 1)]


def complete(cut: list[SeenName], *others: list[SeenName], key: str = BODY) -> list[Completion]:
    return complete_names(key, cut, [name for form in (cut, *others) for name in form])


def test_another_document_completes_a_cut_name() -> None:
    (one,) = complete([seen(1, 4, CUT, "truncated")], whole_form(2, FULL))
    assert (one.form_id, one.row, one.name) == (f"{1:016x}-1", 4, FULL)
    assert one.evidence == f"{FULL} ({2:016x}-1)"
    assert one.evidence in one.message


def test_the_documents_own_rows_are_no_evidence() -> None:
    own = [seen(1, 1, CUT, "truncated"), *(replace(name, form_id=f"{1:016x}-2") for name in whole_form(1, FULL))]
    assert complete(own) == []
    assert [one.row for one in complete(own, whole_form(2, FULL))] == [1]


@pytest.mark.parametrize(
    "against",
    [
        [CUT + "础设施的满意度"],  # another whole name begins so
        [CUT],  # the cut words are a whole name
    ],
    ids=["differs", "whole"],
)
def test_what_speaks_against_a_completion(against: list[str]) -> None:
    assert complete([seen(1, 1, CUT, "truncated")], whole_form(2, FULL), whole_form(3, *against)) == []


def test_a_longer_cut_name_that_goes_on_otherwise_speaks_against_it() -> None:
    other = [seen(3, 1, CUT + "础设", "truncated")]
    assert complete([seen(1, 1, CUT, "truncated")], whole_form(2, FULL), other) == []
    same = [seen(3, 1, FULL[:13], "truncated")]
    assert [one.name for one in complete([seen(1, 1, CUT, "truncated")], whole_form(2, FULL), same)] == [FULL]


@pytest.mark.parametrize(
    ("field", "one", "other", "completes"),
    [
        ("unit", "%", "人", False),
        ("unit", "%", "％", True),
        ("unit", None, "人", True),
        ("level2", "数量指标", "质量指标", False),
        ("level2", "数量指标", None, True),
    ],
)
def test_level_and_unit_must_agree(field: str, one: str | None, other: str | None, completes: bool) -> None:
    cut = [seen(1, 1, CUT, "truncated", **{field: one})]
    assert bool(complete(cut, whole_form(2, FULL, **{field: other}))) is completes


def test_a_name_that_another_row_of_the_form_has_is_not_given_twice() -> None:
    assert complete([seen(1, 1, CUT, "truncated"), seen(1, 2, FULL)], whole_form(2, FULL)) == []
    twice = [seen(1, 1, CUT, "truncated"), seen(1, 2, FULL[:12], "truncated")]
    assert complete(twice, whole_form(2, FULL)) == []
    same = [seen(1, 1, CUT, "truncated"), seen(1, 2, CUT, "truncated")]
    assert complete(same, whole_form(2, FULL)) == []


def test_forms_of_other_departments_are_no_evidence() -> None:
    other = [replace(name, department="曲靖市教育局") for name in whole_form(2, FULL)]
    assert complete([seen(1, 1, CUT, "truncated")], other) == []
    mine = [seen(1, 1, CUT, "truncated", department="曲靖市教育局")]
    assert complete(mine, whole_form(2, FULL)) == []


def test_the_widest_names_of_a_form_are_no_evidence() -> None:
    assert complete([seen(1, 1, CUT, "truncated")], [seen(2, 1, FULL), seen(2, 2, FULL[1:])]) == []
    assert complete([seen(1, 1, CUT, "truncated")], [seen(2, 1, FULL, "repaired"), seen(2, 2, FULL[1:])])


def test_short_names_are_not_completed() -> None:
    assert complete([seen(1, 1, FULL[:4], "truncated")], whole_form(2, FULL)) == []


@pytest.mark.parametrize(
    ("printed", "unmarked"), [("宣传资料印制、", True), ("1.宣传资料印制、", False), ("宣传资料印制，", False)]
)
def test_marks_taken_off(printed: str, unmarked: bool) -> None:
    """The finding that a mark was taken off goes where the whole name goes on with that mark, and only then."""
    row = seen(1, 1, "宣传资料印制", "truncated", marked=printed)
    (one,) = complete([row], whole_form(2, "宣传资料印制、发放份数"))
    assert one.unmarked is unmarked


@pytest.mark.parametrize(
    ("department", "key"),
    [
        ("曲靖市公安局交通警察支队", "曲靖市公安局交通警察支队"),
        ("曲靖市 公安局（本级）", "曲靖市公安局(本级)"),
        ("云南大学", "云南大学"),
        ("蒙川自治区人力资源和社会保障厅", "蒙川自治区人力资源和社会保障厅"),
        ("教育局", None),
        ("市公安局", None),
        ("本市教育局", None),
        ("住房和城乡建设局", None),
        ("市场监督管理局", None),
        ("", None),
        (None, None),
    ],
)
def test_departments_that_say_which_they_are(department: str | None, key: str | None) -> None:
    assert body_to_key(department) == key


def test_bodies_of_a_document() -> None:
    cut = replace(INDICATOR, name_status="truncated")
    form = replace(FORM, indicators=(cut, INDICATOR, cut))
    other = replace(FORM, head=replace(FORM.head, department="教育局"))
    assert find_bodies([form, replace(form, indicators=(INDICATOR,)), other]) == [(FORM.head.department, 2)]


# ---------------------------------------------------------------------------------------------------------------------
# What always holds
# ---------------------------------------------------------------------------------------------------------------------


def test_the_order_of_documents_changes_nothing() -> None:
    documents = [
        [seen(1, 1, CUT, "truncated"), seen(1, 2, "培训次数")],
        whole_form(2, FULL),
        whole_form(3, FULL, CUT[:8] + "环境的满意度"),
        [seen(4, 1, FULL[:14], "truncated")],
    ]
    cut = [documents[0], documents[3]]
    cut = [*documents[0], *documents[3]]
    results = {
        tuple(sorted(map(repr, complete_names(BODY, cut, [name for document in order for name in document]))))
        for order in permutations(documents)
    }
    assert len(results) == 1
    assert len(results.pop()) == 2


TEXT = st.text("城乡居民满意度率数量培训工作", min_size=4, max_size=14)


@given(st.lists(st.tuples(st.integers(1, 3), TEXT, st.booleans()), min_size=2, max_size=12))
def test_a_completion_goes_on_with_the_printed_name(rows: list[tuple[int, str, bool]]) -> None:
    names = [
        seen(document, n, text, "truncated" if is_cut else "repaired")
        for n, (document, text, is_cut) in enumerate(sorted(rows), 1)
    ]
    by_row = {name.row: name for name in names}
    for one in complete_names(BODY, names, names):
        cut = by_row[one.row]
        assert cut.name_status == "truncated"
        assert one.name.startswith(cut.name)
        assert any(
            name.name == one.name and name.document_id != cut.document_id and name.form_id in one.evidence
            for name in names
        )


@pytest.mark.slow
@pytest.mark.parametrize("goals", [True, False])
def test_no_name_is_completed_wrongly(goals: bool) -> None:
    counts = Counter(verdict for verdict, *_ in pairs(goals=goals))
    assert counts["wrong"] == 0
    assert counts["right"] > 1500


@pytest.mark.slow
def test_no_name_is_completed_wrongly_where_rows_have_one_line_or_two() -> None:
    counts = Counter(verdict for verdict, *_ in pairs(goals=False, uneven=True))
    assert (counts["wrong"], counts["right"] > 800) == (0, True)


@pytest.mark.slow
def test_no_name_is_completed_wrongly_in_one_department_of_many_forms() -> None:
    counts = Counter(verdict for verdict, *_ in departments())
    assert (counts["wrong"], counts["right"] > 1800) == (0, True)
