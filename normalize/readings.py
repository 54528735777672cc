"""What a recognised text may say instead: its rivals and the usual confusions, one at a time and together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple, TypeVar

from model import Cell, Line, Reading, Rival
from normalize.confusions import Confusion, Place, confusions_in, may_be_digit
from normalize.reading_trust import (
    LEAST_RIVAL,
    MOST_CHANGES,
    MOST_OPTIONS,
    PAIR_ODDS,
    SURE_NUMBER,
    SURE_TEXT,
    TABLE_ODDS,
    aligned,
    confidence_of,
    overlaps,
    threshold_of,
)

__all__ = ["Alternative", "Edit", "alternatives", "applied", "quote", "with_text"]

_LONGEST_QUOTE = 30  # characters
_AROUND = 6
# Digits in threes with a mark before each, two marks at least, and some digits or three behind the last.
_GROUPED = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:[.,][0-9]{3})+[.,][0-9]{1,3}(?![0-9.,])")
_THREE_DIGITS = 3
_SEVERAL = 2
_Block = TypeVar("_Block", bound=Cell | Line)


class Edit(NamedTuple):
    """Characters `start:end` of a text become `text`; `confidence` is the recogniser's, None of the table's."""

    start: int
    end: int
    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a text may say instead, how it differs, and its odds against what was read. `changes` counts them.

    `is_twin`: all that changes are signs that look the same.
    """

    text: str
    edits: tuple[Edit, ...]
    odds: float
    changes: int
    is_twin: bool


@dataclass(frozen=True, slots=True)
class _Option:
    edits: tuple[Edit, ...]
    odds: float
    is_twin: bool = False


def alternatives(text: str, reading: Reading, *, unsure_only: bool, most: int = MOST_CHANGES) -> list[Alternative]:
    """What a text may say instead, fewest changes first, of as many the likeliest.

    `unsure_only`: only characters that are not sure may change, as in a text that its column could hold as it is. Else
    rivals of any confidence count and so do signs that look the same.
    """
    options = sorted(_options(text, reading, unsure_only=unsure_only), key=lambda option: -option.odds)[:MOST_OPTIONS]
    found: dict[str, Alternative] = {}
    for count in range(1, most + 1):
        together = [one for chosen in combinations(options, count) if (one := _combine(text, chosen))]
        for one in sorted(together, key=lambda one: -one.odds):
            if one.text.strip() and one.text != text:
                found.setdefault(one.text, one)
    return list(found.values())


def _options(text: str, reading: Reading, *, unsure_only: bool) -> Iterable[_Option]:
    """Each change once: as the rival that it is, or by the table where that makes it likelier."""
    found: dict[tuple[Edit, ...], _Option] = {}
    options = [*_from_rivals(text, reading, unsure_only=unsure_only), *_from_table(text, reading, unsure_only)]
    for option in options if unsure_only else [*options, *_from_groups(text)]:
        bare = tuple(Edit(*edit[:3]) for edit in option.edits)
        if bare not in found or (found[bare].odds < PAIR_ODDS <= option.odds):
            found[bare] = option
    return found.values()


def _from_rivals(text: str, reading: Reading, *, unsure_only: bool) -> Iterator[_Option]:
    for rival in reading.rivals:
        if rival.confidence < LEAST_RIVAL or (unsure_only and not _is_open(text, reading, rival)):
            continue
        if _loses_digits(text, reading, rival):
            continue
        own = confidence_of(reading, rival.start, rival.end) if rival.end > rival.start else 1 - rival.confidence
        edit = Edit(rival.start, rival.end, rival.text, rival.confidence)
        yield _Option((edit,), rival.confidence / max(own, LEAST_RIVAL))


def _loses_digits(text: str, reading: Reading, rival: Rival) -> bool:
    """Whether the reader, looking again, has only lost what it read before: digits that were sure, 2 for 20, or several
    signs of which one may be a digit, 1 for 1Qf."""
    lost = rival.end - rival.start - len(rival.text)
    if rival.end - rival.start < _SEVERAL or lost <= 0:
        return False
    if lost >= _SEVERAL and any(map(may_be_digit, text[rival.start : rival.end])):
        return True
    sure = [text[n] for n in range(rival.start, rival.end) if reading.confidences[n] >= SURE_NUMBER]
    return any(rival.text.count(char) < sure.count(char) for char in sure if char.isdigit())


