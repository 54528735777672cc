"""Text of a name that spilt over into the reason cell beside it.

A line that is too long for its cell is drawn on over the next one and read as that cell's text. It is told from a
reason by the reason column's own habit: most rows of a form print the same closed sentence there, and behind it stands
a fragment that breaks off (按照年初预算完成工作目标任务。 设置进一步规范合理，) or goes on inside a word of the name
(…服务能 | 力和处置水平), or the name once more with more of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from normalize.cases import fold, load
from normalize.names_cut import Ending, find_ending
from normalize.names_text import Cleaned, clean_name, join_spaces, to_prose
from normalize.words import is_inside_word

__all__ = ["Spill", "find_habits", "find_spill"]

_STOP = "。"
_LONGEST = 24
_LEAST_REPEATED = 4
_LEAST_ROWS = 2


@dataclass(frozen=True, slots=True)
class Spill:
    """Text of a name in the reason: `name` is the name with it, `text` as it stands there, `reason` what is left."""

    name: Cleaned
    text: str
    reason: str


def find_habits(reasons: Sequence[str]) -> tuple[str, ...]:
    """The closed sentences, folded, that stand alone as the reason of several rows; the longest first."""
    counted = Counter(folded for reason in reasons if (folded := fold(reason)).endswith(_STOP))
    return tuple(sorted((text for text, n in counted.items() if n >= _LEAST_ROWS), key=len, reverse=True))


def find_spill(
    name: Cleaned, reason: str, lines: Sequence[str], habits: Sequence[str], full: str = ""
) -> Spill | None:
    """The text of a name that looks cut in its row's reason, None where there is none for sure.

    `lines` are the reason's lines where they are known, `habits` the column's usual sentences (`find_habits`), `full`
    the whole name where other evidence gives it.
    """
    if len(name.text) < _LEAST_REPEATED:
        return None
    for text, rest, is_behind_usual in (*_without_line(lines, habits), *_without_end(reason, habits)):
        piece = clean_name(text)
        if len(text) > _LONGEST or not piece.text or _STOP in text:
            continue
        if _repeats(piece, name):
            return Spill(piece, text, rest)
        if full:
            if is_behind_usual and fold(full).startswith(fold(name.text + name.mark + piece.text)):
                return Spill(Cleaned(full), text, rest)
            continue
        if is_behind_usual and _goes_on(piece, name) and not fold(text).startswith(tuple(_reason_starts())):
            return Spill(Cleaned(name.text + name.mark + piece.text, piece.mark), text, rest)
    return None


def _without_line(lines: Sequence[str], habits: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Ways to leave the usual sentence by taking a line out: the line, what is left, whether that began before it."""
    for n, line in enumerate(lines):
        rest = "".join((*lines[:n], *lines[n + 1 :]))
        if fold(rest) in habits:
            yield join_spaces(line), join_spaces(rest), n > 0


def _without_end(reason: str, habits: Sequence[str]) -> Iterator[tuple[str, str, bool]]:
    """Ways to take the last fragment off a reason: the fragment, what is left, whether that is the usual sentence."""
    prose = to_prose(reason)
    habit = next((habit for habit in habits if prose.plain.startswith(habit) and prose.plain != habit), "")
    closed = prose.plain.rfind(_STOP) + 1
    for end in dict.fromkeys((len(habit), closed)):
        if 0 < end < len(prose.plain):
            yield join_spaces(prose.quote(end, len(prose.plain))), prose.quote(0, end), end == len(habit)
    if not closed and find_ending(clean_name(reason)) is Ending.OPEN:
        yield join_spaces(reason), "", False


def _repeats(piece: Cleaned, name: Cleaned) -> bool:
    """Whether a fragment is the name once more with more of it."""
    longer, printed = fold(piece.text), fold(name.text + name.mark)
    return longer.startswith(printed) and len(longer) > len(printed)


def _goes_on(piece: Cleaned, name: Cleaned) -> bool:
    """Whether a fragment breaks off, or goes on with the word that the name breaks off in."""
    in_word = len(piece.text) > 1 and is_inside_word(name.text + piece.text, len(name.text))
    return in_word or find_ending(piece) is Ending.OPEN


@cache
def _reason_starts() -> frozenset[str]:
    return frozenset(load("names_reasons", key="start", columns=("start",)))
