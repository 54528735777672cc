"""From rules to grids: pure geometry, the same door for vector rules, rules found in pictures, and literals in tests.

segments -> rules (pieces of one line made one) -> groups that touch -> grid lines -> spans.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model import Box

__all__ = ["Grid", "Segment", "Span", "find_grids", "join_segments", "rules_to_grid"]

Segment = tuple[float, float, float]
"""(place across, start, end) in points: y, x0, x1 of a horizontal rule; x, y0, y1 of a vertical one."""
Span = tuple[int, int, int, int]
"""r0, r1, c0, c1 of a cell, ends inclusive."""

# Two rules closer than this are one (double rules; borders that two neighbouring cells draw side by side).
SAME_LINE = 3.6
# Pieces of one line may lie this far apart (dashes, borders that stop at the crossing).
GAP = 3.5
# Rules that end this close to each other meet.
TOUCH = 3.5
# A row that no vertical rule crosses is at most this high, in points, in a table with open sides.
OPEN_ROW = 42.0
# A side of a place counts as ruled where this share of it is covered.
COVERED = 0.6
# A column that no horizontal rule bounds is at most this wide, in points.
OPEN_COLUMN = 220.0
# A shorter line, all its pieces joined, is a dot or a stub.
SHORTEST = 4.0
# A rule that ends this far before the next one across is an underline or a stroke through text.
FREE_END = 7.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: `xs` and `ys` are its lines in points (columns + 1, rows + 1), `spans` its cells in reading order.

    Each grid place is covered by exactly one span.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    spans: tuple[Span, ...]

    @property
    def box(self) -> Box:
        """The outer sides."""
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])

    def span_box(self, span: Span) -> Box:
        """The box of one of the spans."""
        r0, r1, c0, c1 = span
        return Box(self.xs[c0], self.ys[r0], self.xs[c1 + 1], self.ys[r1 + 1])


def find_grids(horizontal: Iterable[Segment], vertical: Iterable[Segment]) -> list[Grid]:
    """Find the ruled tables among a page's rules, ordered from the top left. A frame around one cell is no table."""
    rows, columns = _long(join_segments(horizontal)), _long(join_segments(vertical))
    rows, columns = _without_underlines(rows, columns), _without_underlines(columns, rows)
    grids = []
    groups = _groups(rows, columns)
    lone = [column for group_rows, group_columns in groups if not group_rows for column in group_columns]
    for group_rows, group_columns in _across_open_rows([group for group in groups if group[0] and group[1]]):
        group_columns = group_columns + _open_sides(group_rows, lone)
        grid = rules_to_grid(group_rows, group_columns)
        if grid is not None and len(grid.spans) > 1:
            grids.append(grid)
    return sorted(grids, key=lambda grid: (grid.ys[0], grid.xs[0]))


def _long(rules: list[Segment]) -> list[Segment]:
    return [rule for rule in rules if rule[2] - rule[1] >= SHORTEST]


def _without_underlines(rules: list[Segment], across: list[Segment]) -> list[Segment]:
    """The rules less those that lie in one cell without reaching from side to side: lines under or through text, and
    blanks to fill in. `across` are the rules at right angles. Ends that several rules share are a side of their own."""
    across = sorted(across)
    places = [other[0] for other in across]
    shared = Counter(round(end / TOUCH) for rule in rules for end in rule[1:])
    return [
        rule for rule in rules
        if not any(shared[round(end / TOUCH)] < 3 for end in _free_ends(rule, across, places))
    ]  # fmt: skip


def _free_ends(rule: Segment, across: Sequence[Segment], places: Sequence[float]) -> list[float]:
    """The ends of a rule that crosses nothing and stops well before the next rule across."""
    place, start, end = rule
    first, last = bisect_left(places, start - TOUCH), bisect_right(places, end + TOUCH)
    met = []
    for other, other_start, other_end in across[first:last]:
        if other_start - TOUCH <= place <= other_end + TOUCH:
            met.append(other)
            if len(met) > 1:
                return []
    before = start if met and met[0] - start <= TOUCH else _next(across, range(first - 1, -1, -1), place)
    behind = end if met and end - met[0] <= TOUCH else _next(across, range(last, len(across)), place)
    if before is None or behind is None or (met and start + TOUCH < met[0] < end - TOUCH):
        return []
    return [at for at, gap in ((start, start - before), (end, behind - end)) if gap > FREE_END]


