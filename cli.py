"""The command `zipingbiao`: run, show, tables, schema. Errors are one sentence on stderr, never a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from threading import Event as Flag
from typing import Annotated, NoReturn

import typer

from cli_progress import error_sentence, log_line, native_noise_to, say, signals_stop, watch
from model import Severity, Status
from pipeline import (
    ALL_OF_CLUSTER,
    Engine,
    EngineError,
    ExitCode,
    Format,
    Ocr,
    Options,
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
        say(str(error))
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
    say(sentence)
    raise _Ended(code)


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


FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A PDF or a picture.", show_default=False)]
TableEngineOption = Annotated[
    TableEngine, typer.Option("--table-engine", help="What reads tables; auto asks pdfplumber where rules fail.")
]
OcrOption = Annotated[Ocr, typer.Option("--ocr", help="Which pages are read by OCR; auto: those without usable text.")]
TimeoutOption = Annotated[
    float,
    typer.Option(
        "--timeout", min=0.1, metavar="SECONDS", help="Seconds that a document may take, and each page of a scan."
    ),
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
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="PDFs, pictures of pages, and folders of them.", show_default=False),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the tables.", show_default=False)],
    formats: Annotated[str, typer.Option("--format", metavar="LIST", help="csv, parquet or both.")] = "csv,parquet",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Documents read at a time. Default: cores, of the cluster with ray.")
    ] = None,
    ocr: OcrOption = Ocr.AUTO,
    timeout: TimeoutOption = _DEFAULT.timeout_s,
    memory_mb: MemoryOption = _DEFAULT.memory_mb,
    table_engine: TableEngineOption = TableEngine.AUTO,
    excel_safe: Annotated[
        bool, typer.Option("--excel-safe", help="Put ' before CSV text that Excel would run as a formula.")
    ] = False,
    min_rows: Annotated[int, typer.Option(min=0, help="Exit with 4 if there are fewer indicator rows.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Forget what was read before.")] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first document that fails.")] = False,
    engine: Annotated[Engine, typer.Option(help="Who reads documents: this machine, or a Ray cluster.")] = Engine.LOCAL,
    address: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Ray cluster; 'auto' finds one here. Default: start one.")
    ] = None,
    progress: Annotated[bool, typer.Option(help="A progress bar, on a terminal only.")] = True,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log to stderr as lines of JSON.")] = False,
) -> None:
    """Read PDFs, pictures and folders of them into tables. What was read before, unchanged, is not read again."""
    if address is not None and engine is Engine.LOCAL:
        raise typer.BadParameter("--address is for --engine ray")
    options = Options(
        formats=parse_formats(formats),
        excel_safe=excel_safe,
        engine=engine,
        address=address,
        workers=workers if workers is not None else ALL_OF_CLUSTER if engine is Engine.RAY else _DEFAULT.workers,
        timeout_s=timeout,
        memory_mb=memory_mb,
        table_engine=table_engine,
        ocr=ocr,
        overwrite=overwrite,
        fail_fast=fail_fast,
        min_rows=min_rows,
    )
    summary = _run(inputs, out, options, progress=progress and not log_json and sys.stderr.isatty(), log_json=log_json)
    if log_json:
        log_line("summary", summary_to_json(summary))
    typer.echo("\n".join(summary_lines(summary)))
    raise _Ended(summary.exit_code)


def _run(inputs: list[str], out: Path, options: Options, *, progress: bool, log_json: bool) -> Summary:
    import sqlite3

    from output.catalogue import FOLDER, CatalogueError
    from pipeline import run as run_pipeline

    stop = Flag()
    signals_stop(stop, log_json=log_json)
    quiet = native_noise_to(out / FOLDER / "ray.log") if options.engine is Engine.RAY else nullcontext()
    try:
        with quiet, watch(progress=progress, log_json=log_json) as watcher:
            return run_pipeline(inputs, out, options, watcher.on_event, on_pages=watcher.on_pages, stop=stop)
    except (CatalogueError, EngineError) as error:
        _end(ExitCode.WRONG_USAGE, str(error))
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        _end(ExitCode.WRONG_USAGE, f"{out} cannot be written ({reason}). Check the folder, its rights and the disk.")


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
        "written": summary.written,
        "exit_code": int(summary.exit_code),
    }


_FAILURES_LISTED = 20


def summary_lines(summary: Summary) -> Iterator[str]:
    """The summary for a person."""
    from output.show import to_printable

    statuses = ", ".join(f"{count} {status}" for status in Status if (count := summary.statuses.get(status, 0)))
    yield f"files     {summary.files}{f' ({statuses})' if statuses else ''}, {summary.known} known from before"
    yield f"forms     {summary.forms}, indicator rows {summary.indicators}"
    yield f"findings  {', '.join(f'{summary.findings[severity]} {severity}' for severity in Severity)}"
    for failure in summary.failures[:_FAILURES_LISTED]:
        yield to_printable(f"  {failure.code}: {error_sentence(failure.path, failure.error)}")
    if len(summary.failures) > _FAILURES_LISTED:
        yield f"  and {len(summary.failures) - _FAILURES_LISTED} more that failed: see documents, column error"
    if summary.interrupted:
        yield "stopped   by a signal; the same command goes on from here"
    elif summary.stopped_early:
        yield "stopped   at the first failure (--fail-fast); the same command without it goes on from here"
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
