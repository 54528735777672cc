"""First and second level of an indicator's row: mended, and the first one inferred where it is not printed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from model import Code, Finding
from normalize.indicator_rows import PrintedRow
from normalize.levels import infer_level1, parse_level1, parse_level2

__all__ = ["read_levels", "weights_of_levels"]

_LEVEL_WEIGHT = re.compile(r"([\u4e00-\u9fff]{2,4}指标)\s*(\d{1,3})\s*分")


def weights_of_levels(notes: Sequence[str]) -> dict[Decimal, str]:
    """The first level of each weight that a note gives to one level only: 产出指标50分、效益指标30分."""
    named = {(Decimal(weight), parse_level1(level)) for text in notes for level, weight in _LEVEL_WEIGHT.findall(text)}
    known = [(weight, level.name) for weight, level in named if level.known and level.name]
    once = Counter(weight for weight, _ in known)
    return {weight: level for weight, level in known if once[weight] == 1}


def read_levels(row: PrintedRow, weights: Mapping[Decimal, str]) -> tuple[str | None, str | None, list[Finding]]:
    """First and second level of a row, with findings for those that were mended or inferred.

    `weights` are the first levels that a note names by their weights, for cells that show only those.
    """
    first, second = parse_level1(row.level1.text), parse_level2(row.level2.text)
    findings = [
        _finding(Code.LEVEL_MENDED, "A level printed otherwise was mended.", column, level.raw, level.name)
        for column, level in (("level1", first), ("level2", second))
        if level.mended
    ]
    name1 = first.name
    inferred = infer_level1(second.name) if second.name else None
    if name1 is None and (name1 := (weights.get(first.weight) if first.weight else None) or inferred):
        message = "The first level is not printed; the second one or a note says it."
        findings.append(_finding(Code.LEVEL_INFERRED, message, "level1", row.level1.visible, name1))
    return name1, second.name, findings


def _finding(code: Code, message: str, column: str, raw: str, value: str | None) -> Finding:
    return Finding(code, message, table="indicators", column=column, raw=raw or None, value=value)
