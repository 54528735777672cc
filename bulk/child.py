"""One document in a child process of its own, under a limit of time and of memory.

PDF libraries crash, hang and eat memory on hostile files (seen: 585 bytes that abort PDFium, 2.9 kB that unpack to
1.5 GB). All of that ends the child and nothing else. Whatever shares documents out calls this; it has no limits itself.
This is the parent's side: which try a call gets, and what its end means. What runs in the child stands in
`bulk.reader`.
"""

from __future__ import annotations

import pickle
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from bulk.failures import died, killed_twice, out_of_memory, out_of_processor_time, timed_out
from bulk.progress import Pages
from bulk.reader import ALARM, Answer, Call, address_space
from bulk.spawn import Nest, Reader
from model import DocumentError

__all__ = ["LOOK_S", "Child", "Ended", "Limits", "StartError", "call_apart", "wait_for"]

T = TypeVar("T")

LOOK_S = 0.1
"""Seconds between two looks at children that work."""
_CLOSE_LOOK_S = 0.005
_GRACE_S = 2.0
"""Seconds beyond its time after which a child is killed that should have ended itself (a stopped one cannot)."""
_START_S = 60.0
"""Seconds that a child may take to start: some hundred modules from a slow disk."""
_STARTS = 3
_TRIES = 4
_ROOM = 4
"""Times the memory limit that a second try may take, so that it is seen whether memory ended the first."""