def _is_open(text: str, reading: Reading, rival: Rival) -> bool:
    """Whether a rival is for characters that are not sure; something missing is, where the rival is as likely."""
    if rival.start == rival.end:
        return rival.confidence > 1 - SURE_NUMBER
    return _is_unsure(text, reading, rival.start, rival.end)


def _is_unsure(text: str, reading: Reading, start: int, end: int) -> bool:
    return any(reading.confidences[n] < max(threshold_of(text, n), SURE_NUMBER) for n in range(start, end))


def _from_table(text: str, reading: Reading, unsure_only: bool) -> Iterator[_Option]:
    """One change for each unsure character, and one for all the signs of a kind that only look like another."""
    alike: dict[Confusion, list[Edit]] = {}
    for start, end, confusion in confusions_in(text):
        unsure = _is_unsure(text, reading, start, end)
        if confusion.twin and not unsure_only:
            alike.setdefault(confusion, []).append(_to_edit(text, start, end, confusion))
        elif unsure:
            yield _Option((_to_edit(text, start, end, confusion),), TABLE_ODDS)
    for confusion, edits in alike.items():
        alone = len(confusion.read) > 1 or confusion.place is Place.LONE
        yield _Option(tuple(edits), PAIR_ODDS if alone else TABLE_ODDS, is_twin=True)


def _from_groups(text: str) -> Iterator[_Option]:
    """The marks of a grouped number put right all together: 165.794,459.08 is read of small print, and says no other
    number than 165,794,459.08."""
    for number in _GROUPED.finditer(text):
        marks = [at for at in range(*number.span()) if not text[at].isdigit()]
        is_whole = number.end() - marks[-1] > _THREE_DIGITS
        meant = [*"," * (len(marks) - 1), "," if is_whole else "."]
        edits = tuple(Edit(at, at + 1, mark) for at, mark in zip(marks, meant, strict=True) if text[at] != mark)
        if edits:
            yield _Option(edits, TABLE_ODDS, is_twin=True)


def _to_edit(text: str, start: int, end: int, confusion: Confusion) -> Edit:
    """The edit of a confusion; a mark that goes takes the white space beside it with it (10 |)."""
    if not confusion.meant:
        start = len(text[:start].rstrip())
        end = len(text) - len(text[end:].lstrip())
    return Edit(start, end, confusion.meant)


