"""What runs inside a reading process: one call at a time, under limits that the process puts on itself.

The clock, too, is the process's own (a timer of the system that ends it, whatever hangs in it), so that it holds while
the parent is busy, stopped or dead.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import pickle
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Self

from bulk.failures import answer_too_large, broke_off
from model import DocumentError

__all__ = [
    "ALARM", "PIXELS", "Answer", "Board", "Call", "Frames", "address_space", "report_pages", "report_scan", "serve",
    "write_frame",
]  # fmt: skip

ALARM = int(getattr(signal, "SIGALRM", 14))
"""Ends a process whose time is up."""

PIXELS = 100_000_000
"""Pixels above which no picture is decoded: an A1 page at 300 dpi has 70 million."""

_CALLS = 200
"""Calls after which a process is replaced, so that what libraries leak goes with it."""
_FILES = 64
"""Open files above those of the start, for the same end."""
_WRITTEN_BYTES = 1 << 28
_ANSWER_BYTES = 1 << 28
_LENGTH = struct.Struct(">Q")


class Board(ctypes.Structure):
    """Memory that the process shares with its parent, which reads here how far the call is.

    `calls`: calls begun. `base`: bytes of address space at the start of the call. `done` of `total` pages are read,
    `scan` pages are to be recognised. `beats`: how often the clock was started.
    """

    _fields_ = (
        ("calls", ctypes.c_int),
        ("beats", ctypes.c_int),
        ("done", ctypes.c_int),
        ("total", ctypes.c_int),
        ("scan", ctypes.c_int),
        ("base", ctypes.c_longlong),
    )


@dataclass(frozen=True, slots=True)
class Call:
    """What the parent asks for. `room` times the memory limit is where the system refuses more."""

    function: Callable[..., object]
    args: tuple[object, ...]
    timeout_s: float
    memory_mb: int
    room: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call. `is_last`: the process ends and takes no other."""

    value: object
    failure: DocumentError | None
    is_last: bool


@dataclass(slots=True)
class _Now:
    """The call at work; empty in a process that serves none, where reports are not heard."""

    board: Board | None = None
    timeout_s: float = 0.0


_now = _Now()


def report_pages(done: int, total: int) -> None:
    """Tell the parent that `done` of `total` pages are read. In a scan this starts the document's clock anew."""
    board = _now.board
    if board is None:
        return
    board.done, board.total = done, total
    if board.scan:
        _start_clock(_now.timeout_s)


def report_scan(pages: int) -> None:
    """Tell the parent that so many of the pages are to be recognised, which takes seconds each."""
    if _now.board is not None:
        _now.board.scan = pages
        _start_clock(_now.timeout_s)


# ---------------------------------------------------------------------------------------------------------------------
# The life of the process
# ---------------------------------------------------------------------------------------------------------------------


def serve(channel: socket.socket, board: Board, scratch: str) -> None:
    """Answer calls until the parent goes, or until the process is worn. `scratch`: folder for temporary files."""
    os.set_inheritable(channel.fileno(), True)  # what this process starts is known by it
    _settle_in(scratch)
    files = _open_files()
    _now.board = board
    write_frame(channel, b"")
    for number in range(1, _CALLS + 1):
        asked = _read_frame(channel)
        if asked is None:
            return
        with _Telling(channel) as telling:
            call: Call = pickle.loads(asked)  # noqa: S301  the parent's own
            telling.memory_mb = call.memory_mb
            answer = _answer(call, board, is_last=number == _CALLS)
            is_worn = answer.is_last or _is_worn(files, board.base + (call.memory_mb << 19))
            data = _packed(Answer(answer.value, answer.failure, is_worn))
        _stop_clock()
        write_frame(channel, data)
        if is_worn:
            return


def _answer(call: Call, board: Board, *, is_last: bool) -> Answer:
    _now.timeout_s = call.timeout_s
    board.done = board.total = board.scan = 0
    board.base = address_space(os.getpid())
    board.calls += 1
    _start_clock(call.timeout_s)
    _limit_memory(call.room * (call.memory_mb << 20))
    try:
        return Answer(call.function(*call.args), None, is_last)
    except DocumentError as error:
        return Answer(None, error, is_last)


def _packed(answer: Answer) -> bytes:
    data = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    if len(data) <= _ANSWER_BYTES:
        return data
    return pickle.dumps(Answer(None, answer_too_large(len(data)), is_last=True), pickle.HIGHEST_PROTOCOL)


