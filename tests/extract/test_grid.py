"""Rules to grids: invariants for any rules, exact spans for drawn ones, and rules as real producers draw them."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.grid import Grid, Segment, find_grids, join_segments

XS, YS = (50.0, 150.0, 250.0, 350.0), (100.0, 120.0, 140.0, 160.0)
FULL = tuple((r, r, c, c) for r in range(3) for c in range(3))


def rules(xs: tuple[float, ...] = XS, ys: tuple[float, ...] = YS) -> tuple[list[Segment], list[Segment]]:
    """A full grid of uncut rules."""
    return [(y, xs[0], xs[-1]) for y in ys], [(x, ys[0], ys[-1]) for x in xs]


def covers_once(grid: Grid) -> bool:
    places = [(r, c) for r0, r1, c0, c1 in grid.spans for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)]
    return sorted(places) == [(r, c) for r in range(len(grid.ys) - 1) for c in range(len(grid.xs) - 1)]


# ---------------------------------------------------------------------------------------------------------------------
# Invariants
# ---------------------------------------------------------------------------------------------------------------------

lengths = st.one_of(
    st.floats(-50, 650, allow_nan=False).map(lambda x: round(x, 2)), st.sampled_from((0.0, 100.0, 103.0, 106.4, 200.0))
)
segments = st.lists(st.tuples(lengths, lengths, lengths).map(lambda s: (s[0], min(s[1:]), max(s[1:]))), max_size=30)


@given(segments, segments)
def test_any_rules_give_grids_whose_spans_cover_each_place_once(
    horizontal: list[Segment], vertical: list[Segment]
) -> None:
    for grid in find_grids(horizontal, vertical):
        assert covers_once(grid)
        assert list(grid.xs) == sorted(set(grid.xs))
        assert list(grid.ys) == sorted(set(grid.ys))
        assert list(grid.spans) == sorted(grid.spans, key=lambda span: (span[0], span[2]))


@given(segments, segments, st.randoms())
def test_the_order_of_the_rules_does_not_matter(
    horizontal: list[Segment], vertical: list[Segment], order: random.Random
) -> None:
    shuffled = [order.sample(rules, len(rules)) for rules in (horizontal, vertical)]
    found, again = find_grids(horizontal, vertical), find_grids(*shuffled)
    assert [grid.spans for grid in found] == [grid.spans for grid in again]


@given(segments)
def test_joined_rules_cover_what_their_pieces_cover(pieces: list[Segment]) -> None:
    joined = join_segments(pieces)
    for place, start, end in pieces:
        assert any(abs(p - place) <= 10 and s <= start + 0.01 and end <= e + 0.01 for p, s, e in joined)


@st.composite
def merged_grids(draw: st.DrawFn) -> tuple[list[float], list[float], list[tuple[int, int, int, int]]]:
    """A grid cut into spans by merging rectangles of places, each line of it drawn somewhere."""
    rows, cols = draw(st.integers(1, 6)), draw(st.integers(2, 6))
    steps = st.floats(10, 90)
    xs, ys = [draw(st.floats(0, 100))], [draw(st.floats(0, 100))]
    for _ in range(cols):
        xs.append(xs[-1] + draw(steps))
    for _ in range(rows):
        ys.append(ys[-1] + draw(steps))
    owner = {(r, c): (r, r, c, c) for r in range(rows) for c in range(cols)}
    for _ in range(draw(st.integers(0, 4))):
        r0, c0 = draw(st.integers(0, rows - 1)), draw(st.integers(0, cols - 1))
        r1, c1 = draw(st.integers(r0, rows - 1)), draw(st.integers(c0, cols - 1))
        places = [(r, c) for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)]
        if all(owner[p] == (*[p[0]] * 2, *[p[1]] * 2) for p in places):
            owner.update(dict.fromkeys(places, (r0, r1, c0, c1)))
    return xs, ys, sorted(set(owner.values()), key=lambda span: (span[0], span[2]))


def sides(
    xs: list[float], ys: list[float], spans: list[tuple[int, int, int, int]]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Which unit sides are drawn: horizontal ones as (line, column), vertical ones as (line, row)."""
    across, down = set(), set()
    for r0, r1, c0, c1 in spans:
        across |= {(line, c) for line in (r0, r1 + 1) for c in range(c0, c1 + 1)}
        down |= {(line, r) for line in (c0, c1 + 1) for r in range(r0, r1 + 1)}
    return across, down


