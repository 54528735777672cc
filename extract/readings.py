"""How sure a text is that was joined from others."""

from __future__ import annotations

from collections.abc import Iterable

from model import Reading, Rival

__all__ = ["join_readings"]


def join_readings(parts: Iterable[tuple[str, Reading | None]], joined: str) -> Reading | None:
    """The reading of `joined`, a text made of the parts in order with spaces between them; None where no part has one.

    What joining put in, and parts without a reading (text of the file itself), are sure.
    """
    known = [(text, reading) for text, reading in parts if text]
    if all(reading is None for _, reading in known):
        return None
    confidences: list[float] = []
    rivals: list[Rival] = []
    at = 0
    for text, reading in known:
        start = joined.find(text, at)
        if start < 0:  # the parts hold the same text twice, of which one copy was kept
            continue
        confidences += [1.0] * (start - at)
        confidences += reading.confidences if reading is not None else (1.0,) * len(text)
        if reading is not None:
            rivals += [Rival(r.start + start, r.end + start, r.text, r.confidence) for r in reading.rivals]
        at = start + len(text)
    confidences += [1.0] * (len(joined) - at)
    hidden = any(reading is not None and reading.hidden for _, reading in known)
    return Reading(tuple(confidences), tuple(rivals), hidden)
