"""Types that cross a boundary between rooms. Imports nothing of ours.

Two groups. What `extract` hands on: `Document`, `Page`, `Table`, `Cell`, `Line`, and (after joining over page breaks)
`Content`. What `normalize` hands on: `Form` with one `FormRow`, its `FundRow`s and `IndicatorRow`s, and `Finding`s.
The row types are the data dictionary: field order is column order, the `Annotated` text is the column's documentation,
and the type is the column's type in Parquet (see `output.schema`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NamedTuple

__all__ = [
    "Box",
    "Cell",
    "Code",
    "Completion",
    "Content",
    "Document",
    "DocumentError",
    "DocumentRow",
    "ErrorCode",
    "Finding",
    "Form",
    "FormRow",
    "FundRow",
    "IndicatorRow",
    "Line",
    "Method",
    "Page",
    "Reading",
    "Result",
    "Rival",
    "SeenName",
    "Severity",
    "Status",
    "Table",
]


# ---------------------------------------------------------------------------------------------------------------------
# Raw tables: what stands on the page
# ---------------------------------------------------------------------------------------------------------------------


class Box(NamedTuple):
    """A rectangle on the page as displayed (after /Rotate): PDF points, origin top left, y downwards."""

    x0: float
    y0: float
    x1: float
    y1: float


class Method(StrEnum):
    """How text came off the page."""

    TEXT = "text"
    OCR = "ocr"
    MIXED = "mixed"


class Rival(NamedTuple):
    """Another reading of part of a recognised text: its characters `start:end` may be `text` instead.

    `text` is empty where they may be nothing, `start == end` where something may be missing before `start`.
    `confidence` is the recogniser's probability of it, 0 to 1.
    """

    start: int
    end: int
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How sure a text off a picture is: for each of its characters the recogniser's probability (0 to 1), and what
    it may be instead, in order of `start`. `hidden`: a seal as dark as the print lies on a part of it, or, where there
    is no text, on what may be one."""

    confidences: tuple[float, ...]
    rivals: tuple[Rival, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table. `r1` and `c1` are inclusive.

    `text` is everything that belongs to the cell, text that the page clips away included, with the line breaks that
    wrapping made removed. `shown` is the part that a reader sees, None where that is all of `text`. `lines` are the
    lines that `text` was joined from. `reading` says how sure each character of `text` is where a picture was
    recognised; None where the text is the file's own.
    """

    r0: int
    r1: int
    c0: int
    c1: int
    text: str
    bbox: Box
    page: int
    shown: str | None = None
    lines: tuple[str, ...] = ()
    reading: Reading | None = None

    @property
    def visible(self) -> str:
        """What the cell shows: the printed text of the contract's `_raw` columns."""
        return self.text if self.shown is None else self.shown


@dataclass(frozen=True, slots=True)
class Table:
    """A grid of `rows` x `cols` places, each covered by exactly one cell. Cells are ordered by (r0, c0).

    A table of one page has `page == page_last`; one joined over page breaks spans them, and each cell knows its page.
    `engine` names what read it: `ruled`, `open` (horizontal rules alone, sides told by the text of a scan), `unruled`,
    `camelot`, `pdfplumber`. `xs` are the column lines of a scanned table in points from its left side, made straight;
    empty where the cells' boxes tell them.
    """

    page: int
    page_last: int
    method: Method
    engine: str
    bbox: Box
    rows: int
    cols: int
    cells: tuple[Cell, ...]
    xs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text that stands in no table. `reading` as in `Cell`."""

    page: int
    text: str
    bbox: Box
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page read: its tables and the lines outside them, both in reading order. `number` counts from 1, `turn` is
    the number of clockwise quarter turns after which its text stands upright."""

    number: int
    width: float
    height: float
    method: Method
    tables: tuple[Table, ...]
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...] = ()
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A file read, page by page, before any interpretation. `document_id` is the sha256 of its bytes."""

    document_id: str
    path: str
    media_type: str
    size_bytes: int
    producer: str | None
    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """A document's tables, joined over page breaks, and the lines between them, in reading order."""

    blocks: tuple[Table | Line, ...]
    findings: tuple[Finding, ...] = ()


