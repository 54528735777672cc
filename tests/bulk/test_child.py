"""What ends a child must end only that call, under the code that fits."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from bulk.child import Child, Ended, Limits, call_apart, wait_for
from bulk.local import call_all
from bulk.reader import address_space
from model import DocumentError, ErrorCode

LIMITS = Limits(timeout_s=30, memory_mb=300)
SHORT = Limits(timeout_s=1.5, memory_mb=300)
PRELOAD = ("model",)


def _spin() -> None:
    while True:
        pass


def _hoard() -> None:
    hoard = []
    while True:
        hoard.append(bytearray(16 << 20))


def _fail_to_allocate() -> None:
    raise RuntimeError("Non-zero status code returned while running Conv node. Status Message: std::bad_alloc")


def _fail_to_load() -> None:
    raise ImportError("libgeos-d1e818bb.so.3.14.1: failed to map segment from shared object")


def _refuse() -> None:
    raise DocumentError(ErrorCode.ENCRYPTED, "A password is needed.")


def _grow_and_abort() -> None:
    """As PDFium does: take memory until there is no more, then abort without a word."""
    hoard = []
    for _ in range(16):
        hoard.append(bytearray(16 << 20))
        time.sleep(0.05)
    os.abort()


DEEDS: dict[str, Callable[[], object]] = {
    "abort": os.abort,
    "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "exit": lambda: os._exit(3),
    "sys.exit": lambda: sys.exit(3),
    "sleep": lambda: time.sleep(600),
    "spin": _spin,
    "memory": _hoard,
    "bad_alloc": _fail_to_allocate,
    "no room for a library": _fail_to_load,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "refuse": _refuse,
    "grow": _grow_and_abort,
    "noise": lambda: os.write(2, b"noise from a library\n"),
}


def do(deed: str) -> str:
    """A call that ends as its argument says."""
    DEEDS.get(deed, str)()
    return deed


def kill_unless(path: str) -> str:
    """Be killed unless the file is there; leave it."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path


def pid(_: int) -> int:
    return os.getpid()


EXPECTED = {
    "abort": ErrorCode.CRASHED,
    "segfault": ErrorCode.CRASHED,
    "exit": ErrorCode.CRASHED,
    "sys.exit": ErrorCode.CRASHED,
    "memory": ErrorCode.OUT_OF_MEMORY,
    "bad_alloc": ErrorCode.OUT_OF_MEMORY,
    "no room for a library": ErrorCode.OUT_OF_MEMORY,
    "kill": ErrorCode.OUT_OF_MEMORY,
    "refuse": ErrorCode.ENCRYPTED,
    "grow": ErrorCode.OUT_OF_MEMORY,
}


def test_each_end_costs_one_call() -> None:
    deeds = [item for deed in EXPECTED for item in (deed, f"after {deed}")]
    ended = dict(call_all(do, deeds, LIMITS, 2, PRELOAD, Event()))
    codes = {deed: value.code for deed, value in ended.items() if isinstance(value, DocumentError)}
    assert codes == EXPECTED
    assert {deed: value for deed, value in ended.items() if deed not in EXPECTED} == {
        f"after {deed}": f"after {deed}" for deed in EXPECTED
    }


def test_a_call_that_hangs_costs_its_time_only() -> None:
    ended = dict(call_all(do, ["sleep", "a", "spin", "b"], SHORT, 2, PRELOAD, Event()))
    codes = {deed: value.code for deed, value in ended.items() if isinstance(value, DocumentError)}
    assert codes == {"sleep": ErrorCode.TIMEOUT, "spin": ErrorCode.TIMEOUT}
    assert {"a", "b"} <= set(ended)


def test_a_call_that_the_pool_forgets_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(timeout_s=600, memory_mb=300)
    monkeypatch.setattr("bulk.child._GRACE_S", 1.0 - limits.timeout_s)
    ended = list(call_all(do, ["sleep", "quick"], limits, 1, PRELOAD, Event()))
    assert ended[1] == ("quick", "quick")
    assert isinstance(ended[0][1], DocumentError)
    assert ended[0][1].code is ErrorCode.TIMEOUT


def test_sentences_say_what_to_do() -> None:
    advices = {"sleep": "--timeout", "memory": "--memory-mb", "abort": "SIGABRT", "exit": "exit code 3"}
    for deed, advice in advices.items():
        with pytest.raises(DocumentError, match=advice):
            call_apart(do, deed, limits=SHORT if deed == "sleep" else LIMITS, preload=PRELOAD)


def test_a_child_killed_once_is_given_its_call_again(tmp_path: Path) -> None:
    assert call_apart(kill_unless, str(tmp_path / "a"), limits=LIMITS, preload=PRELOAD) == str(tmp_path / "a")
    path = str(tmp_path / "b")
    assert list(call_all(kill_unless, [path], LIMITS, 1, PRELOAD, Event())) == [(path, path)]


def test_errors_of_the_function_are_failures_too() -> None:
    with pytest.raises(DocumentError, match="TypeError") as error:
        call_apart(do, limits=LIMITS, preload=PRELOAD)
    assert error.value.code is ErrorCode.CRASHED


def _finished(child: Child, function: Callable[..., object], *args: object) -> Ended[object]:
    child.start(function, *args)
    while (ended := child.look()) is None:
        wait_for([child])
    return ended


@pytest.mark.parametrize("pause_s", [0.0, 0.5])
def test_a_child_between_two_calls_may_die(pause_s: float) -> None:
    with Child(LIMITS, PRELOAD) as child:
        first = _finished(child, pid, 0).result()
        os.kill(first, signal.SIGKILL)
        time.sleep(pause_s)
        assert _finished(child, pid, 0).result() != first


def test_library_noise_is_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    assert call_apart(do, "noise", limits=LIMITS, preload=PRELOAD) == "noise"
    assert capfd.readouterr().err == ""


def test_two_children_share_the_work() -> None:
    assert len({value for _, value in call_all(pid, range(1, 60), LIMITS, 2, PRELOAD, Event())}) == 2


def test_stop_ends_running_calls() -> None:
    stop = Event()
    calls = call_all(do, ["quick", "sleep", "sleep", "sleep"], Limits(600, 300), 2, PRELOAD, stop)
    assert next(calls) == ("quick", "quick")
    stop.set()
    started = time.monotonic()
    assert list(calls) == []
    assert time.monotonic() - started < 10


def test_address_space() -> None:
    assert address_space(os.getpid()) > 10 << 20
    assert address_space(2**22 + 1) == 0
