"""Which names are cut: by how they end, and by the width at which a column cuts its names.

A cell that clips or an export that truncates cuts every long name of a column at about the same width, so a few names
that surely break off show where the others were cut. A name of that width is then whole only if it ends as names of
indicators do. Where no such width shows, a name is taken as it stands unless it breaks off for all to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

from normalize.cases import load
from normalize.names_text import Cleaned, open_brackets
from normalize.words import cut_words, is_verb_or_particle

__all__ = ["WHOLE", "Band", "Ending", "find_band", "find_ending", "is_open", "is_rate", "is_whole", "rate_endings"]

_GOES_ON = "，、,"
_BAND = 4
"""Half-width characters from the narrowest to the widest cut name: one form cuts after 10, 11 and 12 Chinese ones."""
_LEAST_CUT = 3
_LEAST_PILE = 4
_LEAST_HIGH_PILE = 6


class Ending(Enum):
    """How a name ends; see names_endings.csv."""

    RATE = "rate"
    MEASURE = "measure"
    QUALITY = "quality"
    ACTION = "action"
    TAIL = "tail"
    OPEN = "open"


WHOLE = (Ending.RATE, Ending.MEASURE, Ending.QUALITY)
"""Endings that no whole name lacks a word behind."""


@dataclass(frozen=True, slots=True)
class Band:
    """The widths, both included, at which a column cuts its names, in half-width characters."""

    low: int
    high: int

    def __contains__(self, width: int) -> bool:
        return self.low <= width <= self.high


def find_ending(name: Cleaned) -> Ending:
    """How a cleaned name ends: in a measure, in an action, in the open (cut) or in anything else."""
    if open_brackets(name.text):
        return Ending.OPEN
    ending = _find_ending(name.text)
    if name.mark.endswith(tuple(_GOES_ON)) and ending not in WHOLE:
        return Ending.OPEN
    return ending


def is_open(text: str) -> bool:
    """Whether a name can not end like this: inside a bracket or a word, after a word that must be followed."""
    return find_ending(Cleaned(text)) is Ending.OPEN


def is_whole(text: str) -> bool:
    """Whether a name ends in a rate or another measure."""
    known = _longest_ending(text)
    return known is not None and _endings()[known] in WHOLE


def is_rate(text: str) -> bool:
    """Whether a name ends in a rate: it counts in % or ‰."""
    return _find_ending(text) is Ending.RATE


@lru_cache(maxsize=4096)
def _find_ending(text: str) -> Ending:
    table = _endings()
    known = _longest_ending(text)
    if known is not None and (len(known) > 1 or table[known] in WHOLE):
        return table[known]
    return _ending_of_words(cut_words(text), table)


def _longest_ending(text: str) -> str | None:
    table = _endings()
    suffixes = (text[-length:] for length in range(min(_longest(), len(text)), 0, -1))
    return next((suffix for suffix in suffixes if suffix in table), None)


def _ending_of_words(words: Sequence[str], table: dict[str, Ending]) -> Ending:
    """The ending of a name that no longer suffix decides.

    A verb of one character behind a word is the first half of a word (案件办). Two single characters in a row are often
    a young word that no dictionary has (教师国培, 信访稳控): they prove nothing.
    """
    if not words or len(words[-1]) > 1:
        return Ending.TAIL
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    known = table.get(last)
    follows_word = len(before) > 1 or not before.isalnum() or table.get(before) is Ending.OPEN
    if known is Ending.OPEN:
        return Ending.OPEN if follows_word else Ending.TAIL
    is_half = known is None and bool(before) and follows_word and last.isalpha() and is_verb_or_particle(last)
    return Ending.OPEN if is_half else Ending.TAIL


def find_band(names: Iterable[tuple[int, bool]]) -> Band | None:
    """The widths at which a column cuts, from each name's width and whether it surely breaks off; None without a habit.

    A habit shows in three names that break off at about one width, or in names that pile up at the greatest width of
    all: a quarter of all names, if one of them breaks off, else more. Longer names are fewer: in one form two of
    seventy stand in full, in rows of their own height.
    """
    known = sorted(names)
    return _band_of_cut(known) or _band_of_pile(known)


def _band_of_cut(known: Sequence[tuple[int, bool]]) -> Band | None:
    cut = [width for width, is_cut in known if is_cut]
    top = max(cut, key=lambda high: (sum(high - _BAND <= width <= high for width in cut), high), default=0)
    band = Band(min((width for width in cut if top - _BAND <= width), default=top), top)
    inside = [is_cut for width, is_cut in known if width in band]
    longer = sum(width > top for width, _ in known)
    is_habit = sum(inside) >= _LEAST_CUT and sum(inside) * 4 >= len(inside) and longer * 3 <= len(known)
    return band if is_habit else None


def _band_of_pile(known: Sequence[tuple[int, bool]]) -> Band | None:
    top = known[-1][0] if known else 0
    band = Band(top - 1, top)
    inside = [is_cut for width, is_cut in known if width in band]
    if any(inside):
        return band if len(inside) >= _LEAST_PILE and len(inside) * 4 >= len(known) else None
    return band if len(inside) >= _LEAST_HIGH_PILE and len(inside) * 5 >= len(known) * 2 else None


@cache
def rate_endings() -> tuple[str, ...]:
    """How names of rates end: 率."""
    return tuple(ending for ending, kind in _endings().items() if kind is Ending.RATE)


@cache
def _longest() -> int:
    return max(map(len, _endings()))


@cache
def _endings() -> dict[str, Ending]:
    table = load("names_endings", key="ending", columns=("ending", "kind"))
    return {ending: Ending(case["kind"]) for ending, case in table.items()}
