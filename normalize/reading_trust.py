"""How sure a recognised text is, and from where on that counts as sure: the thresholds of reading with doubt.

The figures are probabilities as recognisers of the PP-OCR family give them for each character. They are all here, so
that other measurements can replace them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from model import Cell, Line, Reading
from normalize.cases import fold
from normalize.confusions import is_lone_stroke

__all__ = [
    "DECISIVE",
    "LEAST_MISSED",
    "LEAST_RIVAL",
    "LOOKED_AGAIN",
    "MOST_CHANGES",
    "MOST_OPTIONS",
    "PAIR_ODDS",
    "SEEN_AGAIN",
    "SETTLING_ODDS",
    "SURE_NUMBER",
    "SURE_STROKE",
    "SURE_TEXT",
    "TABLE_ODDS",
    "aligned",
    "confidence_of",
    "missed",
    "overlaps",
    "threshold_of",
    "unsure_places",
]

SURE_NUMBER = 0.95
"""A digit, sign or separator read with at least this is sure; with less it needs arithmetic, or its row is flagged.

Of 6,000 digits on rendered pages of 110 to 200 dpi 14 were wrong, the surest with 0.90; of the right ones none had less
than 0.97 from 130 dpi on, and 2 in 100 at 110 dpi.
"""

SURE_STROKE = 0.996
"""A lone stroke (1, 7, 一, —, /) is sure with this: a crop without anything beside it shows neither size nor height.

Dashes were read as 1 with 0.994, slashes as 7 with 0.98; what was a 1 had 0.9999, a 7 0.9965.
"""

SURE_TEXT = 0.50
"""A character of a name, reason, unit or label read with at least this is sure; with less the cell is flagged once."""

LEAST_RIVAL = 0.02
"""Rivals below this are noise: the recogniser's long tail."""

LOOKED_AGAIN, SEEN_AGAIN = 0.5, 0.9
"""A rival for several characters is what the reader read when it looked again (in more room, without a seal's colour).
With so much it counts, and with so much more it counts where nothing else speaks for it."""

LEAST_MISSED = 0.1
"""What the reader thinks may stand where it read nothing, in sum, from which on something is missing there."""

TABLE_ODDS = 0.05
"""What a confusion that only the table knows is worth beside rivals, in odds against what was read."""

PAIR_ODDS = 1.0
"""The same for confusions of two signs and more (%0 for ‰), which by chance do not stand together, and for what looks
like another sign where it stands alone (品 for %)."""

SETTLING_ODDS = 0.2
"""A reading that alone fits a column is beyond doubt with these odds; with less its row is flagged too, unless the two
signs only look the same or the reading is a known word."""

DECISIVE = 4.0
"""Of several readings that fit, one must have this many times the odds of the next to be taken, and stays in doubt."""

MOST_CHANGES = 3
"""Changes that one text may need at once; more is guessing. The same confusion all over a text is one change."""

MOST_OPTIONS = 12
"""The likeliest changes of one text that are combined."""

# Han characters that are part of numbers; all others are words and units
_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百千万亿丨]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def aligned(block: Cell | Line) -> Reading | None:
    """The reading of a text, one confidence a character; None for a text that is the file's own.

    Where the confidences are not as many as the characters (a text joined from parts), each has the least of them and
    there are no rivals: doubt is then kept, and nothing is changed by it.
    """
    reading, text = block.reading, block.text
    if reading is None or not text:
        return None
    if len(reading.confidences) == len(text):
        return _folded(text, reading)
    return Reading((min(reading.confidences, default=0.0),) * len(text), hidden=reading.hidden)


def _folded(text: str, reading: Reading) -> Reading:
    """The reading without rivals that fold to what was read (a colon of either width), which count for it."""
    confidences = list(reading.confidences)
    rivals = []
    for rival in reading.rivals:
        if not 0 <= rival.start <= rival.end <= len(text):
            continue
        if fold(rival.text) != fold(text[rival.start : rival.end]):
            rivals.append(rival)
        elif rival.end - rival.start == 1:
            confidences[rival.start] = min(confidences[rival.start] + rival.confidence, 1.0)
    return Reading(tuple(confidences), tuple(rivals), reading.hidden)


def threshold_of(text: str, n: int) -> float:
    """From which confidence on a character of a text is sure: numbers and their signs ask for more than words."""
    if len(text.strip()) == 1:
        return SURE_STROKE if is_lone_stroke(text) else SURE_NUMBER
    return SURE_TEXT if _HAN.match(text[n]) and not _NUMERAL.match(text[n]) else SURE_NUMBER


def unsure_places(text: str, reading: Reading, *, words: bool = False) -> list[int]:
    """The places of characters that are not sure, white space left out; with `words` all are judged as words."""
    least = min(reading.confidences, default=1.0)
    if least >= SURE_STROKE or (words and least >= SURE_TEXT):
        return []
    return [
        n
        for n, (char, confidence) in enumerate(zip(text, reading.confidences, strict=True))
        if not char.isspace() and confidence < (SURE_TEXT if words else threshold_of(text, n))
    ]


def confidence_of(reading: Reading, start: int, end: int) -> float:
    """The least confidence of a part of a text; 1 for no part, where something may be missing."""
    return min(reading.confidences[start:end], default=1.0)


def missed(reading: Reading, place: int) -> float:
    """How much the reader thinks of anything that may stand before a character where it read nothing."""
    return sum(one.confidence for one in reading.rivals if one.start == one.end == place)


def overlaps(spans: Iterable[tuple[int, int]]) -> bool:
    """Whether any two parts of a text lie over each other, or something is put in twice at one place."""
    ordered = sorted(spans)
    return any(a[1] > b[0] or a == b for a, b in pairwise(ordered))
