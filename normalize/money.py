"""The money block: lines of amounts by source, and the unit that they are really in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Literal

from model import Cell, Code, Finding, FundRow
from normalize.blanks import is_blank
from normalize.cases import fold
from normalize.find import FormParts, MoneyPart
from normalize.heads import Block, Column, Head, Role, columns_of, role_of
from normalize.labels import find_source, is_mark
from normalize.money_unit import Unit, find_printed_unit, settle_unit
from normalize.rows import Row
from normalize.values import Amount, parse_amount, parse_rate, parse_weight

__all__ = ["AMOUNT_COLUMNS", "AmountColumn", "MoneyBlock", "parse_money"]

AmountColumn = Literal["initial", "adjustment", "final", "executed"]
AMOUNT_COLUMNS: tuple[AmountColumn, ...] = ("initial", "adjustment", "final", "executed")

_CENT = Decimal("0.01")
_LARGEST = Decimal(10) ** 18
_CLAUSES = re.compile(r"[,，;；。:：、]")
_NAMED_AMOUNT = re.compile(r"([^\d\s]{2,12}?)(?:为|共)?(\d[\d.]*)?(万?元)")
_POINTS = re.compile(r"[(\[](\d{1,3}(?:\.\d+)?)分[*×xX]?[^()]*[)\]]")


@dataclass(frozen=True, slots=True)
class MoneyBlock:
    """The lines of the money block, the unit that it prints and the one that its amounts are in."""

    lines: tuple[FundRow, ...]
    unit_printed: Unit | None
    unit: Unit | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as printed: its label cells and its cells by role."""

    page: int
    labels: tuple[str, ...]
    parent: str | None
    texts: Mapping[Role, str]


def parse_money(
    parts: FormParts, bodies: Sequence[str], unit_label: str | None, mentions: Sequence[str], form_id: str = ""
) -> MoneyBlock:
    """Read the money block of a form.

    `bodies` are the names of the form's bodies, `unit_label` a unit printed in the head block, `mentions` texts of the
    form that may name the same amounts with their unit. Amounts are null where their unit could not be settled.
    """
    lines = [line for part in parts.money for line in _lines(part)]
    amounts = {id(line): _amounts(line) for line in lines}
    free = [amount for by_column in amounts.values() for amount in by_column.values() if amount.number is not None]
    printed = find_printed_unit((*_unit_texts(parts.money), *parts.lines, unit_label or ""))
    unit, findings = settle_unit(printed, free, bodies, mentions)
    findings += [*_left_out(parts.money), *(finding for part in parts.money for finding in _unread(part))]
    points = _head_points(parts.money)
    rows: list[FundRow] = []
    for n, line in enumerate(lines, 1):
        source = _source(line, alone=len(lines) == 1)
        row, found = _fund_row(n, line, source, amounts[id(line)], unit, points if n == 1 else None)
        rows.append(replace(row, form_id=form_id))
        findings += found
    return MoneyBlock(tuple(rows), printed, unit, tuple(findings))


# ---------------------------------------------------------------------------------------------------------------------
# Lines as printed
# ---------------------------------------------------------------------------------------------------------------------


def _lines(part: MoneyPart) -> Iterator[_Line]:
    if part.head is None:
        yield from _pair_lines(part.rows)
        for row in part.rows:
            yield from _sentence_lines(row)
        return
    for row in part.rows:
        line = _column_line(part.head, row)
        if line:
            yield line


def _column_line(head: Head, row: Row) -> _Line | None:
    """A row under a head: its label is what it prints left of the first column of amounts."""
    columns = columns_of(head, row.table)
    first = min((c.c0 for c in columns if c.role not in (Role.LABEL, Role.SIDE, Role.BLANK, Role.GROUP)), default=0)
    if all(is_mark(cell.text, "column_letter") for cell in row.filled):
        return None
    labels = tuple(cell.text for cell in row.filled if cell.c0 < first and not _is_side(cell, head))
    texts = {column.role: _text_under(column, row) for column in columns if column.c0 >= first}
    parents = [cell.text for cell in row.over if cell.c0 < first and not _is_side(cell, head)]
    if not labels and not any(texts.values()):
        return None
    return _Line(row.page, labels, parents[-1] if parents else None, texts)


