"""The money block: lines of amounts by source, and the unit that they are really in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from model import Cell, Code, Finding, FundRow
from normalize.blanks import is_blank
from normalize.cases import fold
from normalize.find import FormParts, MoneyPart
from normalize.heads import Role
from normalize.labels import find_source
from normalize.money_lines import MoneyLine, is_side_by_side, left_out_pairs, read_lines, unread_rows
from normalize.money_unit import Unit, find_printed_unit, settle_unit
from normalize.values import Amount, parse_amount, parse_rate, parse_weight

__all__ = ["AMOUNT_COLUMNS", "AmountColumn", "MoneyBlock", "parse_money"]

AmountColumn = Literal["initial", "adjustment", "final", "executed"]
AMOUNT_COLUMNS: tuple[AmountColumn, ...] = ("initial", "adjustment", "final", "executed")

_CENT = Decimal("0.01")
_LARGEST = Decimal(10) ** 18
_POINTS = re.compile(r"[(\[](\d{1,3}(?:\.\d+)?)分[*×xX]?[^()]*[)\]]")


@dataclass(frozen=True, slots=True)
class MoneyBlock:
    """The lines of the money block, the unit that it prints and the one that its amounts are in."""

    lines: tuple[FundRow, ...]
    unit_printed: Unit | None
    unit: Unit | None
    findings: tuple[Finding, ...]


def parse_money(
    parts: FormParts, bodies: Sequence[str], unit_label: str | None, mentions: Sequence[str], form_id: str = ""
) -> MoneyBlock:
    """Read the money block of a form.

    `bodies` are the names of the form's bodies, `unit_label` a unit printed in the head block, `mentions` texts of the
    form that may name the same amounts with their unit. Amounts are null where their unit could not be settled.
    """
    lines = [line for part in parts.money for line in read_lines(part)]
    amounts = {id(line): _amounts(line) for line in lines}
    free = [amount for by_column in amounts.values() for amount in by_column.values() if amount.number is not None]
    printed = find_printed_unit((*_unit_texts(parts.money), *parts.lines, unit_label or ""))
    unit, findings = settle_unit(printed, free, bodies, mentions)
    findings += [*_unknown_heads(parts.money), *_left_out(parts.money)]
    findings += [finding for part in parts.money for finding in unread_rows(part)]
    findings += _check_left_out(lines) if lines else ()
    points = _head_points(parts.money)
    rows: list[FundRow] = []
    for n, line in enumerate(lines, 1):
        source = _source(line, alone=len(lines) == 1)
        row, found = _fund_row(n, line, source, amounts[id(line)], unit, points if n == 1 else None)
        rows.append(replace(row, form_id=form_id))
        findings += found
    return MoneyBlock(tuple(rows), printed, unit, tuple(findings))


# ---------------------------------------------------------------------------------------------------------------------
# What belongs to the whole block
# ---------------------------------------------------------------------------------------------------------------------


def _unknown_heads(money: Iterable[MoneyPart]) -> Iterator[Finding]:
    message = "No case knows this head; the column's text is kept in the findings of its lines."
    for part in money:
        head = part.head
        unknown = [column for column in head.columns if column.role is Role.UNKNOWN] if head else []
        if head and unknown and not is_side_by_side(part):
            for column in unknown:
                yield Finding(Code.HEAD_UNKNOWN, message, table="forms", page=head.table.page, raw=column.text)


def _check_left_out(lines: Sequence[MoneyLine]) -> Iterator[Finding]:
    """Sources of an amount that the output has no column for, side by side with those of others, add up to it too.

    A published form prints 170 as received over sources of 170 and 9.6.
    """
    total, *others = lines
    for head, text in total.left_out if total.source else ():
        parts = [parse_amount(amount).number for line in others for name, amount in line.left_out if name == head]
        known = [part for part in parts if part is not None]
        whole = parse_amount(text).number
        if whole is not None and known and len(known) == len(parts) and sum(known) != whole:
            message = f"The sources of {head!r} do not add up to their sum."
            yield Finding(
                Code.SOURCES_MISMATCH, message, table="funds", row=1, page=total.page, raw=text, value=str(sum(known))
            )


def _left_out(money: Iterable[MoneyPart]) -> Iterator[Finding]:
    """The amounts of the whole project beside the year's."""
    message = "An amount of the whole project, not of the year, is in no column."
    for part in money:
        for label, amount in left_out_pairs(part):
            raw = f"{label.text} {amount.text}"
            yield Finding(Code.AMOUNT_LEFT_OUT, message, table="forms", page=label.page, raw=raw)


def _unit_texts(money: Iterable[MoneyPart]) -> Iterator[str]:
    """Where a money block prints its unit: in the cell beside it and in its heads."""
    for part in money:
        yield from part.head.texts if part.head else ()
        yield from (cell.text for row in part.rows[:1] for cell in row.covering if _prints_no_amount(cell))


def _prints_no_amount(cell: Cell) -> bool:
    return bool(cell.text) and parse_amount(cell.text).number is None


