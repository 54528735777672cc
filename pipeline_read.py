"""One document: a file in, a result out. The only module that knows both `extract` and `normalize`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bulk.child import call_apart
from bulk.failures import broke_off
from bulk.files import digest, media_type
from model import (
    Code,
    Document,
    DocumentError,
    DocumentRow,
    Finding,
    Form,
    Method,
    Result,
    Severity,
    Status,
)
from output.rows import check_forms
from pipeline_options import Options, TableEngine, version

__all__ = [
    "EPOCH", "PRELOAD", "Listener", "Reading", "better_reading", "failed", "is_worth_a_second", "read_file",
    "read_file_apart", "read_pages", "read_pages_apart",
]  # fmt: skip

log = logging.getLogger("zipingbiao")

PRELOAD = ("pipeline", "extract", "normalize")
"""What reading takes, loaded once for all the processes that read."""

EPOCH = "SOURCE_DATE_EPOCH"


def _no_pages(_done: int, _total: int) -> None:
    """Nobody wants to know how far a document is."""


def _no_scan(_pages: int) -> None:
    """Nobody wants to know how many pages are recognised."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who hears how far a document is: after each page the number of pages read and their total, and before pages are
    recognised how many those are so far."""

    on_page: Callable[[int, int], None] = _no_pages
    on_scan: Callable[[int], None] = _no_scan


def read_file(path: str | Path, options: Options = Options(), listener: Listener = Listener()) -> Result:
    """Read one document in this process. Never raises for a bad file: its row then says what is wrong and what to do.

    A crash inside a PDF library would end this process; `read_file_apart` and `run` read in a child.
    """
    path = Path(path)
    reading = _attempt(path, options.table_engine, options, listener)
    if isinstance(reading, DocumentError):
        return failed(path, reading)
    if options.table_engine is TableEngine.AUTO and is_worth_a_second(reading):
        second = _attempt(path, TableEngine.PDFPLUMBER, options)
        reading = reading if isinstance(second, DocumentError) else better_reading(reading, second)
    return _reading_to_result(reading)


def _attempt(
    path: Path, table_engine: TableEngine, options: Options, listener: Listener = Listener()
) -> Reading | DocumentError:
    """The document boundary: whatever happens in reading comes out as a reading, or as the reason why there is none."""
    try:
        return _read(path, table_engine, options, listener)
    except DocumentError as error:
        return error
    except Exception as error:  # one bad file must not end a run
        log.debug("reading %s broke off", path, exc_info=True)
        return broke_off(error, options.memory_mb)


def read_file_apart(path: str | Path, options: Options = Options()) -> Result:
    """Read one document in a child process under the limits of `options`: whatever it does, this returns a result."""
    try:
        return call_apart(read_file, Path(path), options, limits=options.limits, preload=PRELOAD)
    except DocumentError as error:
        return failed(Path(path), error)


def read_pages(
    path: str | Path,
    table_engine: TableEngine,
    pages: Sequence[int] | None,
    options: Options = Options(),
    listener: Listener = Listener(),
) -> Document:
    """A document's raw tables, before any interpretation. Raises DocumentError for a bad file."""
    from extract import Recognition, read_document

    recognition = Recognition(options.ocr.value, options.threads, listener.on_scan)
    return read_document(
        path, engine=table_engine.value, pages=pages, recognition=recognition, on_page=listener.on_page
    )


