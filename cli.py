"""The command `zipingbiao`: run, show, tables, schema. Errors are one sentence on stderr, never a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from typing import Annotated, NoReturn

import typer

import watch
from model import Severity, Status
from pipeline import (
    Event,
    ExitCode,
    Format,
    InputError,
    Ocr,
    Options,
    Partition,
    StartError,
    Summary,
    TableEngine,
    version,
)

__all__ = ["app", "main"]

app = typer.Typer(
    name="zipingbiao",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class _Ended(SystemExit):
    """A command that ended with an exit code of ours, apart from those of the option parser."""


def main() -> None:
    """Run the command line. Wrong usage exits with 1, since 2 means that no input could be read."""
    _speak_utf8()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        app()
    except _Ended:
        raise
    except SystemExit as ended:
        sys.exit(ExitCode.WRONG_USAGE if ended.code == 2 else ended.code)
    except StartError as error:
        _say(str(error))
        sys.exit(ExitCode.WRONG_USAGE)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.ALL_READ)


def _speak_utf8() -> None:
    """UTF-8 into pipes and files, whatever the locale; a terminal gets what it can show."""
    for stream in (sys.stdout, sys.stderr):
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]


def _end(code: ExitCode, sentence: str) -> NoReturn:
    _say(sentence)
    raise _Ended(code)


def _say(sentence: str) -> None:
    from output.show import to_printable

    typer.echo(to_printable(sentence), err=True)


def _interrupt(*_: object) -> NoReturn:
    raise _Ended(ExitCode.INTERRUPTED)


# ---------------------------------------------------------------------------------------------------------------------
# Options
# ---------------------------------------------------------------------------------------------------------------------


def parse_formats(text: str) -> tuple[Format, ...]:
    """The formats in `csv,parquet`. Raises BadParameter."""
    names = [name.strip().lower() for name in text.split(",")]
    unknown = [name for name in names if name not in set(Format)]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is no format; give csv, parquet or csv,parquet")
    return tuple(Format(name) for name in dict.fromkeys(names))


def parse_pages(text: str) -> tuple[int, ...]:
    """The page numbers in `1,3-5`, in order, each once. Raises BadParameter."""
    pages: set[int] = set()
    for part in text.replace(" ", "").split(","):
        found = re.fullmatch(r"([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?", part)
        if found is None or int(found[2] or found[1]) < int(found[1]):
            raise typer.BadParameter(f"{part!r} is no page and no range of pages; give something like 1,3-5")
        pages.update(range(int(found[1]), int(found[2] or found[1]) + 1))
    return tuple(sorted(pages))


def check_engine(name: str) -> str:
    """The engine, if there is one of that name. Raises BadParameter."""
    if name != "local":
        raise typer.BadParameter(f"there is no engine {name!r}; the only one is local")
    return name


InputsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help="PDFs, pictures, folders, zip archives, URLs such as s3://bucket/key; - reads a list of them.",
        show_default=False,
    ),
]
GlobOption = Annotated[
    list[str] | None,
    typer.Option("--glob", metavar="PATTERN", help="Read what this matches in folders and archives."),
]
ManifestOption = Annotated[
    list[Path] | None,
    typer.Option("--manifest", metavar="FILE", help="CSV or JSON lines: a column path, others go into documents."),
]
RetryOption = Annotated[
    str, typer.Option("--retry", metavar="CODES", help="Read again what failed so: timeout,crashed or all.")
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A PDF or a picture.", show_default=False)]
TableEngineOption = Annotated[
    TableEngine, typer.Option("--table-engine", help="What reads tables; auto asks pdfplumber where rules fail.")
]
OcrOption = Annotated[Ocr, typer.Option("--ocr", help="Which pages are read by OCR; auto: those without usable text.")]
TimeoutOption = Annotated[
    float, typer.Option("--timeout", min=0.1, metavar="SECONDS", help="Seconds that a document may take.")
]
MemoryOption = Annotated[
    int, typer.Option("--memory-mb", min=64, metavar="N", help="Memory that a document may take, in MB.")
]
_DEFAULT = Options()


# ---------------------------------------------------------------------------------------------------------------------
# run
# ---------------------------------------------------------------------------------------------------------------------


@app.command()
def run(
    inputs: InputsArgument = None,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the tables.", show_default=False)],
    globs: GlobOption = None,
    manifests: ManifestOption = None,
    retry: RetryOption = "",
    formats: Annotated[str, typer.Option("--format", metavar="LIST", help="csv, parquet or both.")] = "csv,parquet",
    workers: Annotated[int, typer.Option(min=1, help="Documents read at a time.")] = _DEFAULT.workers,
    ocr: OcrOption = Ocr.AUTO,
    timeout: TimeoutOption = _DEFAULT.timeout_s,
    memory_mb: MemoryOption = _DEFAULT.memory_mb,
    table_engine: TableEngineOption = TableEngine.AUTO,
    excel_safe: Annotated[
        bool, typer.Option("--excel-safe", help="Put ' before CSV text that Excel would run as a formula.")
    ] = False,
    min_rows: Annotated[int, typer.Option(min=0, help="Exit with 4 if there are fewer indicator rows.")] = 0,
    partition: Annotated[
        Partition | None, typer.Option(help="Write Parquet partitions too: DIR/indicators/fiscal_year=2023/...")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Remove what is no longer among the inputs.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Forget what was read before.")] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first document that fails.")] = False,
    engine: Annotated[str, typer.Option(help="Who shares out the documents: local.", callback=check_engine)] = "local",
    progress: Annotated[bool, typer.Option(help="A progress bar, on a terminal only.")] = True,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log to stderr as lines of JSON.")] = False,
) -> None:
    """Read PDFs, pictures and folders of them into tables. What was read before, unchanged, is not read again."""
    del engine
    options = Options(
        formats=parse_formats(formats),
        excel_safe=excel_safe,
        workers=workers,
        timeout_s=timeout,
        memory_mb=memory_mb,
        table_engine=table_engine,
        ocr=ocr,
        overwrite=overwrite,
        fail_fast=fail_fast,
        min_rows=min_rows,
        prune=prune,
        partition=partition,
        globs=tuple(globs or ()),
        manifests=tuple(manifests or ()),
        retry=watch.parse_codes(retry),
    )
    if not (inputs or manifests or retry):
        raise typer.BadParameter("nothing is given to read; give INPUT..., --manifest or --retry")
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:/", str(out)):
        raise typer.BadParameter(f"{out} is no folder on this machine; --out must be one")
    bar = progress and not log_json and sys.stderr.isatty()
    summary = _run(inputs or [], out, options, progress=bar, log_json=log_json)
    if log_json:
        _log_line("summary", **summary_to_json(summary))
    typer.echo("\n".join(summary_lines(summary, options.arguments)))
    nothing_failed = not (inputs or manifests or summary.files or summary.interrupted)
    raise _Ended(ExitCode.ALL_READ if nothing_failed else summary.exit_code)


def _run(inputs: list[str], out: Path, options: Options, *, progress: bool, log_json: bool) -> Summary:
    import sqlite3

    from output.catalogue import CatalogueError
    from pipeline import run as run_pipeline

    stop = Flag()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with _watch(progress=progress, log_json=log_json) as on_event:
            return run_pipeline(inputs, out, options, on_event, stop=stop)
    except (CatalogueError, InputError) as error:
        _end(ExitCode.WRONG_USAGE, str(error))
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        _end(ExitCode.WRONG_USAGE, f"{out} cannot be written ({reason}). Check the folder, its rights and the disk.")


@contextmanager
def _watch(*, progress: bool, log_json: bool) -> Iterator[Callable[[Event], None]]:
    """What to do with each event: lines of JSON, a progress bar, or a line for each failure."""
    if log_json:
        yield lambda event: _log_line("document", **event_to_json(event))
    elif progress:
        with _bar() as advance:
            yield advance
    else:
        yield _say_failure


def _say_failure(event: Event) -> None:
    if event.outcome.error is not None:
        _say(error_sentence(event.path, event.outcome.error))


@contextmanager
def _bar() -> Iterator[Callable[[Event], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from output.show import console, to_printable

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def advance(event: Event) -> None:
            if event.outcome.error is not None:
                bar.console.print(to_printable(error_sentence(event.path, event.outcome.error)), markup=False)
            bar.update(task, completed=event.done, total=event.total)

        yield advance


def error_sentence(path: str, error: str) -> str:
    """The error with the file's name before it, if it does not name it itself."""
    return error if path in error else f"{path}: {error}"


