"""What readers of pictures make of what is printed: O for 0, 二 for =, what remains of a rule for a 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from normalize.cases import fold, load

__all__ = ["Confusion", "Place", "confusions_in", "is_lone_stroke", "may_be_digit", "plain", "twin_characters"]


class Place(StrEnum):
    """Where in a text something is mistaken: anywhere, at its start, at an end, at its own end, or where it is
    the whole text."""

    ANY = "any"
    START = "start"
    EDGE = "edge"
    END = "end"
    LONE = "lone"


@dataclass(frozen=True, slots=True)
class Confusion:
    """What is `read` may be `meant`, empty for nothing, at its `place`. `twin`: the two look the same, so that the
    reader's being sure says nothing."""

    read: str
    meant: str
    place: Place
    twin: bool


def confusions_in(text: str) -> Iterator[tuple[int, int, Confusion]]:
    """The parts of a text that may be something else, each with what."""
    folded = plain(text)
    for start in range(len(folded)):
        for confusion in _by_first().get(folded[start], ()):
            end = start + len(confusion.read)
            if folded[start:end] == confusion.read and _stands(confusion.place, folded, start, end):
                yield start, end, confusion


def is_lone_stroke(text: str) -> bool:
    """Whether a text is nothing but one sign of one stroke, of which a crop tells little: 1, —, j, |."""
    bare = text.strip()
    if len(bare) != 1:
        return False
    folded = plain(bare)
    return any(one.place is Place.LONE and one.read == folded for one in _by_first().get(folded, ()))


def plain(text: str) -> str:
    """A text as long as it was, its characters folded and white space made a blank."""
    return "".join(fold(char) or " " for char in text)


def _stands(place: Place, folded: str, start: int, end: int) -> bool:
    before, behind = folded[:start].strip(), folded[end:].strip()
    if place is Place.START:
        return not before
    if place is Place.END:
        return not behind
    if place is Place.EDGE:
        return not before or not behind
    return place is Place.ANY or not (before or behind)


def may_be_digit(char: str) -> bool:
    """Whether a sign may be a digit that was mistaken: S, z, 口."""
    return any(one.meant.isdigit() for one in _by_first().get(plain(char), ()))


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
        one = Confusion(read, case["meant"], Place(case["place"]), case["used"] == "always")
        found[read[0]] = (*found.get(read[0], ()), one)
    return found
