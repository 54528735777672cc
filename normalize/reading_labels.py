"""Levels, sources of money and labels of which a character is lost: 成本指称 for 成本指标, 财政专F管理资金, 部名称.

Where a column holds levels or sources, a text that is none is read as the one that it is near to. A label stands
anywhere; a text is read as one only where the reader itself thinks that something stands where a character is missing.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache

from model import Reading
from normalize.blanks import is_blank
from normalize.cases import load
from normalize.labels import find_label, find_source
from normalize.levels import parse_level1, parse_level2
from normalize.reading_columns import Choice, Holds, fit
from normalize.reading_near import core_of, cores_of, nearest
from normalize.readings import Edit

__all__ = ["near_label", "near_word"]


def near_word(text: str, reading: Reading, holds: Holds) -> Choice | None:
    """The level or source that a text of such a column is near to."""
    if holds not in _WORDS or fit(text, holds).rank == 2 or is_blank(text):
        return None
    return _choice(text, nearest(text, reading, _WORDS[holds]()))


def near_label(text: str, reading: Reading) -> Choice | None:
    """The label of the head block that a text is near to."""
    if find_label(text):
        return None
    return _choice(text, nearest(text, reading, _labels(), seen=True))


def _choice(text: str, word: str | None) -> Choice | None:
    if word is None:
        return None
    edit = Edit(0, core_of(text)[1], word)
    return Choice((edit,), word + text[edit.end :], alone=True, settled=True)


@cache
def _levels1() -> Mapping[str, Hashable]:
    return {one: level.name for one in _printed_levels("1") if (level := parse_level1(one)).known}


@cache
def _levels2() -> Mapping[str, Hashable]:
    return {one: level.name for one in _printed_levels("2") if (level := parse_level2(one)).known}


def _printed_levels(level: str) -> list[str]:
    cases = load("levels", key=("printed", "level"), columns=("printed", "level", "name", "level1"))
    return [core_of(case["printed"])[0] for case in cases.values() if case["level"] == level]


@cache
def _sources() -> Mapping[str, Hashable]:
    cases = load("sources", key=("pattern",), columns=("source", "pattern", "examples"))
    return {core: source for core in cores_of(cases.values()) if (source := find_source(core))}


@cache
def _labels() -> Mapping[str, Hashable]:
    cases = load("labels", key=("pattern",), columns=("field", "rank", "scope", "opens", "pattern", "examples"))
    return {core: label for core in cores_of(cases.values()) if (label := find_label(core))}


_WORDS = {Holds.LEVEL1: _levels1, Holds.LEVEL2: _levels2, Holds.SOURCE: _sources}
