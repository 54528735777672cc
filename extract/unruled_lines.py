"""Words into printed lines, and lines into blocks that may be tables: plain geometry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Segment", "TextLine", "Word", "is_number", "words_to_lines"]

Segment = tuple[float, float, float]
"""(place across, start, end) in points: y, x0, x1 of a horizontal rule; x, y0, y1 of a vertical one."""

# A number as tables print it: signs, brackets, currency, per cent, ranges, and the marks for "none".
_NUMBER = re.compile(
    r"[(（]?[-+−–<>=≥≤≈~±*]*\s*[$€£¥￥]?\s*\d[\d,.\s'’]*(?:[-–—/:×]\d[\d,.]*)?\s*(?:%|％|‰|[a-z*†‡]{1,2}|万|亿|元|万元)?[)）]?[*†‡]*"
    r"|[-–—−.·/*…]{1,3}|n\.?[/.]?a\.?|NA|\.\.",
    re.IGNORECASE,
)


class Word(NamedTuple):
    """A piece of a printed line that no wide gap parts, and its box in points from the top left of the page."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2


def is_number(text: str) -> bool:
    """Whether a word is a figure of a table (333,000 · 12.5% · (3) · – · n.a.)."""
    return _NUMBER.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class TextLine:
    """Words that stand beside one another, from left to right."""

    words: tuple[Word, ...]
    y0: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def x0(self) -> float:
        return self.words[0].x0

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)


def words_to_lines(words: Iterable[Word]) -> list[TextLine]:
    """Put words on lines, from top to bottom. Raised and lowered marks stay on the line that they overlap."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.middle):
        if lines and _is_beside(lines[-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_line(line) for line in lines]


def _line(words: Sequence[Word]) -> TextLine:
    tallest = max(words, key=lambda word: word.height)
    ordered = tuple(sorted(words, key=lambda word: word.x0))
    return TextLine(ordered, tallest.y0, tallest.y1)


def _is_beside(line: Sequence[Word], word: Word) -> bool:
    """Whether a word overlaps a line by half of the smaller one's height."""
    first, last = max(line, key=lambda other: other.height), line[-1]
    return any(
        min(other.y1, word.y1) - max(other.y0, word.y0) > 0.55 * min(other.height, word.height)
        and abs(other.middle - word.middle) < 0.5 * max(other.height, word.height)
        for other in (first, last)
    )
