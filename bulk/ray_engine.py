"""Documents shared out to the workers of a Ray cluster, as Ray Core tasks.

Ray does lost tasks again by itself, but does not tell a document that kills its workers from a worker that happened to
die. So each task runs once, and what is lost is given out again here, a bounded number of times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any, Generic, TypeVar

from bulk.child import LOOK_S, Limits, StartError
from bulk.progress import Pages
from bulk.queue import Queue, at_once
from bulk.ray_cluster import Cluster, EngineError, check_versions, connected, first_line, new_board
from bulk.ray_worker import TELL_S, Order, Reply, read_on_worker
from model import DocumentError, ErrorCode

__all__ = ["Cluster", "EngineError", "Place", "call_all_on_ray"]

S = TypeVar("S")
T = TypeVar("T")

_LOSSES = 3
"""Workers that a document may lose before it is set aside."""
_MACHINE_LOSSES = 10
"""The same where the whole machine went: seldom a document's doing."""
_SENT_BYTES = 1 << 30
"""Bytes of documents that may lie in the object store at a time."""
_MACHINES_S = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document's bytes are on this machine, and their sha256."""

    path: Path
    sha256: str


def call_all_on_ray(
    function: Callable[..., T],
    items: Iterable[S],
    limits: Limits,
    cluster: Cluster,
    stop: Event,
    *,
    place: Callable[[S], Place],
    size: Callable[[S], int],
    is_ready: Callable[[], bool] = at_once,
    on_pages: Callable[[S, Pages], None],
) -> Generator[tuple[S, T | DocumentError], None, None]:
    """Call `function(item, file)` for each item on the cluster; yields item and value, or why there is none, as they
    come. Each call is made in a child of a worker, under `limits`.

    `place` says where an item's bytes are, `size`, `is_ready` and `on_pages` are those of the local engine. When `stop`
    is set or the iterator is closed, running calls are killed. Raises EngineError, StartError.
    """

    def order(item: S) -> Order:
        at = place(item)
        return Order(function, item, at.path, at.sha256, limits, cluster.preload)

    with ExitStack() as stack:
        ray = stack.enter_context(connected(cluster))
        crew = _Crew(ray, cluster.workers, order, on_pages)
        stack.callback(crew.cancel)
        queue = Queue(iter(items), size, is_ready)
        while not stop.is_set():
            while crew.has_room():
                item = queue.take(longest=crew.count % 2 == 0, wait=not crew.count)
                if item is None:
                    break
                crew.begin(item)
            if not crew.count:
                return
            yield from crew.ended()
            crew.tell()
            queue.fill()


def read_task(order: Order, parcel: list[Any], board: Any, number: int) -> Reply:
    """The task: runs on a worker, which is told by `board` how far it is."""
    import ray

    fetch = (lambda: ray.get(parcel[0])) if parcel else None
    return read_on_worker(order, fetch, lambda pages: board.tell.remote(number, pages))


@dataclass(frozen=True, slots=True)
class _Given(Generic[S]):
    """A document given out under a number, the reference to its bytes if they were sent along, and how often it was
    lost: with its worker, with its worker's machine."""

    number: int
    item: S
    order: Order
    sent: Any = None
    sent_bytes: int = 0
    losses: int = 0
    machine_losses: int = 0


