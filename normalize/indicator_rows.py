"""The rows under an indicator head as printed: which are indicators, which class rows, fillers or nothing that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from model import Box, Cell, Code, Finding
from normalize.blanks import is_blank, is_blank_number
from normalize.find import IndicatorPart
from normalize.heads import TARGETS, Block, Column, Role, columns_of, role_of
from normalize.labels import find_mark, is_mark
from normalize.levels import infer_level1, is_level, parse_level1, parse_level2
from normalize.operators import CellKind, parse_operator_cell
from normalize.rows import Row, row_box, split_label
from normalize.units import parse_unit
from normalize.values import parse_weight

__all__ = ["NO_CELL", "Levels", "PrintedCell", "PrintedRow", "cells_under", "read_rows", "read_totals"]

_NOT_ASKED = frozenset({Role.BLANK, Role.SIDE, Role.GROUP, Role.OTHER, Role.NUMBERING})
_ONCE = frozenset({Role.WEIGHT, Role.SCORE})
_VALUES = (*TARGETS, Role.ACTUAL)
_HIDDEN = frozenset({*_VALUES, *_ONCE})
"""What a blank cell may hide."""
_LEVELS = frozenset({Role.LEVEL1, Role.LEVEL2})
_BY_CONTENT = {
    Role.BLANK: _LEVELS | {Role.OPERATOR, Role.UNIT},
    Role.UNKNOWN: _LEVELS | {Role.OPERATOR},
    Role.OTHER: _LEVELS,  # 指标类型 over 数量值, 质量值
}
"""What a column may be read as by its content alone, by what its head says."""


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """What stands under a column in a row: all its text, the part that a reader sees, and the cells it comes from."""

    text: str
    visible: str
    lines: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()

    @property
    def is_clipped(self) -> bool:
        """Whether the page hides part of the text."""
        return self.text != self.visible


NO_CELL = PrintedCell("", "")


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """An indicator as printed. `level1` and `level2` are filled down.

    `unknown` are heads that no case knows, each with the text under it; `left_out` those of no output column.
    """

    page: int
    box: Box
    level1: PrintedCell
    level2: PrintedCell
    cells: Mapping[Role, PrintedCell]
    unknown: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...] = ()

    def get(self, role: Role) -> PrintedCell:
        """The cell under a column, blank where the form has no such column."""
        return self.cells.get(role, NO_CELL)


@dataclass(slots=True)
class Levels:
    """The levels that hold for the next row, while the blocks of a form are read from the top."""

    level1: PrintedCell = NO_CELL
    level2: PrintedCell = NO_CELL
    seen: set[int] = field(default_factory=set)

    def take(self, level1: Sequence[Cell], level2: Sequence[Cell]) -> None:
        """Take over what a row prints; a new first level ends the second.

        A blank first level goes on with the one above, unless the second level belongs to another: 生态效益 printed
        some rows below 产出指标.
        """
        if level1 and not self.seen.issuperset(map(id, level1)):
            printed = _printed(level1)
            if printed.text != self.level1.text:
                self.level2 = NO_CELL
                self.seen.difference_update(map(id, level2))
            self.level1 = printed
        if level2 and not self.seen.issuperset(map(id, level2)):
            self.level2 = _printed(level2)
            if not level1 and _is_of_other_level(self.level1.text, self.level2.text):
                self.level1 = NO_CELL
        self.seen.update(map(id, (*level1, *level2)))


def _is_of_other_level(level1: str, level2: str) -> bool:
    """Whether a second level surely belongs to another first level than this."""
    first, second = parse_level1(level1), parse_level2(level2)
    own = infer_level1(second.name) if first.known and second.name else None
    return own is not None and first.name not in (own, second.name)


def read_rows(part: IndicatorPart, levels: Levels) -> tuple[list[PrintedRow], list[Finding]]:
    """The indicators of a block in printed order, and findings for rows that fit nothing.

    `levels` hold from the block before and are left as this one ends: a head printed again on the next page stands
    between rows of one level.
    """
    findings: list[Finding] = []
    rows: list[PrintedRow] = []
    grids: dict[int, _Grid] = {}
    for row in part.rows:
        grid = grids.get(id(row.table))
        if grid is None:
            grid = grids[id(row.table)] = _resolve(columns_of(part.head, row.table), part.rows)
        cells = _cells_by_role(grid, row)
        if _is_second_level(row):
            cells[Role.LEVEL2] = cells.pop(Role.LEVEL1, [])
        levels.take(cells.get(Role.LEVEL1, ()), cells.get(Role.LEVEL2, ()))
        printed = {role: _printed(found) for role, found in cells.items()}
        if _is_class(printed, row, levels):
            continue
        if _is_indicator(printed):
            unknown, left_out = (tuple(_texts_under(columns, row)) for columns in (grid.unknown, grid.other))
            rows.append(PrintedRow(row.page, row_box(row), levels.level1, levels.level2, printed, unknown, left_out))
        elif not _is_filler(row):
            message = "The row fits no column of the form."
            findings.append(Finding(Code.ROW_UNPLACED, message, table="forms", page=row.page, raw=row.text))
        elif _is_weighted(printed):
            message = "A row without an indicator prints a weight or a score."
            findings.append(Finding(Code.TEXT_LEFT_OUT, message, table="forms", page=row.page, raw=row.text))
    return rows, findings


def cells_under(part: IndicatorPart, share: float = 1.0) -> Iterator[tuple[Row, dict[Role, list[Cell]]]]:
    """The rows of a block, indicators or not, each with its cells by what they hold.

    `share`: how much of a column without a known head must be of a kind for all of it to count as that.
    """
    grids: dict[int, _Grid] = {}
    for row in (*part.rows, *part.totals):
        grid = grids.get(id(row.table))
        if grid is None:
            grid = grids[id(row.table)] = _resolve(columns_of(part.head, row.table), part.rows, share)
        yield row, _cells_by_role(grid, row)


def read_totals(parts: Iterable[IndicatorPart]) -> tuple[Decimal | None, Decimal | None]:
    """The printed totals of weights and scores, from the last row that prints each."""
    weight = score = None
    for part in parts:
        for row in part.totals:
            columns = columns_of(part.head, row.table)
            weight = _number_under(columns, row, Role.WEIGHT) or weight
            score = _number_under(columns, row, Role.SCORE) or score
    return weight, score


def _number_under(columns: Sequence[Column], row: Row, role: Role) -> Decimal | None:
    column = next((column for column in columns if column.role is role), None)
    if column is None:
        return None
    text = "".join(cell.text for cell in row.filled if column.c0 <= cell.c0 <= column.c1)
    pair = split_label(row.filled[0].text)  # 总分：98.5分 in one cell
    return parse_weight(pair[1] if pair and not text and role is Role.SCORE else text).number


# ---------------------------------------------------------------------------------------------------------------------
# Columns
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grid:
    """What each grid column of one table holds, where the output asks for it, and the columns that it does not know."""

    roles: Mapping[int, Role]
    unknown: tuple[Column, ...]
    other: tuple[Column, ...]


def _resolve(columns: Sequence[Column], rows: Sequence[Row], share: float = 1.0) -> _Grid:
    """The columns of a table, those without a known head read by what they hold, or this share of them does."""
    taken = {column.role for column in columns}
    roles: dict[int, Role] = {}
    by_role: dict[Role, list[Column]] = {Role.UNKNOWN: [], Role.OTHER: []}
    for column in columns:
        role = column.role
        if role in _BY_CONTENT:
            texts = [c.text for row in rows for c in row.filled if column.c0 <= c.c0 <= column.c1 and not _is_side(c)]
            held = (found for found in _roles_by_content(texts, share) if found in _BY_CONTENT[role] - taken)
            role = next(held, role if role is not Role.BLANK else Role.UNKNOWN if texts else Role.SIDE)
        taken.add(role)
        if role in by_role:
            by_role[role].append(column)
        elif role not in _NOT_ASKED:
            roles.update(dict.fromkeys(range(column.c0, column.c1 + 1), role))
    return _Grid(roles, tuple(by_role[Role.UNKNOWN]), tuple(by_role[Role.OTHER]))


def _roles_by_content(texts: Sequence[str], share: float) -> list[Role]:
    """What a column without a head may hold, by all its texts or a share of them."""
    tests: tuple[tuple[Role, Callable[[str], bool]], ...] = (
        (Role.LEVEL1, lambda text: parse_level1(text).known),
        (Role.LEVEL2, lambda text: parse_level2(text).known),
        (Role.OPERATOR, lambda text: parse_operator_cell(text).kind in (CellKind.SYMBOL, CellKind.WORDS)),
        (Role.UNIT, lambda text: (unit := parse_unit(text)) is not None and unit.known),
    )
    filled = [text for text in texts if not is_blank(text)]
    if share < 1:
        return [role for role, holds in tests if filled and sum(map(holds, filled)) >= share * len(filled)]
    return [role for role, holds in tests if filled and all(holds(text) for text in filled)]


def _is_side(cell: Cell) -> bool:
    """Whether a cell names the block beside its rows: 绩效指标 written downwards, or what a page break left of it."""
    return _is_caption(cell) or (cell.r1 > cell.r0 and not is_level(cell.text))


def _cells_by_role(grid: _Grid, row: Row) -> dict[Role, list[Cell]]:
    """The cells of a row by role. A merged cell counts for all its rows, a merged weight or score for the first; a
    blank one where a picture may hide a value."""
    found: dict[Role, list[Cell]] = {}
    for cell in row.covering:
        role = grid.roles.get(cell.c0) if cell.text or cell.reading is not None else None
        if role is not None and (cell.text or role in _HIDDEN) and (cell.r0 == row.index or role not in _ONCE):
            found.setdefault(role, []).append(cell)
    return found


def _texts_under(columns: Iterable[Column], row: Row) -> Iterable[tuple[str, str]]:
    """The heads of columns, each with what the row prints under it."""
    for column in columns:
        text = "".join(cell.text for cell in row.filled if column.c0 <= cell.c0 <= column.c1)
        if text and not is_blank(text):
            yield column.text, text


def _printed(cells: Sequence[Cell]) -> PrintedCell:
    if len(cells) == 1:
        return PrintedCell(cells[0].text, cells[0].visible, cells[0].lines, tuple(cells))
    lines = tuple(line for cell in cells for line in cell.lines)
    text, visible = "".join(cell.text for cell in cells), "".join(cell.visible for cell in cells)
    return PrintedCell(text, visible, lines, tuple(cells))


# ---------------------------------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------------------------------


def _is_class(cells: Mapping[Role, PrintedCell], row: Row, levels: Levels) -> bool:
    """Whether a row only names a level; `levels` takes it over.

    Yunnan's forms print 数量指标 in a row of its own under 二级指标, and once more under 指标性质; others print it
    under 三级指标 or across the table.
    """
    if any(not is_blank(cells[role].text) for role in (*_VALUES, *_ONCE) if role in cells):
        return False
    name = cells.get(Role.NAME, NO_CELL)
    if name.text:
        others = (cell.text for cell in row.filled if cell.text != name.text)
        if not is_level(name.text) or not all(is_level(text) or is_blank(text) for text in others):
            return False
        _take_class(name, levels)
        return True
    operator = cells.get(Role.OPERATOR, NO_CELL)
    if operator.text and parse_operator_cell(operator.text).kind is CellKind.CLASS:
        if not levels.level2.text:
            levels.level2 = operator
        return True
    return bool(row.filled) and all(is_level(cell.text) or _is_caption(cell) for cell in row.filled)


def _is_second_level(row: Row) -> bool:
    """Whether a row is nothing but a second level, printed across the first one's column: 数量指标 as a bar."""
    text = row.filled[0].text
    alone = len(row.filled) == 1 and row.filled[0].c1 > row.filled[0].c0
    return alone and parse_level2(text).known and not parse_level1(text).known


