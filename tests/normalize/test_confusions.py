"""The table of confusions: which parts of a text may be something else, where, and at which confidence."""

from __future__ import annotations

import pytest

from normalize.cases import fold
from normalize.confusions import confusions_in, is_lone_stroke, may_be_digit, plain, twin_characters


def found(text: str) -> set[tuple[int, str]]:
    return {(start, confusion.meant) for start, _, confusion in confusions_in(text)}


@pytest.mark.parametrize(
    ("text", "place", "meant"),
    [
        ("5O%", 1, "0"),
        ("Ｏ4", 0, "0"),  # full-width, as it folds
        ("1〇0", 1, "0"),
        ("l2", 0, "1"),
        ("丨20", 0, "1"),
        ("二95%", 0, "="),
        ("S0", 0, "5"),
        ("B", 0, "8"),
        ("1Z", 1, "2"),
        ("3。5", 1, "."),
        ("12月未", 3, "末"),
        ("31目", 2, "日"),
        ("250", 0, "≥"),
        ("0.9%0", 3, "‰"),
        ("95o/o", 2, "%"),
        ("三级措标", 2, "指"),
        ("|50", 0, ""),
        ("50.", 2, ""),
        ("1", 0, "—"),
        ("7", 0, "/"),
    ],
)
def test_what_a_part_may_be(text: str, place: int, meant: str) -> None:
    assert (place, meant) in found(text)


def test_remains_of_rules_stand_at_an_end_only() -> None:
    assert (1, "") not in found("5|0")
    assert {(0, ""), (3, "")} <= found("|50|")
    assert (1, "≥") not in found("12")


def test_lone_strokes_are_the_whole_text() -> None:
    assert (0, "—") not in found("10")
    assert [is_lone_stroke(text) for text in ("1", " 1 ", "—", "/", "7", "j", "10", "5", "", "一级")] == [
        True, True, True, True, True, True, False, False, False, False,
    ]  # fmt: skip


def test_a_sign_is_a_stroke_by_itself_only() -> None:
    assert (0, "%") in found("90")
    assert not is_lone_stroke("9")


def test_signs_that_look_like_digits() -> None:
    assert {"O", "o", "l", "I", "|", "丨", "〇"} <= twin_characters()
    assert not {"S", "B", "Z", "5"} & twin_characters()
    assert [may_be_digit(char) for char in "SzB口甲"] == [True, True, True, True, False]


def test_places_are_those_of_the_printed_text() -> None:
    assert plain("５ O\u200b％") == "5 O %"
    assert (2, "0") in found("５ O％")


def test_nothing_is_mistaken_for_itself() -> None:
    from normalize.cases import load

    cases = load("confusions", key=("read", "meant", "place"), columns=("read", "meant", "place", "used"))
    assert [case for case in cases.values() if fold(case["read"]) == fold(case["meant"])] == []
    assert {case["used"] for case in cases.values()} == {"always", "unsure"}


@pytest.mark.parametrize("text", [".52", "。5", "·90%"])
def test_a_point_before_digits_is_no_speck(text: str) -> None:
    """It is what is left of 0.52."""
    assert (0, "") not in found(text)
