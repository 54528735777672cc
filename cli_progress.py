"""What the command shows while it runs: a progress bar, lines of JSON, or a line for each failure; and signals."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from threading import Event as Flag
from typing import TYPE_CHECKING, NoReturn, Protocol

import typer

from pipeline import Event, ExitCode, PageEvent

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = [
    "Watcher", "error_sentence", "event_to_json", "log_line", "native_noise_to", "page_text", "pages_to_json", "say",
    "signals_stop", "watch",
]  # fmt: skip

PAGE_LINE_S = 5.0
"""Seconds between two lines of the log about one document's pages; a document that takes less has none."""


class Watcher(Protocol):
    """Hears of documents that are done, and of pages that are read."""

    def on_event(self, event: Event) -> None:
        """A document is done."""

    def on_pages(self, event: PageEvent) -> None:
        """Pages of a document are read."""


@contextmanager
def watch(*, progress: bool, log_json: bool) -> Iterator[Watcher]:
    """The watcher that the options ask for."""
    if log_json:
        yield _Log()
    elif progress:
        with _progress() as bar:
            yield _Bar(bar)
    else:
        yield _Failures()


def say(sentence: str) -> None:
    """A sentence on stderr."""
    from output.show import to_printable

    typer.echo(to_printable(sentence), err=True)


def error_sentence(path: str, error: str) -> str:
    """The error with the file's name before it, if it does not name it itself."""
    return error if path in error else f"{path}: {error}"


class _Failures:
    def on_event(self, event: Event) -> None:
        if event.outcome.error is not None:
            say(error_sentence(event.path, event.outcome.error))

    def on_pages(self, event: PageEvent) -> None:
        """Nobody looks."""


# ---------------------------------------------------------------------------------------------------------------------
# Lines of JSON
# ---------------------------------------------------------------------------------------------------------------------


def log_line(event: str, values: Mapping[str, object]) -> None:
    """A line of the log."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    typer.echo(json.dumps({"time": now, "event": event, **values}, ensure_ascii=True), err=True)


def event_to_json(event: Event) -> dict[str, object]:
    """A document's line in the log."""
    outcome = event.outcome
    return {
        "path": event.path,
        "document_id": outcome.document_id,
        "known": event.known,
        "status": outcome.status,
        "error_code": outcome.error_code,
        "error": outcome.error,
        "forms": outcome.forms,
        "indicators": outcome.indicators,
        "done": event.done,
        "total": event.total,
    }


def pages_to_json(event: PageEvent) -> dict[str, object]:
    """The line about a long document's pages."""
    return {"path": event.path, "page": event.pages.done, "pages": event.pages.total, "scan": event.pages.scan}


class _Log:
    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def on_event(self, event: Event) -> None:
        self._said.pop(event.path, None)
        log_line("document", event_to_json(event))

    def on_pages(self, event: PageEvent) -> None:
        now = time.monotonic()
        if event.pages.done >= event.pages.total:
            self._said.pop(event.path, None)
        elif now - self._said.setdefault(event.path, now) >= PAGE_LINE_S:
            self._said[event.path] = now
            log_line("page", pages_to_json(event))


# ---------------------------------------------------------------------------------------------------------------------
# A bar
# ---------------------------------------------------------------------------------------------------------------------


@contextmanager
def _progress() -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from output.show import console

    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        yield bar


@dataclass(slots=True)
class _Counts:
    """Pages read, documents failed, and since when; `read` holds the pages of the documents at work."""

    begun: float = field(default_factory=lambda: time.monotonic())
    pages: int = 0
    failed: int = 0
    read: dict[str, int] = field(default_factory=dict)

    def add(self, event: PageEvent) -> None:
        self.pages += max(event.pages.done - self.read.get(event.path, 0), 0)
        self.read[event.path] = event.pages.done
        if event.pages.done >= event.pages.total:
            del self.read[event.path]

    def text(self) -> str:
        seconds = max(time.monotonic() - self.begun, 0.001)
        pages = f"{self.pages} pages ({self.pages / seconds:.1f}/s)" if self.pages else ""
        failed = f"{self.failed} failed" if self.failed else ""
        return ", ".join(part for part in (pages, failed) if part)


class _Bar:
    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._counts = _Counts()
        self._task = bar.add_task("", total=None, counts="")

    def on_event(self, event: Event) -> None:
        from output.show import to_printable

        if event.outcome.error is not None:
            self._counts.failed += 1
            sentence = error_sentence(event.path, event.outcome.error)
            self._bar.console.print(to_printable(sentence), markup=False, highlight=False)
        self._counts.read.pop(event.path, None)
        self._bar.update(self._task, completed=event.done, total=event.total, counts=self._counts.text())

    def on_pages(self, event: PageEvent) -> None:
        self._counts.add(event)
        is_long = event.pages.done < event.pages.total
        self._bar.update(self._task, counts=self._counts.text(), description=page_text(event) if is_long else "")


def page_text(event: PageEvent) -> str:
    """How far a document is, for the end of the bar."""
    from output.show import to_printable

    name = to_printable(PurePath(event.path).name)
    return f"{name if len(name) <= 24 else name[:23] + '…'} page {event.pages.done} of {event.pages.total}"


# ---------------------------------------------------------------------------------------------------------------------
# Signals
# ---------------------------------------------------------------------------------------------------------------------

_SHOW_CURSOR = b"\x1b[?25h"
_STOPPING = b"Stopping: what is finished is written. A second signal ends at once.\n"


def signals_stop(stop: Flag, *, log_json: bool) -> None:
    """Have SIGINT, SIGTERM and SIGHUP set a flag; a second signal ends the command on the spot.

    What runs in children ends with this process. A signal that is ignored, as under nohup, stays so.
    """

    def on_signal(number: int, _frame: object) -> None:
        if stop.is_set():
            _end_at_once()
        stop.set()
        if number != getattr(signal, "SIGHUP", None) and not log_json:  # after a hang-up nobody reads
            _write(_STOPPING)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, on_signal)


@contextmanager
def native_noise_to(file: Path) -> Iterator[None]:
    """Have what native code prints to stderr go to a file, and what Python prints go on to where it went.

    Ray's native part prints warnings as it pleases, in the midst of a bar or of lines of JSON.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as noise:
        theirs = os.dup(2)
        before = sys.stderr
        sys.stderr = os.fdopen(theirs, "w", encoding=before.encoding, errors="backslashreplace", buffering=1)
        os.dup2(noise.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(theirs, 2)
            sys.stderr.close()
            sys.stderr = before


def _end_at_once() -> NoReturn:
    if sys.stderr.isatty():
        _write(_SHOW_CURSOR)
    os._exit(ExitCode.INTERRUPTED)


def _write(data: bytes) -> None:
    """Past the streams, which may be in the middle of a write that the signal broke into."""
    try:
        os.write(sys.stderr.fileno(), data)
    except OSError:
        return
