"""One document in a child process of its own, under a limit of time and of memory.

PDF libraries crash, hang and eat memory on hostile files (seen: 585 bytes that abort PDFium, 2.9 kB that unpack to
1.5 GB). All of that ends the child and nothing else. Whatever shares documents out calls this; it has no limits itself.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from model import DocumentError, ErrorCode

__all__ = ["LOOK_S", "Child", "Limits", "StartError", "broke_off", "call_apart", "is_killed", "out_of_memory"]

T = TypeVar("T")

LOOK_S = 0.1
"""Seconds between two looks at children that work."""

_GRACE_S = 60.0
"""Seconds beyond its time after which a call is given up that the pool should have ended."""

_KILLED = -int(getattr(signal, "SIGKILL", 9))
_OUT_OF_CPU = -int(getattr(signal, "SIGXCPU", 24))

_CALLS_A_CHILD = 200
"""Calls after which a child is replaced, so that what libraries leak goes with it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take: seconds by the clock, and MiB of memory beyond what the child had before."""

    timeout_s: float
    memory_mb: int


class StartError(RuntimeError):
    """No child process could be started, so that nothing can be said about any document."""

    def __init__(self) -> None:
        super().__init__(
            "Reading processes cannot be started. A script needs its calls under `if __name__ == '__main__':`;"
            " elsewhere, look at the limits on processes and memory."
        )


class Child:
    """A child process that calls functions, one at a time. It is started by the first call and again when it dies.

    `preload` names the module that its calls need: it is imported once, before children are split off.
    """

    def __init__(self, limits: Limits, preload: str) -> None:
        self._limits = limits
        self._context = _context(preload)
        self._pid = self._context.RawValue(ctypes.c_int, 0)
        self._sizes: list[int] = []
        self._looks_at_broken = 0
        self._started = 0.0
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(1, _CALLS_A_CHILD, _prepare, (self._pid,), self._context)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._pool.join()

    def start(self, function: Callable[..., T], *args: object) -> Future[T]:
        """Begin a call. When the future is done, `failure` says why it gave no value."""
        self._sizes = []
        self._looks_at_broken = 0
        self._started = time.monotonic()
        try:
            return self._schedule(function, args)
        except (RuntimeError, BrokenProcessPool):  # the pool broke, or was given up
            self.stop()
            self._pool.join()
            self._pool = self._new_pool()
            return self._schedule(function, args)

    def _schedule(self, function: Callable[..., T], args: tuple[object, ...]) -> Future[T]:
        future: Future[T] = self._pool.schedule(
            _call_under_limits, (self._limits, function, *args), timeout=self._limits.timeout_s
        )
        return future

    def look(self, future: Future[T]) -> None:
        """To be called every `LOOK_S` while a call lasts.

        Notes how much memory the child holds, since PDFium ends a process that runs out of it without a word. Ends the
        call where the pool no longer would: it broke before it took the call, or lets it run beyond its time.
        """
        size = address_space(self._pid.value)
        if size:
            self._sizes.append(size)
        self._looks_at_broken += not self._pool.active
        is_late = time.monotonic() - self._started > self._limits.timeout_s + _GRACE_S
        if (is_late or self._looks_at_broken > 2) and not future.done():
            self.stop()
            future.set_exception(TimeoutError() if is_late else BrokenProcessPool("the child took no call"))

    def failure(self, future: Future[T]) -> DocumentError | None:
        """Why a finished call gave no value, None where it gave one. Raises StartError where no child ever began."""
        error = future.exception()
        if error is None or isinstance(error, DocumentError):
            return error
        if isinstance(error, BrokenProcessPool) and not self._pid.value:
            raise StartError from error
        if isinstance(error, ProcessExpired):
            return _expired(error.exitcode, self._limits, self._grown_mb())
        return _error_to_failure(error, self._limits)

    def _grown_mb(self) -> int:
        return (max(self._sizes) - min(self._sizes)) >> 20 if self._sizes else 0

    def stop(self) -> None:
        """Kill the child; leaving the context waits until it is gone."""
        self._pool.stop()


def is_killed(future: Future[T]) -> bool:
    """Whether the child was killed from outside: not the document's doing at once, so worth a second call."""
    error = future.exception()
    return isinstance(error, BrokenProcessPool) or (
        isinstance(error, ProcessExpired) and error.exitcode == _KILLED
    )


