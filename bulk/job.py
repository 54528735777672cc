"""The books of one run: which files wait for which document, what is known already, and the counts of its summary."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from errno import EINVAL
from operator import attrgetter
from pathlib import Path
from stat import S_ISREG
from threading import Event as Flag

from bulk.files import digest
from bulk.inputs import Source
from bulk.inputs_fetch import Fetcher
from model import DocumentError, ErrorCode, Result, Severity, Status
from output.catalogue import Catalogue, FileMark
from output.outcome import Outcome, Packed, key_to_result_id, pack, packed_to_outcome

__all__ = ["Event", "ExitCode", "Failure", "Job", "Rules", "Summary", "Task"]


class ExitCode(IntEnum):
    """How a run ended."""

    ALL_READ = 0
    WRONG_USAGE = 1
    NOTHING_READ = 2
    SOME_FAILED = 3
    BELOW_FLOOR = 4
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Event:
    """A document that a run is done with. `known`: nothing was read, since its bytes were read before.

    `done` of `total` files given to the run are done.
    """

    path: str
    known: bool
    outcome: Outcome
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, why, and what to do."""

    path: str
    code: ErrorCode
    error: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a run. `files` counts those given to it, `known` those of them that had been read before.

    Forms, indicators and findings count each document once, however many files hold it. `written`: whether the tables
    changed. `pruned` counts files that went since they are no longer among the inputs.
    """

    out: Path
    files: int
    known: int
    statuses: Mapping[Status, int]
    forms: int
    indicators: int
    findings: Mapping[Severity, int]
    failures: tuple[Failure, ...]
    written: bool
    interrupted: bool
    stopped_early: bool
    below_floor: bool
    pruned: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the command: what weighs most comes first."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        if self.files == len(self.failures) and not self.stopped_early:
            return ExitCode.NOTHING_READ
        if self.below_floor:
            return ExitCode.BELOW_FLOOR
        return ExitCode.SOME_FAILED if self.failures else ExitCode.ALL_READ


@dataclass(frozen=True, slots=True)
class Task:
    """A document to be read: a file that holds it, the sha256 of its bytes, and the name that it is listed under, which
    is another where the file is a copy of a member or an object."""

    path: Path
    result_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a run's books must know of its options.

    `made_with` names all that must be the same for a stored result to hold, for a given outcome (its error code);
    `fail` makes the result of a file that cannot be read. What failed with a code of `retry` is read again.
    """

    made_with: Callable[[ErrorCode | None], str]
    fail: Callable[[Path, DocumentError], Result]
    fail_fast: bool
    min_rows: int
    retry: frozenset[ErrorCode] = frozenset()


