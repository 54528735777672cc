"""The whole path: files in, rows out. The only module that knows both `extract` and `normalize`.

`read_file` reads one document. `run` reads files and folders into an output folder, each document in a child process
under limits, does nothing twice, and writes the tables.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from threading import Event as Flag

from bulk.child import Limits, StartError, broke_off, call_apart, out_of_memory
from bulk.files import digest, media_type
from bulk.inputs import InputError
from bulk.inputs_fetch import Fetcher
from bulk.inputs_given import Given, take_in
from bulk.inputs_listing import Listing
from bulk.job import Event, ExitCode, Failure, Job, Rules, Summary, Task
from bulk.local import call_all
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
from output.catalogue import FOLDER, Catalogue
from output.csv_text import number_to_text
from output.outcome import Packed, pack
from output.partitions import check_folders
from output.parts import Look, Parts, entries_to_generation
from output.read import read_tables
from output.rows import check_forms
from output.runs import begin_run, end_run
from output.write import Format, Publication, files_missing, write_parts

__all__ = [
    "Event",
    "ExitCode",
    "Failure",
    "Format",
    "InputError",
    "Ocr",
    "Options",
    "Partition",
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


class Partition(StrEnum):
    """A column that Parquet partitions are cut by."""

    FISCAL_YEAR = "fiscal_year"


def _cores() -> int:
    """The cores that this process may use: a container may have fewer than its machine."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Options:
    """How documents are read and written.

    `timeout_s` (seconds) and `memory_mb` (MiB) limit each document, `workers` is the number of child processes,
    `min_rows` the number of indicator rows under which a run counts as failed, 0 for no floor. `prune` takes files out
    of the tables that are no longer among the inputs, `partition` says what Parquet partitions are cut by, None for
    no partitions.
    `globs` say which files of folders and archives are read, `manifests` name files that list documents and what else is
    known of them, and what failed earlier with a code of `retry` is read again.
    """

    formats: tuple[Format, ...] = (Format.CSV, Format.PARQUET)
    excel_safe: bool = False
    workers: int = field(default_factory=_cores)
    timeout_s: float = 120.0
    memory_mb: int = 2048
    table_engine: TableEngine = TableEngine.AUTO
    ocr: Ocr = Ocr.AUTO
    overwrite: bool = False
    fail_fast: bool = False
    min_rows: int = 0
    prune: bool = False
    partition: Partition | None = None
    globs: tuple[str, ...] = ()
    manifests: tuple[str | Path, ...] = ()
    retry: frozenset[ErrorCode] = frozenset()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command's options by which another run reads and writes alike, less those that say the default."""
        plain = Options(workers=self.workers)
        words = {
            "--format": ",".join(self.formats) if self.formats != plain.formats else None,
            "--ocr": self.ocr.value if self.ocr is not plain.ocr else None,
            "--table-engine": self.table_engine.value if self.table_engine is not plain.table_engine else None,
            "--timeout": number_to_text(self.timeout_s) if self.timeout_s != plain.timeout_s else None,
            "--partition": None if self.partition is None else self.partition.value,
            "--memory-mb": str(self.memory_mb) if self.memory_mb != plain.memory_mb else None,
        }
        safe = ("--excel-safe",) if self.excel_safe else ()
        return (*(word for name, value in words.items() if value is not None for word in (name, value)), *safe)

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
        """How many threads OCR may use for one page, so that all workers together use each core once."""
        return max(1, _cores() // self.workers)


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


def read_file(path: str | Path, options: Options = Options()) -> Result:
    """Read one document in this process. Never raises for a bad file: its row then says what is wrong and what to do.

    A crash inside a PDF library would end this process; `read_file_apart` and `run` read in a child.
    """
    path = Path(path)
    reading = _attempt(path, options.table_engine, options)
    if isinstance(reading, DocumentError):
        return _failed(path, reading)
    if options.table_engine is TableEngine.AUTO and is_worth_a_second(reading):
        second = _attempt(path, TableEngine.PDFPLUMBER, options)
        reading = reading if isinstance(second, DocumentError) else better_reading(reading, second)
    return _reading_to_result(reading)


def _attempt(path: Path, table_engine: TableEngine, options: Options) -> Reading | DocumentError:
    """The document boundary: whatever happens in reading comes out as a reading, or as the reason why there is none."""
    try:
        return _read(path, table_engine, options)
    except DocumentError as error:
        return error
    except MemoryError:
        return out_of_memory(options.memory_mb)
    except Exception as error:  # one bad file must not end a run
        log.debug("reading %s broke off", path, exc_info=True)
        return broke_off(error)


def read_file_apart(path: str | Path, options: Options = Options()) -> Result:
    """Read one document in a child process under the limits of `options`: whatever it does, this returns a result."""
    try:
        return call_apart(read_file, Path(path), options, limits=options.limits, preload=__name__)
    except DocumentError as error:
        return _failed(Path(path), error)


def read_pages(
    path: str | Path, table_engine: TableEngine, pages: Sequence[int] | None, options: Options = Options()
) -> Document:
    """A document's raw tables, before any interpretation. Raises DocumentError for a bad file."""
    from extract import Recognition, read_document

    recognition = Recognition(options.ocr.value, options.threads)
    return read_document(path, engine=table_engine.value, pages=pages, recognition=recognition)


def read_pages_apart(path: str | Path, options: Options, pages: Sequence[int] | None = None) -> Document:
    """`read_pages` in a child process under limits. Raises DocumentError."""
    return call_apart(
        read_pages, Path(path), options.table_engine, pages, options, limits=options.limits, preload=__name__
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


def _read(path: Path, table_engine: TableEngine, options: Options) -> Reading:
    document = read_pages(path, table_engine, None, options)

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
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
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
    if not os.path.isfile(path):  # noqa: PTH113  Path.is_file() raises for a name that is too long
        return None, None, None
    try:
        return digest(path), media_type(path), path.stat().st_size
    except OSError:
        return None, None, None


# ---------------------------------------------------------------------------------------------------------------------
# Many documents
# ---------------------------------------------------------------------------------------------------------------------

def _ignore(_: Event) -> None:
    """Nothing to tell."""


def run(
    inputs: Iterable[str | Path],
    out: str | Path,
    options: Options = Options(),
    on_event: Callable[[Event], None] = _ignore,
    *,
    stop: Flag | None = None,
    read: Callable[[Path, Options], Result] = read_file,
) -> Summary:
    """Read documents into the tables of `out`. What was read before, unchanged, is not read again.

    `inputs` are files, folders, archives, members of archives (`a.zip!/b.pdf`), URLs of stores, and `-` for a list of
    them on standard input.

    `stop` ends the run in good order when it is set: what was finished is written. `read` reads a document in a child
    process, so it must be a function at the top of a module; the calling script needs the usual
    `if __name__ == "__main__":`.

    Raises InputError where a manifest or a glob cannot be read, CatalogueError where `out` is in use, OSError where it
    cannot be written or where partitions would replace what is none, StartError where no child process can be started.
    """
    stop = stop or Flag()
    out = Path(out)
    if options.partition is not None:
        check_folders(out)
    given = Given(inputs, options.globs, options.manifests)
    rules = Rules(options.made_with, _failed, options.fail_fast, options.min_rows, options.retry)
    with (
        Catalogue(out, afresh=options.overwrite) as catalogue,
        Fetcher(out / FOLDER / "spool", lambda: not stop.is_set()) as fetcher,
        Listing(out / FOLDER / "listing.sqlite") as listing,
    ):
        begun = begin_run(catalogue.connection, version(), options.arguments)
        take_in(given, options.retry, catalogue, fetcher, listing)
        job = Job(catalogue, rules, on_event, stop, len(listing))
        pages = _read_all(job, job.unread(listing, fetcher), fetcher, partial(_read_task, read, options), options, stop)
        pruned = job.prune() if options.prune and listing.is_complete() else 0
        settle_names(catalogue)
        summary = job.summary(out, written=publish(catalogue, out, options), pruned=pruned)
        end_run(catalogue.connection, begun, summary.files, summary.known, pages, summary.exit_code)
        return summary


def _read_all(
    job: Job,
    tasks: Iterable[Task],
    fetcher: Fetcher,
    read: Callable[[Task], Packed],
    options: Options,
    stop: Flag,
) -> int:
    """Read what must be read and keep what comes of it. Returns the number of pages read."""
    pages = 0
    results = call_all(read, tasks, options.limits, options.workers, __name__, stop)
    with closing(results):
        for task, result in results:
            job.finish(task, result)
            fetcher.drop(task.path)
            pages += 0 if isinstance(result, DocumentError) else result.pages or 0
            if job.is_over():
                break
    return pages


def _read_task(read: Callable[[Path, Options], Result], options: Options, task: Task) -> Packed:
    """Read a document, in a child: what crosses to the parent is packed, so that it need only put it away."""
    return pack_result(read(task.path, options))


def pack_result(result: Result) -> Packed:
    """A result as the catalogue keeps it, with the departments that the memory of names knows it by."""
    from normalize import find_bodies

    return pack(result, find_bodies(result.forms))


def settle_names(catalogue: Catalogue) -> None:
    """Complete cut names from other documents of their department, where documents came, changed or went.

    A pure function of the stored results: the order in which documents come changes nothing.
    """
    for department in catalogue.touched():
        from normalize import complete_names

        cut = list(catalogue.names_of(department, only_cut=True))
        completions = complete_names(department, cut, catalogue.names_of(department)) if cut else []
        catalogue.settle(department, {name.form_id for name in cut}, completions)


def publish(catalogue: Catalogue, out: Path, options: Options) -> bool:
    """Write the tables from the catalogue unless they stand there just so. Returns whether they were written."""
    formats = ",".join(sorted(options.formats))
    state = f"{version()} {catalogue.changes} {formats} {options.excel_safe} {options.partition}"
    partitioned = options.partition is not None
    if catalogue.published == state and not files_missing(out, options.formats, partitioned=partitioned):
        return False
    look = Look(catalogue.extra_columns(), Format.CSV in options.formats, options.excel_safe)
    generation = entries_to_generation(catalogue.entries())
    publication = Publication(tuple(sorted(set(options.formats))), generation, look, partitioned)
    with Parts(out / FOLDER / "parts.sqlite") as parts:
        write_parts(parts.render(catalogue.entries(), catalogue.rows_of, look), out, publication)
    catalogue.set_published(state)
    return True
