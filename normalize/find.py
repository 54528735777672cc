"""Which rows and lines of a document are forms, and which block of its form each belongs to.

A form is known by its blocks, never by its title alone: an indicator head with the indicators under it, and before it
labels (项目名称), money, goals. Prose and lists of contents print the titles too; account tables print 年初预算数 and
执行数; tables of evaluation standards print 三级指标. None of them has all that a form has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from model import Content, Line, Method, Table
from normalize.heads import TARGETS, Block, Head, Role, find_heads, is_continued_by, role_of
from normalize.labels import Mark, find_label, find_mark, find_source, is_mark
from normalize.rows import Row, Strip, split_label, table_rows
from normalize.values import parse_amount

__all__ = ["FormParts", "IndicatorPart", "MoneyPart", "find_forms"]

_LONGEST_PAGE_MARK = 4  # characters of a page number: - 1 -, 第 3 页 is no note either
_GOALS: tuple[Mark, ...] = ("goal_expected", "goal_actual", "goal_first", "goal_adjusted", "goal_project", "goal")


class Kind(StrEnum):
    """What a strip is, as far as it can be told from itself, its table and the block before it."""

    BLANK = "blank"
    TITLE = "title"
    YEAR = "year"
    LABELS = "labels"
    MONEY_HEAD = "money_head"
    MONEY = "money"
    GOAL = "goal"
    INDICATOR_HEAD = "indicator_head"
    INDICATOR = "indicator"
    TOTAL = "total"
    NOTE = "note"
    FOOT = "foot"
    OTHER = "other"


class Section(IntEnum):
    """How far a form has come; blocks are printed in this order."""

    OPEN = 0
    LABELS = 1
    MONEY = 2
    GOALS = 3
    INDICATORS = 4
    NOTES = 5


_SECTIONS = {
    Kind.LABELS: Section.LABELS,
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
    """A form in its blocks. `lines` are the texts over it (title, year, units), `titles` those that are titles."""

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


# ---------------------------------------------------------------------------------------------------------------------
# A form as far as it has been read
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """The blocks of one form, filled strip by strip."""

    section: Section = Section.OPEN
    titles: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    labels: list[Strip] = field(default_factory=list)
    money: list[tuple[Head | None, list[Row]]] = field(default_factory=list)
    goals: list[Row] = field(default_factory=list)
    indicators: list[tuple[Head, list[Row], list[Row]]] = field(default_factory=list)
    notes: list[Strip] = field(default_factory=list)
    unplaced: list[Row] = field(default_factory=list)
    strips: list[Strip] = field(default_factory=list)
    opened: bool = False

    def is_form(self) -> bool:
        """Whether these blocks make a form. One without indicators must be titled, opened and have spent money."""
        rows = sum(len(rows) for _, rows, _ in self.indicators)
        if rows:
            heads = [head for head, _, _ in self.indicators]
            both = any(head.has(Role.ACTUAL) and _has_target(head) for head in heads)
            return bool(both or self.labels or self.money or self.goals or self.titles)
        spent = any(head is not None and head.has(Role.EXECUTED) for head, _ in self.money)
        return bool(self.titles) and self.opened and spent

    def place(self, kind: Kind, row: Row, head: Head | None) -> None:
        """Put a row into its block."""
        if kind is Kind.NOTE:
            self.place_note(row)
            return
        self.strips.append(row)
        self.section = max(self.section, _SECTIONS.get(kind, Section.OPEN))
        if head is not None and kind is Kind.INDICATOR_HEAD:
            self.indicators.append((head, [], []))
        elif kind is Kind.MONEY_HEAD or (kind is Kind.MONEY and not self.money):
            self.money.append((head, []))
        self.opened |= kind is Kind.LABELS and _opens(row)
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
        if kind in (Kind.INDICATOR, Kind.TOTAL):
            return self.indicators[-1][1 if kind is Kind.INDICATOR else 2]
        return self.unplaced if kind is Kind.OTHER and self.section > Section.OPEN else None

    def parts(self) -> FormParts:
        """The form, closed."""
        tables = {id(strip.table): strip.table for strip in self.strips if isinstance(strip, Row)}.values()
        methods = {table.method for table in tables}
        pages = [strip.page for strip in self.strips]
        return FormParts(
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
            method=methods.pop() if len(methods) == 1 else Method.MIXED,
        )


class _Reader:
    """Reads strips in order and cuts them into forms."""

    def __init__(self) -> None:
        self.forms: list[FormParts] = []
        self.draft = _Draft()
        self.waiting: list[tuple[Kind, Strip]] = []

    def read_line(self, line: Line) -> None:
        """A line between tables: a title, a label, a note, or nothing of a form."""
        kind = _kind_of_line(line, self.draft)
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
            return
        for kind, row, head in _kinds(rows, heads, self):
            self._read_row(kind, row, head)

    def close(self) -> None:
        """End the form that is being read."""
        if self.draft.is_form():
            self.forms.append(self.draft.parts())
        self.draft, self.waiting = _Draft(), []

    def _is_part(self, table: Table, rows: Sequence[Row]) -> bool:
        """Whether a table without a head is part of a form: it goes on with a block, or holds labels or goals."""
        draft = self.draft
        if draft.section >= Section.INDICATORS and draft.indicators and is_continued_by(draft.indicators[-1][0], table):
            return True
        if draft.section is Section.MONEY and any(find_source(cell.text) for row in rows for cell in row.filled[:2]):
            return True
        return any(_standing_kind(row) is not Kind.OTHER for row in rows if row.filled)

    def _read_row(self, kind: Kind, row: Row, head: Head | None) -> None:
        if kind is Kind.BLANK:
            return
        if kind in (Kind.TITLE, Kind.YEAR):
            self._announce(kind, row)
            return
        if self._opens_form(kind, row):
            self._start(row.page)
        elif self.waiting:
            self._settle(kind, row.page)
        self.draft.place(kind, row, head)

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
            if kind is Kind.TITLE:
                self.draft.titles.append(strip.text)
            elif kind is Kind.LABELS:
                self.draft.labels.append(strip)
        self.waiting = []

    def _opens_form(self, kind: Kind, row: Row) -> bool:
        """Whether a row is the first of a new form: labels after its head block, money after its indicators."""
        if kind is Kind.LABELS:
            return self.draft.section >= Section.INDICATORS or (self.draft.section > Section.LABELS and _opens(row))
        return kind is Kind.MONEY_HEAD and self.draft.section >= Section.INDICATORS


# ---------------------------------------------------------------------------------------------------------------------
# What a row or line is
# ---------------------------------------------------------------------------------------------------------------------


def _kinds(rows: Sequence[Row], heads: Sequence[Head], reader: _Reader) -> Iterator[tuple[Kind, Row, Head | None]]:
    """Each row of a table with its kind; the rows of a head come once, as the head's first row."""
    starts = {head.first: head for head in heads}
    inside = {r for head in heads for r in range(head.first + 1, head.last + 1)}
    for row in rows:
        head = starts.get(row.index)
        if head:
            yield (Kind.INDICATOR_HEAD if head.block is Block.INDICATOR else Kind.MONEY_HEAD), row, head
        elif row.index not in inside:
            yield _kind_of_row(row, reader.draft.section), row, None


