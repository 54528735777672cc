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

from extract.edges import table_edges
from extract.readings import join_readings
from extract.text import join_lines
from model import Box, Cell, Code, Content, Document, Finding, Line, Method, Page, Table

__all__ = ["join_pages"]

# Lines of the two tables that lie this close (points, after the left sides are laid on one another) are one.
_SAME_X = 4.0
# Sides that are not drawn, but lie in the gaps of each page's own text, are one within this.
_SAME_OPEN = 16.0
_NUMBER = re.compile(r"^[\s\d.,%％/+\-—万亿元≥≤＞＜=<>]+$")
_CLOSED = re.compile(r"[。！？；;]$")
_RUNNING_PAGES = 3
# Scans of one table may differ in size by this share.
_SHRUNK = 0.12
# Cells before a break whose lines tell how full a column's lines get.
_NEARBY = 400


def join_pages(document: Document) -> Content:
    """The document's tables, joined over page breaks, and the lines between them, in reading order."""
    running = _running_lines(document.pages)
    blocks: list[_Chain | Line] = []
    for page in document.pages:
        for block in _in_reading_order(page, running):
            if isinstance(block, Line):
                blocks.append(block)
                continue
            part = _Part(block)
            if not _join_to_last(blocks, part):
                blocks.append(_Chain(part))
    findings = [finding for page in document.pages for finding in page.findings]
    whole: list[Table | Line] = []
    for entry in blocks:
        if isinstance(entry, Line):
            whole.append(entry)
        else:
            table, found = _stack(entry)
            whole.append(table)
            findings += found
    return Content(tuple(whole), tuple(findings))


class _Part:
    """A table of one page and the texts of its rows. `head` is how many of its first rows repeat what stands before."""

    __slots__ = ("edges", "head", "table", "texts")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.edges = table_edges(table)
        self.head = 0
        texts: list[list[str]] = [[] for _ in range(table.rows)]
        for cell in table.cells:
            if cell.text and (text := "".join(cell.text.split())):
                texts[cell.r0].append(text)
        self.texts = [tuple(row) for row in texts]


class _Chain:
    """Tables of consecutive pages that are one: its parts, common column lines, and where which rows stand."""

    __slots__ = ("parts", "places", "texts", "xs")

    def __init__(self, part: _Part) -> None:
        self.parts = [part]
        self.xs = part.edges
        self.texts: list[tuple[str, ...]] = []
        self.places: dict[tuple[str, ...], list[int]] = {}
        self._take_rows(part)

    def _take_rows(self, part: _Part) -> None:
        for texts in part.texts[part.head :]:
            self.places.setdefault(texts, []).append(len(self.texts))
            self.texts.append(texts)

    def append(self, part: _Part, xs: list[float]) -> None:
        """Put a part under the others."""
        self.parts.append(part)
        self.xs = xs
        self._take_rows(part)


def _running_lines(pages: Sequence[Page]) -> set[tuple[str, int]]:
    """Lines that stand at the same height on at least three pages: running heads and feet."""
    seen = Counter(
        key for page in pages for key in {(line.text, round(line.bbox.y0 / 3)) for line in page.lines}
    )
    return {key for key, count in seen.items() if count >= _RUNNING_PAGES}


def _in_reading_order(page: Page, running: set[tuple[str, int]]) -> list[Table | Line]:
    lines = [line for line in page.lines if (line.text, round(line.bbox.y0 / 3)) not in running]
    return sorted([*page.tables, *lines], key=lambda block: _place_upright(block.bbox, page.turn))


def _place_upright(box: Box, turn: int) -> tuple[float, float]:
    """Where a box stands, from the top and from the left, on the page turned so that its text is upright."""
    match turn:
        case 0:
            return box.y0, box.x0
        case 1:
            return box.x0, -box.y1
        case 2:
            return -box.y1, -box.x1
        case _:
            return -box.x1, box.y0


