"""Tables joined over page breaks: a pure function of the pages.

Repeated heads are dropped, a row that the break cuts in two is made one, a merged cell goes on. What is not surely one
table stays two: a reader of both loses nothing, while rows joined or dropped wrongly are lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from unicodedata import east_asian_width

from extract.text import join_lines
from model import Cell, Code, Content, Document, Finding, Line, Method, Page, Table

__all__ = ["join_pages"]

# Lines of the two tables that lie this close (points, after the left sides are laid on one another) are one.
_SAME_X = 4.0
_NUMBER = re.compile(r"^[\s\d.,%％/+\-—万亿元≥≤＞＜=<>]+$")
_CLOSED = re.compile(r"[。！？；;]$")
_RUNNING_PAGES = 3


def join_pages(document: Document) -> Content:
    """The document's tables, joined over page breaks, and the lines between them, in reading order."""
    running = _running_lines(document.pages)
    blocks: list[Table | Line] = []
    findings = [finding for page in document.pages for finding in page.findings]
    for page in document.pages:
        for block in _in_reading_order(page, running):
            joined = _joined_with_last(blocks, block, page) if isinstance(block, Table) else None
            if joined is None:
                blocks.append(block)
            else:
                kept, table, found = joined
                del blocks[kept:]
                blocks.append(table)
                findings += found
    return Content(tuple(blocks), tuple(findings))


def _running_lines(pages: Sequence[Page]) -> set[tuple[str, int]]:
    """Lines that stand at the same height on at least three pages: running heads and feet."""
    seen = Counter(
        key for page in pages for key in {(line.text, round(line.bbox.y0 / 3)) for line in page.lines}
    )
    return {key for key, count in seen.items() if count >= _RUNNING_PAGES}


def _in_reading_order(page: Page, running: set[tuple[str, int]]) -> list[Table | Line]:
    lines = [line for line in page.lines if (line.text, round(line.bbox.y0 / 3)) not in running]
    return sorted([*page.tables, *lines], key=lambda block: (block.bbox.y0, block.bbox.x0))


def _joined_with_last(
    blocks: Sequence[Table | Line], below: Table, page: Page
) -> tuple[int, Table, list[Finding]] | None:
    """Join a table with the one that ended the page before: how many blocks stay, the joined table, findings."""
    at = len(blocks) - 1
    while at >= 0 and isinstance(blocks[at], Line):
        at -= 1
    if at < 0:
        return None
    above, between = blocks[at], blocks[at + 1 :]
    if not isinstance(above, Table) or above.page_last != page.number - 1 or above.method != below.method:
        return None
    xs = _common_columns(above, below)
    if xs is None:
        return None
    repeated = _repeated_head(above, below)
    if repeated < 0 or repeated == below.rows:
        return None
    if between and not (repeated and _is_title_repeated(blocks[:at], between)):
        return None
    table, findings = _stack(_on_columns(above, xs), _on_columns(_without_rows(below, repeated), xs))
    return at, table, findings


def _is_title_repeated(before: Sequence[Table | Line], between: Sequence[Table | Line]) -> bool:
    """Whether every line between the two tables stood over the first one too."""
    known = {block.text for block in before[-8:] if isinstance(block, Line)}
    return all(isinstance(block, Line) and block.text in known for block in between)


# ---------------------------------------------------------------------------------------------------------------------
# Columns
# ---------------------------------------------------------------------------------------------------------------------


def _edges(table: Table) -> list[float]:
    """The table's column lines, relative to its left side, from its cells on the last page."""
    last = [cell for cell in table.cells if cell.page == table.page_last] or list(table.cells)
    left = min(cell.bbox.x0 for cell in last)
    edges: dict[int, float] = {}
    for cell in table.cells:
        offset = min((other.bbox.x0 for other in table.cells if other.page == cell.page), default=left)
        edges.setdefault(cell.c0, cell.bbox.x0 - offset)
        edges.setdefault(cell.c1 + 1, cell.bbox.x1 - offset)
    return [edges[c] for c in sorted(edges)]


