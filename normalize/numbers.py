"""Numbers as printed: digits, comma groups, magnitudes (333万, 3万5千) and Chinese numerals (二十).

The rule above all: the whole text is consumed or there is no number. Reading the first digits of a text, or deleting
what is no digit, makes 333 of 333万.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from normalize.cases import Cases, fold, load

__all__ = ["Lead", "find_leads", "find_magnitude", "has_broken_digits", "parse_number"]

_MAX_DIGITS = 15  # longer ones are account and identity numbers
_MAX_DECIMALS = 10

_PLAIN = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?")
_MIXED = re.compile(r"(?:[0-9]+[十百千]?[万亿]|[0-9]+[十百千])+[0-9]*")
_TERM = re.compile(r"([0-9]+)([十百千]?[万亿]|[十百千])")
_BROKEN = re.compile(r"[0-9０-９][.,，．]?\s+[.,，．]?[0-9０-９]")
_MAGNITUDE = re.compile(r"[十百千]?[万亿]|[十百千]")


@dataclass(frozen=True, slots=True)
class Lead:
    """A number at the start of a text, and the `rest` behind it.

    `own`: 万 or 亿 is among its digits. `numeral`: it is written in Chinese numerals.
    """

    number: Decimal
    rest: str
    own: bool = False
    numeral: bool = False


def parse_number(text: str) -> Decimal | None:
    """The number that the whole text is (1,234.5; 333万; 1.2亿; 3万5千; 二十), else None. Units are not numbers."""
    if has_broken_digits(text):
        return None
    for lead in find_leads(fold(text)):
        if not lead.rest:
            return lead.number
        magnitude = find_magnitude(lead.rest)
        if magnitude is not None and magnitude[1] == "":
            return lead.number * magnitude[0]
    return None


def has_broken_digits(text: str) -> bool:
    """Whether white space stands inside a run of digits: two numbers in one cell, which folding would make one."""
    return _BROKEN.search(text) is not None


def find_leads(folded: str) -> tuple[Lead, ...]:
    """The number that a folded text starts with, in each reading: plain digits, mixed magnitudes or a numeral."""
    plain = _PLAIN.match(folded)
    if plain is None:
        lead = _find_numeral(folded)
        return (lead,) if lead else ()
    number = _plain_to_number(*plain.groups())
    if number is None:
        return ()
    first = Lead(number, folded[plain.end() :])
    mixed = _find_mixed(folded) if any(char.isdigit() for char in first.rest) else None
    return (first, mixed) if mixed else (first,)


def find_magnitude(folded: str) -> tuple[Decimal, str] | None:
    """The magnitude that a folded text starts with (万, 千万) and the rest behind it."""
    found = _MAGNITUDE.match(folded)
    return (magnitude_to_number(found[0]), folded[found.end() :]) if found else None


@cache
def magnitude_to_number(magnitude: str) -> Decimal:
    """千万 is 10000000."""
    factor = Decimal(1)
    for char in magnitude:
        factor *= Decimal(_magnitudes()[char]["factor"])
    return factor


def _plain_to_number(sign: str, whole: str, decimals: str | None) -> Decimal | None:
    """None for a leading zero, which codes (004) have and quantities have not, and for endless digits."""
    digits = whole.replace(",", "")
    if len(digits) > _MAX_DIGITS or len(decimals or "") > _MAX_DECIMALS or (digits[0] == "0" and len(digits) > 1):
        return None
    number = Decimal(f"{digits}.{decimals}" if decimals else digits)
    return -number if sign == "-" and number else number


def _find_mixed(folded: str) -> Lead | None:
    """3万5千, 1亿2000万, 3万5000. Each part must be smaller than the magnitude before it."""
    found = _MIXED.match(folded)
    if found is None:
        return None
    total, last = Decimal(0), None
    for digits, magnitude in _TERM.findall(found[0]):
        factor = magnitude_to_number(magnitude)
        part = int(digits) * factor
        if digits[0] == "0" or len(digits) > _MAX_DIGITS or (last is not None and part >= last):
            return None
        total, last = total + part, factor
    tail = found[0][max(found[0].rfind(char) for char in "十百千万亿") + 1 :]
    if tail and (last is None or 10 ** len(tail) != last):
        return None  # 3万5: three myriads and five, or 35000
    own = any(_magnitudes()[char]["own"] == "yes" for char in found[0] if not char.isdigit())
    return Lead(total + int(tail or 0), folded[found.end() :], own=own)


# ---------------------------------------------------------------------------------------------------------------------
# Chinese numerals
# ---------------------------------------------------------------------------------------------------------------------

_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+(?:点[零〇一二三四五六七八九]+)?")
_STEPS = (("千", 1000), ("百", 100), ("十", 10), ("", 1))
_MAX_NUMERAL = 30


def _find_numeral(folded: str) -> Lead | None:
    found = _NUMERAL.match(folded)
    if found is None or len(found[0]) > _MAX_NUMERAL:
        return None
    whole, _, decimals = found[0].partition("点")
    number = numeral_to_int(whole)
    if number is None:
        return None
    value = Decimal(number)
    if decimals:
        value += Decimal("0." + "".join(_digits()[char]["digit"] for char in decimals))
    return Lead(value, folded[found.end() :], own="万" in whole or "亿" in whole, numeral=True)


def numeral_to_int(numeral: str) -> int | None:
    """The number of a well-formed Chinese numeral; None for 二百五, 一三, 万 and others that are not spelt in full."""
    plain = numeral.replace("两", "二").replace("〇", "零")
    if plain.startswith("十"):
        plain = "一" + plain
    total = section = digit = 0
    for char in plain:
        if char in _digits():
            digit = int(_digits()[char]["digit"])
            continue
        factor = int(_magnitudes()[char]["factor"])
        if factor < 10000:
            section, digit = section + digit * factor, 0
        else:
            total, section, digit = total + (section + digit) * factor, 0, 0
    number = total + section + digit
    return number if int_to_numeral(number) == plain else None


def int_to_numeral(number: int) -> str:
    """A number below 10^12 spelt in full: 10500 is 一万零五百, 10 is 一十."""
    if number == 0:
        return "零"
    spelt, skipped = "", False
    for name, factor in (("亿", 10**8), ("万", 10**4), ("", 1)):
        section, number = divmod(number, factor)
        if section:
            gap = "零" if spelt and (skipped or section < 1000) else ""
            spelt += gap + _spell_section(section) + name
        skipped = not section
    return spelt


def _spell_section(section: int) -> str:
    spelt, before = "", 0
    for name, factor in _STEPS:
        digit, section = divmod(section, factor)
        if digit:
            spelt += ("零" if spelt and not before else "") + "零一二三四五六七八九"[digit] + name
        before = digit
    return spelt


@cache
def _magnitudes() -> Cases:
    return load("magnitudes", key="printed", columns=("printed", "factor", "own"))


@cache
def _digits() -> Cases:
    return load("numerals", key="printed", columns=("printed", "digit"))