# ---------------------------------------------------------------------------------------------------------------------
# Findings and errors
# ---------------------------------------------------------------------------------------------------------------------


class ErrorCode(StrEnum):
    """Why a document could not be read."""

    NOT_FOUND = "not_found"
    NOT_A_PDF = "not_a_pdf"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    CRASHED = "crashed"
    UNREACHABLE = "unreachable"


class DocumentError(Exception):
    """A document that cannot be read: `code`, and a sentence that says what is wrong and what to do next."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type[DocumentError], tuple[ErrorCode, str]]:
        return DocumentError, (self.code, self.message)  # it crosses from a child process


class Severity(StrEnum):
    """`info`: a repair was made. `warning`: something is doubtful. `error`: something printed was not understood."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Code(StrEnum):
    """The closed list of finding codes. Severity and meaning of each stand in `FINDINGS`."""

    severity: Severity
    meaning: str

    def __new__(cls, value: str, severity: Severity, meaning: str) -> Code:
        """A code that is its text, with its severity and meaning beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.severity = severity
        member.meaning = meaning
        return member

    # repairs
    TEXT_CLIPPED = "text_clipped", Severity.INFO, "The page hides part of the cell's text; the PDF holds it."
    ROW_JOINED = "row_joined", Severity.INFO, "A row cut in two by a page break was made one."
    MARKUP_REMOVED = "markup_removed", Severity.INFO, "HTML left in the cell was taken out."
    NAME_REPAIRED = "name_repaired", Severity.INFO, "A cut name was completed from quoted evidence."
    NAME_CLEANED = "name_cleaned", Severity.INFO, "A list mark or a stray mark at the end of a name was taken off."
    TEXT_MOVED = "text_moved", Severity.INFO, "Text that had spilt from a neighbouring cell was given back to it."
    LEVEL_MENDED = "level_mended", Severity.INFO, "A level that is broken, cut or written otherwise was mended."
    LEVEL_INFERRED = "level_inferred", Severity.INFO, "A level that is not printed was inferred."
    YEAR_INFERRED = "year_inferred", Severity.INFO, "The form prints no year; its document says only one."
    OPERATOR_IN_ACTUAL = "operator_in_actual", Severity.INFO, "An operator printed before the actual was read off."
    OPERATOR_IN_NAME = "operator_in_name", Severity.INFO, "The operator stands in the indicator's name."
    VALUE_IN_NAME = "value_in_name", Severity.INFO, "The value stands in the indicator's name."
    GOAL_ADJUSTED = "goal_adjusted", Severity.INFO, "Two goals or targets are printed; the adjusted one counts."
    MONEY_UNIT_CORRECTED = (
        "money_unit_corrected",
        Severity.INFO,
        "The amounts are not in the unit that the form prints; the form's own figures prove it.",
    )
    AMOUNT_LEFT_OUT = (
        "amount_left_out",
        Severity.INFO,
        "An amount of the whole project stands beside the year's; it is in no column and quoted here.",
    )
    TEXT_LEFT_OUT = (
        "text_left_out",
        Severity.INFO,
        "Text of a known column that the output has no column for (评分标准, 佐证材料, 结余); it is quoted here.",
    )
    OCR_DECIDED = (
        "ocr_decided",
        Severity.INFO,
        "Of several readings of a picture the one that its column or the form's arithmetic supports was taken.",
    )
    # doubts
    OCR_UNCERTAIN = (
        "ocr_uncertain",
        Severity.WARNING,
        "Read off a picture with little confidence, and nothing else in the form supports it.",
    )
    NAME_TRUNCATED = "name_truncated", Severity.WARNING, "The name is cut and no evidence completes it."
    NAME_MISSING = "name_missing", Severity.WARNING, "The row has values, but prints no name."
    DUPLICATE_INDICATOR = "duplicate_indicator", Severity.WARNING, "The same indicator stands in another row too."
    OPERATOR_UNCERTAIN = "operator_uncertain", Severity.WARNING, "The code book gives this code with less certainty."
    OPERATOR_AS_DIGIT = (
        "operator_as_digit",
        Severity.WARNING,
        "The first digit of the target is, or may be, an operator: 28 for ≥8; the reading is quoted.",
    )
    UNIT_UNKNOWN = "unit_unknown", Severity.WARNING, "A unit that the table of units does not hold; kept as printed."
    VALUE_AMBIGUOUS = (
        "value_ambiguous",
        Severity.WARNING,
        "Several numbers in one cell, or operators or units that contradict each other.",
    )
    UNIT_DIFFERS = "unit_differs", Severity.WARNING, "Actual and target have different units."
    ACTUAL_MISSING = "actual_missing", Severity.WARNING, "The target has a value, the actual is blank."
    ACTUAL_IMPLAUSIBLE = "actual_implausible", Severity.WARNING, "The actual is far from its target."
    MONEY_UNIT_UNCERTAIN = "money_unit_uncertain", Severity.WARNING, "The unit of the amounts could not be settled."
    ADJUSTMENT_MISMATCH = "adjustment_mismatch", Severity.WARNING, "Initial + adjustment is not the final amount."
    COMPOSITION_MISMATCH = "composition_mismatch", Severity.WARNING, "Basic + project is not the total."
    SOURCES_MISMATCH = "sources_mismatch", Severity.WARNING, "The sources do not add up to their sum."
    RATE_MISMATCH = "rate_mismatch", Severity.WARNING, "The printed rate is not executed / final."
    AMOUNT_FORCED = "amount_forced", Severity.WARNING, "No cell prints the amount; the sums force the quoted one."
    AMOUNT_ROUNDED = "amount_rounded", Severity.WARNING, "The amount has fractions of a cent; it was rounded."
    WEIGHT_SUM_MISMATCH = "weight_sum_mismatch", Severity.WARNING, "The weights do not add up to the printed total."
    SCORE_SUM_MISMATCH = "score_sum_mismatch", Severity.WARNING, "The scores do not add up to the printed total."
    SCORE_MISMATCH = (
        "score_mismatch",
        Severity.WARNING,
        "The score is more than its weight, or not what the rate or the target gives.",
    )
    HEAD_CONFLICT = "head_conflict", Severity.WARNING, "Two places of the form contradict each other (year, name)."
    SECOND_ENGINE = "second_engine", Severity.WARNING, "The first reading contradicted itself; another engine read it."
    PAGE_UNREAD = "page_unread", Severity.WARNING, "The page has no usable text layer and was not read."
    # not understood
    NUMBER_NOT_UNDERSTOOD = "number_not_understood", Severity.ERROR, "A column of numbers holds something else."
    HEAD_UNKNOWN = "head_unknown", Severity.ERROR, "A column head that no table of cases knows; its text is quoted."
    CODE_UNKNOWN = "code_unknown", Severity.ERROR, "An operator code that the code book does not hold, or no book."
    ROW_UNPLACED = "row_unplaced", Severity.ERROR, "A row that fits no column of the form."
    SOURCE_UNKNOWN = "source_unknown", Severity.ERROR, "A line of the money block with a label that no table knows."
    BLOCK_MISSING = "block_missing", Severity.ERROR, "A block that every form of this kind has was not found."
    TABLE_CONTRADICTS = "table_contradicts", Severity.ERROR, "Text stands where a table must be, but none was found."


@dataclass(frozen=True, slots=True)
class Finding:
    """Something repaired, doubted or not understood, in one place."""

    code: Annotated[Code, "closed list, see the list of codes"]
    message: Annotated[str, "what is the matter, in a sentence"]
    table: Annotated[str | None, "table of the row: documents, forms, funds or indicators"] = None
    row: Annotated[int | None, "`row` of indicators, `line` of funds"] = None
    page: Annotated[int | None, "page, from 1"] = None
    column: Annotated[str | None, "column of that table"] = None
    raw: Annotated[str | None, "the printed text in question"] = None
    value: Annotated[str | None, "what was made of it"] = None
    form_id: Annotated[str | None, "form that it belongs to, empty for the whole document"] = None
    document_id: Annotated[str, "document that it belongs to"] = ""

    @property
    def severity(self) -> Severity:
        """The severity that goes with the code."""
        return self.code.severity


# ---------------------------------------------------------------------------------------------------------------------
# Rows of the output tables: the data dictionary
# ---------------------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    """How a document ended; derived from its forms and findings, never set."""

    OK = "ok"
    PARTIAL = "partial"
    NO_FORM = "no_form"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One row a file given to `run`."""

    document_id: Annotated[str | None, "sha256 of the file's bytes, empty where it could not be opened"]
    path: Annotated[str, "path as given"]
    media_type: Annotated[str | None, "media type by content, not by name"]
    size_bytes: Annotated[int | None, "size of the file in bytes"]
    pages: Annotated[int | None, "number of pages"]
    pages_ocr: Annotated[int | None, "number of pages read by OCR"]
    producer: Annotated[str | None, "program that made the PDF, as it says itself"]
    status: Annotated[Status, "ok, partial, no_form or failed"]
    error_code: Annotated[ErrorCode | None, "why it failed"]
    error: Annotated[str | None, "what is wrong and what to do, in a sentence"]
    forms: Annotated[int, "number of forms found"]
    indicators: Annotated[int, "number of indicator rows found"]
    version: Annotated[str, "version of zipingbiao that read it"]
    extracted_at: Annotated[datetime, "when it was read, UTC"]


