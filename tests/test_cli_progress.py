"""What a run shows while it works, and what signals do to it."""

import contextlib
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import cli_progress
from bulk.progress import Pages
from cli_progress import page_text, watch
from literal import RESULT, failed_result
from model import ErrorCode
from output.outcome import pack, packed_to_outcome
from pipeline import Event, PageEvent

ROOT = Path(__file__).resolve().parents[1]
OK = packed_to_outcome("ab" * 32, "test", pack(RESULT))
_FAILED = failed_result("cd" * 32, ErrorCode.DAMAGED, "The file is cut.")
BAD = packed_to_outcome("cd" * 32, "test", pack(_FAILED))


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(cli_progress, "time", made)
    return made


def _pages(done: int, path: str = "in/scan.pdf", total: int = 200) -> PageEvent:
    return PageEvent(path, Pages(done, total, total))


# -- lines of JSON ----------------------------------------------------------------------------------------------------


def test_page_lines_come_every_few_seconds(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with watch(progress=False, log_json=True) as watcher:
        for second in range(13):
            clock.now = 100.0 + second
            watcher.on_pages(_pages(second + 1))
            watcher.on_pages(_pages(second + 1, "in/short.pdf", total=second + 1))
        watcher.on_event(Event("in/scan.pdf", known=False, outcome=OK, done=1, total=3))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line.get("page")) for line in lines] == [("page", 6), ("page", 11), ("document", None)]
    assert lines[0] == {**lines[0], "path": "in/scan.pdf", "pages": 200, "scan": 200}


# -- the bar ----------------------------------------------------------------------------------------------------------


def test_page_text() -> None:
    assert page_text(_pages(34)) == "scan.pdf page 34 of 200"
    assert page_text(_pages(1, f"in/{'长' * 40}.pdf")) == f"{'长' * 23}… page 1 of 200"
    assert "\x1b" not in page_text(_pages(1, "in/\x1b[2J.pdf"))


def test_counts_of_the_bar(clock: Clock) -> None:
    counts = cli_progress._Counts()
    assert counts.text() == ""
    for done in (1, 3):
        counts.add(_pages(done))
    counts.add(_pages(4, "in/b.pdf", total=4))
    clock.now += 2
    assert counts.text() == "7 pages (3.5/s)"
    counts.add(_pages(1))  # it began again
    counts.add(_pages(2))
    counts.failed = 2
    assert counts.text() == "8 pages (4.0/s), 2 failed"


def _on_terminal(command: list[object], environment: dict[str, str]) -> str:
    """What a command prints on a terminal of 140 columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    with subprocess.Popen(command, stdout=follower, stderr=follower, env=environment) as process:  # type: ignore[arg-type]
        os.close(follower)
        chunks = []
        with contextlib.suppress(OSError):  # Linux ends a terminal whose other side is closed with EIO
            while chunk := os.read(leader, 65536):
                chunks.append(chunk)
        process.wait(30)
    os.close(leader)
    return b"".join(chunks).decode()


_SCRIPT = """
import sys
from functools import partial
import cli, pipeline
from {module} import {reader}
if __name__ == "__main__":
    pipeline.run = partial(pipeline.run, read={reader})
    {more}
    cli.main()
"""


def _script(tmp_path: Path, module: str, reader: str, more: str = "") -> tuple[Path, dict[str, str]]:
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT.format(module=module, reader=reader, more=more))
    return script, {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "TERM": "xterm"}


def _inbox(tmp_path: Path, word: str, count: int) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.pdf").write_text(f"{word} {number}")
    return folder


def test_the_bar_moves_with_the_pages_of_a_long_document(tmp_path: Path) -> None:
    script, environment = _script(tmp_path, "paged", "read_paged")
    inbox = _inbox(tmp_path, "damaged", 1)
    shown = _on_terminal([sys.executable, script, "run", inbox, "--out", tmp_path / "out"], environment)
    assert re.search(r"000\.pdf page [23] of 4", shown)
    assert re.search(r"[23] pages \(\d+\.\d/s\)", shown)
    assert "The file is cut" in shown


# -- signals ----------------------------------------------------------------------------------------------------------


def _start(tmp_path: Path, word: str, more: str = "", before: str = "") -> "subprocess.Popen[str]":
    script, environment = _script(tmp_path, "literal", "read_literal", more)
    inbox = _inbox(tmp_path, word, 40)
    command = f'{before} exec "{sys.executable}" "{script}" run "{inbox}" --out "{tmp_path / "out"}" --workers 2'
    return subprocess.Popen(
        ["sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    )


def _wait_for_calls(tmp_path: Path) -> None:
    until = time.monotonic() + 30
    while not (tmp_path / "calls").exists():
        assert time.monotonic() < until
        time.sleep(0.02)


HANGS_UP = pytest.mark.skipif(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, reason="hang-ups are ignored here")


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGHUP, marks=HANGS_UP)])
def test_a_signal_writes_what_is_finished(tmp_path: Path, number: signal.Signals) -> None:
    process = _start(tmp_path, "slow")
    _wait_for_calls(tmp_path)
    time.sleep(1)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "by a signal" in out
    assert ("Stopping: what is finished is written." in err) is (number is signal.SIGINT)
    assert (tmp_path / "out" / "documents.csv").exists()


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    process = _start(tmp_path, "slow", "import time; pipeline.publish = lambda *_: time.sleep(60)")
    _wait_for_calls(tmp_path)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.7)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - started < 5
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_a_signal_that_is_ignored_stays_so(tmp_path: Path) -> None:
    process = _start(tmp_path, "ok", before="trap '' HUP;")
    _wait_for_calls(tmp_path)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "40 ok" in out


def test_keys_pressed_while_children_start_print_nothing(tmp_path: Path) -> None:
    """A terminal sends its signals to all processes of a group, those that are just starting too."""
    script, environment = _script(tmp_path, "literal", "read_literal")
    inbox = _inbox(tmp_path, "slow", 20)
    for number, pause_s in enumerate((0.3, 0.5, 0.7)):
        command = [sys.executable, str(script), "run", str(inbox), "--out", str(tmp_path / f"out{number}")]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True, start_new_session=True
        )
        time.sleep(pause_s)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
        assert "Traceback" not in err or "import" in err  # before the command's own first line
        assert "multiprocessing" not in err


# -- native noise -----------------------------------------------------------------------------------------------------


def test_native_noise_goes_to_a_file(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from cli_progress import native_noise_to\n"
        f"with native_noise_to(Path({str(tmp_path / 'a' / 'noise.log')!r})):\n"
        "    os.write(2, b'native\\n'); print('ours 绩效', file=sys.stderr)\n"
        "print('after', file=sys.stderr); os.write(2, b'native after\\n')"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True, env=environment
    )
    assert done.stderr.splitlines() == ["ours 绩效", "after", "native after"]
    assert (tmp_path / "a" / "noise.log").read_text() == "native\n"
