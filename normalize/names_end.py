"""Where an indicator ends in a goal text that holds its first words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property, lru_cache
from itertools import accumulate

from normalize.cases import fold, load
from normalize.names_cut import Ending, find_ending, is_rate, is_whole
from normalize.names_figure import has_other_figure
from normalize.names_text import CLOSING, Cleaned, Prose, Sought, display_width, open_brackets
from normalize.words import cut_words, is_inside_word

__all__ = ["Place", "find_end", "is_statement", "leads", "stands_free"]

_ENDS = "，。；：！？,;:!?\n\r"
_LONGEST = 32
"""Half-width characters of a continuation. The longest seen, 之智慧交通信号系统项目三, has 24; longer ones ramble."""
_ITEM_ENDS = "。；;\n\r"
_LONGEST_ITEM = 80
_LONGEST_LEAD = 6
_REMARK = 4
"""A bracket of up to so many characters (二期, 系统) may belong to the name; a longer one explains it."""
_SHORT = 3
"""What follows 和 or 及 belongs to the name if it is so short that it needs the words before it (调查及评析)."""
_NUMBER = re.compile(r"\d[\d.,]*")
_NUMERAL = re.compile(r"[一二三四五六七八九十百千两]+")
_UNIT_BEFORE = re.compile(r"(?:\d[万亿千百]*[^\W\d]{1,3}|[%‰])$")


class _Stop(Enum):
    """What words of a goal text mean for an indicator that they follow; see names_stops.csv."""

    BOUND = "bound"
    NUMBER = "number"
    PREDICATE = "predicate"
    CLAUSE = "clause"
    JOINED = "joined"
    COUNTER = "counter"
    NUMBERED = "numbered"
    PLAIN = "plain"


@dataclass(frozen=True, eq=False)
class Place:
    """The characters `start` to `end` of a goal text, folded, which hold the first words of an indicator."""

    prose: Prose
    start: int
    end: int
    sought: Sought

    @cached_property
    def clause_start(self) -> int:
        """Where the clause of the first character begins."""
        return max(self.prose.plain.rfind(mark, 0, self.start) for mark in _ENDS) + 1

    @cached_property
    def clause_end(self) -> int:
        """Where the clause of the last character ends."""
        found = (self.prose.plain.find(mark, self.end) for mark in _ENDS)
        return min((at for at in found if at >= 0), default=len(self.prose.plain))

    @property
    def clause(self) -> str:
        """The clause or clauses that hold the place, folded."""
        return self.prose.plain[self.clause_start : self.clause_end]

    @cached_property
    def word_starts(self) -> frozenset[int]:
        """Where the words of the clause begin."""
        return frozenset(accumulate(map(len, cut_words(self.clause)), initial=self.clause_start))

    def name_until(self, at: int) -> str:
        """The indicator, folded, if it ends at a place."""
        return self.prose.plain[self.start : at]

    def begins_other(self, at: int) -> bool:
        """Whether the name of another row begins at a place."""
        return any(self.prose.plain.startswith(other, at) for other in self.sought.others)


def find_end(place: Place) -> int | None:
    """Where in the goal text the indicator ends whose first words stand at `place`; None where that can not be told.

    The end of the place itself is given where what follows is no part of the indicator.
    """
    end = _read_on(place)
    return _item_end(place) if end is None else end


def _read_on(place: Place) -> int | None:
    at, closing = place.end, open_brackets(place.sought.text)
    while display_width(place.prose.plain[place.end : at]) <= _LONGEST:
        if closing or _opens_quotation(place.prose, at):
            step = _length_to_closing(place.prose, at, closing)
            closing = ""
        else:
            step = _step(place, at)
        if step is None:
            return None
        if step == 0:
            return at if _is_end(place, at) else None
        at += step
    return None


def _item_end(place: Place) -> int | None:
    """The end of the goal's item where the row is that item: a single task (target 1), whose words begin the item.

    Such items ramble (完成…平台升执法记录仪采集站维护及中心机房设备、核心数据库的运维), but they say one task.
    """
    plain, end = place.prose.plain, place.clause_end
    begins = place.start == place.clause_start and (not place.start or plain[place.start - 1] in _ITEM_ENDS)
    closes = end == len(plain) or plain[end] in _ITEM_ENDS
    single = place.sought.figures.numbers == {1} and is_statement(place.sought.plain)
    if not (begins and closes and single) or display_width(plain[place.end : end]) > _LONGEST_ITEM:
        return None
    return None if any(char.isdigit() for char in plain[place.end : end]) else end


def _step(place: Place, at: int) -> int | None:
    """How many characters at a place surely belong to the indicator; 0 where it ends, None where it can not be told."""
    plain = place.prose.plain
    if at >= len(plain) or plain[at] in _ENDS + "%‰)" or place.prose.text[place.prose.at[at]] in "”’》":
        return 0
    if plain[at] == "、":
        return 0 if at > place.end and place.begins_other(at + 1) else None
    if plain[at] == "(":
        return 0 if at == place.end or _is_explanation(place, at) else None
    if at > place.end and place.begins_other(at):
        return 0
    if plain[at].isdigit():
        return _step_at_number(place, at)
    if at not in place.word_starts:
        return 1
    return None if _is_counted(plain, at) else _step_at_words(place, at)


def _is_counted(plain: str, at: int) -> bool:
    """Whether a Chinese numeral with a counter stands at a place (三次, 两项)."""
    numeral = _NUMERAL.match(plain, at)
    behind = plain[numeral.end() : numeral.end() + 2] if numeral else ""
    return bool(behind) and _Stop.COUNTER in (_stops().get(behind), _stops().get(behind[:1]))


def _step_at_number(place: Place, at: int) -> int | None:
    """A number ends an indicator, unless it is part of a Latin word (APP2.0, 5G) or was begun by the printed words.

    One that names something (2023年, 320国道) leaves it open.
    """
    plain = place.prose.plain
    number = _NUMBER.match(plain, at)
    end = number.end() if number else at + 1
    if at == place.end and plain[at - 1].isdigit():
        return end - at
    if _is_latin(plain[at - 1 : at]) or _is_latin(plain[end : end + 1]):
        return end - at
    return None if _stops().get(plain[end : end + 1]) is _Stop.NUMBERED else 0


def _step_at_words(place: Place, at: int) -> int | None:
    words, kind = _stop_at(place, at)
    end = at + len(words)
    if at > place.end and is_rate(place.name_until(at)) and kind not in (_Stop.BOUND, _Stop.NUMBER, _Stop.PREDICATE):
        return None
    if kind is _Stop.BOUND or (kind is _Stop.NUMBER and place.prose.plain[end : end + 1].isdigit()):
        return 0
    if kind is _Stop.PREDICATE:
        return 0 if is_whole(place.name_until(at)) else None
    if kind is _Stop.JOINED:
        return len(words) if at > place.end and _is_short_tail(place, end) else None
    return None if kind is _Stop.CLAUSE else len(words) if kind is _Stop.PLAIN else 1


def _stop_at(place: Place, at: int) -> tuple[str, _Stop]:
    """The longest words of the table that stand at a place, and what they mean. One character counts as a word only."""
    plain = place.prose.plain
    table = _stops()
    for length in range(min(max(map(len, table)), len(plain) - at), 0, -1):
        words = plain[at : at + length]
        kind = table.get(words)
        if kind is not None and (length > 1 or not words.isalpha() or at + 1 in place.word_starts):
            return words, kind
    return plain[at], _Stop.PLAIN


def _is_short_tail(place: Place, at: int) -> bool:
    """Whether the indicator ends within a few characters."""
    ends = range(at + 1, at + _SHORT + 1)
    plain = place.prose.plain
    return any(
        end >= len(plain) or plain[end] in _ENDS or plain[end].isdigit() or _stop_at(place, end)[1] is _Stop.BOUND
        for end in ends
    )


def _is_explanation(place: Place, at: int) -> bool:
    """Whether the bracket that opens at a place only explains: it is long, and the indicator ends behind it."""
    plain = place.prose.plain
    close = plain.find(")", at)
    if close - at - 1 <= _REMARK:
        return False
    behind = plain[close + 1 : close + 2]
    return not behind or behind in _ENDS or behind.isdigit() or _stop_at(place, close + 1)[1] is _Stop.BOUND


def _is_end(place: Place, at: int) -> bool:
    """Whether the indicator may end at a place: no word goes on there, the figure behind is of the row's kind.

    Where no figure follows, the indicator must be what its clause is about: else its last words could belong to others.
    """
    if at > place.end and not _is_name(place, at):
        return False
    is_other = has_other_figure(place.sought.figures, place.prose.plain, at)
    if is_other is not None:
        return not is_other
    return at == place.end or stands_free(place.prose.plain, place.start) or is_statement(place.sought.plain)


def _is_name(place: Place, at: int) -> bool:
    """Whether what stands from the place to `at` may be a whole name of the row's kind.

    A goal text need not say what is counted: 组织培训不少于450人次 is 培训人次 in one form and 培训 in another. So a
    name that ends without that word is one where the form's other names do so too, where it is a statement about a
    share (保障业务办理, 95%) or a single thing (完成平台升级, 1), or where it joins two actions (调查及评析).
    """
    if is_inside_word(place.clause, at - place.clause_start):
        return False
    name = place.name_until(at)
    ending = find_ending(Cleaned(name))
    if ending is Ending.RATE:
        return place.sought.figures.percent is not False
    states = is_statement(place.sought.plain)
    if ending is Ending.QUALITY:
        return states or _lead_before(place.prose.plain, place.start) != "change"
    if ending is Ending.MEASURE or place.sought.bare:
        return True
    if place.sought.figures.numbers == {1}:
        return states
    return place.sought.figures.percent is not False and (states or _joins(place, at))


@lru_cache(maxsize=4096)
def is_statement(plain: str) -> bool:
    """Whether a name says something of something (保障…, 为…购买…) rather than naming it."""
    lead = max((lead for lead in leads() if plain.startswith(lead)), key=len, default="")
    return "," in plain or bool(lead and not is_inside_word(plain, len(lead)))


def _joins(place: Place, at: int) -> bool:
    """Whether the rest of the name joins two things."""
    return any(_stop_at(place, n)[1] is _Stop.JOINED for n in range(place.end, at) if n in place.word_starts)


def _lead_before(plain: str, start: int) -> str:
    """The kind of the verb that stands right before a place; empty if none does."""
    before = plain[max(start - _LONGEST_LEAD, 0) : start]
    return next((leads()[before[n:]] for n in range(len(before)) if before[n:] in leads()), "")


def stands_free(plain: str, start: int) -> bool:
    """Whether a statement begins at a place: behind a mark, a figure with its unit or a verb that governs it."""
    before = plain[:start]
    if not before or before[-1] in _ENDS + "、.)" or _UNIT_BEFORE.search(before):
        return True
    return bool(_lead_before(plain, start))


def _opens_quotation(prose: Prose, at: int) -> bool:
    return at < len(prose.plain) and prose.plain[at] != "(" and prose.text[prose.at[at]] in CLOSING


def _length_to_closing(prose: Prose, at: int, closing: str) -> int | None:
    """How many characters there are until all open brackets are closed; None where the sentence ends before that."""
    for end in range(at, len(prose.plain)):
        printed = prose.text[prose.at[end]]
        if closing and prose.plain[end] == fold(closing[0]):
            closing = closing[1:]
        elif printed in CLOSING:
            closing = CLOSING[printed] + closing
        elif prose.plain[end] in "。；;\n\r":
            return None
        if not closing:
            return end + 1 - at
    return None


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


@cache
def leads() -> dict[str, str]:
    """Verbs before or at the head of an indicator: whether a goal text may drop them; see names_leads.csv."""
    return {lead: case["kind"] for lead, case in load("names_leads", key="lead", columns=("lead", "kind")).items()}


@cache
def _stops() -> dict[str, _Stop]:
    table = load("names_stops", key="words", columns=("words", "kind"))
    return {words: _Stop(case["kind"]) for words, case in table.items()}
