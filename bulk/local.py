"""Documents shared out to children on this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from typing import Generic, TypeVar

from bulk.child import LOOK_S, Child, Limits, is_killed
from model import DocumentError

__all__ = ["call_all"]

S = TypeVar("S")
T = TypeVar("T")

@dataclass(frozen=True, slots=True)
class _Call(Generic[S]):
    child: Child
    item: S
    again: bool = False


def call_all(
    function: Callable[[S], T], items: Iterable[S], limits: Limits, workers: int, preload: str, stop: Event
) -> Generator[tuple[S, T | DocumentError], None, None]:
    """Call a function for each item in child processes; yields item and value, or what ended its child, as they come.

    Items are taken when a child is free. When `stop` is set or the iterator is closed, running calls are killed.
    """
    rest = iter(items)
    with ExitStack() as stack:
        idle = [stack.enter_context(Child(limits, preload)) for _ in range(workers)]
        running: dict[Future[T], _Call[S]] = {}
        while not stop.is_set():
            while idle and (item := next(rest, None)) is not None:
                child = idle.pop()
                running[child.start(function, item)] = _Call(child, item)
            if not running:
                return
            for future, call in running.items():
                call.child.look(future)
            for future in wait(running, LOOK_S, FIRST_COMPLETED).done:
                call = running.pop(future)
                if is_killed(future) and not call.again:
                    running[call.child.start(function, call.item)] = _Call(call.child, call.item, again=True)
                else:
                    idle.append(call.child)
                    yield call.item, call.child.failure(future) or future.result()
        for call in running.values():
            call.child.stop()
