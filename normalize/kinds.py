"""What a row or line of a document is, as far as a form's labels, blocks and the block before it tell."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum, StrEnum

from model import Line
from normalize.heads import Block, Role, role_of
from normalize.labels import Mark, find_label, find_mark, find_source, is_mark
from normalize.rows import Row, Strip, split_label
from normalize.values import parse_amount

__all__ = [
    "Kind",
    "Section",
    "is_section",
    "kind_of_line",
    "kind_of_row",
    "opening_fields",
    "standing_kind",
    "texts_of",
]

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


def kind_of_row(row: Row, section: Section) -> Kind:
    """What a row that is no head is, in the section that its form has come to."""
    if not row.filled:
        return Kind.BLANK
    if section >= Section.INDICATORS:
        return _kind_after_head(row, section)
    standing = standing_kind(row)
    other = standing in (Kind.GOAL, Kind.LABELS) or is_section(row)
    if section is Section.MONEY and not other and _is_money(row):
        return Kind.MONEY
    if standing is not Kind.OTHER:
        return standing
    if section in (Section.LABELS, Section.GOALS) and _is_amount_beside_label(row):
        return Kind.MONEY
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


def standing_kind(row: Row) -> Kind:
    """What a row before the indicators is, told from its own texts and the merged cell beside it."""
    texts = [cell.text for cell in row.filled]
    if len(texts) == 1 and (mark := find_mark(texts[0], "title", "year")):
        return Kind.TITLE if mark == "title" else Kind.YEAR
    side = row.over[0].text if row.over else ""
    if is_mark(side, "section") or is_section(row):
        return Kind.NOTE
    if _is_money_side(side) or (_is_money_side(texts[0]) and len(texts) > 1) or _is_source_and_amount(texts):
        return Kind.MONEY
    if any(find_mark(text, *_GOALS) for text in texts) or find_mark(side, *_GOALS):
        return Kind.GOAL
    if any(find_label(_prefix(text)) for text in texts):
        return Kind.LABELS
    return Kind.NOTE if is_mark(_prefix(texts[0]), "note") else Kind.OTHER


def is_section(row: Row) -> bool:
    """Whether a row is of the block of sections (资金管理情况), numbered (4 | 分配科学性) or not."""
    return is_mark(_prefix(texts_of(row)[0]), "section")


def texts_of(row: Row) -> list[str]:
    """The texts of a row that is not blank, without its number (行次 | 资金管理情况, 4 | 分配科学性)."""
    texts = [cell.text for cell in row.filled]
    first = texts[0]
    is_numbered = len(texts) > 1 and (first.isdigit() or role_of(first, Block.MONEY) is Role.NUMBERING)
    return texts[1:] if is_numbered else texts


def kind_of_line(line: Line, section: Section, last_note: str | None) -> Kind:
    """What a line between tables is; `last_note` is the note printed last, where notes are being read."""
    mark = find_mark(line.text, "title", "year")
    if mark:
        return Kind.TITLE if mark == "title" else Kind.YEAR
    prefix = _prefix(line.text)
    if section >= Section.INDICATORS and prefix != line.text and is_mark(prefix, "note"):
        return Kind.NOTE
    if prefix != line.text and (find_label(prefix) or is_mark(prefix, "foot")):
        return Kind.LABELS
    if section is Section.NOTES and last_note and _goes_on(last_note, line.text):
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


def _is_source_and_amount(texts: Sequence[str]) -> bool:
    """Whether a row is a money block of its own: 年度资金总额（万元） | 480.6."""
    return len(texts) == 2 and bool(find_source(texts[0])) and parse_amount(texts[1]).number is not None


def _is_money(row: Row) -> bool:
    """Whether a row goes on with the money block: by the merged cell beside it, a source of money or an amount."""
    if any(_is_money_side(cell.text) for cell in row.over) or any(find_source(c.text) for c in row.filled[:3]):
        return True
    return any(parse_amount(cell.text).number is not None for cell in row.filled)


def _is_amount_beside_label(row: Row) -> bool:
    """Whether a row among labels or goals is a money block of one line: 年度资金总额（万元） | 480.6."""
    if len(row.filled) < 2:
        return False
    label, amount = row.filled[:2]
    return find_source(label.text) == "total" and parse_amount(amount.text).number is not None


def opening_fields(strip: Strip) -> set[str]:
    """The fields of labels that open a form, in a row or line: 项目名称, 部门名称."""
    texts = [cell.text for cell in strip.filled] if isinstance(strip, Row) else [_prefix(strip.text)]
    return {label.field for label in map(find_label, texts) if label and label.opens}


def _is_caption(row: Row) -> bool:
    """Whether a row only names a block: 部门整体支出绩效指标."""
    return len(row.filled) == 1 and role_of(row.filled[0].text, Block.INDICATOR) is Role.GROUP
