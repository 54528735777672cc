"""What a document may do to the machine around its process: nothing that lasts. With real processes."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from bulk import spawn
from bulk.child import Child, Ended, Limits, call_apart, wait_for
from bulk.local import call_all
from bulk.progress import Pages
from bulk.reader import report_pages, report_scan
from model import DocumentError, ErrorCode

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")

LIMITS = Limits(timeout_s=30, memory_mb=600)
SHORT = Limits(timeout_s=1.0, memory_mb=600)
PRELOAD = ("model",)


def _failure(limits: Limits, function: Callable[..., object], *args: object) -> DocumentError:
    with pytest.raises(DocumentError) as error:
        call_apart(function, *args, limits=limits, preload=PRELOAD)
    return error.value


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _alive(pids: list[int], within_s: float = 3.0) -> list[int]:
    """Those that still live after a while in which they may die."""
    until = time.monotonic() + within_s
    while (left := [pid for pid in pids if _is_alive(pid)]) and time.monotonic() < until:
        time.sleep(0.05)
    return left


# -- processes that a document starts ---------------------------------------------------------------------------------


def _note(file: str) -> None:
    with Path(file).open("a") as pids:
        pids.write(f"{os.getpid()}\n")


def fork_and(deed: str, file: str) -> int:
    """Fork a plain process, one with a session of its own, and a daemon; then hang, abort or return."""
    _note(file)
    for kind in ("plain", "session", "daemon"):
        if os.fork() == 0:
            if kind != "plain":
                os.setsid()
            if kind == "daemon" and os.fork():
                os._exit(0)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            _note(file)
            time.sleep(600)
            os._exit(0)
    while Path(file).read_text().count("\n") < 4:
        time.sleep(0.01)
    if deed == "hang":
        time.sleep(600)
    if deed == "abort":
        os.abort()
    return os.getpid()


def _pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()]


@pytest.mark.parametrize(("deed", "code"), [("hang", ErrorCode.TIMEOUT), ("abort", ErrorCode.CRASHED)])
def test_what_a_document_forked_ends_with_it(tmp_path: Path, deed: str, code: ErrorCode) -> None:
    assert _failure(SHORT, fork_and, deed, str(tmp_path / "pids")).code is code
    assert _alive(_pids(tmp_path / "pids")) == []


def test_what_a_stopped_document_forked_ends_with_it(tmp_path: Path) -> None:
    with Child(LIMITS, PRELOAD) as child:
        child.start(fork_and, "hang", str(tmp_path / "pids"))
        until = time.monotonic() + 20
        while not (tmp_path / "pids").exists() or len(_pids(tmp_path / "pids")) < 4:
            assert time.monotonic() < until
            assert child.look() is None
            wait_for([child])
        assert len(_alive(_pids(tmp_path / "pids"), 0)) == 4
    assert _alive(_pids(tmp_path / "pids")) == []


def test_what_a_document_left_running_ends_its_child(tmp_path: Path) -> None:
    calls = call_all(fork_and_return, [str(tmp_path / name) for name in "ab"], LIMITS, 1, PRELOAD, Event())
    values = [value for _, value in calls]
    assert len(set(values)) == 2
    assert _alive([pid for name in "ab" for pid in _pids(tmp_path / name)]) == []


def fork_and_return(file: str) -> int:
    return fork_and("return", file)


# -- children that do not want to end ---------------------------------------------------------------------------------


def ignore_term() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(600)


def block_all() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    time.sleep(600)


def stop_itself() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def hold_the_interpreter() -> None:
    """As a library does that hangs in C: nothing else of Python runs in this process."""
    ctypes.PyDLL(None).sleep(600)


@pytest.mark.parametrize("deed", [ignore_term, block_all, stop_itself, hold_the_interpreter])
def test_no_child_outlives_its_limit(deed: Callable[[], None]) -> None:
    started = time.monotonic()
    assert _failure(SHORT, deed).code is ErrorCode.TIMEOUT
    assert time.monotonic() - started < SHORT.timeout_s + 6


_PARENT = """
import sys, time
from bulk.child import Child, Limits
import test_isolation
if __name__ == "__main__":
    with Child(Limits(float(sys.argv[3]), 600), ("model",)) as child:
        child.start(getattr(test_isolation, sys.argv[1]), sys.argv[2])
        while child.look() is None:
            time.sleep(0.05)
        time.sleep(600)
