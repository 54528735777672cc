"""The column lines of a table."""

from __future__ import annotations

from model import Table

__all__ = ["table_edges"]


def table_edges(table: Table) -> list[float]:
    """The table's column lines in points from its left side, as they stand when its text is upright."""
    if table.xs:
        return list(table.xs)
    edges: dict[int, float] = {}
    for cell in table.cells:
        edges.setdefault(cell.c0, cell.bbox.x0 - table.bbox.x0)
        edges.setdefault(cell.c1 + 1, cell.bbox.x1 - table.bbox.x0)
    return [edges[c] for c in sorted(edges)]
