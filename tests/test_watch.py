"""The commands that look at a folder, and the options of `run` that say what is read, from the command line."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import typer

import cli
import pipeline
import watch
from listed import zipped
from literal import read_literal
from model import ErrorCode
from output.evaluate import Floor

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command line in this process: exit code, stdout, stderr."""
    monkeypatch.setattr(pipeline, "run", partial(pipeline.run, read=read_literal))

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["zipingbiao", *map(str, arguments)])
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            with pytest.raises(SystemExit) as ended:
                cli.main()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return run


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.pdf").write_text("ok a")
    (tmp_path / "in" / "b.pdf").write_text("damaged b")
    return tmp_path


def _paths(room: Path) -> list[str]:
    lines = (room / "out" / "documents.csv").read_text("utf-8-sig").splitlines()[1:]
    return [line.split(",")[1].removeprefix(f"{room}/") for line in lines]


# -- run --------------------------------------------------------------------------------------------------------------


def test_globs_manifests_archives_together(call: Call, room: Path) -> None:
    (room / "in" / "c.zip").write_bytes(zipped({"x.pdf": b"ok x", "y.doc": b"ok y"}))
    (room / "m.jsonl").write_text('{"path": "in/a.pdf", "region": "云南"}\n', encoding="utf-8")
    code, out, _ = call(
        "run", room / "in", "--glob", "*.doc", "--glob", "b*", "--manifest", room / "m.jsonl", "--out", room / "out"
    )
    assert code == 3
    assert out.startswith("files     3 (2 ok, 1 failed)")
    assert _paths(room) == ["in/a.pdf", "in/b.pdf", "in/c.zip!/y.doc"]
    assert (room / "out" / "documents.csv").read_text("utf-8-sig").splitlines()[1].endswith(",云南")


