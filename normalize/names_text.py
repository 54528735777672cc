"""Texts that names are looked for in, and printed names freed from the marks around them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache

from normalize.cases import CaseError, fold, load
from normalize.markup import strip_markup
from normalize.names_figure import RowFigures

__all__ = [
    "CLOSING",
    "Cleaned",
    "Prose",
    "Sought",
    "clean_name",
    "display_width",
    "join_spaces",
    "open_brackets",
    "to_prose",
]

CLOSING = {"(": ")", "[": "]", "{": "}", "“": "”", "‘": "’", "《": "》", "〈": "〉", "【": "】", "〔": "〕", "「": "」"}
"""Brackets and quotation marks: what closes each. Straight quotation marks open and close in turn."""

_STRAY = "、，。；：！？,;:.!?…—–·-"
_SPACES = re.compile(r"\s+")
_SPACE_BESIDE_HAN = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


@dataclass(frozen=True, slots=True)
class Prose:
    """A text as printed and as it is compared: `plain[i]` is folded from `text[at[i]]`, white space is left out."""

    text: str
    plain: str
    at: tuple[int, ...]

    def quote(self, start: int, end: int) -> str:
        """The printed text of `plain[start:end]`."""
        return self.text[self.at[start] : self.at[end - 1] + 1] if end > start else ""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A name without list marks in front (指标1：) and without `mark`, the stray marks at its end. May be empty."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """A name to look for in a goal text: `text` as printed and cleaned, `plain` folded.

    `figures` are its row's. `others` are the folded names of the other
    rows: where one of them begins in the goal text, this name ends. `bare` says that names of the form's rows of this
    kind usually end without a word for what is counted (开展交通秩序专项整治, not 专项整治次数).
    """

    text: str
    plain: str
    figures: RowFigures = field(default_factory=RowFigures)
    bare: bool = False
    others: tuple[str, ...] = ()


def to_prose(text: str) -> Prose:
    """Fold a text, remembering where each character stood."""
    kept = [(plain, at) for at, char in enumerate(text) if (plain := fold(char))]
    return Prose(text, "".join(plain for plain, _ in kept), tuple(at for _, at in kept))


def clean_name(printed: str) -> Cleaned:
    """Take off markup, white space (but between Latin words), list marks in front and stray marks at the end."""
    text = join_spaces(strip_markup(printed))
    marks = _list_marks()
    for _ in range(2):  # (一)1. and the like
        text = marks.sub("", text, count=1)
    name = text.rstrip(_STRAY + " ")
    return Cleaned(name, text[len(name) :].strip())


def join_spaces(text: str) -> str:
    """White space goes where a Chinese character is beside it, and becomes one space elsewhere."""
    return _SPACE_BESIDE_HAN.sub("", _SPACES.sub(" ", text)).strip()


@cache
def _list_marks() -> re.Pattern[str]:
    table = load("names_marks", key="pattern", columns=("pattern", "examples"))
    try:
        return re.compile(rf"^(?:{'|'.join(case['pattern'] for case in table.values())})\s*")
    except re.error as error:
        raise CaseError(f"names_marks.csv: a pattern is no regular expression: {error}") from error


def open_brackets(text: str) -> str:
    """The marks that would close what the text leaves open, innermost first. Marks that close nothing are ignored."""
    waiting: list[str] = []
    for char in text:
        char = char if char in "“”‘’" else fold(char)
        if char == '"' and '"' not in waiting:
            waiting.append(char)
        elif char in waiting:
            del waiting[waiting.index(char) :]
        elif char in CLOSING:
            waiting.append(CLOSING[char])
    return "".join(reversed(waiting))


def display_width(text: str) -> int:
    """Width of a text in half-width characters: two for a Chinese one, one for a Latin one."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