@dataclass(frozen=True, slots=True)
class FormRow:
    """One row a form; a file may hold many."""

    form_id: Annotated[str, "first 16 of document_id, a dash, form_no"]
    document_id: Annotated[str, "document that holds it"]
    form_no: Annotated[int, "number of the form in its document, from 1"]
    page_first: Annotated[int, "first page"]
    page_last: Annotated[int, "last page"]
    kind: Annotated[str, "self_assessment, or target for a form of goals only"]
    scope: Annotated[str | None, "department, project or transfer"]
    layout: Annotated[str, "name of the header layout"]
    title: Annotated[str | None, "title line as printed"]
    fiscal_year: Annotated[int | None, "fiscal year"]
    department: Annotated[str | None, "部门名称 or 主管部门"]
    unit: Annotated[str | None, "实施单位 or 填报单位"]
    project: Annotated[str | None, "项目名称"]
    project_code: Annotated[str | None, "code in front of the project's name"]
    goal_expected: Annotated[str | None, "goal as set"]
    goal_actual: Annotated[str | None, "goal as reached"]
    money_unit_printed: Annotated[str | None, "unit of the money block as printed: 元 or 万元"]
    money_unit: Annotated[str | None, "unit that the amounts are really in: 元 or 万元"]
    weight_total: Annotated[float | None, "printed total of the weights"]
    score_total: Annotated[float | None, "printed total of the scores"]
    notes: Annotated[str | None, "notes under the form"]
    method: Annotated[Method, "text, ocr or mixed"]


