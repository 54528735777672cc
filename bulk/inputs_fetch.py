"""Bytes brought to where a child process can read them: members of archives and remote objects, a few ahead.

They go through a spool in the output folder's own room: numbered files, deleted when their document is done. A few are
fetched while others are read; how much lies there is bounded by number and by bytes.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from stat import S_ISREG
from types import TracebackType
from typing import IO, Any, Self, TypeVar

from bulk import inputs_remote, inputs_zip
from bulk.files import suffix_of
from bulk.inputs import Source, is_remote
from bulk.inputs_remote import Stores
from bulk.inputs_zip import FAULTS, Archives
from model import DocumentError, ErrorCode

__all__ = ["Fetched", "Fetcher"]

T = TypeVar("T")

_AHEAD = 8
"""Objects and members fetched beyond those that are read: hides the way to a store, bounds the spool."""
_AHEAD_BYTES = 1 << 30
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document's bytes in a file that can be read, with the size and version by which its source is known again."""

    file: Path
    size: int
    version: int | None


class Fetcher:
    """Brings sources to files. `go_on` is asked while it works: when it says no, what is under way is given up.

    `spool` is emptied at the beginning: a killed run may have left files there.
    """

    def __init__(self, spool: Path, go_on: Callable[[], bool]) -> None:
        shutil.rmtree(spool, ignore_errors=True)
        self._spool = spool
        self.go_on = go_on
        self._names = count(1)
        self._held: dict[Path, int] = {}
        self._lines: list[deque[tuple[Source, Future[Any]]]] = []
        self._objects = ThreadPoolExecutor(_AHEAD, "zipingbiao-fetch")
        self._members = ThreadPoolExecutor(1, "zipingbiao-unpack")  # an archive is read by one at a time
        self.stores = Stores()
        self.archives = Archives(self._open, spool)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in (self._objects, self._members):
            pool.shutdown(wait=True, cancel_futures=True)
        self.archives.close()
        shutil.rmtree(self._spool, ignore_errors=True)

    def _open(self, place: str) -> IO[bytes]:
        self._spool.mkdir(parents=True, exist_ok=True)
        if is_remote(place):
            return self.stores.open(place)
        if not S_ISREG(os.stat(place).st_mode):  # noqa: PTH116  a pipe would wait for its writer
            raise DocumentError(ErrorCode.NOT_A_PDF, "This is no regular file. Give an archive, or a folder of them.")
        return open(place, "rb")  # noqa: PTH123

    def ask(self, question: Callable[[], T]) -> T | BaseException:
        """The answer to a question about an archive or a store, or what it ended with: stores raise exceptions of
        dozens of libraries, and whatever it is ends that question and no more."""
        return self._outcome(self._members.submit(question))

    def _outcome(self, future: Future[T]) -> T | BaseException:
        while not wait([future], _LOOK_S).done:
            if not self.go_on():
                return InterruptedError("the run was stopped")
        error = future.exception()
        return future.result() if error is None else error

    def described(self, sources: Iterable[Source]) -> Iterator[Source]:
        """Sources in their order, objects and members named singly with the size and version that is known of them."""
        for source, answer in self._in_order(sources, _known_at_once, self._describe):
            yield source if isinstance(answer, BaseException) else answer

    def _describe(self, source: Source) -> Future[Source]:
        if source.members:
            return self._members.submit(self.archives.source, source)
        return self._objects.submit(self.stores.source, source)

    def fetched(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Fetched | DocumentError]]:
        """Sources in their order, each with its file, or why there is none. Files on this machine are not copied.

        Raises OSError where the disk is full.
        """
        for source, answer in self._in_order(sources, _here_at_once, self._begin):
            yield source, _fault(source, answer) if isinstance(answer, BaseException) else answer

    def _begin(self, source: Source) -> Future[Fetched]:
        name = source.members[-1] if source.members else source.place
        file = self._spool / f"{next(self._names)}{_safe_suffix(name)}"
        self._held[file] = source.size or 0
        return (self._members if source.members else self._objects).submit(self._copy, source, file)

    def _in_order(
        self, sources: Iterable[Source], at_once: Callable[[Source], T | None], begin: Callable[[Source], Future[T]]
    ) -> Iterator[tuple[Source, T | BaseException]]:
        """Begin a few ahead, give in order; a source whose answer is there at once waits for those before it only."""
        waiting: deque[tuple[Source, Future[T]]] = deque()
        self._lines.append(waiting)
        for source in sources:
            answer = at_once(source)
            if answer is None:
                waiting.append((source, begin(source)))
            while waiting and (answer is not None or len(waiting) > _AHEAD or not self.has_room()):
                yield from self._next(waiting)
            if not self.go_on():
                return
            if answer is not None:
                yield source, answer
        while waiting and self.go_on():
            yield from self._next(waiting)

    def has_room(self) -> bool:
        """Whether more may be fetched before some of what lies in the spool is read. Whoever looks ahead asks this."""
        return sum(list(self._held.values())) <= _AHEAD_BYTES

    def is_ready(self) -> bool:
        """Whether one more may be fetched, and those begun first are here, so that the next comes at once."""
        return self.has_room() and all(line[0][1].done() for line in list(self._lines) if line)

    def _next(self, waiting: deque[tuple[Source, Future[T]]]) -> Iterator[tuple[Source, T | BaseException]]:
        source, future = waiting.popleft()
        answer = self._outcome(future)
        if self.go_on():
            yield source, answer

    def _copy(self, source: Source, file: Path) -> Fetched:
        """Copy a member or an object into the spool. Raises whatever its archive or store raises."""
        self._spool.mkdir(parents=True, exist_ok=True)
        with ExitStack() as undo:
            undo.callback(self.drop, file)
            with file.open("wb") as to:
                size, version = self._copy_into(source, to)
            undo.pop_all()
        self._held[file] = size
        return Fetched(file, size, version)

    def _copy_into(self, source: Source, to: IO[bytes]) -> tuple[int, int | None]:
        return self.archives.unpack(source, to) if source.members else self.stores.copy(source, to, self.go_on)

    def drop(self, file: Path) -> None:
        """Delete a file of the spool; any other file is left alone."""
        if self._held.pop(file, None) is not None:
            file.unlink(missing_ok=True)


def _known_at_once(source: Source) -> Source | None:
    """The source, unless it is an object or a member that its store or archive must be asked about."""
    must_ask = source.version is None and source.error is None and not source.is_local_file
    return None if must_ask else source


def _here_at_once(source: Source) -> Fetched | None:
    """The file of a source that is one on this machine."""
    return Fetched(Path(source.place), source.size or 0, source.version) if source.is_local_file else None


def _safe_suffix(name: str) -> str:
    suffix = suffix_of(os.path.basename(name))  # noqa: PTH119
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) < 8 else ""


def _fault(source: Source, error: BaseException) -> DocumentError:
    if source.members and (isinstance(error, FAULTS) or not is_remote(source.place)):
        return inputs_zip.fault_to_document_error(error)
    return inputs_remote.fault_to_document_error(error)
