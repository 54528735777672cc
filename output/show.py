"""A document's result and its raw tables, printed for a person. Wide characters are aligned; cell text is hostile."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rich.cells import cell_len
from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from model import Document, Finding, Form, FormRow, FundRow, IndicatorRow, Result, Severity, Status, Table
from output.csv_text import number_to_text

__all__ = ["console", "print_result", "print_tables", "table_to_json", "tables_of", "to_printable"]

_PIPE_WIDTH = 140
_QUOTED = 40
_STYLE = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "red"}


def console(*, stderr: bool = False) -> Console:
    """A console on stdout or stderr: as wide as the terminal, 140 columns in a pipe."""
    found = Console(stderr=stderr, highlight=False)
    return found if found.is_terminal else Console(stderr=stderr, highlight=False, width=_PIPE_WIDTH)


def to_printable(text: str) -> str:
    """The text without characters that would steer a terminal; line breaks stay."""
    return "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else "�" for c in text)


def print_result(result: Result, to: Console) -> None:
    """Print a document's forms, funds, indicators and findings, each finding under the row that it belongs to."""
    to.print(_document_line(result))
    shown: set[int] = set()
    for form in result.forms:
        to.print(_form(form, _findings_of(form, result.findings, shown), to.width))
    rest = [finding for place, finding in enumerate(result.findings) if place not in shown]
    if rest:
        to.print(Text("Findings of the document", "bold"))
        to.print(Padding(_finding_lines(rest), (0, 0, 1, 2)))


def _document_line(result: Result) -> Text:
    document = result.document
    line = Text(to_printable(document.path), "bold")
    line.append(f"  {document.status}", "green" if document.status is Status.OK else "yellow")
    counts = f"pages {document.pages}, forms {document.forms}, indicators {document.indicators}"
    line.append(f"  {counts}\n", "not bold")
    return line


_Place = tuple[str | None, int | None]


def _findings_of(form: Form, findings: tuple[Finding, ...], shown: set[int]) -> dict[_Place, list[Finding]]:
    """A form's findings by table and row; their places in the list go to `shown`."""
    by_place: dict[_Place, list[Finding]] = {}
    for place, finding in enumerate(findings):
        if finding.form_id == form.head.form_id:
            shown.add(place)
            by_row = finding.table in ("funds", "indicators") and finding.row is not None
            by_place.setdefault((finding.table, finding.row) if by_row else (None, None), []).append(finding)
    return by_place


def _form(form: Form, findings: dict[_Place, list[Finding]], width: int) -> RenderableType:
    head = form.head
    title = Text(f"Form {head.form_no}  ", "bold")
    title.append(to_printable(head.title or "(no title)"))
    title.append(f"  pages {head.page_first}-{head.page_last}", "not bold dim")
    parts: list[RenderableType] = [title, Padding(_head(head), (0, 0, 0, 2))]
    if form.funds:
        parts.append(_lines_to_grids(_funds(form.funds, findings), width))
    if form.indicators:
        parts.append(_lines_to_grids(_indicators(form.indicators, findings), width))
    if (None, None) in findings:
        parts += [Text("Findings of the form", "bold"), Padding(_finding_lines(findings[None, None]), (0, 0, 1, 2))]
    return Group(*parts)


_HEAD = (
    "kind", "scope", "layout", "fiscal_year", "department", "unit", "project", "project_code", "money_unit_printed",
    "money_unit", "weight_total", "score_total", "goal_expected", "goal_actual", "notes",
)  # fmt: skip


def _head(head: FormRow) -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(overflow="fold")
    for name in _HEAD:
        value = getattr(head, name)
        if value is not None:
            grid.add_row(Text(name, "dim"), _cell(value))
    return grid


@dataclass(frozen=True, slots=True)
class _Line:
    """A printed row of a table: its cells by column head, and the findings under it."""

    cells: dict[str, object]
    findings: list[Finding]


def _funds(funds: tuple[FundRow, ...], findings: dict[_Place, list[Finding]]) -> list[_Line]:
    lines = []
    for line in funds:
        cells: dict[str, object] = {
            "line": line.line,
            "label": line.source_raw,
            "source": line.source,
            "initial": line.initial_cny,
            "adjustment": line.adjustment_cny,
            "final": line.final_cny,
            "executed": line.executed_cny,
            "rate %": line.execution_rate_pct,
            "weight": line.weight,
            "score": line.score,
            "note": line.note,
        }
        lines.append(_Line(cells, findings.get(("funds", line.line), [])))
    return lines


def _indicators(rows: tuple[IndicatorRow, ...], findings: dict[_Place, list[Finding]]) -> list[_Line]:
    lines = []
    last = None
    for row in rows:
        level = "\n".join(filter(None, (row.level1, row.level2)))
        cells: dict[str, object] = {
            "row": row.row,
            "level": level if level != last else None,
            "name": row.name,
            "target": _target(row),
            "actual": _actual(row),
            "met": {True: "yes", False: "no", None: None}[row.achieved],
            "weight": row.weight,
            "score": row.score,
            "reason": row.reason,
        }
        lines.append(_Line(cells, findings.get(("indicators", row.row), [])))
        last = level
    return lines


_WIDEST = {"label": 24, "level": 18, "name": 36, "target": 22, "actual": 22, "note": 30, "reason": 60}
"""Columns that are broken over lines, and how many places they take at most. The others are as wide as they must be."""

