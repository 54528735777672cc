"""Units: which text is a unit, its magnitude (万元 is 10000 元), and whether two units are the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache

from normalize.blanks import is_blank_unit
from normalize.cases import Cases, fold, load, squeeze
from normalize.numbers import find_leads, find_magnitude

__all__ = ["Behind", "Unit", "find_unit_behind", "find_unit_in_name", "is_same_unit", "parse_unit"]

_ONE = Decimal(1)
_NAME_BRACKETS = re.compile(r"[(（]([^()（）]{1,12})[)）]$")
_BRACKETED = re.compile(r"([^()]+)\(([^()]+)\)")
_HAN = re.compile(r"[\u4e00-\u9fff]{1,4}")
_RATE = re.compile(r"([^/每]+)([/每].+)")
_WORD = re.compile(r"[^\W\d_]")
_LABEL = re.compile(r"^单位:")
_SEPARATORS = re.compile(r"[/每·.]")


class Behind(StrEnum):
    """Where a unit may stand: behind any number, behind digits only (2期, but 二期 is a phase), in a column only."""

    ALL = "all"
    DIGITS = "digits"
    COLUMN = "column"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with its magnitude taken out: 万人次 is `人次` x 10000. `name` is None for a bare magnitude (万).

    `own`: a bare magnitude is 万 or 亿, which stands for itself and replaces a unit column's (150万 under 万元).
    """

    raw: str
    name: str | None
    factor: Decimal = _ONE
    known: bool = True
    own: bool = False
    behind: Behind = Behind.ALL


def parse_unit(text: str) -> Unit | None:
    """The unit of a whole text (a cell of the column 度量单位), None where it is blank or a placeholder.

    A unit that no table knows is taken as printed, 万 or 亿 before it taken out, with `known` False.
    """
    return None if is_blank_unit(text) else _parse_unit(text)


@lru_cache(maxsize=4096)
def _parse_unit(text: str) -> Unit:
    folded = _LABEL.sub("", fold(text)) or fold(text)
    printed = squeeze(text)[-len(folded) :]
    unit = _find_unit(folded, printed)
    if unit is not None:
        return replace(unit, raw=text)
    if _WORD.search(folded) is None:
        return Unit(text, None, known=False)  # a number in the column of units is no unit
    magnitude = find_magnitude(folded)
    if magnitude and folded[0] in "万亿" and magnitude[1]:
        return Unit(text, printed[1:], magnitude[0], known=False)
    return Unit(text, printed, known=False)


@lru_cache(maxsize=4096)
def find_unit_behind(folded: str, printed: str, *, numeral: bool) -> Unit | None:
    """The unit that stands behind a number: a known one, or a short unknown word that can be nothing else.

    `printed` is the same text before folding. Behind a numeral only units that make no other word with it.
    """
    unit = _find_unit(folded, printed)
    if unit is not None:
        return unit if unit.behind is Behind.ALL or (unit.behind is Behind.DIGITS and not numeral) else None
    return Unit(printed, printed, known=False) if not numeral and _is_plausible_unit(folded) else None


def find_unit_in_name(name: str) -> str | None:
    """The unit in brackets at the end of a name, as printed: 万元 of 成本控制数(万元).

    Only units that stand behind any number: 乡（镇） and 街道（社区） are two names, not a name and its unit.
    """
    found = _NAME_BRACKETS.search(name.rstrip())
    if found is None:
        return None
    text = _LABEL.sub("", fold(found[1]))
    unit = _find_unit(text, text)
    return squeeze(found[1])[-len(text) :] if unit is not None and unit.name and unit.behind is Behind.ALL else None


def is_same_unit(a: str | None, b: str | None) -> bool:
    """Whether two canonical units are one: equal, or names of one unit (平方米, ㎡)."""
    return a == b or (a is not None and b is not None and _identity(a) == _identity(b))


