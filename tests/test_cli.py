"""The command line: what it accepts, prints and exits with. Reading itself is done by literals."""

import contextlib
import fcntl
import io
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
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import typer

import cli
import pipeline
from literal import HEAD, RESULT, read_literal
from model import Box, Cell, Document, DocumentError, ErrorCode, Method, Page, Result, Table
from output.show import print_result, print_tables, table_to_json, to_printable
from pipeline import Format, Options

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
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pdf").write_text("ok a")
    return folder


def _zipingbiao(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, arguments)],
        cwd=Path(__file__).parents[1],
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


# -- wrong usage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-command"],
        ["run"],
        ["run", "a.pdf"],
        ["run", "--out", "out"],
        ["run", "a.pdf", "--out", "out", "--no-such-option"],
        ["run", "a.pdf", "--out", "out", "--format", "xlsx"],
        ["run", "a.pdf", "--out", "out", "--workers", "0"],
        ["run", "a.pdf", "--out", "out", "--timeout", "soon"],
        ["run", "a.pdf", "--out", "out", "--ocr", "sometimes"],
        ["run", "a.pdf", "--out", "out", "--engine", "spark"],
        ["run", "a.pdf", "--out", "out", "--address", "127.0.0.1:6379"],
        ["run", "a.pdf", "--out", "out", "--table-engine", "tabula"],
        ["show"],
        ["tables", "a.pdf", "--pages", "0"],
        ["tables", "a.pdf", "--pages", "3-1"],
        ["tables", "a.pdf", "--pages", "all"],
    ],
)
def test_wrong_usage_exits_with_1(
    call: Call, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = call(*arguments)
    assert code == 1
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["schema", "--help"]])
def test_help_is_no_error(call: Call, arguments: list[str]) -> None:
    code, out, err = call(*arguments)
    assert (code, err) == (0, "")
    assert "zipingbiao" in out


def test_help_names_all_options_of_the_contract(call: Call) -> None:
    _, out, _ = call("run", "--help")
    for option in (
        "--format", "--workers", "--ocr", "--timeout", "--memory-mb", "--overwrite", "--fail-fast", "--engine",
        "--address", "--progress", "--no-progress", "--log-json", "--excel-safe", "--min-rows", "--table-engine",
        "--out",
    ):  # fmt: skip
        assert option in out, option


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("csv", (Format.CSV,)),
        ("csv,parquet", (Format.CSV, Format.PARQUET)),
        ("parquet, CSV,parquet", (Format.PARQUET, Format.CSV)),
    ],
)
def test_parse_formats(text: str, formats: tuple[Format, ...]) -> None:
    assert cli.parse_formats(text) == formats


@pytest.mark.parametrize(
    ("text", "pages"),
    [("1", (1,)), ("1,3-5", (1, 3, 4, 5)), ("5,1-2, 2", (1, 2, 5)), ("7-7", (7,))],
)
def test_parse_pages(text: str, pages: tuple[int, ...]) -> None:
    assert cli.parse_pages(text) == pages


@pytest.mark.parametrize("text", ["", "0", "-1", "1-", "a", "1;2", "2-1", "1,,2", "９"])
def test_parse_pages_refuses(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="no page"):
        cli.parse_pages(text)


def test_out_that_is_a_file(call: Call, inbox: Path) -> None:
    code, out, err = call("run", inbox, "--out", inbox / "a.pdf")
    assert (code, out) == (1, "")
    assert re.fullmatch(r".*a\.pdf cannot be written \(.*\)\. Check the folder, its rights and the disk\.\n", err)


# -- run --------------------------------------------------------------------------------------------------------------


def test_run_prints_a_summary(call: Call, inbox: Path, tmp_path: Path) -> None:
    code, out, err = call("run", inbox, "--out", tmp_path / "out")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "files     1 (1 ok), 0 known from before",
        "forms     1, indicator rows 2",
        "findings  2 info, 2 warning, 0 error",
        f"tables    written to {tmp_path / 'out'}",
    ]
    _, out, _ = call("run", inbox, "--out", tmp_path / "out")
    assert "1 known from before" in out
    assert "tables    unchanged" in out