def _is_side(cell: Cell, head: Head) -> bool:
    """Whether a cell is the block's own name beside its rows."""
    if cell.r0 == cell.r1 and find_source(cell.text):
        return False
    return role_of(cell.text, Block.MONEY) is Role.GROUP or any(
        column.role is Role.SIDE and column.c0 <= cell.c0 <= column.c1 for column in head.columns
    )


def _text_under(column: Column, row: Row) -> str:
    """What the row prints under a column; a merged cell counts on its first row."""
    return "".join(cell.text for cell in row.cells if column.c0 <= cell.c0 <= column.c1)


def _pair_lines(rows: Sequence[Row]) -> Iterator[_Line]:
    """Rows of label and amount. Target forms print the whole project's amounts beside the year's: the year's count."""
    for label, amount, counts in _year_pairs(rows):
        if counts:
            yield _Line(label.page, (label.text,), None, {Role.FINAL: amount.text})


def _year_pairs(rows: Sequence[Row]) -> Iterator[tuple[Cell, Cell, bool]]:
    """Labels and amounts, and whether each belongs to the year."""
    pairs = [(label, amount) for row in rows for label, amount in _pairs(row)]
    totals = {label.c0: label for label, _ in pairs if find_source(label.text) == "total"}
    yearly = [c0 for c0, label in totals.items() if is_mark(label.text, "year_amount")]
    if len(totals) < 2 or len(yearly) != 1:
        yield from ((label, amount, True) for label, amount in pairs)
        return
    end = min((c0 for c0 in totals if c0 > yearly[0]), default=None)
    for label, amount in pairs:
        yield label, amount, yearly[0] <= label.c0 and (end is None or label.c0 < end)


def _sentence_lines(row: Row) -> Iterator[_Line]:
    """The amounts of a sentence: 总额1002.6万元,其中:中央726.7万元;省级财政23.9万元;其他万元."""
    for cell in row.filled:
        named = [match for clause in _CLAUSES.split(cell.text) if (match := _NAMED_AMOUNT.fullmatch(clause.strip()))]
        if sum(find_source(match[1]) is not None for match in named) > 1:
            for match in named:
                amount = match[2] + match[3] if match[2] else ""
                yield _Line(cell.page, (match[1],), None, {Role.FINAL: amount})


def _unread(part: MoneyPart) -> Iterator[Finding]:
    """Rows of a block without a head that hold text but no amount."""
    for row in part.rows if part.head is None else ():
        if len(row.filled) > 1 and not any(True for _ in (*_pairs(row), *_sentence_lines(row))):
            message = "The row fits no column of the form."
            yield Finding(Code.ROW_UNPLACED, message, table="forms", page=row.page, raw=row.text)


def _left_out(money: Iterable[MoneyPart]) -> Iterator[Finding]:
    """The amounts of the whole project beside the year's."""
    message = "An amount of the whole project, not of the year, is in no column."
    for part in money:
        for label, amount, counts in _year_pairs(part.rows) if part.head is None else ():
            if not counts:
                raw = f"{label.text} {amount.text}"
                yield Finding(Code.AMOUNT_LEFT_OUT, message, table="forms", page=label.page, raw=raw)


def _pairs(row: Row) -> Iterator[tuple[Cell, Cell]]:
    cells = row.cells
    for label, amount in pairwise(cells):
        if find_source(label.text) and not find_source(amount.text):
            yield label, amount


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


def _amounts(line: _Line) -> dict[AmountColumn, Amount]:
    return {column: parse_amount(line.texts.get(Role(column), "")) for column in AMOUNT_COLUMNS}


def _fund_row(
    n: int,
    line: _Line,
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


def _source(line: _Line, *, alone: bool) -> str | None:
    """The source of a line. 基本支出 | 年度资金总额 is the first label's, and so is 年度资金总额 inside 项目支出.

    A line without a label is the total where it stands `alone`.
    """
    if not line.labels:
        return "total" if alone else None
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


def _not_understood(n: int, line: _Line, column: str, raw: str) -> Finding:
    return _finding(Code.NUMBER_NOT_UNDERSTOOD, "A column of numbers holds something else.", n, line, column, raw, None)


def _finding(code: Code, message: str, n: int, line: _Line, column: str, raw: str, value: str | None) -> Finding:
    return Finding(code, message, table="funds", row=n, page=line.page, column=column, raw=raw, value=value)
