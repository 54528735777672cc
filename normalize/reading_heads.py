"""Heads of which characters are lost: 1度量位- among 指标性质, 指标值 and 完成值 is 度量单位.

In a row that surely is one of heads a text that no table knows is read as the head that it is near to, where all
heads that it is near to are of one role, and no other text of the row has that role. Levels stand side by side in
their order: what is left of one beside another needs to be no more than a part of it, 级指标 before 二级指标 and 级
behind it. Of the names' head nothing needs to be left: what is hardly read behind the second level is it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from model import Cell, Reading
from normalize.cases import load
from normalize.confusions import is_lone_stroke
from normalize.heads import Block, Role, role_of
from normalize.reading_columns import Choice
from normalize.reading_near import core_of, cores_of, nearest
from normalize.reading_trust import aligned, unsure_places
from normalize.readings import Edit
from normalize.rows import Row

__all__ = ["LEVELS", "name_head", "near_heads", "near_levels"]

_NO_HEAD = frozenset({Role.UNKNOWN, Role.BLANK})
_NO_COLUMN = frozenset({Role.OTHER, Role.GROUP, Role.NUMBERING})
LEVELS = (Role.LEVEL1, Role.LEVEL2, Role.NAME)
"""From left to right."""
_LEAST_KNOWN = 2
"""Heads that a row must show beside what is left of a level."""
_LEAST_FOR_NAME = 5
"""Heads that a row must show around one of which nothing is left."""
_KNOWN_FOR_ONE = 3
"""Heads that a row must show for each text of it that is none."""


def near_heads(row: Row, block: Block) -> Iterator[tuple[Cell, Choice]]:
    """The texts of a row of heads that are read as a head that they are near to."""
    roles = {id(cell): role_of(cell.text, block) for cell in row.filled}
    known = [role for role in roles.values() if role not in _NO_HEAD]
    unknown = [cell for cell in row.filled if roles[id(cell)] in _NO_HEAD and not is_lone_stroke(cell.text)]
    if len(set(known)) < _KNOWN_FOR_ONE * max(len(unknown), 1):
        return
    for cell in unknown:
        reading = aligned(cell)
        if reading is not None and (choice := _choose(cell.text, reading, block, frozenset(known))):
            yield cell, choice


def near_levels(row: Row) -> Iterator[tuple[Cell, Choice]]:
    """The texts of a row of heads that are what is left of the level that stands beside another level."""
    roles, known = _columns_of(row)
    if len(known) < _LEAST_KNOWN:
        return
    for left, right in pairwise(row.filled):
        for cell, beside, step in ((right, left, 1), (left, right, -1)):
            role = roles[id(beside)]
            level = LEVELS.index(role) + step if role in LEVELS and roles[id(cell)] in _NO_HEAD else -1
            if level not in range(len(LEVELS)) or LEVELS[level] in known or right.c0 != left.c1 + 1:
                continue
            word = _with_part(cell.text, LEVELS[level])
            if word and cell.reading is not None:
                edit = Edit(0, core_of(cell.text)[1], word)
                yield cell, Choice((edit,), word + cell.text[edit.end :], alone=True, settled=True)


def name_head(row: Row) -> Iterator[tuple[Cell, Choice]]:
    """The text of a row of heads that hardly can be read and stands where the head of the names does."""
    roles, known = _columns_of(row)
    if len(known) < _LEAST_FOR_NAME or Role.NAME in known:
        return
    for left, cell, right in zip(row.filled, row.filled[1:], row.filled[2:], strict=False):
        between = roles[id(left)] is Role.LEVEL2 and roles[id(right)] in known
        side_by_side = cell.c0 == left.c1 + 1 and right.c0 == cell.c1 + 1
        if between and side_by_side and roles[id(cell)] in _NO_HEAD and _is_hardly_read(cell):
            word = next(_words_of(Role.NAME))
            yield cell, Choice((Edit(0, len(cell.text), word),), word, alone=True, settled=True)


def _columns_of(row: Row) -> tuple[Mapping[int, Role], set[Role]]:
    """What each text of a row of heads means, by its cell's id, and which columns they are heads of."""
    roles = {id(cell): role_of(cell.text, Block.INDICATOR) for cell in row.filled}
    return roles, set(roles.values()) - _NO_HEAD - _NO_COLUMN


def _is_hardly_read(cell: Cell) -> bool:
    reading = aligned(cell)
    return reading is not None and (reading.hidden or bool(unsure_places(cell.text, reading, words=True)))


def _with_part(text: str, role: Role) -> str | None:
    """The first head of a role that has all the Chinese characters of a text, in their order, and more."""
    core, _ = core_of(text)
    return next((word for word in _words_of(role) if 0 < len(core) < len(word) and _is_part(core, word)), None)


def _words_of(role: Role) -> Iterator[str]:
    """The heads of a role, the usual one first."""
    return (word for word, meant in _words(Block.INDICATOR).items() if meant is role)


def _is_part(part: str, word: str) -> bool:
    rest = iter(word)
    return all(char in rest for char in part)


def _choose(text: str, reading: Reading, block: Block, taken: frozenset[Role]) -> Choice | None:
    words = _words(block)
    word = nearest(text, reading, words)
    if word is None or words[word] in taken | _NO_COLUMN:
        return None
    edit = Edit(0, core_of(text)[1], word)
    return Choice((edit,), word + text[edit.end :], alone=True, settled=True)


@cache
def _words(block: Block) -> Mapping[str, Role]:
    """The heads that forms print, freed from what stands in brackets, by what they hold."""
    cases = load("heads", key=("block", "pattern"), columns=("block", "role", "pattern", "examples"))
    cores = cores_of(case for case in cases.values() if case["block"] == block)
    return {core: role for core in cores if (role := role_of(core, block)) not in _NO_HEAD}