class Job:
    """One run's books: which files wait for which document, and the counts of its summary.

    `total` is the number of files given; `stop` ends the run when it is set.
    """

    def __init__(
        self, catalogue: Catalogue, rules: Rules, on_event: Callable[[Event], None], stop: Flag, total: int
    ) -> None:
        self._catalogue = catalogue
        self._rules = rules
        self._on_event = on_event
        self._stop = stop
        self._total = total
        self._waiting: dict[str, list[FileMark]] = {}
        self._known = 0
        self._statuses: Counter[Status] = Counter()
        self._failures: list[Failure] = []
        self._read_now: set[str] = set()

    def is_over(self) -> bool:
        """Whether nothing more may be begun."""
        return self._stop.is_set() or (self._rules.fail_fast and bool(self._failures))

    def unread(self, sources: Iterable[Source], fetcher: Fetcher) -> Iterator[Task]:
        """The documents that must be read, each once, in files that can be read. Files whose document is known are
        settled on the way. Raises OSError where the disk is full."""
        for source, got in fetcher.fetched(self._unknown(fetcher.described(sources))):
            if self.is_over():
                return
            if isinstance(got, DocumentError):
                self._settle_closed(source, got)
                continue
            mark = FileMark(source.key, source.path, got.size, got.version)
            try:
                task = self._task(got.file, mark)
            except OSError as error:
                self._settle_closed(source, _os_error_to_document_error(error))
                continue
            if task is None:
                fetcher.drop(got.file)
            else:
                yield task

    def _unknown(self, sources: Iterable[Source]) -> Iterator[Source]:
        """The sources whose bytes must be looked at. Those that are as they were seen last are settled."""
        for given in sources:
            if self.is_over():
                return
            try:
                source = _with_stat(given) if given.is_local_file and given.error is None else given
            except (OSError, ValueError) as error:  # ValueError: no path has a null in it
                self._settle_closed(given, _os_error_to_document_error(error))
                continue
            outcome = self._catalogue.outcome_of_file(_source_to_mark(source))
            if source.error is not None:
                self._settle_closed(source, source.error)
            elif outcome is not None and self._is_fresh(outcome):
                self._settle(_source_to_mark(source), outcome, known=True)
            else:
                yield source

    def _task(self, path: Path, mark: FileMark) -> Task | None:
        """The task that a file makes; None where its document is known or waited for. Raises OSError."""
        mark = _with_trusted_time(mark)
        result_id = digest(path)
        outcome = self._catalogue.outcome_of_bytes(result_id)
        if outcome is not None and self._is_fresh(outcome):
            self._catalogue.link(mark, result_id)
            self._settle(mark, outcome, known=True)
            return None
        first = result_id not in self._waiting
        self._waiting.setdefault(result_id, []).append(mark)
        return Task(path, result_id, mark.path) if first else None

    def _is_fresh(self, outcome: Outcome) -> bool:
        if outcome.error_code in self._rules.retry and outcome.result_id not in self._read_now:
            return False
        return outcome.made_with == self._rules.made_with(outcome.error_code)

    def _settle_closed(self, source: Source, error: DocumentError) -> None:
        """A file that cannot be looked at fails. Rows that it gave in an earlier run stay."""
        mark = FileMark(source.key, source.path, None, None)
        packed = pack(self._rules.fail(Path(source.place if source.is_local_file else source.path), error))
        outcome = packed_to_outcome(key_to_result_id(mark.key), self._rules.made_with(packed.error_code), packed)
        before = self._catalogue.outcome_of_path(mark.key)
        if before is None or (before.status is Status.FAILED and before.error != outcome.error):
            self._catalogue.store(outcome, packed, [mark])
        self._settle(mark, outcome, known=False, closed=True)

    def finish(self, task: Task, value: Packed | DocumentError) -> None:
        """Keep what came of a document, or of the child that read it, and settle all files that waited for it."""
        packed = pack(self._rules.fail(task.path, value)) if isinstance(value, DocumentError) else value
        marks = self._waiting.pop(task.result_id)
        if self._rules.retry:  # what fails again is not read a third time under its next name
            self._read_now.add(task.result_id)
        result_id = task.result_id
        if packed.document_id not in (None, result_id):  # the file changed between its hash and its reading
            result_id = packed.document_id or result_id
            marks = [replace(mark, mtime_ns=None) for mark in marks]
        outcome = packed_to_outcome(result_id, self._rules.made_with(packed.error_code), packed)
        self._catalogue.store(outcome, packed, marks)
        for mark in marks:
            self._settle(mark, outcome, known=False)

    def _settle(self, mark: FileMark, outcome: Outcome, *, known: bool, closed: bool = False) -> None:
        self._catalogue.note_given(mark.key, outcome.result_id, closed=closed)
        self._statuses[outcome.status] += 1
        self._known += known
        if outcome.error_code is not None:
            self._failures.append(Failure(mark.path, outcome.error_code, outcome.error or ""))
        self._on_event(Event(mark.path, known, outcome, self._statuses.total(), self._total))

    def prune(self) -> int:
        """Forget the files that were not given, if the run came to its end and was given any. Returns how many."""
        is_whole = not self.is_over() and self._statuses.total() == self._total > 0
        return self._catalogue.prune() if is_whole else 0

    def summary(self, out: Path, *, written: bool, pruned: int = 0) -> Summary:
        """What came of the run."""
        totals = self._catalogue.totals_of_given()
        return Summary(
            out=out,
            files=self._statuses.total(),
            known=self._known,
            statuses=dict(self._statuses),
            forms=totals.forms,
            indicators=totals.indicators,
            findings=dict(zip(Severity, (totals.infos, totals.warnings, totals.errors), strict=True)),
            failures=tuple(sorted(self._failures, key=attrgetter("path"))),
            written=written,
            interrupted=self._stop.is_set(),
            stopped_early=self._statuses.total() < self._total,
            below_floor=totals.indicators < self._rules.min_rows,
            pruned=pruned,
        )


def _source_to_mark(source: Source) -> FileMark:
    return FileMark(source.key, source.path, source.size, source.version)


def _with_stat(source: Source) -> Source:
    """A file's source with its size, and its time of change as version. Raises OSError where no regular file stands
    there, ValueError where none can."""
    stat = os.stat(source.place)  # noqa: PTH116  100,000 in a run
    if not S_ISREG(stat.st_mode):
        raise OSError(EINVAL, "no regular file")
    return Source(source.key, source.path, source.place, (), stat.st_size, stat.st_mtime_ns)


_SAME_TIME_NS = 2_000_000_000
"""Nanoseconds within which a file system may give two changes one time (FAT: two seconds)."""


def _with_trusted_time(mark: FileMark) -> FileMark:
    """The mark of a file about to be hashed. Of one that changed just now the time is not kept: a change yet to come
    might have the same, so the next run looks at the bytes again."""
    just_now = mark.mtime_ns is not None and time.time_ns() - mark.mtime_ns < _SAME_TIME_NS
    return replace(mark, mtime_ns=None) if just_now else mark


def _os_error_to_document_error(error: OSError | ValueError) -> DocumentError:
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return DocumentError(ErrorCode.NOT_FOUND, "The file does not exist. Check the path.")
    if error.errno == EINVAL:
        return DocumentError(ErrorCode.NOT_A_PDF, "This is no regular file. Give a PDF, or a folder of them.")
    return DocumentError(ErrorCode.NOT_FOUND, f"The file cannot be opened ({error.strerror}). Check its rights.")
