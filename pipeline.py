"""The whole path: files in, rows out. The only module that knows both `extract` and `normalize`.

`read_file` reads one document. `run` reads files and folders into an output folder, each document in a child process
under limits, does nothing twice, and writes the tables.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from threading import Event as Flag

from bulk.child import Limits, StartError, call_apart
from bulk.failures import broke_off
from bulk.files import digest, find_files, media_type
from bulk.job import Event, ExitCode, Failure, Job, Rules, Summary, Task
from bulk.local import call_all
from bulk.progress import PageEvent, Pages
from bulk.ray_cluster import Cluster, EngineError
from bulk.ray_engine import Place, call_all_on_ray
from bulk.reader import report_pages, report_scan
from model import (
    Code,
    Document,
    DocumentError,
    DocumentRow,
    ErrorCode,
    Finding,
    Form,
    Method,
    Result,
    Severity,
    Status,
)
from output.catalogue import Catalogue
from output.rows import check_forms, to_unicode
from output.write import Format, files_missing, read_tables, write_tables

__all__ = [
    "ALL_OF_CLUSTER",
    "Engine",
    "EngineError",
    "Event",
    "ExitCode",
    "Failure",
    "Format",
    "Listener",
    "Ocr",
    "Options",
    "PageEvent",
    "StartError",
    "Summary",
    "TableEngine",
    "read_file",
    "read_file_apart",
    "read_pages",
    "read_pages_apart",
    "read_tables",
    "run",
    "version",
]

log = logging.getLogger("zipingbiao")

_PRELOAD = (__name__, "extract", "normalize")
"""What reading takes, loaded once for all the processes that read."""


class TableEngine(StrEnum):
    """What reads tables. `auto` reads by rules, and again with pdfplumber where that contradicts itself."""

    AUTO = "auto"
    RULED = "ruled"
    PDFPLUMBER = "pdfplumber"
    CAMELOT = "camelot"


class Ocr(StrEnum):
    """Which pages are read by OCR: `auto` those without a usable text layer."""

    AUTO = "auto"
    NEVER = "never"
    ALWAYS = "always"


class Engine(StrEnum):
    """Who shares documents out: this machine's processes, or a Ray cluster."""

    LOCAL = "local"
    RAY = "ray"


ALL_OF_CLUSTER = 0
"""As a number of workers: as many as the Ray cluster has cores."""


def _cores() -> int:
    """The cores that this process may use: a container may have fewer than its machine."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Options:
    """How documents are read and written.

    `timeout_s` (seconds) and `memory_mb` (MiB) limit each document; in a scan the time is for each page. `workers` is
    the number of documents read at a time, `address` that of the Ray cluster (None: one is started here),
    `min_rows` the number of indicator rows under which a run counts as failed, 0 for no floor.
    """

    formats: tuple[Format, ...] = (Format.CSV, Format.PARQUET)
    excel_safe: bool = False
    engine: Engine = Engine.LOCAL
    address: str | None = None
    workers: int = field(default_factory=_cores)
    timeout_s: float = 120.0
    memory_mb: int = 2048
    table_engine: TableEngine = TableEngine.AUTO
    ocr: Ocr = Ocr.AUTO
    overwrite: bool = False
    fail_fast: bool = False
    min_rows: int = 0

    @property
    def limits(self) -> Limits:
        """The limits of one document."""
        return Limits(self.timeout_s, self.memory_mb)

    def made_with(self, error_code: ErrorCode | None) -> str:
        """What must be the same for a stored result to hold: version and options, and limits where they ended it."""
        limits = f" {self.timeout_s:g} s {self.memory_mb} MiB" if error_code in _LIMIT_CODES else ""
        extra = "" if self.ocr is Ocr.NEVER or not has_ocr() else "+"
        return f"{version()} {self.table_engine} {self.ocr}{extra}{limits}"

    @property
    def threads(self) -> int:
        """How many threads OCR may use for one page, so that all workers together use each core once: on a
        cluster, a worker has one."""
        return max(1, _cores() // self.workers) if self.engine is Engine.LOCAL else 1


_EPOCH = "SOURCE_DATE_EPOCH"
_LIMIT_CODES = frozenset({ErrorCode.TIMEOUT, ErrorCode.OUT_OF_MEMORY, ErrorCode.CRASHED})


@cache
def has_ocr() -> bool:
    """Whether the extra that reads pictures is installed: a document read without it is read again."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


