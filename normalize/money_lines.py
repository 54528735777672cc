"""The lines of a money block as printed: under a head, as pairs of label and amount, in a sentence, or side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from model import Cell, Code, Finding
from normalize.blanks import is_blank
from normalize.find import MoneyPart
from normalize.heads import AMOUNTS, Block, Column, Head, Role, columns_of, role_of
from normalize.labels import find_source, is_mark, is_of_which
from normalize.rows import Row

__all__ = ["MoneyLine", "is_side_by_side", "left_out_pairs", "read_lines", "unread_rows"]

_NO_AMOUNT = frozenset({Role.LABEL, Role.SIDE, Role.BLANK, Role.GROUP, Role.NUMBERING, Role.UNKNOWN, Role.OTHER})
_NO_COLUMN = frozenset({Role.UNKNOWN, Role.BLANK, Role.GROUP})
_LEAST_SIDE_BY_SIDE = 2
_SIDE_BY_SIDE = AMOUNTS | {Role.OTHER}
_CLAUSES = re.compile(r"[,，;；。:：、]")
_NAMED_AMOUNT = re.compile(r"([^\d\s]{2,12}?)(?:为|共)?(\d[\d.]*)?(万?元)")


@dataclass(frozen=True, slots=True)
class MoneyLine:
    """A line: its label cells and its cells by role.

    `parent` is the label of a merged cell beside it; `source` is set where its place in the block says what it is.
    `unknown` are heads that no case knows, `left_out` known ones of no output column, each with the text under it.
    `cells` are those of labels and texts, by role.
    """

    page: int
    labels: tuple[str, ...]
    parent: str | None
    texts: Mapping[Role, str]
    source: str | None = None
    unknown: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    cells: tuple[tuple[Role, Cell], ...] = ()


def read_lines(part: MoneyPart) -> Iterator[MoneyLine]:
    """The lines of a money block or a part of it, from the top."""
    if part.head is None:
        yield from _pair_lines(part.rows)
        for row in part.rows:
            yield from _sentence_lines(row)
        return
    top = _top_cells(part.head)
    groups = _side_by_side(top, part.rows)
    if groups:
        yield from _lines_side_by_side(groups, top, part.rows)
        return
    for row in part.rows:
        line = _column_line(part.head, row)
        if line:
            yield line


# ---------------------------------------------------------------------------------------------------------------------
# Under a head
# ---------------------------------------------------------------------------------------------------------------------


def _column_line(head: Head, row: Row) -> MoneyLine | None:
    """A row under a head: its label is what it prints left of the first column of amounts."""
    columns = columns_of(head, row.table)
    first = min((c.c0 for c in columns if c.role not in _NO_AMOUNT), default=0)
    if _is_numbers_of_columns(row):
        return None
    numbers = {c0 for c in columns if c.role is Role.NUMBERING for c0 in range(c.c0, c.c1 + 1)}
    named = [cell for cell in row.filled if cell.c0 < first and cell.c0 not in numbers and not _is_side(cell, head)]
    labels = tuple(cell.text for cell in named)
    right = [column for column in columns if column.c0 >= first]
    texts = {column.role: _text_under(column, row) for column in right}
    parents = [cell.text for cell in row.over if cell.c0 < first and not _is_side(cell, head)]
    if not labels and not any(texts.values()):
        return None
    unknown = tuple(_texts_under((c for c in right if c.role in _NO_COLUMN), row))
    left_out = tuple(_texts_under((c for c in right if c.role is Role.OTHER), row))
    cells = (*((Role.LABEL, cell) for cell in named), *_cells_under(right, row))
    return MoneyLine(row.page, labels, parents[-1] if parents else None, texts, None, unknown, left_out, cells)


def _is_numbers_of_columns(row: Row) -> bool:
    """Whether a row numbers the columns: A, B, B/A; 列次, 1, 2, 3=1-2."""
    if any(is_mark(cell.text, "column_numbers") for cell in row.filled[:2]):
        return True
    return all(is_mark(cell.text, "column_letter") for cell in row.filled)


def _is_side(cell: Cell, head: Head) -> bool:
    """Whether a cell is the block's own name beside its rows."""
    if cell.r0 == cell.r1 and find_source(cell.text):
        return False
    return role_of(cell.text, Block.MONEY) is Role.GROUP or any(
        column.role is Role.SIDE and column.c0 <= cell.c0 <= column.c1 for column in head.columns
    )


def _text_under(column: Column, row: Row) -> str:
    """What the row prints under a column; a merged cell counts on its first row."""
    return "".join(cell.text for cell in row.cells if column.c0 <= cell.c0 <= column.c1)


def _cells_under(columns: Sequence[Column], row: Row) -> Iterator[tuple[Role, Cell]]:
    for column in columns:
        yield from ((column.role, cell) for cell in row.filled if column.c0 <= cell.c0 <= column.c1)


def _texts_under(columns: Iterator[Column], row: Row) -> Iterator[tuple[str, str]]:
    for column in columns:
        text = _text_under(column, row)
        if not is_blank(text):
            yield column.text, text


# ---------------------------------------------------------------------------------------------------------------------
# Side by side: each column of amounts has its own labels
# ---------------------------------------------------------------------------------------------------------------------


def is_side_by_side(part: MoneyPart) -> bool:
    """Whether each column of amounts of a block has labels of its own."""
    return part.head is not None and bool(_side_by_side(_top_cells(part.head), part.rows))


def _top_cells(head: Head) -> list[Cell]:
    upto = takewhile(lambda cell: cell.r0 <= head.last, head.table.cells)
    return [cell for cell in upto if cell.r0 == head.last and cell.text]