def _join_to_last(blocks: list[_Chain | Line], part: _Part) -> bool:
    """Put a table under the one that ended the page before, if they are one; lines between them are then dropped."""
    at = len(blocks) - 1
    while at >= 0 and isinstance(blocks[at], Line):
        at -= 1
    chain = blocks[at] if at >= 0 else None
    if not isinstance(chain, _Chain):
        return False
    above, below = chain.parts[-1].table, part.table
    if above.page != below.page - 1:
        return False
    if Method.OCR in (above.method, below.method):
        part.edges = _as_wide(part.edges, chain.xs[-1])
    if above.engine == below.engine == "open":
        part.edges = _on_open_columns(part.edges, chain.xs)
    xs = _common_columns(chain.xs, part.edges)
    repeated = _repeated_head(chain, part) if xs is not None else -1
    if xs is None or repeated < 0 or repeated == below.rows:
        return False
    between = blocks[at + 1 :]
    if between and not _is_repeated(blocks[:at], between, at_same_height=not repeated):
        return False
    part.head = repeated
    chain.append(part, xs)
    del blocks[at + 1 :]
    return True


def _is_repeated(before: Sequence[_Chain | Line], between: Sequence[_Chain | Line], *, at_same_height: bool) -> bool:
    """Whether every line between the two tables stood over the first one too: a title that is repeated with the head,
    or a running head."""
    known = [block for block in before[-8:] if isinstance(block, Line)]
    return all(
        isinstance(line, Line)
        and any(
            line.text == other.text and (not at_same_height or abs(line.bbox.y0 - other.bbox.y0) < _SAME_X)
            for other in known
        )
        for line in between
    )


# ---------------------------------------------------------------------------------------------------------------------
# Columns
# ---------------------------------------------------------------------------------------------------------------------


def _as_wide(edges: list[float], width: float) -> list[float]:
    """The column lines of a table drawn as wide as another: sheets lie a little nearer to a camera, or shrink."""
    stretch = width / edges[-1] if edges[-1] else 1.0
    return [x * stretch for x in edges] if abs(stretch - 1) < _SHRUNK else edges


def _on_open_columns(edges: list[float], known: Sequence[float]) -> list[float]:
    """The column lines of a table whose sides are not drawn, each laid on the known one that it is nearest to, if no
    other is nearer to that."""
    nearest = [min(known, key=lambda x, edge=edge: abs(x - edge)) for edge in edges]  # type: ignore[misc]
    return [
        x if abs(x - edge) <= _SAME_OPEN and abs(x - edge) == min(abs(x - other) for other in edges) else edge
        for edge, x in zip(edges, nearest, strict=True)
    ]


def _common_columns(a: list[float], b: list[float]) -> list[float] | None:
    """The column lines of two tables as one list, None where they cannot be one table's.

    A page shows only the lines of its own rows: the money block of a form has other columns than its indicators. Outer
    sides must agree, and a table with fewer lines must have them among the other's, but for one or two.
    """
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


def _on_columns(part: _Part, xs: Sequence[float]) -> list[Cell]:
    """The part's cells, those of its repeated head left out, on common columns."""
    place = [min(range(len(xs)), key=lambda k, x=x: abs(xs[k] - x)) for x in part.edges]  # type: ignore[misc]
    cells = part.table.cells
    if place == list(range(len(xs))) and not part.head:
        return list(cells)
    up = part.head
    return [
        _at(cell, max(cell.r0 - up, 0), cell.r1 - up, place[cell.c0], place[cell.c1 + 1] - 1)
        for cell in cells
        if cell.r1 >= up
    ]


def _at(cell: Cell, r0: int, r1: int, c0: int, c1: int) -> Cell:
    """The cell at another place of the grid. Written out: `replace` takes four times as long, and forms have 700."""
    return Cell(r0, r1, c0, c1, cell.text, cell.bbox, cell.page, cell.shown, cell.lines, cell.reading)


