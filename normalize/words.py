"""Chinese words, by jieba's dictionary: whether a text breaks off inside one.

jieba is loaded at the first question (about 0.6 s, once a process) and questions are remembered. A tokenizer of our own
is used: the shared one keeps its dictionary in a file of the common temporary folder, which another user could have
written, and logs to stderr while doing so.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

__all__ = ["cut_words", "is_inside_word", "is_verb_or_particle", "word_frequency"]

_SINGLE = re.compile(r"^(\S) \d+ (\S+)\s*$", re.MULTILINE)
_VERB_OR_PARTICLE = ("v", "p", "c", "d", "u")
"""Beginnings of jieba's tags: verb, preposition, conjunction, adverb, auxiliary."""


@dataclass(frozen=True, slots=True, eq=False)
class _Dictionary:
    """jieba's tokenizer, and the parts of speech that its dictionary gives to single characters."""

    tokenizer: Any
    tags: dict[str, str]


@cache
def _dictionary() -> _Dictionary:
    with warnings.catch_warnings():
        # jieba 0.42.1 compiles with invalid escapes (3.12+) and asks for pkg_resources, which is deprecated.
        warnings.simplefilter("ignore")
        import jieba
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        text = file.read().decode("utf-8")
    with tokenizer.get_dict_file() as file:
        tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(file)
    tokenizer.initialized = True
    return _Dictionary(tokenizer, dict(_SINGLE.findall(text)))


@lru_cache(maxsize=4096)
def cut_words(text: str) -> tuple[str, ...]:
    """The text as a row of words; joined they give the text again. Unknown words fall into single characters."""
    return tuple(_dictionary().tokenizer.cut(text, HMM=False)) if text else ()


def is_inside_word(text: str, position: int) -> bool:
    """Whether the place before character `position` lies inside a word of the text. Its two ends never do."""
    at = 0
    for word in cut_words(text):
        if at >= position:
            break
        at += len(word)
    return at > position


def word_frequency(text: str) -> int:
    """How often the text is a word in the texts that the dictionary was made of; 0 for no word. It holds chance pairs
    with some occurrences (林任: 22), and words of everyday with hundreds and thousands."""
    return int(_dictionary().tokenizer.FREQ.get(text) or 0)


def is_verb_or_particle(char: str) -> bool:
    """Whether the dictionary has the single character as a verb, preposition, conjunction, adverb or particle."""
    return _dictionary().tags.get(char, "").startswith(_VERB_OR_PARTICLE)