def read_pages_apart(path: str | Path, options: Options, pages: Sequence[int] | None = None) -> Document:
    """`read_pages` in a child process under limits. Raises DocumentError."""
    return call_apart(
        read_pages, Path(path), options.table_engine, pages, options, limits=options.limits, preload=PRELOAD
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """What one table engine made of a document."""

    document: Document
    forms: tuple[Form, ...]
    findings: tuple[Finding, ...]


_CONTRADICTIONS = frozenset(
    {Code.TABLE_CONTRADICTS, Code.BLOCK_MISSING, Code.ROW_UNPLACED, Code.NUMBER_NOT_UNDERSTOOD, Code.HEAD_UNKNOWN}
)
_SECOND_PAGES = 40
"""Pages up to which a document is read again: pdfplumber takes some thirty times as long, and must not use up the time
of a document that the first engine has read."""


def is_worth_a_second(reading: Reading) -> bool:
    """Whether findings speak against the tables themselves, and the document is not too long to be read again."""
    contradicts = any(finding.code in _CONTRADICTIONS for finding in reading.findings)
    if any(page.method is not Method.TEXT for page in reading.document.pages):
        return False  # other engines see no pictures
    return contradicts and len(reading.document.pages) <= _SECOND_PAGES


def better_reading(first: Reading, second: Reading) -> Reading:
    """The second reading, with a finding that says so, if it has fewer errors or more rows free of them, is no worse
    in the other, and understands no less; else the first.

    pdfplumber knows no clips: one error less may be bought with amounts and operators that hidden text ran into.
    """
    rows, errors = (_clean_rows(second) - _clean_rows(first), _errors(second) - _errors(first))
    if rows < 0 or errors > 0 or rows == errors == 0 or _understood(second) < _understood(first):
        return first
    message = f"pdfplumber read the tables: {rows} more rows without errors, {-errors} fewer errors."
    finding = Finding(Code.SECOND_ENGINE, message, table="documents", value=TableEngine.PDFPLUMBER.value)
    return replace(second, findings=(*second.findings, finding))


def _errors(reading: Reading) -> int:
    return sum(finding.severity is Severity.ERROR for finding in reading.findings)


def _understood(reading: Reading) -> int:
    """How many values of its forms a reading holds that are not mere text, and levels."""
    funds = [fund for form in reading.forms for fund in form.funds]
    rows = [row for form in reading.forms for row in form.indicators]
    amounts = [(one.source, one.initial_cny, one.adjustment_cny, one.final_cny, one.executed_cny) for one in funds]
    values = [(row.level1, row.level2, row.operator, row.target_value, row.actual_value) for row in rows]
    return sum(value is not None for one in (*amounts, *values) for value in one)


def _clean_rows(reading: Reading) -> int:
    errors = {code.value for code in Code if code.severity is Severity.ERROR}
    return sum(errors.isdisjoint(row.flags) for form in reading.forms for row in form.indicators)


def _read(path: Path, table_engine: TableEngine, options: Options, listener: Listener) -> Reading:
    document = read_pages(path, table_engine, None, options, listener)

    from extract import join_pages
    from normalize import normalize

    content = join_pages(document)
    forms, findings = normalize(content, document.document_id)
    check_forms(forms)
    found = dict.fromkeys((*content.findings, *findings))  # each once: the second may pass on the first
    return Reading(document, forms, tuple(replace(finding, document_id=document.document_id) for finding in found))


def _reading_to_result(reading: Reading) -> Result:
    document = reading.document
    row = DocumentRow(
        document_id=document.document_id,
        path=document.path,
        media_type=document.media_type,
        size_bytes=document.size_bytes,
        pages=len(document.pages),
        pages_ocr=sum(page.method is not Method.TEXT for page in document.pages),
        producer=document.producer,
        status=_status(reading),
        error_code=None,
        error=None,
        forms=len(reading.forms),
        indicators=sum(len(form.indicators) for form in reading.forms),
        version=version(),
        extracted_at=_now(),
    )
    return Result(row, reading.forms, reading.findings)


def _status(reading: Reading) -> Status:
    if not reading.forms:
        return Status.NO_FORM
    return Status.PARTIAL if _errors(reading) else Status.OK


def _now() -> datetime:
    """Now, to the second; SOURCE_DATE_EPOCH stands in for it where a build must give the same bytes again."""
    epoch = os.environ.get(EPOCH)
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)


def failed(path: Path, error: DocumentError) -> Result:
    """The result of a document that could not be read."""
    document_id, kind, size = _facts(path)
    row = DocumentRow(
        document_id=document_id,
        path=str(path),
        media_type=kind,
        size_bytes=size,
        pages=None,
        pages_ocr=None,
        producer=None,
        status=Status.FAILED,
        error_code=error.code,
        error=error.message,
        forms=0,
        indicators=0,
        version=version(),
        extracted_at=_now(),
    )
    return Result(row, (), ())


def _facts(path: Path) -> tuple[str | None, str | None, int | None]:
    """sha256, media type and size of a file, each None where it cannot be opened."""
    if not os.path.isfile(path):  # noqa: PTH113  Path.is_file() raises for a name that is too long
        return None, None, None
    try:
        return digest(path), media_type(path), path.stat().st_size
    except OSError:
        return None, None, None
