"""Heads of the money and indicator blocks: which columns a block has, and what each holds.

Columns are known by what they are called, never by their place: 分值 stands before the target, after the actual or
nowhere. A head may take two rows (绩效指标 over 一级指标, 二级指标, 三级指标); the lowest text over a column counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from model import Cell, Table
from normalize.labels import find_source
from normalize.levels import is_level
from normalize.patterns import Patterns, load_patterns
from normalize.rows import Row

__all__ = [
    "AMOUNTS",
    "TARGETS",
    "Block",
    "Column",
    "Head",
    "Role",
    "columns_of",
    "find_heads",
    "is_continued_by",
    "role_of",
]

_LONGEST_HEAD = 40
_TOLERANCE = 6.0  # points
_SAME_EDGES = 0.75
_ENOUGH_ROWS = 6  # rows under a head that are asked what a column holds


class Block(StrEnum):
    """The blocks of a form that have a head."""

    INDICATOR = "indicator"
    MONEY = "money"


class Role(StrEnum):
    """What a column holds. OTHER: known, but in no output column. SIDE: the block's own name beside its rows.

    NUMBERING: the numbers of the rows, which say nothing.
    """

    LEVEL1 = "level1"
    LEVEL2 = "level2"
    NAME = "name"
    OPERATOR = "operator"
    TARGET = "target"
    TARGET_FIRST = "target_first"
    TARGET_ADJUSTED = "target_adjusted"
    ACTUAL = "actual"
    UNIT = "unit"
    REASON = "reason"
    LABEL = "label"
    INITIAL = "initial"
    ADJUSTMENT = "adjustment"
    FINAL = "final"
    EXECUTED = "executed"
    RATE = "rate"
    NOTE = "note"
    WEIGHT = "weight"
    SCORE = "score"
    OTHER = "other"
    NUMBERING = "numbering"
    GROUP = "group"
    SIDE = "side"
    BLANK = "blank"
    UNKNOWN = "unknown"


TARGETS = frozenset({Role.TARGET, Role.TARGET_FIRST, Role.TARGET_ADJUSTED})
_LEVELS = frozenset({Role.LEVEL1, Role.LEVEL2})
AMOUNTS = frozenset({Role.INITIAL, Role.ADJUSTMENT, Role.FINAL, Role.EXECUTED, Role.RATE})
_MAYBE_LABELS = frozenset({Role.UNKNOWN, Role.OTHER})
_NO_COLUMN = frozenset({Role.GROUP, Role.UNKNOWN, Role.BLANK})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: grid places `c0`..`c1` of the head's table, the same in points, and the head's text."""

    role: Role
    c0: int
    c1: int
    x0: float
    x1: float
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """A head: rows `first`..`last` of `table`. `texts` are all texts of its cells, as printed."""

    block: Block
    table: Table
    first: int
    last: int
    columns: tuple[Column, ...]
    texts: tuple[str, ...]

    def has(self, role: Role) -> bool:
        """Whether a column holds this."""
        return any(column.role is role for column in self.columns)


def role_of(text: str, block: Block) -> Role:
    """What a column under this head text holds."""
    return _role_of(text, block) if len(text) <= _LONGEST_HEAD else Role.UNKNOWN


@lru_cache(maxsize=8192)
def _role_of(text: str, block: Block) -> Role:
    case = _heads(block).find(text)
    return Role(case["role"]) if case else Role.UNKNOWN


def find_heads(rows: Sequence[Row]) -> list[Head]:
    """The heads in the rows of one table, from the top."""
    heads: list[Head] = []
    for place, row in enumerate(rows):
        if heads and row.index <= heads[-1].last:
            continue
        head = _indicator_head(rows, place) or _money_head(rows, place)
        if head:
            heads.append(head)
    return heads


def columns_of(head: Head, table: Table) -> tuple[Column, ...]:
    """The head's columns in the grid of `table`: its own, or those of a table that goes on with it without a head."""
    if table is head.table:
        return head.columns
    edges = _column_edges(table)
    return tuple(column for column in (_moved(column, edges) for column in head.columns) if column)


def is_continued_by(head: Head, table: Table) -> bool:
    """Whether a table without a head stands under the same columns, by the places of their edges on the page."""
    starts = [x0 for x0, _ in _column_edges(table).values()]
    wanted = [column.x0 for column in head.columns]
    met = sum(any(abs(x0 - start) <= _TOLERANCE for start in starts) for x0 in wanted)
    return len(wanted) > 2 and met >= _SAME_EDGES * len(wanted)


# ---------------------------------------------------------------------------------------------------------------------
# Where a head stands
# ---------------------------------------------------------------------------------------------------------------------


