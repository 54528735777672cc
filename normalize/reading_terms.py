"""Known words in recognised texts, before anything else is known: heads, labels, titles, levels, sources of money.

A text that no table knows is read as the one term that its rivals or the usual confusions make of it: what the
recogniser itself thinks possible, or what is known to be mistaken. Being near to a term is enough only among heads
(`reading_heads`), and for a label of which the recogniser thinks that something is missing (`reading_labels`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from model import Cell, Content, Line, Reading, Table
from normalize.blanks import is_blank
from normalize.confusions import plain, twin_characters
from normalize.heads import Block, Role, role_of
from normalize.labels import Mark, find_label, find_mark, find_source
from normalize.levels import parse_level1, parse_level2
from normalize.money_unit import find_printed_unit
from normalize.reading_columns import Choice, Fit, decide
from normalize.reading_heads import LEVELS, name_head, near_heads, near_levels
from normalize.reading_labels import near_label
from normalize.reading_pieces import join_pieces
from normalize.reading_trust import SURE_NUMBER, aligned
from normalize.readings import Alternative, alternatives
from normalize.rows import Row, split_label, table_rows
from normalize.units import parse_unit
from normalize.values import ValueKind, parse_amount, parse_value

__all__ = ["decide_money_unit", "decide_terms", "decide_titles", "is_term"]

_LONGEST_TERM = 40  # characters
_LONGEST_PREFIX = 60  # characters before a colon, as rows are asked
_SHORTEST_TERM = 2  # Han characters
_HAN = re.compile(r"(?![一二三四五六七八九十〇])[\u3400-\u9fff]")  # numerals alone are no word
_LEAST_HEADS = 2  # of a row, for a doubtful text of it to be read as one more
_NO_HEAD = frozenset({Role.UNKNOWN, Role.BLANK})
_MARKS: tuple[Mark, ...] = (
    "title", "goal", "goal_first", "goal_adjusted", "goal_expected", "goal_project", "goal_actual", "goal_reason",
    "total", "subtotal", "note", "foot", "section", "column_numbers", "filler",
)  # fmt: skip

Chosen = Iterator[tuple[Cell | Line, Choice]]


def is_term(text: str) -> bool:
    """Whether a text is a word that some table knows: a head, a label, a mark, a level, a source, a unit."""
    return len(text) <= _LONGEST_PREFIX and (bool(_head_roles(text)) or _term_of(text) is not None)


def decide_terms(block: Table | Line) -> Chosen:
    """The texts of a block that are read as a known word, each with the reading to take."""
    if isinstance(block, Line):
        choice = _choose(block, _term_of)
        if choice:
            yield block, choice
        return
    for row in table_rows(block):
        if any(cell.reading is not None for cell in row.filled):
            yield from _decide_row(row)


def _decide_row(row: Row) -> Chosen:
    """Heads where the row is one of heads, other words anywhere."""
    taken: set[int] = set()
    for block in Block:
        for cell, choice in _decide_heads(row, block):
            if id(cell) not in taken:
                taken.add(id(cell))
                yield cell, choice
    near = [found for block in Block for found in near_heads(row, block)]
    for cell, choice in (*near, *near_levels(row), *name_head(row)):
        if id(cell) not in taken and _term_of(cell.text) is None:
            taken.add(id(cell))
            yield cell, choice
    for cell, choice in join_pieces(row):
        if id(cell) not in taken:
            taken.add(id(cell))
            yield cell, choice
    of_heads = sum(bool(_head_roles(cell.text)) for cell in row.filled) >= _LEAST_HEADS
    for cell in row.filled:
        is_head = id(cell) in taken or (of_heads and _head_roles(cell.text))
        if not is_head and (word := _choose(cell, _term_of) or _near_label(cell)):
            yield cell, word


def _near_label(cell: Cell) -> Choice | None:
    reading = aligned(cell)
    return None if reading is None or _is_known(cell.text) else near_label(cell.text, reading)


# ---------------------------------------------------------------------------------------------------------------------
# Heads
# ---------------------------------------------------------------------------------------------------------------------


def _decide_heads(row: Row, block: Block) -> Chosen:
    """Texts of a row of heads that no table knows; and of two heads of one level the one that may be another."""
    roles = {id(cell): role_of(cell.text, block) for cell in row.filled}
    found = []
    for cell in row.filled:
        if roles[id(cell)] in _NO_HEAD and _term_of(cell.text) is None:
            choice = _choose(cell, lambda text: _known_role(text, block))
            if choice:
                found.append((cell, choice))
    if sum(role not in _NO_HEAD for role in roles.values()) + len(found) >= _LEAST_HEADS:
        if block is Block.INDICATOR:  # before the others: what was read as 二级 may be 三级
            yield from _decide_twice(row, roles | {id(cell): role_of(one.text, block) for cell, one in found})
        yield from found


def _decide_twice(row: Row, roles: dict[int, Role]) -> Chosen:
    """一级指标 printed twice: one may be 二级指标, which stands nowhere else; levels stand from left to right."""
    found = [(cell, LEVELS.index(role)) for cell in row.filled if (role := roles[id(cell)]) in LEVELS]
    for (left, level), (right, other) in pairwise(found):
        wanted = ((right, level + 1), (left, level - 1)) if level == other else ()
        missing = [(cell, LEVELS[n]) for cell, n in wanted if 0 <= n < len(LEVELS)]
        choices = ((cell, _choose_role(cell, role)) for cell, role in missing if role not in roles.values())
        yield from [(cell, choice) for cell, choice in choices if choice][:1]


def _choose_role(cell: Cell, role: Role) -> Choice | None:
    return _choose(cell, lambda text: role if role_of(text, Block.INDICATOR) is role else None, unsure_only=True)


def _known_role(text: str, block: Block) -> Hashable:
    role = role_of(text, block) if len(_HAN.findall(text)) >= _SHORTEST_TERM else Role.UNKNOWN
    return None if role in _NO_HEAD else role


def _head_roles(text: str) -> set[Role]:
    return {role_of(text, block) for block in Block} - _NO_HEAD


# ---------------------------------------------------------------------------------------------------------------------
# Titles
# ---------------------------------------------------------------------------------------------------------------------


def decide_titles(content: Content) -> Chosen:
    """Titles that may be one that is printed elsewhere, over another page of the form, and read better there."""
    titles = list(_titles(content))
    for block in titles:
        reading = aligned(block)
        if reading is None or min(reading.confidences) >= SURE_NUMBER:
            continue
        better = {other.text for other in titles if _least(other) > min(reading.confidences)} - {block.text}
        every = alternatives(block.text, reading, unsure_only=True)
        same = [one for one in every if one.text in better]
        if same:
            yield block, Choice(same[0].edits, same[0].text, alone=True, settled=False)


def _titles(content: Content) -> Iterator[Cell | Line]:
    for block in content.blocks:
        rows = table_rows(block) if isinstance(block, Table) else ()
        alone = (block,) if isinstance(block, Line) else tuple(row.filled[0] for row in rows if len(row.filled) == 1)
        yield from (one for one in alone if find_mark(one.text, "title"))


def _least(block: Cell | Line) -> float:
    reading = aligned(block)
    return 1.0 if reading is None else min(reading.confidences)


# ---------------------------------------------------------------------------------------------------------------------
# The unit of the money block
# ---------------------------------------------------------------------------------------------------------------------


def decide_money_unit(blocks: Sequence[Cell | Line]) -> Chosen:
    """The text that prints the unit of the amounts, where none of those that may does: 项目资金(方元)."""
    if find_printed_unit([block.text for block in blocks]) is not None:
        return
    for block in blocks:
        choice = _choose(block, lambda text: find_printed_unit([text]), unsure_only=True)
        if choice:
            yield block, choice
            return


# ---------------------------------------------------------------------------------------------------------------------
# Any words
# ---------------------------------------------------------------------------------------------------------------------


def _choose(block: Cell | Line, term_of: Callable[[str], Hashable], *, unsure_only: bool = False) -> Choice | None:
    """The one term that a text may be; None where it is one as it stands (`unsure_only`: another one than it is)."""
    reading, text = aligned(block), block.text
    if reading is None or not _is_open(text, reading) or (not unsure_only and _is_known(text)):
        return None
    found = [
        (one, Fit(2, term))
        for one in alternatives(text, _of_prefix(text, reading), unsure_only=unsure_only)
        if (term := term_of(one.text)) is not None
    ]
    return decide([pair for pair in found if _keeps_words(text, pair[0])])


def _is_open(text: str, reading: Reading) -> bool:
    """Whether a text is short enough to be a word, or has a label or a title in it, and may be read otherwise."""
    near = len(text) <= _LONGEST_TERM or split_label(text[:_LONGEST_PREFIX]) is not None
    doubted = bool(reading.rivals) or min(reading.confidences) < SURE_NUMBER
    return near and (doubted or not twin_characters().isdisjoint(plain(text)))


def _of_prefix(text: str, reading: Reading) -> Reading:
    """The reading with what stands behind a label's colon taken as sure: a label's value decides nothing."""
    pair = split_label(text[:_LONGEST_PREFIX])
    if pair is None or is_blank(pair[1]):
        return reading
    end = min(at for at in (text.find(":"), text.find("：")) if at >= 0)
    rivals = tuple(rival for rival in reading.rivals if rival.end <= end)
    return Reading((*reading.confidences[:end], *[1.0] * (len(text) - end)), rivals)


def _keeps_words(text: str, one: Alternative) -> bool:
    """Whether a reading leaves as many words as were read, and brackets: what is cut to a term by taking text away is
    none, and of 指标30分） the bracket that was not read is missing."""
    kept = all(one.text.count(char) >= text.count(char) for char in "()（）")
    return len(one.text) * 2 > len(text) and kept and _unpaired(one.text) <= _unpaired(text)


def _unpaired(text: str) -> int:
    """Brackets without another: 指标（标：值 was made of 指标目标：值, and hid what it was."""
    opened, closed = (sum(text.count(char) for char in pair) for pair in ("(（", ")）"))
    return abs(opened - closed)


@lru_cache(maxsize=4096)
def _is_known(text: str) -> bool:
    """Whether a text is something without being read otherwise: blank, a number, a value, a unit or a known word."""
    if is_blank(text) or parse_amount(text).understood or parse_value(text).kind is not ValueKind.TEXT:
        return True
    unit = parse_unit(text)
    return (unit is not None and unit.known) or _term_of(text) is not None


@lru_cache(maxsize=8192)
def _term_of(text: str) -> Hashable:
    """The known word that a text is, or its label before a colon; None where no table knows it."""
    if len(_HAN.findall(text)) < _SHORTEST_TERM:
        return None
    pair = split_label(text[:_LONGEST_PREFIX])
    if pair and not pair[0].strip():
        return None  # a colon that was put before a name made it a label
    word = pair[0] if pair else text
    if label := find_label(word):
        return ("label", label.field, label.rank)
    if mark := find_mark(word if pair else text, *_MARKS) or find_mark(text, "title", "year"):
        return ("mark", mark)
    if source := find_source(text):
        return ("source", source)
    for parse in (parse_level2, parse_level1):
        if (level := parse(text)).known:
            return ("level", level.name)
    return None
