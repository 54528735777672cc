"""Cases that are patterns: labels and heads of which published forms have no end of variants.

A line of such a table has a `pattern` (a regular expression over folded text, parentheses only group) that must match
the whole text, and `examples` (`;` between them) as printed somewhere. The first line that matches counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from normalize.cases import Case, CaseError, load
from normalize.rows import label_forms

__all__ = ["Patterns", "load_patterns"]

_PLAIN_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """The lines of a table as one regular expression."""

    lines: tuple[Case, ...]
    either: re.Pattern[str]

    def find(self, printed: str) -> Case | None:
        """The line for a label as printed: under any of its forms (`label_forms`), None where no line knows it."""
        return _find(self, printed) if len(printed) <= _LONGEST_LABEL else None

    def find_folded(self, folded: str) -> Case | None:
        """The line for a whole text that is folded already."""
        match = self.either.fullmatch(folded)
        return self.lines[int((match.lastgroup or "p0")[1:])] if match else None


@cache
def load_patterns(name: str, key: Sequence[str], columns: Sequence[str], group: str = "") -> Patterns:
    """Load a table of patterns; with `group`, only the lines whose first column says so. Raises CaseError."""
    table = load(name, key=key, columns=columns)
    lines = tuple(case for case in table.values() if not group or case[columns[0]] == group)
    try:
        patterns = (_PLAIN_GROUP.sub("(?:", case["pattern"]) for case in lines)
        either = re.compile("|".join(f"(?P<p{n}>{pattern})" for n, pattern in enumerate(patterns)))
    except re.error as error:
        raise CaseError(f"{name}.csv: a pattern is no regular expression: {error}") from error
    return Patterns(lines, either)


@lru_cache(maxsize=8192)
def _find(patterns: Patterns, printed: str) -> Case | None:
    """The first line that matches a form of a label; remembered, because forms print the same labels over and over."""
    found = (patterns.find_folded(form) for form in label_forms(printed))
    return next((case for case in found if case is not None), None)
