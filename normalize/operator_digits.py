"""Operators that became digits: 28 for ≥8, 290% for ≥90%.

Fonts without ≥ and readers of pictures make a 2 of it. Nothing in the cell itself tells 28 from ≥8: the actual, the
score and the other rows of the form do. A target is changed only where its own row shows the reading, another row of
the form shows it too, and no row speaks against it; else the reading is only quoted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import cache

from model import Code, Finding
from normalize.blanks import is_blank_number
from normalize.cases import fold, load
from normalize.compare import is_comparable
from normalize.operators import Operator
from normalize.values import Value, ValueKind, parse_value

__all__ = ["DigitReading", "DigitRow", "is_maybe_operator_digit", "read_operator_digits", "speaks_for"]

_LEADING = tuple("123456789")
_ENOUGH_ROWS = 2
_FAR_BELOW = Decimal("0.5")  # of the printed target: full marks are not given for less than half of it
_NEAR = Decimal("0.8")  # of the printed target: an actual that the printed number explains
_ALL = 100  # per cent: shares are no more
_LEAST_SHARE = 50  # per cent: targets of shares seldom are less


@dataclass(frozen=True, slots=True)
class DigitRow:
    """What a row says about its target: `text` is the target's cell, `unit` the unit printed for it elsewhere."""

    text: str
    unit: str | None
    target: Value
    actual: Value
    weight: Decimal | None = None
    score: Decimal | None = None
    level2: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DigitReading:
    """A reading of a target with its first digit as an operator. `proven`: it counts instead of the printed number."""

    target: Value
    proven: bool
    finding: Finding


class _Says(Enum):
    """What a row says about the reading of its own target."""

    YES = "yes"
    MAYBE = "maybe"
    NOTHING = "nothing"
    NO = "no"


def read_operator_digits(rows: Sequence[DigitRow]) -> list[DigitReading | None]:
    """The reading of each row's target, None where nothing speaks for one."""
    readings = [_read_without_digit(row) for row in rows]
    said = [_judge(row, reading) if reading else None for row, reading in zip(rows, readings, strict=True)]
    settled = said.count(_Says.YES) >= _ENOUGH_ROWS and _Says.NO not in said
    return [
        _to_reading(row, reading, proven=settled and says is _Says.YES)
        if reading is not None and says in (_Says.YES, _Says.MAYBE)
        else None
        for row, reading, says in zip(rows, readings, said, strict=True)
    ]


def speaks_for(row: DigitRow, reading: Value) -> bool | None:
    """Whether actual and score of a row speak for its target being read so, or against it; None: for neither."""
    says = _judge(row, reading)
    return True if says is _Says.YES else False if says is _Says.NO else None


def is_maybe_operator_digit(target: Value) -> bool:
    """Whether a target is a number without an operator whose first digit may be one."""
    return target.kind is ValueKind.NUMBER and target.operator is None and fold(target.raw)[:1] in _digits()


def _read_without_digit(row: DigitRow) -> Value | None:
    """The target with its first digit as an operator; None where an operator is printed or no number stays."""
    operator = _digits().get(fold(row.text)[:1])
    if operator is None or row.target.kind is not ValueKind.NUMBER or row.target.operator:
        return None
    digit, rest = row.text.strip()[0], row.text.strip()[1:]
    if fold(rest)[:1] not in _LEADING:
        return None
    value = parse_value(operator.value + rest, row.unit)
    if value.number is None or value.operator is not operator or value.unit != row.target.unit:
        return None
    return replace(value, raw=row.target.raw, operator_raw=digit)


def _judge(row: DigitRow, reading: Value) -> _Says:
    """What actual, score and reason say about a reading."""
    printed, read, actual = row.target.number, reading.number, row.actual.number
    if printed is None or read is None:
        return _Says.NOTHING
    if actual is None:
        return _Says.MAYBE if _is_no_share(row.target, reading) and _is_unscored(row) else _Says.NOTHING
    if not is_comparable(row.target, row.actual):
        return _Says.NOTHING
    is_full = bool(row.weight) and row.score == row.weight
    if actual >= printed * _NEAR or (row.weight is not None and row.score is not None and not is_full):
        return _Says.NO
    explained = not is_blank_number(row.reason)  # a reason for a miss: the printed target was meant
    met = actual == read or (actual >= read and (is_full or _is_no_share(row.target, reading)))
    if not met or actual > printed * _FAR_BELOW:
        return _Says.NOTHING
    return _Says.MAYBE if explained or row.level2 in _not_under() else _Says.YES


def _is_no_share(target: Value, reading: Value) -> bool:
    """Whether a target in % is more than all and the reading a usual share: 292% for ≥92%."""
    if target.unit != "%" or target.number is None or reading.number is None:
        return False
    return target.number > 2 * _ALL and _LEAST_SHARE <= reading.number <= _ALL


def _is_unscored(row: DigitRow) -> bool:
    return row.score is None and is_blank_number(row.actual.raw)


def _to_reading(row: DigitRow, reading: Value, *, proven: bool) -> DigitReading:
    """The reading with its finding."""
    shown = f"{reading.operator.value if reading.operator else ''}{row.text.strip()[1:]}"
    message = (
        "The first digit is an operator: actuals and scores of several rows of the form show it."
        if proven
        else "The first digit may be an operator; the printed number is kept."
    )
    finding = Finding(
        Code.OPERATOR_AS_DIGIT, message, table="indicators", column="target_value", raw=row.text, value=shown
    )
    return DigitReading(reading, proven, finding)


@cache
def _digits() -> dict[str, Operator]:
    return {case["printed"]: Operator(case["operator"]) for case in _cases() if case["kind"] == "digit"}


@cache
def _not_under() -> frozenset[str]:
    """Second levels where a lower bound makes no sense: what costs 90 was to cost no more."""
    return frozenset(case["printed"] for case in _cases() if case["kind"] == "not_under")


def _cases() -> list[dict[str, str]]:
    columns = ("kind", "printed", "operator")
    return [dict(case) for case in load("operator_digits", key=("kind", "printed"), columns=columns).values()]