def _log_line(event: str, **values: object) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    typer.echo(json.dumps({"time": now, "event": event, **values}, ensure_ascii=True), err=True)


def event_to_json(event: Event) -> dict[str, object]:
    """A document's line in the log."""
    outcome = event.outcome
    return {
        "path": event.path,
        "document_id": outcome.document_id,
        "known": event.known,
        "status": outcome.status,
        "error_code": outcome.error_code,
        "error": outcome.error,
        "forms": outcome.forms,
        "indicators": outcome.indicators,
        "done": event.done,
        "total": event.total,
    }


def summary_to_json(summary: Summary) -> dict[str, object]:
    """The last line in the log."""
    return {
        "out": str(summary.out),
        "files": summary.files,
        "known": summary.known,
        "statuses": summary.statuses,
        "forms": summary.forms,
        "indicators": summary.indicators,
        "findings": summary.findings,
        "pruned": summary.pruned,
        "written": summary.written,
        "exit_code": int(summary.exit_code),
    }


_FAILURES_LISTED = 20


def summary_lines(summary: Summary, arguments: tuple[str, ...]) -> Iterator[str]:
    """The summary for a person. `arguments` are the options by which another run reads alike."""
    from output.show import to_printable
    from output.status import retry_lines

    statuses = ", ".join(f"{count} {status}" for status in Status if (count := summary.statuses.get(status, 0)))
    yield f"files     {summary.files}{f' ({statuses})' if statuses else ''}, {summary.known} known from before"
    yield f"forms     {summary.forms}, indicator rows {summary.indicators}"
    yield f"findings  {', '.join(f'{summary.findings[severity]} {severity}' for severity in Severity)}"
    for failure in summary.failures[:_FAILURES_LISTED]:
        yield to_printable(f"  {failure.code}: {error_sentence(failure.path, failure.error)}")
    if len(summary.failures) > _FAILURES_LISTED:
        yield f"  and {len(summary.failures) - _FAILURES_LISTED} more that failed: see documents, column error"
    codes = Counter(failure.code.value for failure in summary.failures)
    yield from map(to_printable, retry_lines(summary.out, codes, arguments))
    if summary.interrupted:
        yield "stopped   by a signal; the same command goes on from here"
    elif summary.stopped_early:
        yield "stopped   at the first failure (--fail-fast); the same command without it goes on from here"
    if summary.pruned:
        yield f"removed   {summary.pruned} that are no longer among the inputs (--prune)"
    if summary.below_floor:
        yield "rows      fewer than --min-rows asks for"
    yield f"tables    {'written to' if summary.written else 'unchanged in'} {to_printable(str(summary.out))}"