def _is_caption(cell: Cell) -> bool:
    """Whether a cell names a block: 绩效指标, 年度绩效目标1（40分）."""
    return role_of(cell.text, Block.INDICATOR) is Role.GROUP


def _take_class(name: PrintedCell, levels: Levels) -> None:
    if parse_level2(name.text).known:
        levels.level2 = name
    else:
        levels.level1, levels.level2 = name, NO_CELL


def _is_indicator(cells: Mapping[Role, PrintedCell]) -> bool:
    """Whether a row holds an indicator: a name, or values without one. 无 under every head is none."""
    name = cells.get(Role.NAME, NO_CELL).text
    if name and not is_blank_number(name) and not find_mark(name, "filler", "subtotal"):
        return True
    if is_blank_number(name) and not is_blank(name):
        return any(not is_blank_number(cells[role].text) for role in _VALUES if role in cells)
    return any(not is_blank(cells[role].text) for role in _VALUES if role in cells)


def _is_weighted(cells: Mapping[Role, PrintedCell]) -> bool:
    """Whether a row without an indicator prints a weight or a score that is no subtotal."""
    if is_mark(cells.get(Role.NAME, NO_CELL).text, "subtotal"):
        return False
    return any(parse_weight(cells[role].text).number for role in _ONCE if role in cells)


def _is_filler(row: Row) -> bool:
    """Whether a row is an empty line of the template: ……, /, 无, 指标2：, levels and weights without an indicator."""
    return all(
        is_blank_number(cell.text)
        or find_mark(cell.text, "filler", "subtotal")
        or is_level(cell.text)
        or _is_caption(cell)
        or parse_weight(cell.text).number is not None
        for cell in row.filled
    )
