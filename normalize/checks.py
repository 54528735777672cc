"""What a form's own figures must satisfy. Each check yields findings about what breaks, and repairs nothing.

Amounts are compared in yuan. Forms print rounded amounts, so a sum may miss by half a unit of the last printed place
for each of its terms; amounts printed in whole units and to the cent are exact.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from model import Code, Finding, FundRow, IndicatorRow
from normalize.blanks import is_blank_number
from normalize.cases import fold
from normalize.money import AMOUNT_COLUMNS, AmountColumn
from normalize.numbers import find_leads, find_magnitude

__all__ = [
    "check_actuals",
    "check_adjustment",
    "check_composition",
    "check_duplicates",
    "check_execution_score",
    "check_rates",
    "check_score_by_target",
    "check_scores",
    "check_sources",
    "check_totals",
    "check_weights",
    "find_groups",
    "run_checks",
]

_PARENTS = ("total", "basic", "project")
_LEVELS = frozenset({"central", "provincial", "prefecture", "county", "local"})
_LOCAL_LEVELS = frozenset({"provincial", "prefecture", "county"})
_DECIMALS = re.compile(r"\.(\d+)")
_WAN = 10_000
_SUM_TOLERANCE = 0.011  # weights and scores are printed with two decimals at most
_SCORE_TOLERANCE = 0.05  # of the weight: 1 of 2 points for 69 of 120 was seen, and 1.9 of 2 for 3224 of 3807
_UPPER_BOUNDS = ("<=", "<")
_ALL = 100
_FAR = 10  # one digit too many
_FAR_IN_MAGNITUDE = 5  # 333万 beside 350000: only the actual is in 万, and 9.5 times the target
_FAR_BELOW = 0.001  # a magnitude lost: 35 beside 350000
_SHORTEST_PREFIX = 4


def run_checks(
    funds: Sequence[FundRow],
    indicators: Sequence[IndicatorRow],
    *,
    money_unit: str | None,
    weight_total: float | None,
    score_total: float | None,
    has_actuals: bool,
) -> list[Finding]:
    """All checks of one form. `has_actuals`: the form has a column of actuals."""
    scale = Decimal(_WAN if money_unit == "万元" else 1)
    return [
        *check_adjustment(funds, scale),
        *check_composition(funds, scale),
        *check_sources(funds, scale),
        *check_rates(funds),
        *check_execution_score(funds),
        *check_scores((*funds, *indicators)),
        *check_score_by_target(indicators),
        *check_totals(funds, indicators, weight_total, score_total),
        *(check_weights(funds, indicators) if has_actuals and weight_total is None else ()),
        *check_duplicates(indicators),
        *(check_actuals(indicators) if has_actuals else ()),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Money
# ---------------------------------------------------------------------------------------------------------------------


def check_adjustment(funds: Sequence[FundRow], scale: Decimal) -> Iterator[Finding]:
    """Initial + adjustment = final on every line, where adjustments are printed. `scale`: yuan in a printed unit."""
    if not any(line.adjustment_raw for line in funds):
        return
    for line in funds:
        terms: list[_Term] = [(line, "initial", 1), (line, "adjustment", 1), (line, "final", -1)]
        yield from _check_sum(terms, scale, Code.ADJUSTMENT_MISMATCH, "Initial + adjustment is not the final amount")


def check_composition(funds: Sequence[FundRow], scale: Decimal) -> Iterator[Finding]:
    """Basic + project = total in every column."""
    by_source = {line.source: line for line in reversed(funds)}
    if not all(source in by_source for source in _PARENTS):
        return
    signs = {"basic": 1, "project": 1, "total": -1}
    for column in AMOUNT_COLUMNS:
        terms = [(by_source[source], column, sign) for source, sign in signs.items()]
        yield from _check_sum(terms, scale, Code.COMPOSITION_MISMATCH, "Basic + project is not the total")


def check_sources(funds: Sequence[FundRow], scale: Decimal) -> Iterator[Finding]:
    """The lines under a total, 基本支出 or 项目支出 add up to it in every column.

    A source may be part of another line (central and county money of 财政拨款): a reading that adds up is enough. One
    line alone (其中：财政拨款) is only part of the sum, but not more than it.
    """
    for parent, children in find_groups(funds):
        for column in AMOUNT_COLUMNS:
            if len(children) == 1:
                yield from _check_part(parent, children[0], column)
                continue
            readings = [
                [(parent, column, -1), *((child, column, 1) for child in reading)] for reading in _readings(children)
            ]
            found = [list(_check_sum(terms, scale, Code.SOURCES_MISMATCH, _SOURCES)) for terms in readings]
            if all(found):
                yield from found[0]


_SOURCES = "The sources do not add up to their sum"


def check_rates(funds: Sequence[FundRow]) -> Iterator[Finding]:
    """The printed rate is executed / final, rounded to its printed decimals."""
    for line in funds:
        if line.execution_rate_pct is None or line.executed_cny is None or not line.final_cny:
            continue
        exact = line.executed_cny * 100 / line.final_cny
        decimals = _count_decimals(line.execution_rate_raw)
        if abs(exact - Decimal(str(line.execution_rate_pct))) > Decimal("0.51").scaleb(-decimals):
            message, value = "The printed rate is not executed / final.", f"{exact:.4f}"
            yield _about(line, Code.RATE_MISMATCH, message, "execution_rate_pct", line.execution_rate_raw, value)


def check_execution_score(funds: Sequence[FundRow]) -> Iterator[Finding]:
    """The score of the execution row is its weight times the rate, and no more than its weight."""
    for line in funds:
        rate = _rate(line)
        if line.weight is None or line.score is None or rate is None:
            continue
        expected = line.weight * min(rate, 100.0) / 100
        if abs(expected - line.score) > 0.51 * 10 ** -_count_decimals(f"{line.score:g}"):
            message = f"The score is not the rate of the weight, which is {expected:.2f}."
            yield _about(line, Code.SCORE_MISMATCH, message, "score", f"{line.score:g}", f"{expected:.2f}")


def _rate(line: FundRow) -> float | None:
    if line.execution_rate_pct is not None:
        return line.execution_rate_pct
    if line.executed_cny is None or not line.final_cny:
        return None
    return float(line.executed_cny * 100 / line.final_cny)


_Term = tuple[FundRow, AmountColumn, int]


def _check_sum(terms: Sequence[_Term], scale: Decimal, code: Code, message: str) -> Iterator[Finding]:
    """The signed terms add up to 0. Where one is not printed, the amount that they force goes into a finding."""
    amounts = [_amount(line, column) for line, column, _ in terms]
    missing = [n for n, amount in enumerate(amounts) if amount is None]
    signed = [sign * amount for (_, _, sign), amount in zip(terms, amounts, strict=True) if amount is not None]
    printed = sum(signed, Decimal(0))
    if len(missing) == 1 and len(terms) > 2:
        line, column, sign = terms[missing[0]]
        if not _raw(line, column):
            forced = f"{-printed * sign or Decimal(0):.2f}"
            text = "No cell prints the amount; the other amounts of the sum force it."
            yield _about(line, Code.AMOUNT_FORCED, text, f"{column}_cny", None, forced)
    elif not missing and abs(printed) > _tolerance(terms, scale):
        line, column, _ = terms[0] if code is not Code.ADJUSTMENT_MISMATCH else terms[-1]
        yield _about(line, code, f"{message} (by {printed:,.2f}).", f"{column}_cny", _raw(line, column), None)


def _check_part(parent: FundRow, child: FundRow, column: AmountColumn) -> Iterator[Finding]:
    whole, part = _amount(parent, column), _amount(child, column)
    if whole is not None and part is not None and abs(part) > abs(whole):
        message = f"{_SOURCES}: one alone is more."
        yield _about(parent, Code.SOURCES_MISMATCH, message, f"{column}_cny", _raw(parent, column), None)


def find_groups(funds: Sequence[FundRow]) -> Iterator[tuple[FundRow, list[FundRow]]]:
    """Each line that sums up others, with the lines under it; or the last line with all those above it."""
    if len(funds) > 1 and funds[-1].source == "total" and not any(line.source in _PARENTS for line in funds[:-1]):
        yield funds[-1], list(funds[:-1])
        return
    parent: FundRow | None = None
    children: list[FundRow] = []
    for line in (*funds, None):
        if line is None or line.source in _PARENTS:
            if parent is not None and children:
                yield parent, children
            parent, children = line, []
        else:
            children.append(line)


def _readings(children: Sequence[FundRow]) -> Iterator[list[FundRow]]:
    """Which of the lines may add up: all; or without those that are part of another."""
    sources = {child.source for child in children}
    yield list(children)
    if "fiscal" in sources and sources & _LEVELS:
        yield [child for child in children if child.source not in _LEVELS]
    if "local" in sources and sources & _LOCAL_LEVELS:
        yield [child for child in children if child.source not in _LOCAL_LEVELS]


def _tolerance(terms: Sequence[_Term], scale: Decimal) -> Decimal:
    decimals = max(_count_decimals(_raw(line, column)) for line, column, _ in terms)
    place = Decimal(1).scaleb(-decimals) * scale
    return Decimal("0.001") if decimals == 0 or place <= Decimal("0.01") else place * len(terms) / 2


def _amount(line: FundRow, column: AmountColumn) -> Decimal | None:
    amount: Decimal | None = getattr(line, f"{column}_cny")
    return amount


def _raw(line: FundRow, column: AmountColumn) -> str | None:
    raw: str | None = getattr(line, f"{column}_raw")
    return raw


def _count_decimals(printed: str | None) -> int:
    match = _DECIMALS.search(printed or "")
    return len(match[1]) if match else 0


def _about(line: FundRow, code: Code, message: str, column: str, raw: str | None, value: str | None) -> Finding:
    return Finding(code, message, table="funds", row=line.line, page=line.page, column=column, raw=raw, value=value)


# ---------------------------------------------------------------------------------------------------------------------
# Weights, scores and indicators
# ---------------------------------------------------------------------------------------------------------------------


def check_scores(rows: Sequence[FundRow | IndicatorRow]) -> Iterator[Finding]:
    """No score is more than its weight."""
    for row in rows:
        if row.score is not None and row.weight is not None and row.score > row.weight:
            message = f"The score {row.score:g} is more than its weight {row.weight:g}."
            if isinstance(row, FundRow):
                yield _about(row, Code.SCORE_MISMATCH, message, "score", f"{row.score:g}", None)
            else:
                yield _of_row(row, Code.SCORE_MISMATCH, message, "score", f"{row.score:g}", None)


def check_score_by_target(indicators: Sequence[IndicatorRow]) -> Iterator[Finding]:
    """A target that is met gives all of its weight, one that is missed the share of it that was reached.

    So the ministry's platform scores; forms round and judge, so only what is far from it is told. A met target with a
    lower score and a reason is explained.
    """
    for row in indicators:
        expected = _expected_score(row)
        if expected is None or row.score is None or not row.weight or row.score > row.weight:
            continue
        explained = row.achieved and not is_blank_number(row.reason or "")
        tolerance = _SUM_TOLERANCE if row.achieved else _SCORE_TOLERANCE * row.weight
        if abs(row.score - expected) > tolerance and not explained:
            how = "met" if row.achieved else "missed"
            message = f"The target is {how}; by actual and target the score would be {expected:.2f}."
            yield _of_row(row, Code.SCORE_MISMATCH, message, "score", f"{row.score:g}", f"{expected:.2f}")


def _expected_score(row: IndicatorRow) -> float | None:
    """The score by actual and target; None where they are no two numbers in one unit."""
    if row.achieved is None or row.achievement_pct is None or not row.weight:
        return None
    reached = row.achievement_pct / 100
    if row.achieved:
        return row.weight
    if row.operator in _UPPER_BOUNDS:
        reached = 2 - reached  # 120 for 100 at most is a fifth too much
    return row.weight * min(max(reached, 0.0), 1.0)


def check_totals(
    funds: Sequence[FundRow], indicators: Sequence[IndicatorRow], weight_total: float | None, score_total: float | None
) -> Iterator[Finding]:
    """Weights and scores of the indicators and of the execution row add up to the printed totals."""
    rows: tuple[FundRow | IndicatorRow, ...] = (*funds, *indicators)
    weights = [row.weight for row in rows if row.weight is not None]
    scores = [row.score for row in rows if row.score is not None]
    for total, parts, code, column in (
        (weight_total, weights, Code.WEIGHT_SUM_MISMATCH, "weight_total"),
        (score_total, scores, Code.SCORE_SUM_MISMATCH, "score_total"),
    ):
        if total is not None and parts and abs(sum(parts) - total) > _SUM_TOLERANCE:
            message = f"The parts add up to {sum(parts):.2f}, the printed total is {total:g}."
            yield Finding(code, message, table="forms", column=column, raw=f"{total:g}", value=f"{sum(parts):.2f}")


def check_weights(funds: Sequence[FundRow], indicators: Sequence[IndicatorRow]) -> Iterator[Finding]:
    """Weights without a printed total add up to 100 with that of the execution row, where every row prints one."""
    execution = [row.weight for row in funds if row.weight is not None]
    weights = [row.weight for row in indicators if row.weight is not None]
    if not execution or not weights or len(weights) < len(indicators):
        return
    total = sum(weights) + sum(execution)
    if abs(total - _ALL) > _SUM_TOLERANCE:
        message = f"The weights add up to {total:g}, not to {_ALL}."
        yield Finding(Code.WEIGHT_SUM_MISMATCH, message, table="forms", column="weight_total", value=f"{total:g}")


def check_duplicates(indicators: Sequence[IndicatorRow]) -> Iterator[Finding]:
    """The same indicator in two rows, once cut and once in full, or under two operators. Both rows stay."""
    alike: dict[tuple[str | None, ...], list[IndicatorRow]] = defaultdict(list)
    for row in indicators:
        if row.name:
            alike[row.level2, row.target_raw, row.unit, row.actual_raw].append(row)
    for rows in alike.values():
        for a, b in combinations(rows, 2):
            if _is_same_name(a, b):
                for row, other in ((a, b), (b, a)):
                    message = f"The same indicator stands in row {other.row} too."
                    yield _of_row(row, Code.DUPLICATE_INDICATOR, message, "name", row.name_raw, str(other.row))


def _is_same_name(a: IndicatorRow, b: IndicatorRow) -> bool:
    if a.name == b.name:
        return True
    short, full = sorted((a, b), key=lambda row: len(row.name or ""))
    cut = short.name or ""
    return short.name_status == "truncated" and len(cut) >= _SHORTEST_PREFIX and (full.name or "").startswith(cut)


def check_actuals(indicators: Sequence[IndicatorRow]) -> Iterator[Finding]:
    """Blank actuals beside targets, and actuals far from them."""
    for row in indicators:
        has_target = row.target_value is not None or row.target_date is not None
        if has_target and not (row.actual_raw or "").strip():
            message = "The target has a value, the actual is blank."
            yield _of_row(row, Code.ACTUAL_MISSING, message, "actual_raw", None, row.target_raw)
        ratio = (row.achievement_pct or 100.0) / 100
        if ratio >= _FAR or 0 < ratio <= _FAR_BELOW or (ratio >= _FAR_IN_MAGNITUDE and _is_magnitude_new(row)):
            message = f"The actual is {ratio:g} times its target."
            yield _of_row(row, Code.ACTUAL_IMPLAUSIBLE, message, "actual_value", row.actual_raw, row.target_raw)


def _is_magnitude_new(row: IndicatorRow) -> bool:
    """Whether the actual is printed with a magnitude (333万) that neither target nor unit has."""
    return _has_magnitude(row.actual_raw) and not _has_magnitude(row.target_raw) and not _starts_big(row.unit_raw)


def _has_magnitude(printed: str | None) -> bool:
    return any(lead.own or _starts_big(lead.rest) for lead in find_leads(fold(printed or "")))


def _starts_big(text: str | None) -> bool:
    return find_magnitude(text or "") is not None


def _of_row(row: IndicatorRow, code: Code, message: str, column: str, raw: str | None, value: str | None) -> Finding:
    return Finding(code, message, table="indicators", row=row.row, page=row.page, column=column, raw=raw, value=value)