def _error_to_failure(error: BaseException, limits: Limits) -> DocumentError:
    if isinstance(error, TimeoutError):
        return DocumentError(
            ErrorCode.TIMEOUT,
            f"Reading took longer than {limits.timeout_s:g} seconds and was stopped. Give it more with --timeout.",
        )
    if isinstance(error, MemoryError):
        return out_of_memory(limits.memory_mb)
    if isinstance(error, BrokenProcessPool | CancelledError):
        return DocumentError(ErrorCode.CRASHED, "The reading process ended before it began. Run the command again.")
    return broke_off(error)


def broke_off(error: BaseException) -> DocumentError:
    """The failure of a document whose reading raised what nobody expected; a library's sys.exit is one of them."""
    return DocumentError(
        ErrorCode.CRASHED, f"Reading broke off with {type(error).__name__} ({error}). Please report it with the file."
    )


def out_of_memory(memory_mb: int) -> DocumentError:
    """The failure of a document that takes more memory than it may."""
    return DocumentError(
        ErrorCode.OUT_OF_MEMORY, f"Reading took more than {memory_mb} MB of memory. Give it more with --memory-mb."
    )


def _expired(exitcode: int, limits: Limits, grown_mb: int) -> DocumentError:
    if exitcode == _KILLED:
        return DocumentError(
            ErrorCode.OUT_OF_MEMORY,
            "The reading process was killed twice from outside, most likely by a system short of memory."
            " Free memory or use fewer --workers.",
        )
    if exitcode == _OUT_OF_CPU:
        return DocumentError(
            ErrorCode.TIMEOUT, "Reading took too much processor time and was stopped. Give it more with --timeout."
        )
    if grown_mb > limits.memory_mb / 2:  # arrays grow by doubling: the step that failed was the other half
        return out_of_memory(limits.memory_mb)
    ended = next((number.name for number in signal.Signals if number == -exitcode), f"exit code {exitcode}")
    return DocumentError(
        ErrorCode.CRASHED,
        f"The PDF library ended the reading process ({ended}): the file is broken or built to harm."
        " Print it to a new PDF, or try more --memory-mb.",
    )


def call_apart(function: Callable[..., T], *args: object, limits: Limits, preload: str) -> T:
    """Call a function in a child of its own. Raises DocumentError for whatever keeps it from giving a value."""
    with Child(limits, preload) as child:
        future = _finished(child, function, args)
        if is_killed(future):
            future = _finished(child, function, args)
        failure = child.failure(future)
        if failure is not None:
            raise failure
        return future.result()


def _finished(child: Child, function: Callable[..., T], args: tuple[object, ...]) -> Future[T]:
    future = child.start(function, *args)
    while not wait([future], LOOK_S).done:
        child.look(future)
    return future


# ---------------------------------------------------------------------------------------------------------------------
# Inside the child
# ---------------------------------------------------------------------------------------------------------------------


def _context(preload: str) -> multiprocessing.context.BaseContext:
    """Children split off a server process that holds nothing but `preload`: quick, and safe beside threads."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([preload])
    return context


def _prepare(pid: ctypes.c_int) -> None:
    """Once in a child: say who it is; one thread for number libraries; silence, since PDF libraries print to stderr."""
    pid.value = os.getpid()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stderr.fileno() if sys.stderr else 2)


def _call_under_limits(limits: Limits, function: Callable[..., T], *args: object) -> T:
    if sys.platform != "win32":
        _limit_resources(limits)
    return function(*args)


def _limit_resources(limits: Limits) -> None:
    """The limits count from what the child has used so far, so that each document gets the same."""
    import resource

    def limit(kind: int, value: int) -> None:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))

    used = resource.getrusage(resource.RUSAGE_SELF)
    # Only a backstop for children that nobody watches any more; the clock is the limit.
    limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + 4 * limits.timeout_s + 60))
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, 1 << 28)
    limit(resource.RLIMIT_AS, address_space(os.getpid()) + (limits.memory_mb << 20))


def address_space(pid: int) -> int:
    """Bytes of address space that a process has; 0 where the system does not tell, or the process is gone."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm:  # noqa: PTH123  read many times a second
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
