"""Rows from lines: which lines are the wrapped text of one row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from extract.unruled_columns import Columns
from extract.unruled_lines import TextLine, Word, is_number

__all__ = ["Part", "Row", "lines_to_rows"]

# Lines of one cell follow one another at up to this pitch (in heights of the line's box).
PITCH = 1.55
# The same where lines of other cells stand between them.
LOOSE_PITCH = 1.9
# Lines that overlap by more than this share of their height stand beside one another: cells set to the middle.
OVERLAP = 0.08
_YEAR = re.compile(r"(?:19|20)\d\d年?(?:[-/–](?:19|20)?\d\d年?)?")
_END_OF_SENTENCE = re.compile(r"[。；;！!？?.]\s*$")
# A line of a cell this long (in heights) that fills its column is prose, and goes on.
LONG = 9.0
_FIRST_TOKEN = re.compile(r"[A-Za-zÀ-ɏ0-9,.()%'-]+|.")


@dataclass(frozen=True, slots=True)
class Part:
    """A word and the columns that it stands over, first and last."""

    word: Word
    c0: int
    c1: int


@dataclass(frozen=True, slots=True)
class Row:
    """The lines of one row, each as parts, from top to bottom."""

    lines: tuple[tuple[Part, ...], ...]

    @property
    def parts(self) -> list[Part]:
        """All parts, line by line."""
        return [part for line in self.lines for part in line]

    @property
    def y0(self) -> float:
        """Top of the highest part."""
        return min(part.word.y0 for part in self.parts)

    @property
    def y1(self) -> float:
        """Foot of the lowest part."""
        return max(part.word.y1 for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What tells wrapped lines: the rules across, the widest word of each column, whether each row is ruled."""

    rules: Sequence[float]
    widths: Sequence[float]
    banded: bool
    head: float


def lines_to_rows(lines: Sequence[TextLine], columns: Columns, rules: Sequence[float]) -> list[Row]:
    """Gather lines into rows. Where rules part nearly every line, what stands between two of them is a row."""
    placed = _place(lines, columns)
    layout = _Layout(rules, _widths(placed, columns), _is_banded(lines, rules), _head_end(lines, rules))
    rows: list[list[tuple[Part, ...]]] = []
    for line in placed:
        if rows and _is_same_row(rows[-1], line, layout):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [Row(tuple(row)) for row in rows]


def _place(lines: Sequence[TextLine], columns: Columns) -> list[tuple[Part, ...]]:
    """Words over their columns. A word set to the middle of several columns is the head of them all."""
    placed = [tuple(Part(word, *columns.span_of(word)) for word in line.words) for line in lines]
    merged = Counter((part.c0, part.c1) for line in placed for part in line if part.c1 > part.c0)
    known = [span for span, count in merged.items() if count > 1]
    out = []
    for k, line in enumerate(placed):
        above = placed[k - 1] if k and lines[k].middle - lines[k - 1].middle < PITCH * lines[k].height else ()
        below = placed[k + 1] if k + 1 < len(placed) else ()
        out.append(
            tuple(
                part if any(_shares(part, other) for other in above) else _widen(i, line, below, columns, known)
                for i, part in enumerate(line)
            )
        )
    return out


def _widen(
    i: int, line: Sequence[Part], below: Sequence[Part], columns: Columns, known: Sequence[tuple[int, int]]
) -> Part:
    part = line[i]
    first = line[i - 1].c1 + 1 if i else 0
    last = line[i + 1].c0 - 1 if i + 1 < len(line) else len(columns) - 1
    if part.c0 != part.c1 or first >= last or (is_number(part.word.text) and not _YEAR.fullmatch(part.word.text)):
        return part
    heads = () if any(is_number(other.word.text) for other in below) else below
    own = _off_middle(part.word, columns, part.c0, part.c0)
    best, least = part, 0.6 * own
    for c0 in range(first, part.c0 + 1):
        for c1 in range(part.c0, last + 1):
            off = _off_middle(part.word, columns, c0, c1)
            near = max(0.9 * part.word.height, 0.08 * (columns.lines[c1 + 1] - columns.lines[c0]))
            if c1 == c0 or off > near:
                continue
            under = sum(c0 <= other.c0 and other.c1 <= c1 for other in heads)
            if under == c1 - c0 + 1 > best.c1 - best.c0 + 1 or (
                off < least and ((c0, c1) in known or (under > 1 and 5 * under >= 3 * (c1 - c0 + 1)))
            ):
                best, least = Part(part.word, c0, c1), min(off, least)
    return best


def _off_middle(word: Word, columns: Columns, c0: int, c1: int) -> float:
    """How far a word stands from the middle of columns c0 to c1: of their borders, or of their text."""
    middle = (word.x0 + word.x1) / 2
    borders = (columns.lines[c0] + columns.lines[c1 + 1]) / 2
    text = (columns.cores[c0][0] + columns.cores[c1][1]) / 2
    return min(abs(borders - middle), abs(text - middle))


def _widths(placed: Sequence[Sequence[Part]], columns: Columns) -> list[float]:
    """The widest word of each column, but for those that reach out of it (they stand in merged cells)."""
    widths = [0.0] * len(columns)
    for line in placed:
        for part in line:
            word, c = part.word, part.c0
            slack = 0.5 * word.height
            if c == part.c1 and word.x0 > columns.lines[c] - slack and word.x1 < columns.lines[c + 1] + slack:
                widths[c] = max(widths[c], word.x1 - word.x0)
    return widths


