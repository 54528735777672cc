"""Operators: symbols, words before and behind a value, and cells of a column of operators."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING

from normalize.blanks import is_blank
from normalize.cases import Cases, fold, load
from normalize.levels import is_level

if TYPE_CHECKING:
    from normalize.codebooks import Codebook

__all__ = ["Bound", "CellKind", "Operator", "OperatorCell", "OperatorSource", "parse_operator_cell", "split_bound"]


class Operator(StrEnum):
    """How the actual must stand to the target."""

    GE = ">="
    LE = "<="
    GT = ">"
    LT = "<"
    EQ = "="


class OperatorSource(StrEnum):
    """What an operator was read from."""

    CODE = "code"
    SYMBOL = "symbol"
    WORDS = "words"


class CellKind(StrEnum):
    """What a cell under 指标性质 holds; provinces use the heading for different things."""

    SYMBOL = "symbol"
    WORDS = "words"
    CODE = "code"
    NATURE = "nature"  # 定量, 定性
    CLASS = "class"  # 数量指标: the level repeated
    BLANK = "blank"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OperatorCell:
    """A cell of a column of operators. `uncertain`: the code book gives this code with less certainty."""

    raw: str
    kind: CellKind
    operator: Operator | None = None
    source: OperatorSource | None = None
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """A folded text taken apart: an operator before, an operator behind, and between `start` and `end` the core.

    `raw` is what was printed of the operators. `words`: a word was taken off, so that the core must be a value for it
    to have been one (超 of 超额完成任务 is none).
    """

    start: int
    end: int
    before: Operator | None = None
    behind: Operator | None = None
    source: OperatorSource | None = None
    raw: str | None = None
    words: bool = False

    @property
    def operator(self) -> Operator | None:
        """The operator, None where there is none or two contradict each other."""
        return None if self.conflict else self.before or self.behind

    @property
    def conflict(self) -> bool:
        """Whether the operators before and behind differ (不超过90%以上)."""
        return self.before is not None and self.behind is not None and self.before is not self.behind


def split_bound(folded: str, printed: str, *, dated: bool = False) -> Bound:
    """Take the operators off a folded text; `printed` is the same text before folding.

    `dated` reads the words that stand beside dates (前, 之前, 于) too.
    """
    places = _Places.DATED if dated else _Places.PLAIN
    passed, sign = _find_before(folded, places)
    start = len(passed) + len(sign)
    word = _find_behind(folded, places, start)
    end = len(folded) - len(word)
    before = _find_operator(sign, ("symbol", *places.value))
    behind = _find_operator(word, places.value)
    is_symbol = f"{sign}|symbol" in _operators()
    raws = (printed[len(passed) : start], printed[end:] if behind else "")
    return Bound(
        start,
        end,
        before,
        behind,
        source=(OperatorSource.SYMBOL if is_symbol else OperatorSource.WORDS) if before or behind else None,
        raw="…".join(raw for raw in raws if raw) or None,
        words=bool(word or passed or (sign and not is_symbol)),
    )


def parse_operator_cell(text: str, codebook: Codebook | None = None) -> OperatorCell:
    """Read a cell by its content.

    A code without a book, and a code that its book does not hold, is CODE without an operator.
    """
    folded = fold(text)
    if is_blank(text):
        return OperatorCell(text, CellKind.BLANK)
    if folded.isascii() and folded.isdigit():
        return _read_code(text, folded, codebook)
    if _operators().find_folded(f"{folded}|nature"):
        return OperatorCell(text, CellKind.NATURE)
    if operator := _find_operator(folded, ("symbol",)):
        return OperatorCell(text, CellKind.SYMBOL, operator, OperatorSource.SYMBOL)
    if operator := _find_operator(folded, ("before", "behind")):
        return OperatorCell(text, CellKind.WORDS, operator, OperatorSource.WORDS)
    return OperatorCell(text, CellKind.CLASS if is_level(text) else CellKind.UNKNOWN)


def _read_code(text: str, code: str, codebook: Codebook | None) -> OperatorCell:
    entry = codebook.entries.get(code) if codebook else None
    if entry is None:
        return OperatorCell(text, CellKind.CODE)
    if entry.operator is None:
        return OperatorCell(text, CellKind.NATURE)
    return OperatorCell(text, CellKind.CODE, entry.operator, OperatorSource.CODE, uncertain=entry.certainty != "sure")


class _Places(Enum):
    """Which words count: those beside any value, or those beside dates too."""

    PLAIN = ("before", "behind")
    DATED = ("before", "behind", "date_before", "date_behind")


@cache
def _before(places: _Places) -> re.Pattern[str]:
    """A word that is passed over, then a symbol or a word that is an operator; each may be missing."""
    befores = tuple(place for place in places.value if place.endswith("before"))
    passed = [re.escape(word) for word in _words(befores) if not _find_operator(word, befores)]
    signs = [re.escape(word) for word in _words((*befores, "symbol")) if _find_operator(word, (*befores, "symbol"))]
    return re.compile(f"({'|'.join(passed)})?({'|'.join(signs)})?")


def _find_before(folded: str, places: _Places) -> tuple[str, str]:
    """A word that is passed over and the operator at the start of a text; each may be empty."""
    found = _before(places).match(folded)
    return (found[1] or "", found[2] or "") if found else ("", "")


def _find_behind(folded: str, places: _Places, start: int) -> str:
    """The longest word at the end of a text, behind `start`; empty where there is none."""
    words = _behinds(places)
    if not folded.endswith(words):
        return ""
    return next((word for word in words if folded.endswith(word) and len(folded) - len(word) > start), "")


@cache
def _behinds(places: _Places) -> tuple[str, ...]:
    return _words(tuple(place for place in places.value if place.endswith("behind")))


def _words(places: tuple[str, ...]) -> tuple[str, ...]:
    """The words of some places, folded, longest first."""
    words = {fold(case["printed"]) for case in _operators().values() if case["place"] in places}
    return tuple(sorted(words, key=len, reverse=True))


def _find_operator(word: str, places: Iterable[str]) -> Operator | None:
    for place in places:
        case = _operators().find_folded(f"{word}|{place}")
        if case is not None and case["operator"]:
            return Operator(case["operator"])
    return None


@cache
def _operators() -> Cases:
    return load("operators", key=("printed", "place"), columns=("printed", "operator", "place"))
