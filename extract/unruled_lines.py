"""Words into printed lines, and lines into blocks that may be tables: plain geometry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

__all__ = ["Cut", "Segment", "TextLine", "Word", "cut_word", "is_figure", "is_number", "words_to_lines"]

# Pieces of a line closer than this (in heights) are one: ligatures and changes of the font part a word.
JOIN_GAP = 0.6
# Gaps wider than this (in heights) may part two columns that are set tight: more than a space between two words.
CUT_GAP = 0.3

Segment = tuple[float, float, float]
"""(place across, start, end) in points: y, x0, x1 of a horizontal rule; x, y0, y1 of a vertical one."""

# A number as tables print it: signs, brackets, currency, per cent, ranges, and the marks for "none".
_NUMBER = re.compile(
    r"[(（]?[-+−–<>=≥≤≈~±*]*\s*[$€£¥￥]?\s*\d[\d,.\s'’]*(?:[-–—/:×]\d[\d,.]*)?\s*(?:%|％|‰|[a-z*†‡]{1,2}|万|亿|元|万元)?[)）]?[*†‡]*"
    r"|[-–—−.·/*…]{1,3}|n\.?[/.]?a\.?|NA|\.\.",
    re.IGNORECASE,
)


class Cut(NamedTuple):
    """A place where a word may be parted: characters before it, and where the gap there starts and ends."""

    at: int
    x0: float
    x1: float


class Word(NamedTuple):
    """A piece of a printed line that no wide gap parts, and its box in points from the top left of the page.

    `cuts` are the gaps inside it that are wider than a space between two words.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    cuts: tuple[Cut, ...] = ()

    @property
    def height(self) -> float:
        """Height of the box in points."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Half way between top and foot."""
        return (self.y0 + self.y1) / 2


def is_number(text: str) -> bool:
    """Whether a word is a figure of a table (333,000 · 12.5% · (3) · – · n.a.)."""
    return _NUMBER.fullmatch(text.strip()) is not None


def is_figure(text: str) -> bool:
    """Whether a word is a number with digits."""
    return any(char.isdigit() for char in text) and is_number(text)


@dataclass(frozen=True, slots=True)
class TextLine:
    """Words that stand beside one another, from left to right."""

    words: tuple[Word, ...]
    y0: float
    y1: float

    @property
    def height(self) -> float:
        """Height of the box in points."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Half way between top and foot."""
        return (self.y0 + self.y1) / 2

    @property
    def x0(self) -> float:
        """Left side of the first word."""
        return self.words[0].x0

    @property
    def x1(self) -> float:
        """Right side of the word that reaches furthest."""
        return max(word.x1 for word in self.words)


def words_to_lines(words: Iterable[Word]) -> list[TextLine]:
    """Put words on lines, from top to bottom. Raised and lowered marks stay on the line that they overlap.

    Figures set tight, with a gap between them that is wider than a space, are words of their own.
    """
    parted = [piece for word in words for piece in _part_figures(word)]
    lines: list[list[Word]] = []
    for word in sorted(parted, key=lambda word: word.middle):
        if lines and _is_beside(lines[-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_line(line) for line in lines]


def _part_figures(word: Word) -> list[Word]:
    if not word.cuts:
        return [word]
    ends = [0, *(cut.at for cut in word.cuts), len(word.text)]
    figures = [is_figure(word.text[a:b]) for a, b in pairwise(ends)]
    between = [cut for cut, pair in zip(word.cuts, pairwise(figures), strict=True) if all(pair)]
    return cut_word(word, between) if between else [word]


def _line(words: Sequence[Word]) -> TextLine:
    tallest = max(words, key=lambda word: word.height)
    joined: list[Word] = []
    for word in sorted(words, key=lambda word: word.x0):
        if joined and _is_joined(joined[-1], word):
            joined[-1] = _join(joined[-1], word)
        else:
            joined.append(word)
    return TextLine(tuple(joined), tallest.y0, tallest.y1)


def _is_joined(a: Word, b: Word) -> bool:
    height = min(a.height, b.height)
    gap = b.x0 - a.x1
    return gap < JOIN_GAP * height and not (gap > CUT_GAP * height and is_figure(a.text) and is_figure(b.text))


def _join(a: Word, b: Word) -> Word:
    """Make one word of two that touch or nearly touch."""
    gap = b.x0 - a.x1
    space = " " if gap > 0.2 * min(a.height, b.height) else ""
    at = len(a.text) + len(space)
    cuts = [*a.cuts, *([Cut(at, a.x1, b.x0)] if space else []), *(cut._replace(at=cut.at + at) for cut in b.cuts)]
    return Word(
        a.text + space + b.text, a.x0, min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1), tuple(cuts)
    )  # fmt: skip


def cut_word(word: Word, cuts: Sequence[Cut]) -> list[Word]:
    """Part a word at some of its cuts."""
    starts = [0, *(cut.at for cut in cuts)]
    ends = [*(cut.at for cut in cuts), len(word.text)]
    lefts = [word.x0, *(cut.x1 for cut in cuts)]
    rights = [*(cut.x0 for cut in cuts), word.x1]
    return [
        Word(word.text[start:end].strip(), left, word.y0, right, word.y1)
        for start, end, left, right in zip(starts, ends, lefts, rights, strict=True)
    ]


def _is_beside(line: Sequence[Word], word: Word) -> bool:
    """Whether a word overlaps a line by half of the smaller one's height."""
    first, last = max(line, key=lambda other: other.height), line[-1]
    return any(
        min(other.y1, word.y1) - max(other.y0, word.y0) > 0.55 * min(other.height, word.height)
        and abs(other.middle - word.middle) < 0.5 * max(other.height, word.height)
        for other in (first, last)
    )