def test_run_names_what_failed(call: Call, inbox: Path, tmp_path: Path) -> None:
    (inbox / "b.pdf").write_text("damaged b")
    code, out, err = call("run", inbox, tmp_path / "gone.pdf", "--out", tmp_path / "out")
    assert code == 3
    assert f"  damaged: {inbox / 'b.pdf'}: The file is cut. Download it again." in out.splitlines()
    assert f"  not_found: {tmp_path / 'gone.pdf'}: The file does not exist. Check the path." in out.splitlines()
    assert sorted(err.splitlines()) == sorted(
        [
            f"{inbox / 'b.pdf'}: The file is cut. Download it again.",
            f"{tmp_path / 'gone.pdf'}: The file does not exist. Check the path.",
        ]
    )


@pytest.mark.parametrize(
    ("word", "options", "expected"),
    [
        ("ok", [], 0),
        ("damaged", [], 2),
        ("ok", ["--min-rows", 3], 4),
        ("ok", ["--min-rows", 2], 0),
        ("abort", ["--workers", 1], 2),
        ("hang", ["--timeout", 1], 2),
        ("memory", ["--memory-mb", 200], 2),
    ],
)
def test_exit_codes(call: Call, inbox: Path, tmp_path: Path, word: str, options: list[object], expected: int) -> None:
    (inbox / "a.pdf").write_text(f"{word} a")
    code, _, err = call("run", inbox, "--out", tmp_path / "out", *options)
    assert code == expected
    assert "Traceback" not in err