def _indicator_head(rows: Sequence[Row], place: int) -> Head | None:
    """The head whose row of 三级指标 or 指标名称 is `rows[place]`, or of levels and values on forms without those."""
    found = {role_of(cell.text, Block.INDICATOR) for cell in rows[place].filled}
    if Role.NAME not in found and not (found & _LEVELS and found & (TARGETS | {Role.ACTUAL})):
        return None
    first, last = _head_rows(rows, place, Block.INDICATOR)
    head = _build(rows, first, last, Block.INDICATOR)
    roles = {column.role for column in head.columns}
    return head if Role.NAME in roles and roles & (TARGETS | {Role.ACTUAL}) else None


def _money_head(rows: Sequence[Row], place: int) -> Head | None:
    """The head whose upper row is `rows[place]`: two heads of amounts, or one beside others that are known."""
    roles = [role_of(cell.text, Block.MONEY) for cell in rows[place].filled]
    amounts = sum(role in AMOUNTS for role in roles)
    if amounts < 2 and not (amounts == 1 and roles.count(Role.OTHER) >= 2):
        return None
    first, last = _head_rows(rows, place, Block.MONEY)
    return _build(rows, first, last, Block.MONEY)


def _head_rows(rows: Sequence[Row], place: int, block: Block) -> tuple[int, int]:
    """First and last place of the rows that make up a head."""
    first = last = place
    row = rows[place]
    known = [cell for cell in row.filled if role_of(cell.text, block) not in _NO_COLUMN]
    begun = any(cell.text and role_of(cell.text, block) not in _NO_COLUMN for cell in row.over)
    if begun or _is_upper(rows, place, block):
        first = place - 1
    deepest = max((cell.r1 for cell in known), default=row.index)
    while last + 1 < len(rows) and rows[last + 1].index <= deepest and _is_headlike(rows[last + 1], block):
        last += 1
    if last == place and place + 1 < len(rows) and _is_lower(rows[place + 1], block):
        last += 1
    return first, last


def _is_upper(rows: Sequence[Row], place: int, block: Block) -> bool:
    """Whether the row above belongs to the head: heads only, over several heads of this row or over blanks."""
    if place == 0:
        return False
    above, row = rows[place - 1], rows[place]
    known = sum(role_of(cell.text, block) not in _NO_COLUMN for cell in above.filled)
    return known >= 2 and _is_headlike(above, block) and all(_stands_over(cell, row) for cell in above.filled)


def _stands_over(upper: Cell, row: Row) -> bool:
    under = [cell for cell in row.cells if upper.c0 <= cell.c0 <= upper.c1]
    return len(under) > 1 or not any(cell.text for cell in under)


def _is_lower(row: Row, block: Block) -> bool:
    """Whether the row below belongs to the head: two heads or more and nothing else."""
    known = sum(role_of(cell.text, block) not in _NO_COLUMN for cell in row.filled)
    return known >= 2 and _is_headlike(row, block)


def _is_headlike(row: Row, block: Block) -> bool:
    """Whether every text of a row is the text of a head."""
    return bool(row.filled) and all(role_of(cell.text, block) is not Role.UNKNOWN for cell in row.filled)


# ---------------------------------------------------------------------------------------------------------------------
# What its columns hold
# ---------------------------------------------------------------------------------------------------------------------


def _build(rows: Sequence[Row], first: int, last: int, block: Block) -> Head:
    """The head of the rows at places `first`..`last`."""
    table = rows[first].table
    top, bottom = rows[first].index, rows[last].index
    cells = [cell for row in rows[first : last + 1] for cell in row.cells]
    cells += [cell for cell in rows[first].over if role_of(cell.text, block) is not Role.UNKNOWN]
    columns = _columns(table, cells, bottom, block)
    below = rows[last + 1 : last + 1 + _ENOUGH_ROWS]
    columns = _label_columns(columns, below) if block is Block.MONEY else _name_column(columns, below)
    return Head(block, table, top, bottom, _distinct(columns), tuple(cell.text for cell in cells if cell.text))


def _label_columns(columns: Sequence[Column], below: Sequence[Row]) -> list[Column]:
    """The columns of a money head; one over labels of lines is theirs, whatever its head says.

    Sichuan's form prints 年度预算数(万元) over 总额, 其中：财政资金 and the other lines, Forestry's form 资金项目.
    """
    labels = [cell.c0 for row in below for cell in row.filled if find_source(cell.text)]
    over = [column for column in columns if any(column.c0 <= c0 <= column.c1 for c0 in labels)]
    amounts = [column.c0 for column in columns if column.role in AMOUNTS and column not in over]
    first = min(amounts, default=0)
    return [
        _as(column, Role.LABEL)
        if column in over and (column.role in AMOUNTS or (column.role in _MAYBE_LABELS and column.c0 < first))
        else column
        for column in columns
    ]


