"""What a column holds, and which reading of a recognised text fits it.

A reading is taken against the recogniser only where the column could not hold what was read. Of readings that fit the
one with the fewest changes counts, if it is the only one of these, or by far the likeliest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from model import Reading
from normalize.blanks import is_blank, is_blank_unit
from normalize.cases import fold
from normalize.codebooks import load_codebooks
from normalize.confusions import is_lone_stroke, may_be_digit, plain, twin_characters
from normalize.fiscal_year import find_years
from normalize.labels import find_source
from normalize.levels import parse_level1, parse_level2
from normalize.money_unit import find_printed_unit
from normalize.operators import CellKind, parse_operator_cell
from normalize.reading_trust import DECISIVE, SETTLING_ODDS, SURE_NUMBER
from normalize.readings import Alternative, Edit, alternatives
from normalize.units import find_unit_in_name, parse_unit
from normalize.values import Amount, Printed, ValueKind, parse_amount, parse_rate, parse_value, parse_weight

__all__ = [
    "NO_VOCABULARY",
    "NUMBERS",
    "Choice",
    "Fit",
    "Holds",
    "Vocabulary",
    "choose",
    "decide",
    "find_codes",
    "fit",
    "is_number_like",
]

_OPERATOR_SIGNS = "≥≤><=≮≯"
_YEAR_BROKEN = re.compile(r"(?<![0-9])(?=.?.?.?[0-9])[^年]{4}年")
_LEAST_WORD = 2
_MARKS_OF_UNITS = frozenset("'\"°′″")  # minutes and degrees are never the one thing that a stroke may be
_LETTER = re.compile(r"[a-z]")  # as which …… was read where no indicator stands
_HAN = re.compile(r"[\u3400-\u9fff]")
_BRACKETS_AT_END = re.compile(r"[(（][^()（）]{1,6}[)）]$")


class Holds(StrEnum):
    """What a cell holds by its column or label."""

    OPERATOR = "operator"
    VALUE = "value"
    UNIT = "unit"
    WEIGHT = "weight"
    AMOUNT = "amount"
    RATE = "rate"
    NAME = "name"  # text of which digits count, and a unit in brackets at its end
    LEVEL1 = "level1"
    LEVEL2 = "level2"
    SOURCE = "source"
    YEAR = "year"  # text that may name a year: a title, a label's value
    DIGITS = "digits"  # text of which only the digits count: a code of a project, a sentence of amounts
    MONEY_UNIT = "money_unit"  # a head or side that prints the unit of the amounts
    TERM = "term"
    TEXT = "text"


_SIGNS: dict[tuple[Holds, str], str] = {
    (Holds.OPERATOR, "V"): "≥",
    (Holds.OPERATOR, "v"): "≥",
    (Holds.OPERATOR, "W"): "≥",
    (Holds.UNIT, "%0"): "‰",
    (Holds.UNIT, "%o"): "‰",
}
"""As what signs are read of which the reader, looking again, loses a part: a bar, a ring. > and % were not seen so."""

NUMBERS = frozenset({Holds.OPERATOR, Holds.VALUE, Holds.WEIGHT, Holds.AMOUNT, Holds.RATE})


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a text is what its column holds: 2 well, 1 in part (a number in an unknown unit), 0 not.

    Texts of one `outcome` mean the same there.
    """

    rank: int
    outcome: Hashable


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What else is known of a cell's place: the `unit` printed for a value, the `codes` that its column may hold
    (none where it holds symbols; None where nothing tells). `nameless`: its row has no name but perhaps a stroke."""

    unit: str | None = None
    codes: frozenset[str] | None = None
    nameless: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A reading that fits. `alone`: no other does, else it was by far the likeliest. `settled`: it is beyond doubt."""

    edits: tuple[Edit, ...]
    text: str
    alone: bool
    settled: bool


NO_VOCABULARY = Vocabulary()


def fit(text: str, holds: Holds, known: Vocabulary = NO_VOCABULARY) -> Fit:
    """How well a text is what a column holds."""
    if known.nameless and is_lone_stroke(text):
        return Fit(2, "blank") if is_blank(text) else Fit(0, None)
    if holds is Holds.VALUE:
        return _fit_value(text, known.unit)
    if holds is Holds.OPERATOR:
        return _fit_operator(text, known.codes)
    return _FITS[holds](text) if holds in _FITS else Fit(2, text)


