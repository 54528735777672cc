"""Raw tables as a reader of pictures gives them: literal texts with confidences and rivals, and seeded mistakes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from model import Cell, Content, Line, Method, Reading, Rival, Table

SURE = 0.9995
_TABLE = Path(__file__).resolve().parents[2] / "normalize" / "tables" / "confusions.csv"

Doubts = Mapping[int, tuple[float, Sequence[tuple[str, float]]]]
"""Place of a character to its confidence and its rivals, each with its own."""


def reading(text: str, doubts: Doubts | None = None) -> Reading:
    """The reading of a text of which only some characters are in doubt."""
    doubts = doubts or {}
    confidences = tuple(doubts[n][0] if n in doubts else SURE for n in range(len(text)))
    rivals = (Rival(n, n + 1, other, p) for n, (_, others) in sorted(doubts.items()) for other, p in others)
    return Reading(confidences, tuple(rivals))


def recognised(content: Content, readings: Mapping[str, Reading] | None = None) -> Content:
    """The content as off pictures: all texts sure but those with a reading of their own."""
    readings = readings or {}

    def read(text: str) -> tuple[str, Reading | None]:
        return text, readings.get(text, reading(text))

    return with_readings(content, read)


def with_readings(content: Content, read: Callable[[str], tuple[str, Reading | None]]) -> Content:
    """The content as a reader gives it: each text what `read` makes of it."""
    return Content(tuple(_block(block, read) for block in content.blocks))


def _block(block: Table | Line, read: Callable[[str], tuple[str, Reading | None]]) -> Table | Line:
    if isinstance(block, Line):
        text, made = read(block.text)
        return replace(block, text=text, reading=made)
    cells = tuple(_cell(cell, *read(cell.text)) if cell.text else cell for cell in block.cells)
    return replace(block, method=Method.OCR, cells=cells)


def _cell(cell: Cell, text: str, made: Reading | None) -> Cell:
    return replace(cell, text=text, lines=(text,), shown=None, reading=made)


# ---------------------------------------------------------------------------------------------------------------------
# Mistakes
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """A reader that makes the table's mistakes.

    `wrong`: how often a character that can be mistaken is; `listed`: how often the right one is then among the rivals;
    `doubted`: how often a character is right, but not sure; `bold`: how often a mistake of signs that look the same is
    made with full confidence.
    """

    random: Random
    wrong: float = 0.03
    listed: float = 0.9
    doubted: float = 0.01
    bold: float = 0.3

    def read(self, text: str) -> tuple[str, Reading]:
        """The text as read and how sure."""
        out: list[str] = []
        confidences: list[float] = []
        rivals: list[Rival] = []
        for char in text:
            mistakes = _MISTAKES.get(char, ())
            place = len(out)
            if mistakes and self.random.random() < self.wrong:
                taken, always = self.random.choice(mistakes)
                own = SURE if always and self.random.random() < self.bold else self.random.uniform(0.35, 0.85)
                if own < SURE and self.random.random() < self.listed:
                    rivals.append(Rival(place, place + 1, char, round(self.random.uniform(0.05, 1 - own), 3)))
                out.append(taken)
            else:
                doubt = self.random.random() < self.doubted
                own = self.random.uniform(0.5, 0.89) if doubt else self.random.uniform(0.96, 1.0) if text[1:] else SURE
                if doubt and mistakes:
                    other = self.random.choice(mistakes)[0]
                    rivals.append(Rival(place, place + 1, other, round(self.random.uniform(0.02, 1 - own), 3)))
                out.append(char)
            confidences.append(round(own, 3))
        return "".join(out), Reading(tuple(confidences), tuple(rivals))


def _mistakes() -> dict[str, tuple[tuple[str, bool], ...]]:
    """What each character may be read as, from the table of confusions: single signs anywhere in a text."""
    found: dict[str, tuple[tuple[str, bool], ...]] = {}
    with _TABLE.open(encoding="utf-8", newline="") as file:
        lines = csv.DictReader(line for line in file if not line.startswith("#"))
        for case in lines:
            if len(case["read"]) == len(case["meant"]) == 1:
                one = (case["read"], case["used"] == "always")
                found[case["meant"]] = (*found.get(case["meant"], ()), one)
    return found


_MISTAKES = _mistakes()