def test_a_list_on_standard_input(room: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "cli", "run", "-", "--out", "out"]
    done = subprocess.run(
        command, cwd=room, env=environment, input=b"in/a.pdf\0gone.pdf\0", capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert _paths(room) == ["gone.pdf", "in/a.pdf"]


def test_the_summary_names_the_command_for_what_failed(call: Call, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(room)
    (room / "in" / "h.pdf").write_text("hang h")
    code, out, _ = call("run", "in", "--out", "o ut", "--timeout", 10, "--format", "csv")
    assert code == 3
    commands = [line.partition("read again by: ")[2] for line in out.splitlines() if "read again by" in line]
    assert commands == [
        "zipingbiao run --retry damaged --format csv --timeout 10 --out 'o ut'",
        "zipingbiao run --retry timeout --format csv --timeout 20 --out 'o ut'",
    ]
    assert {line.partition("read again by: ")[2] for line in call("status", "o ut")[1].splitlines()} >= set(commands)
    (room / "in" / "b.pdf").write_text("ok b")
    code, out, _ = call(*shlex.split(commands[0])[1:])
    assert code == 0
    assert out.startswith("files     1 (1 ok), 0 known from before")
    code, out, _ = call(*shlex.split(commands[0])[1:])
    assert (code, out.splitlines()[0]) == (0, "files     0, 0 known from before")
    assert not (room / "o ut" / "forms.parquet").exists()


def test_a_manifest_that_is_wrong_is_wrong_usage(call: Call, room: Path) -> None:
    (room / "m.csv").write_text("name\na\n")
    wrong = (["--manifest", room / "m.csv"], ["--manifest", room / "gone.csv"], [room / "in", "--glob", "[z-a]"])
    for arguments in wrong:
        code, out, err = call("run", *arguments, "--out", room / "out")
        assert (code, out) == (1, "")
        assert len(err.splitlines()) == 1
    assert not (room / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--out", "out"],
        ["run", "a.pdf", "--out", "s3://bucket/out"],
        ["run", "--retry", "sometimes", "--out", "out"],
        ["run", "--retry", "timeout,,", "--out", "out"],
        ["status"],
        ["query", "out"],
        ["query", "out", "SELECT 1", "--format", "xml"],
        ["evaluate", "out"],
        ["evaluate", "out", "truth", "--min-accuracy", "98"],
        ["evaluate", "out", "truth", "--min-accuracy", "indicators=much"],
        ["status", "no/such/folder"],
        ["query", "no/such/folder", "SELECT 1"],
        ["evaluate", "no/such/folder", "no/such/truth"],
    ],
)
def test_wrong_usage(call: Call, arguments: list[str], room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(room)
    code, _, err = call(*arguments)
    assert code == 1
    assert err
    assert "Traceback" not in err
    assert not (room / "out").exists()


def test_parse_codes() -> None:
    assert watch.parse_codes("") == frozenset()
    assert watch.parse_codes("timeout, CRASHED") == {ErrorCode.TIMEOUT, ErrorCode.CRASHED}
    assert watch.parse_codes("all") == frozenset(ErrorCode)
    with pytest.raises(typer.BadParameter, match="no error code"):
        watch.parse_codes("slow")


def test_parse_floors() -> None:
    assert watch.parse_floors(["0.98", "indicators=1", "indicators.name=0"]) == (
        Floor(None, None, 0.98), Floor("indicators", None, 1.0), Floor("indicators", "name", 0.0),
    )  # fmt: skip


# -- status, query, evaluate ------------------------------------------------------------------------------------------


def test_status(call: Call, room: Path) -> None:
    call("run", room / "in", "--out", room / "out")
    code, out, err = call("status", room / "out")
    assert (code, err) == (0, "")
    assert out.startswith("files     2 (1 ok, 1 failed), 2 different documents\n")
    code, out, _ = call("status", room / "out", "--json")
    assert code == 0
    assert json.loads(out)["statuses"] == {"ok": 1, "failed": 1}


def test_query(call: Call, room: Path) -> None:
    (room / "m.csv").write_text("path,region\nin/a.pdf,云南\n", encoding="utf-8")
    call("run", "--manifest", room / "m.csv", "--out", room / "out")
    sql = "SELECT region, count(*) AS n FROM documents JOIN forms USING (document_id) GROUP BY region"
    assert call("query", room / "out", sql, "--format", "csv") == (0, "region,n\n云南,1\n", "")
    assert json.loads(call("query", room / "out", sql, "--format", "json")[1]) == [{"region": "云南", "n": 1}]
    code, out, err = call("query", room / "out", "SELECT x")
    assert (code, out) == (1, "")
    assert "Traceback" not in err


def test_evaluate(call: Call, room: Path) -> None:
    call("run", room / "in", "--out", room / "out")
    (room / "indicators.csv").write_text("path,row,name\na.pdf,1,交通安全宣传资料印制\na.pdf,2,错\n", encoding="utf-8")
    command = ("evaluate", room / "out", room / "indicators.csv")
    code, out, err = call(*command, "--wrong", room / "wrong.csv")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].split() == ["overall", "2", "1", "1", "0", "0", "0.5000"]
    assert len((room / "wrong.csv").read_text("utf-8-sig").splitlines()) == 2
    code, out, _ = call(*command, "--min-accuracy", "0.5", "--min-accuracy", "indicators.name=0.51", "--json")
    assert code == 4
    assert json.loads(out)["floors_missed"] == [{"floor": "indicators.name", "share": 0.51}]
    code, _, err = call(*command, "--min-accuracy", "funds=0.5")
    assert code == 1
    assert "says nothing of" in err


def test_a_pipe_may_be_closed_early(call: Call, room: Path) -> None:
    call("run", room / "in", "--out", room / "out")
    command = f"{sys.executable} -m cli query {room / 'out'} 'SELECT * FROM range(1000000)' --format csv | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("range\n", "")


def test_no_heavy_library_is_loaded_by_the_command_line() -> None:
    heavy = ("pandas", "pyarrow", "duckdb", "fsspec", "s3fs", "botocore", "numpy")
    script = f"import sys, cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
