"""The fiscal year of a form: from its title, lines and labels, else from its document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from model import Code, Finding, FormRow, Line
from normalize.cases import fold, load
from normalize.labels import Mark, is_mark

__all__ = ["find_document_year", "find_fiscal_year", "find_years"]

# A day (填报日期：2021年3月15日) is when the form was filled in: mostly the year after.
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?=年(?!\s*\d{1,2}\s*月)|[)）])")
_NUMERAL_YEAR = re.compile(r"二[〇零][〇零一二三四五六七八九]{2}(?=年)")
_BARE_YEAR = re.compile(r"(20\d\d)年?度?")
_NUMERALS = ("printed", "digit")
_LONGEST_TITLE = 40  # characters
# Budgets are published with targets of their own year, accounts with the self-assessments of theirs.
_TITLES: dict[str, Mark] = {"self_assessment": "accounts_title", "target": "budget_title"}


def find_fiscal_year(
    title: str | None, lines: Sequence[str], labelled: Sequence[str], goals: Sequence[str]
) -> tuple[int | None, list[Finding]]:
    """The year that title, lines and `labelled` values name; where they differ, the one that the goals name too."""
    named = [*find_years(title or ""), *(year for line in lines for year in find_years(line) if line != title)]
    named += [int(match[1]) for value in labelled if (match := _BARE_YEAR.match(fold(value)))]
    in_goals = Counter(year for goal in goals for year in find_years(goal))
    if not named:
        return (next(iter(in_goals)), []) if len(in_goals) == 1 else (None, [])
    distinct = sorted(set(named))
    if len(distinct) == 1:
        return distinct[0], []
    backed = [year for year in distinct if in_goals[year]]
    year = backed[0] if len(backed) == 1 else None
    finding = Finding(
        Code.HEAD_CONFLICT,
        "The form names more than one year." + ("" if year else " Nothing settles which is right."),
        table="forms",
        column="fiscal_year",
        raw="; ".join(map(str, distinct)),
        value=str(year) if year else None,
    )
    return year, [finding]


def find_document_year(form: FormRow, others: Iterable[FormRow], lines: Sequence[Line]) -> Finding | None:
    """A finding with the year of a form that prints none: the one that the document's titles and its other forms say.

    None where they say none, or more than one. Only titles before the form count, and of the document's other forms
    those of the same kind.
    """
    said = {
        year: line.text
        for line in lines
        if line.page <= form.page_first and len(line.text) <= _LONGEST_TITLE and is_mark(line.text, _TITLES[form.kind])
        for year in find_years(line.text)
    }
    said |= {
        other.fiscal_year: other.title or other.form_id
        for other in others
        if other.fiscal_year is not None and other.kind == form.kind
    }
    if len(said) != 1:
        return None
    year, quoted = next(iter(said.items()))
    message = "The form prints no year; its document says only one."
    return Finding(
        Code.YEAR_INFERRED, message, table="forms", page=form.page_first, column="fiscal_year", raw=quoted,
        value=str(year), form_id=form.form_id, document_id=form.document_id,
    )  # fmt: skip


def find_years(text: str) -> list[int]:
    """The years that a text names: 2023年度, (2023), 二〇二三年度."""
    return [int(year) for year in _YEAR.findall(_NUMERAL_YEAR.sub(_to_digits, fold(text)))]


def _to_digits(numerals: re.Match[str]) -> str:
    return "".join(_digits()[char] for char in numerals[0])


@cache
def _digits() -> dict[str, str]:
    """The digit of each Chinese numeral."""
    return {case["printed"]: case["digit"] for case in load("numerals", key="printed", columns=_NUMERALS).values()}
