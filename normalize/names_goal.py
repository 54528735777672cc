"""The rest of a cut name from the goal text: where the text holds the printed words exactly, else with small gaps.

A goal text lists what the indicators count, in the same words (处理简易程序和一般程序交通违法不低于20万次), but it is
prose: it joins, says how things fare and goes on. So a continuation counts only where it is plain where the indicator
ends (`names_end`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from normalize.cases import load
from normalize.names_cut import is_open
from normalize.names_end import Place, find_end, leads, stands_free
from normalize.names_text import Prose, Sought, join_spaces, open_brackets
from normalize.words import is_inside_word

__all__ = ["Hit", "Reach", "find_exact", "find_near", "leading_verb"]

_SENTENCE_MARKS = frozenset("，。；：！？,;:!?、(\n\r")
_LEAST = 5
_LEAST_NEAR = 8
_GAP, _GAPS = 3, 4
"""Longest gap and all gaps together of a near match, in characters (意外 in 购买意外伤害保险)."""
_LONGEST_QUOTE = 60


class Reach(Enum):
    """What a place of the goal text says of a printed name."""

    ENDS = "ends"
    """The name stands there as a whole: what follows is no part of it."""
    RUNS_ON = "runs on"
    """The name goes on there, and it is plain where it ends."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place of a goal text that holds a name. `name` is the whole name by that place, `quote` its printed words."""

    reach: Reach
    name: str
    quote: str


def find_exact(proses: Sequence[Prose], sought: Sought) -> list[Hit]:
    """All places that hold the printed name; if none does, those that hold it without its leading verb."""
    whole = [hit for prose in proses for hit in _exact_hits(prose, sought, sought.plain)]
    verb = leading_verb(sought.plain)
    if whole or not verb:
        return whole
    return [hit for prose in proses for hit in _exact_hits(prose, sought, sought.plain[len(verb) :])]


def _exact_hits(prose: Prose, sought: Sought, plain: str) -> Iterator[Hit]:
    if len(plain) < _LEAST:
        return
    for start in _places(prose.plain, plain):
        place = Place(prose, start, start + len(plain), sought)
        is_name = not is_inside_word(place.clause, start - place.clause_start) and not _is_negated(prose.plain, start)
        if is_name if plain == sought.plain else stands_free(prose.plain, start):
            yield _read_on(place, sought.text, place.end)


def find_near(proses: Sequence[Prose], sought: Sought) -> list[Hit]:
    """Places that hold the printed name with a few words more in between, in one clause; the name takes them over."""
    if set(sought.plain) & _SENTENCE_MARKS or sought.plain.count('"') % 2:
        return []
    verb = leading_verb(sought.plain)
    hits: list[Hit] = []
    for lead in dict.fromkeys(("", verb)):
        if len(sought.plain) - len(lead) >= _LEAST_NEAR and not hits:
            hits = [hit for prose in proses for hit in _near_hits(prose, sought, lead)]
    return hits


def _near_hits(prose: Prose, sought: Sought, lead: str) -> Iterator[Hit]:
    plain = sought.plain[len(lead) :]
    for start in _places(prose.plain, plain[:4]):
        end = _match_with_gaps(prose.plain, start, plain)
        if end is None or not stands_free(prose.plain, start):
            continue
        place = Place(prose, start, end, sought)
        if not any(other in place.clause for other in sought.others):
            yield _read_on(place, lead, start)


def _match_with_gaps(text: str, at: int, plain: str) -> int | None:
    """Where the text has passed all of `plain`, begun at `at`, with a few whole words more; None where it does not."""
    skipped = done = 0
    while True:
        same = _same_length(text, at, plain, done)
        at, done = at + same, done + same
        if done == len(plain):
            return at if skipped else None
        gap = next((n for n in range(1, _GAP + 1) if _is_gap(text, at, n, plain[done : done + 2])), _GAPS + 1)
        skipped += gap
        if same < 2 or skipped > _GAPS:
            return None
        at += gap


def _is_gap(text: str, at: int, length: int, resume: str) -> bool:
    """Whether the next characters may be left out: whole words of the clause that neither negate, count nor join."""
    gap = text[at : at + length]
    near = text[max(at - 8, 0) : at + 12]
    before = at - max(at - 8, 0)
    return (
        len(resume) == 2
        and text.startswith(resume, at + length)
        and not any(char.isdigit() or char in _kept() for char in gap)
        and not set(gap) & _SENTENCE_MARKS
        and not is_inside_word(near, before)
        and not is_inside_word(near, before + length)
    )


def _same_length(text: str, at: int, plain: str, done: int) -> int:
    length = 0
    while done + length < len(plain) and text[at + length : at + length + 1] == plain[done + length]:
        length += 1
    return length


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _is_negated(text: str, start: int) -> bool:
    return _kept().get(text[max(start - 1, 0) : start]) == "negation"


@cache
def _kept() -> dict[str, str]:
    """Characters that may not be left out, and why; see names_gaps.csv."""
    return {words: case["kind"] for words, case in load("names_gaps", key="words", columns=("words", "kind")).items()}


def _read_on(place: Place, head: str, begin: int) -> Hit:
    """The hit at a place. The name is `head` and the printed words of the text from `begin` on."""
    stop = find_end(place)
    quote = place.prose.quote(place.start, min(place.clause_end, place.start + _LONGEST_QUOTE))
    if stop is None:
        return Hit(Reach.UNCLEAR, "", quote)
    if stop == place.end:
        return Hit(Reach.ENDS, "", quote)
    name = head + join_spaces(place.prose.quote(begin, stop))
    if open_brackets(name) or is_open(name):
        return Hit(Reach.UNCLEAR, "", quote)
    return Hit(Reach.RUNS_ON, name, quote)


def leading_verb(plain: str) -> str:
    """The verb (完成, 开展) that a folded name leads with and its goal text may leave out; empty if there is none."""
    dropped = (lead for lead, kind in leads().items() if kind == "dropped" and plain.startswith(lead))
    return max(dropped, key=len, default="")