def _next(across: Sequence[Segment], order: range, place: float) -> float | None:
    """The first rule in that order that passes the place."""
    return next((across[i][0] for i in order if across[i][1] - TOUCH <= place <= across[i][2] + TOUCH), None)


def join_segments(segments: Iterable[Segment]) -> list[Segment]:
    """Make one rule of the pieces that lie on one line and touch or nearly touch."""
    joined: list[Segment] = []
    line: list[Segment] = []
    last = 0.0
    for segment in sorted(segments):
        if line and segment[0] - last > SAME_LINE / 2 and segment[0] - line[0][0] > SAME_LINE:
            joined += _join_line(line)
            line = []
        line.append(segment)
        last = segment[0]
    if line:
        joined += _join_line(line)
    return joined


def _join_line(line: list[Segment]) -> list[Segment]:
    """Join the pieces of one line, whose places differ by no more than rounding or a double rule."""
    if len(line) == 1:
        return line
    joined: list[Segment] = []
    line.sort(key=lambda piece: piece[1])
    place, start, end = line[0]
    weight = end - start
    total = place * weight
    for other, other_start, other_end in line[1:]:
        if other_start - end > GAP:
            joined.append((total / weight if weight else place, start, end))
            place, start, end, weight, total = other, other_start, other_end, 0.0, 0.0
        length = other_end - other_start
        weight += length
        total += other * length
        end = max(end, other_end)
    joined.append((total / weight if weight else place, start, end))
    return joined


