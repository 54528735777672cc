"""The cases as data: tables of Chinese literals that an analyst can edit, and the folding for comparing them.

A table is a CSV file in `normalize/tables`; a line that starts with `#` is a comment. It is checked when it is loaded:
the columns are the expected ones, no key stands twice and no two keys fold to the same text. Which cases a run never
met can be listed with `unused`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

__all__ = ["Case", "CaseError", "Cases", "fold", "load", "parse_cases", "plain_han", "squeeze", "unused"]

Case = Mapping[str, str]
"""One line of a table: column name to text."""

_FOLDING_COLUMNS = ("code", "printed", "plain", "kind")
_REMOVED = ("space", "invisible")


class CaseError(ValueError):
    """A table of cases is wrong: the message names the file, the line and what to correct."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases(Mapping[str, Case]):
    """The lines of one table by folded key. `find` takes text as printed; a hit is remembered for `unused`."""

    name: str
    lines: Mapping[str, Case]
    met: set[str] = field(default_factory=set)

    def find(self, printed: str) -> Case | None:
        """The case of a printed text, compared under `fold`; None where the table does not know it."""
        return self.find_folded(fold(printed))

    def find_folded(self, folded: str) -> Case | None:
        """As `find`, for a text that is folded already."""
        case = self.lines.get(folded)
        if case is not None:
            self.met.add(folded)
        return case

    def unmet(self) -> list[str]:
        """Keys that `find` never hit in this process, in the order of the file."""
        return [key for key in self.lines if key not in self.met]

    def __getitem__(self, key: str) -> Case:
        return self.lines[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


_LOADED: dict[str, Cases] = {}


def load(name: str, *, key: str | Sequence[str], columns: Sequence[str]) -> Cases:
    """Load `normalize/tables/<name>.csv` and check it; a second call returns the same object.

    `key` is the column, or the columns, whose folded texts (joined by `|`) identify a line. `columns` are all columns
    of the file in their order. Raises CaseError where the file is not as it must be.
    """
    return _load(name, (key,) if isinstance(key, str) else tuple(key), tuple(columns))


@cache
def _load(name: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> Cases:
    text = (files("normalize") / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    _LOADED[name] = cases = Cases(name, parse_cases(name, text, keys, columns))
    return cases


def parse_cases(
    name: str, text: str, keys: Sequence[str], columns: Sequence[str], plain: Callable[[str], str] | None = None
) -> dict[str, Case]:
    """The lines of a CSV text by key, in file order, keys folded by `plain` (default `fold`). Raises CaseError."""
    plain = plain or fold
    reader = csv.reader(text.splitlines())
    numbered = [(reader.line_num, line) for line in reader if line and not line[0].startswith("#")]
    if not numbered or tuple(numbered[0][1]) != tuple(columns):
        raise CaseError(f"{name}.csv: the first line must be {','.join(columns)}")
    lines: dict[str, Case] = {}
    for number, line in numbered[1:]:
        if len(line) != len(columns):
            raise CaseError(f"{name}.csv, line {number}: {len(line)} columns instead of {len(columns)}")
        case = dict(zip(columns, line, strict=True))
        folded = "|".join(plain(case[key]) for key in keys)
        if not any(plain(case[key]) for key in keys):
            raise CaseError(f"{name}.csv, line {number}: the key is empty")
        if folded in lines:
            raise CaseError(f"{name}.csv, line {number}: {folded!r} stands twice")
        lines[folded] = case
    return lines


def unused() -> dict[str, list[str]]:
    """Keys never met in this process, by table; tables without such keys are left out."""
    return {name: unmet for name, cases in sorted(_LOADED.items()) if (unmet := cases.unmet())}


# ---------------------------------------------------------------------------------------------------------------------
# Folding
# ---------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # a form folds each of its texts some nine times
def fold(text: str) -> str:
    """Text as cases are compared: the characters listed in foldings.csv made plain, white space removed.

    Full-width digits, letters, brackets, operators and signs become ASCII, Kangxi radicals (some producers write ⾦ for
    金) the Han characters that they look like. Nothing else changes: ①, ², ½ and 〇 are not digits, as Unicode's own
    compatibility folding would have it. One character gives one or none, so that `squeeze` gives the printed text of
    the same length.
    """
    return text.translate(_foldings()[0])


def squeeze(text: str) -> str:
    """Text without white space and invisible characters, nothing else changed; as long as `fold` of it."""
    return text.translate(_foldings()[1])


def plain_han(text: str) -> str:
    """Text with Kangxi radicals replaced by the Han characters that they look like, nothing else changed."""
    return text.translate(_foldings()[2])


@cache
def _foldings() -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """The maps of `fold`, `squeeze` and `plain_han`."""
    text = (files("normalize") / "tables" / "foldings.csv").read_text(encoding="utf-8")
    lines = parse_cases("foldings", text, ("code",), _FOLDING_COLUMNS, plain=str)
    for code, case in lines.items():
        check_folding(code, case)
    by_kind = [(_code_to_int(code), case["plain"], case["kind"]) for code, case in lines.items()]
    return (
        {char: plain for char, plain, _ in by_kind},
        {char: plain for char, plain, kind in by_kind if kind in _REMOVED},
        {char: plain for char, plain, kind in by_kind if kind == "radical"},
    )


def check_folding(code: str, case: Case) -> None:
    """Raise CaseError unless a line of foldings.csv shows the character of its code and folds it to one or none."""
    char = chr(_code_to_int(code))
    removed = case["kind"] in _REMOVED
    if case["printed"] != ("" if removed else char) or len(case["plain"]) != (0 if removed else 1):
        raise CaseError(f"foldings.csv: {code} is {char!r}; it must fold to one character, or none where removed")


def _code_to_int(code: str) -> int:
    return int(code.removeprefix("U+"), 16)