def choose(text: str, reading: Reading, holds: Holds, known: Vocabulary = NO_VOCABULARY) -> Choice | None:
    """The reading to take instead of a text that its column can not hold, None where none or several fit."""
    if lone := _lone_sign(text, holds, known):
        return lone
    own = fit(text, holds, known)
    if own.rank == 2 or (holds is Holds.VALUE and not _may_be_number(text, reading)):
        return None
    found = [
        (one, other)
        for one in alternatives(text, reading, unsure_only=own.rank > 0)
        if (other := fit(one.text, holds, known)).rank > own.rank and _is_asked(text, one.text, other, holds, known)
        if not (holds in NUMBERS and _joins_digits(text, one))
    ]
    best = max((other.rank for _, other in found), default=0)
    choice = decide([(one, other) for one, other in found if other.rank == best])
    return choice or (_completed_code(text, known.codes or ()) if holds is Holds.OPERATOR else None)


def _lone_sign(text: str, holds: Holds, known: Vocabulary) -> Choice | None:
    """The sign that a text is which rivals show without a part of it: V is ≥ though the reader thinks of >, too."""
    bare = text.strip()
    meant = _SIGNS.get((holds, bare))
    if meant is None or (holds is Holds.OPERATOR and known.codes):
        return None
    start = text.index(bare)
    return Choice((Edit(start, start + len(bare), meant),), text.replace(bare, meant), alone=True, settled=False)


def _is_asked(text: str, other: str, found: Fit, holds: Holds, known: Vocabulary) -> bool:
    """Whether a reading that fits may be meant by what was read."""
    if known.nameless and is_lone_stroke(text):
        return is_blank(other)
    if holds in (Holds.NAME, Holds.YEAR):
        return bool(found.outcome)  # a unit or a year, not only a text without one
    if holds is Holds.UNIT and other.strip() in _MARKS_OF_UNITS:
        return False
    # I型 is no number, whatever 型 may be
    return found.outcome is not None and (found.rank == 2 or any(char.isdigit() for char in text))


def _joins_digits(text: str, one: Alternative) -> bool:
    """Whether a reading makes one number of two by taking away what stands between them: 800000日1 is no 8000001."""
    gone = (edit for edit in one.edits if not edit.text and 0 < edit.start < edit.end < len(text))
    return any(text[edit.start - 1].isdigit() and text[edit.end].isdigit() for edit in gone)


def _completed_code(text: str, codes: Iterable[str]) -> Choice | None:
    """A code that lost zeros in front, 04 for 004, in a column that holds codes."""
    code = fold(text)
    whole = {one for one in codes if code.isdigit() and one.endswith(code) and not one[: -len(code)].strip("0")}
    missing = whole.pop().removesuffix(code) if len(whole) == 1 else ""
    if not missing:
        return None
    return Choice((Edit(0, 0, missing),), missing + text, alone=True, settled=True)


def decide(fitting: Sequence[tuple[Alternative, Fit]]) -> Choice | None:
    """Of readings that fit, those with the fewest changes first: the one to take, None where it can not be told."""
    if not fitting:
        return None
    fewest = [(one, other) for one, other in fitting if one.changes == fitting[0][0].changes]
    odds: dict[Hashable, Alternative] = {}
    for one, other in sorted(fewest, key=lambda pair: -pair[0].odds):
        odds.setdefault(other.outcome, one)
    best, *others = odds.values()
    if others and best.odds < DECISIVE * others[0].odds:
        return None
    return Choice(best.edits, best.text, alone=not others, settled=not others and _is_settling(best))


def _is_settling(one: Alternative) -> bool:
    return one.is_twin or one.odds >= SETTLING_ODDS or len(_HAN.findall(one.text)) >= _LEAST_WORD


def is_number_like(text: str, reading: Reading, holds: Holds) -> bool:
    """Whether a cell is to be judged as a number: by its column, or because it shows digits or what may be some."""
    if holds is not Holds.VALUE:
        return holds in NUMBERS
    return fit(text, holds).rank > 0 or _may_be_number(text, reading)


def _may_be_number(text: str, reading: Reading) -> bool:
    """Whether a text shows a digit, or begins with what may be one: lO次, 丨个, S%, a lone — or l.

    A sign that the reader is sure of before a word (I类) is none.
    """
    folded = plain(text)
    bare = folded.strip()
    if any(char.isascii() and char.isdigit() for char in bare) or is_lone_stroke(bare) or bare in twin_characters():
        return True
    lead = len(folded) - len(folded.lstrip(" " + _OPERATOR_SIGNS))
    if not folded[lead:] or not may_be_digit(folded[lead]):
        return False
    twins = all(char in twin_characters() for char in folded[lead : lead + 2])
    return twins or reading.confidences[lead] < SURE_NUMBER