def test_an_empty_folder(call: Call, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    code, out, _ = call("run", tmp_path / "in", "--out", tmp_path / "out")
    assert code == 2
    assert out.startswith("files     0, 0 known")


def test_options_reach_the_files(call: Call, inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call("run", inbox, "--out", out, "--format", "csv", "--excel-safe")
    assert not list(out.glob("*.parquet"))
    assert "'=1+1" in (out / "funds.csv").read_text("utf-8-sig")


def test_log_json(call: Call, inbox: Path, tmp_path: Path) -> None:
    (inbox / "b.pdf").write_text("damaged b")
    _, _, err = call("run", inbox, "--out", tmp_path / "out", "--log-json")
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["event"] for line in lines] == ["document", "document", "summary"]
    by_name = {Path(line["path"]).name: line for line in lines[:2]}
    assert by_name["a.pdf"]["status"] == "ok"
    assert by_name["b.pdf"]["error_code"] == "damaged"
    assert {line["total"] for line in lines[:2]} == {2}
    assert lines[2]["statuses"] == {"ok": 1, "failed": 1}
    assert lines[2]["exit_code"] == 3


def test_prune_and_partition(call: Call, inbox: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (inbox / "b.pdf").write_text("ok b")
    call("run", inbox, "--out", out, "--partition", "fiscal_year")
    assert len(list(out.glob("forms/fiscal_year=2023/part-*.parquet"))) == 1
    (inbox / "b.pdf").unlink()
    code, printed, _ = call("run", inbox, "--out", out)
    assert (code, "removed" in printed) == (0, False)
    code, printed, err = call("run", inbox, "--out", out, "--prune", "--log-json")
    assert "removed   1 that are no longer among the inputs (--prune)" in printed.splitlines()
    assert json.loads(err.splitlines()[-1])["pruned"] == 1
    code, _, err = call("run", inbox, "--out", out, "--partition", "department")
    assert code == 1
    assert "fiscal_year" in err


def test_a_folder_in_the_way_of_partitions(call: Call, inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "funds").mkdir(parents=True)
    (tmp_path / "out" / "funds" / "mine.txt").write_text("mine")
    code, _, err = call("run", inbox, "--out", tmp_path / "out", "--partition", "fiscal_year")
    assert code == 1
    assert "holds other files than partitions; move them" in err


def test_a_run_in_use(call: Call, inbox: Path, tmp_path: Path) -> None:
    from output.catalogue import Catalogue

    with Catalogue(tmp_path / "out"):
        code, _, err = call("run", inbox, "--out", tmp_path / "out")
    assert code == 1
    assert "Another run is writing" in err


_SLOW = """
import sys
from functools import partial
import cli, pipeline
from literal import read_literal
if __name__ == "__main__":
    pipeline.run = partial(pipeline.run, read=read_literal)
    cli.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_in_good_order(inbox: Path, tmp_path: Path, root: Path, number: signal.Signals) -> None:
    for n in range(40):
        (inbox / f"s{n:02}.pdf").write_text(f"slow {n}")
    (tmp_path / "script.py").write_text(_SLOW)
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"}
    command = [sys.executable, tmp_path / "script.py", "run", inbox, "--out", tmp_path / "out", "--log-json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, encoding="utf-8"
    ) as process:
        assert process.stderr is not None
        assert json.loads(process.stderr.readline())["done"] == 1
        process.send_signal(number)
        started = time.monotonic()
        out, err = process.communicate(timeout=30)
    assert time.monotonic() - started < 15
    assert process.returncode == 130
    assert "by a signal" in out
    assert "Traceback" not in err
    documents = (tmp_path / "out" / "documents.csv").read_text("utf-8-sig").splitlines()
    assert 2 <= len(documents) < 40


def _on_terminal(command: list[object], environment: dict[str, str]) -> str:
    """What a command prints on a terminal of 100 columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    with subprocess.Popen(command, stdout=follower, stderr=follower, env=environment) as process:  # type: ignore[arg-type]
        os.close(follower)
        chunks = []
        with contextlib.suppress(OSError):  # Linux ends a terminal whose other side is closed with EIO
            while chunk := os.read(leader, 65536):
                chunks.append(chunk)
        process.wait(30)
    os.close(leader)
    return b"".join(chunks).decode()


@pytest.mark.parametrize(("option", "bar"), [("--progress", True), ("--no-progress", False), ("--log-json", False)])
def test_progress_bar_on_a_terminal(inbox: Path, tmp_path: Path, root: Path, option: str, bar: bool) -> None:
    (tmp_path / "script.py").write_text(_SLOW)
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}", "TERM": "xterm"}
    (inbox / "s.pdf").write_text("slow s")
    command = [sys.executable, tmp_path / "script.py", "run", inbox, "--out", tmp_path / "out", option]
    printed = _on_terminal(command, environment)
    assert ("━" in printed) is bar
    assert "tables    written" in printed


def test_no_bar_in_a_pipe(call: Call, inbox: Path, tmp_path: Path) -> None:
    code, out, err = call("run", inbox, "--out", tmp_path / "out", "--progress")
    assert code == 0
    assert "━" not in out + err


# -- show -------------------------------------------------------------------------------------------------------------


def _shown(result: Result, width: int = 140) -> str:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_result(result, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_show_prints_rows_and_findings_beside_them(call: Call, monkeypatch: pytest.MonkeyPatch, inbox: Path) -> None:
    monkeypatch.setattr(pipeline, "read_file_apart", lambda path, options: replace(RESULT))
    code, out, err = call("show", inbox / "a.pdf")
    assert (code, err) == (0, "")
    assert "2023年度部门整体支出绩效自评表" in out
    for text in ("曲靖市公安局交通警察支队", "170,294,599.63", "交通安全宣传资料印制", "3330000 份"):
        assert text in out
    lines = out.splitlines()
    name = next(n for n, line in enumerate(lines) if "项目完成时间" in line)
    finding = next(n for n, line in enumerate(lines) if "name_cleaned" in line)
    assert finding < name
    assert "Page 3 has no text." in out[out.index("Findings of the document") :]


def test_show_aligns_wide_characters() -> None:
    from rich.cells import cell_len

    lines = _shown(RESULT, 140).splitlines()
    targets = (">= 350000 份", "<= 2018-10-31")
    places = [cell_len(line[: line.index(word)]) for line in lines for word in targets if word in line]
    assert len(places) == 2
    assert len(set(places)) == 1


def test_hostile_text_is_printed_harmlessly() -> None:
    form = RESULT.forms[0]
    text = "\x1b[2J\x1b]0;title\x07[red]mark[/red]\u202edetrever"
    hostile = replace(form, head=replace(HEAD, title=text, department=text))
    shown = _shown(replace(RESULT, forms=(hostile,)))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]mark[/red]" in shown
    assert to_printable("a\x1b\nb\udc80") == "a�\nb�"


def test_show_a_bad_file() -> None:
    done = _zipingbiao("show", "no/such/file.pdf")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"no/such/file\.pdf.+\n", done.stderr)


