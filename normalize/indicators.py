"""The indicators of a form: level, name, operator, target, actual, unit, weight, score and reason of each row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from model import Code, Finding, IndicatorRow
from normalize.blanks import is_blank
from normalize.codebooks import Codebook, CodeEvidence, CodeRow, choose_codebook
from normalize.compare import achievement_pct, is_achieved, units_differ
from normalize.find import IndicatorPart
from normalize.heads import Role
from normalize.indicator_levels import read_levels, weights_of_levels
from normalize.indicator_rows import Levels, PrintedCell, PrintedRow, read_rows
from normalize.levels import parse_level2
from normalize.markup import strip_markup
from normalize.names import NameContext, NameInput, NameResult, repair_names
from normalize.operator_digits import DigitReading, DigitRow, is_maybe_operator_digit, read_operator_digits
from normalize.operators import CellKind, OperatorCell, parse_operator_cell
from normalize.units import find_unit_in_name
from normalize.values import Note, Value, ValueKind, parse_actual, parse_value, parse_weight

__all__ = ["IndicatorBlock", "IndicatorContext", "parse_indicators"]

_BRACKETS_AT_END = re.compile(r"[(（]([^()（）]{1,16})[)）]$")
_RATE_AT_END = re.compile(r"(?<=[率度比例])((?:[≥≤＞＜>=<＝]{1,2})?\d{1,3}(?:\.\d+)?[%％])$")
_BOUND_AT_END = re.compile(r"(?<=[^\s≥≤＞＜>=<＝])([≥≤＞＜>=<＝]{1,2}[^≥≤＞＜>=<＝()（）]{1,12})$")
_SHORTEST_NAME = 3
_RAW_COLUMNS = {
    Role.LEVEL1: "level1_raw",
    Role.LEVEL2: "level2_raw",
    Role.OPERATOR: "operator_raw",
    Role.TARGET: "target_raw",
    Role.TARGET_FIRST: "target_raw",
    Role.TARGET_ADJUSTED: "target_raw",
    Role.UNIT: "unit_raw",
    Role.ACTUAL: "actual_raw",
    Role.WEIGHT: "weight",
    Role.SCORE: "score",
    Role.REASON: "reason",
}
_NOTES = {
    Note.SEVERAL_NUMBERS: (Code.VALUE_AMBIGUOUS, "The cell holds more than one number; none is taken."),
    Note.UNIT_UNKNOWN: (Code.UNIT_UNKNOWN, "No table knows the unit; it is taken as printed."),
    Note.UNIT_CONFLICT: (Code.VALUE_AMBIGUOUS, "The cell and the column of units print different units."),
    Note.OPERATOR_CONFLICT: (Code.VALUE_AMBIGUOUS, "Two operators contradict each other; none is taken."),
}


@dataclass(frozen=True, slots=True)
class IndicatorContext:
    """What the rest of the form and document say: goals, notes, bodies and title, heads of other blocks."""

    form_id: str = ""
    goals: Sequence[str] = ()
    notes: Sequence[str] = ()
    texts: Sequence[str] = ()
    heads: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class IndicatorBlock:
    """The indicators of a form in printed order, and findings about rows that are none."""

    rows: tuple[IndicatorRow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A row with its values read, before its name is repaired."""

    row: int
    printed: PrintedRow
    target_raw: str
    sign: OperatorCell
    target: Value
    actual: Value
    findings: tuple[Finding, ...]


def parse_indicators(parts: Sequence[IndicatorPart], context: IndicatorContext) -> IndicatorBlock:
    """Read the indicator blocks of a form. Row numbers go through all blocks."""
    printed: list[PrintedRow] = []
    findings: list[Finding] = []
    levels = Levels()
    for part in parts:
        rows, lost = read_rows(part, levels)
        printed += rows
        findings += [*_unknown_heads(part), *lost]
    values = [_values(row) for row in printed]
    book = _codebook(printed, values, parts, context)
    read = [_read(n, row, pair, book) for n, (row, pair) in enumerate(zip(printed, values, strict=True), 1)]
    read = _without_operator_digits(read)
    names = repair_names([_name_input(one) for one in read], NameContext(tuple(context.goals)))
    rows_out, found = [], list(findings)
    weights = weights_of_levels(context.notes)
    for one, name in zip(read, names, strict=True):
        row, about = _indicator_row(context.form_id, one, name, weights)
        rows_out.append(row)
        found += about
    return IndicatorBlock(tuple(rows_out), tuple(found))


