"""Whether the figure behind some words of a goal text is the figure of an indicator's row.

A goal text prints the target behind what it counts (处理…交通违法不低于20万次 beside 200000 次). Another figure or unit
there says that the words are another indicator's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from normalize.numbers import find_leads, find_magnitude
from normalize.values import parse_actual, parse_value

__all__ = ["RowFigures", "has_other_figure", "read_figures"]

_BEFORE = re.compile(r"[^\d,，。；;、()]{0,6}(?=\d)")
_SHARES = ("%", "‰")
_LONGEST_NUMBER = 20
_LONGEST_UNIT = 3


@dataclass(frozen=True, slots=True)
class RowFigures:
    """The numbers of a row, target and actual, magnitudes taken in, and their unit; None where it is not printed."""

    numbers: frozenset[Decimal] = frozenset()
    unit: str | None = None

    @property
    def percent(self) -> bool | None:
        """Whether the row counts in % or ‰; None where it does not say."""
        return None if self.unit is None else self.unit in _SHARES


def read_figures(target: str, unit: str, actual: str) -> RowFigures:
    """The figures of a row from its cells as printed."""
    value = parse_value(target, unit or None)
    numbers = (value.number, parse_actual(actual, value).number)
    return RowFigures(frozenset(number for number in numbers if number is not None), value.unit)


def has_other_figure(row: RowFigures, plain: str, at: int) -> bool | None:
    """Whether the folded text has at a place a figure that can not be the row's; None where it has no figure there."""
    before = _BEFORE.match(plain, at)
    leads = find_leads(plain[before.end() : before.end() + _LONGEST_NUMBER]) if before else ()
    if not leads:
        return None
    number, rest = leads[0].number, leads[0].rest
    magnitude = find_magnitude(rest)
    if magnitude is not None:
        number, rest = number * magnitude[0], magnitude[1]
    return _is_other_unit(row, rest[:_LONGEST_UNIT]) or bool(row.numbers and number not in row.numbers)


def _is_other_unit(row: RowFigures, behind: str) -> bool:
    if row.unit is None:
        return False
    if row.percent or behind.startswith(_SHARES):
        return not (row.percent and behind.startswith(_SHARES))
    return behind[:1].isalpha() and not set(behind) & set(row.unit)
