"""Columns from words: the gaps that run down through the lines of a block."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extract.unruled_lines import Cut, TextLine, Word, cut_word, is_number

__all__ = ["Columns", "cut_lines", "find_columns"]

# This share of the lines may run over a gap that the others leave: heads over several columns, text of merged cells.
CROSSING = 0.15
# Gaps narrower than this (in heights) part no columns.
MIN_GAP = 0.3
# Two words of one line that stand this far apart (in heights) are in two columns, even where lines above and below
# run over the gap.
SURE_GAP = 2.5


_VALUE = re.compile(r"\s*[≥≤＝=<>＜＞+\-−(（]*\s*\d|[-–—/]$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a block: `cores[i]` is where the words of column i stand, `lines` the borders, one more."""

    cores: tuple[tuple[float, float], ...]
    lines: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.cores)

    def span_of(self, word: Word) -> tuple[int, int]:
        """First and last column that a word stands over. Reaching over a border by less than half of the next column's
        words is not standing over it."""
        middle = (word.x0 + word.x1) / 2
        first = last = self._nearest(middle)
        while first > 0 and self._reaches(word, first - 1):
            first -= 1
        while last + 1 < len(self.cores) and self._reaches(word, last + 1):
            last += 1
        return first, last

    def _nearest(self, x: float) -> int:
        return min(
            range(len(self.cores)),
            key=lambda i: max(self.lines[i] - x, x - self.lines[i + 1], 0.0),
        )

    def _reaches(self, word: Word, i: int) -> bool:
        start, end = self.cores[i]
        return min(word.x1, end) - max(word.x0, start) >= 0.5 * (end - start)


