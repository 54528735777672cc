"""Signs that show in part, by the form's other operators and by what the reader thinks of."""

from __future__ import annotations

import pytest
from recognised import Doubts, reading

from model import Reading, Rival
from normalize.reading_columns import Holds
from normalize.reading_signs import choose_sign

BARRED = ("≥", "≥", "≥", "≤")
BOTH = ("≥", "≥", "≥", ">")
SEEN: Doubts = {0: (0.76, [("≥", 0.2)])}


@pytest.mark.parametrize(
    ("holds", "text", "doubts", "operators", "meant"),
    [
        (Holds.VALUE, ">90%", SEEN, BARRED, "≥90%"),
        (Holds.OPERATOR, ">", SEEN, BARRED, "≥"),
        (Holds.OPERATOR, ">", {0: (0.59, [("W", 0.36)])}, BARRED, "≥"),
        (Holds.OPERATOR, "<", {0: (0.7, [("≤", 0.2)])}, ("≤", "≤", "≤", "="), "≤"),
        (Holds.OPERATOR, ">", {0: (0.9, [("V", 0.13), ("v", 0.06)])}, BARRED, None),  # V is a plain >
        (Holds.VALUE, ">90%", SEEN, BOTH, None),  # the form prints both
        (Holds.VALUE, ">90%", SEEN, ("≥", "≥"), None),  # too few to tell
        (Holds.VALUE, ">90%", {}, BARRED, None),
        (Holds.VALUE, ">90%", {0: (0.76, [])}, BARRED, None),  # the reader thinks of no bar
        (Holds.OPERATOR, ">", {0: (0.58, [("≥", 0.06), ("=", 0.45)])}, BARRED, None),
        (Holds.VALUE, "≥90%", {0: (0.6, [(">", 0.3)])}, (">", ">", ">"), None),  # no bar is put in by a speck
        (Holds.TEXT, ">90%", SEEN, BARRED, None),
        (Holds.NAME, "森林火灾受害事", {6: (0.79, [("串", 0.19), ("率", 0.01)])}, (), "森林火灾受害率"),
        (Holds.NAME, "草原火灾受害事（‰）", {6: (0.79, [("率", 0.2)])}, (), "草原火灾受害率（‰）"),
        (Holds.NAME, "降低全市交通事", {6: (0.7, [])}, (), None),  # 事故, cut by its column
        (Holds.NAME, "举办大型赛事", {5: (0.7, [("率", 0.2)])}, (), None),  # a word
        (Holds.NAME, "森林火灾受害事", {}, (), None),
    ],
)
def test_signs(holds: Holds, text: str, doubts: Doubts, operators: tuple[str, ...], meant: str | None) -> None:
    choice = choose_sign(text, reading(text, doubts), holds, operators)
    assert (choice.text if choice else None) == meant
    assert choice is None or not choice.settled


@pytest.mark.parametrize(
    ("text", "rival", "meant"),
    [
        ("0.0046%", Rival(7, 7, "0", 0.46), "0.0046‰"),
        ("≤2.5%", Rival(5, 5, "o", 0.3), "≤2.5‰"),
        ("90%", Rival(3, 3, "0", 0.1), None),
        ("90%", Rival(3, 3, "1", 0.5), None),
        ("90%", Rival(1, 1, "0", 0.5), None),
        ("90", Rival(2, 2, "0", 0.5), None),
    ],
)
def test_a_ring_behind_per_cent(text: str, rival: Rival, meant: str | None) -> None:
    choice = choose_sign(text, Reading((0.9,) * len(text), (rival,)), Holds.VALUE, ())
    assert (choice.text if choice else None) == meant


@pytest.mark.parametrize(
    ("text", "operators", "meant"),
    [
        ("-100%", ("=", "≥", "-"), "=100%"),
        ("-95%", ("=", "=", "-"), "=95%"),
        ("-95%", ("=", "≥", "-"), None),
        ("-100%", ("≥", "-"), None),
        ("-100%", ("=", "=", "-", "-"), None),  # other targets are negative, too
        ("95%", ("=", "="), None),
        ("-", ("=", "="), None),
    ],
)
def test_a_minus_before_a_target(text: str, operators: tuple[str, ...], meant: str | None) -> None:
    choice = choose_sign(text, reading(text), Holds.VALUE, operators, is_target=True)
    assert (choice.text if choice else None) == meant
    assert choose_sign(text, reading(text), Holds.VALUE, operators) is None
