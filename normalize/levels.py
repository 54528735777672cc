"""First and second levels of indicators: 产出指标, 数量指标 and the others, as printed, broken, cut or with weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from normalize.blanks import is_blank
from normalize.cases import Case, Cases, fold, load

__all__ = ["Level", "infer_level1", "is_level", "parse_level1", "parse_level2"]

_SHORTEST_CUT = 3  # 社会效 is a cut 社会效益指标; of two characters nothing can be said

_WEIGHT = re.compile(r"[(\[]?([0-9]{1,3}(?:\.[0-9]{1,2})?)(?:分|%)?[)\]]?")
_WEIGHT_INSIDE = re.compile(r"[(\[]([0-9]{1,3}(?:\.[0-9]{1,2})?)(?:分|%)?[)\]]|([0-9]{1,3}(?:\.[0-9]{1,2})?)分$")
_MARK = re.compile(r"^(?:[(]?[一二三四五六七八九十0-9]{1,2}[)]|[一二三四五六七八九十0-9]{1,2}[、.])")
_STRAY = "、,;:。."


@dataclass(frozen=True, slots=True)
class Level:
    """A level cell. `name` is the canonical name, or the printed text where no case knows it (`known` is False then).

    `name` is None where the cell is blank or shows only its weight. `mended`: the cell prints the level otherwise than
    its canonical name. `weight` is the number of (50分).
    """

    raw: str
    name: str | None
    known: bool = False
    mended: bool = False
    weight: Decimal | None = None


def parse_level1(text: str) -> Level:
    """Read a cell under 一级指标."""
    return _parse_level(text, "1")


def parse_level2(text: str) -> Level:
    """Read a cell under 二级指标."""
    return _parse_level(text, "2")


def infer_level1(level2: str) -> str | None:
    """The first level that a canonical second level belongs to, None where it may be more than one.

    经济成本指标 stands under 成本指标 in most provinces and under 产出指标 in Sichuan.
    """
    case = _levels().find_folded(f"{fold(level2)}|2")
    return (case["level1"] or None) if case else None


def is_level(text: str) -> bool:
    """Whether a text is a known first or second level, in whatever form."""
    return parse_level2(text).known or parse_level1(text).known


@lru_cache(maxsize=1024)
def _parse_level(text: str, level: str) -> Level:
    if is_blank(text):
        return Level(text, None)
    folded, weight = _split_weight(fold(text))
    if not folded:
        return Level(text, None, weight=weight)
    case = _find_level(folded, level)
    if case is None:
        return Level(text, folded if weight is not None else text.strip(), weight=weight)
    return Level(text, case["name"], known=True, mended=case["name"] != text.strip(), weight=weight)


def _split_weight(folded: str) -> tuple[str, Decimal | None]:
    """产出指标(50分) is 产出指标 and 50; (50分), 50分 and 50 are a weight alone."""
    if found := _WEIGHT.fullmatch(folded):
        return "", Decimal(found[1])
    if found := _WEIGHT_INSIDE.search(folded):
        return folded[: found.start()] + folded[found.end() :], Decimal(found[1] or found[2])
    return folded, None


def _find_level(folded: str, level: str) -> Case | None:
    plain = _MARK.sub("", folded).strip(_STRAY)
    return _levels().find_folded(f"{plain}|{level}") or _find_cut_level(plain, level)


def _find_cut_level(plain: str, level: str) -> Case | None:
    """The one level whose name starts with a cut text: 服务对象满意度指, 社会效. None where two do."""
    if len(plain) < _SHORTEST_CUT:
        return None
    found = [case for case in _levels().values() if case["level"] == level and case["printed"].startswith(plain)]
    return found[0] if len({case["name"] for case in found}) == 1 else None


@cache
def _levels() -> Cases:
    return load("levels", key=("printed", "level"), columns=("printed", "level", "name", "level1"))