# ---------------------------------------------------------------------------------------------------------------------
# Columns
# ---------------------------------------------------------------------------------------------------------------------


def _fit_value(text: str, unit: str | None) -> Fit:
    value = parse_value(text, unit)
    if value.kind is ValueKind.TEXT:
        return Fit(0, None)
    outcome = (value.kind, value.number, value.maximum, value.date, value.operator, value.unit)
    if value.kind is ValueKind.BLANK:
        return Fit(2 if is_blank(text) else 1, outcome)
    return Fit(1 if value.notes else 2, outcome)


def _fit_operator(text: str, codes: frozenset[str] | None) -> Fit:
    """A column of codes holds its codes, blanks and classes; another one symbols or words."""
    cell = parse_operator_cell(text)
    folded = fold(text)
    if cell.kind is CellKind.CODE:
        return Fit(2 if folded in (_all_codes() if codes is None else codes) else 0, folded)
    if cell.kind is CellKind.UNKNOWN:
        return Fit(0, None)
    known = cell.operator is None or not codes
    return Fit(2 if known else 1, cell.operator or (cell.kind, folded if cell.kind is not CellKind.BLANK else ""))


def find_codes(texts: Iterable[str]) -> frozenset[str] | None:
    """The codes that a column may hold, by the texts of it that are sure: those of the books that hold most of them.

    Empty where the column holds something else, None where no text tells.
    """
    kinds = [(parse_operator_cell(text).kind, fold(text)) for text in texts]
    signs = sum(kind in (CellKind.SYMBOL, CellKind.WORDS) for kind, _ in kinds)
    seen = [code for kind, code in kinds if kind is CellKind.CODE]
    if not seen and not signs:
        return None
    books = (frozenset(book.entries) for book in load_codebooks().values())
    fitting = (codes for codes in books if sum(code in codes for code in seen) * 2 > len(seen) + signs)
    return frozenset().union(*fitting)


@cache
def _all_codes() -> frozenset[str]:
    return frozenset(code for book in load_codebooks().values() for code in book.entries)


def _fit_unit(text: str) -> Fit:
    if is_blank_unit(text):
        return Fit(2, None)
    unit = parse_unit(text)
    known = unit is not None and unit.known and not (len(text) == 1 and text.isalpha() and text.isascii())
    return Fit(2 if known else 0, (unit.name, unit.factor) if unit and known else text)


def _fit_number(printed: Printed | Amount) -> Fit:
    if not printed.understood:
        return Fit(0, None)
    return Fit(2, ("number", printed.number, printed.factor if isinstance(printed, Amount) else None))


def _fit_level(text: str, level: int) -> Fit:
    read = parse_level1(text) if level == 1 else parse_level2(text)
    known = read.known or read.name is None
    return Fit(2 if known else 0, (read.name, read.weight) if known else text)


def _fit_source(text: str) -> Fit:
    source = find_source(text)
    return Fit(2 if source or is_blank(text) else 0, source)


def _fit_year(text: str) -> Fit:
    """A title is any text; digits before 年 that make no year (20z3年度) leave open which."""
    years = tuple(find_years(text))
    return Fit(2, years) if years or not _YEAR_BROKEN.search(plain(text)) else Fit(0, None)


def _fit_name(text: str) -> Fit:
    """A name is any text; brackets at its end that hold no unit (方元) leave open whether they should."""
    if is_blank(text) or is_lone_stroke(text) or _LETTER.fullmatch(text.strip()):
        return Fit(2, "blank") if is_blank(text) else Fit(0, None)  # / was read as 7 and 1 where no indicator stands
    unit = find_unit_in_name(text)
    return Fit(2, unit or "") if unit or not _BRACKETS_AT_END.search(text.rstrip()) else Fit(1, None)


_FITS: dict[Holds, Callable[[str], Fit]] = {
    Holds.UNIT: _fit_unit,
    Holds.WEIGHT: lambda text: _fit_number(parse_weight(text)),
    Holds.AMOUNT: lambda text: _fit_number(parse_amount(text)),
    Holds.RATE: lambda text: _fit_number(parse_rate(text)),
    Holds.LEVEL1: lambda text: _fit_level(text, 1),
    Holds.LEVEL2: lambda text: _fit_level(text, 2),
    Holds.SOURCE: _fit_source,
    Holds.NAME: _fit_name,
    Holds.YEAR: _fit_year,
    Holds.MONEY_UNIT: lambda text: Fit(2, find_printed_unit([text])),
}
