"""Pieces of rules put together: those on one line are one rule, with the breaks between them, unless a cell parts them.

All in pixels, described for horizontal rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from extract.grid import Segment

__all__ = ["RUN", "Frame", "Piece", "Runs", "join_pieces"]

Bytes = npt.NDArray[np.uint8]

# All in points. A run of ink this long is a rule, or a stroke of a title's letter, which crosses no other rule.
RUN = 15.0
# Strokes of neighbouring letters run on over two or three of them; where text touches a broken rule from both sides, a
# longer piece is the rule's, if the rest of the rule is known.
_NO_LETTERS = 36.0
# Pieces of one rule lie so far apart at most.
_APART = 34.0
# Places of one line differ by so much: rules lean by a pixel or two.
_SAME_LINE = 1.4
# A lone piece is a whole side of a low row from this length on, if both of its ends lie as near to rules across as this
# share of what counts as near. Without it a broken line in rows of 14 points stays in pieces.
_LOW_ROW, _TIGHT = 7.5, 0.75
# On a line with less that is long, brackets that stand one under another in low rows pass for more of it.
_KNOWN = 22.0
# Letters and brackets are no higher than this; so many sides of low rows on one line, each whole, make it a rule.
_HIGHER, _LOW_SIDES = 11.5, 2
# An end is at a rule across within this; a narrower gap parts nothing.
_AT_A_RULE, _NEAR_A_RULE = 2.6, 1.6
# Share of a broken rule that must be there.
_THERE = 0.42
# Share of it that long pieces must be.
_LONG_ONES = 0.25

Frame = tuple[int, int, int, int]


class Piece(NamedTuple):
    """A piece of a rule: its place, where it starts and ends, and the box of its ink (x, y, width, height). `is_lone`:
    nothing at all stands beside it, as the strokes of 日 stand beside its sides."""

    place: float
    start: float
    end: float
    box: Frame
    is_lone: bool = False

    @property
    def length(self) -> float:
        """How far it runs."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Runs:
    """Pieces of rules in one direction, and the ink that they are boxes of. `tight` are long ones between lines of
    text, rules only if they reach from one rule across to another."""

    long: list[Piece]
    short: list[Piece]
    tight: list[Piece]
    ink: Bytes


def join_pieces(runs: Runs, across: Sequence[Piece], scale: float) -> tuple[list[Segment], list[Piece]]:
    """Rules from pieces, and the pieces that went into them: those on one line that lie near enough, unless the gap
    reaches from one rule across to another, which is a cell that spans rows or columns."""
    rules: list[Segment] = []
    used: list[Piece] = []
    tight = [
        piece for piece in runs.tight
        if _spans(piece, across, scale)
        or (piece.length >= _NO_LETTERS * scale and _is_on_line(piece, runs.long, _SAME_LINE * scale))
    ]  # fmt: skip
    for line in _lines([*runs.long, *runs.short, *tight], _SAME_LINE * scale):
        known = sum(piece.length for piece in line if piece.length >= RUN * scale)
        low = [piece for piece in line if not known and _is_low_side(piece, across, scale)]
        if not known and len(low) < _LOW_SIDES:
            continue
        if known and known < _KNOWN * scale:  # brackets in low rows are as high as these
            line = [piece for piece in line if piece.length >= RUN * scale]
        for pieces in _chains(line, across, scale):
            chain = _trimmed(pieces, across, scale)
            if not chain:
                continue
            start, end = chain[0].start, max(piece.end for piece in chain)
            there = sum(piece.length for piece in chain)
            long = [piece for piece in chain if _is_long(piece, across, scale)]
            sure = sum(piece.length for piece in long)
            if there >= _THERE * (end - start) and sure >= _LONG_ONES * (end - start):
                rules.append((sum(piece.place * piece.length for piece in chain) / there, start, end))
                used += chain
            else:
                rules += [(piece.place, piece.start, piece.end) for piece in long]
                used += long
    return rules, used


def _is_on_line(piece: Piece, long: Sequence[Piece], reach: float) -> bool:
    """Whether longer rules run on in line with a piece."""
    return sum(other.length for other in long if abs(other.place - piece.place) <= reach) > piece.length


def _lines(pieces: Sequence[Piece], reach: float) -> Iterator[list[Piece]]:
    """Pieces sorted into lines by their place."""
    line: list[Piece] = []
    for piece in sorted(pieces):
        if line and piece.place - line[-1].place > reach:
            yield line
            line = []
        line.append(piece)
    if line:
        yield line


def _chains(line: Sequence[Piece], across: Sequence[Piece], scale: float) -> Iterator[list[Piece]]:
    """The pieces of a line in order, parted where a gap is too wide or is a cell's whole side."""
    ordered = sorted(line, key=lambda piece: piece.start)
    chain = [ordered[0]]
    for piece in ordered[1:]:
        start = max(before.end for before in chain)
        if piece.start - start > _APART * scale or _is_side(piece.place, start, piece.start, across, scale):
            yield chain
            chain = []
        chain.append(piece)
    yield chain


def _trimmed(chain: list[Piece], across: Sequence[Piece], scale: float) -> list[Piece]:
    """The chain from its first to its last long piece; short ones beyond count where they end at a rule across: the
    others are strokes of letters, and tick boxes."""
    places = [n for n, piece in enumerate(chain) if _is_long(piece, across, scale)]
    if not places:
        return []
    first, last = places[0], places[-1]
    if first and _ends_at(chain[0].place, chain[0].start, across, scale):
        first = 0
    if last < len(chain) - 1 and _ends_at(chain[-1].place, chain[-1].end, across, scale):
        last = len(chain) - 1
    return chain[first : last + 1]


def _is_long(piece: Piece, across: Sequence[Piece], scale: float) -> bool:
    """Whether a piece is a rule by itself: it is long, or it reaches from one rule across to the next, as the sides of
    low rows do."""
    if piece.length >= RUN * scale:
        return True
    return piece.is_lone and piece.length >= _LOW_ROW * scale and _spans(piece, across, scale * _TIGHT)


def _is_low_side(piece: Piece, across: Sequence[Piece], scale: float) -> bool:
    """Whether a piece is the whole side of a row that is lower than runs that are rules by themselves, but higher than
    letters."""
    is_high = _HIGHER * scale <= piece.length < RUN * scale
    return is_high and piece.is_lone and _spans(piece, across, scale * _TIGHT)


def _spans(piece: Piece, across: Sequence[Piece], scale: float) -> bool:
    """Whether a piece reaches from one rule across to another."""
    return all(_ends_at(piece.place, end, across, scale) for end in (piece.start, piece.end))


def _ends_at(place: float, end: float, across: Sequence[Piece], scale: float) -> bool:
    reach = _AT_A_RULE * scale
    return any(abs(x - end) < reach and y0 - reach < place < y1 + reach for x, y0, y1, *_ in across)


def _is_side(place: float, start: float, end: float, across: Sequence[Piece], scale: float) -> bool:
    """Whether a gap's two ends lie at rules across it, or one does and the gap is wide: what stands in it is a dash in
    the middle of a cell."""
    if end - start <= _NEAR_A_RULE * scale:
        return False
    at_rules = sum(_ends_at(place, at, across, scale) for at in (start, end))
    return at_rules > 0