def _unknown_heads(part: IndicatorPart) -> list[Finding]:
    message = "No case knows this head; the column's text is kept in the findings of its rows."
    return [
        Finding(Code.HEAD_UNKNOWN, message, table="forms", page=part.head.table.page, column=None, raw=column.text)
        for column in part.head.columns
        if column.role is Role.UNKNOWN
    ]


def _codebook(
    rows: Sequence[PrintedRow],
    values: Sequence[tuple[Value, Value]],
    parts: Sequence[IndicatorPart],
    context: IndicatorContext,
) -> Codebook | None:
    """The code book of the form, None where its operators are no codes."""
    code_rows = [
        CodeRow(row.get(Role.OPERATOR).text, target.number, actual.number)
        for row, (target, actual) in zip(rows, values, strict=True)
        if parse_operator_cell(row.get(Role.OPERATOR).text).kind is CellKind.CODE
    ]
    if not code_rows:
        return None
    heads = [*context.heads, *(text for part in parts for text in part.head.texts)]
    return choose_codebook(CodeEvidence(code_rows, context.texts, heads))


# ---------------------------------------------------------------------------------------------------------------------
# Values
# ---------------------------------------------------------------------------------------------------------------------


def _values(row: PrintedRow) -> tuple[Value, Value]:
    """Target and actual of a row."""
    target = _parse_target(row, _target_cell(row)[0])
    return target, _parse_actual(row, target)


def _read(n: int, row: PrintedRow, values: tuple[Value, Value], book: Codebook | None) -> _Read:
    cell, findings = _target_cell(row)
    sign = parse_operator_cell(row.get(Role.OPERATOR).text, book)
    target, actual = values
    inside = _value_in_name(row, target, sign)
    if inside:
        target, finding = inside
        actual = _parse_actual(row, target)
        findings.append(finding)
    findings += [*_sign_findings(sign), *_value_findings("target_value", target)]
    findings += _value_findings("actual_value", actual)
    if actual.operator is not None:
        message = "An operator printed before the actual was read off."
        findings.append(_finding(Code.OPERATOR_IN_ACTUAL, message, "actual_value", actual.raw, actual.operator_raw))
    if units_differ(target, actual):
        message = f"The target is in {target.unit}, the actual in {actual.unit}."
        findings.append(_finding(Code.UNIT_DIFFERS, message, "actual_unit", actual.raw, actual.unit))
    return _Read(n, row, cell.visible, sign, target, actual, tuple(findings))


def _without_operator_digits(read: Sequence[_Read]) -> list[_Read]:
    """The rows with targets whose first digit is an operator read so, or with a finding where that is not sure."""
    asked = [one for one in read if one.sign.operator is None and is_maybe_operator_digit(one.target)]
    readings = read_operator_digits([_digit_row(one) for one in asked])
    changed = {one.row: _with_reading(one, reading) for one, reading in zip(asked, readings, strict=True) if reading}
    return [changed.get(one.row, one) for one in read]


def _with_reading(one: _Read, reading: DigitReading) -> _Read:
    findings = (*one.findings, reading.finding)
    if not reading.proven:
        return replace(one, findings=findings)
    actual = _parse_actual(one.printed, reading.target)
    return replace(one, target=reading.target, actual=actual, findings=findings)


def _digit_row(one: _Read) -> DigitRow:
    row = one.printed
    return DigitRow(
        text=_target_cell(row)[0].text,
        unit=_unit_elsewhere(row),
        target=one.target,
        actual=one.actual,
        weight=parse_weight(row.get(Role.WEIGHT).text).number,
        score=parse_weight(row.get(Role.SCORE).text).number,
        level2=parse_level2(row.level2.text).name,
        reason=row.get(Role.REASON).text,
    )


def _target_cell(row: PrintedRow) -> tuple[PrintedCell, list[Finding]]:
    """The target's cell: the adjusted target where it is filled, with a finding that quotes the first one."""
    first = row.get(Role.TARGET) if row.get(Role.TARGET).text else row.get(Role.TARGET_FIRST)
    adjusted = row.get(Role.TARGET_ADJUSTED)
    if is_blank(adjusted.text):
        return first, []
    if is_blank(first.text) or first.text == adjusted.text:
        return adjusted, []
    message = "Two targets are printed; the adjusted one counts."
    return adjusted, [_finding(Code.GOAL_ADJUSTED, message, "target_value", first.visible, adjusted.visible)]