def _common_columns(above: Table, below: Table) -> list[float] | None:
    """The column lines of both tables as one list, None where they cannot be one table's.

    A page shows only the lines of its own rows: the money block of a form has other columns than its indicators. Outer
    sides must agree, and a table with fewer lines must have them among the other's, but for one or two.
    """
    a, b = _edges(above), _edges(below)
    if abs(a[-1] - b[-1]) > 2 * _SAME_X:
        return None
    few, many = sorted((a, b), key=len)
    strange = [x for x in few if min(abs(x - y) for y in many) > _SAME_X]
    if len(strange) > max(2, len(few) // 2) or (len(few) > 3 and len(strange) > len(few) - 3):
        return None
    xs: list[float] = []
    for x in sorted(a + b):
        if not xs or x - xs[-1] > _SAME_X:
            xs.append(x)
    return xs


def _on_columns(table: Table, xs: Sequence[float]) -> Table:
    edges = _edges(table)
    place = [min(range(len(xs)), key=lambda k, x=x: abs(xs[k] - x)) for x in edges]  # type: ignore[misc]
    if place == list(range(len(xs))):
        return table
    cells = tuple(replace(cell, c0=place[cell.c0], c1=place[cell.c1 + 1] - 1) for cell in table.cells)
    return replace(table, cols=len(xs) - 1, cells=cells)


# ---------------------------------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------------------------------


def _row_texts(table: Table, row: int) -> tuple[str, ...]:
    return tuple("".join(cell.text.split()) for cell in table.cells if cell.r0 == row and cell.text.strip())


def _repeated_head(above: Table, below: Table) -> int:
    """How many rows of `below` repeat a head of `above`; -1 where it starts as a new copy of the same form does."""
    first = _row_texts(below, 0)
    if not first:
        return 0
    for start in range(above.rows):
        if _row_texts(above, start) != first:
            continue
        count = 0
        while (
            count < below.rows and start + count < above.rows
            and _row_texts(below, count) == _row_texts(above, start + count)
        ):  # fmt: skip
            count += 1
        if _is_new_copy(above, start, below, count):
            return -1
        head = [_row_texts(below, row) for row in range(count)]
        if any(len(texts) >= 2 for texts in head) and not any(_NUMBER.match(t) for texts in head for t in texts):
            return count
    return 0


def _is_new_copy(above: Table, start: int, below: Table, count: int) -> bool:
    """Whether the rows after the common ones are the same form filled in otherwise: labels agree, values do not."""
    alike = 0
    for k in range(count, min(count + 6, below.rows, above.rows - start)):
        a, b = _row_texts(above, start + k), _row_texts(below, k)
        labels = {t for t in a if not _NUMBER.match(t)} & {t for t in b if not _NUMBER.match(t)}
        alike += bool(labels)
    return alike >= 3


def _without_rows(table: Table, count: int) -> Table:
    """The table less its first rows; a cell that reaches over them stays with the rest."""
    if not count:
        return table
    cells = tuple(
        replace(cell, r0=max(cell.r0 - count, 0), r1=cell.r1 - count) for cell in table.cells if cell.r1 >= count
    )
    return replace(table, rows=table.rows - count, cells=cells)


def _stack(above: Table, below: Table) -> tuple[Table, list[Finding]]:
    """Put `below` under `above` (same columns), making one of a row and of merged cells that the break cuts."""
    findings: list[Finding] = []
    pairs = _cut_row(above, below)
    shift = above.rows - (1 if pairs else 0)
    moved = {id(b): a for a, b in pairs}
    grown: dict[int, Cell] = {}
    for a, b in pairs:
        grown[id(a)] = _one_cell(a, b, b.r1 + shift)
    if pairs:
        text = " | ".join(grown[id(a)].text for a, b in pairs if b.text)
        findings.append(
            Finding(Code.ROW_JOINED, "The page break cuts this row in two; both parts were joined.",
                    page=above.page_last, raw=text)
        )  # fmt: skip
    else:
        for a, b in _cut_merges(above, below):
            moved[id(b)] = a
            grown[id(a)] = _one_cell(a, b, b.r1 + shift)
    cells = [grown.get(id(cell), cell) for cell in above.cells]
    cells += [replace(b, r0=b.r0 + shift, r1=b.r1 + shift) for b in below.cells if id(b) not in moved]
    cells.sort(key=lambda cell: (cell.r0, cell.c0))
    method = above.method if above.method == below.method else Method.MIXED
    table = Table(
        above.page, below.page_last, method, above.engine, above.bbox, shift + below.rows, above.cols, tuple(cells)
    )
    return table, findings


def _one_cell(a: Cell, b: Cell, r1: int) -> Cell:
    lines = (*a.lines, *b.lines)
    shown = None
    if a.shown is not None or b.shown is not None:
        shown = join_lines([text for text in (a.visible, b.visible) if text])
    text = a.text if not b.text or b.text == a.text else b.text if not a.text else join_lines(lines)
    return replace(a, r1=r1, text=text, shown=shown, lines=lines)


def _cut_row(above: Table, below: Table) -> list[tuple[Cell, Cell]]:
    """The cells of the last and first row, in pairs, where the break cuts that row in two; else nothing.

    A row is cut where some text goes on: its line over the break is full and its sentence open; and no number column
    has a number in both parts, while one part has numbers that the other lacks.
    """
    last = [cell for cell in above.cells if cell.r1 == above.rows - 1]
    first = [cell for cell in below.cells if cell.r0 == 0]
    spans = {(cell.c0, cell.c1): cell for cell in last}
    if {(cell.c0, cell.c1) for cell in first} != set(spans):
        return []
    pairs = [(spans[cell.c0, cell.c1], cell) for cell in first]
    both = [(a, b) for a, b in pairs if a.text and b.text]
    if not both or any(_NUMBER.match(a.text) or _NUMBER.match(b.text) for a, b in both):
        return []
    if not any(bool(a.text) != bool(b.text) for a, b in pairs):
        return []
    goes_on = [_is_open(above, a) for a, _ in both]
    only_below = [b for a, b in pairs if b.text and not a.text]
    if not all(goes_on) or (only_below and not any(_NUMBER.match(b.text) for b in only_below)):
        return []
    return pairs


def _is_open(table: Table, cell: Cell) -> bool:
    """Whether the cell's last line is as full as lines of its column get, and its sentence not closed."""
    if _CLOSED.search(cell.text):
        return False
    column = [
        _width(line)
        for other in table.cells
        if (other.c0, other.c1) == (cell.c0, cell.c1)
        for line in other.lines
    ]
    last = cell.lines[-1] if cell.lines else cell.text
    return len(column) > 1 and _width(last) >= max(column) - 2


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _cut_merges(above: Table, below: Table) -> list[tuple[Cell, Cell]]:
    """Merged cells that the break cuts: of the two parts, over several rows, only one holds the text."""
    tops = {(cell.c0, cell.c1): cell for cell in below.cells if cell.r0 == 0}
    pairs = []
    for a in above.cells:
        if a.r1 != above.rows - 1:
            continue
        b = tops.get((a.c0, a.c1))
        if b is None or (a.text and b.text and a.text != b.text):
            continue
        merged_a, merged_b = a.r1 > a.r0, b.r1 > b.r0
        if (a.text or b.text) and ((merged_a and merged_b) or (merged_a and b.text == a.text)):
            pairs.append((a, b))
    return pairs

