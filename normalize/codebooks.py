"""Code books: what the codes under 指标性质 or 计算符号 mean in each system, and how the book of a form is chosen.

Systems number the operators differently (004 is ≥ in Yunnan, 4 is ＜ on the ministry's platform), so a code says
nothing without its book, and a book is never chosen by the codes alone: the codes only rule books out. Signs (region,
header texts) and the form's own arithmetic speak for a book; see codebook_signs.csv.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from normalize.cases import Case, Cases, fold, load
from normalize.compare import is_met
from normalize.operators import Operator

__all__ = ["CodeEntry", "CodeEvidence", "CodeRow", "Codebook", "choose_codebook", "load_codebooks"]

_ENOUGH_POINTS = 2
_ENOUGH_ROWS = 4  # fewer rows prove nothing by their arithmetic
_SUPPORTED = 0.8  # of 67 published Yunnan rows 62 meet their target under the right book, half or less under others
_REFUTED = 0.5
_HELD = 0.75  # of a form's codes; the few others are typing errors, if the arithmetic speaks for the book


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code. `operator` is None for codes that are no operator (定性). `certainty`: sure, likely or order."""

    code: str
    operator: Operator | None
    certainty: str


@dataclass(frozen=True, slots=True)
class Codebook:
    """The codes of one system."""

    name: str
    entries: Mapping[str, CodeEntry]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A row with a code and, where they are numbers in one unit, its target and actual."""

    code: str
    target: Decimal | None = None
    actual: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """What a form says about its system: its rows, its title and bodies (`texts`), all its header cells (`heads`)."""

    rows: Sequence[CodeRow]
    texts: Sequence[str] = ()
    heads: Sequence[str] = ()


def choose_codebook(evidence: CodeEvidence) -> Codebook | None:
    """The book of a form, None where the evidence does not settle it. Never chosen by the numbers alone."""
    fitting = [book for book in load_codebooks().values() if _is_fitting(book, evidence)]
    chosen = [book for book in fitting if _count_points(book, evidence) >= _ENOUGH_POINTS]
    return chosen[0] if len(chosen) == 1 else None


@cache
def load_codebooks() -> Mapping[str, Codebook]:
    """All code books by name."""
    books: dict[str, dict[str, CodeEntry]] = {}
    for case in _codebooks().values():
        operator = Operator(case["operator"]) if case["operator"] else None
        books.setdefault(case["book"], {})[case["code"]] = CodeEntry(case["code"], operator, case["certainty"])
    return {name: Codebook(name, entries) for name, entries in books.items()}


def _is_fitting(book: Codebook, evidence: CodeEvidence) -> bool:
    """Whether the book holds the codes, in its width, and the rows do not refute it.

    A code that it does not hold may be another system's: then the rows must prove the book.
    """
    held = sum(fold(row.code) in book.entries for row in evidence.rows)
    if not held or held < _HELD * len(evidence.rows):
        return False
    share = _share_met(book, evidence.rows)
    if held < len(evidence.rows):
        return share is not None and share >= _SUPPORTED
    return share is None or share > _REFUTED


def _share_met(book: Codebook, rows: Sequence[CodeRow]) -> float | None:
    """The share of rows that meet their target under a book, None where too few can be compared."""
    met = []
    for row in rows:
        entry = book.entries.get(fold(row.code))
        operator = entry.operator if entry else None
        if operator is not None and row.target is not None and row.actual is not None:
            met.append(is_met(operator, row.target, row.actual))
    return sum(met) / len(met) if len(met) >= _ENOUGH_ROWS else None


def _count_points(book: Codebook, evidence: CodeEvidence) -> int:
    """Heads add up; of the regions only the best and the worst count, and those of another book count against."""
    heads = [int(sign["points"]) for sign in _met_signs("head", evidence.heads) if sign["book"] == book.name]
    regions = [
        int(sign["points"]) * (1 if sign["book"] == book.name else -1)
        for sign in _met_signs("region", evidence.texts)
        if sign["book"] == book.name or int(sign["points"]) > 0
    ]
    named = sum(heads) + max([0, *regions]) + min([0, *regions])
    share = _share_met(book, evidence.rows)
    return named + (1 if named > 0 and share is not None and share >= _SUPPORTED else 0)


def _met_signs(kind: str, texts: Sequence[str]) -> list[Case]:
    """The signs of all books that stand in one of the texts."""
    folded = [fold(text) for text in texts]
    met = [key for key, case in _signs().items() if case["kind"] == kind and _is_in(fold(case["text"]), folded)]
    return [case for key in met if (case := _signs().find_folded(key))]


def _is_in(sign: str, folded: Sequence[str]) -> bool:
    return any(sign in text for text in folded)


@cache
def _codebooks() -> Cases:
    return load("codebooks", key=("book", "code"), columns=("book", "code", "operator", "certainty"))


@cache
def _signs() -> Cases:
    return load("codebook_signs", key=("book", "kind", "text"), columns=("book", "kind", "text", "points"))
