"""The books of a run without its children: what is kept when a document's reading comes back."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event as Flag

import pytest

from bulk.inputs import path_to_source
from bulk.inputs_fetch import Fetcher
from bulk.job import Event, Job, Rules, Task
from literal import failed_result, result_of
from model import DocumentError, ErrorCode, Result
from output.catalogue import Catalogue
from output.outcome import pack

RULES = Rules(lambda _: "1", lambda path, error: _fail(path, error), fail_fast=False, min_rows=0)


def _fail(path: Path, error: DocumentError) -> Result:
    return failed_result(hashlib.sha256(path.read_bytes()).hexdigest(), error.code, error.message)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "out") as opened:
        yield opened


def _job(catalogue: Catalogue, total: int, events: list[Event] | None = None) -> Job:
    return Job(catalogue, RULES, (events if events is not None else []).append, Flag(), total)


def _unread(job: Job, tmp_path: Path, *files: Path) -> list[Task]:
    with Fetcher(tmp_path / "spool", lambda: True) as fetcher:
        return list(job.unread(map(path_to_source, files), fetcher))


def _file(tmp_path: Path, name: str, text: str) -> Path:
    file = tmp_path / name
    file.write_text(text)
    return file


def test_a_file_that_changes_between_its_hash_and_its_reading(tmp_path: Path, catalogue: Catalogue) -> None:
    """What was read is kept under its own bytes, and the file is looked at again by the next run."""
    file = _file(tmp_path, "a.pdf", "before")
    job = _job(catalogue, 1)
    (task,) = _unread(job, tmp_path, file)
    after = hashlib.sha256(b"after").hexdigest()
    file.write_text("after")
    job.finish(task, pack(result_of(after)))
    assert catalogue.outcome_of_bytes(task.result_id) is None
    assert catalogue.outcome_of_bytes(after) is not None
    file.write_text("before")
    (again,) = _unread(_job(catalogue, 1), tmp_path, file)
    assert again.result_id == task.result_id


def test_what_a_child_could_not_give_is_a_failure(tmp_path: Path, catalogue: Catalogue) -> None:
    events: list[Event] = []
    job = _job(catalogue, 1, events)
    (task,) = _unread(job, tmp_path, _file(tmp_path, "a.pdf", "x"))
    job.finish(task, DocumentError(ErrorCode.CRASHED, "It crashed."))
    (event,) = events
    assert (event.outcome.error_code, event.known, event.done) == (ErrorCode.CRASHED, False, 1)
    assert [failure.code for failure in job.summary(tmp_path, written=True).failures] == [ErrorCode.CRASHED]


def test_names_of_the_same_bytes_wait_for_one_reading(tmp_path: Path, catalogue: Catalogue) -> None:
    files = [_file(tmp_path, f"{n}.pdf", "same") for n in range(3)]
    events: list[Event] = []
    job = _job(catalogue, 3, events)
    (task,) = _unread(job, tmp_path, *files)
    assert events == []
    job.finish(task, pack(result_of(task.result_id)))
    assert [event.done for event in events] == [1, 2, 3]
    summary = job.summary(tmp_path, written=True)
    assert (summary.files, summary.forms, summary.indicators) == (3, 1, 2)
