"""Characters of recognised texts that make no word, where a rival of theirs makes one: 工作自标任务 for 工作目标任务.

Two witnesses speak for a rival, one is enough: the same words, surely read elsewhere in the document, whose forms
repeat their sentences; and the dictionary, which has a word with the rival and none with what was read. A character
that was hardly read is what alone stands between the same words elsewhere, and one that is missing stands there too, or
was seen when the reader looked again. Numbers and numerals are no words: 科目二 and 科目三 are as good as each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from model import Cell, Content, Line, Reading, Rival, Table
from normalize.confusions import confusions_in
from normalize.reading_trust import LEAST_MISSED, SEEN_AGAIN, aligned, missed, unsure_places
from normalize.readings import Edit
from normalize.words import word_frequency

__all__ = ["WordChoice", "decide_words"]

_HAN = re.compile(r"(?![〇零一二两三四五六七八九十百千万亿丨])[\u3400-\u9fff]")
# A character is in question below this, and a rival is a possibility from that on. Confident misreadings were seen with
# 0.88, beside rivals of 0.12.
_SURE, _LIKELY = 0.97, 0.05
# Words around a place that are looked for elsewhere, in characters, each surely read.
_WORDS = 5
_LONGEST_WORD = 4
_COMMON = 50
"""Occurrences from which on a word counts."""


_Between = Mapping[tuple[int, str], set[str]]
"""Place of a missing character and what stands around it, to the characters that it may be."""


class WordChoice(NamedTuple):
    """A text, what to change in it, and whether the document or the dictionary says so."""

    block: Cell | Line
    edits: tuple[Edit, ...]
    is_repeated: bool


def decide_words(content: Content) -> Iterator[WordChoice]:
    """The texts of a document with characters to be read otherwise."""
    texts = [(block, reading) for block in _texts(content) if (reading := aligned(block)) is not None]
    doubts = [list(_doubts(block.text, reading)) for block, reading in texts]
    gaps = [_gaps(block.text, reading) for block, reading in texts]
    is_asked = any(doubts) or any(gaps) or any(_misses_words(reading) for _, reading in texts)
    known = _surely_read(texts) if is_asked else frozenset()
    between = _characters_between(known) if any(gaps) else {}
    for (block, reading), found, hardly in zip(texts, doubts, gaps, strict=True):
        edits = dict(_of_rivals(block.text, found, known))
        for edit in _of_gaps(block.text, hardly, between):
            if all(edit.start != other.start for other in edits):
                edits[edit] = True
        edits.update(_of_missing(block.text, reading, known))
        if edits:
            yield WordChoice(block, tuple(edits), all(edits.values()))


def _of_rivals(text: str, doubts: Iterable[Rival], known: frozenset[str]) -> Iterator[tuple[Edit, bool]]:
    """The likeliest rivals that the document or the dictionary speaks for, each with whether the document does."""
    other = _with_twins(text)
    for rival in doubts:
        n = rival.start
        meant = other[:n] + rival.text + other[n + 1 :]
        said = _repeated(text, meant, n, known)
        if said or (said is None and _makes_a_word(text, meant, n)):
            yield Edit(n, n + 1, rival.text, rival.confidence or None), bool(said)


def _of_gaps(text: str, gaps: Sequence[int], between: _Between) -> Iterator[Edit]:
    """Characters that the reader hardly read, without a rival that helps, by what alone stands between the same words
    elsewhere: 排照年初预算 where the document surely prints 按照年初预算, and nothing else before 照年初预算."""
    for n in gaps:
        starts = range(max(n - _WORDS + 1, 0), min(n, len(text) - _WORDS) + 1)
        around = [_around_gap(text[start : start + _WORDS], n - start) for start in starts]
        found = {char for words in around for char in between.get(words, ())}
        if len(found) == 1 and _HAN.match(meant := found.pop()) and meant != text[n]:
            yield Edit(n, n + 1, meant)


def _of_missing(text: str, reading: Reading, known: frozenset[str]) -> dict[Edit, bool]:
    """A character that is missing and that the reader thinks of, and whether the same words stand elsewhere with it:
    照年初预算 for 按照年初预算; else the reader must have seen it when it looked again, 明提升 for 明显提升."""
    found: dict[Edit, bool] = {}
    for rival in reading.rivals:
        n, char = (rival.start, rival.text) if rival.start == rival.end else _one_more(text, rival)
        if not _HAN.fullmatch(char) or missed(reading, n) < LEAST_MISSED:
            continue
        meant = text[:n] + char + text[n:]
        places = range(max(n - _WORDS + 1, 0), min(n, len(meant) - _WORDS) + 1)
        is_repeated = any(meant[start : start + _WORDS] in known for start in places)
        if is_repeated or (rival.start < rival.end and rival.confidence >= SEEN_AGAIN):
            found[Edit(n, n, char)] = is_repeated
    return found if len(found) == 1 else {}


def _misses_words(reading: Reading) -> bool:
    return any(one.start == one.end and _HAN.match(one.text) for one in reading.rivals)


def _one_more(text: str, rival: Rival) -> tuple[int, str]:
    """Where a rival of several characters has one more than was read, and which; no character where it has not."""
    read = text[rival.start : rival.end]
    at = next((n for n, (a, b) in enumerate(zip(read, rival.text, strict=False)) if a != b), len(read))
    return rival.start + at, rival.text[at] if rival.text[:at] + rival.text[at + 1 :] == read != rival.text else ""


def _gaps(text: str, reading: Reading) -> list[int]:
    return [n for n in unsure_places(text, reading, words=True) if _HAN.match(text[n])]


def _characters_between(known: Iterable[str]) -> _Between:
    """What stands between words: for each stretch without one of its characters, which that may be."""
    found: dict[tuple[int, str], set[str]] = {}
    for stretch in known:
        for n, char in enumerate(stretch):
            found.setdefault(_around_gap(stretch, n), set()).add(char)
    return found


def _around_gap(stretch: str, n: int) -> tuple[int, str]:
    return n, stretch[:n] + stretch[n + 1 :]


def _texts(content: Content) -> Iterator[Cell | Line]:
    for block in content.blocks:
        yield from block.cells if isinstance(block, Table) else (block,)


def _doubts(text: str, reading: Reading) -> Iterator[Rival]:
    """The likeliest rival of each character in question; without confidence that which only looks the same, of which
    the reader is as sure."""
    best = {n: Rival(n, n + 1, char, 0.0) for n, char in _twins(text)}
    for rival in reading.rivals:
        n = rival.start
        if rival.end != n + 1 or reading.confidences[n] >= _SURE or not _is_word_like(text[n], rival.text):
            continue
        if rival.confidence >= max(_LIKELY, best[n].confidence if n in best else 0.0):
            best[n] = rival
    yield from best.values()


def _twins(text: str) -> Iterator[tuple[int, str]]:
    for start, end, one in confusions_in(text):
        if one.twin and end == start + 1 and _is_word_like(text[start], one.meant):
            yield start, one.meant


def _with_twins(text: str) -> str:
    """The text with what its characters look like in place of all that only look so."""
    chars = list(text)
    for n, char in _twins(text):
        chars[n] = char
    return "".join(chars)


def _is_word_like(read: str, rival: str) -> bool:
    return len(rival) == 1 and bool(_HAN.match(read)) and bool(_HAN.match(rival))


def _surely_read(texts: Iterable[tuple[Cell | Line, Reading]]) -> frozenset[str]:
    """All stretches of so many characters that were surely read in the document."""
    found = set()
    for block, reading in texts:
        text, sure = block.text, [one >= _SURE for one in reading.confidences]
        for n, _ in _twins(text):
            sure[n] = False
        for start in range(len(text) - _WORDS + 1):
            if all(sure[start : start + _WORDS]):
                found.add(text[start : start + _WORDS])
    return frozenset(found)


def _repeated(text: str, meant: str, n: int, known: frozenset[str]) -> bool | None:
    """Whether the words around a place are surely read elsewhere as they are meant (True), or as they stand (False)."""
    places = range(max(n - _WORDS + 1, 0), min(n, len(text) - _WORDS) + 1)
    if any(text[start : start + _WORDS] in known for start in places):
        return False
    return True if any(meant[start : start + _WORDS] in known for start in places) else None


def _makes_a_word(text: str, meant: str, n: int) -> bool:
    """Whether the dictionary has a word at a place as it is meant, and none as it was read."""
    if any(map(word_frequency, _around(text, n))):
        return False
    return any(word_frequency(word) >= _COMMON for word in _around(meant, n))


def _around(text: str, n: int) -> Iterator[str]:
    """The possible words of a text that hold the character at a place."""
    for length in range(2, _LONGEST_WORD + 1):
        for start in range(max(n - length + 1, 0), min(n, len(text) - length) + 1):
            yield text[start : start + length]
