"""Doubtful numbers and what they must satisfy: the one way to read them all, if there is one.

Nothing here knows what the numbers are. Each doubtful text has a few other readings; an identity says of a choice of
texts whether it holds. Where an identity fails as read and can hold, and every choice with which all holds that can
hold reads its numbers alike, they are read so. Where all holds as read and in no other way, the numbers are backed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod

from model import Reading
from normalize.blanks import is_blank_number
from normalize.reading_trust import unsure_places
from normalize.readings import Alternative

__all__ = ["Answer", "Doubt", "Identity", "Key", "solve"]

MOST_ASSIGNMENTS = 3000
"""Choices that are tried for numbers bound to each other; where there are more, only so many of them change at once."""

MOST_TAKEN = 2
"""Numbers that one identity may change. Under a seal that greys many, a sum can be met by changing five of them, each
to a reading that is wrong: what one equation says of five unknowns is a guess."""

_OTHER_SIGNS = {".": ("",), ",": (".",), "-": ("",), "+": ("",), "万": ("",), "亿": ("",)}

Key = tuple[str, int | None, str]
"""Table, row and column of a number."""

Texts = Mapping[Key, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """What numbers must satisfy. `holds` takes the texts that are read otherwise than they stand.

    `exact`: it forces a number and so can back one; a bound (score <= weight) only rules readings out.
    """

    name: str
    keys: frozenset[Key]
    holds: Callable[[Texts], bool]
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Doubt:
    """A number that is not sure: its text, its reading, and what it may be instead, one of each value."""

    text: str
    reading: Reading
    others: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The numbers to read otherwise, each with the name of the identity that says so, and those that are backed."""

    taken: Mapping[Key, tuple[Alternative, str]]
    backed: frozenset[Key]


_Assignment = Mapping[Key, Alternative]


def solve(identities: Sequence[Identity], doubts: Mapping[Key, Doubt]) -> Answer:
    """Read the doubtful numbers by their identities, each group of numbers bound to each other by itself."""
    taken: dict[Key, tuple[Alternative, str]] = {}
    backed: set[Key] = set()
    for keys in _groups(identities, doubts):
        bound = [identity for identity in identities if not keys.isdisjoint(identity.keys)]
        answer = _solve_group(bound, {key: doubts[key] for key in doubts if key in keys})
        taken |= answer.taken
        backed |= answer.backed
    return Answer(taken, frozenset(backed))


def _groups(identities: Sequence[Identity], doubts: Mapping[Key, Doubt]) -> list[set[Key]]:
    """The doubtful numbers, together where an identity binds them."""
    groups: list[set[Key]] = []
    for identity in identities:
        own = {key for key in identity.keys if key in doubts}
        if own:
            bound = [group for group in groups if not group.isdisjoint(own)]
            groups = [group for group in groups if group.isdisjoint(own)]
            groups.append(own.union(*bound))
    return groups


class _Group:
    """Numbers bound to each other, and which of their identities a choice of readings breaks."""

    def __init__(self, identities: Sequence[Identity], doubts: Mapping[Key, Doubt]) -> None:
        self.identities = identities
        self.about = {key: {n for n, one in enumerate(identities) if key in one.keys} for key in doubts}
        self.known: dict[tuple[int, frozenset[tuple[Key, str]]], bool] = {}
        self.as_read = frozenset(n for n in range(len(identities)) if self._fails(n, {}))

    def failing(self, assignment: _Assignment) -> frozenset[int]:
        """The identities that do not hold with a choice of readings."""
        touched = frozenset(n for key in assignment for n in self.about[key])
        return (self.as_read - touched) | {n for n in touched if self._fails(n, assignment)}

    def _fails(self, n: int, assignment: _Assignment) -> bool:
        keys = self.identities[n].keys
        texts = frozenset((key, one.text) for key, one in assignment.items() if key in keys)
        if (n, texts) not in self.known:
            self.known[n, texts] = not self.identities[n].holds(dict(texts))
        return self.known[n, texts]


def _solve_group(identities: Sequence[Identity], doubts: Mapping[Key, Doubt]) -> Answer:
    group = _Group(identities, doubts)
    every = [(assignment, group.failing(assignment)) for assignment in _assignments(doubts)]
    never = frozenset.intersection(*(failed for _, failed in every))
    good = [assignment for assignment, failed in every if failed == never]
    if not good:
        return Answer({}, frozenset())
    taken: dict[Key, tuple[Alternative, str]] = {}
    for n in sorted(group.as_read - never):
        for key, one in _only_way(identities[n].keys, good).items():
            taken.setdefault(key, (one, identities[n].name))
    chosen = {key: one for key, (one, _) in taken.items()}
    if group.failing(chosen) != never:
        return Answer(taken, frozenset())
    alike = (key for key in doubts if all(assignment.get(key) == chosen.get(key) for assignment in good))
    return Answer(taken, frozenset(key for key in alike if _is_forced(key, doubts[key], chosen, identities)))


def _assignments(doubts: Mapping[Key, Doubt]) -> Iterator[_Assignment]:
    """The choices of readings, that of all texts as they stand first, then those with the fewest changes."""
    count = 0
    for size in range(len(doubts) + 1):
        groups = list(combinations(doubts, size)) if comb(len(doubts), size) <= MOST_ASSIGNMENTS else []
        count += sum(prod(len(doubts[key].others) for key in keys) for keys in groups)
        if not groups or (count > MOST_ASSIGNMENTS and size > 1):
            return
        for keys in groups:
            for others in product(*(doubts[key].others for key in keys)):
                yield dict(zip(keys, others, strict=True))


def _only_way(keys: frozenset[Key], good: Sequence[_Assignment]) -> _Assignment:
    """How the good choices read the numbers of an identity, if all read them alike; else nothing."""
    ways = [{key: one for key, one in assignment.items() if key in keys} for assignment in good]
    return ways[0] if len(ways[0]) <= MOST_TAKEN and all(way == ways[0] for way in ways) else {}


def _is_forced(key: Key, doubt: Doubt, chosen: _Assignment, identities: Sequence[Identity]) -> bool:
    """Whether any other digit in place of a doubtful one breaks an identity: a rate of two decimals backs no cents."""
    texts = {other: one.text for other, one in chosen.items()}
    text = texts.get(key, doubt.text)
    exact = [one for one in identities if one.exact and key in one.keys and one.holds(texts)]
    digits = [n for n, char in enumerate(text) if char.isdigit()]
    places = unsure_places(doubt.text, doubt.reading) if key not in chosen else digits
    return bool(exact) and all(
        any(not identity.holds({**texts, key: other}) for identity in exact)
        for n in places
        for other in _variants(text, n)
    )


def _variants(text: str, n: int) -> Iterator[str]:
    """The text with another character in a place, every other digit for a digit, or for a dash that stands alone."""
    char = text[n]
    if is_blank_number(text):
        others = tuple("123456789")
    else:
        others = tuple("0123456789".replace(char, "")) if char.isdigit() else _OTHER_SIGNS.get(char, ())
    yield from (text[:n] + other + text[n + 1 :] for other in others)