# ---------------------------------------------------------------------------------------------------------------------
# Rows
# ---------------------------------------------------------------------------------------------------------------------


def _repeated_head(chain: _Chain, part: _Part) -> int:
    """How many rows of the part repeat a head of the chain; -1 where it starts as a new copy of the same form does."""
    first = part.texts[0]
    if not first:
        return 0
    for start in chain.places.get(first, ()):
        count = 0
        for above, below in zip(chain.texts[start:], part.texts, strict=False):
            if above != below:
                break
            count += 1
        if _is_new_copy(chain.texts[start + count :], part.texts[count:]):
            return -1
        head = part.texts[:count]
        if any(len(texts) >= 2 for texts in head) and not any(_NUMBER.match(t) for texts in head for t in texts):
            return count
    return -1 if _starts_alike(chain.texts, part.texts) else 0


def _starts_alike(above: Sequence[tuple[str, ...]], below: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first two rows start with the labels that the first two rows above start with, and no others there:
    the next form of a kind, filled in otherwise (项目名称 | 乙项目 under 项目名称 | 甲项目)."""
    if len(above) < 2 or len(below) < 2 or not all((*above[:2], *below[:2])):
        return False
    labels = [row[0] for row in below[:2]]
    if labels != [row[0] for row in above[:2]] or any(_NUMBER.match(label) for label in labels):
        return False
    return all(sum(label in row[:1] for row in above) == 1 for label in labels)


def _is_new_copy(above: Sequence[tuple[str, ...]], below: Sequence[tuple[str, ...]]) -> bool:
    """Whether the rows after the common ones are the same form filled in otherwise: labels agree, values do not.

    A label stands once: what several rows print (a reason, a unit) is none.
    """
    above, below = above[:6], below[:6]
    counts = [Counter(text for row in rows for text in set(row)) for rows in (above, below)]
    alike = 0
    for a, b in zip(above, below, strict=False):
        alike += any(
            text in b and not _NUMBER.match(text) and all(count[text] == 1 for count in counts) for text in a
        )
    return alike >= 3


def _stack(chain: _Chain) -> tuple[Table, list[Finding]]:
    """Make one table of a chain's parts: of a row and of merged cells that a break cuts, one."""
    if len(chain.parts) == 1:
        return chain.parts[0].table, []
    findings: list[Finding] = []
    cells: list[Cell] = []
    rows = 0
    bottom: dict[tuple[int, int], int] = {}  # where in `cells` those stand that reach the last row, by their columns
    for part in chain.parts:
        below = _on_columns(part, chain.xs)
        above = {span: cells[at] for span, at in bottom.items()}
        pairs = _cut_row(above, rows, cells, below)
        is_row = bool(pairs)
        if is_row:
            findings.append(_row_joined(pairs, part.table.page - 1))
        else:
            pairs = _cut_merges(above, below, cells)
        start = rows - 1 if is_row else rows
        rows = start + part.table.rows - part.head
        goes_on = {id(b): a for a, b in pairs}
        old_bottom, bottom = bottom, {}
        for cell in below:
            a = goes_on.get(id(cell))
            if a is None:
                at = len(cells)
                cells.append(_at(cell, cell.r0 + start, cell.r1 + start, cell.c0, cell.c1) if start else cell)
            else:
                at = old_bottom[a.c0, a.c1]
                cells[at] = _one_cell(a, cell, cell.r1 + start)
            if cells[at].r1 == rows - 1:
                bottom[cells[at].c0, cells[at].c1] = at
    first, last = chain.parts[0].table, chain.parts[-1].table
    methods = {part.table.method for part in chain.parts}
    method = first.method if len(methods) == 1 else Method.MIXED
    cells.sort(key=lambda cell: (cell.r0, cell.c0))
    table = Table(
        first.page, last.page_last, method, first.engine, first.bbox, rows, len(chain.xs) - 1, tuple(cells)
    )
    return table, findings


def _row_joined(pairs: Sequence[tuple[Cell, Cell]], page: int) -> Finding:
    text = " | ".join(_one_cell(a, b, b.r1).text for a, b in pairs if b.text)
    sentence = "The page break cuts this row in two; both parts were joined."
    return Finding(Code.ROW_JOINED, sentence, page=page, raw=text)


def _one_cell(a: Cell, b: Cell, r1: int) -> Cell:
    lines = (*a.lines, *b.lines)
    shown = None
    if a.shown is not None or b.shown is not None:
        shown = join_lines([text for text in (a.visible, b.visible) if text])
    text = a.text if not b.text or b.text == a.text else b.text if not a.text else join_lines(lines)
    if a.reading is None and b.reading is None:
        return replace(a, r1=r1, text=text, shown=shown, lines=lines)
    reading = join_readings([(a.text, a.reading), (b.text, b.reading)], text)
    return replace(a, r1=r1, text=text, shown=shown, lines=lines, reading=reading)


def _cut_row(
    above: dict[tuple[int, int], Cell], rows: int, cells: Sequence[Cell], below: Sequence[Cell]
) -> list[tuple[Cell, Cell]]:
    """The cells of the last row above and the first below, in pairs, where the break cuts that row; else nothing.

    A row is cut where some text goes on: its line over the break is full and its sentence open; and no number column
    has a number in both parts, while one part has numbers that the other lacks.
    """
    first = [cell for cell in below if cell.r0 == 0]
    if {(cell.c0, cell.c1) for cell in first} != set(above):
        return []
    pairs = [(above[cell.c0, cell.c1], cell) for cell in first]
    both = [(a, b) for a, b in pairs if a.text and b.text]
    if not both or any(_NUMBER.match(a.text) or _NUMBER.match(b.text) for a, b in both):
        return []
    if not any(bool(a.text) != bool(b.text) for a, b in pairs):
        return []
    only_below = [b for a, b in pairs if b.text and not a.text]
    if only_below and not any(_NUMBER.match(b.text) for b in only_below):
        return []
    nearby = [cell for cell in cells[-_NEARBY:] if cell.r1 < rows] + list(below)
    return pairs if all(_is_open(a, nearby) for a, _ in both) else []


def _is_open(cell: Cell, nearby: Sequence[Cell]) -> bool:
    """Whether the cell's last line is as full as lines of its column get, and its sentence not closed."""
    if _CLOSED.search(cell.text):
        return False
    column = [_width(line) for other in nearby if (other.c0, other.c1) == (cell.c0, cell.c1) for line in other.lines]
    last = cell.lines[-1] if cell.lines else cell.text
    return len(column) > 1 and _width(last) >= max(column) - 2


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _cut_merges(
    above: dict[tuple[int, int], Cell], below: Sequence[Cell], cells: Sequence[Cell]
) -> list[tuple[Cell, Cell]]:
    """Merged cells that the break cuts: of the two parts only one holds the text, or a third one does.

    Both parts have several rows, or the one above has one row, blank where its column has no other blank cell.
    """
    pairs = []
    for b in below:
        a = above.get((b.c0, b.c1)) if b.r0 == 0 else None
        if a is None or (a.text and b.text and a.text != b.text):
            continue
        merged_a, merged_b = a.r1 > a.r0, b.r1 > b.r0
        both = (merged_a and merged_b) or (merged_a and b.text == a.text)
        if both or (merged_b and not a.text and _is_only_blank(a, cells)):
            pairs.append((a, b))
    return pairs


def _is_only_blank(cell: Cell, cells: Sequence[Cell]) -> bool:
    """Whether no other cell of the column is blank, so that this one must be the top of a merged cell."""
    column = [other for other in cells[-_NEARBY:] if (other.c0, other.c1) == (cell.c0, cell.c1) and other is not cell]
    return bool(column) and all(other.text for other in column)