"""


def hang(file: str) -> None:
    _note(file)
    ctypes.PyDLL(None).sleep(600)


def fork_and_hang(file: str) -> None:
    if os.fork() == 0:
        _note(file)
        time.sleep(600)
    hang(file)


def _parent(tmp_path: Path, root: Path, deed: str, timeout_s: float, count: int) -> "subprocess.Popen[bytes]":
    script = tmp_path / "parent.py"
    script.write_text(_PARENT)
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{Path(__file__).parent}"}
    command = [sys.executable, str(script), deed, str(tmp_path / "pids"), str(timeout_s)]
    parent = subprocess.Popen(command, env=environment)
    until = time.monotonic() + 20
    while not (tmp_path / "pids").exists() or len(_pids(tmp_path / "pids")) < count:
        assert time.monotonic() < until
        time.sleep(0.02)
    return parent


def test_a_killed_parent_leaves_nothing_behind(tmp_path: Path, root: Path) -> None:
    parent = _parent(tmp_path, root, "fork_and_hang", 600, 2)
    servers = [int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]
    assert servers
    parent.kill()
    parent.wait()
    assert _alive([*_pids(tmp_path / "pids"), *servers]) == []


def test_the_clock_holds_while_the_parent_is_stopped(tmp_path: Path, root: Path) -> None:
    parent = _parent(tmp_path, root, "hang", 1.0, 1)
    parent.send_signal(signal.SIGSTOP)
    try:
        assert _alive(_pids(tmp_path / "pids"), within_s=5) == []
    finally:
        parent.kill()
        parent.wait()


# -- what a document leaves behind ------------------------------------------------------------------------------------

_leaks: list[object] = []


def leak_files(_: int) -> int:
    _leaks.extend(socket.socket() for _ in range(30))
    return os.getpid()


def leak_memory(_: int) -> int:
    _leaks.append(bytearray(200 << 20))
    return os.getpid()


def test_a_leak_replaces_the_child() -> None:
    pids = [value for _, value in call_all(leak_files, range(9), LIMITS, 1, PRELOAD, Event())]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 3]
    pids = [value for _, value in call_all(leak_memory, range(4), LIMITS, 1, PRELOAD, Event())]
    assert all(isinstance(pid, int) for pid in pids)


def own_pid(_: int) -> int:
    return os.getpid()


def test_children_are_replaced_after_many_calls() -> None:
    pids = [value for _, value in call_all(own_pid, range(450), LIMITS, 1, PRELOAD, Event())]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [200, 200, 50]


def leave_a_file(path: str) -> None:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        Path(path).write_text(file.name)
        file.write(b"x" * 100)
    os.abort()


def test_what_a_killed_child_wrote_aside_is_taken_away(tmp_path: Path) -> None:
    assert _failure(LIMITS, leave_a_file, str(tmp_path / "name")).code is ErrorCode.CRASHED
    file = Path((tmp_path / "name").read_text())
    assert not file.exists()
    assert not file.parent.exists()


def test_folders_of_killed_runs_are_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Child(LIMITS, PRELOAD) as child:
        _ended(child, os.getpid)
        (mine,) = tmp_path.iterdir()
        for name in ("zipingbiao-left", "zipingbiao-fresh", "other"):
            (tmp_path / name / "deep").mkdir(parents=True)
        for path in (mine, tmp_path / "zipingbiao-left", tmp_path / "other"):
            os.utime(path, (1, 1))
        spawn._sweep.cache_clear()
        spawn._sweep()
        left = {path.name for path in tmp_path.iterdir()}
        assert left == {mine.name, "zipingbiao-fresh", "other"}
    assert {path.name for path in tmp_path.iterdir()} == {"zipingbiao-fresh", "other"}


def write_much() -> None:
    with tempfile.TemporaryFile() as file:
        for _ in range(300):
            file.write(bytes(1 << 20))


def test_a_file_that_grows_without_end_is_cut_off() -> None:
    failure = _failure(LIMITS, write_much)
    assert failure.code is ErrorCode.CRASHED
    assert "too large" in failure.message


def give_much() -> bytes:
    return bytes(300 << 20)


def test_an_answer_too_large_is_refused() -> None:
    failure = _failure(Limits(30, 2000), give_much)
    assert failure.code is ErrorCode.TOO_LARGE
    assert "split it" in failure.message


def test_the_parent_keeps_no_files_of_children_that_died() -> None:
    with Child(LIMITS, PRELOAD) as child:
        _ended(child, os.abort)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(10):
            _ended(child, os.abort)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before


def _ended(child: Child, function: Callable[..., object], *args: object) -> Ended[object]:
    child.start(function, *args)
    while (ended := child.look()) is None:
        wait_for([child])
    return ended


# -- memory, or a crash -----------------------------------------------------------------------------------------------


def take_or_abort(mb: int) -> None:
    """As PDFium does: one large piece of memory, and an abort without a word where it is refused."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    if not libc.malloc(ctypes.c_size_t(mb << 20)):
        os.abort()
    time.sleep(0.3)
    os.abort()