def _parse_target(row: PrintedRow, cell: PrintedCell) -> Value:
    unit = _unit_elsewhere(row)
    return _parse_beside_name(row, cell.text, lambda text: parse_value(text, unit))


def _unit_elsewhere(row: PrintedRow) -> str | None:
    """The unit in its own column or in brackets behind the name."""
    return row.get(Role.UNIT).text or find_unit_in_name(row.get(Role.NAME).text) or None


def _parse_actual(row: PrintedRow, target: Value) -> Value:
    return _parse_beside_name(row, row.get(Role.ACTUAL).text, lambda text: parse_actual(text, target))


def _parse_beside_name(row: PrintedRow, text: str, parse: Callable[[str], Value]) -> Value:
    """A value; one that repeats the indicator's name (补贴对象满意度不低于80%) is read without it."""
    value = parse(text)
    name = row.get(Role.NAME).text
    if value.kind is not ValueKind.TEXT or len(name) < _SHORTEST_NAME or name not in text:
        return value
    rest = parse(text.removeprefix(name) if text.startswith(name) else text.removesuffix(name))
    return replace(rest, raw=text) if rest.number is not None else value


def _value_in_name(row: PrintedRow, target: Value, sign: OperatorCell) -> tuple[Value, Finding] | None:
    """An operator or a value that only the name prints: 苗木成活率(≥**%), 年度资金支付完成率100%."""
    name = row.get(Role.NAME).text
    if target.operator is None and sign.operator is None and (match := _BRACKETS_AT_END.search(name)):
        inner = parse_value(match[1])
        if inner.operator is not None:
            merged = parse_value(target.raw, target.unit_raw or inner.unit_raw)
            merged = replace(
                inner if target.kind is ValueKind.BLANK else merged,
                raw=target.raw,
                operator=inner.operator,
                operator_raw=inner.operator_raw,
                operator_source=inner.operator_source,
            )
            message = "The operator stands in the indicator's name."
            return merged, _finding(Code.OPERATOR_IN_NAME, message, "operator", match[0], inner.operator.value)
    if target.kind is not ValueKind.BLANK or target.operator is not None:
        return None
    match = _BOUND_AT_END.search(name)
    if match is None and is_blank(row.get(Role.ACTUAL).text):
        match = _RATE_AT_END.search(name)
    value = parse_value(match[1], _unit_elsewhere(row)) if match else target
    if match is None or value.number is None:
        return None
    message = "The value stands in the indicator's name."
    return replace(value, raw=target.raw), _finding(Code.VALUE_IN_NAME, message, "target_value", match[1], None)


def _sign_findings(sign: OperatorCell) -> list[Finding]:
    if sign.kind is CellKind.CODE and sign.operator is None:
        return [_finding(Code.CODE_UNKNOWN, "No code book of this form holds the code.", "operator", sign.raw, None)]
    if sign.kind is CellKind.UNKNOWN:
        message = "The column of operators holds something else."
        return [_finding(Code.OPERATOR_UNCERTAIN, message, "operator", sign.raw, None)]
    if sign.uncertain and sign.operator:
        message = "The code book gives this code with less certainty."
        return [_finding(Code.OPERATOR_UNCERTAIN, message, "operator", sign.raw, sign.operator.value)]
    return []


def _value_findings(column: str, value: Value) -> list[Finding]:
    return [_finding(*_NOTES[note], column, value.raw, None) for note in Note if note in value.notes]


# ---------------------------------------------------------------------------------------------------------------------
# Names and rows
# ---------------------------------------------------------------------------------------------------------------------


def _name_input(one: _Read) -> NameInput:
    row = one.printed
    name, reason = row.get(Role.NAME), row.get(Role.REASON)
    return NameInput(
        row=one.row,
        text=strip_markup(name.text),
        shown=strip_markup(name.visible),
        reason=strip_markup(reason.text),
        reason_lines=reason.lines,
        level2=parse_level2(row.level2.text).name,
        target=one.target.raw,
        unit=row.get(Role.UNIT).text,
        actual=row.get(Role.ACTUAL).text,
        operator_raw=row.get(Role.OPERATOR).text,
    )