def _head_points(money: Sequence[MoneyPart]) -> Decimal | None:
    """The weight printed in a head, of blocks without a column of weights: 得分（20分*执行率）, 预算执行情况(10分)."""
    heads = [part.head for part in money if part.head]
    if not heads or heads[0].has(Role.WEIGHT):
        return None
    found = (_POINTS.search(fold(text)) for text in heads[0].texts)
    return next((Decimal(match[1]) for match in found if match), None)


# ---------------------------------------------------------------------------------------------------------------------
# Lines as rows
# ---------------------------------------------------------------------------------------------------------------------


def _amounts(line: MoneyLine) -> dict[AmountColumn, Amount]:
    return {column: parse_amount(line.texts.get(Role(column), "")) for column in AMOUNT_COLUMNS}


def _fund_row(
    n: int,
    line: MoneyLine,
    source: str | None,
    amounts: Mapping[AmountColumn, Amount],
    unit: Unit | None,
    points: Decimal | None,
) -> tuple[FundRow, list[Finding]]:
    """The row of a line, and what was not understood or rounded in it."""
    findings: list[Finding] = []
    raws = {column: line.texts.get(Role(column)) or None for column in AMOUNT_COLUMNS}
    exacts = {column: _in_cny(amount, unit) for column, amount in amounts.items()}
    cny: dict[AmountColumn, Decimal | None] = {}
    rate = parse_rate(line.texts.get(Role.RATE, ""))
    weight, score = (parse_weight(line.texts.get(role, "")) for role in (Role.WEIGHT, Role.SCORE))
    for column, amount in amounts.items():
        exact, cny[column] = exacts[column], _to_cents(exacts[column])
        if not amount.understood or (exact is not None and cny[column] is None):
            findings.append(_not_understood(n, line, f"{column}_cny", amount.raw))
        elif exact != cny[column]:
            message, value = "The amount has fractions of a cent; it was rounded.", str(cny[column])
            findings.append(_finding(Code.AMOUNT_ROUNDED, message, n, line, f"{column}_cny", amount.raw, value))
    for column_name, printed in (("execution_rate_pct", rate), ("weight", weight), ("score", score)):
        if not printed.understood:
            findings.append(_not_understood(n, line, column_name, printed.raw))
    if source is None:
        message = "No case knows this label of the money block."
        findings.append(_finding(Code.SOURCE_UNKNOWN, message, n, line, "source", " ".join(line.labels), None))
    findings += _texts_left(n, line)
    row = FundRow(
        form_id="",
        line=n,
        page=line.page,
        source=source,
        source_raw=" ".join(line.labels) or None,
        initial_cny=cny["initial"],
        adjustment_cny=cny["adjustment"],
        final_cny=cny["final"],
        executed_cny=cny["executed"],
        initial_raw=raws["initial"],
        adjustment_raw=raws["adjustment"],
        final_raw=raws["final"],
        executed_raw=raws["executed"],
        execution_rate_pct=_float(rate.number),
        execution_rate_raw=line.texts.get(Role.RATE) or None,
        weight=_float(weight.number if weight.number is not None else points),
        score=_float(score.number),
        note=None if is_blank(line.texts.get(Role.NOTE, "")) else line.texts[Role.NOTE],
    )
    return row, findings


def _texts_left(n: int, line: MoneyLine) -> Iterator[Finding]:
    """Text of a line under heads that no case knows, and under those that the output has no column for."""
    for head, text in line.unknown:
        message = f"Text under the head {head!r}, which no case knows." if head else "Text in a column without a head."
        yield Finding(Code.HEAD_UNKNOWN, message, table="funds", row=n, page=line.page, raw=text)
    for head, text in line.left_out:
        message = f"Text under the head {head!r}, for which the output has no column."
        yield Finding(Code.TEXT_LEFT_OUT, message, table="funds", row=n, page=line.page, raw=text)


def _source(line: MoneyLine, *, alone: bool) -> str | None:
    """The source of a line. 基本支出 | 年度资金总额 is the first label's, and so is 年度资金总额 inside 项目支出.

    A line without a label is the total where it stands `alone`.
    """
    if line.source or not line.labels:
        return line.source or ("total" if alone else None)
    sources = [find_source(label) for label in line.labels]
    if sources[-1] != "total":
        return sources[-1]
    if sources[0] in ("basic", "project"):
        return sources[0]
    parent = find_source(line.parent) if line.parent else None
    return parent if parent in ("basic", "project") else "total"


def _in_cny(amount: Amount, unit: Unit | None) -> Decimal | None:
    if unit is None and amount.factor is None:
        return None
    return amount.in_cny(unit or "元")


def _to_cents(exact: Decimal | None) -> Decimal | None:
    """The amount to the cent; None for one that no budget can hold (18 digits of yuan: more than the world's money)."""
    if exact is None or abs(exact) >= _LARGEST:
        return None
    return exact.quantize(_CENT, ROUND_HALF_EVEN)


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _not_understood(n: int, line: MoneyLine, column: str, raw: str) -> Finding:
    return _finding(Code.NUMBER_NOT_UNDERSTOOD, "A column of numbers holds something else.", n, line, column, raw, None)


def _finding(code: Code, message: str, n: int, line: MoneyLine, column: str, raw: str, value: str | None) -> Finding:
    return Finding(code, message, table="funds", row=n, page=line.page, column=column, raw=raw, value=value)
