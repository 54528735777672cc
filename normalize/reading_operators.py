"""Operators read as the first digit of a target, or not at all: 250个 and 50个 for ≥50个.

The text alone never tells. The form does: by its habit of printing an operator before its targets, or by what actual
and score of the row say, as for texts without confidences (`operator_digits`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from model import Cell, Rival
from normalize.heads import Role
from normalize.indicator_rows import PrintedRow
from normalize.levels import parse_level2
from normalize.operator_digits import DigitRow, speaks_for
from normalize.operators import OperatorSource, parse_operator_cell
from normalize.reading_columns import Choice
from normalize.reading_trust import LOOKED_AGAIN, SEEN_AGAIN, aligned, unsure_places
from normalize.readings import Alternative, Edit, alternatives, applied
from normalize.units import find_unit_in_name
from normalize.values import Value, ValueKind, parse_actual, parse_value, parse_weight

__all__ = ["decide_operators"]

_HABIT = 0.75  # of the targets with numbers
_HALF = 0.5  # where the reader surely saw the operator when it looked again
_LEAST_HABIT = 3


def decide_operators(rows: Sequence[PrintedRow]) -> Iterator[tuple[Cell, Choice]]:
    """Targets whose first digit is an operator, or that lost theirs, by a rival and the form."""
    habit, half = _has_habit(rows, _HABIT), _has_habit(rows, _HALF)
    for row in rows:
        cells = row.get(Role.TARGET).cells
        if len(cells) != 1 or cells[0].reading is None or parse_operator_cell(row.get(Role.OPERATOR).text).operator:
            continue
        unit = _unit_of(row)
        target = parse_value(cells[0].text, unit)
        if target.kind is not ValueKind.NUMBER or target.operator is not None:
            continue
        found = [(one, value) for one in _with_operator(cells[0]) if (value := _is_bound(one, unit, target))]
        if len({value.operator for _, value in found}) == 1:
            one, value = found[0]
            missing = value.number == target.number
            speaks = None if missing else speaks_for(_digit_row(row, target, unit), value)
            by_rival = one.edits[0].confidence is not None
            is_usual = half if one.odds >= SEEN_AGAIN else habit
            if speaks or (speaks is None and is_usual and by_rival):
                yield cells[0], Choice(one.edits, one.text, alone=True, settled=True)


def _with_operator(cell: Cell) -> list[Alternative]:
    """The readings of a target whose first character is a sign: instead of one that is not sure, or missing."""
    reading = aligned(cell)
    if reading is None:
        return []
    every = alternatives(cell.text, reading, unsure_only=True, most=1)
    found = [one for one in every if one.edits[0].start == 0 and one.text[:1] in "≥≤><"]
    return found or [_put_before(cell.text, rival) for rival in reading.rivals if _adds_operator(cell.text, rival)]


def _adds_operator(text: str, rival: Rival) -> bool:
    """Whether the reader, looking again, read the same with an operator before it."""
    is_same = rival.start == 0 and rival.text[1:] == text[: rival.end] != ""
    return is_same and rival.text[0] in "≥≤" and rival.confidence >= LOOKED_AGAIN


def _put_before(text: str, rival: Rival) -> Alternative:
    edit = Edit(0, 0, rival.text[0], rival.confidence)
    return Alternative(applied(text, [edit]), (edit,), rival.confidence, 1, is_twin=False)


def _is_bound(one: Alternative, unit: str | None, target: Value) -> Value | None:
    value = parse_value(one.text, unit)
    is_number = value.kind is ValueKind.NUMBER and value.unit == target.unit
    return value if is_number and value.operator_source is OperatorSource.SYMBOL else None


def _has_habit(rows: Sequence[PrintedRow], share: float) -> bool:
    """Whether the form prints an operator before so many of its targets, by those that are sure."""
    cells = [(row, cell) for row in rows for cell in row.get(Role.TARGET).cells if _is_sure(cell)]
    values = [parse_value(cell.text, _unit_of(row)) for row, cell in cells]
    numbers = [value for value in values if value.kind is ValueKind.NUMBER]
    with_sign = sum(value.operator_source is OperatorSource.SYMBOL for value in numbers)
    return with_sign >= max(_LEAST_HABIT, share * len(numbers))


def _is_sure(cell: Cell) -> bool:
    reading = aligned(cell)
    return reading is None or not unsure_places(cell.text, reading)


def _unit_of(row: PrintedRow) -> str | None:
    return row.get(Role.UNIT).text or find_unit_in_name(row.get(Role.NAME).text) or None


def _digit_row(row: PrintedRow, target: Value, unit: str | None) -> DigitRow:
    return DigitRow(
        text=row.get(Role.TARGET).text,
        unit=unit,
        target=target,
        actual=parse_actual(row.get(Role.ACTUAL).text, target),
        weight=parse_weight(row.get(Role.WEIGHT).text).number,
        score=parse_weight(row.get(Role.SCORE).text).number,
        level2=parse_level2(row.level2.text).name,
        reason=row.get(Role.REASON).text,
    )