def _is_banded(lines: Sequence[TextLine], rules: Sequence[float]) -> bool:
    """Whether most rows are ruled: at least four bands, with few more lines than bands."""
    bands = {sum(rule < line.middle for rule in rules) for line in lines}
    return len(bands) > 3 and len(lines) < 1.8 * len(bands)


def _head_end(lines: Sequence[TextLine], rules: Sequence[float]) -> float:
    """The rule under the head of a framed table: the first one below its first line."""
    inner = [rule for rule in rules if rule > lines[0].middle]
    return inner[0] if len(inner) > 1 else 0.0


def _is_same_row(row: Sequence[Sequence[Part]], line: Sequence[Part], layout: _Layout) -> bool:
    middle = sum(part.word.middle for part in line) / len(line)
    last = sum(part.word.middle for part in row[-1]) / len(row[-1])
    if any(last < rule < middle for rule in layout.rules):
        return False
    known = [part for earlier in row for part in earlier]
    if _is_offset(known, line, layout.widths):
        return True
    if layout.banded:
        return not _are_both_figures(known, line)
    if middle < layout.head and _is_head_wrapped(known, line):
        return True
    return _is_wrapped(row, line, layout.widths)


def _is_offset(known: Sequence[Part], line: Sequence[Part], widths: Sequence[float]) -> bool:
    """Whether a line stands half a line lower than cells of other columns: cells set to the middle of their row."""
    top = min(part.word.y0 for part in line)
    foot = max(part.word.y1 for part in known)
    if foot - top < OVERLAP * min(part.word.height for part in line):
        return False
    pairs = [(above, part) for part in line if (above := _above(known, part)) is not None]
    return all(_tie(a, b, widths, LOOSE_PITCH) is not Tie.NONE for a, b in pairs)


def _shares(a: Part, b: Part) -> bool:
    return a.c0 <= b.c1 and b.c0 <= a.c1


def _are_both_figures(known: Sequence[Part], line: Sequence[Part]) -> bool:
    return any(_shares(a, b) and is_number(a.word.text) and is_number(b.word.text) for a in known for b in line)


def _is_head_wrapped(known: Sequence[Part], line: Sequence[Part]) -> bool:
    """Lines of a head are one row where the columns of one are among those of the other, none over several columns."""
    if any(part.c0 != part.c1 for part in (*known, *line)):
        return False
    above, below = {part.c0 for part in known}, {part.c0 for part in line}
    close = min(part.word.y0 for part in line) - max(part.word.y1 for part in known) < 0.5 * line[0].word.height
    return close and (below < above or above < below)


def _is_wrapped(row: Sequence[Sequence[Part]], line: Sequence[Part], widths: Sequence[float]) -> bool:
    """Whether a line is the wrapped rest of a row: no word of it may be new, and one must show that it goes on."""
    known = [part for earlier in row for part in earlier]
    pairs = [(above, part) for part in line if (above := _above(known, part)) is not None]
    ties = [_tie(a, b, widths) for a, b in pairs]
    if not ties or min(ties) is Tie.NONE or max(ties) is not Tie.SURE:
        return False
    if len(pairs) == len(line):
        return len(pairs) < len({part.c0 for part in known}) or all(not is_number(part.word.text) for part in known)
    # Cells set to the middle: the first line of the longest cell stands above the other cells' only line.
    return len(row) == 1 and len(pairs) == len(row[0])


def _above(known: Sequence[Part], part: Part) -> Part | None:
    over = [other for other in known if _shares(other, part)]
    return max(over, key=lambda other: other.word.y1) if over else None


class Tie(IntEnum):
    """Whether a word goes on with the text of the word above it."""

    NONE = 0
    MAYBE = 1
    SURE = 2


def _tie(a: Part, b: Part, widths: Sequence[float], pitch: float = PITCH) -> Tie:
    """Whether word `a` broke off for want of room and `b` goes on with its text."""
    height = a.word.height
    above, below = a.word.text.rstrip(), b.word.text.lstrip()
    if b.word.middle - a.word.middle > pitch * height:
        return Tie.NONE
    if _is_open(above) and not is_number(below):
        return Tie.SURE
    if is_number(below) or is_number(above) or _END_OF_SENTENCE.search(above):
        return Tie.NONE
    width = a.word.x1 - a.word.x0
    if a.c0 != a.c1:
        return Tie.SURE if abs(a.word.x0 - b.word.x0) < 2.2 * height and width > LONG * height else Tie.NONE
    first = _FIRST_TOKEN.match(below)
    needed = (b.word.x1 - b.word.x0) * len(first.group() if first else "") / max(len(below), 1)
    if b.c0 != b.c1 or width + needed < widths[a.c0] - 0.3 * height:
        return Tie.NONE
    if widths[a.c0] > LONG * height or _reads_on(above, below) or (len(below) < 3 and widths[a.c0] > 3.5 * height):
        return Tie.SURE
    return Tie.MAYBE


def _is_open(text: str) -> bool:
    """Whether a bracket or quote that the text opens is not closed in it."""
    return any(text.count(start) > text.count(end) for start, end in ("()", "（）", "“”", "《》", "[]", "【】"))


def _reads_on(above: str, below: str) -> bool:
    """Whether a text that ends and one that starts like this are plainly one."""
    return (
        above[-1:] in "、，,;；-–/&和及与的" or below[:1] in "，,、。)）”》%％(（/的"
        or (above[-1:].isascii() and above[-1:].islower() and below[:1].islower())
    )  # fmt: skip