def _identity(unit: str) -> str:
    """The name under which a unit is compared; of a rate, part by part."""
    folded = fold(unit)
    case = _units().get(folded)
    if case is not None:
        return case["same"] or case["unit"]
    parts = _SEPARATORS.split(folded)
    return "/".join(_identity(part) if part in _units() else part for part in parts)


def _find_unit(folded: str, printed: str) -> Unit | None:
    """A unit by the tables: itself, with a magnitude, a rate (元/亩), with brackets (个（套）)."""
    case = _units().find_folded(folded)
    if case is not None:
        return Unit(printed, case["unit"], Decimal(case["factor"]), behind=Behind(case["behind"]))
    return _find_scaled(folded, printed) or _find_rate(folded, printed) or _find_bracketed(folded, printed)


def _find_scaled(folded: str, printed: str) -> Unit | None:
    magnitude = find_magnitude(folded)
    if magnitude is None:
        return None
    factor, rest = magnitude
    if not rest:
        return Unit(printed, None, factor, own=folded[-1] in "万亿")
    unit = _find_unit(rest, printed[-len(rest) :])
    if unit is None or unit.name is None:
        return None
    return Unit(printed, unit.name, factor * unit.factor, behind=unit.behind)


def _find_rate(folded: str, printed: str) -> Unit | None:
    """次/月, 元/生/年, 元/(人·月), 次/10万公顷, 元每吨, 万/月: only the magnitude of the first part is taken out."""
    found = _RATE.fullmatch(folded)
    if found is None or not _is_denominator(found[2]):
        return None
    cut = found.start(2)
    unit = _find_unit(folded[:cut], printed[:cut])
    if unit is None:
        return None
    tail = _restore_brackets(folded[cut:], printed)
    return Unit(printed, (unit.name or "") + tail, unit.factor, behind=unit.behind)


def _is_denominator(folded: str) -> bool:
    inner = folded[1:]
    if inner[:1] == "(" and inner[-1] == ")":
        inner = inner[1:-1]
    return all(_is_denominator_part(part) for part in _SEPARATORS.split(inner))


def _is_denominator_part(folded: str) -> bool:
    leads = find_leads(folded)
    rest = leads[0].rest if leads and not leads[0].numeral else folded
    unit = _find_unit(rest, rest) if rest else None
    return unit is not None and unit.name is not None


def _find_bracketed(folded: str, printed: str) -> Unit | None:
    """(个), and 个(套), 人(次): both parts must be units; the magnitude of the first is taken out."""
    found = _BRACKETED.fullmatch(folded)
    if found is None:
        inner = _find_unit(folded[1:-1], printed[1:-1]) if folded[:1] == "(" and folded[-1] == ")" else None
        return replace(inner, raw=printed) if inner else None
    unit, other = _find_unit(found[1], found[1]), _find_unit(found[2], found[2])
    if unit is None or other is None or unit.name is None or other.name is None:
        return None
    tail = _restore_brackets(folded[found.end(1) :], printed)
    return Unit(printed, unit.name + tail, unit.factor, behind=unit.behind)


def _restore_brackets(folded_end: str, printed: str) -> str:
    """The end of a folded unit with the brackets that were printed: 个（套） keeps its full-width ones."""
    end = printed[-len(folded_end) :]
    return "".join(theirs if ours in "()" else ours for ours, theirs in zip(folded_end, end, strict=True))


def _is_plausible_unit(folded: str) -> bool:
    """One or two Han characters, or a counter and up to three, none of them telling of a date, a grade, a bound."""
    if _HAN.fullmatch(folded) is None or not _refused().isdisjoint(folded):
        return False
    return len(folded) <= 2 or _is_counter(folded[0])


def _is_counter(char: str) -> bool:
    case = _units().get(char)
    return case is not None and case["behind"] == Behind.ALL


@cache
def _units() -> Cases:
    return load("units", key="printed", columns=("printed", "unit", "factor", "behind", "same"))


@cache
def _refused() -> frozenset[str]:
    return frozenset(load("unit_refused", key="printed", columns=("printed", "reason")))