_RIGHT = frozenset({"row", "line", "initial", "adjustment", "final", "executed", "rate %", "weight", "score"})
_GAP = 2
_NARROWEST = 8


def _lines_to_grids(lines: list[_Line], width: int) -> RenderableType:
    """One table, parted where findings stand under a row; columns that are empty in all rows are left out.

    Rich has no cells over several columns, so that each part is a grid of its own, with the same widths.
    """
    heads = [head for head in lines[0].cells if any(line.cells[head] not in (None, "") for line in lines)]
    widths = fit_widths({head: _width(head, lines) for head in heads}, width)
    parts: list[RenderableType] = []
    grid = _grid(widths)
    grid.add_row(*(Text(head, "bold") for head in heads))
    for line in lines:
        grid.add_row(*(_cell(line.cells[head]) for head in heads))
        if line.findings:
            parts += [grid, Padding(_finding_lines(line.findings), (0, 0, 0, 6))]
            grid = _grid(widths)
    return Padding(Group(*parts, *([grid] if grid.row_count else [])), (1, 0))


def _width(head: str, lines: list[_Line]) -> int:
    texts = [part for line in lines for part in _cell(line.cells[head]).plain.split("\n")]
    return min(max(cell_len(text) for text in (head, *texts)), _WIDEST.get(head, 100))


def fit_widths(widths: dict[str, int], room: int) -> dict[str, int]:
    """The widths of columns, those that may be broken made narrower, the widest first, until all have room."""
    fitted = dict(widths)
    while sum(fitted.values()) + _GAP * len(fitted) > room:
        widest = max(fitted.keys() & _WIDEST.keys(), key=lambda head: fitted[head], default=None)
        if widest is None or fitted[widest] <= _NARROWEST:
            return fitted
        fitted[widest] -= 1
    return fitted


def _grid(widths: dict[str, int]) -> Grid:
    grid = Grid.grid(padding=(0, _GAP, 0, 0))
    for head, width in widths.items():
        align: JustifyMethod = "right" if head in _RIGHT else "left"
        grid.add_column(justify=align, width=width, overflow="fold", no_wrap=head not in _WIDEST)
    return grid


def _target(row: IndicatorRow) -> str:
    value = row.target_value if row.target_date is None else row.target_date
    if value is None:
        return row.target_raw or ""
    end = "" if row.target_max is None else f"–{number_to_text(row.target_max)}"
    return f"{row.operator or ''} {_text(value)}{end} {row.unit or ''}".strip()


def _actual(row: IndicatorRow) -> str:
    value = row.actual_value if row.actual_date is None else row.actual_date
    return row.actual_raw or "" if value is None else f"{_text(value)} {row.actual_unit or ''}".strip()


def _text(value: object) -> str:
    if isinstance(value, float):
        return number_to_text(value)
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


def _cell(value: object) -> Text:
    return Text("" if value is None else to_printable(_text(value)))


def _finding_lines(findings: list[Finding]) -> Group:
    return Group(*map(_finding_text, findings))


def _finding_text(finding: Finding) -> Text:
    """A finding in a line: severity, code, column, what was made of what, message, page."""
    text = Text(overflow="fold")
    text.append(f"{finding.severity} {finding.code.value}", _STYLE[finding.severity])
    made = dict.fromkeys(_shortened(value) for value in (finding.raw, finding.value) if value)
    column = f" {finding.column}:" if finding.column else ":"
    page = f" (page {finding.page})" if finding.page else ""
    text.append(to_printable(f"{column} {' → '.join(made)}{': ' if made else ''}{finding.message}{page}"), "dim")
    return text


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


# ---------------------------------------------------------------------------------------------------------------------
# Raw tables
# ---------------------------------------------------------------------------------------------------------------------


def print_tables(document: Document, to: Console) -> None:
    """Print a document's raw tables, one grid a table; a cell over several places is printed in its first."""
    for table in tables_of(document):
        to.print(Text(f"page {table.page}, {table.rows} rows x {table.cols} columns, read as {table.method}", "bold"))
        to.print(_raw_grid(table))


def tables_of(document: Document) -> Iterator[Table]:
    """The raw tables of all pages, in reading order."""
    return (table for page in document.pages for table in page.tables)


def _raw_grid(table: Table) -> Grid:
    grid = Grid(show_header=False, show_lines=True)
    for _ in range(table.cols):
        grid.add_column(overflow="fold")
    places = {(cell.r0, cell.c0): cell.text for cell in table.cells}
    for row in range(table.rows):
        grid.add_row(*(_cell(places.get((row, column))) for column in range(table.cols)))
    return grid


def table_to_json(table: Table) -> dict[str, object]:
    """A raw table in the shape of the contract; boxes in points from the top left, to a hundredth."""
    cells = [
        {"r0": c.r0, "r1": c.r1, "c0": c.c0, "c1": c.c1, "text": c.text, "bbox": _rounded(c.bbox)} for c in table.cells
    ]
    return {
        "page": table.page,
        "method": table.method.value,
        "bbox": _rounded(table.bbox),
        "rows": table.rows,
        "cols": table.cols,
        "cells": cells,
    }


def _rounded(box: tuple[float, ...]) -> list[float]:
    return [round(float(edge), 2) for edge in box]
