"""What a text may say instead, and a cell whose text is replaced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recognised import SURE, reading

from model import Box, Cell, Line, Reading, Rival
from normalize.reading_trust import aligned, unsure_places
from normalize.readings import Edit, alternatives, applied, quote, with_text

TEXTS = st.text(alphabet="0123456789OlS|.,%≥个产出指标 ", min_size=1, max_size=12)


def cell(text: str, made: Reading | None, lines: tuple[str, ...] = (), shown: str | None = None) -> Cell:
    return Cell(0, 0, 0, 0, text, Box(0, 0, 10, 10), 1, shown=shown, lines=lines or (text,), reading=made)


def test_rivals_and_confusions() -> None:
    made = reading("5B%", {1: (0.6, [("6", 0.3)])})
    assert [(one.text, round(one.odds, 2), one.changes) for one in alternatives("5B%", made, unsure_only=True)] == [
        ("56%", 0.5, 1),
        ("58%", 0.05, 1),
    ]


def test_sure_characters_change_only_where_they_look_the_same() -> None:
    made = reading("5O%5S")
    assert alternatives("5O%5S", made, unsure_only=True) == []
    assert [one.text for one in alternatives("5O%5S", made, unsure_only=False)] == ["50%5S"]


def test_white_space_beside_a_mark_goes_with_it() -> None:
    made = reading("10 |")
    assert [one.text for one in alternatives("10 |", made, unsure_only=False)] == ["10 1", "10"]


def test_the_same_sign_all_over_is_one_change() -> None:
    (one,) = alternatives("1OO,OOO", reading("1OO,OOO"), unsure_only=False)
    assert (one.text, one.changes, one.is_twin) == ("100,000", 1, True)


def test_what_may_be_missing_or_too_much() -> None:
    made = Reading((0.99, 0.6, 0.99), (Rival(0, 0, "≥", 0.3), Rival(1, 2, "", 0.35), Rival(3, 3, "x", 0.01)))
    assert {"≥1a0", "10", "≥10"} <= {one.text for one in alternatives("1a0", made, unsure_only=True)}
    assert all("x" not in one.text for one in alternatives("1a0", made, unsure_only=False))


def test_rivals_are_quoted_likeliest_first() -> None:
    made = reading("13", {1: (0.5, [("8", 0.1), ("5", 0.3), ("9", 0.01)])})
    assert quote("13", made) == "'15' or '18'"


def test_signs_of_either_width_are_one() -> None:
    made = aligned(cell("指标：", reading("指标：", {2: (0.6, [(":", 0.39), (";", 0.01)])})))
    assert made is not None
    assert made.confidences[2] == pytest.approx(0.99)
    assert [rival.text for rival in made.rivals] == [";"]


def test_a_reading_that_does_not_fit_its_text_keeps_its_doubt_and_changes_nothing() -> None:
    made = aligned(cell("12345", Reading((0.99, 0.4), (Rival(0, 1, "7", 0.3),))))
    assert made == Reading((0.4,) * 5)
    beyond = (Rival(1, 5, "7", 0.3), Rival(2, 1, "7", 0.3))
    assert aligned(cell("12", Reading((0.9, 0.9), beyond))) == Reading((0.9, 0.9))
    assert aligned(cell("12", None)) is None


def test_lone_strokes_ask_for_more() -> None:
    assert unsure_places("1", Reading((0.97,))) == [0]
    assert unsure_places("10", Reading((0.97, 0.97))) == []
    assert unsure_places("个", Reading((0.97,))) == []


@pytest.mark.parametrize(
    ("lines", "edits", "after"),
    [
        (("1O0",), [Edit(1, 2, "0")], ("100",)),
        (("三级", "措标"), [Edit(2, 3, "指")], ("三级", "指标")),
        (("三级", "指标|"), [Edit(4, 5, "")], ("三级", "指标")),
        (("≥", "5O%"), [Edit(2, 3, "0")], ("≥", "50%")),
        (("三级", "指"), [Edit(3, 3, "标")], ("三级", "指标")),
        (("三级", "措际"), [Edit(1, 3, "级指")], ("三级指际",)),  # over two lines: which is which can not be told
        (("|", "50"), [Edit(0, 1, "")], ("50",)),
    ],
)
def test_lines_follow_the_text(lines: tuple[str, ...], edits: list[Edit], after: tuple[str, ...]) -> None:
    text = "".join(lines)
    changed = with_text(cell(text, reading(text), lines), edits, settled=True)
    assert (changed.lines, changed.text, changed.visible) == (after, applied(text, edits), applied(text, edits))


def test_a_space_between_latin_lines_stays() -> None:
    changed = with_text(cell("APP u5e", reading("APP u5e"), ("APP", "u5e")), [Edit(5, 6, "s")], settled=True)
    assert (changed.text, changed.lines) == ("APP use", ("APP", "use"))


def test_what_is_shown_follows_the_text() -> None:
    text = "宣传资枓印制份数"
    changed = with_text(cell(text, reading(text), (text,), shown="宣传资枓"), [Edit(3, 4, "料")], settled=True)
    assert (changed.text, changed.shown) == ("宣传资料印制份数", "宣传资料")


def test_what_was_put_in_is_as_sure_as_its_evidence() -> None:
    made = reading("1B5", {1: (0.6, [("8", 0.3)]), 2: (0.7, [("6", 0.2)])})
    for settled, sure in ((True, 1.0), (False, 0.3)):
        changed = with_text(cell("1B5", made), [Edit(1, 2, "8", 0.3)], settled=settled)
        assert changed.reading == Reading((SURE, sure, 0.7), (Rival(2, 3, "6", 0.2),))
    line = Line(1, "1B5", Box(0, 0, 1, 1), made)
    assert with_text(line, [Edit(1, 1, "00")], settled=True).reading == Reading(
        (SURE, 1.0, 1.0, 0.6, 0.7), (Rival(3, 4, "8", 0.3), Rival(4, 5, "6", 0.2))
    )


@given(data=st.data(), text=TEXTS, cut=st.integers(0, 12), sure=st.booleans(), settled=st.booleans())
def test_a_cell_stays_whole_under_any_alternative(
    data: st.DataObject, text: str, cut: int, sure: bool, settled: bool
) -> None:
    confidences = data.draw(st.lists(st.floats(0, 1), min_size=len(text), max_size=len(text)))
    places = st.integers(0, len(text))
    rivals = data.draw(st.lists(st.tuples(places, places, st.sampled_from(["", "0", "≥", "指标"]), st.floats(0, 1))))
    made = Reading(tuple(confidences), tuple(Rival(*rival) for rival in sorted(rivals)))
    lines = tuple(line for line in (text[:cut], text[cut:]) if line)
    one = cell(text, made, lines)
    seen = aligned(one)
    assert seen is not None
    found = alternatives(text, seen, unsure_only=sure)
    assert [other.changes for other in found] == sorted(other.changes for other in found)
    for other in found[:40]:
        changed = with_text(one, other.edits, settled=settled)
        assert other.text != text
        assert changed.text == other.text == applied(text, other.edits)
        assert changed.reading is not None
        assert len(changed.reading.confidences) == len(changed.text)
        assert all(0 <= rival.start <= rival.end <= len(changed.text) for rival in changed.reading.rivals)
        assert "".join("".join(changed.lines).split()) == "".join(changed.text.split())
        assert changed.visible == changed.text


@given(text=TEXTS)
def test_a_sure_text_has_no_alternatives_that_fit_as_it_is(text: str) -> None:
    assert alternatives(text, Reading((SURE,) * len(text)), unsure_only=True) == []


@given(st.integers(1000, 10**12), st.data())
def test_a_grouped_number_is_itself_whatever_its_marks_are_read_as(cents: int, data: st.DataObject) -> None:
    """Only points for commas, or commas for points; a number with one mark may be another number."""
    printed = f"{cents / 100:,.2f}" if cents < 10**11 else f"{cents:,}"
    marks = [at for at, char in enumerate(printed) if char in ",."]
    wrong = data.draw(st.lists(st.sampled_from(marks), max_size=4)) if len(marks) > 1 else []
    read = "".join({",": ".", ".": ","}[char] if at in wrong else char for at, char in enumerate(printed))
    texts = [one.text for one in alternatives(read, reading(read), unsure_only=False) if one.changes == 1]
    assert read == printed or printed in texts
    assert printed not in [one.text for one in alternatives(printed, reading(printed), unsure_only=True)]


def test_what_is_taken_away_unsurely_leaves_its_doubt_to_what_it_stood_by() -> None:
    made = cell("10f", reading("10f", {2: (0.6, [])}))
    left = with_text(made, [Edit(2, 3, "")], settled=False)
    assert aligned(left) == Reading((SURE, 0.5), ())
    assert aligned(with_text(made, [Edit(2, 3, "")], settled=True)) == Reading((SURE, SURE), ())
    both = with_text(made, [Edit(0, 2, "18", 0.99), Edit(2, 3, "")], settled=False)
    assert aligned(both) == Reading((SURE, 0.5), ())


def test_what_a_rival_repeats_is_as_sure_as_before() -> None:
    made = cell("60x", Reading((0.7, 0.9, 0.5), ()))
    assert aligned(with_text(made, [Edit(0, 3, "60", 0.85)], settled=True)) == Reading((0.7, 0.9), ())
    assert aligned(with_text(made, [Edit(0, 3, "68", 0.85)], settled=True)) == Reading((0.7, 1.0), ())
    assert aligned(with_text(made, [Edit(0, 3, "60")], settled=True)) == Reading((1.0, 1.0), ())