class _Crew(Generic[S]):
    """The cluster's workers, and which documents are given to them."""

    def __init__(
        self, ray: Any, workers: int, order: Callable[[S], Order], on_pages: Callable[[S, Pages], None]
    ) -> None:
        self._ray = ray
        self._workers = workers
        self._order = order
        self._on_pages = on_pages
        self._numbers = count(1)
        self._given: dict[Any, _Given[S]] = {}
        self._sends = False
        self._task = ray.remote(num_cpus=1, max_retries=0)(read_task)
        self._board = new_board(ray)
        self._told: Any = None
        self._told_at = time.monotonic()
        self._machines: set[str] = set()
        self._cores = 0
        self._cores_at = 0.0

    @property
    def count(self) -> int:
        """Documents given out."""
        return len(self._given)

    def has_room(self) -> bool:
        """Whether one more may be given out: two a core, so that no worker waits for the next, and not too many bytes
        under way. Raises EngineError where a machine that came has other versions."""
        if time.monotonic() - self._cores_at > _MACHINES_S or not self._cores:
            self._look_at_machines()
        sent = sum(given.sent_bytes for given in self._given.values()) if self._sends else 0
        return self.count < (self._workers or 2 * self._cores) and (sent < _SENT_BYTES or not self.count)

    def _look_at_machines(self) -> None:
        alive = {node["NodeID"]: node for node in self._ray.nodes() if node["Alive"]}
        new = {id_: node["NodeManagerAddress"] for id_, node in alive.items() if id_ not in self._machines}
        if new:
            check_versions(self._ray, new)
        self._machines |= new.keys()
        self._cores = int(sum(node["Resources"].get("CPU", 0) for node in alive.values()))
        self._cores_at = time.monotonic()
        if not self._cores:
            raise EngineError("The Ray cluster has no cores to read with. Start workers that offer some: --num-cpus.")

    def begin(self, item: S) -> None:
        """Give a document out."""
        given = _Given(next(self._numbers), item, self._order(item))
        self._give(self._with_bytes(given) if self._sends else given)

    def ended(self) -> Iterator[tuple[S, Any]]:
        """The documents that are done, after a short wait for the first; what was lost is given out again."""
        refs = list(self._given)
        ready, _ = self._ray.wait(refs, num_returns=1, timeout=LOOK_S)
        if ready:
            ready, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
        for ref in ready:
            given = self._given.pop(ref)
            value = self._value(ref, given)
            if value is not None:
                yield given.item, value

    def tell(self) -> None:
        """Pass on how far long documents are, if it is time and the board has answered."""
        if self._told is None and time.monotonic() - self._told_at > TELL_S:
            self._told = self._board.take.remote()
        if self._told is None or not self._ray.wait([self._told], timeout=0)[0]:
            return
        told, self._told, self._told_at = self._told, None, time.monotonic()
        try:
            pages = self._ray.get(told)
        except self._ray.exceptions.RayError:  # the board's process was lost, and starts again
            return
        for given in self._given.values():
            if given.number in pages:
                self._on_pages(given.item, pages[given.number])

    def cancel(self) -> None:
        """Kill what is at work."""
        for ref in self._given:
            self._ray.cancel(ref, force=True)
        self._given.clear()

    def _give(self, given: _Given[S]) -> None:
        parcel = [] if given.sent is None else [given.sent]  # in a list, it is fetched only where it is asked for
        self._given[self._task.remote(given.order, parcel, self._board, given.number)] = given

    def _with_bytes(self, given: _Given[S]) -> _Given[S]:
        try:
            data = given.order.path.read_bytes()
        except OSError:  # gone since it was listed: its reader says so
            data = b""
        return replace(given, sent=self._ray.put(data), sent_bytes=len(data))

    # -- what comes back ----------------------------------------------------------------------------------------------

    def _value(self, ref: Any, given: _Given[S]) -> Any:
        """What came of a document; None where it was given out again."""
        errors = self._ray.exceptions
        try:
            reply: Reply = self._ray.get(ref)
        except errors.RayTaskError as error:
            raise _task_error_to_error(error) from error
        except (errors.NodeDiedError, errors.ObjectLostError, errors.LocalRayletDiedError) as error:
            return self._again(replace(given, machine_losses=given.machine_losses + 1), error)
        except (errors.WorkerCrashedError, errors.OutOfMemoryError) as error:
            return self._again(replace(given, losses=given.losses + 1), error)
        except errors.RayError as error:
            raise EngineError(f"The Ray cluster failed ({first_line(error)}). The same command goes on.") from error
        if reply.ended is None:
            self._sends = True
            self._give(self._with_bytes(given))
            return None
        if reply.pages.done:
            self._on_pages(given.item, reply.pages)
        return reply.ended.failure or reply.ended.value

    def _again(self, given: _Given[S], error: Exception) -> DocumentError | None:
        if given.losses >= _LOSSES or given.machine_losses >= _MACHINE_LOSSES:
            return DocumentError(
                ErrorCode.CRASHED,
                f"Its workers were lost {given.losses + given.machine_losses} times ({first_line(error)})."
                " Read it alone, with --engine local.",
            )
        self._give(given)
        return None


def _task_error_to_error(error: Any) -> Exception:
    """What a task raises is never a document's doing: its worker could not begin."""
    cause = error.cause
    if isinstance(cause, StartError):
        return StartError()
    return EngineError(f"A worker of the Ray cluster failed with {type(cause).__name__} ({first_line(cause)}).")