def is_ruled(xs: list[float], ys: list[float], spans: list[tuple[int, int, int, int]]) -> bool:
    """Whether every grid line is drawn somewhere, so that the spans can be told from the rules."""
    across, down = sides(xs, ys, spans)
    lines = ({line for line, _ in across}, {line for line, _ in down})
    return [len(part) for part in lines] == [len(ys), len(xs)] and len(spans) > 1


@given(merged_grids(), st.randoms(use_true_random=False), st.sampled_from((0.0, 0.5)), st.sampled_from((0.0, 1.0)))
def test_drawn_spans_come_back(
    drawn: tuple[list[float], list[float], list[tuple[int, int, int, int]]],
    order: random.Random,
    jitter: float,
    gap: float,
) -> None:
    xs, ys, spans = drawn
    if not is_ruled(xs, ys, spans):
        return
    across, down = sides(xs, ys, spans)

    def near(value: float) -> float:
        return value + order.uniform(-jitter, jitter)

    horizontal = [(near(ys[line]), near(xs[c]) + gap, near(xs[c + 1]) - gap) for line, c in sorted(across)]
    vertical = [(near(xs[line]), near(ys[r]) + gap, near(ys[r + 1]) - gap) for line, r in sorted(down)]
    if order.random() < 0.5:  # each cell draws its own sides, one beside the other
        horizontal += [(place + 1.2, start, end) for place, start, end in horizontal]
        vertical += [(place + 1.2, start, end) for place, start, end in vertical]
    order.shuffle(horizontal)
    order.shuffle(vertical)
    (grid,) = find_grids(horizontal, vertical)
    assert list(grid.spans) == spans
    for want, got in ((xs, grid.xs), (ys, grid.ys)):
        assert all(abs(a - b) < 2 for a, b in zip(want, got, strict=True))


# ---------------------------------------------------------------------------------------------------------------------
# Drawn cases
# ---------------------------------------------------------------------------------------------------------------------


def pieces(gap: float) -> tuple[list[Segment], list[Segment]]:
    across = [(y, a + gap, b - gap) for y in YS for a, b in pairwise(XS)]
    down = [(x, a + gap, b - gap) for x in XS for a, b in pairwise(YS)]
    return across, down


def twice(by: float) -> tuple[list[Segment], list[Segment]]:
    across, down = rules()
    return (
        across + [(y + by, a, b) for y, a, b in across],
        down + [(x + by, a, b) for x, a, b in down],
    )


def dashes(length: float, gap: float) -> tuple[list[Segment], list[Segment]]:
    def cut(rule: Segment) -> list[Segment]:
        place, start, end = rule
        count = int((end - start) / (length + gap))
        return [(place, start + k * (length + gap), start + k * (length + gap) + length) for k in range(count)]

    across, down = rules()
    return [dash for rule in across for dash in cut(rule)], [dash for rule in down for dash in cut(rule)]


@pytest.mark.parametrize(
    "drawn",
    [rules(), pieces(0), pieces(1), pieces(1.7), twice(0.5), twice(2.4), twice(3), dashes(3, 2), dashes(1, 1)],
    ids=["whole", "pieces", "gaps 2", "gaps 3.4", "double 0.5", "double 2.4", "double 3", "dashes", "dots"],
)
def test_ways_to_draw_a_rule(drawn: tuple[list[Segment], list[Segment]]) -> None:
    (grid,) = find_grids(*drawn)
    assert grid.spans == FULL


@pytest.mark.parametrize("missing", ["l", "r", "t", "b", "lr", "tb", "lt", "rb", "lrt", "lrb", "ltb", "lrtb"])
def test_missing_outer_sides_are_added(missing: str) -> None:
    across, down = rules()
    outer = zip("ltrb", (XS[0], YS[0], XS[-1], YS[-1]), strict=True)
    without = {side: place for side, place in outer if side in missing}
    across = [rule for rule in across if rule[0] not in (without.get("t"), without.get("b"))]
    down = [rule for rule in down if rule[0] not in (without.get("l"), without.get("r"))]
    (grid,) = find_grids(across, down)
    assert grid.spans == FULL
    assert grid.box == (XS[0], YS[0], XS[-1], YS[-1])


def test_a_broken_rule_leaves_an_l_shape_cut_into_cells() -> None:
    across = [(100.0, 0.0, 90.0), (120.0, 30.0, 90.0), (140.0, 0.0, 90.0)]
    down = [(0.0, 100.0, 140.0), (30.0, 120.0, 140.0), (60.0, 100.0, 140.0), (90.0, 100.0, 140.0)]
    (grid,) = find_grids(across, down)
    assert covers_once(grid)
    assert (1, 1, 1, 1) in grid.spans