def find_columns(lines: Sequence[TextLine], borders: Sequence[float] = ()) -> Columns:
    """Find the columns of a block of lines. `borders` are places of vertical rules, borders whatever the words say."""
    several = [line for line in lines if len(line.words) > 1]
    height = sorted(line.height for line in lines)[len(lines) // 2]
    cores = _find_cores(several, height)
    cores = _cut_at(cores, [word for line in several for word in line.words], sorted(borders))
    cores = _with_sparse(cores, lines, height, sorted(borders))
    if not borders:
        cores = _with_collisions(cores, lines, height)
    cores = _without_shifts(cores, lines)
    return _columns(cores, lines)


def _find_cores(lines: Sequence[TextLine], height: float) -> list[tuple[float, float]]:
    """Where more lines have text than may run over a gap."""
    allowed = max(int(CROSSING * len(lines)), 1) if len(lines) > 3 else 0
    events = sorted((x, step) for line in lines for word in line.words for x, step in ((word.x0, 1), (word.x1, -1)))
    cores: list[tuple[float, float]] = []
    depth, start = 0, None
    for x, step in events:
        depth += step
        if depth > allowed and start is None:
            start = x
        elif depth <= allowed and start is not None:
            if cores and start - cores[-1][1] < MIN_GAP * height:
                cores[-1] = (cores[-1][0], x)
            elif x > start:
                cores.append((start, x))
            start = None
    return cores


def _cut_at(
    cores: list[tuple[float, float]], words: Sequence[Word], borders: Sequence[float]
) -> list[tuple[float, float]]:
    """Cut cores at vertical rules, each to where its words really stand."""
    out = []
    for start, end in cores:
        cuts = [start, *(x for x in borders if start < x < end), end]
        for a, b in itertools.pairwise(cuts):
            own = [word for word in words if a <= (word.x0 + word.x1) / 2 <= b]
            if own or len(cuts) == 2:
                out.append((max(a, min(w.x0 for w in own)), min(b, max(w.x1 for w in own))) if own else (a, b))
    return out


def _with_sparse(
    cores: list[tuple[float, float]], lines: Sequence[TextLine], height: float, borders: Sequence[float]
) -> list[tuple[float, float]]:
    """Add the columns that only few lines fill: words that stand clear of all cores.

    A word over a gap in whose lines the column beside it is blank is that column's own, set otherwise (a centred head
    over figures that are set to the left), unless that column has a head already.
    """
    free = [
        (k, word) for k, line in enumerate(lines) for word in line.words
        if all(word.x1 <= start or word.x0 >= end for start, end in cores)
    ]  # fmt: skip
    figures = (k for k, line in enumerate(lines) if sum(is_number(word.text) for word in line.words) > 1)
    heads = set(range(next(figures, 0)))
    out = list(cores)
    for group in _clusters(free, height):
        start, end = min(word.x0 for _, word in group), max(word.x1 for _, word in group)
        neighbours = _neighbours(out, start, end)
        inside = {k for k, _ in group} | heads
        home = next((n for n in neighbours if not _has_words(n, inside, lines)), None)
        if home is None and len(group) == 1:  # a stray mark, or the rest of a justified head between two rules
            stray = len(group[0][1].text) < 3
            home = next(
                (n for n in neighbours if stray or (borders and not _is_parted(n, (start, end), borders))), None
            )
        if home is not None:
            out[out.index(home)] = (min(home[0], start), max(home[1], end))
        else:
            out = sorted([*out, (start, end)])
    return out


def _clusters(free: Sequence[tuple[int, Word]], height: float) -> list[list[tuple[int, Word]]]:
    groups: list[list[tuple[int, Word]]] = []
    reach = 0.0
    for k, word in sorted(free, key=lambda item: item[1].x0):
        if groups and word.x0 < reach + MIN_GAP * height:
            groups[-1].append((k, word))
        else:
            groups.append([(k, word)])
            reach = word.x1
        reach = max(reach, word.x1)
    return groups


def _neighbours(cores: Sequence[tuple[float, float]], start: float, end: float) -> list[tuple[float, float]]:
    """The columns beside a place, the nearer one first."""
    left = [core for core in cores if core[1] <= start + 0.01][-1:]
    right = [core for core in cores if core[0] >= end - 0.01][:1]
    return sorted([*left, *right], key=lambda core: min(abs(core[1] - start), abs(core[0] - end)))


def _is_parted(a: tuple[float, float], b: tuple[float, float], borders: Sequence[float]) -> bool:
    return any(min(a[1], b[1]) <= border <= max(a[0], b[0]) for border in borders)


def _has_words(core: tuple[float, float], which: Iterable[int], lines: Sequence[TextLine]) -> bool:
    return any(word.x1 > core[0] and word.x0 < core[1] for k in which for word in lines[k].words)


def _with_collisions(
    cores: list[tuple[float, float]], lines: Sequence[TextLine], height: float
) -> list[tuple[float, float]]:
    """Cut a column in which two words of one line stand far apart: a merged cell's text runs over both of them."""
    out = list(cores)
    for line in lines:
        for a, b in zip(line.words, line.words[1:], strict=False):
            if b.x0 - a.x1 < SURE_GAP * height:
                continue
            for i, (start, end) in enumerate(out):
                if start < a.x1 < end and start < b.x0 < end and not _bridged(a, b, line, lines):
                    out[i : i + 1] = [(start, a.x1), (b.x0, end)]
                    break
    return out


def _bridged(a: Word, b: Word, line: TextLine, lines: Sequence[TextLine]) -> bool:
    """Whether the line just above or below goes on over the gap with words set as these: one cell, set justified."""
    return any(
        abs(other.middle - line.middle) < 1.6 * line.height and word.x0 < b.x1 and word.x1 > b.x0
        and abs(word.x0 - a.x0) < line.height
        for other in lines if other is not line for word in other.words
    )  # fmt: skip


def _without_shifts(cores: list[tuple[float, float]], lines: Sequence[TextLine]) -> list[tuple[float, float]]:
    """Make one column of two that stand under one head and never in the same line.

    So stand figures set to the right beside text set to the left or the middle.
    """
    out = [cores[0]] if cores else []
    for core in cores[1:]:
        pair = (out[-1][0], core[1])
        if _is_one_column(out[-1], core, pair, lines):
            out[-1] = pair
        else:
            out.append(core)
    return out


def _is_one_column(
    left: tuple[float, float], right: tuple[float, float], pair: tuple[float, float], lines: Sequence[TextLine]
) -> bool:
    inside = [[word for word in line.words if word.x0 < pair[1] and word.x1 > pair[0]] for line in lines]
    words = [found[0] for found in inside if found]
    if any(len(found) > 1 for found in inside) or len(words) < 3 or _VALUE.match(words[0].text):
        return False
    shifted = [word for word in words[1:] if word.x0 >= right[0]]
    values = [word for word in words[1:] if word.x1 <= left[1] and _VALUE.match(word.text)]
    return bool(shifted) and bool(values) and all(_VALUE.match(word.text) for word in shifted)


def _columns(cores: Sequence[tuple[float, float]], lines: Sequence[TextLine]) -> Columns:
    """Borders between cores: in the middle of what no word of one column reaches into."""
    if not cores:
        return Columns((), ())
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    inner = [(a[1] + b[0]) / 2 for a, b in itertools.pairwise(cores)]
    return Columns(tuple(cores), (min(x0, cores[0][0]), *inner, max(x1, cores[-1][1])))


def cut_lines(lines: Sequence[TextLine], columns: Columns) -> list[TextLine]:
    """Part words that hold the text of several columns, set tight, where a gap in them meets each border they cross."""
    return [
        TextLine(tuple(piece for word in line.words for piece in _cut(word, columns)), line.y0, line.y1)
        for line in lines
    ]


def _cut(word: Word, columns: Columns) -> list[Word]:
    if not word.cuts:
        return [word]
    cuts: list[Cut] = []
    for (_, end), (start, _) in zip(columns.cores, columns.cores[1:], strict=False):
        if word.x0 < end and start < word.x1:
            fitting = [
                cut
                for cut in word.cuts
                if (cut.x0 <= end + 1.0 and cut.x1 >= start - 1.0) or end <= (cut.x0 + cut.x1) / 2 <= start
            ]
            if not fitting:
                return [word]
            cuts.append(max(fitting, key=lambda cut: cut.x1 - cut.x0))
    return cut_word(word, cuts)
