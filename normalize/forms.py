"""Raw tables in, forms out: the blocks of each form read, checked and put together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from model import Code, Content, Finding, Form, FormRow, Line
from normalize.blanks import is_blank
from normalize.cases import Case, load
from normalize.checks import run_checks
from normalize.find import FormParts, check_lines
from normalize.fiscal_year import find_document_year
from normalize.goals import GoalBlock, parse_goals
from normalize.head import HeadBlock, parse_head
from normalize.heads import Head, Role
from normalize.indicator_rows import read_totals
from normalize.indicators import IndicatorBlock, IndicatorContext, parse_indicators
from normalize.kinds import is_section, texts_of
from normalize.labels import find_mark
from normalize.money import MoneyBlock, parse_money
from normalize.reading_pass import ReadForm, settle_readings
from normalize.rows import Row, Strip, split_label
from normalize.values import parse_weight

__all__ = ["normalize"]

_ID_LENGTH = 16
_MOST_GOALS = 5
"""Cells of a row from which on it is none of goals alone: labels and texts of two, and the name of the block."""
_NO_LAYOUT_COLUMN = frozenset({Role.SIDE, Role.BLANK, Role.GROUP, Role.OTHER, Role.NUMBERING, Role.UNKNOWN, Role.LABEL})


def normalize(content: Content, document_id: str) -> tuple[tuple[Form, ...], tuple[Finding, ...]]:
    """The forms that a document holds, and what was repaired, doubted or not understood in them.

    `content` are the document's tables, joined over page breaks, and the lines between them; `document_id` is the
    sha256 of its bytes. A document without a self-assessment or target form gives no forms.
    """
    forms: list[Form] = []
    findings: list[Finding] = []
    settled = settle_readings(content)
    content = settled.content
    for number, read in enumerate(settled.forms, 1):
        form, found = _read_form(read, document_id, number)
        forms.append(form)
        findings += found
    found = [*findings, *settled.findings, *check_lines(content)]
    if any(form.head.fiscal_year is None for form in forms):
        inferred = list(_infer_years([form.head for form in forms], findings, content))
        forms = _with_years(forms, inferred)
        found += inferred
    return tuple(forms), tuple(replace(finding, document_id=document_id) for finding in found)


def _infer_years(heads: Sequence[FormRow], findings: Sequence[Finding], content: Content) -> Iterator[Finding]:
    """Findings with the years of forms that print none, as far as their document says them."""
    lines = [block for block in content.blocks if isinstance(block, Line)]
    doubtful = {f.form_id for f in findings if f.code is Code.HEAD_CONFLICT and f.column == "fiscal_year"}
    for head in heads:
        if head.fiscal_year is None and head.form_id not in doubtful:
            finding = find_document_year(head, heads, lines)
            if finding:
                yield finding


def _with_years(forms: Sequence[Form], inferred: Sequence[Finding]) -> list[Form]:
    years = {finding.form_id: int(finding.value or 0) for finding in inferred}
    return [
        replace(form, head=replace(form.head, fiscal_year=years[form.head.form_id]))
        if form.head.form_id in years
        else form
        for form in forms
    ]


def _read_form(read: ReadForm, document_id: str, number: int) -> tuple[Form, list[Finding]]:
    parts = read.parts
    form_id = f"{document_id[:_ID_LENGTH]}-{number}"
    goals = parse_goals(parts.goals)
    head = parse_head(parts, goals.texts)
    bodies = [body for body in (head.department, head.unit) if body]
    notes = list(_notes(parts.notes, goals.reason))
    texts = [text for text in (head.title, *parts.lines, *bodies) if text]
    money_heads = [text for part in parts.money if part.head for text in part.head.texts]
    context = IndicatorContext(form_id, goals.texts, notes, texts, money_heads)
    indicators = parse_indicators(parts.indicators, context)
    money = parse_money(parts, bodies, head.money_unit, list(_mentions(goals, indicators)), form_id)
    weight_total, score_total, conflicts = _totals(parts, head)
    row = FormRow(
        form_id=form_id,
        document_id=document_id,
        form_no=number,
        page_first=parts.page_first,
        page_last=parts.page_last,
        kind="self_assessment" if _has_actuals(parts) else "target",
        scope=head.scope,
        layout=_layout(parts, head.scope),
        title=head.title,
        fiscal_year=head.fiscal_year,
        department=head.department,
        unit=head.unit,
        project=head.project,
        project_code=head.project_code,
        goal_expected=goals.expected,
        goal_actual=goals.actual,
        money_unit_printed=money.unit_printed,
        money_unit=money.unit,
        weight_total=weight_total,
        score_total=score_total,
        notes="\n".join(notes) or None,
        method=parts.method,
    )
    findings = [
        *read.findings,
        *head.findings,
        *conflicts,
        *goals.findings,
        *money.findings,
        *indicators.findings,
        *_structure_findings(parts),
        *run_checks(
            money.lines,
            indicators.rows,
            money_unit=money.unit,
            weight_total=weight_total,
            score_total=score_total,
            has_actuals=row.kind == "self_assessment",
        ),
    ]
    return _assemble(row, money, indicators, findings)


def _assemble(
    row: FormRow, money: MoneyBlock, indicators: IndicatorBlock, findings: Sequence[Finding]
) -> tuple[Form, list[Finding]]:
    """The form's rows with the codes of their findings, and the findings with the ids of form and document."""
    flags: dict[tuple[str | None, int | None], dict[str, None]] = defaultdict(dict)
    for finding in findings:
        flags[finding.table, finding.row][finding.code.value] = None
    funds = tuple(
        replace(fund, flags=tuple(codes)) if (codes := flags.get(("funds", fund.line))) else fund
        for fund in money.lines
    )
    rows = tuple(
        replace(one, flags=tuple(codes)) if (codes := flags.get(("indicators", one.row))) else one
        for one in indicators.rows
    )
    placed = [
        Finding(f.code, f.message, f.table, f.row, f.page, f.column, f.raw, f.value, row.form_id, row.document_id)
        for f in findings
    ]
    return Form(row, funds, rows), placed


