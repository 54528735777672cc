"""The unit of a money block: 元 or 万元, as printed and as its own figures prove it.

Forms headed 万元 print amounts in yuan (170,294,599.63 under 部门预算资金(万元)), and the other way round. Sums and
rates hold in any unit, so they settle nothing; decimals, magnitude and amounts named elsewhere in the form do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

from model import Code, Finding
from normalize.cases import fold
from normalize.labels import is_mark
from normalize.values import Amount, parse_amount

__all__ = ["Unit", "find_printed_unit", "settle_unit"]

Unit = Literal["元", "万元"]

_UNIT = re.compile(r"[(\[:](?:单位[:]?)?(?:人民币)?(万?元)[)\],;]?|^(?:人民币)?(万?元)$")
_NAMED = re.compile(r"\d[\d,]*(?:\.\d+)?(?:亿|万)?元")
_OTHER: dict[Unit, Unit] = {"元": "万元", "万元": "元"}

# 10 000 000 万元 are 100 billion yuan: more than any province's department spends
_NEVER_WAN = Decimal(10_000_000)
# 1 000 000 万元 are 10 billion yuan: more than any body below a province spends
_SELDOM_WAN = Decimal(1_000_000)
_SELDOM_YUAN = Decimal(1_000)
_FEW_DIGITS = 3


def find_printed_unit(texts: Iterable[str]) -> Unit | None:
    """The first unit that these texts print: 项目资金（万元）, 单位：元."""
    for text in texts:
        match = _UNIT.search(fold(text)) if "元" in text else None
        if match:
            return "万元" if (match[1] or match[2]) == "万元" else "元"
    return None


def settle_unit(
    printed: Unit | None, amounts: Sequence[Amount], bodies: Sequence[str], mentions: Sequence[str]
) -> tuple[Unit | None, list[Finding]]:
    """The unit that amounts are in, with a finding where that is not the printed one or stays in doubt.

    Only proof changes the printed unit; without a printed unit and without proof there is none.
    """
    free = [amount for amount in amounts if amount.factor is None and amount.number]
    if not free:
        return printed, []
    proven, proof = _prove(free, bodies, mentions)
    if proven and proven != printed:
        if printed is None:
            return proven, []
        return proven, [_finding(Code.MONEY_UNIT_CORRECTED, f"Headed {printed}, but {proof}.", printed, proven)]
    if printed is None:
        return None, [_finding(Code.MONEY_UNIT_UNCERTAIN, "No unit is printed and the amounts prove none.", None, None)]
    doubt = None if proven else _doubt(printed, free)
    return printed, [_finding(Code.MONEY_UNIT_UNCERTAIN, doubt, printed, printed)] if doubt else []


def _prove(amounts: Sequence[Amount], bodies: Sequence[str], mentions: Sequence[str]) -> tuple[Unit | None, str]:
    """The unit that the figures prove, and how; None where they prove none or contradict each other."""
    every = (_by_decimals(amounts), _by_magnitude(amounts, bodies), _by_mention(amounts, mentions))
    proofs = [proof for proof in every if proof]
    return proofs[0] if len({unit for unit, _ in proofs}) == 1 else (None, "")


def _by_decimals(amounts: Sequence[Amount]) -> tuple[Unit, str] | None:
    """Yuan have two decimals; 207.4538 is in 万元."""
    raw = next((amount.raw for amount in amounts if _decimals(amount.number) > 2), None)
    return ("万元", f"{raw} has parts of a cent in yuan") if raw else None


def _by_magnitude(amounts: Sequence[Amount], bodies: Sequence[str]) -> tuple[Unit, str] | None:
    """Amounts that no such body spends in 万元."""
    largest = max(amounts, key=_size)
    size = _size(largest)
    below_province = bool(bodies) and not any(is_mark(body, "province_level") for body in bodies)
    if size >= _NEVER_WAN or (size >= _SELDOM_WAN and below_province):
        return "元", f"{largest.raw} 万元 would be more than such a body spends"
    return None


def _by_mention(amounts: Sequence[Amount], mentions: Sequence[str]) -> tuple[Unit, str] | None:
    """An amount that another place of the form names with its unit: goal, reason or indicator."""
    named = {
        value: match[0]
        for text in mentions
        for match in _NAMED.finditer(fold(text))
        if (value := parse_amount(match[0]).in_cny("元"))
    }
    found: dict[Unit, str] = {}
    for amount in amounts:
        number = amount.number or Decimal(0)
        if len(number.normalize().as_tuple().digits) < _FEW_DIGITS:
            continue
        for unit in _OTHER:
            value = amount.in_cny(unit)
            if value in named:
                found[unit] = f"{amount.raw} is {named[value]} elsewhere in the form"
    return next(iter(found.items())) if len(found) == 1 else None


def _doubt(printed: Unit, amounts: Sequence[Amount]) -> str | None:
    """Why a printed unit is hard to believe, though nothing proves the other."""
    largest = max(amounts, key=_size)
    size = _size(largest)
    if printed == "万元" and size >= _SELDOM_WAN:
        return f"{largest.raw} 万元 is more than most bodies spend."
    if printed == "元" and size < _SELDOM_YUAN:
        return f"{largest.raw} 元 is less than a project costs."
    return None


def _size(amount: Amount) -> Decimal:
    return abs(amount.number or Decimal(0))


def _decimals(number: Decimal | None) -> int:
    exponent = number.normalize().as_tuple().exponent if number is not None else 0
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _finding(code: Code, message: str, raw: str | None, value: str | None) -> Finding:
    return Finding(code, message, table="forms", column="money_unit", raw=raw, value=value)
