"""How near a recognised text is to a known word: what is left out, what is another character, what is junk beside it.

A seal or a stain over print takes characters away and leaves strokes: 度量单位 was read as 1度量位-, each character
with full confidence. Confusions and rivals do not lead back to the word; what remains of it does, where the place says
what kind of word stands there.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from model import Reading
from normalize.cases import Case
from normalize.reading_trust import LEAST_MISSED, SURE_NUMBER, missed

__all__ = ["Nearness", "core_of", "cores_of", "nearest", "nearness"]

_WORD = re.compile(r"(?!丨)[\u3400-\u9fff]")
_REMARK = re.compile(r"(?:[(（][^()（）]*[)）]?\s*)*")
_OPENED = re.compile(r"[(（]")
_SHORTEST = 4  # characters of a word; of shorter ones too little is left
_LONG = 6
_LONGEST = 40  # characters of a text that may be a word


@dataclass(frozen=True, slots=True)
class Nearness:
    """How a text differs from a word: places of its characters that the word has otherwise, places before which some
    of the word's are missing, places of junk."""

    other: tuple[int, ...]
    missing: tuple[int, ...]
    junk: tuple[int, ...]

    @property
    def distance(self) -> int:
        """How many characters of the word were not read."""
        return len(self.other) + len(self.missing)


def core_of(text: str) -> tuple[str, int]:
    """The Han characters of a text before its first bracket, and where that stands: remarks stand in brackets."""
    opened = _OPENED.search(text)
    end = opened.start() if opened else len(text)
    return "".join(_WORD.findall(text[:end])), end


def cores_of(cases: Iterable[Case]) -> list[str]:
    """The words that a table's cases give as printed examples, freed from what stands in brackets, each once."""
    return list(dict.fromkeys(core_of(one)[0] for case in cases for one in case["examples"].split(";")))


def nearness(text: str, word: str) -> Nearness | None:
    """How a text differs from a word of Han characters, None where it is not near: more than one character of four or
    five, or two of six and more, is missing or another, or the text has characters between that the word has not."""
    core, end = core_of(text)
    allowed = 2 if len(word) >= _LONG else 1
    if len(word) < _SHORTEST or not 0 <= len(word) - len(core) <= allowed:
        return None
    places = [n for n in range(end) if _WORD.match(text[n])]
    found = min(_alignments(core, word, allowed), key=lambda pair: len(pair[0]) + len(pair[1]), default=None)
    if found is None:
        return None
    behind = (*places, places[-1] + 1)
    junk = tuple(n for n in range(end) if n not in places and not text[n].isspace())
    return Nearness(tuple(places[n] for n in found[0]), tuple(behind[n] for n in found[1]), junk)


def _alignments(core: str, word: str, allowed: int, at: int = 0) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """All ways to lay a text along a word: which of its characters differ, and before which some are missing."""
    rest, left = core[at:], word
    same = 0
    while same < min(len(rest), len(left)) and rest[same] == left[same]:
        same += 1
    at, rest, left = at + same, rest[same:], left[same:]
    if not rest or not left:
        if not rest and len(left) <= allowed:
            yield (), (at,) * len(left)
        return
    if not allowed:
        return
    for other, missing in _alignments(core, left[1:], allowed - 1, at + 1):
        yield (at, *other), missing
    for other, missing in _alignments(core, left[1:], allowed - 1, at):
        yield other, (at, *missing)


def nearest(text: str, reading: Reading, words: Mapping[str, Hashable], *, seen: bool = False) -> str | None:
    """The word that a text is near to, None where it is near to words of several meanings (`words`: each with its own).

    One character may be another than the word's, and must be one that the reader doubts: 完成率 is no 完成值 that was
    badly read. That something is missing must show as well: by a stroke that belongs to no word, or by a doubt of the
    reader at the very place. With `seen` nothing may be otherwise (科目编码 is no 项目编码), and the reader itself must
    think that something stands where a character is missing.
    """
    core, end = core_of(text)
    if len(text) > _LONGEST or not core or not _REMARK.fullmatch(text[end:]):
        return None
    if seen and all(one.start < one.end for one in reading.rivals):
        return None
    found = {word: near for word in words if (near := nearness(text, word)) and _may_be(reading, near, seen=seen)}
    if len({words[word] for word in found}) != 1:
        return None
    return min(found, key=lambda word: found[word].distance)


def _may_be(reading: Reading, near: Nearness, *, seen: bool) -> bool:
    if len(near.other) > 1 or any(reading.confidences[n] >= SURE_NUMBER for n in near.other):
        return False
    if not seen:
        places = [_is_doubted(reading, n) for n in near.missing]
        return bool(near.junk or near.other) or (bool(places) and all(places))
    is_missed = all(missed(reading, n) >= LEAST_MISSED for n in near.missing)
    return is_missed and not near.junk and not near.other


def _is_doubted(reading: Reading, place: int) -> bool:
    """Whether the reader was not sure of what stands around a place where a character is missing; at the end of a text
    nothing shows that anything is, and short names are printed."""
    return place < len(reading.confidences) and min(reading.confidences[max(place - 1, 0) : place + 1]) < SURE_NUMBER
