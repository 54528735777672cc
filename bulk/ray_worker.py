"""What runs in a worker of a Ray cluster: a document is read in a child of its own, by the function that both engines
call. Nothing here knows of Ray.

A document's path is tried first: where the storage is shared no bytes travel. What is not in sight there, or is not the
same file, comes as bytes and is read from a folder of the worker's own.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bulk.child import Child, Ended, Limits, wait_for
from bulk.files import digest
from bulk.progress import Pages

__all__ = ["TELL_S", "Order", "Reply", "read_on_worker"]

TELL_S = 2.0
"""Seconds between two reports of how far a document is."""


@dataclass(frozen=True, slots=True)
class Order:
    """A document to be read on a worker: `function(item, file)` reads it.

    `path` is absolute, `sha256` that of its bytes. `preload` names what reading needs.
    """

    function: Callable[..., object]
    item: object
    path: Path
    sha256: str
    limits: Limits
    preload: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an order. `ended` is None where the document is not in sight and its bytes did not come with it."""

    ended: Ended[Any] | None
    pages: Pages


def read_on_worker(
    order: Order, fetch: Callable[[], bytes] | None, tell: Callable[[Pages], object]
) -> Reply:
    """Read a document in a child of this process. `fetch` brings its bytes where there are any, `tell` hears how far
    a long one is. Raises StartError."""
    if _is_in_sight(order):
        return _read(order, order.path, tell)
    if fetch is None:
        return Reply(None, Pages(0, 0, 0))
    folder = Path(tempfile.mkdtemp(prefix="zipingbiao-"))
    try:
        file = folder / order.path.name
        file.write_bytes(fetch())
        return _read(order, file, tell)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_in_sight(order: Order) -> bool:
    try:
        return digest(order.path) == order.sha256
    except OSError:
        return False


_children: dict[Limits, Child] = {}
"""The child of this process, kept from one document to the next. It ends with the process."""


def _read(order: Order, file: Path, tell: Callable[[Pages], object]) -> Reply:
    child = _children.get(order.limits)
    if child is None:
        child = _children[order.limits] = Child(order.limits, order.preload)
    child.start(order.function, order.item, file)
    told = time.monotonic()
    while (ended := child.look()) is None:
        wait_for([child])
        if time.monotonic() - told > TELL_S and child.pages.done:
            told = time.monotonic()
            tell(child.pages)
    return Reply(ended, child.pages)
