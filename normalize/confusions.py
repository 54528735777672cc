"""What readers of pictures make of what is printed: O for 0, 二 for =, what remains of a rule for a 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from normalize.cases import fold, load

__all__ = ["Confusion", "confusions_in", "plain", "twin_characters"]


@dataclass(frozen=True, slots=True)
class Confusion:
    """What is `read` may be `meant`, empty for nothing. `edge`: only at an end of a text. `twin`: the two look the
    same, so that the reader's being sure says nothing."""

    read: str
    meant: str
    edge: bool
    twin: bool


def confusions_in(text: str) -> Iterator[tuple[int, int, Confusion]]:
    """The parts of a text that may be something else, each with what."""
    folded = plain(text)
    for start in range(len(folded)):
        for confusion in _by_first().get(folded[start], ()):
            end = start + len(confusion.read)
            if folded[start:end] == confusion.read and (not confusion.edge or _is_at_edge(folded, start, end)):
                yield start, end, confusion


def plain(text: str) -> str:
    """A text as long as it was, its characters folded and white space made a blank."""
    return "".join(fold(char) or " " for char in text)


def _is_at_edge(folded: str, start: int, end: int) -> bool:
    return not folded[:start].strip() or not folded[end:].strip()


@cache
def twin_characters() -> frozenset[str]:
    """The single signs that look like a digit: O, l, 丨."""
    every = (confusion for found in _by_first().values() for confusion in found)
    return frozenset(one.read for one in every if one.twin and len(one.read) == 1 and one.meant.isdigit())


@cache
def _by_first() -> dict[str, tuple[Confusion, ...]]:
    found: dict[str, tuple[Confusion, ...]] = {}
    cases = load("confusions", key=("read", "meant", "place"), columns=("read", "meant", "place", "used"))
    for case in cases.values():
        read = fold(case["read"])
        one = Confusion(read, case["meant"], case["place"] == "edge", case["used"] == "always")
        found[read[0]] = (*found.get(read[0], ()), one)
    return found
