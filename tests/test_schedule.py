"""Runs by the clock: the cron line and the units work as given, and the page says what the code does."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bulk.progress import Pages
from cli_progress import event_to_json, pages_to_json
from cli_summary import summary_to_json
from literal import RESULT
from output.outcome import pack, packed_to_outcome
from pipeline import Event, ExitCode, Options, PageEvent, run

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "schedule.md").read_text(encoding="utf-8")
UNITS = [ROOT / "docs" / "systemd" / name for name in ("zipingbiao.service", "zipingbiao.timer")]
COMMAND = "/opt/zipingbiao/bin/zipingbiao"
PLACE = "/srv/zipingbiao"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder like /srv/zipingbiao with an inbox, and a command like the installed one."""
    (tmp_path / "inbox").mkdir()
    shutil.copy(ROOT / "fixtures" / "pdf" / "seed-one-page.pdf", tmp_path / "inbox")
    (tmp_path / "zipingbiao").write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m cli "$@"\n')
    (tmp_path / "zipingbiao").chmod(0o755)
    return tmp_path


def _put(text: str, place: Path) -> str:
    return text.replace(COMMAND, str(place / "zipingbiao")).replace(PLACE, str(place))


def _sh(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as cron does: by sh, with next to no environment."""
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(place), "SHELL": "/bin/sh", "LOGNAME": "zipingbiao"}
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=place, env=bare, capture_output=True, encoding="utf-8", check=False, timeout=120
    )


def _cron_line() -> str:
    (block,) = re.findall(r"^```cron\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (line,) = block.splitlines()
    return str(line)


def _entry(unit: Path, name: str) -> str:
    (value,) = re.findall(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)
    return str(value)


def test_the_cron_line_is_one() -> None:
    fields = _cron_line().split(maxsplit=5)
    assert all(re.fullmatch(r"\*|\d+", field) for field in fields[:5])
    assert int(fields[0]) < 60
    assert int(fields[1]) < 24
    assert "%" not in fields[5]  # cron would end the command there


@pytest.mark.slow
def test_the_cron_lines_command_runs_night_after_night(place: Path) -> None:
    command = _put(_cron_line().split(maxsplit=5)[5], place)
    for night in range(2):
        done = _sh(command, place)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        lines = [json.loads(line) for line in (place / "log.jsonl").read_text().splitlines()]
        assert [line["event"] for line in lines] == ["document", "summary"] * (night + 1)
        assert lines[-1]["known"] == night
    assert (place / "out" / "indicators.parquet").is_file()
    assert "1 known from before" in (place / "summary.txt").read_text()
    (retry,) = re.findall(r"^```sh\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
    assert _sh(retry.replace("zipingbiao", str(place / "zipingbiao"), 1), place).returncode == 0


@pytest.mark.slow
def test_the_services_command_is_the_same_run(place: Path) -> None:
    service = UNITS[0]
    assert _entry(service, "WorkingDirectory") == PLACE
    done = _sh(_put(f"cd {PLACE} && {_entry(service, 'ExecStart')}", place), place)
    assert done.returncode == 0
    assert _entry(service, "ExecStart") in _cron_line()
    assert "indicator rows 10" in done.stdout


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not there")
def test_systemd_takes_the_units(place: Path) -> None:
    for unit in UNITS:
        (place / unit.name).write_text(_put(unit.read_text(), place))
    files = [str(place / unit.name) for unit in UNITS]
    command = ["systemd-analyze", "verify", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    when = _entry(UNITS[1], "OnCalendar")
    assert subprocess.run(["systemd-analyze", "calendar", when], capture_output=True, check=False).returncode == 0


def test_what_fails_documents_is_no_failed_unit() -> None:
    assert _entry(UNITS[0], "SuccessExitStatus") == str(int(ExitCode.SOME_FAILED))


def test_the_exit_codes_are_those_of_the_code() -> None:
    table = PAGE[PAGE.index("## Exit codes") : PAGE.index("## What a crawl")]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == [int(code) for code in ExitCode]


def test_the_fields_of_the_log_are_those_of_the_code(tmp_path: Path) -> None:
    rows = dict(re.findall(r"^\| `(document|page|summary)` \| (.*) \|$", PAGE, re.MULTILINE))
    outcome = packed_to_outcome("ab" * 32, "v", pack(RESULT))
    printed = {
        "document": event_to_json(Event("a.pdf", False, outcome, 1, 1)),
        "page": pages_to_json(PageEvent("a.pdf", Pages(1, 2, 0))),
        "summary": summary_to_json(run([], tmp_path / "out", Options(workers=1))),
    }
    for event, text in rows.items():
        assert re.findall(r"`(\w+)`", text) == ["time", *printed[event]]
    assert set(rows) == set(printed)


def test_the_second_run_at_once_stops(place: Path) -> None:
    from output.catalogue import Catalogue

    with Catalogue(place / "out"):
        done = _sh(_put(_cron_line().split(maxsplit=5)[5], place), place)
    assert done.returncode == ExitCode.WRONG_USAGE
    assert "Another run is writing" in (place / "log.jsonl").read_text()


def test_commands_of_the_page_are_of_the_command_line() -> None:
    for command in re.findall(r"`(zipingbiao [a-z][^`]*)`", PAGE):
        words = shlex.split(command)
        done = subprocess.run(
            [sys.executable, "-m", "cli", words[1], "--help"], cwd=ROOT, capture_output=True, text=True, check=False,
            env={**os.environ, "COLUMNS": "200"},
        )  # fmt: skip
        assert done.returncode == 0, command
        assert all(word in done.stdout for word in words if word.startswith("--"))
