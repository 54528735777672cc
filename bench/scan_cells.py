"""Raw tables of a scan against those of its text twin: cells matched by their places in the grid.

Texts count as equal when they differ in white space or in the width of the same mark alone: full-width and small forms
of punctuation and signs (，：（％＞﹦) are folded to the plain ones, letters and digits are not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

from model import Page, Table

Place = tuple[int, int, int, int]

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if not chr(code - 0xFEE0).isalnum()}
_SMALL = dict(zip(map(ord, "﹐﹑﹒﹔﹕﹖﹗﹙﹚﹛﹜﹟﹠﹡﹢﹣﹤﹥﹦﹩﹪﹫"), ",、.;:?!(){}#&*+-<>=$%@", strict=True))
_FOLD = {**_WIDE, **_SMALL}
_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?[%‰]?")


@dataclass(frozen=True, slots=True)
class CellCounts:
    """How many tables, cells and characters there are, and how many were read right.

    `cells` are the twin's that hold text, `numbers` those of them that are a number. `extra_cells` were read where the
    twin has none or an empty one. `edits` over `characters` is the error rate.
    """

    tables: int = 0
    tables_found: int = 0
    tables_extra: int = 0
    grids_equal: int = 0
    cells: int = 0
    cells_exact: int = 0
    numbers: int = 0
    numbers_exact: int = 0
    extra_cells: int = 0
    characters: int = 0
    edits: int = 0

    def __add__(self, other: CellCounts) -> CellCounts:
        return CellCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class CellDifference:
    """A cell whose text differs; `want` is None where the twin has no such cell, `got` where the scan has none."""

    page: int
    table: int
    place: Place
    want: str | None
    got: str | None


def fold(text: str) -> str:
    """A text without white space, its marks folded to their plain width."""
    return "".join(text.translate(_FOLD).split())


def is_number(text: str) -> bool:
    """Whether a cell holds a number alone."""
    return _NUMBER.fullmatch(fold(text)) is not None


def edits(a: str, b: str) -> int:
    """Insertions, deletions and changes of one character between two texts."""
    row = list(range(len(b) + 1))
    for n, char in enumerate(a, 1):
        before, row[0] = row[0], n
        for m, other in enumerate(b, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (char != other))
    return row[-1]


def compare_pages(want: Sequence[Page], got: Sequence[Page]) -> tuple[CellCounts, list[CellDifference]]:
    """The tables of each page against those of the twin's page of the same number."""
    by_number = {page.number: page for page in got}
    counts, differences = CellCounts(), []
    for page in want:
        found = by_number.pop(page.number, None)
        more, wrong = compare_tables(page.number, page.tables, found.tables if found else ())
        counts, differences = counts + more, differences + wrong
    surplus = sum(len(page.tables) for page in by_number.values())
    return counts + CellCounts(tables_extra=surplus), differences


def compare_tables(
    page: int, want: Sequence[Table], got: Sequence[Table]
) -> tuple[CellCounts, list[CellDifference]]:
    """The tables of one page, each with the one that shares most text with it."""
    pairs = pair_tables(want, got)
    counts, differences = CellCounts(tables_extra=len(got) - sum(b is not None for _, b in pairs)), []
    for n, (a, b) in enumerate(pairs, 1):
        more, wrong = _compare_table(page, n, a, b)
        counts, differences = counts + more, differences + wrong
    return counts, differences


def pair_tables(want: Sequence[Table], got: Sequence[Table]) -> list[tuple[Table, Table | None]]:
    """Each of the twin's tables with the scan's that shares most of its characters, none of them twice."""
    letters = [Counter(_text(table)) for table in got]
    shared = sorted(
        ((-(Counter(_text(a)) & letters[m]).total(), n, m) for n, a in enumerate(want) for m in range(len(got)))
    )
    partner: dict[int, int] = {}
    for score, n, m in shared:
        if score < 0 and n not in partner and m not in partner.values():
            partner[n] = m
    return [(a, got[partner[n]] if n in partner else None) for n, a in enumerate(want)]


def _text(table: Table) -> str:
    return "".join(fold(cell.visible) for cell in table.cells)


def _compare_table(page: int, n: int, want: Table, got: Table | None) -> tuple[CellCounts, list[CellDifference]]:
    wanted, found = _by_place(want), _by_place(got) if got else {}
    texts = {place: text for place, text in wanted.items() if fold(text)}
    exact = [place for place, text in texts.items() if place in found and fold(found[place]) == fold(text)]
    extra = [place for place, text in found.items() if fold(text) and not fold(wanted.get(place, ""))]
    same_grid = wanted.keys() == found.keys()
    differences = [CellDifference(page, n, p, t, found.get(p)) for p, t in texts.items() if p not in set(exact)]
    differences += [CellDifference(page, n, p, wanted.get(p), found[p]) for p in extra]
    return CellCounts(
        tables=1,
        tables_found=int(got is not None),
        grids_equal=int(same_grid),
        cells=len(texts),
        cells_exact=len(exact),
        numbers=sum(map(is_number, texts.values())),
        numbers_exact=sum(is_number(texts[place]) for place in exact),
        extra_cells=len(extra),
        characters=sum(len(fold(text)) for text in texts.values()),
        edits=_table_edits(wanted, found, same_grid=same_grid),
    ), differences


def _table_edits(wanted: dict[Place, str], found: dict[Place, str], *, same_grid: bool) -> int:
    """Edits cell by cell where the grids agree, else between the texts of the whole tables in reading order."""
    if same_grid:
        return sum(edits(fold(text), fold(found[place])) for place, text in wanted.items())
    return edits("".join(map(fold, wanted.values())), "".join(map(fold, found.values())))


def _by_place(table: Table) -> dict[Place, str]:
    return {(cell.r0, cell.r1, cell.c0, cell.c1): cell.visible for cell in table.cells}