@dataclass(frozen=True, slots=True)
class FundRow:
    """One row a line of the money block."""

    form_id: Annotated[str, "form that it belongs to"]
    line: Annotated[int, "number of the line in the money block, from 1"]
    page: Annotated[int, "page of the line"]
    source: Annotated[str | None, "total, basic, project, fiscal, central, provincial, prefecture, county, local, "
                                  "special_account, own, carryover or other"]
    source_raw: Annotated[str | None, "label as printed"]
    initial_cny: Annotated[Decimal | None, "年初预算数 in yuan"]
    adjustment_cny: Annotated[Decimal | None, "预算调整数 in yuan"]
    final_cny: Annotated[Decimal | None, "全年预算数, 调整后预算数 or 预算确定数 in yuan"]
    executed_cny: Annotated[Decimal | None, "执行数 in yuan"]
    initial_raw: Annotated[str | None, "as printed"]
    adjustment_raw: Annotated[str | None, "as printed"]
    final_raw: Annotated[str | None, "as printed"]
    executed_raw: Annotated[str | None, "as printed"]
    execution_rate_pct: Annotated[float | None, "执行率 in per cent, as printed"]
    execution_rate_raw: Annotated[str | None, "as printed"]
    weight: Annotated[float | None, "分值 of the execution row"]
    score: Annotated[float | None, "得分 of the execution row"]
    note: Annotated[str | None, "情况说明 or reason beside the line"]
    flags: Annotated[tuple[str, ...], "codes of the findings of this line"] = ()


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One row a third-level indicator, in printed order."""

    form_id: Annotated[str, "form that it belongs to"]
    row: Annotated[int, "number of the row in its form, from 1"]
    page: Annotated[int, "page of the row"]
    x0: Annotated[float | None, "left of the row on its first page, points from the top left"]
    y0: Annotated[float | None, "top of the row"]
    x1: Annotated[float | None, "right of the row"]
    y1: Annotated[float | None, "bottom of the row"]
    level1: Annotated[str | None, "first level: 产出指标, 效益指标, 满意度指标, 成本指标; others as printed"]
    level2: Annotated[str | None, "second level; others as printed"]
    level1_raw: Annotated[str | None, "as printed, filled down from merged or blank cells"]
    level2_raw: Annotated[str | None, "as printed, filled down from merged or blank cells"]
    name: Annotated[str | None, "the repaired name"]
    name_raw: Annotated[str | None, "the name as the cell shows it"]
    name_status: Annotated[str, "complete, repaired or truncated"]
    name_source: Annotated[str | None, "evidence for a repair: clipped_text, spill, sibling, goal, memory or lexicon"]
    name_evidence: Annotated[str | None, "the evidence, quoted"]
    operator: Annotated[str | None, ">=, <=, >, < or ="]
    operator_source: Annotated[str | None, "code, symbol or words"]
    operator_raw: Annotated[str | None, "as printed"]
    target_raw: Annotated[str | None, "as printed"]
    target_value: Annotated[float | None, "target, magnitude applied"]
    target_max: Annotated[float | None, "upper end of a range"]
    target_date: Annotated[date | None, "target that is a date"]
    unit: Annotated[str | None, "unit of the target, magnitude taken out"]
    unit_raw: Annotated[str | None, "as printed"]
    actual_raw: Annotated[str | None, "as printed"]
    actual_value: Annotated[float | None, "actual, magnitude applied"]
    actual_date: Annotated[date | None, "actual that is a date"]
    actual_unit: Annotated[str | None, "unit of the actual; the target's where none is printed"]
    achieved: Annotated[bool | None, "whether the actual meets the target under the operator"]
    achievement_pct: Annotated[float | None, "actual / target x 100, unrounded"]
    weight: Annotated[float | None, "分值"]
    score: Annotated[float | None, "得分"]
    reason: Annotated[str | None, "偏差原因分析及改进措施"]
    flags: Annotated[tuple[str, ...], "codes of the findings of this row"] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form understood: its head, money block and indicators."""

    head: FormRow
    funds: tuple[FundRow, ...]
    indicators: tuple[IndicatorRow, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All that came of one document: a row for each of the five tables' kinds. A failed one has no forms."""

    document: DocumentRow
    forms: tuple[Form, ...]
    findings: tuple[Finding, ...]


# ---------------------------------------------------------------------------------------------------------------------
# Names that documents of one department share
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeenName:
    """An indicator's name as its own document gives it: evidence for other documents, or a name that lacks some.

    `department` is that of its form. `marked` is the printed name where list marks or stray marks were taken off it.
    """

    document_id: str
    form_id: str
    department: str | None
    row: int
    name: str
    name_status: str
    level2: str | None
    unit: str | None
    marked: str | None


@dataclass(frozen=True, slots=True)
class Completion:
    """A cut name that another document of the department completes. `evidence` quotes it, `message` is the finding's.

    `unmarked`: whether the finding that marks were taken off the name goes, since the whole name has them.
    """

    form_id: str
    row: int
    name: str
    evidence: str
    message: str
    unmarked: bool
