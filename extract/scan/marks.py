"""Marks that a recogniser cannot tell apart by their shape: full or half width, dash or 一, and spaces that are none.

What tells a full-width mark from a half-width one is the white beside it, which the line's ink shows: （ has its ink in
the right half of a letter's square, ）：；， in the left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from extract.scan.recognise import Recognised
from extract.scan.signs import STROKES, Bools, ink_runs, lone_sign
from model import Reading, Rival

__all__ = ["Bools", "Marked", "read_marks", "read_stack", "settle_marks"]

_FULL = dict(zip("(:;,!?)[]", "（：；，！？）［］", strict=True))
_HALF = {full: half for half, full in _FULL.items()}
_OPENING = frozenset("([")
_PAIRS = {"(": ")", "[": "]"}
# White beside a mark, in letters' squares, from which on it is full-width, and up to which it is half-width.
_WIDE, _TIGHT = 0.36, 0.27
# A space beside Chinese letters is one only where the gap is this wide, in squares.
_SPACE = 1.4
# What dashes and equals signs are read as: as sure as that reading.
_ALIKE = STROKES | frozenset("=＝﹦二ニ")
_SEEN = 0.97
"""How sure a dash is whose ink shows it."""
_LIKELIER = 0.6
"""The same for a % that was read as a digit: the column decides."""
# ‰ is read as % and a 0.
_PER_MILLE = re.compile(r"(?<=\d)[%％][0oO〇](?!\d)")
_LOOKALIKES = str.maketrans({"☐": "□", "．": ".", "﹣": "-"})


@dataclass(frozen=True, slots=True)
class Marked:
    """A line recognised, its spaces and marks put right. `open_marks` are the places whose width the line's ink does
    not tell."""

    text: str
    reading: Reading
    open_marks: tuple[int, ...] = ()


def read_marks(line: Recognised, ink: Bools, height: float) -> Marked:
    """Put right what the ink of a line tells. `ink` is the line's (rows x columns, without padding), `height` the usual
    height of a line, in pixels; a letter's square is a little larger."""
    square = height / 0.9
    sign = lone_sign(line.text, ink, height)
    if sign is not None:
        return _seen(line, sign)
    line = replace(line, text=_PER_MILLE.sub("‰ ", line.text)) if "%" in line.text else line
    kept = _kept(line, ink.shape[1] / square)
    marked = _keep(line, kept)
    runs = ink_runs(np.asarray(ink.any(axis=0)))
    places = [place for char, place in zip(line.text, line.places, strict=True)]
    open_marks = []
    for at, source in enumerate(kept):
        half = _HALF.get(marked.text[at], marked.text[at])
        if half not in _FULL:
            continue
        if at and at + 1 < len(kept) and marked.text[at - 1].isdigit() and marked.text[at + 1].isdigit():
            marked = _changed(marked, at, half)  # 1,234 and 1:1
            continue
        white = _white(runs, places[source] * ink.shape[1], before=half in _OPENING, square=square)
        if white is None or _TIGHT < white < _WIDE:
            open_marks.append(at)
        else:
            marked = _changed(marked, at, _FULL[half] if white >= _WIDE else half)
    return replace(marked, open_marks=tuple(open_marks))


def _seen(line: Recognised, sign: str) -> Marked:
    """A sign whose ink shows it, whatever it was read as: the recogniser sees a lone stroke without its size. A digit
    remains as a rival: what a seal leaves beside a 9 looks like a %."""
    if line.text == sign:
        return Marked(sign, line.reading)
    if sign == "%" and line.text.isdigit():
        return Marked(sign, Reading((_LIKELIER,), (Rival(0, 1, line.text, 1 - _LIKELIER),)))
    return Marked(sign, Reading((max(line.confidence if line.text in _ALIKE else 0.0, _SEEN),)))


def _kept(line: Recognised, width: float) -> list[int]:
    """The characters that are kept: all but spaces beside Chinese letters where the gap is no wider than justified
    setting makes it. `width` is the line's, in squares."""
    kept = []
    last = len(line.text) - 1
    for at, char in enumerate(line.text):
        if char == " ":
            inside = 0 < at < last
            beside = inside and (line.text[at - 1] > "\u2000" or line.text[at + 1] > "\u2000")
            if not inside or (beside and (line.places[at + 1] - line.places[at - 1]) * width < _SPACE + 0.9):
                continue
        kept.append(at)
    return kept


