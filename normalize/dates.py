"""Dates as targets and actuals: 2018年10月底, 2023年12月31日, 2023.12.31.

A date is a day. A month (2023年12月), a half or a quarter names no day, and a day without its year (12月31日) none
either: they stay text. The end of a month, a quarter or a year (底, 末) is its last day.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

from normalize.cases import fold

__all__ = ["is_maybe_date", "parse_date", "read_date"]

_YEARS = range(1990, 2100)

_YEAR = r"([12][0-9]{3}|[一二][〇零○一二三四五六七八九]{3})"
_DAY = re.compile(
    _YEAR + r"(?:年([0-9]{1,2})月([0-9]{1,2})[日号]?|([-/.])([0-9]{1,2})\4([0-9]{1,2})日?)(?:0?0:00(?::00)?)?"
)
_DAY_HAN = re.compile(_YEAR + r"年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]")
_MONTH_END = re.compile(_YEAR + r"(?:年([0-9]{1,2})月份?|[-/.]([0-9]{1,2})月?)[底末]")
_MONTH_END_HAN = re.compile(_YEAR + r"年([一二三四五六七八九十]{1,2})月份?[底末]")
_YEAR_END = re.compile(_YEAR + r"年度?年?[底末]")
_QUARTER_END = re.compile(_YEAR + r"年第?([1-4一二三四])季度[底末]")
_HALF_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:\.(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|年)?")


def parse_date(text: str) -> date | None:
    """The day that a whole text names, None where it names none or leaves a part open (2023年12月, 每月中旬)."""
    return read_date(fold(text))


def read_date(folded: str) -> date | None:
    """As `parse_date`, for a text that is folded already."""
    if found := _DAY.fullmatch(folded):
        year, month, day = found[1], found[2] or found[5], found[3] or found[6]
        return _to_date(_digits(year), int(month), int(day))
    if found := _DAY_HAN.fullmatch(folded):
        return _to_date(_digits(found[1]), _han(found[2]), _han(found[3]))
    if found := _MONTH_END.fullmatch(folded):
        return _to_month_end(_digits(found[1]), int(found[2] or found[3]))
    if found := _MONTH_END_HAN.fullmatch(folded):
        return _to_month_end(_digits(found[1]), _han(found[2]))
    if found := _QUARTER_END.fullmatch(folded):
        return _to_month_end(_digits(found[1]), 3 * (_han(found[2]) if found[2] in _HAN else int(found[2])))
    if found := _YEAR_END.fullmatch(folded):
        return _to_date(_digits(found[1]), 12, 31)
    return None


def is_maybe_date(folded: str) -> bool:
    """Whether bare digits may be a date: 2023年, 2023.12, 20231231. Without a unit they are no safe number."""
    return _HALF_DATE.fullmatch(folded) is not None and not (len(folded) == 4 and folded.isdigit())


_HAN = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}


def _digits(year: str) -> int:
    """A year digit by digit: 2023 or 二〇二三."""
    return int("".join(str(_HAN.get(char, char)) for char in year))


def _han(numeral: str) -> int:
    """A month or day in Chinese numerals, 0 where it is none: 十二 is 12, 三十一 is 31."""
    tens, ten, ones = numeral.rpartition("十")
    if (tens and tens not in _HAN) or (ones and ones not in _HAN):
        return 0
    return (_HAN[tens] if tens else 1) * 10 * bool(ten) + (_HAN[ones] if ones else 0)


def _to_date(year: int, month: int, day: int) -> date | None:
    if year not in _YEARS or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day)


def _to_month_end(year: int, month: int) -> date | None:
    return _to_date(year, month, calendar.monthrange(year, month)[1]) if 1 <= month <= 12 else None
