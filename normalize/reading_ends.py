"""What stands at the ends of a text and is not of it: strokes of a seal, specks, the rest of a rule.

人次 under the rim of a seal was read as A人次, 人次1 and ア人次, 120829 as い120829, 5年 as 5年-. Where a column can
not hold the text as it was read, and holds what is left of it without such signs, they are left out. A digit, an
operator, and what may be either, is never left out of a number: 1 before 333 may be print.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from model import Reading
from normalize.blanks import is_blank
from normalize.confusions import may_be_digit, plain
from normalize.names_cut import rate_endings
from normalize.reading_columns import NO_VOCABULARY, Choice, Holds, Vocabulary, fit
from normalize.reading_trust import LOOKED_AGAIN, SURE_NUMBER, SURE_TEXT, confidence_of
from normalize.readings import Edit, applied

__all__ = ["choose_without_ends"]

_MOST = 3
"""Signs at one end that may be left out, white space not counted."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_STROKES = "1lI|丨-—–_一/\\'’`.·。、,，▲"
_BEFORE_NAME = re.compile(r"[1lI|/\\]{1,2}(?=[\u3400-\u9fff])")
_SPECKS = " .·,'`|_"
_POINT_BEFORE = re.compile(r"[.·,'`：:、]+\s*(?=[\u3400-\u9fff])")
_BEFORE_DOTS = re.compile(r"[a-zA-Z]{1,2}(?=…+$)")
_SURE_WORD = 0.7
_DASHES = "-—–_一"
_OF_NUMBERS = "≥≤><=≮≯+-—–一~～.,%‰()（）"
# A full stop ends a cell; a speck was read behind it as a letter or a dash
_AFTER_STOP = re.compile(r"(?:(?<=[。；])|(?<=/p>))\s*[-—–_|丨·.'`iI]$")
_AFTER_WORD = re.compile(r"(?<=[\u3400-\u9fff)）])\s*([-—–_|丨·.'`、]?[-—–_|丨·.'`a-zA-Z\u3040-\u30ff])$")
_POINT = re.compile(r"(?<=[\u3400-\u9fff])(?:[.·](?=[\u3400-\u9fff])|[·.．]$)")
_STOPS = frozenset("，。、；：")
_LEAST_STOP = 0.1
_BEFORE_STOP = re.compile(r"[：:·.;；、，,](?=。$)")
_APART = re.compile(r"(?<=[%‰\u3400-\u9fff])\s+[-—–_1lI|丨/\\.'`]{1,2}$")
_SPECK = re.compile(r"(?<=[\u3400-\u9fff])\s*[·.'`]$")
_MAYBE = 0.1
_LEFT = 0.8  # what is left of a unit must be read so surely: of 1°？、T nothing is


@dataclass(frozen=True, slots=True)
class _Cut:
    """The part `start`..`end` of a text that is left of it, and how many signs are left out."""

    start: int
    end: int
    signs: int


_Droppable = Callable[[str, Reading, int, bool], bool]
"""Whether the character at a place may be left out, at the end of the text (True) or at its start."""


def choose_without_ends(text: str, reading: Reading, holds: Holds, known: Vocabulary = NO_VOCABULARY) -> Choice | None:
    """The text without what is not of it at its ends, None where it is to stay as it is."""
    if holds in _OF_WORDS:
        return _OF_WORDS[holds](text, reading)
    is_droppable = _DROPPABLE.get(holds)
    if is_droppable is None or fit(text, holds, known).rank == 2 or is_blank(text):
        return None
    if known.nameless and is_blank(text[0]) and max(reading.confidences[1:]) < SURE_TEXT:
        return _choice(text, _Cut(0, 1, 1))  # /4 in a row of /, where no indicator stands
    if holds is Holds.VALUE and (apart := _APART.search(text)):
        left = text[: apart.start()]
        return _choice(text, _Cut(0, len(left), 1)) if fit(left, holds, known).rank == 2 else None
    cuts = [
        cut
        for cut in _cuts(text, reading, is_droppable)
        if (fitting := fit(text[cut.start : cut.end], holds, known)).rank == 2 and fitting.outcome is not None
        if holds is not Holds.UNIT or confidence_of(reading, cut.start, cut.end) >= _LEFT
    ]
    fewest = [cut for cut in cuts if cut.signs == min(one.signs for one in cuts)]
    return _choice(text, fewest[0]) if len(fewest) == 1 else None