def test_tables_apart_stay_apart() -> None:
    one, other = rules(), rules(tuple(x + 320 for x in XS), YS)
    below = rules(XS, tuple(y + 72 for y in YS))
    found = find_grids(one[0] + other[0] + below[0], one[1] + other[1] + below[1])
    assert [(grid.xs[0], grid.ys[0]) for grid in found] == [(50, 100), (370, 100), (50, 172)]
    assert [grid.spans for grid in found] == [FULL] * 3


def test_a_table_inside_a_cell_is_a_grid_of_its_own() -> None:
    inner = rules((170.0, 200.0, 230.0), (124.0, 130.0, 136.0))
    outer = rules()
    found = find_grids(outer[0] + inner[0], outer[1] + inner[1])
    assert [len(grid.spans) for grid in found] == [9, 4]


@pytest.mark.parametrize(
    "drawn",
    [
        ([], []),
        ([(100.0, 50.0, 350.0)], []),
        ([(100.0, 50.0, 350.0), (200.0, 50.0, 350.0)], [(50.0, 100.0, 200.0), (350.0, 100.0, 200.0)]),
        ([(100.0, 50.0, 50.0)], [(50.0, 100.0, 100.0)]),
        ([(780.0, 40.0, 555.0)], [(40.0, 40.0, 60.0)]),
    ],
    ids=["nothing", "one rule", "frame", "points", "running line"],
)
def test_no_table(drawn: tuple[list[Segment], list[Segment]]) -> None:
    assert find_grids(*drawn) == []


def test_a_frame_around_a_table_is_not_part_of_it() -> None:
    across, down = rules()
    (grid,) = find_grids([*across, (20.0, 20.0, 575.0), (822.0, 20.0, 575.0)],
                         [*down, (20.0, 20.0, 822.0), (575.0, 20.0, 822.0)])  # fmt: skip
    assert grid.spans == FULL


@pytest.mark.parametrize("beside", [(20.0,), (-40.0, 20.0), (380.0,), (20.0, 380.0)])
def test_a_merged_cell_open_above_and_below_is_a_column(beside: tuple[float, ...]) -> None:
    across, down = rules()
    (grid,) = find_grids(across, [*down, *((x, 100.0, 160.0) for x in beside)])
    assert grid.xs == tuple(sorted((*XS, *beside)))
    assert sum(r1 - r0 == 2 for r0, r1, _, _ in grid.spans) == len(beside)


@pytest.mark.parametrize("line", [(20.0, 100.0, 190.0), (20.0, 120.0, 160.0), (-300.0, 100.0, 160.0)])
def test_other_lines_beside_a_table_are_no_column(line: Segment) -> None:
    across, down = rules()
    (grid,) = find_grids(across, [*down, line])
    assert grid.xs == XS


@pytest.mark.parametrize(
    "line",
    [(116.0, 53.0, 90.0), (116.0, 170.0, 200.0), (110.0, 153.0, 180.0), (136.0, 300.0, 345.5)],
    ids=["underline", "centred underline", "stroke through text", "right-aligned underline"],
)
def test_lines_under_and_through_text_part_no_cell(line: Segment) -> None:
    across, down = rules()
    (grid,) = find_grids([*across, line], down)
    assert grid.spans == FULL


def test_a_rule_above_the_table_adds_no_row() -> None:
    across, down = rules()
    (grid,) = find_grids([*across, (97.0, 40.0, 555.0)], down)
    assert grid.spans == FULL


def test_a_row_without_vertical_rules_joins_the_parts_of_an_open_table() -> None:
    across = [(y, 50.0, 350.0) for y in (100.0, 120.0, 140.0, 160.0)]
    down = [(x, 100.0, 120.0) for x in (150.0, 250.0)] + [(x, 140.0, 160.0) for x in (150.0, 250.0)]
    (grid,) = find_grids(across, down)
    assert (1, 1, 0, 2) in grid.spans
    assert len(grid.spans) == 7


def test_two_thousand_rows_are_read_in_a_breath() -> None:
    ys = tuple(100.0 + 7 * k for k in range(2001))
    across, down = rules(XS, ys)
    (grid,) = find_grids(across, down)
    assert len(grid.spans) == 6000
