"""What is printed where there is nothing to print: / — - …… and words such as 无 in columns of numbers."""

from __future__ import annotations

from functools import cache

from normalize.cases import Cases, fold, load

__all__ = ["is_blank", "is_blank_number", "is_blank_unit"]


def is_blank(text: str) -> bool:
    """Whether a cell of any column is empty or a placeholder. 无 is not: it may be a target's or actual's own text."""
    return _is_blank(fold(text), ("any",))


def is_blank_number(text: str) -> bool:
    """Whether a cell of a column of numbers (money, rate, weight, score) is empty or a placeholder, 无 and 一 too."""
    return _is_blank(fold(text), ("any", "number"))


def is_blank_unit(text: str) -> bool:
    """Whether a cell of a column of units names none: blank, 无, 定性."""
    return _is_blank(fold(text), ("any", "number", "unit"))


def _is_blank(folded: str, places: tuple[str, ...]) -> bool:
    if not _placeholder_characters().issuperset(folded):
        case = _placeholders().find_folded(folded)
        return case is not None and case["place"] in places
    return True


@cache
def _placeholder_characters() -> frozenset[str]:
    return frozenset(key for key, case in _placeholders().items() if case["kind"] == "character")


@cache
def _placeholders() -> Cases:
    return load("placeholders", key="printed", columns=("printed", "kind", "place"))