_KILLED = {-int(getattr(signal, "SIGKILL", 9)), -int(signal.SIGTERM)}
_OUT_OF_CPU = -int(getattr(signal, "SIGXCPU", 24))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take: seconds by the clock, and MiB of memory beyond what the child had before.

    In a document with pages to be recognised, the clock starts anew with each page.
    """

    timeout_s: float
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """A call that is over: its value, or why it gave none."""

    value: T | None
    failure: DocumentError | None

    def result(self) -> T:
        """The value. Raises DocumentError where there is none."""
        if self.failure is not None:
            raise self.failure
        return self.value  # type: ignore[return-value]


class StartError(RuntimeError):
    """No child process could be started, so that nothing can be said about any document."""

    def __init__(self) -> None:
        super().__init__(
            "Reading processes cannot be started. A script needs its calls under `if __name__ == '__main__':`;"
            " elsewhere, look at the limits on processes and memory."
        )


class _Try(Enum):
    """Why a call is made: for the first time, again since its child was killed, again to see if memory ended it."""

    FIRST = auto()
    KILLED = auto()
    ROOMY = auto()


class Child:
    """A child process that calls functions, one at a time. It is started by the first call and again when it dies.

    `preload` names the modules that its calls need: they are imported once, before children are split off.
    """

    def __init__(self, limits: Limits, preload: Sequence[str]) -> None:
        self._limits = limits
        self._nest = Nest(preload)
        self._board = self._nest.board
        self._reader: Reader | None = None
        self._asked: tuple[Callable[..., object], tuple[object, ...]] | None = None
        self._try = _Try.FIRST
        self._starts = self._tries = 0
        self._calls = self._beats = 0
        self._since = 0.0
        self._grown = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._nest.remove()

    @property
    def waitables(self) -> tuple[Any, ...]:
        """What becomes ready when there is something to look at."""
        return () if self._reader is None else self._reader.waitables

    @property
    def patience_s(self) -> float:
        """Seconds after which to look in any case."""
        return _CLOSE_LOOK_S if self._try is _Try.ROOMY else LOOK_S

    @property
    def pages(self) -> Pages:
        """How far the call is, or was when it ended."""
        return Pages(self._board.done, self._board.total, self._board.scan)

    def start(self, function: Callable[..., object], *args: object) -> None:
        """Begin a call; `look` says when it is over. Raises StartError."""
        self._asked = (function, args)
        self._tries = 0
        self._begin(_Try.FIRST)

    def look(self) -> Ended[Any] | None:
        """What came of the call, None while it is at work. Raises StartError where no child ever starts."""
        reader = self._reader
        if reader is None:
            return None
        exitcode = reader.exitcode  # asked first: what it said before it died is read after that
        answer = reader.answer()
        if answer is not None:
            return self._answered(answer)
        if exitcode is not None:
            return self._died(exitcode)
        self._watch_memory(reader.pid)
        if self._is_too_large():
            return self._give_up(out_of_memory(self._limits.memory_mb))
        if not self._is_late():
            return None
        if reader.is_ready:
            return self._give_up(self._timed_out())
        self._not_started()
        return None

    def stop(self) -> None:
        """Kill the child and all that it started."""
        if self._reader is not None:
            self._reader.end()
            self._reader = None
            self._nest.empty()

    # -- beginning ----------------------------------------------------------------------------------------------------

    def _begin(self, try_: _Try) -> None:
        if self._asked is None:
            return
        self._try = try_
        self._tries += 1
        function, args = self._asked
        room = _ROOM if try_ is _Try.ROOMY else 1
        request = pickle.dumps(Call(function, args, self._limits.timeout_s, self._limits.memory_mb, room))
        if self._reader is not None and self._reader.exitcode is not None:
            self.stop()
        if self._reader is None:
            self._starts += 1
            self._reader = self._new_reader(needs_main=b"__main__" in request)
        self._calls, self._beats, self._grown = self._board.calls, self._board.beats, 0
        self._board.done = self._board.total = self._board.scan = 0
        self._since = time.monotonic()
        self._reader.ask(request)

    def _new_reader(self, *, needs_main: bool) -> Reader:
        try:
            return Reader(self._nest, needs_main=needs_main)
        except (OSError, EOFError) as error:  # no process, no memory, or the server that forks them died
            raise StartError from error

    # -- ending -------------------------------------------------------------------------------------------------------

    def _answered(self, data: bytes) -> Ended[Any]:
        answer: Answer = pickle.loads(data)  # noqa: S301  our own child's
        self._starts = 0
        if answer.is_last:
            self.stop()
        return Ended(answer.value, answer.failure)

    def _give_up(self, failure: DocumentError) -> Ended[Any]:
        self.stop()
        return Ended(None, failure)

    def _not_started(self) -> None:
        self.stop()
        if self._starts >= _STARTS:
            raise StartError
        self._begin(self._try)

    def _died(self, exitcode: int) -> Ended[Any] | None:
        """What follows from the end of the child: a failure, or None where there is another try."""
        if self._reader is not None and not self._reader.is_ready:
            self._not_started()
            return None
        self._starts = 0
        had_begun = self._board.calls != self._calls
        self.stop()
        if exitcode == -ALARM:
            return Ended(None, self._timed_out())
        if exitcode == _OUT_OF_CPU:
            return Ended(None, out_of_processor_time())
        if exitcode in _KILLED or not had_begun:  # not the document's doing at once, so worth a second call
            return self._once_more(_Try.KILLED, killed_twice())
        if self._grown > self._limits.memory_mb << 19:  # arrays grow by doubling: the step that failed was the rest
            return Ended(None, out_of_memory(self._limits.memory_mb))
        # PDFium ends a process that is refused memory as it ends one whose file is broken.
        return self._once_more(_Try.ROOMY, died(exitcode))

    def _once_more(self, try_: _Try, failure: DocumentError) -> Ended[Any] | None:
        if self._try is try_ or self._tries >= _TRIES:
            return Ended(None, failure)
        self._begin(try_)
        return None

    # -- limits -------------------------------------------------------------------------------------------------------

    def _watch_memory(self, pid: int) -> None:
        if self._board.calls != self._calls:
            self._grown = max(self._grown, address_space(pid) - self._board.base)

    def _is_too_large(self) -> bool:
        return self._try is _Try.ROOMY and self._grown > self._limits.memory_mb << 20

    def _is_late(self) -> bool:
        """Whether the child let its own clock pass: it is stopped, or does not even start."""
        if self._board.beats != self._beats:
            self._beats = self._board.beats
            self._since = time.monotonic()
        allowed = self._limits.timeout_s + _GRACE_S if self._board.calls != self._calls else _START_S
        return time.monotonic() - self._since > allowed

    def _timed_out(self) -> DocumentError:
        page = self._board.done + 1 if self._board.scan else 0
        return timed_out(self._limits.timeout_s, page)


def wait_for(children: Sequence[Child]) -> None:
    """Wait until one of the children may have something to say, or until it is time to look at them."""
    waitables = [waitable for child in children for waitable in child.waitables]
    wait(waitables, min((child.patience_s for child in children), default=LOOK_S))


def call_apart(function: Callable[..., T], *args: object, limits: Limits, preload: Sequence[str]) -> T:
    """Call a function in a child of its own. Raises DocumentError for whatever keeps it from giving a value."""
    with Child(limits, preload) as child:
        child.start(function, *args)
        while (ended := child.look()) is None:
            wait_for([child])
        value: T = ended.result()
        return value