def _side_by_side(top: Sequence[Cell], rows: Sequence[Row]) -> list[Cell]:
    """Of the head cells `top` those that stand over lines of their own, and beside their totals; else none.

    Yueyang's form prints 计划安排, 实际到位, 实际支出 and 结余 so, each over 其中：中央财政, 省财政 and the others.
    """
    labels = {cell.c0 for row in rows for cell in row.filled if find_source(cell.text)}
    over = [cell for cell in top if cell.c0 in labels and role_of(cell.text, Block.MONEY) in _SIDE_BY_SIDE]
    return over if len(over) >= _LEAST_SIDE_BY_SIDE else []


def _lines_side_by_side(groups: Sequence[Cell], top: Sequence[Cell], rows: Sequence[Row]) -> Iterator[MoneyLine]:
    """The totals beside the heads, then a line for each row of labels."""
    yield _line_of_groups(groups, top, groups[0].page, "total")
    for row in rows:
        if any(find_source(cell.text) for cell in row.filled):
            yield _line_of_groups(groups, row.cells, row.page, None)


def _line_of_groups(groups: Sequence[Cell], cells: Sequence[Cell], page: int, source: str | None) -> MoneyLine:
    """A line of the amounts beside each other: the label is the first group's."""
    ends = [*(cell.c0 for cell in groups[1:]), max(cell.c1 for cell in cells) + 1]
    label: tuple[str, ...] = ()
    texts: dict[Role, str] = {}
    left_out: list[tuple[str, str]] = []
    found: list[tuple[Role, Cell]] = []
    for group, end in zip(groups, ends, strict=True):
        inside = [cell for cell in cells if group.c0 <= cell.c0 < end]
        amount = "".join(cell.text for cell in inside[1:])
        role = role_of(group.text, Block.MONEY)
        if source is None and not label:
            label = tuple(cell.text for cell in inside[:1] if cell.text)
            found += ((Role.LABEL, cell) for cell in inside[:1] if cell.text)
        if role is Role.OTHER and not is_blank(amount):
            left_out.append((group.text, amount))
        elif role is not Role.OTHER:
            texts[role] = amount
            found += ((role, cell) for cell in inside[1:] if cell.text)
    return MoneyLine(page, label, None, texts, source, (), tuple(left_out), tuple(found))


# ---------------------------------------------------------------------------------------------------------------------
# Without a head
# ---------------------------------------------------------------------------------------------------------------------


def _pair_lines(rows: Sequence[Row]) -> Iterator[MoneyLine]:
    """Rows of label and amount. Target forms print the whole project's amounts beside the year's: the year's count."""
    for label, amount, counts in _year_pairs(rows):
        if counts:
            cells = ((Role.LABEL, label), (Role.FINAL, amount))
            yield MoneyLine(label.page, (label.text,), None, {Role.FINAL: amount.text}, cells=cells)


def left_out_pairs(part: MoneyPart) -> Iterator[tuple[Cell, Cell]]:
    """Labels and amounts of the whole project beside the year's."""
    for label, amount, counts in _year_pairs(part.rows) if part.head is None else ():
        if not counts:
            yield label, amount


def _year_pairs(rows: Sequence[Row]) -> Iterator[tuple[Cell, Cell, bool]]:
    """Labels and amounts, and whether each belongs to the year."""
    pairs = [(label, amount) for row in rows for label, amount in _pairs(row)]
    totals = {label.c0: label for label, _ in pairs if find_source(label.text) == "total"}
    yearly = [c0 for c0, label in totals.items() if is_mark(label.text, "year_amount")]
    if len(totals) < 2 or len(yearly) != 1:
        yield from ((label, amount, True) for label, amount in pairs)
        return
    end = min((c0 for c0 in totals if c0 > yearly[0]), default=None)
    for label, amount in pairs:
        yield label, amount, yearly[0] <= label.c0 and (end is None or label.c0 < end)


def _pairs(row: Row) -> Iterator[tuple[Cell, Cell]]:
    for label, amount in pairwise(row.cells):
        if find_source(label.text) and not find_source(amount.text):
            yield label, amount


def _sentence_lines(row: Row) -> Iterator[MoneyLine]:
    """The amounts of a sentence: 总额1002.6万元,其中:中央726.7万元;省级财政23.9万元;其他万元."""
    for cell in row.filled:
        clauses = [clause.strip() for clause in _CLAUSES.split(cell.text)]
        named = [match for clause in clauses if (match := _NAMED_AMOUNT.fullmatch(clause))]
        if sum(find_source(match[1]) is not None for match in named) > 1:
            rest = tuple(("", text) for text in clauses if not _NAMED_AMOUNT.fullmatch(text) and not is_of_which(text))
            for match in named:
                amount = match[2] + match[3] if match[2] else ""
                left_out = rest if match is named[-1] else ()
                cells = ((Role.SIDE, cell),)
                yield MoneyLine(cell.page, (match[1],), None, {Role.FINAL: amount}, left_out=left_out, cells=cells)


def unread_rows(part: MoneyPart) -> Iterator[Finding]:
    """Findings for rows that no line was made of: text without an amount, a ledger under amounts side by side."""
    for row in part.rows:
        if len(row.filled) > 1 and not _is_read(part, row):
            message = "The row fits no column of the form."
            yield Finding(Code.ROW_UNPLACED, message, table="forms", page=row.page, raw=row.text)


def _is_read(part: MoneyPart, row: Row) -> bool:
    if part.head is None:
        return any(True for _ in (*_pairs(row), *_sentence_lines(row)))
    return not is_side_by_side(part) or any(find_source(cell.text) for cell in row.filled)