def _kind_of_row(row: Row, section: Section) -> Kind:
    """What a row that is no head is, in the section that its form has come to."""
    if not row.filled:
        return Kind.BLANK
    if section >= Section.INDICATORS:
        return _kind_after_head(row, section)
    standing = _standing_kind(row)
    if section is Section.MONEY and standing not in (Kind.GOAL, Kind.LABELS) and _is_money(row):
        return Kind.MONEY
    if standing is not Kind.OTHER:
        return standing
    if section is Section.GOALS:
        return Kind.BLANK if _is_caption(row) else Kind.GOAL
    return Kind.BLANK if _is_caption(row) else Kind.OTHER


def _kind_after_head(row: Row, section: Section) -> Kind:
    """What a row under an indicator head is: an indicator, unless its first cell says otherwise."""
    first = row.filled[0].text
    prefix = _prefix(first)
    if len(row.filled) == 1 and (mark := find_mark(first, "title", "year")):
        return Kind.TITLE if mark == "title" else Kind.YEAR
    if is_mark(first, "total") or is_mark(prefix, "total"):
        return Kind.TOTAL
    if is_mark(prefix, "note") and len(row.filled) <= 2:
        return Kind.NOTE
    if is_mark(prefix, "foot"):
        return Kind.FOOT
    label = find_label(first)
    if label and label.opens:
        return Kind.LABELS
    if section is Section.NOTES:
        return Kind.NOTE if len(row.filled) <= 2 else Kind.OTHER
    return Kind.INDICATOR