def _name_column(columns: Sequence[Column], below: Sequence[Row]) -> list[Column]:
    """The columns of an indicator head; where none is called 三级指标 or the like, the one of names.

    That is a leaf called 绩效指标, or 二级指标 on forms of two levels: what stands under it are no second levels.
    """
    names = [column for column in columns if column.role is Role.NAME]
    groups = [column for column in columns if column.role is Role.GROUP]
    seconds = [column for column in columns if column.role is Role.LEVEL2 and not _holds_levels(column, below)]
    name = next(iter(names or groups or seconds), None)
    return [_as(column, Role.NAME) if column is name else column for column in columns]


def _holds_levels(column: Column, below: Sequence[Row]) -> bool:
    texts = [cell.text for row in below for cell in row.filled if column.c0 <= cell.c0 <= column.c1]
    return not texts or sum(is_level(text) for text in texts) * 2 >= len(texts)


def _columns(table: Table, cells: Sequence[Cell], bottom: int, block: Block) -> list[Column]:
    """A column for each run of grid columns under the same lowest head cell."""
    columns: list[Column] = []
    edges = _column_edges(table)
    previous: Cell | None = None
    for c in range(table.cols):
        over = sorted((cell for cell in cells if cell.c0 <= c <= cell.c1), key=lambda cell: -cell.r0)
        lowest = next((cell for cell in over if cell.text), over[0] if over else None)
        x0, x1 = edges[c]
        if columns and lowest is previous and lowest is not None:
            columns[-1] = _widened(columns[-1], c, x1)
            continue
        columns.append(Column(_role_of_stack(over, bottom, block), c, c, x0, x1, lowest.text if lowest else ""))
        previous = lowest
    return columns


def _role_of_stack(over: Sequence[Cell], bottom: int, block: Block) -> Role:
    """The role of the lowest text over a column that is known; a cell that goes on below the head is the side's."""
    filled = [cell for cell in over if cell.text]
    if not filled:
        return Role.BLANK
    roles = [role_of(cell.text, block) for cell in filled]
    if filled[0].r1 > bottom and roles[0] in _NO_COLUMN:
        return Role.SIDE
    return next((role for role in roles if role not in _NO_COLUMN), roles[0])


def _distinct(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Each role once: the weight and score behind the name, the actual behind the target, of the others the first.

    Forms with a weight for each level print 分值 three times; the one behind 三级指标 is the indicator's. 2022年完成值
    before 2023年目标值 is last year's.
    """
    name = next((n for n, column in enumerate(columns) if column.role is Role.NAME), 0)
    target = next((n for n, column in enumerate(columns) if column.role in TARGETS), 0)
    behind = {Role.WEIGHT: name, Role.SCORE: name, Role.ACTUAL: target}
    kept: dict[Role, int] = {}
    for n, column in enumerate(columns):
        if column.role not in kept or kept[column.role] < behind.get(column.role, 0):
            kept[column.role] = n
    free = (Role.BLANK, Role.UNKNOWN, Role.OTHER, Role.NUMBERING, Role.GROUP, Role.SIDE, Role.LABEL)
    return tuple(
        column if column.role in free or kept[column.role] == n else _as(column, Role.OTHER)
        for n, column in enumerate(columns)
    )


def _as(column: Column, role: Role) -> Column:
    return Column(role, column.c0, column.c1, column.x0, column.x1, column.text)


def _widened(column: Column, c1: int, x1: float) -> Column:
    return Column(column.role, column.c0, c1, column.x0, x1, column.text)


def _column_edges(table: Table) -> dict[int, tuple[float, float]]:
    """Left and right of each grid column in points. Columns that no cell parts share what lies between them."""
    known: dict[int, float] = {}
    for cell in table.cells:
        known.setdefault(cell.c0, cell.bbox.x0)
    for cell in table.cells:
        known.setdefault(cell.c1 + 1, cell.bbox.x1)
    places = sorted(known)
    for c0, c1 in pairwise(places):
        step = (known[c1] - known[c0]) / (c1 - c0)
        known.update({c: known[c0] + step * (c - c0) for c in range(c0 + 1, c1)})
    return {c: (known[c], known[c + 1]) for c in range(table.cols)}


def _moved(column: Column, edges: dict[int, tuple[float, float]]) -> Column | None:
    """The column in another grid: the grid columns whose middle lies in it."""
    inside = [c for c, (x0, x1) in edges.items() if column.x0 - 1 <= (x0 + x1) / 2 <= column.x1 + 1]
    if not inside:
        return None
    return Column(column.role, min(inside), max(inside), column.x0, column.x1, column.text)


def _heads(block: Block) -> Patterns:
    return load_patterns("heads", ("block", "pattern"), ("block", "role", "pattern", "examples"), block.value)