def _groups(rows: Sequence[Segment], columns: Sequence[Segment]) -> list[tuple[list[Segment], list[Segment]]]:
    """Sort rules into groups that touch one another, directly or through others; one without rows is a lone column."""
    parent = list(range(len(rows) + len(columns)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    places = [row[0] for row in rows]
    for j, (x, y0, y1) in enumerate(columns):
        mine = len(rows) + j
        for i in range(bisect_left(places, y0 - TOUCH), bisect_right(places, y1 + TOUCH)):
            if parent[i] != mine and rows[i][1] - TOUCH <= x <= rows[i][2] + TOUCH:
                a = root(i)
                if a != mine:
                    parent[a] = mine  # a column is met once: it is its own root until a later one takes it over
    groups: dict[int, tuple[list[Segment], list[Segment]]] = {}
    for i, row in enumerate(rows):
        groups.setdefault(root(i), ([], []))[0].append(row)
    for j, column in enumerate(columns):
        groups.setdefault(root(len(rows) + j), ([], []))[1].append(column)
    return list(groups.values())


_Group = tuple[list[Segment], list[Segment]]


def _across_open_rows(groups: list[_Group]) -> list[_Group]:
    """Make one of groups that a row without any vertical rule parts: a row over the whole width, in a table whose
    outer sides are not drawn. Both ends must run equally far and the row be no higher than rows get."""
    joined: list[_Group] = []
    for rows, columns in sorted(groups, key=lambda group: min(row[0] for row in group[0])):
        above = joined[-1] if joined else None
        if above is not None and _is_open_sided(above) and _is_open_sided((rows, columns)):
            (left, right, _, bottom), (other_left, other_right, top, _) = _extent(above), _extent((rows, columns))
            same_width = abs(left - other_left) <= TOUCH and abs(right - other_right) <= TOUCH
            if same_width and 0 < top - bottom <= OPEN_ROW:
                joined[-1] = (above[0] + rows, above[1] + columns)
                continue
        joined.append((rows, columns))
    return joined


def _open_sides(rows: Sequence[Segment], lone: Sequence[Segment]) -> list[Segment]:
    """The lone columns that run beside a table from its top to its bottom: the outer sides of merged cells that begin
    on the page before and end on the next. LibreOffice Calc draws no rule over or under them."""
    left, right = min(row[1] for row in rows), max(row[2] for row in rows)
    top, bottom = min(row[0] for row in rows), max(row[0] for row in rows)
    beside = sorted(x for x, y0, y1 in lone if abs(y0 - top) <= TOUCH and abs(y1 - bottom) <= TOUCH)
    found: list[float] = []
    for x in beside:
        if right + TOUCH < x <= right + OPEN_COLUMN:
            found.append(x)
            right = x
    for x in reversed(beside):
        if left - OPEN_COLUMN <= x < left - TOUCH:
            found.append(x)
            left = x
    return [(x, top, bottom) for x in found]


def _extent(group: _Group) -> tuple[float, float, float, float]:
    rows, _ = group
    places = [row[0] for row in rows]
    return min(row[1] for row in rows), max(row[2] for row in rows), min(places), max(places)


def _is_open_sided(group: _Group) -> bool:
    """Whether no vertical rule stands at either end of the horizontal ones."""
    left, right, _, _ = _extent(group)
    return all(left + 2 * TOUCH < x < right - 2 * TOUCH for x, _, _ in group[1])


def rules_to_grid(rows: Sequence[Segment], columns: Sequence[Segment]) -> Grid | None:
    """Make a grid of rules that belong together; None where they enclose nothing.

    Outer sides that are not drawn are added where rules run out to them: many forms leave out the left and right side.
    """
    xs = _lines(columns, [end for row in rows for end in row[1:]])
    ys = _lines(rows, [end for column in columns for end in column[1:]])
    if len(xs) < 2 or len(ys) < 2:
        return None
    right = _covered(columns, xs, ys)
    below = _covered(rows, ys, xs)
    spans = _spans(len(ys) - 1, len(xs) - 1, right, below)
    return Grid(tuple(xs), tuple(ys), tuple(spans))


def _lines(rules: Sequence[Segment], ends: Sequence[float]) -> list[float]:
    """The distinct places of parallel rules, and where the rules across them end beyond the first or last of them."""
    weights: list[list[float]] = []  # place, length
    for place, start, end in sorted(rules):
        length = max(end - start, 0.1)
        if weights and place - weights[-1][0] <= SAME_LINE:
            known = weights[-1]
            known[0] = (known[0] * known[1] + place * length) / (known[1] + length)
            known[1] += length
        else:
            weights.append([place, length])
    lines = [place for place, _ in weights]
    if not lines:
        return lines
    for outer, beyond in ((min(ends), lines[0] - min(ends)), (max(ends), max(ends) - lines[-1])):
        # A single rule that sticks out is a stub of drawing, not a side: at least half of them must.
        if beyond > 2 * TOUCH and sum(abs(end - outer) <= TOUCH for end in ends) * 4 >= len(ends):
            lines.append(outer)
    return sorted(lines)


def _covered(rules: Sequence[Segment], places: Sequence[float], steps: Sequence[float]) -> list[list[bool]]:
    """For each place (line) and each step along it, whether a rule covers that side: table of len(places) rows."""
    count = len(steps) - 1
    covered = [[False] * count for _ in places]
    partly: dict[tuple[int, int], float] = {}
    for place, start, end in rules:
        i = bisect_left(places, place)
        if i == len(places) or (i > 0 and place - places[i - 1] < places[i] - place):
            i -= 1
        first, last = bisect_left(steps, start), bisect_right(steps, end) - 1  # the steps between are covered in full
        if first < last:
            covered[i][first:last] = [True] * (last - first)
        for k in {first - 1, last} if first <= last else {last}:
            if 0 <= k < count:
                share = min(end, steps[k + 1]) - max(start, steps[k])
                partly[i, k] = partly.get((i, k), 0.0) + share
    for (i, k), share in partly.items():
        if share >= COVERED * (steps[k + 1] - steps[k]):
            covered[i][k] = True
    return covered


def _spans(rows: int, cols: int, ruled: list[list[bool]], lined: list[list[bool]]) -> list[Span]:
    """Cut the grid into cells: `ruled[x][r]` says that line x is drawn beside row r, `lined[y][c]` below column c.

    A cell grows to the right while no rule stands between, then down while its whole width is open and no rule parts
    it. Where rules are broken so that the open area is no rectangle, the rest becomes cells of its own.
    """
    taken = [[False] * cols for _ in range(rows)]
    spans: list[Span] = []
    for r in range(rows):
        for c in range(cols):
            if taken[r][c]:
                continue
            c1 = c
            while c1 + 1 < cols and not taken[r][c1 + 1] and not ruled[c1 + 1][r]:
                c1 += 1
            r1 = r
            while r1 + 1 < rows and _opens(r1, c, c1, ruled, lined, taken):
                r1 += 1
            for i in range(r, r1 + 1):
                taken[i][c : c1 + 1] = [True] * (c1 + 1 - c)
            spans.append((r, r1, c, c1))
    return spans


def _opens(
    r: int, c0: int, c1: int, ruled: list[list[bool]], lined: list[list[bool]], taken: list[list[bool]]
) -> bool:
    """Whether the cell over columns c0..c1 goes on from row r into the next."""
    line = lined[r + 1]
    for c in range(c0, c1 + 1):
        if line[c] or taken[r + 1][c]:
            return False
    return all(not ruled[c][r + 1] for c in range(c0 + 1, c1 + 1))