# ---------------------------------------------------------------------------------------------------------------------
# show, tables, schema
# ---------------------------------------------------------------------------------------------------------------------


@app.command()
def show(
    file: FileArgument,
    timeout: TimeoutOption = _DEFAULT.timeout_s,
    memory_mb: MemoryOption = _DEFAULT.memory_mb,
    table_engine: TableEngineOption = TableEngine.AUTO,
    ocr: OcrOption = Ocr.AUTO,
) -> None:
    """Print one file's forms, rows and findings."""
    from output.show import console, print_result
    from pipeline import read_file_apart

    options = Options(workers=1, timeout_s=timeout, memory_mb=memory_mb, table_engine=table_engine, ocr=ocr)
    result = read_file_apart(file, options)
    if result.document.error is not None:
        _end(ExitCode.NOTHING_READ, error_sentence(str(file), result.document.error))
    print_result(result, console())


@app.command()
def tables(
    file: FileArgument,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, an object a table.")] = False,
    pages: Annotated[str | None, typer.Option(metavar="LIST", help="Only these pages, as in 1,3-5.")] = None,
    timeout: TimeoutOption = _DEFAULT.timeout_s,
    memory_mb: MemoryOption = _DEFAULT.memory_mb,
    table_engine: TableEngineOption = TableEngine.AUTO,
    ocr: OcrOption = Ocr.AUTO,
) -> None:
    """Print one file's raw tables, before any interpretation."""
    from model import DocumentError
    from output.show import console, print_tables, table_to_json, tables_of
    from pipeline import read_pages_apart

    wanted = None if pages is None else parse_pages(pages)
    options = Options(workers=1, timeout_s=timeout, memory_mb=memory_mb, table_engine=table_engine, ocr=ocr)
    try:
        document = read_pages_apart(file, options, wanted)
    except DocumentError as error:
        _end(ExitCode.NOTHING_READ, error_sentence(str(file), error.message))
    if as_json:
        typer.echo(json.dumps([table_to_json(table) for table in tables_of(document)], ensure_ascii=False))
    else:
        print_tables(document, console())


@app.command()
def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """Print the data dictionary: every table, column, code and status."""
    from output.schema import dictionary_markdown, dictionary_text

    typer.echo(dictionary_markdown() if markdown else dictionary_text(), nl=False)


watch.add_commands(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zipingbiao {version()}")
        raise _Ended(ExitCode.ALL_READ)


@app.callback()
def common(
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Published performance self-assessment forms (绩效自评表): PDF in, trusted rows out."""


if __name__ == "__main__":
    main()
