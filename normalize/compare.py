"""Whether an actual meets its target, and by how much."""

from __future__ import annotations

import operator as relation
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from normalize.operators import Operator
from normalize.units import is_same_unit
from normalize.values import Value, ValueKind

__all__ = ["achievement_pct", "is_achieved", "is_comparable", "is_met", "units_differ"]

_RELATIONS: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GE: relation.ge,
    Operator.LE: relation.le,
    Operator.GT: relation.gt,
    Operator.LT: relation.lt,
    Operator.EQ: relation.eq,
}


def is_achieved(operator: Operator | None, target: Value, actual: Value) -> bool | None:
    """Whether the actual meets the target under `operator`; None where that can not be said.

    It can be said with two numbers in one unit or two dates. `=` with a range means within it; at another operator a
    range decides only where both of its ends do.
    """
    if operator is None:
        return None
    if target.date is not None and actual.date is not None:
        return _holds(operator, target.date, actual.date)
    if not is_comparable(target, actual) or target.number is None or actual.number is None:
        return None
    if target.maximum is None:
        return is_met(operator, target.number, actual.number)
    if operator is Operator.EQ:
        return target.number <= actual.number <= target.maximum
    low, high = is_met(operator, target.number, actual.number), is_met(operator, target.maximum, actual.number)
    return low if low is high else None


def is_met(operator: Operator, target: Decimal, actual: Decimal) -> bool:
    """The comparison of two numbers in one unit. 0 against `< 0` counts as met, as published forms score it."""
    return _holds(operator, target, actual) or (operator is Operator.LT and target == actual == 0)


def _holds(operator: Operator, target: Decimal | date, actual: Decimal | date) -> bool:
    return _RELATIONS[operator](actual, target)


def achievement_pct(target: Value, actual: Value) -> float | None:
    """Actual / target x 100, unrounded; None without two numbers in one unit, at a range, or with target 0."""
    if not target.number or actual.number is None or target.maximum is not None or not is_comparable(target, actual):
        return None
    return float(actual.number * 100 / target.number)


def is_comparable(target: Value, actual: Value) -> bool:
    """Whether a number or a range stands beside a number in the same unit (or both without)."""
    return target.number is not None and actual.kind is ValueKind.NUMBER and is_same_unit(target.unit, actual.unit)


def units_differ(target: Value, actual: Value) -> bool:
    """Whether both are numbers and print units that are not the same."""
    if target.number is None or target.unit is None or actual.unit is None:
        return False
    return not is_same_unit(target.unit, actual.unit)
