"""Which rows and lines of a document are forms, and which block of its form each belongs to.

A form is known by its blocks, never by its title alone: an indicator head with the indicators under it, and before it
labels (项目名称), money, goals. Prose and lists of contents print the titles too; account tables print 年初预算数 and
执行数; tables of evaluation standards print 三级指标. None of them has all that a form has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from model import Code, Content, Finding, Line, Method, Table
from normalize.heads import TARGETS, Block, Head, Role, find_heads, is_continued_by, role_of
from normalize.kinds import Kind, Section, is_section, kind_of_line, kind_of_row, opening_fields, standing_kind
from normalize.labels import find_source
from normalize.rows import Row, Strip, table_rows

__all__ = ["FormParts", "IndicatorPart", "MoneyPart", "check_lines", "find_forms"]

_LONGEST_LINE_OF_HEADS = 80  # characters
_LEAST_SECTIONS = 2


_SECTIONS = {
    Kind.MONEY_HEAD: Section.MONEY,
    Kind.MONEY: Section.MONEY,
    Kind.GOAL: Section.GOALS,
    Kind.INDICATOR_HEAD: Section.INDICATORS,
}


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """The money block or a part of it: its head, None on forms of pairs of label and amount, and its rows."""

    head: Head | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class IndicatorPart:
    """The indicator block or one of several: its head, its rows and its rows of totals, in order."""

    head: Head
    rows: tuple[Row, ...]
    totals: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FormParts:
    """A form in its blocks. `over` are the lines and rows over it (title, year, units), `lines` their texts, `titles`
    those that are titles."""

    over: tuple[Strip, ...]
    titles: tuple[str, ...]
    lines: tuple[str, ...]
    labels: tuple[Strip, ...]
    money: tuple[MoneyPart, ...]
    goals: tuple[Row, ...]
    indicators: tuple[IndicatorPart, ...]
    notes: tuple[Strip, ...]
    unplaced: tuple[Row, ...]
    page_first: int
    page_last: int
    method: Method


def find_forms(content: Content) -> list[FormParts]:
    """The forms of a document, in reading order; none where it holds none."""
    reader = _Reader()
    for block in content.blocks:
        if isinstance(block, Line):
            reader.read_line(block)
        else:
            reader.read_table(block)
    reader.close()
    return reader.forms


def check_lines(content: Content) -> Iterator[Finding]:
    """Pages that print the heads of an indicator block on lines: a table stands there that was not read as one."""
    roles: dict[int, set[Role]] = defaultdict(set)
    for block in content.blocks:
        if isinstance(block, Line) and len(block.text) <= _LONGEST_LINE_OF_HEADS:
            roles[block.page] |= {role_of(text, Block.INDICATOR) for text in block.text.split()}
    for page, found in roles.items():
        if {Role.LEVEL1, Role.LEVEL2, Role.NAME} <= found and found & (TARGETS | {Role.ACTUAL}):
            message = "The page prints the heads of a form's indicators, but no table was read there."
            yield Finding(Code.TABLE_CONTRADICTS, message, table="documents", page=page)


# ---------------------------------------------------------------------------------------------------------------------
# A form as far as it has been read
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """The blocks of one form, filled strip by strip."""

    section: Section = Section.OPEN
    over: list[Strip] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    labels: list[Strip] = field(default_factory=list)
    money: list[tuple[Head | None, list[Row]]] = field(default_factory=list)
    goals: list[Row] = field(default_factory=list)
    indicators: list[tuple[Head, list[Row], list[Row]]] = field(default_factory=list)
    notes: list[Strip] = field(default_factory=list)
    unplaced: list[Row] = field(default_factory=list)
    between: list[Row] = field(default_factory=list)
    strips: list[Strip] = field(default_factory=list)
    opened: dict[str, int] = field(default_factory=dict)

    def is_form(self) -> bool:
        """Whether these blocks make a form.

        Indicators with target and actual do; with one of them they need another block, or they are a table of
        evaluation standards. A form without indicators must be titled and have spent money, and be opened or say
        how the money was managed (Forestry's form).
        """
        if any(rows for _, rows, _ in self.indicators):
            heads = [head for head, _, _ in self.indicators]
            both = any(head.has(Role.ACTUAL) and _has_target(head) for head in heads)
            return bool(both or self.opened or self.money or self.goals)
        spent = any(head is not None and head.has(Role.EXECUTED) for head, _ in self.money)
        return spent and bool(self.titles) and (bool(self.opened) or self._has_sections())

    def _has_sections(self) -> bool:
        return sum(isinstance(note, Row) and is_section(note) for note in self.notes) >= _LEAST_SECTIONS

    def is_money_of(self, form: FormParts) -> bool:
        """Whether this is no form but the money block of the one before, printed under its indicators in one grid."""
        last = form.indicators[-1].rows[-1] if form.indicators and form.indicators[-1].rows else None
        rows = [row for _, rows in self.money for row in rows]
        alone = not (self.titles or self.labels or self.goals or form.money)
        return alone and last is not None and bool(rows) and all(row.table is last.table for row in rows)

    def place(self, kind: Kind, row: Row, head: Head | None) -> None:
        """Put a row into its block."""
        if kind is Kind.NOTE:
            self.place_note(row)
            return
        self.strips.append(row)
        self.unplaced += self.between
        self.between = []
        self.section = _SECTIONS.get(kind, max(self.section, Section.LABELS) if kind is Kind.LABELS else self.section)
        if head is not None and kind is Kind.INDICATOR_HEAD:
            self.indicators.append((head, [], []))
        elif kind is Kind.MONEY_HEAD or (kind is Kind.MONEY and not self.money):
            self.money.append((head, []))
        if kind is Kind.LABELS:
            self.opened |= dict.fromkeys(opening_fields(row), id(row.table))
        rows = self._rows(kind)
        if rows is not None:
            rows.append(row)

    def place_note(self, note: Strip) -> None:
        """Put a row or line into the notes; after the indicators it begins the part of notes."""
        self.strips.append(note)
        self.notes.append(note)
        if self.indicators:
            self.section = Section.NOTES

    def _rows(self, kind: Kind) -> list[Row] | list[Strip] | None:
        """Where rows of a kind are kept."""
        if kind is Kind.LABELS:
            return self.labels
        if kind is Kind.MONEY:
            return self.money[-1][1]
        if kind is Kind.GOAL:
            return self.goals
        if kind is Kind.INDICATOR:
            return self.indicators[-1][1]
        if kind is Kind.TOTAL:
            return self.indicators[-1][2]
        return self.unplaced if kind is Kind.OTHER and self.section > Section.OPEN else None

    def parts(self) -> FormParts:
        """The form, closed."""
        pages = [strip.page for strip in self.strips]
        return FormParts(
            over=tuple(self.over),
            titles=tuple(self.titles),
            lines=tuple(self.lines),
            labels=tuple(self.labels),
            money=tuple(MoneyPart(head, tuple(rows)) for head, rows in self.money),
            goals=tuple(self.goals),
            indicators=tuple(IndicatorPart(head, tuple(rows), tuple(totals)) for head, rows, totals in self.indicators),
            notes=tuple(self.notes),
            unplaced=tuple(self.unplaced),
            page_first=min(pages),
            page_last=max(pages),
            method=_method_of(self.strips),
        )


class _Reader:
    """Reads strips in order and cuts them into forms."""

    def __init__(self) -> None:
        self.forms: list[FormParts] = []
        self.draft = _Draft()
        self.waiting: list[tuple[Kind, Strip]] = []

    def read_line(self, line: Line) -> None:
        """A line between tables: a title, a label, a note, or nothing of a form."""
        kind = kind_of_line(line, self.draft.section, self.draft.notes[-1].text if self.draft.notes else None)
        if kind is Kind.NOTE:
            self.draft.place_note(line)
        elif kind in (Kind.TITLE, Kind.YEAR, Kind.LABELS):
            self._announce(kind, line)
        elif self.draft.section is Section.NOTES:
            self.draft.section = Section.INDICATORS

    def read_table(self, table: Table) -> None:
        """A table: the rows of one form, of several, or of none."""
        rows = table_rows(table)
        heads = find_heads(rows)
        if not heads and not self._is_part(table, rows):
            if self.draft.indicators or not self.draft.strips:
                self.close()
            elif self.draft.section > Section.OPEN:
                self.draft.between += [row for row in rows if row.filled]  # lost, if the form goes on behind it
            return
        starts = {head.first: head for head in heads}
        inside = {r for head in heads for r in range(head.first + 1, head.last + 1)}
        for row in rows:
            if row.index not in inside:
                self._read_row(row, starts.get(row.index))

    def close(self) -> None:
        """End the form that is being read."""
        if self.draft.is_form():
            self.forms.append(self.draft.parts())
        elif self.forms and self.draft.is_money_of(self.forms[-1]):
            self.forms[-1] = replace(self.forms[-1], money=self.draft.parts().money)
        self.draft, self.waiting = _Draft(), []

    def _is_part(self, table: Table, rows: Sequence[Row]) -> bool:
        """Whether a table without a head is part of a form: it goes on with a block, or holds labels or goals."""
        draft = self.draft
        if draft.section >= Section.INDICATORS and draft.indicators and is_continued_by(draft.indicators[-1][0], table):
            return True
        if draft.section is Section.MONEY and any(find_source(cell.text) for row in rows for cell in row.filled[:2]):
            return True
        return any(standing_kind(row) is not Kind.OTHER for row in rows if row.filled)

    def _read_row(self, row: Row, head: Head | None) -> None:
        """A row of a form; the rows of a head come once, as its first row."""
        kind = _kind(row, head, self.draft.section)
        if kind in (Kind.TITLE, Kind.YEAR):
            self._announce(kind, row)
        elif kind is not Kind.BLANK:
            before = self.draft
            if self._opens_form(kind, row):
                self._start(row.page)
            elif self.waiting:
                self._settle(kind, row.page)
            self.draft.place(kind if self.draft is before else _kind(row, head, self.draft.section), row, head)

    def _announce(self, kind: Kind, strip: Strip) -> None:
        """What stands over a form waits for the rows that show which form it belongs to."""
        if kind is Kind.TITLE and self.waiting and self.draft.indicators:
            before = [(k, s) for k, s in self.waiting if k is Kind.LABELS]
            if not any(k is Kind.TITLE for k, _ in self.waiting):
                self.draft.labels += [s for _, s in before]
                self.waiting = []
        self.waiting.append((kind, strip))

    def _settle(self, kind: Kind, page: int) -> None:
        """Rows that open no form came: what waits stands over this form, or was the page's repeated title."""
        titles = {strip.text for k, strip in self.waiting if k is Kind.TITLE}
        goes_on = kind in (Kind.INDICATOR, Kind.TOTAL, Kind.NOTE, Kind.FOOT, Kind.INDICATOR_HEAD)
        if self.draft.section >= Section.INDICATORS and goes_on and titles <= set(self.draft.titles):
            self.waiting = []
        elif self.draft.section >= Section.INDICATORS or (titles and self.draft.section > Section.OPEN):
            self._start(page)
        else:
            self._take_waiting(page)

    def _start(self, page: int) -> None:
        """End the form that is being read and begin the next on `page`."""
        waiting = self.waiting
        self.close()
        self.waiting = waiting
        self._take_waiting(page)

    def _take_waiting(self, page: int) -> None:
        """What stands over the form on `page` is its own, unless it is a heading of the report pages before."""
        for kind, strip in self.waiting:
            if strip.page < page - 1:
                continue
            self.draft.strips.append(strip)
            self.draft.lines.append(strip.text)
            if kind is not Kind.LABELS:
                self.draft.over.append(strip)
            if kind is Kind.TITLE:
                self.draft.titles.append(strip.text)
            elif kind is Kind.LABELS:
                self.draft.labels.append(strip)
                self.draft.opened |= dict.fromkeys(opening_fields(strip), 0)
        self.waiting = []

    def _opens_form(self, kind: Kind, row: Row) -> bool:
        """Whether a row is the first of a new form.

        Labels after the head block open one, and so does a label that the head block has, in another table: lists of
        projects stand before the projects' forms. Money after indicators opens one too.
        """
        if kind is Kind.LABELS:
            fields = opening_fields(row)
            again = any(self.draft.opened.get(field, id(row.table)) not in (0, id(row.table)) for field in fields)
            late = self.draft.section > Section.LABELS and bool(fields)
            return self.draft.section >= Section.INDICATORS or late or again
        return kind is Kind.MONEY_HEAD and self.draft.section >= Section.INDICATORS


def _method_of(strips: Sequence[Strip]) -> Method:
    """How a form came off its pages: as its tables did, and of a table joined from both kinds as its own cells did."""
    rows: dict[int, list[Row]] = defaultdict(list)
    for strip in strips:
        if isinstance(strip, Row):
            rows[id(strip.table)].append(strip)
    methods = {method for found in rows.values() for method in _methods_of(found)}
    return methods.pop() if len(methods) == 1 else Method.MIXED


def _methods_of(rows: Sequence[Row]) -> set[Method]:
    """The methods of rows of one table."""
    if rows[0].table.method is not Method.MIXED:
        return {rows[0].table.method}
    return {Method.TEXT if cell.reading is None else Method.OCR for row in rows for cell in row.filled}


def _kind(row: Row, head: Head | None, section: Section) -> Kind:
    if head is None:
        return kind_of_row(row, section)
    return Kind.INDICATOR_HEAD if head.block is Block.INDICATOR else Kind.MONEY_HEAD


def _has_target(head: Head) -> bool:
    return any(column.role in TARGETS for column in head.columns)
