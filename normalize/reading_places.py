"""Where the texts of a form go: which cell is which column of which row, and what it holds there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model import Cell, Line
from normalize.blanks import is_blank
from normalize.confusions import is_lone_stroke
from normalize.find import FormParts, IndicatorPart
from normalize.goals import parse_goals
from normalize.head import label_values
from normalize.heads import Head, Role
from normalize.indicator_rows import Levels, PrintedRow, cells_under, read_rows
from normalize.labels import find_label
from normalize.money_lines import MoneyLine, read_lines
from normalize.money_unit import find_printed_unit
from normalize.reading_columns import NO_VOCABULARY, Holds, Vocabulary, find_codes
from normalize.reading_trust import aligned, unsure_places
from normalize.rows import Row, split_label
from normalize.units import find_unit_in_name

__all__ = ["FormCells", "Place", "blocks_of", "form_cells", "head_cells", "indicator_rows", "places_of"]

_SHARE = 0.6  # of a column without a head: what most of it holds, all of it holds
_INDICATOR: dict[Role, tuple[str, Holds]] = {
    Role.LEVEL1: ("level1_raw", Holds.LEVEL1),
    Role.LEVEL2: ("level2_raw", Holds.LEVEL2),
    Role.NAME: ("name_raw", Holds.NAME),
    Role.OPERATOR: ("operator_raw", Holds.OPERATOR),
    Role.TARGET: ("target_raw", Holds.VALUE),
    Role.TARGET_FIRST: ("target_raw", Holds.VALUE),
    Role.TARGET_ADJUSTED: ("target_raw", Holds.VALUE),
    Role.UNIT: ("unit_raw", Holds.UNIT),
    Role.ACTUAL: ("actual_raw", Holds.VALUE),
    Role.WEIGHT: ("weight", Holds.WEIGHT),
    Role.SCORE: ("score", Holds.WEIGHT),
    Role.REASON: ("reason", Holds.TEXT),
}
_FUND: dict[Role, tuple[str, Holds]] = {
    Role.LABEL: ("source_raw", Holds.SOURCE),
    Role.INITIAL: ("initial_raw", Holds.AMOUNT),
    Role.ADJUSTMENT: ("adjustment_raw", Holds.AMOUNT),
    Role.FINAL: ("final_raw", Holds.AMOUNT),
    Role.EXECUTED: ("executed_raw", Holds.AMOUNT),
    Role.RATE: ("execution_rate_raw", Holds.RATE),
    Role.WEIGHT: ("weight", Holds.WEIGHT),
    Role.SCORE: ("score", Holds.WEIGHT),
    Role.NOTE: ("note", Holds.TEXT),
    Role.SIDE: ("final_raw", Holds.DIGITS),  # amounts in a sentence
}
_TOTALS = {Role.WEIGHT: "weight_total", Role.SCORE: "score_total"}
_LEVELS = frozenset({Role.LEVEL1, Role.LEVEL2})


@dataclass(frozen=True, slots=True)
class Place:
    """A text of a form and where it goes: `row` and `column` of an output table, None where it goes to no one row."""

    block: Cell | Line
    holds: Holds
    table: str
    row: int | None = None
    column: str | None = None
    known: Vocabulary = NO_VOCABULARY


@dataclass(frozen=True, slots=True)
class FormCells:
    """A form's indicators and lines of money with the cells that they were read from, in order."""

    rows: tuple[PrintedRow, ...]
    lines: tuple[MoneyLine, ...]


def form_cells(parts: FormParts) -> FormCells:
    """The rows and lines of a form, numbered from 1 by their order as its output rows are."""
    lines = tuple(line for part in parts.money for line in read_lines(part))
    return FormCells(tuple(indicator_rows(parts.indicators)), lines)


def indicator_rows(parts: Sequence[IndicatorPart]) -> Iterator[PrintedRow]:
    """The indicators of all blocks of a form, in printed order."""
    levels = Levels()
    for part in parts:
        yield from read_rows(part, levels)[0]


def places_of(parts: FormParts, cells: FormCells) -> list[Place]:
    """The texts of a form that came off a picture, each with its places; merged numbers have one in every row."""
    places = [
        *_head_places(parts, cells.lines),
        *_goal_places(parts),
        *(place for n, line in enumerate(cells.lines, 1) for place in _line_places(n, line)),
        *_indicator_places(parts.indicators, cells.rows),
        *(Place(block, Holds.TEXT, "forms", column="notes") for note in parts.notes for block in blocks_of(note)),
        *(Place(cell, Holds.TEXT, "forms") for row in parts.unplaced for cell in row.filled),
    ]
    return [place for place in places if place.block.reading is not None]


def blocks_of(strip: Row | Line) -> Sequence[Cell | Line]:
    """The texts of a row, or the line."""
    return strip.filled if isinstance(strip, Row) else (strip,)


# ---------------------------------------------------------------------------------------------------------------------
# Head block, goals and heads of columns
# ---------------------------------------------------------------------------------------------------------------------


