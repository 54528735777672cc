"""Recognised texts that nothing supports: numbers that are not sure, words that are hardly read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from model import Cell, Code, Finding, Line, Reading, Rival
from normalize.blanks import is_blank
from normalize.confusions import confusions_in, is_lone_stroke, may_be_digit, plain
from normalize.find import FormParts
from normalize.fiscal_year import find_years
from normalize.reading_columns import NUMBERS, Holds, fit, is_number_like
from normalize.reading_places import Place
from normalize.reading_terms import is_term
from normalize.reading_trust import LOOKED_AGAIN, SURE_NUMBER, SURE_STROKE, SURE_TEXT, aligned, unsure_places
from normalize.readings import Edit, alternatives, applied, quote
from normalize.rows import Row
from normalize.words import word_frequency

__all__ = ["find_doubts", "sure_years"]

_HAN = re.compile(r"[\u3400-\u9fff]")
_FREE = frozenset({Holds.TERM, Holds.TEXT})
_YEAR = re.compile(r"[^年]{4}(?=年)|20[0-9]{2}")
_HIDDEN = "Nothing was read here, where a seal as dark as the print may hide something: look at the page."
_COVERED = "A seal as dark as the print lies on a part of this, of which something may be missing: look at the page."
_SHORT = 3
"""Characters of a value that should be a word: longer ones are made of several."""
_WORDS = frozenset({Holds.LEVEL1, Holds.LEVEL2, Holds.UNIT, Holds.SOURCE, Holds.MONEY_UNIT})


def find_doubts(parts: FormParts, places: Sequence[Place]) -> Iterator[Finding]:
    """One finding for each doubtful text of a form in each row that it goes to. `places` are those not backed.

    Texts that go into no column of the output (values of labels that nothing asks for) are no matter.
    """
    years = sure_years(parts)
    seen: set[tuple[int, int | None]] = set()
    for place in places:
        key = (id(place.block), place.row)
        if key in seen or place.column is None:
            continue
        seen.add(key)
        message = _doubt(place, years)
        if message:
            yield Finding(
                Code.OCR_UNCERTAIN, message, table=place.table, row=place.row, page=place.block.page,
                column=place.column, raw=place.block.text or None,
            )  # fmt: skip


def _doubt(place: Place, years: frozenset[int]) -> str | None:
    """Why a text is doubtful, None where it is not. Of blank cells only those of numbers are asked."""
    reading, hidden = aligned(place.block), place.block.reading is not None and place.block.reading.hidden
    if reading is None:
        return _HIDDEN if hidden and place.holds in NUMBERS else None
    unsure = _unsure(place, reading, years)
    if unsure:
        return _message(place.block.text, reading, unsure)
    return _COVERED if hidden and place.holds not in _FREE else None


def _message(text: str, reading: Reading, unsure: Sequence[int]) -> str:
    least = min(reading.confidences[n] for n in unsure)
    others = quote(text, reading)
    may = f" It may be {others}." if others else ""
    return f"Read with {least:.0%} confidence, and nothing else in the form supports it.{may}"


def _unsure(place: Place, reading: Reading, years: frozenset[int]) -> list[int]:
    """The places of the characters that make a text doubtful; none where it is not."""
    text = place.block.text
    if place.holds in (Holds.DIGITS, Holds.YEAR):
        own = set(find_years(text))
        unsure = _unsure_digits(text, reading)
        if place.holds is Holds.YEAR:
            named = {n for match in _YEAR.finditer(text) for n in range(*match.span())}
            return [] if own and own <= years else [n for n in unsure if n in named]
        return unsure
    if place.holds is Holds.NAME and (unsure := _unsure_in_name(place, reading)):
        return unsure
    if place.holds in NUMBERS and (again := _read_otherwise(text, reading)):
        return again
    return (
        _unsure_number(place, reading) if is_number_like(text, reading, place.holds) else _unsure_word(place, reading)
    )


def _unsure_number(place: Place, reading: Reading) -> list[int]:
    text = place.block.text
    if is_blank(text):
        return unsure_places(text, reading) if _has_rival(place, reading) else []
    if fit(text, place.holds, place.known).rank == 0:
        return _misfit(text, reading)
    unsure = [n for n in unsure_places(text, reading) if not _is_only_fit(place, reading, n)]
    return unsure or _contested(place, reading) or _missing(place, reading)


def _unsure_word(place: Place, reading: Reading) -> list[int]:
    text = place.block.text
    if place.holds is Holds.VALUE and not is_blank(text) and not _HAN.search(text):
        return _misfit(text, reading)  # N was read for 0: values are numbers or words
    if place.holds is Holds.VALUE and min(reading.confidences) < SURE_NUMBER and _is_no_word(text):
        return _misfit(text, reading)  # 丰丰 was read for 95.6%
    if place.holds is Holds.UNIT and any(char.isdigit() for char in text) and fit(text, place.holds).rank == 0:
        return list(range(len(text)))  # % was read as 90 with 0.99: no unit, however sure the reader is
    if place.holds in _WORDS and (contested := _contested(place, reading)):
        return contested
    hardly = unsure_places(text, reading, words=True)
    if not hardly or is_blank(text):
        return []
    known = fit(text, place.holds).rank == 2 if place.holds in _WORDS else is_term(text)
    return [] if known else hardly


def _is_no_word(text: str) -> bool:
    """Whether a short text is neither blank nor a word that a table or the dictionary knows."""
    return len(text) <= _SHORT and not is_blank(text) and not is_term(text) and not word_frequency(text)


def _read_otherwise(text: str, reading: Reading) -> list[int]:
    """What the reader, looking again, read with other digits than before: 1 as 16, 70.12 as 20.12. Under a seal the
    first look may be sure, and wrong."""
    again = (one for one in reading.rivals if one.start < one.end and one.confidence >= LOOKED_AGAIN)
    other = (one for one in again if _digits(one.text) != _digits(text[one.start : one.end]))
    return sorted({n for one in other for n in range(one.start, one.end)})


def _digits(text: str) -> str:
    return "".join(char for char in plain(text) if char.isdigit())


def _misfit(text: str, reading: Reading) -> list[int]:
    """What must be doubted in a text that is nothing that its column holds: 丨20 may be 120, or 20 beside what is left
    of a rule; 1 92 is 92 beside what is left of a seal."""
    twins = (n for n, _, one in confusions_in(text) if one.twin)
    unsure = (n for n, confidence in enumerate(reading.confidences) if confidence < SURE_STROKE)
    return sorted({*unsure_places(text, reading), *twins, *unsure})


def _contested(place: Place, reading: Reading) -> list[int]:
    """The least sure character of a text that, by a rival, would be something else that fits as well: 5个, 5人."""
    least = min(reading.confidences)
    return [reading.confidences.index(least)] if least < SURE_NUMBER and _has_rival(place, reading) else []


def _missing(place: Place, reading: Reading) -> list[int]:
    """Where something is likely missing with which the text would fit as well: 5年 for ≥5年."""
    own = fit(place.block.text, place.holds, place.known)
    likely = [one for one in reading.rivals if one.start == one.end and one.confidence > 1 - SURE_NUMBER]
    fits = ((one, fit(_with(place, one), place.holds, place.known)) for one in likely)
    last = len(place.block.text) - 1
    return [min(one.start, last) for one, other in fits if other.rank == 2 and other.outcome != own.outcome]


def _with(place: Place, rival: Rival) -> str:
    return applied(place.block.text, [Edit(*rival[:3])])


def _is_only_fit(place: Place, reading: Reading, n: int) -> bool:
    """Whether a character is sure once rivals are set aside with which the text would not be what its column holds.

    Rivals that make no difference (a comma of either width) count for what was read. An operator or code that no
    rival contests is one of few, and asks for no more than a word.
    """
    own = fit(place.block.text, place.holds, place.known)
    if own.rank < 2:
        return False
    same, left = reading.confidences[n], 1.0
    for rival in reading.rivals:
        if (rival.start, rival.end) == (n, n + 1):
            other = fit(_with(place, rival), place.holds, place.known)
            same += rival.confidence if other == own else 0
            left -= rival.confidence if other.rank < 2 else 0
    needed = SURE_TEXT if place.holds is Holds.OPERATOR and not _has_rival(place, reading) else SURE_NUMBER
    return not is_lone_stroke(place.block.text) and same >= needed * left


def _has_rival(place: Place, reading: Reading) -> bool:
    """Whether an unsure text, read otherwise, would be something else that fits as well.

    Codes and operators are few, and each may be mistaken for another: of them the usual confusions count too, and so
    they do of a lone stroke for which the reader names no rival.
    """
    own = fit(place.block.text, place.holds, place.known)
    every = alternatives(place.block.text, reading, unsure_only=True, most=1) if place.holds not in _FREE else []
    unnamed = not reading.rivals and min(reading.confidences) < SURE_NUMBER
    by_table = place.holds is Holds.OPERATOR or (is_lone_stroke(place.block.text) and unnamed)
    asked = (one.text for one in every if by_table or all(edit.confidence is not None for edit in one.edits))
    others = (fit(text, place.holds, place.known) for text in asked)
    return any(other.rank == 2 and other.outcome != own.outcome for other in others)


def sure_years(parts: FormParts) -> frozenset[int]:
    """The years that title, labels and goals name with all digits sure."""
    strips = (*parts.over, *parts.labels, *parts.goals)
    blocks = (block for strip in strips for block in (strip.filled if isinstance(strip, Row) else (strip,)))
    return frozenset(year for block in blocks if _digits_are_sure(block) for year in find_years(block.text))


def _digits_are_sure(block: Cell | Line) -> bool:
    reading = aligned(block)
    return reading is None or not _unsure_digits(block.text, reading)


def _unsure_digits(text: str, reading: Reading) -> list[int]:
    """The digits of a text that are not sure, signs like them, and what stands between digits."""
    return [n for n in unsure_places(text, reading) if _is_of_number(text, n)]


def _is_of_number(text: str, n: int) -> bool:
    is_between = 0 < n < len(text) - 1 and text[n - 1].isdigit() and text[n + 1].isdigit()
    return text[n].isdigit() or is_between or (text[n].isascii() and may_be_digit(text[n]))


def _unsure_in_name(place: Place, reading: Reading) -> list[int]:
    """Digits of a name, and what stands in brackets at its end and is no unit."""
    text = place.block.text
    opened = max(text.rfind("("), text.rfind("（"))
    is_open = fit(text, place.holds).rank < 2 and min(reading.confidences[opened:]) < SURE_NUMBER
    return _unsure_digits(text, reading) or (list(range(opened, len(text))) if is_open else [])