def _cuts(text: str, reading: Reading, is_droppable: _Droppable) -> Iterator[_Cut]:
    """What may be left of a text, something left out and something left."""
    starts = dict(_walk(text, range(len(text)), lambda n: is_droppable(text, reading, n, False)))
    ends = dict(_walk(text, range(len(text) - 1, -1, -1), lambda n: is_droppable(text, reading, n, True)))
    for start, before in starts.items():
        for last, behind in ends.items():
            if start <= last and before + behind and not is_blank(text[start : last + 1]):
                yield _Cut(start, last + 1, before + behind)


def _walk(text: str, places: range, may_go: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """The places from which what is left may begin, seen from one end, each with the signs that are then left out."""
    signs = 0
    for n in places:
        if text[n].isspace():
            continue
        yield n, signs
        if signs == _MOST or not may_go(n):
            return
        signs += 1


def _choice(text: str, cut: _Cut) -> Choice:
    edits = (Edit(0, cut.start, ""), Edit(cut.end, len(text), ""))
    made = tuple(edit for edit in edits if edit.start < edit.end)
    return Choice(made, text[cut.start : cut.end], alone=True, settled=True)


# ---------------------------------------------------------------------------------------------------------------------
# Units and numbers
# ---------------------------------------------------------------------------------------------------------------------


def _drops_from_unit(text: str, reading: Reading, n: int, behind: bool) -> bool:
    """No unit has strokes at its ends, however sure; a word is left out only where it was hardly read, and a digit
    before a unit where it is not sure: 3个 may be printed."""
    char, sure = text[n], reading.confidences[n]
    if _HAN.match(char) and char not in _STROKES:
        return sure < SURE_TEXT
    return sure < SURE_NUMBER or (char in _STROKES and (behind or not char.isdigit()))


def _drops_from_number(text: str, reading: Reading, n: int, behind: bool) -> bool:
    """A sign that no number has and that is not sure; or a dash behind a unit: 5年-."""
    char, sure = plain(text[n]), reading.confidences[n]
    if behind and char in _DASHES and n and not text[n - 1].isdigit():
        return True
    if behind and char in _DASHES:
        return sure < SURE_NUMBER
    if char.isdigit() or char in _OF_NUMBERS or may_be_digit(char) or _thinks_of_number(reading, n):
        return False
    return sure < (SURE_TEXT if _HAN.match(char) else SURE_NUMBER)


def _thinks_of_number(reading: Reading, n: int) -> bool:
    """Whether the reader thinks of a digit or operator at a place."""
    rivals = (one for one in reading.rivals if one.start <= n < one.end and one.confidence >= _MAYBE)
    return any(char.isdigit() or char in "≥≤><=%‰" for one in rivals for char in one.text)


_DROPPABLE: dict[Holds, _Droppable] = {
    Holds.UNIT: _drops_from_unit,
    Holds.VALUE: _drops_from_number,
    Holds.WEIGHT: _drops_from_number,
    Holds.AMOUNT: _drops_from_number,
    Holds.RATE: _drops_from_number,
}


# ---------------------------------------------------------------------------------------------------------------------
# Words
# ---------------------------------------------------------------------------------------------------------------------


def _choose_name(text: str, reading: Reading) -> Choice | None:
    """A name without what is not of it at its ends: 工程验收合格率C, 11改造成本."""
    start, end = _start_of_name(text, reading), _end_of_name(text, reading)
    return _choice(text, _Cut(start, end, 1)) if (start, end) != (0, len(text)) else None


def _start_of_name(text: str, reading: Reading) -> int:
    """Where a name begins: behind strokes that were letters when the reader looked again."""
    if dots := _BEFORE_DOTS.match(text):
        return dots.end() if max(reading.confidences[: dots.end()]) < SURE_NUMBER else 0
    if point := _POINT_BEFORE.match(text):
        return point.end()  # no name begins with a point, however sure the reader is of the speck
    found = _BEFORE_NAME.match(text)
    end = found.end() if found else 0
    again = (one for one in reading.rivals if (one.start, one.end) == (0, end) and one.confidence >= LOOKED_AGAIN)
    return end if any(one.text.isalpha() for one in again) else 0


def _end_of_name(text: str, reading: Reading) -> int:
    """Where a name ends: before a letter or stroke behind its words that was hardly read, or a word behind 率."""
    if text[:-1].endswith(rate_endings()) and _HAN.match(text[-1]) and reading.confidences[-1] < SURE_TEXT:
        return len(text) - 1
    found = _AFTER_WORD.search(text)
    if not found or any(reading.confidences[n] >= _sure_sign(text[n]) for n in range(*found.span(1))):
        return len(text)
    return found.start()


def _sure_sign(char: str) -> float:
    """From when on a sign behind a name is one of the name: letters are printed there, specks are not."""
    return 0.7 if char.isalpha() else SURE_NUMBER


def _choose_source(text: str) -> Choice | None:
    """A source of money without the specks beside it: .上年结转资金. Dashes and numbers are printed before sources."""
    left = text.strip(_SPECKS)
    if left == text or not left or fit(left, Holds.SOURCE).rank != 2:
        return None
    start = text.find(left)
    return _choice(text, _Cut(start, start + len(left), 1))


def _choose_level(text: str, reading: Reading, level: Holds) -> Choice | None:
    """A level without a speck behind it, 产出指标., or without what was hardly read beside it."""
    if found := _SPECK.search(text):
        return _choice(text, _Cut(0, found.start(), 1))
    if fit(text, level).rank == 2:
        return None
    cuts = [cut for cut in _cuts(text, reading, _drops_from_level) if fit(text[cut.start : cut.end], level).rank == 2]
    fewest = [cut for cut in cuts if cut.signs == min(one.signs for one in cuts)]
    return _choice(text, fewest[0]) if len(fewest) == 1 else None


def _drops_from_level(text: str, reading: Reading, n: int, behind: bool) -> bool:
    """A stroke behind it, however sure; else what was not read well."""
    return (behind and text[n] in _STROKES) or reading.confidences[n] < _SURE_WORD


def _choose_text(text: str, reading: Reading) -> Choice | None:
    """A sentence with its marks, and without what stands behind its full stop, or unsurely before it."""
    if marks := tuple(_marks(text, reading)):
        return Choice(marks, applied(text, marks), alone=True, settled=False)
    if (twice := _BEFORE_STOP.search(text)) and reading.confidences[twice.start()] < SURE_NUMBER:
        edit = Edit(twice.start(), twice.end(), "")
        return Choice((edit,), applied(text, [edit]), alone=True, settled=True)
    found = _AFTER_STOP.search(text)
    return _choice(text, _Cut(0, found.start(), 1)) if found else None


def _marks(text: str, reading: Reading) -> Iterator[Edit]:
    """The marks for which a point was read that no sentence has. At its end that is a full stop, where the reader
    thinks of one; between words what the reader thinks of far more than of other marks: 完成.一处 is 完成，一处."""
    for found in _POINT.finditer(text):
        n = found.start()
        odds = {one.text: one.confidence for one in reading.rivals if (one.start, one.end) == (n, n + 1)}
        if n == len(text) - 1:
            mark = "。" if "。" in odds else ""
        else:
            mark = _likeliest(odds) if reading.confidences[n] < SURE_NUMBER else ""
        if mark:
            yield Edit(n, n + 1, mark)


def _likeliest(odds: Mapping[str, float]) -> str:
    """The mark that is likely, and twice as likely as any other; none where there is no such."""
    marks = sorted(_STOPS & set(odds), key=lambda mark: -odds[mark])
    others = sum(odds[mark] for mark in marks[1:2])
    return marks[0] if marks and odds[marks[0]] >= max(_LEAST_STOP, 2 * others) else ""


_OF_WORDS: dict[Holds, Callable[[str, Reading], Choice | None]] = {
    Holds.NAME: _choose_name,
    Holds.LEVEL1: lambda text, reading: _choose_level(text, reading, Holds.LEVEL1),
    Holds.LEVEL2: lambda text, reading: _choose_level(text, reading, Holds.LEVEL2),
    Holds.SOURCE: lambda text, _: _choose_source(text),
    Holds.TEXT: _choose_text,
}
