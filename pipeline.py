"""The whole path: files in, rows out.

`read_file` reads one document (`pipeline_read`). `run` reads files, folders, archives and stores into an output folder,
each document in a child process under limits, does nothing twice, and writes the tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event as Flag

from bulk.child import StartError
from bulk.inputs import InputError
from bulk.inputs_fetch import Fetcher
from bulk.inputs_given import Given, take_in
from bulk.inputs_listing import Listing
from bulk.job import Event, ExitCode, Failure, Job, Rules, Summary, Task
from bulk.local import call_all
from bulk.progress import PageEvent, Pages
from bulk.ray_cluster import Cluster, EngineError
from bulk.ray_engine import Place, call_all_on_ray
from bulk.reader import report_pages, report_scan
from model import DocumentError, Result
from output.catalogue import FOLDER, Catalogue
from output.outcome import Packed, pack
from output.partitions import check_folders
from output.parts import Look, Parts, entries_to_generation
from output.read import read_tables
from output.runs import begin_run, end_run
from output.write import Format, Publication, files_missing, write_parts
from pipeline_options import ALL_OF_CLUSTER, Engine, Ocr, Options, Partition, TableEngine, version
from pipeline_read import (
    EPOCH,
    PRELOAD,
    Listener,
    failed,
    read_file,
    read_file_apart,
    read_pages,
    read_pages_apart,
)

__all__ = [
    "ALL_OF_CLUSTER",
    "Engine",
    "EngineError",
    "Event",
    "ExitCode",
    "Failure",
    "Format",
    "InputError",
    "Listener",
    "Ocr",
    "Options",
    "PageEvent",
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
    """Read documents into the tables of `out`. What was read before, unchanged, is not read again.

    `inputs` are files, folders, archives, members of archives (`a.zip!/b.pdf`), URLs of stores, and `-` for a list of
    them on standard input. `on_event` hears of each document that is done, `on_pages` how far those at work are, a few
    times a second. `stop` ends the run in good order when it is set: what was finished is written. `read` reads a
    document in a child process, so it must be a function at the top of a module; the calling script needs the usual
    `if __name__ == "__main__":`.

    Raises InputError where a manifest, a glob or the options cannot be followed, CatalogueError where `out` is in use,
    OSError where it cannot be written or where partitions would replace what is none, StartError where no child process
    can be started, EngineError where the Ray cluster fails.
    """
    stop = stop or Flag()
    out = Path(out)
    if options.prune and options.retry:
        raise InputError("A run that reads failed files again is not given all others: --prune would remove those.")
    if options.partition is not None:
        check_folders(out)
    given = Given(inputs, options.globs, options.manifests)
    rules = Rules(options.made_with, failed, options.fail_fast, options.min_rows, options.retry)
    with (
        Catalogue(out, afresh=options.overwrite) as catalogue,
        Fetcher(out / FOLDER / "spool", lambda: not stop.is_set()) as fetcher,
        Listing(out / FOLDER / "listing.sqlite") as listing,
    ):
        begun = begin_run(catalogue.connection, version(), options.arguments)
        take_in(given, options.retry, catalogue, fetcher, listing)
        job = Job(catalogue, rules, on_event, stop, len(listing))
        call = partial(_read_task, read, options, os.environ.get(EPOCH))
        results = _share_out(call, job.unread(listing, fetcher), fetcher, options, stop, on_pages)
        pages = _keep_all(job, fetcher, results)
        pruned = job.prune() if options.prune and listing.is_complete() else 0
        settle_names(catalogue)
        summary = job.summary(out, written=publish(catalogue, out, options), pruned=pruned)
        end_run(catalogue.connection, begun, summary.files, summary.known, pages, summary.exit_code)
        return summary


_Results = Generator[tuple[Task, Packed | DocumentError], None, None]


def _keep_all(job: Job, fetcher: Fetcher, results: _Results) -> int:
    """Keep what comes of the documents that are read. Returns the number of their pages."""
    pages = 0
    with closing(results):
        for task, result in results:
            job.finish(task, result)
            fetcher.drop(task.path)
            pages += 0 if isinstance(result, DocumentError) else result.pages or 0
            if job.is_over():
                break
    return pages


def _share_out(
    call: Callable[..., Packed],
    tasks: Iterable[Task],
    fetcher: Fetcher,
    options: Options,
    stop: Flag,
    on_pages: Callable[[PageEvent], None],
) -> _Results:
    """The documents' results as they come, by whoever the options name."""

    def tell(task: Task, pages: Pages) -> None:
        on_pages(PageEvent(task.name, pages))

    if options.engine is Engine.RAY:
        cluster = Cluster(options.address, options.workers, PRELOAD)
        return call_all_on_ray(
            call, tasks, options.limits, cluster, stop,
            place=_place, size=_task_bytes, is_ready=fetcher.is_ready, on_pages=tell,
        )  # fmt: skip
    return call_all(
        call, tasks, options.limits, options.workers, PRELOAD, stop,
        size=_task_bytes, is_ready=fetcher.is_ready, on_pages=tell,
    )  # fmt: skip


def _task_bytes(task: Task) -> int:
    try:
        return task.path.stat().st_size
    except OSError:  # gone since it was listed: its reader says so
        return 0


def _place(task: Task) -> Place:
    return Place(task.path.absolute(), task.result_id)


def _read_task(
    read: Callable[[Path, Options], Result], options: Options, epoch: str | None, task: Task, file: Path | None = None
) -> Packed:
    """Read a document, in a child: what crosses to the parent is packed, so that it need only put it away. `file` holds
    the document where its own path is not in sight or not this process's; `epoch` is the parent's SOURCE_DATE_EPOCH,
    which a worker of a cluster does not have."""
    os.environ.pop(EPOCH, None)
    os.environ.update({} if epoch is None else {EPOCH: epoch})
    result = read(file or task.path, options)
    return pack_result(replace(result, document=replace(result.document, path=task.name)))


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
