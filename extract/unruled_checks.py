"""Is it a table? What a block of lines with gaps must show before it is taken for one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise

from extract.unruled_columns import Columns
from extract.unruled_lines import is_number
from extract.unruled_rows import Row

__all__ = ["Verdict", "judge_table", "share_of_figures"]

# Marks of lists: bullets, 1. (1) a) 一、 （一） ①
_LIST_MARK = re.compile(
    r"[•·●○■□▪◆◇►➢✓✔\-–—*o§]|[(（]?(?:\d{1,2}(?:\.\d{1,2})*|[a-zA-Z]|[ivxIVX]{1,4}|[一二三四五六七八九十]{1,3})[)）.、．]?\.?|[①-⑳]|\[\d{1,3}\]",
)
_LEADER = re.compile(r"(?:\.\s?){4,}|…{2,}|·{4,}|(?:\. ){3,}")
_LABEL = re.compile(r"[:：]\s*$|^[^:：]{1,14}[:：]")


class Verdict(IntEnum):
    """What a block's rows and columns say: no table, one that needs a second witness, a table."""

    NO = 0
    MAYBE = 1
    YES = 2


def judge_table(rows: Sequence[Row], columns: Columns, rules: int) -> Verdict:
    """Judge the rows and columns found in a block. `rules` run across it, two of them as its frame."""
    texts = [[part.word.text for part in row.parts] for row in rows]
    full = [texts[i] for i, row in enumerate(rows) if len({part.c0 for part in row.parts}) > 1]
    if len(full) < 2 or (len(columns) < 4 and _is_contents(texts)) or _is_list(rows, columns) or _is_label_lines(full):
        return Verdict.NO
    figures = share_of_figures(rows)
    if _is_running_text(rows):
        return Verdict.YES if rules and figures > 0.25 else Verdict.NO
    if rules:
        sure = figures > 0.25 or (rules > 2 and len(columns) > 2 and len(full) > 2)
    elif len(columns) == 2:
        sure = len(full) > 3 and figures > 0.6 and len(full) > 0.75 * len(rows) and not _is_page_list(rows)
    else:
        sure = (
            len(full) > 5 - min(len(columns) - 1, 3)
            and _fill(rows, columns) > 0.4
            and (figures > 0.4 or (len(columns) > 3 and len(full) > 3 and figures > 0.1))
        )
    if sure:
        return Verdict.YES
    # Text in three columns and more, every row of it filled: a table if another engine sees the same.
    told = len(columns) > 2 and len(full) > 3 and _fill(rows, columns) > 0.7
    return Verdict.MAYBE if told else Verdict.NO


def share_of_figures(rows: Sequence[Row]) -> float:
    """The share of words behind the first column that are figures."""
    words = [part.word.text for row in rows for part in row.parts if part.c0 > 0]
    return sum(map(is_number, words)) / len(words) if words else 0.0


def _fill(rows: Sequence[Row], columns: Columns) -> float:
    filled = sum(len({c for part in row.parts for c in range(part.c0, part.c1 + 1)}) for row in rows)
    return filled / (len(rows) * len(columns))


def _is_contents(texts: Sequence[Sequence[str]]) -> bool:
    """A table of contents: dots lead to a page number."""
    return 3 * sum(any(_LEADER.search(text) for text in row) for row in texts) > len(texts)


def _is_page_list(rows: Sequence[Row]) -> bool:
    """Contents without dots: whole numbers that only go up, each behind a title."""
    last = [row.parts[-1].word.text for row in rows if len(row.parts) > 1]
    if not all(text.isdigit() and len(text) < 4 for text in last):
        return False
    numbers = [int(text) for text in last]
    return all(a <= b for a, b in pairwise(numbers))


def _is_list(rows: Sequence[Row], columns: Columns) -> bool:
    """A list: marks in the first column, text in the second."""
    first = [row.parts[0].word.text.strip() for row in rows if row.parts[0].c0 == 0]
    marks = sum(_LIST_MARK.fullmatch(text) is not None for text in first)
    return len(columns) == 2 and 2 * marks > len(first) and share_of_figures(rows) < 0.5


def _is_label_lines(full: Sequence[Sequence[str]]) -> bool:
    """Lines of labels and values (单位名称：… 填报日期：…) that no rule makes a table."""
    labelled = sum(sum(_LABEL.search(text) is not None for text in row) * 2 >= len(row) for row in full)
    return 2 * labelled > len(full)


def _is_running_text(rows: Sequence[Row]) -> bool:
    """Prose set in columns: most pieces are long."""
    lengths = sorted(_width_of_text(part.word.text) for row in rows for part in row.parts)
    return bool(lengths) and lengths[len(lengths) // 2] > 30


def _width_of_text(text: str) -> int:
    """Length in Latin letters: an ideograph says as much as two."""
    return sum(2 if char > "\u2e80" else 1 for char in text)
