"""Documents shared out to children on this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack
from threading import Event
from typing import Generic, TypeVar

from bulk.child import Child, Limits, wait_for
from bulk.progress import Pages
from bulk.queue import Queue, at_once
from model import DocumentError

__all__ = ["call_all", "no_pages", "no_size"]

S = TypeVar("S")
T = TypeVar("T")


def no_size(_: object) -> int:
    """Every item is as long as any other."""
    return 0


def no_pages(_item: object, _pages: Pages) -> None:
    """Nobody wants to know how far documents are."""


def call_all(
    function: Callable[[S], T],
    items: Iterable[S],
    limits: Limits,
    workers: int,
    preload: Sequence[str],
    stop: Event,
    *,
    size: Callable[[S], int] = no_size,
    is_ready: Callable[[], bool] = at_once,
    on_pages: Callable[[S, Pages], None] = no_pages,
) -> Generator[tuple[S, T | DocumentError], None, None]:
    """Call a function for each item in child processes; yields item and value, or what ended its child, as they come.

    `size` tells the bytes of an item, by which those in sight are ordered, `is_ready` whether the next comes at once;
    `on_pages` hears how far each is. When `stop` is set or the iterator is closed, running calls are killed. Raises
    StartError.
    """
    queue = Queue(iter(items), size, is_ready)
    with ExitStack() as stack:
        children = [stack.enter_context(Child(limits, preload)) for _ in range(workers)]
        team = _Team(function, queue, children)
        while not stop.is_set() and team.begin():
            wait_for(list(team.busy))
            for child in list(team.busy):
                ended = child.look()
                if team.has_gone_on(child):
                    on_pages(team.busy[child], child.pages)
                if ended is not None:
                    yield team.free(child), ended.failure or ended.value  # type: ignore[misc]
                    if not stop.is_set():
                        team.begin()
            queue.fill()


class _Team(Generic[S]):
    """Children, and which document each is busy with. The first is the one that takes short documents."""

    def __init__(self, function: Callable[[S], object], queue: Queue[S], children: Sequence[Child]) -> None:
        self._function = function
        self._queue = queue
        self._first = children[0]
        self._idle = list(children[::-1])
        self.busy: dict[Child, S] = {}
        self._pages: dict[Child, Pages] = {}

    def begin(self) -> bool:
        """Give idle children documents; whether any is at work."""
        while self._idle:
            longest = self._idle[-1] is not self._first
            item = self._queue.take(longest=longest, wait=not self.busy)
            if item is None:
                break
            child = self._idle.pop()
            self.busy[child] = item
            self._pages[child] = Pages(0, 0, 0)
            child.start(self._function, item)
        return bool(self.busy)

    def has_gone_on(self, child: Child) -> bool:
        """Whether a child has read pages since this was asked last."""
        before, self._pages[child] = self._pages[child], child.pages
        return child.pages.done > 0 and child.pages != before

    def free(self, child: Child) -> S:
        """Note that a child is idle; the document that it was busy with."""
        self._idle.append(child)
        return self.busy.pop(child)