@pytest.mark.parametrize(("mb", "code"), [(1000, ErrorCode.OUT_OF_MEMORY), (100, ErrorCode.CRASHED)])
def test_an_abort_for_memory_is_told_from_a_crash(mb: int, code: ErrorCode) -> None:
    assert _failure(LIMITS, take_or_abort, mb).code is code


def abort_once(file: str) -> str:
    if not Path(file).exists():
        Path(file).touch()
        os.abort()
    return file


def test_a_crash_that_does_not_come_again_is_forgiven(tmp_path: Path) -> None:
    file = str(tmp_path / "been")
    assert call_apart(abort_once, file, limits=LIMITS, preload=PRELOAD) == file


# -- pages ------------------------------------------------------------------------------------------------------------


def read_pages(scan: int, seconds: float, hang_at: int = 0) -> str:
    if scan:
        report_scan(scan)
    for page in range(1, 5):
        time.sleep(600 if page == hang_at else seconds)
        report_pages(page, 4)
    return "read"


def test_a_scan_has_its_time_for_each_page() -> None:
    assert call_apart(read_pages, 4, 0.6, limits=SHORT, preload=PRELOAD) == "read"


def test_a_scan_that_stands_still_is_ended() -> None:
    failure = _failure(SHORT, read_pages, 4, 0.6, 3)
    assert failure.code is ErrorCode.TIMEOUT
    assert "Page 3 was not recognised within 1 seconds" in failure.message


def test_text_has_its_time_for_the_whole() -> None:
    failure = _failure(SHORT, read_pages, 0, 0.6)
    assert failure.code is ErrorCode.TIMEOUT
    assert "longer than 1 seconds" in failure.message


def read_slowly(item: int) -> int:
    read_pages(2, 0.25)
    return item


def test_pages_are_told_while_they_are_read() -> None:
    told: list[tuple[int, Pages]] = []
    calls = call_all(
        read_slowly, [7, 8], LIMITS, 1, PRELOAD, Event(), on_pages=lambda item, pages: told.append((item, pages))
    )
    assert [value for _, value in calls] == [7, 8]
    for item in (7, 8):
        assert [pages for told_item, pages in told if told_item == item] == [Pages(n, 4, 2) for n in (1, 2, 3, 4)]


def test_reports_are_not_heard_outside_of_a_child() -> None:
    report_scan(3)
    report_pages(1, 2)