def _combine(text: str, chosen: Sequence[_Option]) -> Alternative | None:
    edits = tuple(sorted((edit for option in chosen for edit in option.edits), key=_place))
    if len(edits) > 1 and overlaps((edit.start, edit.end) for edit in edits):
        return None
    odds = 1.0
    for option in chosen:
        odds *= option.odds
    is_twin = all(option.is_twin for option in chosen)
    return Alternative(applied(text, edits), edits, odds, len(chosen), is_twin)


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with its edits made."""
    for edit in sorted(edits, key=_place, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


def quote(text: str, reading: Reading, most: int = 3) -> str:
    """The likeliest other readings, quoted for a finding: '18' or '13'; of a long text what stands around them."""
    rivals = sorted(reading.rivals, key=lambda rival: -rival.confidence)
    texts = (_quote(text, rival) for rival in rivals if rival.confidence >= LEAST_RIVAL)
    return " or ".join(repr(one) for one in list(dict.fromkeys(texts))[:most])


def _quote(text: str, rival: Rival) -> str:
    if len(text) <= _LONGEST_QUOTE:
        return applied(text, [Edit(*rival[:3])])
    before, behind = text[: rival.start], text[rival.end :]
    head = before if len(before) <= _AROUND else f"…{before[-_AROUND:]}"
    return f"{head}{rival.text}{behind if len(behind) <= _AROUND else f'{behind[:_AROUND]}…'}"


# ---------------------------------------------------------------------------------------------------------------------
# A text replaced
# ---------------------------------------------------------------------------------------------------------------------


def with_text(block: _Block, edits: Sequence[Edit], *, settled: bool) -> _Block:
    """The cell or line with edits made in its text, its lines, what it shows, and its reading.

    `settled`: what was put in is as sure as can be, else it keeps the recogniser's confidence.
    """
    text = applied(block.text, edits)
    reading = _edited_reading(block.text, aligned(block), edits, settled=settled)
    if isinstance(block, Line):
        return replace(block, text=text, reading=reading)
    shown = block.shown
    if shown is not None:
        shown = applied(shown, [edit for edit in edits if edit.end <= len(shown)]) if block.text != shown else text
    return replace(block, text=text, shown=shown, lines=_edited_lines(block, edits), reading=reading)


def _edited_reading(text: str, reading: Reading | None, edits: Sequence[Edit], *, settled: bool) -> Reading | None:
    if reading is None:
        return None
    confidences = list(reading.confidences)
    shift = 0
    for edit in sorted(edits, key=_place):
        own = edit.confidence if edit.confidence is not None else min(confidence_of(reading, *edit[:2]), SURE_TEXT)
        start = edit.start + shift
        confidences[start : edit.end + shift] = _confidences(text, reading, edit, 1.0 if settled else own)
        shift += len(edit.text) - (edit.end - edit.start)
        if not edit.text and not settled and confidences:  # what was taken away leaves its doubt to what it stood by
            beside = max(start - 1, 0)
            confidences[beside] = min(confidences[beside], own)
    return Reading(tuple(confidences), tuple(_moved_rivals(reading.rivals, edits)), reading.hidden)


def _confidences(text: str, reading: Reading, edit: Edit, sure: float) -> list[float]:
    """How sure the characters are that were put in. Of a rival of several characters those that had been read before
    are as sure as they were: -60斤 for -60斤业 says nothing new of 60."""
    found = [sure] * len(edit.text)
    if edit.confidence is not None and edit.end - edit.start > 1:
        for n, (a, b) in enumerate(zip(text[edit.start : edit.end], edit.text, strict=False)):
            if a != b:
                break
            found[n] = reading.confidences[edit.start + n]
    return found


def _moved_rivals(rivals: Sequence[Rival], edits: Sequence[Edit]) -> Iterator[Rival]:
    """The rivals of what was not changed, at their new places."""
    for rival in rivals:
        if any(rival.start < edit.end and edit.start < rival.end for edit in edits):
            continue
        if any(rival.start == rival.end == edit.start == edit.end for edit in edits):
            continue
        shift = sum(len(edit.text) - (edit.end - edit.start) for edit in edits if edit.end <= rival.start)
        yield rival._replace(start=rival.start + shift, end=rival.end + shift)


def _edited_lines(cell: Cell, edits: Sequence[Edit]) -> tuple[str, ...]:
    """The lines with the edits made where their characters stand; one line where that can not be told."""
    if len(cell.lines) < 2:
        return (applied(cell.text, edits),) if cell.lines else ()
    places = _places_in_lines(cell.text, cell.lines)
    if places is None or any(len({line for line, _ in places[edit.start : edit.end]}) > 1 for edit in edits):
        return (applied(cell.text, edits),)
    own: list[list[Edit]] = [[] for _ in cell.lines]
    for edit in edits:
        line, start = places[min(edit.start, len(places) - 1)]
        start += edit.start - min(edit.start, len(places) - 1)
        inside = sum(place[0] == line for place in places[edit.start : edit.end])
        own[line].append(Edit(start, start + inside, edit.text))
    changed = (applied(line, edits) for line, edits in zip(cell.lines, own, strict=True))
    return tuple(line for line in changed if line)


def _places_in_lines(text: str, lines: Sequence[str]) -> list[tuple[int, int]] | None:
    """Line and place in it of each character of a text joined from lines; white space between lines is the first's."""
    places: list[tuple[int, int]] = []
    walk = [(n, at, char) for n, line in enumerate(lines) for at, char in enumerate(line)]
    at = 0
    for char in text:
        while at < len(walk) and walk[at][2] != char and walk[at][2].isspace():
            at += 1
        if at < len(walk) and walk[at][2] == char:
            places.append(walk[at][:2])
            at += 1
        elif char.isspace() and places:
            places.append((places[-1][0], places[-1][1] + 1))
        else:
            return None
    return places or None
