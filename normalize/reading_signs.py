"""Signs that a recognised text shows in part: ≥ without its bar, ‰ without its last ring, the 率 of a name as 事.

The text fits its column as it was read, so that nothing there asks for another reading. The form's other operators do,
and what the reader itself thinks of. None of these is beyond doubt: the row keeps its flag.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from model import Reading
from normalize.names_cut import rate_endings
from normalize.reading_columns import Choice, Holds
from normalize.reading_places import Place
from normalize.reading_trust import SURE_NUMBER, SURE_TEXT, aligned
from normalize.readings import Edit
from normalize.words import word_frequency

__all__ = ["choose_sign", "form_operators"]

_WITH_BAR = {">": "≥", "＞": "≥", "<": "≤", "＜": "≤"}
_LIKELY_FROM = dict.fromkeys("≥≤=", SURE_TEXT) | dict.fromkeys(_WITH_BAR, SURE_NUMBER)
_ENOUGH = 3
"""Operators that a form must print for one to be read by them."""
_BARRED = frozenset("≥≤W")
_LEAST_BAR, _LIKELY = 0.05, 0.3
_LEAST_RING = 0.3
_MINUS = re.compile(r"[-–—一－](?=[0-9])")
_ENOUGH_EQUAL = 2
_RINGS = frozenset("0oO°")
_HAN_AT_END = re.compile(r"[\u3400-\u9fff](?=\s*$|\s*[(（])")
_NUMBERS = frozenset({Holds.VALUE, Holds.OPERATOR})


def form_operators(places: Sequence[Place]) -> tuple[str, ...]:
    """The operators that the values and operators of a form begin with, with repeats: ≥ and ≤ where they are likely,
    > and < where they are sure, because what is lost is the bar."""
    return tuple(
        "-" if _MINUS.match(text) else text[0]
        for place in places
        if place.holds in _NUMBERS and ((text := place.block.text)[:1] in _LIKELY_FROM or _MINUS.match(text))
        if (reading := aligned(place.block)) and reading.confidences[0] >= _LIKELY_FROM.get(text[0], SURE_TEXT)
    )


def choose_sign(
    text: str, reading: Reading, holds: Holds, operators: Sequence[str], *, is_target: bool = False
) -> Choice | None:
    """The reading to take of a text for a sign that shows in part; `operators` are the form's."""
    if is_target and (edit := _half(text, operators)):
        return _choice(text, edit)
    if holds in _NUMBERS and (edit := _bar(text, reading, operators)):
        return _choice(text, edit)
    if holds in (Holds.VALUE, Holds.UNIT) and (edit := _ring(text, reading)):
        return _choice(text, edit)
    if holds is Holds.NAME and (edit := _name_end(text, reading)):
        return _choice(text, edit)
    return None


def _choice(text: str, edit: Edit) -> Choice:
    return Choice((edit,), text[: edit.start] + edit.text + text[edit.end :], alone=True, settled=False)


def _bar(text: str, reading: Reading, operators: Sequence[str]) -> Edit | None:
    """≥ for a > that is not sure, in a form that prints ≥ and nowhere surely >."""
    sign = text[:1]
    meant = _WITH_BAR.get(sign)
    if meant is None or reading.confidences[0] >= SURE_NUMBER or not _may_have_bar(reading):
        return None
    without = {one for one in operators if _WITH_BAR.get(one) == meant}
    return Edit(0, 1, meant) if not without and operators.count(meant) >= _ENOUGH else None


def _half(text: str, operators: Sequence[str]) -> Edit | None:
    """= for the minus before a target, in a form that prints = before others and no target below nothing but this."""
    if not _MINUS.match(text) or operators.count("-") > 1:
        return None
    enough = 1 if text[1:].strip() == "100%" else _ENOUGH_EQUAL  # nothing is to be less than nothing by itself
    return Edit(0, 1, "=") if operators.count("=") >= enough else None


def _may_have_bar(reading: Reading) -> bool:
    """Whether the reader thinks of a sign with a bar (it took W for one; V is a plain >), and hardly of any other."""
    rivals = [one for one in reading.rivals if one.start == 0 < one.end and one.text != ">"]
    barred = any(one.text in _BARRED and one.confidence >= _LEAST_BAR for one in rivals)
    return barred and not any(one.text not in _BARRED and one.confidence >= _LIKELY for one in rivals)


def _ring(text: str, reading: Reading) -> Edit | None:
    """‰ for a % behind which the reader may see a ring: behind a plain % nothing round is printed."""
    n = text.rfind("%")
    if n < 0 or text[n + 1 : n + 2] in _RINGS:
        return None
    rings = [one for one in reading.rivals if one.start == one.end == n + 1 and one.text in _RINGS]
    best = max((one.confidence for one in rings), default=0.0)
    return Edit(n, n + 1, "‰", best) if best >= _LEAST_RING else None


def _name_end(text: str, reading: Reading) -> Edit | None:
    """率 at the end of a name where what was read makes no word and the reader thinks of 率, however little: 受害事.

    Names are cut by their column too: 交通事 is 交通事故, and then the reader thinks of nothing else.
    """
    found = _HAN_AT_END.search(text)
    n = found.start() if found else -1
    if n < 1 or reading.confidences[n] >= SURE_NUMBER or any(word_frequency(text[m : n + 1]) for m in (n - 1, n - 2)):
        return None
    found_ends = (one.text for one in reading.rivals if one.start == n and one.text in rate_endings())
    return next((Edit(n, n + 1, end) for end in found_ends), None)