def read_stack(line: Recognised) -> Marked:
    """Letters that stand one under another: spaces between them are none."""
    return _keep(line, [at for at, char in enumerate(line.text) if char != " "])


def _keep(line: Recognised, kept: Sequence[int]) -> Marked:
    """The line's characters that are kept, look-alikes folded."""
    text = "".join(line.text[at] for at in kept).translate(_LOOKALIKES)
    if len(kept) == len(line.text):
        return Marked(text, line.reading)
    place = {at: new for new, at in enumerate(kept)}
    rivals = [
        Rival(place[r.start], place[r.start] + (r.end - r.start), r.text, r.confidence)
        for r in line.reading.rivals if r.start in place and r.text != " "
    ]  # fmt: skip
    confidences = tuple(line.reading.confidences[at] for at in kept)
    return Marked(text, Reading(confidences, tuple(rivals)))


def _white(runs: Sequence[tuple[int, int]], place: float, *, before: bool, square: float) -> float | None:
    """The white before (or behind) the mark that stands at a place, in squares; None at the line's end, or where the
    mark cannot be made out."""
    near = [n for n, (a, b) in enumerate(runs) if b - a < 0.45 * square and abs((a + b) / 2 - place) < 0.6 * square]
    if not near:
        return None
    mine = min(near, key=lambda n: abs((runs[n][0] + runs[n][1]) / 2 - place))
    other = mine - 1 if before else mine + 1
    if not 0 <= other < len(runs):
        return None
    return (runs[mine][0] - runs[other][1] if before else runs[other][0] - runs[mine][1]) / square


def _changed(marked: Marked, at: int, char: str) -> Marked:
    """The line with another character at a place, as sure as both readings of it together."""
    if marked.text[at] == char:
        return marked
    mine = [r for r in marked.reading.rivals if r.start == at and r.end == at + 1 and r.text == char]
    rest = tuple(r for r in marked.reading.rivals if r not in mine)
    sure = list(marked.reading.confidences)
    sure[at] = min(sure[at] + sum(r.confidence for r in mine), 1.0)
    return replace(
        marked, text=marked.text[:at] + char + marked.text[at + 1 :], reading=Reading(tuple(sure), rest)
    )


# ---------------------------------------------------------------------------------------------------------------------
# Marks at the ends of lines
# ---------------------------------------------------------------------------------------------------------------------


def settle_marks(cells: Sequence[Sequence[Marked]]) -> list[list[Marked]]:
    """The lines of cells with all marks settled: a bracket is as wide as its other half, other marks as most of the
    page's are; full-width beside Chinese letters where nothing tells."""
    votes: Counter[bool] = Counter()
    for lines in cells:
        for line in lines:
            votes.update(
                char in _HALF for at, char in enumerate(line.text)
                if at not in line.open_marks and (char in _HALF or char in _FULL) and not _in_number(line.text, at)
            )  # fmt: skip
    full = votes[True] >= votes[False]
    return [_settle_cell(list(lines), full=full) for lines in cells]


def _in_number(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit()


def _settle_cell(lines: list[Marked], *, full: bool) -> list[Marked]:
    if not any(line.open_marks for line in lines):
        return lines
    open_places = {(n, at) for n, line in enumerate(lines) for at in line.open_marks}
    partner = _partners(lines)
    chinese = any(char > "\u2e80" for line in lines for char in line.text)
    for n, at in sorted(open_places):
        char = lines[n].text[at]
        half = _HALF.get(char, char)
        other = partner.get((n, at))
        if other is not None and other not in open_places:
            wide = lines[other[0]].text[other[1]] in _HALF
        else:
            wide = full if chinese else char in _HALF
        lines[n] = _changed(lines[n], at, _FULL[half] if wide else half)
    return [replace(line, open_marks=()) for line in lines]


def _partners(lines: Sequence[Marked]) -> dict[tuple[int, int], tuple[int, int]]:
    """The other half of each bracket of a cell, by line and place."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    waiting: list[tuple[str, tuple[int, int]]] = []
    for n, line in enumerate(lines):
        for at, char in enumerate(line.text):
            half = _HALF.get(char, char)
            if half in _PAIRS:
                waiting.append((_PAIRS[half], (n, at)))
            elif waiting and half == waiting[-1][0]:
                first = waiting.pop()[1]
                found[first], found[n, at] = (n, at), first
    return found
