"""The head block: title, year, bodies and project, from the labels over and in a form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from model import Code, Finding
from normalize.blanks import is_blank
from normalize.find import FormParts
from normalize.fiscal_year import find_fiscal_year
from normalize.labels import Field, Label, Mark, find_label, is_mark
from normalize.rows import Row, Strip

__all__ = ["HeadBlock", "LabelValue", "label_values", "parse_head"]

_BARE_YEAR = re.compile(r"20\d\d年?度?")
_LABELLED = re.compile(r"([^\s:：]{2,14}(?:[（(][^()（）]*[)）])?)\s*[:：]\s*([^:：]*?)(?=\s+[^\s:：]{2,14}\s*[:：]|$)")
# 51000021R000000026813-工资性支出, 219-池州市…, [219]池州市…; a code has three digits or more, a year span has no name
_CODE_BEFORE = re.compile(r"[\[【(（]?([0-9A-Za-z]*\d{3}[0-9A-Za-z]*)[\]】)）]?\s*[-—–－_:： ]\s*(?=\D)(.+)", re.DOTALL)
_CODE_BEFORE_BODY = re.compile(r"[\[【(（]?(\d{3,})[\]】)）]?\s*[-—–－_]?\s*(?=\D)(.+)", re.DOTALL)
_CODE_BEHIND = re.compile(r"(.*\D)[-—–－_(（\[【\s]\s*(\d{3,})[\]】)）]?", re.DOTALL)
_ONCE: tuple[Field, ...] = ("department", "unit", "project", "project_code")
_SCOPES: tuple[tuple[Mark, str], ...] = (
    ("department_scope", "department"),
    ("transfer_scope", "transfer"),
    ("project_scope", "project"),
)


@dataclass(frozen=True, slots=True)
class LabelValue:
    """A label of the head block and the text that stands beside it, blank where nothing does."""

    label: Label
    printed: str
    value: str
    page: int


@dataclass(frozen=True, slots=True)
class HeadBlock:
    """What the head block says, with `findings` about it. `values` are all labels in printed order."""

    title: str | None
    fiscal_year: int | None
    scope: str | None
    department: str | None
    unit: str | None
    project: str | None
    project_code: str | None
    score_total: str | None
    money_unit: str | None
    values: tuple[LabelValue, ...]
    findings: tuple[Finding, ...]


def parse_head(parts: FormParts, goals: Sequence[str] = ()) -> HeadBlock:
    """Read the head block of a form. `goals` are goal texts, asked for the year where nothing else prints it."""
    values = tuple(value for strip in parts.labels for value in label_values(strip))
    title = parts.titles[-1].strip() if parts.titles else None
    labelled = [value.value for value in values if value.label.field == "year"]
    year, conflicts = find_fiscal_year(title, parts.lines, labelled, goals)
    project, code = _split_code(_value(values, "project"))
    return HeadBlock(
        title=title,
        fiscal_year=year,
        scope=_scope(title, values),
        department=_body(_value(values, "department")),
        unit=_body(_unit(values)),
        project=project,
        project_code=_value(values, "project_code") or code,
        score_total=_value(values, "score_total"),
        money_unit=_value(values, "money_unit"),
        values=values,
        findings=(*conflicts, *_check_values(values), *_unknown_labels(parts.labels)),
    )


def label_values(strip: Strip) -> list[LabelValue]:
    """The labels that a row or line prints, each with the text in the next cell or behind its colon."""
    return list(_row_values(strip) if isinstance(strip, Row) else _text_values(strip.text, strip.page))


# ---------------------------------------------------------------------------------------------------------------------
# Labels and their values
# ---------------------------------------------------------------------------------------------------------------------


def _row_values(row: Row) -> Iterator[LabelValue]:
    cells = row.cells
    for place, cell in enumerate(cells):
        label = find_label(cell.text) if cell.text else None
        if label:
            beside = cells[place + 1].text if place + 1 < len(cells) else ""
            yield LabelValue(label, cell.text, "" if find_label(beside) else beside.strip(), cell.page)
        elif cell.text:
            yield from _text_values(cell.text, cell.page)


def _text_values(text: str, page: int) -> Iterator[LabelValue]:
    """`填报单位：某某局  填报日期：2024年1月`: one or several on a line."""
    for match in _LABELLED.finditer(text):
        label = find_label(match[1])
        if label:
            yield LabelValue(label, match[1], match[2].strip(), page)


def _unknown_labels(strips: Iterable[Strip]) -> Iterator[Finding]:
    """Text of the head block that is neither a label nor beside one."""
    for row in strips:
        if isinstance(row, Row):
            lost = " ".join(_beside_no_label(row))
            if lost:
                message = "The head block holds text under a label that no case knows."
                yield Finding(Code.ROW_UNPLACED, message, table="forms", page=row.page, raw=lost)


def _beside_no_label(row: Row) -> Iterator[str]:
    known = False
    for cell in row.cells:
        if find_label(cell.text) or any(find_label(match[1]) for match in _LABELLED.finditer(cell.text)):
            known = True
        elif known:
            known = False
        elif cell.text and not (cell.r1 > cell.r0 and cell.c0 == 0):
            yield cell.text


def _value(values: Sequence[LabelValue], field: Field, skip: Mark | None = None) -> str | None:
    """The value of the best label for a field that is filled."""
    filled = [v for v in values if v.label.field == field and not is_blank(v.value)]
    if skip:
        filled = [v for v in filled if not is_mark(v.value, skip)] or filled
    return min(filled, key=lambda v: v.label.rank).value if filled else None


def _check_values(values: Sequence[LabelValue]) -> Iterator[Finding]:
    """One label printed with two values; the first counts."""
    for field in _ONCE:
        filled = [v for v in values if v.label.field == field and not is_blank(v.value)]
        best = min((v.label.rank for v in filled), default=0)
        said = list(dict.fromkeys(v.value for v in filled if v.label.rank == best))
        if len(said) > 1:
            message = "The form prints more than one value for this; the first counts."
            yield Finding(
                Code.HEAD_CONFLICT, message, table="forms", page=filled[0].page, column=field, raw="; ".join(said),
                value=said[0],
            )  # fmt: skip


def _unit(values: Sequence[LabelValue]) -> str | None:
    """实施单位, or 单位名称 where that says 本单位."""
    return _value(values, "unit", skip="self_reference")


def _body(printed: str | None) -> str | None:
    """A body's name without the code before or behind it."""
    if printed is None:
        return None
    match = _CODE_BEFORE_BODY.fullmatch(printed)
    name = match[2] if match and not _BARE_YEAR.match(printed) else printed
    behind = _CODE_BEHIND.fullmatch(name)
    return (behind[1] if behind else name).strip(" -—(（[【") or None


def _split_code(printed: str | None) -> tuple[str | None, str | None]:
    """A project's name and the code before it."""
    match = _CODE_BEFORE.fullmatch(printed) if printed else None
    return (match[2].strip(), match[1]) if match else (printed, None)


# ---------------------------------------------------------------------------------------------------------------------
# Scope
# ---------------------------------------------------------------------------------------------------------------------


def _scope(title: str | None, values: Sequence[LabelValue]) -> str | None:
    """department, project or transfer: a transfer or a whole department by its title, else by its labels."""
    said = next((scope for mark, scope in _SCOPES if title and is_mark(title, mark)), None)
    labels = {v.label.scope for v in values if v.label.scope and v.value}
    if "transfer" in labels or said == "transfer":
        return "transfer"
    if said == "department":
        return said
    return next((scope for scope in ("project", "department") if scope in labels), said)
