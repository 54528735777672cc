"""In which order documents are read: by a bounded look-ahead, long ones neither block the rest nor come last.

One worker takes the shortest document in sight, so that short ones never wait behind a row of scans; the others take
the longest, so that no long one is begun when everything else is done and a single core works on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

__all__ = ["LOOK_AHEAD", "Queue", "at_once"]

S = TypeVar("S")

LOOK_AHEAD = 256
"""Documents in sight. Each takes some hundred bytes here, and its bytes have been read once to know them."""
_FILL_S = 0.02
_SHORT_BYTES = 1 << 20


def at_once() -> bool:
    """Every item comes at once."""
    return True


class Queue(Generic[S]):
    """Documents in sight, by length class (under 1 MiB, then powers of two), in their own order within a class.

    `is_ready` tells whether the next comes at once, and may: one that has yet to come from a store would keep whoever
    asks from looking after those at work, and one more may be more than the disk should hold.
    """

    def __init__(self, items: Iterator[S], size: Callable[[S], int], is_ready: Callable[[], bool] = at_once) -> None:
        self._items = items
        self._size = size
        self._is_ready = is_ready
        self._classes: dict[int, dict[int, S]] = {}
        self._count = 0
        self._taken = 0
        self._is_empty = False

    def fill(self) -> None:
        """Look ahead, for a few hundredths of a second: workers may be waiting."""
        until = time.monotonic() + _FILL_S
        while self._count - self._taken < LOOK_AHEAD and self._may_see() and time.monotonic() < until:
            self._see()

    def _may_see(self) -> bool:
        return not self._is_empty and self._is_ready()

    def _see(self) -> None:
        for item in self._items:
            length = (self._size(item) // _SHORT_BYTES).bit_length()
            self._classes.setdefault(length, {})[self._count] = item
            self._count += 1
            return
        self._is_empty = True

    def take(self, *, longest: bool, wait: bool = True) -> S | None:
        """The next document of the longest or of the shortest class in sight; None where there is no more, or, unless
        told to `wait`, none that comes at once."""
        if not self._classes and not self._is_empty and (wait or self._is_ready()):
            self._see()
        if not self._classes:
            return None
        length = max(self._classes) if longest else min(self._classes)
        same = self._classes[length]
        item = same.pop(next(iter(same)))
        if not same:
            del self._classes[length]
        self._taken += 1
        return item
