"""A reading process as its parent sees it: how it starts, talks, and ends with all that it started."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from pathlib import Path
from types import ModuleType
from typing import Any

from bulk.reader import Board, Frames, serve, write_frame

__all__ = ["Nest", "Reader"]

_SEND_S = 30.0
_END_S = 2.0
_LOOK_S = 0.1
_PREFIX = "zipingbiao-"
_FRESH_S = 60.0
"""Seconds in which the folder of a run that is just starting may have no lock yet."""


class Nest:
    """What a reading process finds when it starts, and leaves to the next: its board, and a folder for temporary files.

    `preload` names the modules that calls need: they are imported once, before processes are split off.
    """

    def __init__(self, preload: Sequence[str]) -> None:
        self.context: Any = _context(preload)
        self.board: Board = self.context.RawValue(Board)
        _sweep()
        self.scratch = tempfile.mkdtemp(prefix=_PREFIX)
        self._lock = _lock(self.scratch)

    def empty(self) -> None:
        """Take out what a process that was killed left in its folder."""
        Path(self.scratch).mkdir(mode=0o700, exist_ok=True)  # those who clean up after days may have taken it
        for entry in list(os.scandir(self.scratch)):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()

    def remove(self) -> None:
        """Take the folder away."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@cache
def _sweep() -> None:
    """Take away the folders of runs that were killed: nobody holds their locks. Once in a process."""
    for entry in list(os.scandir(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            is_old = entry.name.startswith(_PREFIX) and time.time() - entry.stat().st_mtime > _FRESH_S
            lock = _lock(entry.path) if is_old and entry.is_dir(follow_symlinks=False) else None
            if lock is not None:
                shutil.rmtree(entry.path, ignore_errors=True)
                os.close(lock)


def _lock(folder: str) -> int | None:
    """A lock on a folder that goes with this process, however that ends; None where another holds it."""
    if sys.platform == "win32":
        return None
    import fcntl

    file = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


class Reader:
    """A reading process. Raises OSError or EOFError where none can be started.

    `needs_main`: the calls name things of the main module, which the process must then import.
    """

    def __init__(self, nest: Nest, *, needs_main: bool) -> None:
        self._frames = Frames()
        self._is_ready = False
        self._channel, theirs = socket.socketpair()
        self._socket_id = os.fstat(theirs.fileno()).st_ino
        arguments = (theirs, nest.board, nest.scratch)
        self._process = nest.context.Process(target=serve, args=arguments, name="zipingbiao-reader", daemon=True)
        try:
            with _quiet_start(needs_main=needs_main):
                self._process.start()
        except (OSError, EOFError):
            self._channel.close()
            raise
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Its number."""
        return int(self._process.pid)

    @property
    def exitcode(self) -> int | None:
        """None while it lives; -N where signal N ended it."""
        code: int | None = self._process.exitcode
        return code

    @property
    def is_ready(self) -> bool:
        """Whether it has been heard of."""
        return self._is_ready

    @property
    def waitables(self) -> tuple[Any, ...]:
        """What becomes ready when there is something to look at."""
        return self._channel, self._process.sentinel

    def ask(self, request: bytes) -> None:
        """Send a request. That it is gone or takes nothing is seen when it is looked at."""
        self._channel.settimeout(_SEND_S)
        with contextlib.suppress(OSError):
            write_frame(self._channel, request)
        self._channel.setblocking(False)

    def answer(self) -> bytes | None:
        """An answer, if one is there."""
        self._frames.read(self._channel)
        frame = self._frames.next()
        if frame == b"":  # the first: it is there
            self._is_ready = True
            frame = self._frames.next()
        return frame

    def end(self) -> None:
        """Kill it and all that it started."""
        if self._process.exitcode is None:
            self._process.kill()
        if self._is_ready:
            _kill_session(self._process.pid)
        self._process.join(_SEND_S)  # one that waits for a lost disk cannot die; it is left behind
        if self._process.exitcode is not None:
            self._process.close()
        self._channel.setblocking(False)
        _kill_holders(self._channel, self._socket_id)
        self._channel.close()


def _context(preload: Sequence[str]) -> multiprocessing.context.BaseContext:
    """Children split off a server process that holds nothing but `preload`: quick, and safe beside threads."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bulk.quiet", "bulk.reader", *preload])
    return context


_starting = threading.Lock()


@contextlib.contextmanager
def _quiet_start(*, needs_main: bool) -> Iterator[None]:
    """Start processes that hear nothing of the terminal, and that import the main module only where calls name it.

    The fork server takes on the signals that are blocked when it starts, and its children with it. Without this a key
    pressed while one starts would print a traceback of its own.
    """
    with _starting:
        main = sys.modules["__main__"]
        if not needs_main:
            sys.modules["__main__"] = ModuleType("__main__")
        try:
            with _signals_blocked():
                yield
        finally:
            sys.modules["__main__"] = main


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    if sys.platform != "win32":
        resource_tracker.ensure_running()  # its own start unblocks SIGINT and SIGTERM, right before the fork server's
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _kill_session(leader: int) -> None:
    """Kill what a child started, whether or not the child is alive."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)


def _kill_holders(channel: socket.socket, socket_id: int) -> None:
    """Kill what is left of a dead child's processes: those that took a session of their own.

    They hold the other end of its channel, so that this end does not see it closed.
    """
    until = time.monotonic() + _END_S
    while not Frames().read(channel) and time.monotonic() < until:
        for holder in _holders(f"socket:[{socket_id}]"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(holder, signal.SIGKILL)
        wait([channel], _LOOK_S)


def _holders(file: str) -> set[int]:
    """The other processes that hold an open file, by the name that the system gives it."""
    held = set()
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(entry) == file:  # noqa: PTH115  a name, not a path
                held.add(int(entry.parts[2]))
    return held - {os.getpid()}