def _standing_kind(row: Row) -> Kind:
    """What a row before the indicators is, told from its own texts and the merged cell beside it."""
    texts = [cell.text for cell in row.filled]
    if len(texts) == 1 and (mark := find_mark(texts[0], "title", "year")):
        return Kind.TITLE if mark == "title" else Kind.YEAR
    side = row.over[0].text if row.over else ""
    if is_mark(side, "section") or is_mark(_prefix(texts[0]), "section"):
        return Kind.NOTE
    if _is_money_side(side) or (_is_money_side(texts[0]) and len(texts) > 1):
        return Kind.MONEY
    if any(find_mark(text, *_GOALS) for text in texts) or find_mark(side, *_GOALS):
        return Kind.GOAL
    if any(find_label(_prefix(text)) for text in texts):
        return Kind.LABELS
    return Kind.NOTE if is_mark(_prefix(texts[0]), "note") else Kind.OTHER


def _kind_of_line(line: Line, draft: _Draft) -> Kind:
    """What a line between tables is."""
    mark = find_mark(line.text, "title", "year")
    if mark:
        return Kind.TITLE if mark == "title" else Kind.YEAR
    prefix = _prefix(line.text)
    if draft.section >= Section.INDICATORS and prefix != line.text and is_mark(prefix, "note"):
        return Kind.NOTE
    if prefix != line.text and (find_label(prefix) or is_mark(prefix, "foot")):
        return Kind.LABELS
    if draft.section is Section.NOTES and _goes_on(draft.notes[-1].text, line.text):
        return Kind.NOTE
    return Kind.OTHER


def _goes_on(note: str, text: str) -> bool:
    """Whether a line goes on with the notes: a further number, or the rest of a sentence."""
    return (text.lstrip("(（")[:1].isdigit() and len(text) > _LONGEST_PAGE_MARK) or note[-1:] not in "。；;.:："


def _prefix(text: str) -> str:
    """The label of `备注：…`, or the whole text."""
    pair = split_label(text[:60])
    return pair[0] if pair else text


def _is_money_side(text: str) -> bool:
    """Whether a text names the money block: 项目资金（万元）, 预算执行情况(10分)."""
    return bool(text) and role_of(text, Block.MONEY) is Role.GROUP


def _is_money(row: Row) -> bool:
    """Whether a row goes on with the money block: by the merged cell beside it, a source of money or an amount in it."""
    if any(_is_money_side(cell.text) for cell in row.over) or any(find_source(c.text) for c in row.filled[:3]):
        return True
    return any(parse_amount(cell.text).number is not None for cell in row.filled)


def _opens(row: Row) -> bool:
    """Whether a row prints a label that opens a form: 项目名称, 部门名称."""
    return any(label.opens for label in (find_label(cell.text) for cell in row.filled) if label)


def _is_caption(row: Row) -> bool:
    """Whether a row only names a block: 部门整体支出绩效指标."""
    return len(row.filled) == 1 and role_of(row.filled[0].text, Block.INDICATOR) is Role.GROUP


def _has_target(head: Head) -> bool:
    return any(column.role in TARGETS for column in head.columns)
