"""Heads of which characters are lost: 1度量位- among 指标性质, 指标值 and 完成值 is 度量单位.

In a row that surely is one of heads a text that no table knows is read as the head that it is near to, where all heads
that it is near to are of one role, and no other text of the row has that role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from model import Cell, Reading
from normalize.cases import load
from normalize.confusions import is_lone_stroke
from normalize.heads import Block, Role, role_of
from normalize.reading_columns import Choice
from normalize.reading_near import core_of, cores_of, nearest
from normalize.reading_trust import aligned
from normalize.readings import Edit
from normalize.rows import Row

__all__ = ["near_heads"]

_NO_HEAD = frozenset({Role.UNKNOWN, Role.BLANK})
_NO_COLUMN = frozenset({Role.OTHER, Role.GROUP, Role.NUMBERING})
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
