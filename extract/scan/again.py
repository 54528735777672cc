"""A second look at lines that were read unsurely: the same line, otherwise presented, and the surer reading taken.

A lone % or ≥ says little to a recogniser that was trained on words: three of them side by side are read right where
one is not. What the other looks gave stays as a rival reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from extract.scan.recognise import Gray, Recognised, Recogniser
from model import Reading, Rival

__all__ = ["less_sure", "read_surely", "surer"]

# A line whose least sure character is surer than this is not looked at again; lone letters need more.
_SURE, _LONE_SURE = 0.72, 0.96
# Lone letters are narrower than this, in heights.
_LONE = 1.5
_COPIES = 3
# A character that another look leaves out is kept if it is as sure as this.
_KEPT = 0.5
_GAP = 8


def read_surely(recogniser: Recogniser, pictures: Sequence[Gray], height: float) -> list[Recognised]:
    """The text of each picture (one line, upright). `height` is the usual height of a line, in pixels."""
    lines = recogniser.read_lines(pictures)
    lone = [n for n, picture in enumerate(pictures) if _is_lone(picture, height) and _least(lines[n]) < _LONE_SURE]
    other = [n for n in range(len(lines)) if n not in set(lone) and 0 < _least(lines[n]) < _SURE]
    for n, again in zip(lone, recogniser.read_lines([_copied(pictures[n]) for n in lone]), strict=True):
        lines[n] = surer(lines[n], _one_of(again))
    for look in (_roomy, _plain):
        for n, again in zip(other, recogniser.read_lines([look(pictures[n]) for n in other]), strict=True):
            lines[n] = surer(lines[n], again)
    return lines


def _least(line: Recognised) -> float:
    return min(line.reading.confidences, default=0.0)


def _is_lone(picture: Gray, height: float) -> bool:
    columns = np.flatnonzero((picture < 200).any(axis=0))
    return bool(len(columns)) and columns[-1] - columns[0] < _LONE * height


def _copied(picture: Gray) -> Gray:
    """The letter three times side by side."""
    columns = np.flatnonzero((picture < 200).any(axis=0))
    letter = picture[:, max(columns[0] - 1, 0) : columns[-1] + 2]
    gap = np.full((picture.shape[0], _GAP), 255, np.uint8)
    return np.hstack([letter, gap] * (_COPIES - 1) + [letter])


def _one_of(copies: Recognised) -> Recognised:
    """The letter that most copies were read as, as sure as its surest copy."""
    counts = Counter(char for char in copies.text if char != " ")
    if not counts:
        return replace(copies, text="", reading=Reading(()), places=())
    char, count = counts.most_common(1)[0]
    sure = [c for c, known in zip(copies.reading.confidences, copies.text, strict=True) if known == char]
    share = min(count / _COPIES, 1.0) if len(counts) > 1 or count < _COPIES else 1.0
    return Recognised(char, Reading((max(sure) * share,)), (0.5,))


def _roomy(picture: Gray) -> Gray:
    """The line with more paper over and under it, so that its letters are smaller to the recogniser."""
    room = max(2, picture.shape[0] // 7)
    return np.pad(picture, ((room, room), (room, room)), constant_values=255)


def _plain(picture: Gray) -> Gray:
    """The line in stronger contrast: pale residues of seals and creases go."""
    dark = int(np.percentile(picture, 3))
    middle = (dark + 255) / 2
    curve = np.clip((np.arange(256, dtype=np.float32) - dark) * 255 / max(middle * 1.15 - dark, 1), 0, 255)
    plain: Gray = curve.astype(np.uint8)[picture]
    return plain


def surer(first: Recognised, second: Recognised, kept: float = _KEPT) -> Recognised:
    """The surer of two readings of one line, the other one among its rivals where their texts differ. What the second
    has beyond the first must be as sure as `kept`."""
    if first.text == second.text:
        return first if first.confidence >= second.confidence else replace(second, reading=_with(second, first))
    better, worse = _better(first, second, kept)
    return replace(better, reading=_with(better, worse))


def less_sure(line: Recognised, most: float) -> Recognised:
    """The line with no character surer than `most`."""
    confidences = tuple(min(one, most) for one in line.reading.confidences)
    return replace(line, reading=replace(line.reading, confidences=confidences))


def _better(first: Recognised, second: Recognised, kept: float) -> tuple[Recognised, Recognised]:
    """Of two readings the surer one first. Where one only leaves something out, that must have been unsure: means of
    confidences favour what is left out."""
    short, long = sorted((first, second), key=lambda line: len(line.text))
    extra = _extra(short.text, long.text)
    if extra:
        sure = min(long.reading.confidences[at] for at in extra)
        least = kept if long is second else _KEPT
        return (long, short) if sure >= least or not short.text else (short, long)
    return (first, second) if first.confidence >= second.confidence else (second, first)


def _extra(short: str, long: str) -> list[int]:
    """The places in the longer text that the shorter leaves out; none where it is another text."""
    extra, at = [], 0
    for place, char in enumerate(long):
        if at < len(short) and char == short[at]:
            at += 1
        else:
            extra.append(place)
    return extra if at == len(short) else []


def _with(line: Recognised, other: Recognised) -> Reading:
    """The line's reading with what the other reading has in its place, as rivals, character by character where both
    are as long, else as a whole."""
    mine, theirs = line.text, other.text
    sure = other.reading.confidences
    if len(mine) == len(theirs):
        new = [Rival(n, n + 1, b, sure[n]) for n, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b]
    elif theirs:
        new = [Rival(0, len(mine), theirs, other.confidence)]
    else:
        new = []
    known = {(rival.start, rival.end, rival.text) for rival in line.reading.rivals}
    added = [rival for rival in new if (rival.start, rival.end, rival.text) not in known]
    rivals = sorted([*line.reading.rivals, *added], key=lambda rival: (rival.start, rival.end))
    return Reading(line.reading.confidences, tuple(rivals))