# ---------------------------------------------------------------------------------------------------------------------
# What belongs to the whole form
# ---------------------------------------------------------------------------------------------------------------------


def _has_actuals(parts: FormParts) -> bool:
    heads = [part.head for part in parts.indicators]
    spent = any(part.head is not None and part.head.has(Role.EXECUTED) for part in parts.money)
    return any(head.has(Role.ACTUAL) for head in heads) or (not heads and spent)


def _totals(parts: FormParts, head: HeadBlock) -> tuple[float | None, float | None, list[Finding]]:
    """The printed totals of weights and scores; the row of totals counts before the head block's 自评总分."""
    weight, score = read_totals(parts.indicators)
    said = parse_weight(head.score_total).number if head.score_total else None
    if score is None or said is None or score == said:
        return _float(weight), _float(said if score is None else score), []
    message = "The head block prints another total than the row of totals, which counts."
    raw, value = head.score_total, f"{score:g}"
    finding = Finding(Code.HEAD_CONFLICT, message, table="forms", column="score_total", raw=raw, value=value)
    return _float(weight), _float(score), [finding]


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _mentions(goals: GoalBlock, indicators: IndicatorBlock) -> Iterator[str]:
    """Texts that may name amounts with their unit."""
    yield from goals.texts
    for row in indicators.rows:
        yield from (text for text in (row.reason, row.target_raw, row.actual_raw) if text)


def _notes(notes: Iterable[Strip], goal_reason: str | None) -> Iterator[str]:
    """The notes as printed, one a line; labels that nothing stands beside are left out."""
    if goal_reason:
        yield goal_reason
    for strip in notes:
        texts = texts_of(strip) if isinstance(strip, Row) else [strip.text]
        texts = [text for text in texts if not is_blank(text)]
        if any(not find_mark(text, "note", "section") or _has_text(text) for text in texts):
            yield f"{texts[0].rstrip(':：')}：{' '.join(texts[1:])}" if len(texts) > 1 else texts[0]


def _has_text(note: str) -> bool:
    """Whether text stands behind the label of a note."""
    pair = split_label(note)
    return pair is not None and not is_blank(pair[1])


def _structure_findings(parts: FormParts) -> Iterator[Finding]:
    for row in parts.unplaced:
        yield Finding(Code.ROW_UNPLACED, "The row fits no block.", table="forms", page=row.page, raw=row.text)
    for row in parts.goals:
        if len(row.filled) >= _MOST_GOALS and any(parse_weight(cell.text).number is not None for cell in row.filled):
            message = "The row stands among the goals and holds more than goals: the head of its block was not known."
            yield Finding(Code.ROW_UNPLACED, message, table="forms", page=row.page, raw=row.text)
    # Forestry's form says how the money was managed and has neither goals nor indicators
    of_money = not parts.goals and any(isinstance(note, Row) and is_section(note) for note in parts.notes)
    if not any(part.rows for part in parts.indicators) and not (of_money and not parts.indicators):
        yield Finding(Code.BLOCK_MISSING, "No indicators were found.", table="forms", page=parts.page_last)


def _layout(parts: FormParts, scope: str | None) -> str:
    """The name of the header layout; of one that no table knows, its columns."""
    indicators = _columns(parts.indicators[0].head) if parts.indicators else ""
    money = next((_columns(part.head) for part in parts.money if part.head), "")
    for case in _layouts():
        fits = case["scope"] in ("", scope or "") and case["money"] in ("", money)
        if fits and case["indicators"] == indicators:
            return case["layout"]
    return indicators.replace(" ", "-") or "unknown"


def _columns(head: Head) -> str:
    return " ".join(column.role.value for column in head.columns if column.role not in _NO_LAYOUT_COLUMN)


@cache
def _layouts() -> tuple[Case, ...]:
    columns = ("layout", "scope", "indicators", "money")
    return tuple(load("layouts", key=("indicators", "money", "scope"), columns=columns).values())
