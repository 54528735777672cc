"""Killed, or out of disk, at any point: the tables stay whole, and the same run then ends as if nothing had been."""

import errno
import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from faults import fault_at, run, state

from output.catalogue import FOLDER
from output.read import read_tables

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are split off and killed")


def _first(out: Path) -> None:
    """The state that a run finds."""
    run(out, 0, 2)


def _second(out: Path) -> None:
    """A run that adds a document, whose name another completes, and forgets one."""
    run(out, 0, 1, prune=True)


def _no_fault() -> None:
    """Only count."""


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder in memory where the system has one: hundreds of runs wait for the disk otherwise."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def expected(memory: Path) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """The state before, the state after, and the points passed between them."""
    out = memory / "expected"
    _first(out)
    shutil.copytree(out, memory / "first")
    before = state(out)
    with fault_at(-1, _no_fault) as points:
        _second(out)
    assert "memory" in (out / "indicators.csv").read_text("utf-8")
    return before, state(out), points


def _in_child(function: object, *args: object) -> int:
    """Call a function in a process split off; its exit code, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        try:
            function(*args)  # type: ignore[operator]
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _killed_at(number: int, out: Path) -> None:
    with fault_at(number, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        _second(out)


@pytest.mark.slow
def test_killed_at_every_point(expected: tuple[dict[str, str], dict[str, str], list[str]], memory: Path) -> None:
    before, after, points = expected
    assert len(points) >= 80
    seen = set()
    for number, point in enumerate(points):
        out = memory / f"killed-{number}"
        shutil.copytree(memory / "first", out)
        assert _in_child(_killed_at, number, out) == -signal.SIGKILL, point
        for name in before.keys() & after.keys():
            if name.endswith((".csv", ".parquet")):
                assert state(out)[name] in (before[name], after[name]), f"{name} killed at {point}"
        seen.add(state(out) == before)
        _second(out)
        assert state(out) == after, point
        assert {file.name for file in out.iterdir() if file.name.startswith(".")} == {FOLDER}, point
    assert seen == {True, False}


@pytest.mark.slow
def test_out_of_disk_at_every_point(expected: tuple[dict[str, str], dict[str, str], list[str]], memory: Path) -> None:
    before, after, points = expected

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    placed = points.index("after place_file")
    for number, point in enumerate(points):
        out = memory / f"full-{number}"
        shutil.copytree(memory / "first", out)
        with fault_at(number, full), pytest.raises(OSError, match="No space left"):
            _second(out)
        if number < placed:
            assert state(out) == before, point
            assert len(read_tables(out)["documents"]) == 2
        assert not list(out.glob(".*.part")), point
        _second(out)
        assert state(out) == after, point


@pytest.mark.parametrize("limit_kb", [2, 4, 8, 16, 32, 48, 64, 80, 96, 128])
def test_a_file_that_may_not_grow(
    expected: tuple[dict[str, str], dict[str, str], list[str]], tmp_path: Path, limit_kb: int
) -> None:
    """The system's own refusal, at whatever write meets it first: catalogue, parts, CSV or Parquet."""
    before, after, _ = expected
    _first(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb << 10, hard))
    try:
        _second(tmp_path)
    except (OSError, sqlite3.Error):
        assert state(tmp_path) == before
    else:
        assert state(tmp_path) == after
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    _second(tmp_path)
    assert state(tmp_path) == after


def test_all_files_carry_one_generation(tmp_path: Path) -> None:
    _first(tmp_path)
    one = {pq.read_schema(file).metadata[b"zipingbiao.generation"] for file in tmp_path.rglob("*.parquet")}
    assert len(one) == 1
    _second(tmp_path)
    two = {pq.read_schema(file).metadata[b"zipingbiao.generation"] for file in tmp_path.rglob("*.parquet")}
    assert len(two) == 1
    assert one != two
    assert f'"generation": "{two.pop().decode()}"' in (tmp_path / "datapackage.json").read_text("utf-8")
