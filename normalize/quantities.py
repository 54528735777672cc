"""Quantities: a number and its unit, together the whole text."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from normalize.cases import Cases, fold, load
from normalize.numbers import Lead, find_leads, parse_number
from normalize.units import Unit, find_unit_behind, is_same_unit

__all__ = ["Quantity", "read_quantity"]

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with every magnitude taken in.

    `unit` is canonical, `unit_raw` the unit that stands behind the number as printed, None where none does. `factor` is
    what the unit's magnitude multiplied the number with. `conflict`: the column prints another unit.
    """

    number: Decimal
    unit: str | None
    unit_raw: str | None
    factor: Decimal
    known: bool = True
    conflict: bool = False


def read_quantity(folded: str, printed: str, column: Unit | None) -> Quantity | None:
    """The quantity that a whole folded text is, None where it is none. `printed` is the same text before folding.

    The unit behind the number counts before the column's. 万 and 亿 behind a number replace the magnitude of the
    column's unit (150万 under 万元 is 1500000 元, 3万 is 30000 元); 千, 百 and 十 are digits of a numeral and multiply
    with it (3千 under 万元 is 30000000 元).
    """
    share = _read_share(folded, column)
    if share is not None:
        return share
    for lead in find_leads(folded):
        quantity = _lead_to_quantity(lead, printed, column)
        if quantity is not None:
            return quantity
    return None


def _lead_to_quantity(lead: Lead, printed: str, column: Unit | None) -> Quantity | None:
    if not lead.rest:
        return _in_column(lead.number, column, own=lead.own)
    behind = printed[-len(lead.rest) :]
    if column is not None and column.name is not None and lead.rest == fold(column.raw):
        return Quantity(lead.number * column.factor, column.name, behind, column.factor, column.known)
    unit = find_unit_behind(lead.rest, behind, numeral=lead.numeral)
    if unit is None:
        return None
    number = lead.number * unit.factor
    if unit.name is None:
        return _in_column(number, column, own=lead.own or unit.own, bare=unit.factor)
    conflict = column is not None and column.name is not None and not is_same_unit(unit.name, column.name)
    raw = behind[1:-1] if lead.rest[0] == "(" else behind  # Shanghai's forms print ≥13459.00(平方米)
    return Quantity(number, unit.name, raw, unit.factor, unit.known, conflict)


def _in_column(number: Decimal, column: Unit | None, *, own: bool, bare: Decimal = _ONE) -> Quantity:
    """A number without a unit takes the column's, and its magnitude unless it has its own.

    Without a column a bare magnitude is the factor: an actual of 148 beside 150万 is in 万 too.
    """
    if column is None:
        return Quantity(number, None, None, bare)
    factor = _ONE if own else column.factor
    return Quantity(number * factor, column.name, None, column.factor, column.known)


def _read_share(folded: str, column: Unit | None) -> Quantity | None:
    """百分之九十五, 千分之3, 百分百."""
    case = _shares().find_folded(folded) or _shares().find_folded(folded[:3])
    if case is None:
        return None
    number = Decimal(case["number"]) if case["number"] else parse_number(folded[3:])
    if number is None:
        return None
    conflict = column is not None and column.name is not None and not is_same_unit(case["unit"], column.name)
    return Quantity(number, case["unit"], case["printed"], _ONE, conflict=conflict)


@cache
def _shares() -> Cases:
    return load("shares", key="printed", columns=("printed", "unit", "number"))