class _Telling:
    """Tells the parent what a call broke off with, before it ends the process."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self.memory_mb = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        _limit_memory(None)
        failure = broke_off(error, self.memory_mb)
        with contextlib.suppress(OSError):
            write_frame(self._channel, pickle.dumps(Answer(None, failure, is_last=True)))


def _is_worn(files: int, space: int) -> bool:
    """Whether a call left open files, memory or processes of its own behind."""
    return _open_files() > files + _FILES or address_space(os.getpid()) > space or _has_children()


def _open_files() -> int:
    with contextlib.suppress(OSError):
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  once a call
    return 0


def _has_children() -> bool:
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/self/task/{os.getpid()}/children").read_bytes())
    return False


# ---------------------------------------------------------------------------------------------------------------------
# Its place among processes, and its limits
# ---------------------------------------------------------------------------------------------------------------------


def _settle_in(scratch: str) -> None:
    """Silence, since PDF libraries print what they please; one thread for number libraries; no picture bombs."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.close(silence)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(PIXELS)
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    with contextlib.suppress(ImportError):
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = PIXELS // 2  # it warns above that and refuses above twice that
    if sys.platform != "win32":
        _stand_alone()
        _limit_rest()


if sys.platform != "win32":
    import fcntl
    import resource

    _SET_PARENT_DEATH_SIGNAL = 1  # linux/prctl.h

    def _stand_alone() -> None:
        """A session of its own, so that the terminal's signals do not come here and its parent can end all that it
        starts; and an end of the session when the parent ends, however that ends."""
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGIO, signal.SIGALRM, signal.SIGXCPU):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(
            signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGHUP, signal.SIGIO, signal.SIGALRM, signal.SIGXCPU}
        )
        if sys.platform == "linux":
            # The parent by descent is the server that forks.
            ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        _follow_parent()

    def _follow_parent() -> None:
        """Have the system send SIGIO, which ends a process, to the whole session when the parent's pipe closes."""
        parent = multiprocessing.parent_process()
        if parent is None:
            return
        pipe = parent.sentinel
        fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
        if wait([pipe], 0):
            os._exit(1)

    def _limit(kind: int, value: int) -> None:
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))

    def _limit_rest() -> None:
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, _WRITTEN_BYTES)

    def _limit_memory(more: int | None) -> None:
        """Bytes that may be taken beyond those held: each document gets the same. None takes the limit off."""
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        held = address_space(os.getpid())
        if more is None or not held:
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
        else:
            _limit(resource.RLIMIT_AS, held + more)

    def _start_clock(timeout_s: float) -> None:
        """From now on, and processor time for a few threads: a process that ignores its clock must end too."""
        signal.setitimer(signal.ITIMER_REAL, timeout_s)
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + 4 * timeout_s + 60))
        if _now.board is not None:
            _now.board.beats += 1

    def _stop_clock() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

else:

    def _limit_memory(_: int | None) -> None:
        """There is no such limit."""

    def _start_clock(_: float) -> None:
        """The parent's clock is the only one."""
        if _now.board is not None:
            _now.board.beats += 1

    def _stop_clock() -> None:
        """There is none."""


def address_space(pid: int) -> int:
    """Bytes of address space that a process has; 0 where the system does not tell, or the process is gone."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm:  # noqa: PTH123  read many times a second
            return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


# ---------------------------------------------------------------------------------------------------------------------
# Frames: a length, and as many bytes
# ---------------------------------------------------------------------------------------------------------------------


def write_frame(channel: socket.socket, data: bytes) -> None:
    """Send bytes as one frame. Raises OSError."""
    channel.sendall(_LENGTH.pack(len(data)))
    channel.sendall(data)


def _read_frame(channel: socket.socket) -> bytes | None:
    """Wait for one frame; None where the other side is gone."""
    head = _read(channel, _LENGTH.size)
    return None if head is None else _read(channel, _LENGTH.unpack(head)[0])


def _read(channel: socket.socket, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        chunk = channel.recv(min(count - len(data), 1 << 20))
        if not chunk:
            return None
        data += chunk
    return bytes(data)


class Frames:
    """Frames put together from whatever has come, without ever waiting for more."""

    def __init__(self) -> None:
        self._data = bytearray()

    def read(self, channel: socket.socket) -> bool:
        """Take what has come; whether that was all, since nobody holds the other side any more."""
        try:
            while chunk := channel.recv(1 << 20):
                self._data += chunk
        except BlockingIOError:
            return False
        except ConnectionError:
            return True
        return True

    def next(self) -> bytes | None:
        """The next frame that is whole."""
        if len(self._data) < _LENGTH.size:
            return None
        end = _LENGTH.size + _LENGTH.unpack_from(self._data)[0]
        if len(self._data) < end:
            return None
        frame = bytes(self._data[_LENGTH.size : end])
        del self._data[:end]
        return frame
