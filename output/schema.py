"""The data dictionary: the five output tables, derived from the row types of `model`.

Field order is column order, the `Annotated` text is the column's documentation, and the type decides how a value is
written. Everything that describes the output (Parquet schema, datapackage.json, `zipingbiao schema`) comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

from model import Code, DocumentRow, ErrorCode, Finding, FormRow, FundRow, IndicatorRow, Severity, Status

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLES", "Column", "Kind", "Table", "arrow_schema", "dictionary_markdown", "dictionary_text"]


class Kind(StrEnum):
    """What a column holds. Decides its Parquet type and how CSV writes it."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    MONEY = "decimal(20,2)"
    TRUTH = "true or false"
    DAY = "date"
    INSTANT = "instant, UTC"
    LIST = "list of text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an output table. `choices` is the closed list of its values, empty where any text may stand."""

    name: str
    kind: Kind
    nullable: bool
    doc: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """An output table: its columns in written order, and the columns that tell its rows apart (none for findings)."""

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()


_KINDS: dict[type, Kind] = {
    str: Kind.TEXT,
    int: Kind.WHOLE,
    float: Kind.NUMBER,
    Decimal: Kind.MONEY,
    bool: Kind.TRUTH,
    date: Kind.DAY,
    datetime: Kind.INSTANT,
    tuple: Kind.LIST,
}


def hint_to_column(name: str, hint: Any) -> Column:
    """The column of a row type's field, from its type hint `Annotated[type, doc]` or `Annotated[type | None, doc]`."""
    plain, doc = get_args(hint)
    members = get_args(plain) if get_origin(plain) in (Union, UnionType) else (plain,)
    value = next(member for member in members if member is not type(None))
    value = get_origin(value) or value
    if issubclass(value, StrEnum):
        return Column(name, Kind.TEXT, type(None) in members, doc, tuple(value))
    return Column(name, _KINDS[value], type(None) in members, doc)


def row_type_to_columns(row_type: type) -> tuple[Column, ...]:
    """The columns of a row type, in the order of its fields."""
    hints = get_type_hints(row_type, include_extras=True)
    return tuple(hint_to_column(name, hint) for name, hint in hints.items() if get_origin(hint) is Annotated)


# `Finding` names first what its makers always give; the table starts with where the finding belongs.
_FINDING_ORDER = (
    "document_id", "form_id", "table", "row", "page", "column", "code", "severity", "raw", "value", "message",
)  # fmt: skip


def _finding_columns() -> tuple[Column, ...]:
    by_name = {column.name: column for column in row_type_to_columns(Finding)}
    severity = Column("severity", Kind.TEXT, False, "info, warning or error; goes with the code", tuple(Severity))
    by_name["severity"] = severity
    return tuple(by_name[name] for name in _FINDING_ORDER)


TABLES: tuple[Table, ...] = (
    Table("documents", "One row a file given to `run`.", row_type_to_columns(DocumentRow), ("path",)),
    Table("forms", "One row a form; a file may hold many.", row_type_to_columns(FormRow), ("form_id",)),
    Table("funds", "One row a line of the money block.", row_type_to_columns(FundRow), ("form_id", "line")),
    Table(
        "indicators",
        "One row a third-level indicator, in printed order.",
        row_type_to_columns(IndicatorRow),
        ("form_id", "row"),
    ),
    Table("findings", "One row for everything repaired, doubted or not understood.", _finding_columns()),
)


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """The Parquet schema of a table. Each column's documentation is its field metadata `description`."""
    import pyarrow as pa

    types = {
        Kind.TEXT: pa.string(),
        Kind.WHOLE: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.MONEY: pa.decimal128(20, 2),
        Kind.TRUTH: pa.bool_(),
        Kind.DAY: pa.date32(),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
        Kind.LIST: pa.list_(pa.string()),
    }
    return pa.schema(
        [
            pa.field(column.name, types[column.kind], metadata={"description": column.doc})
            for column in table.columns
        ],
        {"description": table.doc},
    )


# ---------------------------------------------------------------------------------------------------------------------
# The dictionary as text
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Section:
    title: str
    doc: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


_STATUS_MEANING = {
    Status.OK: "Forms were found, no finding of severity error.",
    Status.PARTIAL: "Forms were found, with findings of severity error.",
    Status.NO_FORM: "Readable, holds no self-assessment or target form.",
    Status.FAILED: "Not readable: no row in any other table.",
}

_ERROR_MEANING = {
    ErrorCode.NOT_FOUND: "No such file, or it may not be opened.",
    ErrorCode.NOT_A_PDF: "The content is no PDF, whatever the name says.",
    ErrorCode.ENCRYPTED: "A password is needed.",
    ErrorCode.DAMAGED: "The file is cut or broken.",
    ErrorCode.EMPTY: "The file holds nothing, or no page.",
    ErrorCode.TOO_LARGE: "More bytes or pages than will be read.",
    ErrorCode.TIMEOUT: "Reading took longer than --timeout.",
    ErrorCode.OUT_OF_MEMORY: "Reading took more memory than --memory-mb.",
    ErrorCode.CRASHED: "Reading broke off: a fault in a library or in zipingbiao.",
    ErrorCode.UNREACHABLE: "A remote store could not be reached, or let nothing be read; the next run tries again.",
}


def dictionary() -> Iterator[_Section]:
    """The sections of the data dictionary: the five tables, then the closed lists."""
    for table in TABLES:
        rows = tuple((column.name, _type_name(column), column.doc) for column in table.columns)
        yield _Section(table.name, table.doc, ("column", "type", "meaning"), rows)
    statuses = tuple((status.value, meaning) for status, meaning in _STATUS_MEANING.items())
    yield _Section("documents.status", "The closed list.", ("status", "meaning"), statuses)
    errors = tuple((code.value, meaning) for code, meaning in _ERROR_MEANING.items())
    yield _Section("documents.error_code", "The closed list.", ("error_code", "meaning"), errors)
    codes = tuple((code.value, code.severity.value, code.meaning) for code in Code)
    yield _Section("findings.code", "The closed list.", ("code", "severity", "meaning"), codes)


def _type_name(column: Column) -> str:
    return column.kind.value + (", may be empty" if column.nullable else "")


def dictionary_text() -> str:
    """The data dictionary for a terminal: columns aligned by spaces (all names and types are ASCII)."""
    return "\n".join(_section_text(section) for section in dictionary())


def _section_text(section: _Section) -> str:
    widths = [max(len(row[place]) for row in section.rows) for place in range(len(section.heads) - 1)]
    lines = [f"{section.title}: {section.doc}"]
    for row in section.rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("  " + "  ".join([*cells, row[-1]]))
    return "\n".join(lines) + "\n"


def dictionary_markdown() -> str:
    """The data dictionary as Markdown."""
    return "# Data dictionary\n\n" + "\n".join(_section_markdown(section) for section in dictionary())


def _section_markdown(section: _Section) -> str:
    table = [section.heads, tuple("---" for _ in section.heads), *section.rows]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table]
    return f"## {section.title}\n\n{section.doc}\n\n" + "\n".join(lines) + "\n"
