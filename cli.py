"""The command `zipingbiao`: run, show, tables, schema; status, query and evaluate are in `watch`.

Errors are one sentence on stderr, never a traceback.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from threading import Event as Flag
from typing import Annotated, NoReturn

import typer

from cli_options import (
    AddressOption,
    EngineOption,
    FailFastOption,
    FileArgument,
    FormatOption,
    GlobOption,
    InputsArgument,
    LogOption,
    ManifestOption,
    MemoryOption,
    MinRowsOption,
    OcrOption,
    OutOption,
    OverwriteOption,
    PartitionOption,
    ProgressOption,
    PruneOption,
    RetryOption,
    SafeOption,
    TableEngineOption,
    TimeoutOption,
    WorkersOption,
    parse_formats,
    parse_pages,
)
from cli_progress import error_sentence, log_line, native_noise_to, say, signals_stop, watch
from cli_summary import summary_lines, summary_to_json
from pipeline import (
    ALL_OF_CLUSTER,
    Engine,
    EngineError,
    ExitCode,
    InputError,
    Ocr,
    Options,
    StartError,
    Summary,
    TableEngine,
    version,
)
from watch import add_commands, parse_codes

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


_DEFAULT = Options()


@app.command()
def run(
    inputs: InputsArgument = None,
    *,
    out: OutOption,
    globs: GlobOption = None,
    manifests: ManifestOption = None,
    retry: RetryOption = "",
    formats: FormatOption = "csv,parquet",
    workers: WorkersOption = None,
    ocr: OcrOption = Ocr.AUTO,
    timeout: TimeoutOption = _DEFAULT.timeout_s,
    memory_mb: MemoryOption = _DEFAULT.memory_mb,
    table_engine: TableEngineOption = TableEngine.AUTO,
    excel_safe: SafeOption = False,
    min_rows: MinRowsOption = 0,
    partition: PartitionOption = None,
    prune: PruneOption = False,
    overwrite: OverwriteOption = False,
    fail_fast: FailFastOption = False,
    engine: EngineOption = Engine.LOCAL,
    address: AddressOption = None,
    progress: ProgressOption = True,
    log_json: LogOption = False,
) -> None:
    """Read PDFs, pictures and folders of them into tables. What was read before, unchanged, is not read again."""
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
        prune=prune,
        partition=partition,
        globs=tuple(globs or ()),
        manifests=tuple(manifests or ()),
        retry=parse_codes(retry),
    )
    _check(inputs or [], out, options)
    _end_with(inputs or [], out, options, progress=progress and not log_json and sys.stderr.isatty(), log_json=log_json)


def _check(inputs: list[str], out: Path, options: Options) -> None:
    if not (inputs or options.manifests or options.retry):
        raise typer.BadParameter("nothing is given to read; give INPUT..., --manifest or --retry")
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:/", str(out)):
        raise typer.BadParameter(f"{out} is no folder on this machine; --out must be one")
    if options.address is not None and options.engine is Engine.LOCAL:
        raise typer.BadParameter("--address is for --engine ray")


def _end_with(inputs: list[str], out: Path, options: Options, *, progress: bool, log_json: bool) -> NoReturn:
    """Run, say what came of it, and end with its exit code."""
    summary = _run(inputs, out, options, progress=progress, log_json=log_json)
    if log_json:
        log_line("summary", summary_to_json(summary))
    typer.echo("\n".join(summary_lines(summary, options.arguments)))
    nothing_failed = not (inputs or options.manifests or summary.files or summary.interrupted)
    raise _Ended(ExitCode.ALL_READ if nothing_failed else summary.exit_code)


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
    except (CatalogueError, EngineError, InputError) as error:
        _end(ExitCode.WRONG_USAGE, str(error))
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        _end(ExitCode.WRONG_USAGE, f"{out} cannot be written ({reason}). Check the folder, its rights and the disk.")


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


add_commands(app)


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
