"""The form's arithmetic as evidence for doubtful readings of its amounts, rates, weights and scores.

Target and actual are no identity: an actual is never read towards its target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from model import Code, Finding, FundRow, Reading
from normalize.checks import (
    check_adjustment,
    check_composition,
    check_rates,
    check_sources,
    find_groups,
)
from normalize.find import FormParts
from normalize.head import parse_head
from normalize.heads import Role
from normalize.indicator_rows import read_totals
from normalize.money import AMOUNT_COLUMNS, AmountColumn, parse_money
from normalize.reading_columns import Holds, fit
from normalize.reading_places import FormCells, Place
from normalize.reading_solver import Answer, Doubt, Identity, Key, Texts, solve
from normalize.reading_trust import LOOKED_AGAIN, TABLE_ODDS, aligned, unsure_places
from normalize.readings import Alternative, Edit, alternatives
from normalize.values import parse_amount, parse_rate, parse_weight

__all__ = ["decide_sums", "key_of"]

_ARITHMETIC = frozenset({Holds.AMOUNT, Holds.RATE, Holds.WEIGHT})
_MISMATCHES = frozenset(
    {Code.ADJUSTMENT_MISMATCH, Code.COMPOSITION_MISMATCH, Code.SOURCES_MISMATCH, Code.RATE_MISMATCH}
)
_PARENTS = ("total", "basic", "project")
_TOLERANCE = Decimal("0.011")  # weights and scores are printed with two decimals at most
_ALL = Decimal(100)
_MOST_OTHERS = 8  # values that one number may have instead
_CHANGES = 2  # wrong characters of one number


def decide_sums(parts: FormParts, cells: FormCells, places: Sequence[Place]) -> Answer:
    """The doubtful numbers of a form that its arithmetic reads otherwise, and those that it backs."""
    doubts = dict(_doubts(places))
    if not doubts:
        return Answer({}, frozenset())
    funds = _Funds(parts)
    identities = [*funds.identities(), *_weight_identities(parts, cells, funds.rows)]
    return solve([one for one in identities if not one.keys.isdisjoint(doubts)], doubts)


def key_of(place: Place) -> Key:
    """The name of a number among the identities of its form."""
    return place.table, place.row, place.column or ""


def _doubts(places: Sequence[Place]) -> Iterator[tuple[Key, Doubt]]:
    """The numbers that are not sure. One that stands in several rows or cells binds nothing and is left out."""
    seen: dict[Key, list[Place]] = {}
    rows: dict[int, int] = {}
    for place in places:
        if place.holds in _ARITHMETIC and place.column:
            seen.setdefault(key_of(place), []).append(place)
            rows[id(place.block)] = rows.get(id(place.block), 0) + 1
    for key, (place, *more) in seen.items():
        reading, text = aligned(place.block), place.block.text
        is_asked = reading is not None and not more and rows[id(place.block)] == 1
        if reading is not None and is_asked and (unsure_places(text, reading) or _lost_a_digit(text, reading)):
            yield key, Doubt(text, reading, tuple(_others(place)))


def _others(place: Place) -> Iterator[Alternative]:
    """What a number may be instead: of each value the likeliest reading."""
    reading, text = aligned(place.block), place.block.text
    seen = {fit(text, place.holds).outcome}
    every = alternatives(text, reading, unsure_only=True, most=_CHANGES) if reading else []
    if reading is not None and _lost_a_digit(text, reading):
        yield from (_with_digit(text, digit) for digit in "0123456789")
        return
    for one in sorted(every, key=lambda one: -one.odds):
        other = fit(one.text, place.holds)
        if other.rank == 2 and other.outcome not in seen and len(seen) <= _MOST_OTHERS:
            seen.add(other.outcome)
            yield one


def _lost_a_digit(text: str, reading: Reading) -> bool:
    """Whether the reader, looking again, saw more behind the digits that are all it read at first: 10 under a seal was
    read as 1, and then as 1°10. Which digit is missing neither look tells."""
    again = (one for one in reading.rivals if (one.start, one.end) == (0, len(text)))
    return text.isdecimal() and any(
        one.confidence >= LOOKED_AGAIN and one.text.startswith(text) and any(map(str.isdecimal, one.text[len(text) :]))
        for one in again
    )


def _with_digit(text: str, digit: str) -> Alternative:
    edit = Edit(len(text), len(text), digit)
    return Alternative(text + digit, (edit,), TABLE_ODDS, 1, is_twin=False)


# ---------------------------------------------------------------------------------------------------------------------
# Money
# ---------------------------------------------------------------------------------------------------------------------


class _Funds:
    """The lines of money as read, and as they would be with other texts."""

    def __init__(self, parts: FormParts) -> None:
        block = parse_money(parts, (), None, ())
        self.rows = block.lines
        self.unit = block.unit or "元"
        self.scale = Decimal(10_000 if self.unit == "万元" else 1)

    def identities(self) -> Iterator[Identity]:
        """What the lines must satisfy."""
        adjusted = any(row.adjustment_raw for row in self.rows)
        for row in self.rows:
            if adjusted:
                keys = _keys([row], ("initial", "adjustment", "final"))
                check = partial(check_adjustment, scale=self.scale)
                yield self._identity("initial + adjustment = final", keys, [row], check)
            keys = _keys([row], ("executed", "final")) | {("funds", row.line, "execution_rate_raw")}
            yield self._identity("rate = executed / final", keys, [row], check_rates)
        for column in AMOUNT_COLUMNS:
            yield from self._sums(column)

    def _sums(self, column: AmountColumn) -> Iterator[Identity]:
        parents = {row.source: row for row in reversed(self.rows) if row.source in _PARENTS}
        if len(parents) == len(_PARENTS):
            rows = sorted(parents.values(), key=lambda row: row.line)
            check = partial(check_composition, scale=self.scale)
            yield self._identity("basic + project = total", _keys(rows, (column,)), rows, check, column)
        for parent, children in find_groups(self.rows):
            rows = sorted((parent, *children), key=lambda row: row.line)
            check = partial(check_sources, scale=self.scale)
            exact = len(children) > 1
            yield self._identity(
                "the sources add up to their sum", _keys(rows, (column,)), rows, check, column, exact=exact
            )

    def _identity(
        self,
        name: str,
        keys: frozenset[Key],
        rows: Sequence[FundRow],
        check: Callable[[Sequence[FundRow]], Iterable[Finding]],
        column: AmountColumn | None = None,
        *,
        exact: bool = True,
    ) -> Identity:
        return Identity(name, keys, partial(self._holds, keys, rows, check, column), exact)

    def _holds(
        self,
        keys: frozenset[Key],
        rows: Sequence[FundRow],
        check: Callable[[Sequence[FundRow]], Iterable[Finding]],
        column: AmountColumn | None,
        texts: Texts,
    ) -> bool:
        changed = [self._with_texts(row, texts) for row in rows]
        if not all(_is_understood(row, key) for row in changed for key in keys if key[1] == row.line):
            return False
        found = (finding for finding in check(changed) if finding.code in _MISMATCHES)
        return not any(column is None or finding.column == f"{column}_cny" for finding in found)

    def _with_texts(self, row: FundRow, texts: Texts) -> FundRow:
        """The line with some of its amounts or its rate read from other texts."""
        for (_, line, column), text in texts.items():
            if line == row.line and column == "execution_rate_raw":
                rate = parse_rate(text).number
                row = replace(row, execution_rate_raw=text, execution_rate_pct=None if rate is None else float(rate))
            elif line == row.line:
                name = column.removesuffix("_raw")
                amount = parse_amount(text).in_cny(self.unit)
                row = replace(row, **{column: text, f"{name}_cny": amount})  # type: ignore[arg-type]
        return row


def _keys(rows: Sequence[FundRow], columns: Sequence[AmountColumn]) -> frozenset[Key]:
    return frozenset(("funds", row.line, f"{column}_raw") for row in rows for column in columns)


def _is_understood(row: FundRow, key: Key) -> bool:
    text = getattr(row, key[2]) or ""
    return (parse_rate(text) if key[2] == "execution_rate_raw" else parse_amount(text)).understood


# ---------------------------------------------------------------------------------------------------------------------
# Weights and scores
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    """The printed weights or scores of a form by their keys, the total that they must reach, and its own key."""

    texts: Mapping[Key, str]
    total: Decimal | None
    total_key: Key
    fixed: Decimal = Decimal(0)

    def adds_up(self, texts: Texts) -> bool:
        """Whether the parts add up to the total with some of them read from other texts."""
        read = [parse_weight(texts.get(key, text)) for key, text in self.texts.items()]
        total = parse_weight(texts[self.total_key]).number if self.total_key in texts else self.total
        if total is None or not all(one.understood for one in read):
            return False
        return abs(sum((one.number for one in read if one.number is not None), self.fixed) - total) <= _TOLERANCE


def _weight_identities(parts: FormParts, cells: FormCells, funds: Sequence[FundRow]) -> Iterator[Identity]:
    weight, score = read_totals(parts.indicators)
    if score is None:
        said = parse_head(parts).score_total
        score = parse_weight(said).number if said else None
    weights = _parts_of(cells, funds, Role.WEIGHT, weight)
    if weight is None and _is_whole(parts, cells, funds):
        weights = replace(weights, total=_ALL)
    for name, found in (("weights", weights), ("scores", _parts_of(cells, funds, Role.SCORE, score))):
        if found.total is not None and found.texts:
            keys = frozenset((*found.texts, found.total_key))
            yield Identity(f"the {name} add up to their total", keys, found.adds_up)
    for (table, row, column), text in weights.texts.items():
        key = (table, row, "score")
        yield Identity(
            "no score is more than its weight",
            frozenset({(table, row, column), key}),
            partial(_is_within, (table, row, column), key, text, _score_text(cells, table, row)),
            exact=False,
        )


def _parts_of(cells: FormCells, funds: Sequence[FundRow], role: Role, total: Decimal | None) -> _Parts:
    texts: dict[Key, str] = {}
    fixed = Decimal(0)
    for n, line in enumerate(cells.lines, 1):
        if text := line.texts.get(role):
            texts["funds", n, role.value] = text
        elif role is Role.WEIGHT and funds[n - 1].weight is not None:
            fixed += Decimal(str(funds[n - 1].weight))  # printed in a head: 得分（20分*执行率）
    for n, row in enumerate(cells.rows, 1):
        if row.get(role).text:
            texts["indicators", n, role.value] = row.get(role).text
    return _Parts(texts, total, ("forms", None, f"{role.value}_total"), fixed)


def _is_whole(parts: FormParts, cells: FormCells, funds: Sequence[FundRow]) -> bool:
    """Whether every row of a self-assessment prints a weight, that of the execution too: they add up to 100."""
    has_actuals = any(part.head.has(Role.ACTUAL) for part in parts.indicators)
    printed = all(parse_weight(row.get(Role.WEIGHT).text).raw for row in cells.rows)
    return has_actuals and printed and bool(cells.rows) and any(row.weight is not None for row in funds)


def _score_text(cells: FormCells, table: str, row: int | None) -> str:
    if row is None:
        return ""
    if table == "funds":
        return cells.lines[row - 1].texts.get(Role.SCORE, "")
    return cells.rows[row - 1].get(Role.SCORE).text


def _is_within(weight_key: Key, score_key: Key, weight_text: str, score_text: str, texts: Texts) -> bool:
    weight = parse_weight(texts.get(weight_key, weight_text))
    score = parse_weight(texts.get(score_key, score_text))
    if score.number is None or (weight.number is None and weight_key not in texts):
        return True
    if weight.number is None:
        return False  # what has a score has a weight: a bound alone makes no dash of a number
    return score.number <= weight.number