@cache
def version() -> str:
    """The version that is installed: the one in pyproject.toml."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("zipingbiao")
    except PackageNotFoundError:
        return "0+not.installed"


# ---------------------------------------------------------------------------------------------------------------------
# One document
# ---------------------------------------------------------------------------------------------------------------------


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
        return _failed(path, reading)
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
        return call_apart(read_file, Path(path), options, limits=options.limits, preload=_PRELOAD)
    except DocumentError as error:
        return _failed(Path(path), error)


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
        read_pages, Path(path), options.table_engine, pages, options, limits=options.limits, preload=_PRELOAD
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
    epoch = os.environ.get(_EPOCH)
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC).replace(microsecond=0)


def _failed(path: Path, error: DocumentError) -> Result:
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
    if not path.is_file():
        return None, None, None
    try:
        return digest(path), media_type(path), path.stat().st_size
    except OSError:
        return None, None, None


# ---------------------------------------------------------------------------------------------------------------------
# Many documents
# ---------------------------------------------------------------------------------------------------------------------

def _ignore(_: object) -> None:
    """Nothing to tell."""


def _read_and_tell(path: Path, options: Options) -> Result:
    """Read one document in a child, which tells its parent how far it is."""
    return read_file(path, options, Listener(report_pages, report_scan))


def run(
    inputs: Iterable[str | Path],
    out: str | Path,
    options: Options = Options(),
    on_event: Callable[[Event], None] = _ignore,
    *,
    on_pages: Callable[[PageEvent], None] = _ignore,
    stop: Flag | None = None,
    read: Callable[[Path, Options], Result] = _read_and_tell,
) -> Summary:
    """Read files and folders into the tables of `out`. What was read before, unchanged, is not read again.

    `on_event` hears of each document that is done, `on_pages` how far those at work are, a few times a second. `stop`
    ends the run in good order when it is set: what was finished is written. `read` reads a document in a child
    process, so it must be a function at the top of a module; the calling script needs the usual
    `if __name__ == "__main__":`.

    Raises CatalogueError where `out` is in use, OSError where it cannot be written, StartError where no child process
    can be started.
    """
    stop = stop or Flag()
    out = Path(out)
    rules = Rules(options.made_with, _failed, options.fail_fast, options.min_rows)
    with Catalogue(out, afresh=options.overwrite) as catalogue:
        paths = list(find_files(inputs, out))
        job = Job(catalogue, rules, on_event, stop, len(paths))
        call = partial(_read_task, read, options, os.environ.get(_EPOCH))
        results = _share_out(call, job.unread(paths), options, stop, on_pages)
        with closing(results):
            for task, result in results:
                job.finish(task, result)
                if job.is_over():
                    break
        return job.summary(out, written=publish(catalogue, out, options))


def _share_out(
    call: Callable[..., Result],
    tasks: Iterable[Task],
    options: Options,
    stop: Flag,
    on_pages: Callable[[PageEvent], None],
) -> Generator[tuple[Task, Result | DocumentError], None, None]:
    """The documents' results as they come, by whoever the options name."""

    def tell(task: Task, pages: Pages) -> None:
        on_pages(PageEvent(to_unicode(str(task.path)), pages))

    if options.engine is Engine.RAY:
        cluster = Cluster(options.address, options.workers, _PRELOAD)
        return call_all_on_ray(
            call, tasks, options.limits, cluster, stop, place=_place, size=_task_bytes, on_pages=tell
        )
    return call_all(
        call, tasks, options.limits, options.workers, _PRELOAD, stop, size=_task_bytes, on_pages=tell
    )


def _task_bytes(task: Task) -> int:
    try:
        return task.path.stat().st_size
    except OSError:  # gone since it was listed: its reader says so
        return 0


def _place(task: Task) -> Place:
    return Place(task.path.absolute(), task.result_id)


def _read_task(
    read: Callable[[Path, Options], Result], options: Options, epoch: str | None, task: Task, file: Path | None = None
) -> Result:
    """Read a document, in a child. `file` holds it where its own path is not in sight or not this process's; `epoch` is
    the parent's SOURCE_DATE_EPOCH, which a worker of a cluster does not have."""
    os.environ.pop(_EPOCH, None)
    os.environ.update({} if epoch is None else {_EPOCH: epoch})
    result = read(file or task.path, options)
    return result if file is None else replace(result, document=replace(result.document, path=str(task.path)))


def publish(catalogue: Catalogue, out: Path, options: Options) -> bool:
    """Write the tables from the catalogue unless they stand there just so. Returns whether they were written."""
    state = f"{version()} {catalogue.changes} {','.join(sorted(options.formats))} {options.excel_safe}"
    if catalogue.published == state and not files_missing(out, options.formats):
        return False
    write_tables(catalogue.documents(), out, options.formats, excel_safe=options.excel_safe)
    catalogue.set_published(state)
    return True