def _indicator_row(
    form_id: str, one: _Read, name: NameResult, weights: Mapping[Decimal, str]
) -> tuple[IndicatorRow, list[Finding]]:
    row, target, actual, sign = one.printed, one.target, one.actual, one.sign
    level1, level2, findings = read_levels(row, weights)
    weight, score = parse_weight(row.get(Role.WEIGHT).text), parse_weight(row.get(Role.SCORE).text)
    for column, printed in (("weight", weight), ("score", score)):
        if not printed.understood:
            message = "A column of numbers holds something else."
            findings.append(_finding(Code.NUMBER_NOT_UNDERSTOOD, message, column, printed.raw, None))
    findings += [*one.findings, *name.findings, *_cell_findings(row)]
    operator = sign.operator or target.operator
    source = sign.source if sign.operator else target.operator_source
    operator_cell = row.get(Role.OPERATOR)
    operator_raw = operator_cell.visible if sign.operator or not target.operator else target.operator_raw
    is_number = actual.number is not None
    return IndicatorRow(
        form_id=form_id,
        row=one.row,
        page=row.page,
        x0=round(row.box.x0, 2),
        y0=round(row.box.y0, 2),
        x1=round(row.box.x1, 2),
        y1=round(row.box.y1, 2),
        level1=level1,
        level2=level2,
        level1_raw=row.level1.visible or None,
        level2_raw=row.level2.visible or None,
        name=name.name or None,
        name_raw=row.get(Role.NAME).visible or None,
        name_status=name.status if name.name else "truncated",
        name_source=name.source,
        name_evidence=name.evidence,
        operator=operator.value if operator else None,
        operator_source=source.value if source else None,
        operator_raw=operator_raw or None,
        target_raw=one.target_raw or None,
        target_value=_float(target.number),
        target_max=_float(target.maximum),
        target_date=target.date,
        unit=target.unit,
        unit_raw=row.get(Role.UNIT).visible or target.unit_raw,
        actual_raw=row.get(Role.ACTUAL).visible or None,
        actual_value=_float(actual.number),
        actual_date=actual.date,
        actual_unit=actual.unit if is_number else None,
        achieved=is_achieved(operator, target, actual),
        achievement_pct=achievement_pct(target, actual),
        weight=_float(weight.number),
        score=_float(score.number),
        reason=None if is_blank(name.reason) else name.reason.strip(),
    ), [
        Finding(f.code, f.message, "indicators", one.row, row.page, f.column, f.raw, f.value, form_id) for f in findings
    ]


def _cell_findings(row: PrintedRow) -> list[Finding]:
    """Text of other columns than the name that the page hides, markup, and text under heads that none knows."""
    findings = []
    cells = {**row.cells, Role.LEVEL1: row.level1, Role.LEVEL2: row.level2}
    for role, cell in cells.items():
        if cell.is_clipped and role is not Role.NAME:
            message = "The page hides part of the cell's text; the PDF holds it."
            findings.append(_finding(Code.TEXT_CLIPPED, message, _RAW_COLUMNS.get(role), cell.visible, cell.text))
        if role in (Role.NAME, Role.REASON) and strip_markup(cell.text) != cell.text:
            message = "HTML left in the cell was taken out."
            findings.append(_finding(Code.MARKUP_REMOVED, message, role.value, cell.visible, None))
    for head, text in row.unknown:
        message = f"Text under the head {head!r}, which no case knows." if head else "Text in a column without a head."
        findings.append(_finding(Code.HEAD_UNKNOWN, message, None, text, None))
    for head, text in row.left_out:
        message = f"Text under the head {head!r}, for which the output has no column."
        findings.append(_finding(Code.TEXT_LEFT_OUT, message, None, text, None))
    if is_blank(row.get(Role.NAME).text):
        findings.append(_finding(Code.NAME_MISSING, "The row has values, but prints no name.", "name", None, None))
    return findings


def _finding(code: Code, message: str, column: str | None, raw: str | None, value: str | None) -> Finding:
    return Finding(code, message, table="indicators", column=column, raw=raw or None, value=value)


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)
