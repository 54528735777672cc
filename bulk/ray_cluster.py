"""A Ray cluster from outside: reaching it, what its machines have installed, and the board that workers write on.

Ray is imported where it is asked for: it is an extra, and takes a second.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

__all__ = ["Cluster", "EngineError", "check_versions", "connected", "first_line", "installed_versions", "new_board"]

_ANSWER_S = 90.0
"""Seconds in which a machine of the cluster must say what it has installed: it starts a worker for that."""

_KNOCK_S = 10.0

_READ_BY = (
    "zipingbiao", "pypdfium2", "pdfplumber", "camelot-py", "jieba", "numpy", "rapidocr", "onnxruntime",
    "opencv-python-headless", "pillow",
)  # fmt: skip
"""What decides on the rows that a document gives: the same on all machines, or the rows may differ."""


class EngineError(RuntimeError):
    """The cluster cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster: its address (None starts one on this machine), how many documents it may read at a time (0: as
    many as it has cores), and what its workers import before they read."""

    address: str | None
    workers: int
    preload: Sequence[str]


_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "error",  # warnings of its native part go to stderr otherwise
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # its default prints a warning
}


@contextmanager
def connected(cluster: Cluster) -> Iterator[Any]:
    """The module `ray`, connected. Raises EngineError."""
    try:
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        import ray
    except ImportError as error:
        raise EngineError("--engine ray needs Ray: pip install 'zipingbiao[ray]'.") from error
    if ray.is_initialized():  # by the program that calls us, which goes on using it
        yield ray
        return
    with _Connecting(cluster.address), _own_signals():
        _knock(cluster.address)
        _silence(ray)
        ray.init(**_init_options(cluster))
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str | None) -> None:
    """Raise OSError where nobody listens: Ray itself goes on trying for minutes."""
    host, colon, port = (address or "").rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), _KNOCK_S).close()


def _init_options(cluster: Cluster) -> dict[str, Any]:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if cluster.address is not None:
        return {"address": cluster.address, **quiet}
    cores = {"num_cpus": cluster.workers} if cluster.workers else {}
    return {"address": "local", "include_dashboard": False, **cores, **quiet}


def _silence(ray: Any) -> None:
    """Keep pages of a lost machine's log off stderr, where a crawl job reads lines of JSON.

    `log_to_driver` leaves them on. Ray's own debugger switches them off in this way.
    """
    with contextlib.suppress(AttributeError):
        ray._private.worker._worker_logs_enabled = False


class _Connecting:
    """Makes an EngineError of whatever goes wrong: Ray raises plain Exception too, where a machine is too busy."""

    def __init__(self, address: str | None) -> None:
        self._where = "on this machine" if address is None else f"at {address}"

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            raise EngineError(
                f"No Ray cluster can be reached {self._where} ({first_line(error)}). `ray status` says whether one"
                " runs; the machine that runs this command must belong to it."
            ) from error


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep the caller's signal handlers: Ray sets its own when it starts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def first_line(error: BaseException) -> str:
    """The first line of what an error says: Ray's go on for pages."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


# ---------------------------------------------------------------------------------------------------------------------
# What machines have installed
# ---------------------------------------------------------------------------------------------------------------------


def installed_versions() -> dict[str, str | None]:
    """The versions on this machine of what decides on the rows."""
    return _asker()(_READ_BY)


def _asker() -> Callable[[Sequence[str]], dict[str, str | None]]:
    """A function that travels as its code, and so runs on a machine that has none of ours."""

    def ask(names: Sequence[str]) -> dict[str, str | None]:
        from importlib.metadata import PackageNotFoundError, version

        found: dict[str, str | None] = {}
        for name in names:
            try:
                found[name] = version(name)
            except PackageNotFoundError:
                found[name] = None
        return found

    return ask


def check_versions(ray: Any, nodes: Mapping[str, str]) -> None:
    """Compare what machines of the cluster (their ids and names) have installed with this one.

    Raises EngineError for the first difference. A machine that goes meanwhile is left out.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ours = installed_versions()
    task = ray.remote(num_cpus=0, max_retries=1)(_asker())
    asked = {
        node: task.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote(_READ_BY)
        for node in nodes
    }
    for node, ref in asked.items():
        try:
            theirs = ray.get(ref, timeout=_ANSWER_S)
        except ray.exceptions.GetTimeoutError as error:
            raise EngineError(
                f"Machine {nodes[node]} of the Ray cluster does not answer. Look at it, or take it out of the cluster."
            ) from error
        except ray.exceptions.RayError:
            continue
        compare_versions(ours, theirs, nodes[node])


def compare_versions(ours: Mapping[str, str | None], theirs: Mapping[str, str | None], machine: str) -> None:
    """Raise EngineError for the first package of which a machine has another version, or none."""
    for name, version in ours.items():
        if theirs.get(name) != version:
            has = f"has {name} {theirs[name]}" if theirs.get(name) else f"has no {name}"
            raise EngineError(
                f"Machine {machine} of the Ray cluster {has}, this one {version or 'none'}: their rows could differ."
                " Install the same versions on all of its machines."
            )


# ---------------------------------------------------------------------------------------------------------------------
# The board
# ---------------------------------------------------------------------------------------------------------------------


def new_board(ray: Any) -> Any:
    """An actor on this machine to which workers tell how far long documents are, so that nobody waits for anybody."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
    return ray.remote(num_cpus=0, max_restarts=-1, scheduling_strategy=here)(_Board).remote()


class _Board:
    """How far documents are, by their numbers, since they were asked for last."""

    def __init__(self) -> None:
        self._pages: dict[int, Any] = {}

    def tell(self, number: int, pages: object) -> None:
        """Note how far a document is."""
        self._pages[number] = pages

    def take(self) -> dict[int, Any]:
        """What was told."""
        taken, self._pages = self._pages, {}
        return taken
