"""Raw tables written as text, for tests of what stands above reading: `|` between cells, `<` and `^` for merged."""

from __future__ import annotations

from collections.abc import Sequence

from model import Box, Cell, Content, Line, Method, Table

WIDTH, HEIGHT = 60.0, 20.0


def line(text: str, page: int = 1) -> Line:
    """A line between tables."""
    return Line(page, text, Box(50, 0, 50 + 10 * len(text), 10))


def table(text: str, page: int = 1, left: float = 40.0, shown: dict[str, str] | None = None) -> Table:
    """A table: a row on each line; `<` belongs to the cell at its left, `^` to the one above.

    `shown` gives what a cell shows of its text where that is not all.
    """
    grid = [[cell.strip() for cell in row.split("|")] for row in text.strip("\n").splitlines() if row.strip()]
    cols = max(len(row) for row in grid)
    grid = [row + ["<"] * (cols - len(row)) for row in grid]
    cells = [
        _cell(grid, r, c, page, left, shown or {})
        for r in range(len(grid))
        for c in range(cols)
        if grid[r][c] not in ("<", "^")
    ]
    bbox = Box(left, 100, left + cols * WIDTH, 100 + len(grid) * HEIGHT)
    return Table(page, page, Method.TEXT, "ruled", bbox, len(grid), cols, tuple(cells))


def _cell(grid: Sequence[Sequence[str]], r: int, c: int, page: int, left: float, shown: dict[str, str]) -> Cell:
    c1 = c
    while c1 + 1 < len(grid[r]) and grid[r][c1 + 1] == "<":
        c1 += 1
    r1 = r
    while r1 + 1 < len(grid) and grid[r1 + 1][c] == "^":
        r1 += 1
    box = Box(left + c * WIDTH, 100 + r * HEIGHT, left + (c1 + 1) * WIDTH, 100 + (r1 + 1) * HEIGHT)
    text = grid[r][c]
    return Cell(r, r1, c, c1, text, box, page, shown=shown.get(text), lines=(text,))


def content(*blocks: Table | Line | str) -> Content:
    """A document of tables and lines; a string with `|` in it is a table, another one a line."""
    return Content(tuple(_block(block) for block in blocks))


def _block(block: Table | Line | str) -> Table | Line:
    if not isinstance(block, str):
        return block
    return table(block) if "|" in block else line(block.strip())
