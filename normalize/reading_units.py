"""A per cent sign read as a digit: ≥958 beside 97%.

The text is a number as it was read. The row tells: target and actual of one indicator are of one unit, and of the two
only this one has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from model import Cell
from normalize.heads import Role
from normalize.indicator_rows import PrintedRow
from normalize.reading_columns import Choice
from normalize.reading_trust import SURE_NUMBER, aligned
from normalize.readings import Edit
from normalize.units import find_unit_in_name
from normalize.values import ValueKind, parse_value

__all__ = ["decide_per_cent"]

_LEAST = 0.05


def decide_per_cent(rows: Sequence[PrintedRow]) -> Iterator[tuple[Cell, Choice]]:
    """Targets and actuals whose last digit is a per cent sign; they stay in doubt."""
    for row in rows:
        if row.get(Role.UNIT).text or find_unit_in_name(row.get(Role.NAME).text):
            continue
        cells = [printed.cells for role in (Role.TARGET, Role.ACTUAL) if (printed := row.get(role)).cells]
        if len(cells) == 2 and all(len(found) == 1 for found in cells):
            (target,), (actual,) = cells
            for cell, other in ((target, actual), (actual, target)):
                if _unit(other.text) == "%" and _unit(cell.text) is None and (choice := _with_sign(cell)):
                    yield cell, choice


def _unit(text: str) -> str | None:
    """The unit of a number, None where it has none; of what is no number the empty text."""
    value = parse_value(text, None)
    return value.unit if value.kind is ValueKind.NUMBER else ""


def _with_sign(cell: Cell) -> Choice | None:
    reading, text = aligned(cell), cell.text
    n = len(text) - 1
    if reading is None or reading.confidences[n] >= SURE_NUMBER or not text[n].isdigit():
        return None
    likely = [one for one in reading.rivals if (one.start, one.end, one.text) == (n, n + 1, "%")]
    if not likely or likely[0].confidence < _LEAST:
        return None
    edit = Edit(n, n + 1, "%", likely[0].confidence)
    return Choice((edit,), f"{text[:n]}%", alone=True, settled=False)