# -- tables -----------------------------------------------------------------------------------------------------------

CELLS = (
    Cell(0, 0, 0, 1, "项目名称", Box(10, 20, 110.123456, 40), 1),
    Cell(1, 1, 0, 0, "a b", Box(10, 40, 60, 60), 1, shown="a"),
    Cell(1, 1, 1, 1, "", Box(60, 40, 110.1, 60), 1),
)
TABLE = Table(1, 1, Method.TEXT, "ruled", Box(10, 20, 110.1, 60), 2, 2, CELLS)
DOCUMENT = Document("ab" * 32, "a.pdf", "application/pdf", 1, None, (Page(1, 595, 842, Method.TEXT, (TABLE,), ()),))


def test_table_to_json_has_the_contracts_keys() -> None:
    assert table_to_json(TABLE) == {
        "page": 1,
        "method": "text",
        "bbox": [10, 20, 110.1, 60],
        "rows": 2,
        "cols": 2,
        "cells": [
            {"r0": 0, "r1": 0, "c0": 0, "c1": 1, "text": "项目名称", "bbox": [10, 20, 110.12, 40]},
            {"r0": 1, "r1": 1, "c0": 0, "c1": 0, "text": "a b", "bbox": [10, 40, 60, 60]},
            {"r0": 1, "r1": 1, "c0": 1, "c1": 1, "text": "", "bbox": [60, 40, 110.1, 60]},
        ],
    }


def test_tables(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def read(path: Path, options: Options, pages: tuple[int, ...] | None) -> Document:
        asked.append((path, options.table_engine.value, pages))
        return DOCUMENT

    monkeypatch.setattr(pipeline, "read_pages_apart", read)
    code, out, _ = call("tables", "a.pdf", "--json", "--pages", "1,3-5", "--table-engine", "ruled")
    assert code == 0
    assert json.loads(out) == [table_to_json(TABLE)]
    assert asked == [(Path("a.pdf"), "ruled", (1, 3, 4, 5))]
    code, out, _ = call("tables", "a.pdf")
    assert code == 0
    assert "项目名称" in out


def test_tables_of_a_bad_file(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> Document:
        raise DocumentError(ErrorCode.DAMAGED, "The file is cut. Download it again.")

    monkeypatch.setattr(pipeline, "read_pages_apart", read)
    assert call("tables", "a.pdf", "--json") == (2, "", "a.pdf: The file is cut. Download it again.\n")


def test_print_tables_places_cells() -> None:
    from rich.console import Console

    console = Console(file=io.StringIO(), width=60)
    print_tables(DOCUMENT, console)
    assert isinstance(console.file, io.StringIO)
    assert "page 1, 2 rows x 2 columns, read as text" in console.file.getvalue()


# -- schema, streams, imports -----------------------------------------------------------------------------------------


def test_schema(call: Call) -> None:
    code, out, _ = call("schema")
    assert code == 0
    assert out.startswith("documents: ")
    code, out, _ = call("schema", "--markdown")
    assert out.startswith("# Data dictionary")
    assert "| name_repaired | info |" in out


def test_pipes_speak_utf8_in_any_locale() -> None:
    done = _zipingbiao("schema", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0
    assert "年初预算数" in done.stdout


def test_a_pipe_may_be_closed_early() -> None:
    command = f"{sys.executable} -m cli schema | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.startswith("documents:")
    assert done.stderr == ""


def test_import_is_light() -> None:
    heavy = ("pandas", "pyarrow", "jieba", "camelot", "pdfplumber", "numpy", "pypdfium2", "cv2", "PIL", "ray")
    script = f"import sys, cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