def _head_places(parts: FormParts, lines: Sequence[MoneyLine]) -> Iterator[Place]:
    """Titles, labels with their values, the heads of the blocks and what stands beside the money block."""
    for strip in parts.over:
        for block in blocks_of(strip):
            named = any(char.isdigit() for char in block.text)  # a title without a year says what the form is only
            yield Place(block, Holds.YEAR, "forms", column="fiscal_year" if named else "title")
    for strip in parts.labels:
        values = label_values(strip)
        for block in blocks_of(strip):
            yield _label_place(block, {value.value: value.label.field for value in values if value.value})
    own = {id(cell) for line in lines for _, cell in line.cells}
    sides = (cell for part in parts.money for row in part.rows[:1] for cell in row.covering if id(cell) not in own)
    of_money = [*(cell for part in parts.money if part.head for cell in head_cells(part.head)), *sides]
    yield from map(_money_place, of_money)
    yield from (Place(cell, Holds.TERM, "forms") for part in parts.indicators for cell in head_cells(part.head))


def _money_place(cell: Cell) -> Place:
    if find_printed_unit([cell.text]) is None:
        return Place(cell, Holds.TERM, "forms")
    return Place(cell, Holds.MONEY_UNIT, "forms", column="money_unit_printed")


def _label_place(block: Cell | Line, fields: Mapping[str, str]) -> Place:
    """A label or its value. The total is a number, and so is a year; the other values are text."""
    field = fields.get(block.text.strip())
    if find_label(block.text):
        return Place(block, Holds.TERM, "forms")
    if field is None or field in ("ignored", "money_unit"):
        return Place(block, Holds.TEXT, "forms")
    if field == "year":
        return Place(block, Holds.YEAR, "forms", column="fiscal_year")
    if field == "project_code":
        return Place(block, Holds.DIGITS, "forms", column=field)
    return Place(block, Holds.WEIGHT if field == "score_total" else Holds.TEXT, "forms", column=field)


def head_cells(head: Head) -> Iterator[Cell]:
    """The cells of a head."""
    for cell in head.table.cells:
        if cell.r0 > head.last:
            return
        if cell.r1 >= head.first and cell.text in head.texts:
            yield cell


def _goal_places(parts: FormParts) -> Iterator[Place]:
    goals = parse_goals(parts.goals)
    for row in parts.goals:
        for cell in row.filled:
            said = {goals.expected: "goal_expected", goals.actual: "goal_actual"}
            yield Place(cell, Holds.TEXT, "forms", column=said.get(cell.text.strip()))


# ---------------------------------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------------------------------


def _line_places(n: int, line: MoneyLine) -> Iterator[Place]:
    for role, cell in line.cells:
        if role in _FUND:
            column, holds = _FUND[role]
            yield Place(cell, holds, "funds", n, column)


def _indicator_places(parts: Sequence[IndicatorPart], rows: Sequence[PrintedRow]) -> Iterator[Place]:
    """The cells of all rows under a head by what they hold; those of no indicator go to no row."""
    numbers: dict[int, list[int]] = {}
    for n, row in enumerate(rows, 1):
        for role, printed in (*row.cells.items(), (Role.LEVEL1, row.level1), (Role.LEVEL2, row.level2)):
            for cell in printed.cells:
                found = numbers.setdefault(id(cell), [])
                if n not in found and not (role in _LEVELS and found):
                    found.append(n)
    for part in parts:
        codes = find_codes(_sure_operators(part))
        seen: set[int] = set()
        for under, cells in cells_under(part, _SHARE):
            is_total = any(under is total for total in part.totals)
            for role, cell in ((role, cell) for role, found in cells.items() for cell in found):
                if role in _INDICATOR and id(cell) not in seen:
                    seen.add(id(cell))
                    known = Vocabulary(_unit_beside(cells), codes, nameless=_is_nameless(cells))
                    yield from _places(role, cell, known, numbers.get(id(cell), ()), is_total=is_total)


def _places(role: Role, cell: Cell, known: Vocabulary, rows: Sequence[int], *, is_total: bool) -> Iterator[Place]:
    column, holds = _INDICATOR[role]
    if is_total:
        if role in _TOTALS:
            yield Place(cell, holds, "forms", column=_TOTALS[role])
        else:  # 总分：98.5分 in one cell
            yield Place(cell, Holds.DIGITS, "forms", column="score_total" if split_label(cell.text) else None)
        return
    for n in rows:
        yield Place(cell, holds, "indicators", n, column, known)
    if not rows:
        yield Place(cell, holds, "forms", known=known)


def _unit_beside(cells: Mapping[Role, Sequence[Cell]]) -> str | None:
    """The unit in its own column or in brackets behind the name."""
    unit, name = ("".join(cell.text for cell in cells.get(role, ())) for role in (Role.UNIT, Role.NAME))
    return unit or find_unit_in_name(name) or None


def _is_nameless(cells: Mapping[Role, Sequence[Cell]]) -> bool:
    """Whether the cell of the name holds nothing, or one stroke, which is no name."""
    name = "".join(cell.text for cell in cells.get(Role.NAME, ()))
    return is_blank(name) or is_lone_stroke(name)


def _sure_operators(part: IndicatorPart) -> Iterator[str]:
    for _, cells in cells_under(part, _SHARE):
        for cell in cells.get(Role.OPERATOR, ()):
            reading = aligned(cell)
            if reading is None or not unsure_places(cell.text, reading):
                yield cell.text
