"""What a run keeps, skips, replaces, survives and reports; with a reader that does what the file's first word says."""

import csv
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag

import pyarrow.parquet as pq
import pytest

import extract
import normalize
import pipeline_options
from literal import FUND, INDICATOR, RESULT, read_literal
from model import Code, Content, Document, DocumentError, ErrorCode, Finding, Form, Method, Page, Severity, Status
from output.catalogue import CatalogueError
from pipeline import (
    Event,
    ExitCode,
    Format,
    Options,
    Partition,
    Summary,
    TableEngine,
    read_file,
    read_file_apart,
    read_pages_apart,
    run,
)
from pipeline_read import Reading, better_reading, is_worth_a_second

OPTIONS = Options(workers=2, timeout_s=20, memory_mb=400)
SHORT = replace(OPTIONS, timeout_s=4)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def _fill(inbox: Path, **words: str) -> None:
    for name, word in words.items():
        (inbox / f"{name}.pdf").write_text(f"{word} {name}")


def _run(
    inbox: Path,
    *,
    options: Options = OPTIONS,
    on_event: Callable[[Event], None] = lambda _: None,
    stop: Flag | None = None,
) -> Summary:
    return run([inbox], inbox.parent / "out", options, on_event, stop=stop, read=read_literal)


def _calls(inbox: Path) -> list[str]:
    file = inbox.parent / "calls"
    calls = sorted(file.read_text().split()) if file.exists() else []
    file.write_text("")
    return calls


def _column(inbox: Path, table: str, column: str) -> list[object]:
    return list(pq.read_table(inbox.parent / "out" / f"{table}.parquet")[column].to_pylist())


def _state(out: Path) -> dict[str, tuple[str, int]]:
    """Bytes and time of change of each output file."""
    files = [file for file in out.iterdir() if file.is_file()]
    assert len(files) == 11
    return {file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns) for file in files}


# -- the ends of a run ------------------------------------------------------------------------------------------------


def test_every_document_read(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok")
    summary = _run(inbox)
    assert summary.exit_code == ExitCode.ALL_READ == 0
    assert (summary.files, summary.known, summary.forms, summary.indicators) == (2, 0, 2, 4)
    assert summary.findings == {Severity.INFO: 4, Severity.WARNING: 4, Severity.ERROR: 0}
    assert summary.written
    assert _column(inbox, "documents", "path") == [str(inbox / "a.pdf"), str(inbox / "b.pdf")]
    assert len(_column(inbox, "indicators", "form_id")) == 4


def test_bad_documents_harm_no_other(inbox: Path) -> None:
    words = ("ok", "abort", "hang", "memory", "exit", "killed", "damaged")
    _fill(inbox, **{f"{n}{word}": word for n, word in enumerate(words)}, z="ok", y="killed-once")
    summary = _run(inbox, options=SHORT)
    assert summary.exit_code == ExitCode.SOME_FAILED == 3
    codes = dict(zip(_column(inbox, "documents", "path"), _column(inbox, "documents", "error_code"), strict=True))
    assert {Path(str(path)).stem: code for path, code in codes.items()} == {
        "0ok": None, "1abort": "crashed", "2hang": "timeout", "3memory": "out_of_memory", "4exit": "crashed",
        "5killed": "out_of_memory", "6damaged": "damaged", "z": None, "y": None,
    }  # fmt: skip
    assert len(_column(inbox, "forms", "form_id")) == 3
    assert [failure.code for failure in summary.failures] == [
        ErrorCode.CRASHED, ErrorCode.TIMEOUT, ErrorCode.OUT_OF_MEMORY, ErrorCode.CRASHED, ErrorCode.OUT_OF_MEMORY,
        ErrorCode.DAMAGED,
    ]  # fmt: skip
    assert all(error for error, code in zip(_column(inbox, "documents", "error"), codes.values(), strict=True) if code)


def test_a_failed_document_keeps_its_facts(inbox: Path) -> None:
    (inbox / "a.pdf").write_bytes(b"abort %PDF-1.4")
    _run(inbox)
    (row,) = pq.read_table(inbox.parent / "out" / "documents.parquet").to_pylist()
    assert row["document_id"] == hashlib.sha256(b"abort %PDF-1.4").hexdigest()
    assert (row["size_bytes"], row["media_type"], row["status"]) == (14, "application/pdf", "failed")
    assert (row["pages"], row["forms"], row["indicators"]) == (None, 0, 0)


def test_nothing_to_read(inbox: Path) -> None:
    assert _run(inbox).exit_code == ExitCode.NOTHING_READ == 2
    _fill(inbox, a="damaged")
    assert _run(inbox).exit_code == ExitCode.NOTHING_READ


def test_missing_files_are_listed(inbox: Path) -> None:
    _fill(inbox, a="ok")
    out = inbox.parent / "out"
    summary = run([inbox / "a.pdf", inbox / "gone.pdf", inbox], out, OPTIONS, read=read_literal)
    assert summary.exit_code == ExitCode.SOME_FAILED
    assert _column(inbox, "documents", "error_code") == [None, "not_found"]
    assert _column(inbox, "documents", "document_id")[1] is None
    before = _state(out)
    again = run([inbox / "a.pdf", inbox / "gone.pdf", inbox], out, OPTIONS, read=read_literal)
    assert again.exit_code == ExitCode.SOME_FAILED
    assert _state(out) == before


def test_a_file_that_is_no_file(inbox: Path) -> None:
    os.mkfifo(inbox / "a.pdf")
    assert _run(inbox).failures[0].code is ErrorCode.NOT_A_PDF


def test_a_floor_of_rows(inbox: Path) -> None:
    _fill(inbox, a="ok", b="damaged")
    assert _run(inbox, options=replace(OPTIONS, min_rows=2)).exit_code == ExitCode.SOME_FAILED
    summary = _run(inbox, options=replace(OPTIONS, min_rows=3))
    assert summary.exit_code == ExitCode.BELOW_FLOOR == 4
    assert _column(inbox, "forms", "form_no") == [1]


def test_fail_fast_stops_and_writes(inbox: Path) -> None:
    _fill(inbox, a="ok", b="damaged", **{f"c{n}": "ok" for n in range(9)})
    summary = _run(inbox, options=replace(OPTIONS, workers=1, fail_fast=True))
    assert summary.exit_code == ExitCode.SOME_FAILED
    assert summary.stopped_early
    assert _column(inbox, "documents", "status") == ["ok", "failed"]
    assert _calls(inbox) == ["a.pdf", "b.pdf"]


def test_fail_fast_at_the_first_is_not_nothing_to_read(inbox: Path) -> None:
    _fill(inbox, a="damaged", b="ok", c="ok")
    assert _run(inbox, options=replace(OPTIONS, workers=1, fail_fast=True)).exit_code == ExitCode.SOME_FAILED


def test_stop_writes_what_was_finished(inbox: Path) -> None:
    _fill(inbox, **{f"a{n}": "slow" for n in range(8)})
    stop = Flag()
    summary = _run(inbox, options=replace(OPTIONS, workers=1), on_event=lambda event: stop.set(), stop=stop)
    assert summary.exit_code == ExitCode.INTERRUPTED == 130
    assert _column(inbox, "documents", "status") == ["ok"]
    assert _run(inbox).exit_code == ExitCode.ALL_READ
    assert sum(Counter(_calls(inbox)).values()) <= 9
    assert len(_column(inbox, "documents", "status")) == 8


def test_events_tell_all(inbox: Path) -> None:
    _fill(inbox, a="ok", b="damaged")
    events: list[Event] = []
    _run(inbox, on_event=events.append)
    assert [(event.done, event.total) for event in events] == [(1, 2), (2, 2)]
    assert {Path(event.path).name: (event.known, event.outcome.status) for event in events} == {
        "a.pdf": (False, Status.OK), "b.pdf": (False, Status.FAILED),
    }  # fmt: skip


# -- nothing twice ----------------------------------------------------------------------------------------------------


def test_a_second_run_does_nothing(inbox: Path) -> None:
    _fill(inbox, a="ok", b="damaged", c="abort")
    _run(inbox)
    before = _state(inbox.parent / "out")
    assert _calls(inbox) == ["a.pdf", "b.pdf", "c.pdf", "c.pdf"]  # a crash is tried again with more room
    summary = _run(inbox)
    assert _calls(inbox) == []
    assert _state(inbox.parent / "out") == before
    assert (summary.known, summary.written) == (3, False)
    assert summary.exit_code == ExitCode.SOME_FAILED
    assert (summary.forms, summary.indicators, len(summary.failures)) == (1, 2, 2)


def test_a_touched_file_is_not_read_again(inbox: Path) -> None:
    _fill(inbox, a="ok")
    _run(inbox)
    before = _state(inbox.parent / "out")
    _calls(inbox)
    os.utime(inbox / "a.pdf", (1, 1))
    assert _run(inbox).known == 1
    assert _calls(inbox) == []
    assert _state(inbox.parent / "out") == before


def test_new_and_changed_documents(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok")
    _run(inbox)
    _calls(inbox)
    old = hashlib.sha256(b"ok b").hexdigest()
    (inbox / "b.pdf").write_text("ok b changed")
    _fill(inbox, c="ok")
    _run(inbox)
    assert _calls(inbox) == ["b.pdf", "c.pdf"]
    ids = _column(inbox, "documents", "document_id")
    assert ids == [hashlib.sha256(text).hexdigest() for text in (b"ok a", b"ok b changed", b"ok c")]
    for table in ("forms", "findings"):
        assert old not in _column(inbox, table, "document_id")


def test_removed_inputs_stay(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok")
    _run(inbox)
    (inbox / "a.pdf").unlink()
    before = _state(inbox.parent / "out")
    assert _run(inbox).exit_code == ExitCode.ALL_READ
    assert _state(inbox.parent / "out") == before


def test_a_known_file_that_is_gone_keeps_its_rows(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok")
    _run(inbox)
    (inbox / "a.pdf").unlink()
    summary = run([inbox / "a.pdf", inbox / "b.pdf"], inbox.parent / "out", OPTIONS, read=read_literal)
    assert summary.exit_code == ExitCode.SOME_FAILED
    assert _column(inbox, "documents", "status") == ["ok", "ok"]


def test_the_same_bytes_under_many_names(inbox: Path) -> None:
    for name in ("a", "b", "c"):
        (inbox / f"{name}.pdf").write_text("ok same")
    summary = _run(inbox)
    assert len(_calls(inbox)) == 1
    assert (summary.files, summary.forms, summary.indicators) == (3, 1, 2)
    assert [Path(str(path)).name for path in _column(inbox, "documents", "path")] == ["a.pdf", "b.pdf", "c.pdf"]
    assert len(set(_column(inbox, "documents", "document_id"))) == 1
    assert len(_column(inbox, "forms", "form_id")) == 1
    (inbox / "d.pdf").write_text("ok same")
    assert _run(inbox).known == 4
    assert _calls(inbox) == []
    assert len(_column(inbox, "documents", "path")) == 4


def test_prune_removes_what_is_no_longer_given(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok", c="damaged")
    _run(inbox)
    (inbox / "a.pdf").unlink()
    (inbox / "c.pdf").unlink()
    summary = _run(inbox, options=replace(OPTIONS, prune=True))
    assert (summary.pruned, summary.written, summary.exit_code) == (2, True, ExitCode.ALL_READ)
    assert [Path(str(path)).name for path in _column(inbox, "documents", "path")] == ["b.pdf"]
    gone = hashlib.sha256(b"ok a").hexdigest()
    for table in ("forms", "findings"):
        assert gone not in _column(inbox, table, "document_id")
    before = _state(inbox.parent / "out")
    assert _run(inbox, options=replace(OPTIONS, prune=True)).pruned == 0
    assert _state(inbox.parent / "out") == before


def test_pruned_is_as_if_never_read(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    _fill(inbox, a="ok", b="ok", c="ok")
    _run(inbox)
    (inbox / "b.pdf").unlink()
    _run(inbox, options=replace(OPTIONS, prune=True))
    pruned = {name: value[0] for name, value in _state(inbox.parent / "out").items()}
    _run(inbox, options=replace(OPTIONS, overwrite=True))
    assert {name: value[0] for name, value in _state(inbox.parent / "out").items()} == pruned


def test_prune_keeps_everything_where_nothing_was_given(inbox: Path) -> None:
    """An input that is empty or away, as a disk that is not mounted, must not empty the tables."""
    _fill(inbox, a="ok", b="ok")
    _run(inbox)
    before = _state(inbox.parent / "out")
    away = inbox.rename(inbox.parent / "away")
    prune = replace(OPTIONS, prune=True)
    assert run([inbox], inbox.parent / "out", prune, read=read_literal).pruned == 0
    inbox.mkdir()
    assert run([inbox], inbox.parent / "out", prune, read=read_literal).pruned == 0
    inbox.rmdir()
    away.rename(inbox)
    (inbox / "a.pdf").touch()
    _run(inbox)
    listed = [Path(str(path)).name for path in _column(inbox, "documents", "path")]
    assert listed == ["a.pdf", "b.pdf"]  # a folder that opens again is no failed row any more
    assert _run(inbox, options=prune).pruned == 0
    assert {name: value[0] for name, value in _state(inbox.parent / "out").items() if name != "datapackage.json"} == {
        name: value[0] for name, value in before.items() if name != "datapackage.json"
    }


def test_prune_waits_for_a_run_that_comes_to_its_end(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok")
    _run(inbox)
    _fill(inbox, b="damaged", **{f"c{n}": "ok" for n in range(5)})
    (inbox / "a.pdf").unlink()
    options = replace(OPTIONS, workers=1, fail_fast=True, prune=True)
    assert _run(inbox, options=options).pruned == 0
    stop = Flag()
    stop.set()
    assert _run(inbox, options=replace(options, fail_fast=False), stop=stop).pruned == 0
    assert any(str(path).endswith("a.pdf") for path in _column(inbox, "documents", "path"))


def test_partitions_come_and_go(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok")
    out = inbox.parent / "out"
    _run(inbox)
    plain = _state(out)
    options = replace(OPTIONS, partition=Partition.FISCAL_YEAR)
    assert _run(inbox, options=options).written
    (file,) = out.glob("indicators/*/*.parquet")
    assert file.parent.name == "fiscal_year=2023"
    assert pq.ParquetFile(file).metadata.num_rows == 4
    assert not _run(inbox, options=options).written
    file.unlink()
    file.parent.rmdir()
    file.parent.parent.rmdir()
    assert _run(inbox, options=options).written
    assert file.exists()
    assert _run(inbox).written
    assert not (out / "indicators").exists()
    assert {name: value[0] for name, value in _state(out).items()} == {
        name: value[0] for name, value in plain.items()
    }


def test_a_file_changed_just_now_is_looked_at_again(inbox: Path) -> None:
    """Two changes within the clock of a file system have one time: the first run must not trust it."""
    _fill(inbox, a="ok")
    stat = (inbox / "a.pdf").stat()
    _run(inbox)
    (inbox / "a.pdf").write_text("ok b")
    os.utime(inbox / "a.pdf", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (inbox / "a.pdf").stat().st_size == stat.st_size
    _run(inbox)
    assert _column(inbox, "documents", "document_id") == [hashlib.sha256(b"ok b").hexdigest()]


def test_options_that_matter_read_again(inbox: Path) -> None:
    _fill(inbox, a="ok", b="hang")
    _run(inbox, options=replace(OPTIONS, timeout_s=2))
    _calls(inbox)
    _run(inbox, options=replace(OPTIONS, workers=1, timeout_s=2, memory_mb=500))
    assert _calls(inbox) == ["b.pdf"]
    _run(inbox, options=replace(OPTIONS, timeout_s=1, memory_mb=500))
    assert _calls(inbox) == ["b.pdf"]
    _run(inbox, options=replace(OPTIONS, timeout_s=1, memory_mb=500, table_engine=TableEngine.RULED))
    assert _calls(inbox) == ["a.pdf", "b.pdf"]


def test_another_version_reads_again(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(inbox, a="ok")
    _run(inbox)
    _calls(inbox)
    monkeypatch.setattr(pipeline_options, "version", lambda: "9.9")
    assert _run(inbox).known == 0
    assert _calls(inbox) == ["a.pdf"]


def test_overwrite_starts_afresh(inbox: Path) -> None:
    _fill(inbox, a="ok", b="ok")
    _run(inbox)
    (inbox / "a.pdf").unlink()
    _calls(inbox)
    _run(inbox, options=replace(OPTIONS, overwrite=True))
    assert _calls(inbox) == ["b.pdf"]
    assert [Path(str(path)).name for path in _column(inbox, "documents", "path")] == ["b.pdf"]


def test_missing_output_files_are_written_again(inbox: Path) -> None:
    _fill(inbox, a="ok")
    _run(inbox)
    before = {name: value[0] for name, value in _state(inbox.parent / "out").items()}
    (inbox.parent / "out" / "forms.csv").unlink()
    assert _run(inbox).written
    assert {name: value[0] for name, value in _state(inbox.parent / "out").items()} == before


def test_formats_may_change(inbox: Path) -> None:
    _fill(inbox, a="ok")
    _run(inbox, options=replace(OPTIONS, formats=(Format.CSV,)))
    out = inbox.parent / "out"
    assert not list(out.glob("*.parquet"))
    assert _run(inbox).written
    assert len(_state(out)) == 11


def test_order_does_not_depend_on_the_order_of_reading(inbox: Path) -> None:
    _fill(inbox, a="slow", b="ok", c="ok", d="slow", e="ok")
    _run(inbox)
    one = {name: value[0] for name, value in _state(inbox.parent / "out").items()}
    _run(inbox, options=replace(OPTIONS, overwrite=True, workers=1))
    assert {name: value[0] for name, value in _state(inbox.parent / "out").items()} == one


def test_file_names_of_other_systems(inbox: Path) -> None:
    name = os.fsdecode("自评表".encode("gbk")) + ".pdf"
    (inbox / name).write_text("ok x")
    (inbox / "=cmd|' calc'!A0\n.pdf").write_text("ok y")
    summary = _run(inbox)
    assert summary.exit_code == ExitCode.ALL_READ
    with (inbox.parent / "out" / "documents.csv").open(encoding="utf-8-sig", newline="") as handle:
        paths = [Path(row["path"]).name for row in csv.DictReader(handle)]
    assert paths[0] == "=cmd|' calc'!A0\n.pdf"
    assert "\ufffd" in paths[1]


def test_two_runs_at_once(inbox: Path) -> None:
    _fill(inbox, a="ok")

    def run_again(event: Event) -> None:
        with pytest.raises(CatalogueError, match="Another run"):
            _run(inbox)
        seen.append(event.path)

    seen: list[str] = []
    _run(inbox, on_event=run_again)
    assert len(seen) == 1


_SCRIPT = """
import sys
from pathlib import Path
from literal import read_literal
from pipeline import Options, run
if __name__ == "__main__":
    run([sys.argv[1]], sys.argv[2], Options(workers=2), lambda event: print(event.path, flush=True), read=read_literal)
"""


@pytest.mark.parametrize("documents_before_the_kill", [1, 5])
def test_a_killed_run_goes_on(inbox: Path, root: Path, documents_before_the_kill: int) -> None:
    _fill(inbox, **{f"a{n}": "slow" for n in range(12)})
    script = inbox.parent / "script.py"
    script.write_text(_SCRIPT)
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"}
    command = [sys.executable, str(script), str(inbox), str(inbox.parent / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        for _ in range(documents_before_the_kill):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    time.sleep(0.5)
    before = len(_calls(inbox))
    summary = _run(inbox)
    assert summary.known >= documents_before_the_kill
    assert before + len(_calls(inbox)) <= 12 + 3
    resumed = {name: value[0] for name, value in _state(inbox.parent / "out").items()}
    _run(inbox, options=replace(OPTIONS, overwrite=True))
    assert {name: value[0] for name, value in _state(inbox.parent / "out").items()} == resumed


_OWN_READER = """
def read_own(path, options):
    return read_literal(path, options)
"""


@pytest.mark.parametrize(("reader", "code"), [("read_literal", 0), ("read_own", 1)])
def test_a_script_whose_reader_needs_a_guard_is_told_so(inbox: Path, root: Path, reader: str, code: int) -> None:
    _fill(inbox, a="ok")
    script = inbox.parent / "script.py"
    bare = _SCRIPT.replace("read=read_literal", f"read={reader}").replace("if __name__", f"{_OWN_READER}if __name__")
    script.write_text(bare.replace('if __name__ == "__main__":', "if True:"))
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"}
    command = [sys.executable, script, inbox, inbox.parent / "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert done.returncode == code, done.stderr
    assert ("if __name__ == '__main__':" in done.stderr) is bool(code)
    script.write_text(bare)
    again = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert (again.returncode, again.stderr) == (0, "")
    assert _run(inbox).exit_code == ExitCode.ALL_READ


# -- one document -----------------------------------------------------------------------------------------------------

PAGE = Page(1, 595.0, 842.0, Method.TEXT, (), ())
READ = Document("cd" * 32, "a.pdf", "application/pdf", 100, "WPS", (PAGE, replace(PAGE, number=2)))
SCANNED = replace(READ, pages=(PAGE, replace(PAGE, number=2, method=Method.MIXED)))


def _stub(
    monkeypatch: pytest.MonkeyPatch,
    by_engine: dict[str, tuple[tuple[Form, ...], tuple[Finding, ...]]],
    page_findings: tuple[Finding, ...] = (),
    read: Document = READ,
) -> list[str]:
    """Put literals in place of both sides; returns the list of engines asked."""
    asked: list[str] = []

    def read_document(path: str | Path, *, engine: str = "auto", **_: object) -> Document:
        asked.append(engine)
        return replace(read, path=str(path))

    monkeypatch.setattr(extract, "read_document", read_document, raising=False)
    monkeypatch.setattr(extract, "join_pages", lambda document: Content((), page_findings), raising=False)
    monkeypatch.setattr(normalize, "normalize", lambda content, _: by_engine[asked[-1]], raising=False)
    return asked


FORM = RESULT.forms[0]
MISSING = Finding(Code.BLOCK_MISSING, "There is no money block.", "forms", form_id=FORM.head.form_id)
DOUBT = Finding(Code.RATE_MISMATCH, "The rate is not executed / final.", "funds", 1, form_id=FORM.head.form_id)
UNREAD = Finding(Code.PAGE_UNREAD, "Page 2 has no text.", "documents", page=2)


@pytest.mark.parametrize(
    ("forms", "findings", "status"),
    [
        ((FORM,), (), Status.OK),
        ((FORM,), (DOUBT, UNREAD), Status.OK),
        ((FORM,), (DOUBT, MISSING), Status.PARTIAL),
        ((), (), Status.NO_FORM),
        ((), (UNREAD,), Status.NO_FORM),
    ],
)
def test_status_follows_from_findings(
    monkeypatch: pytest.MonkeyPatch, forms: tuple[Form, ...], findings: tuple[Finding, ...], status: Status
) -> None:
    _stub(monkeypatch, {"ruled": (forms, findings)})
    result = read_file("a.pdf", Options(table_engine=TableEngine.RULED))
    assert result.document.status is status
    assert result.document.forms == len(forms)
    assert result.document.indicators == 2 * len(forms)
    assert (result.document.pages, result.document.pages_ocr) == (2, 0)
    assert result.document.version == pipeline_options.version()


def test_findings_are_given_once_and_with_their_document(monkeypatch: pytest.MonkeyPatch) -> None:
    _stub(monkeypatch, {"auto": ((FORM,), (UNREAD, DOUBT))}, (UNREAD,))
    assert read_file("a.pdf").findings == tuple(
        replace(finding, document_id="cd" * 32) for finding in (UNREAD, DOUBT)
    )


def test_the_time_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    _stub(monkeypatch, {"auto": ((), ())})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert read_file("a.pdf").document.extracted_at.isoformat() == "1970-01-02T00:00:00+00:00"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert read_file("a.pdf").document.extracted_at.utcoffset() is not None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DocumentError(ErrorCode.ENCRYPTED, "A password is needed."), ErrorCode.ENCRYPTED),
        (MemoryError(), ErrorCode.OUT_OF_MEMORY),
        (TypeError("int() argument"), ErrorCode.CRASHED),
        (RecursionError(), ErrorCode.CRASHED),
    ],
)
def test_what_breaks_off_is_a_failed_row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, code: ErrorCode
) -> None:
    def read_document(path: Path, **_: object) -> Document:
        raise error

    monkeypatch.setattr(extract, "read_document", read_document, raising=False)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 x")
    result = read_file(tmp_path / "a.pdf")
    assert (result.document.status, result.document.error_code) == (Status.FAILED, code)
    assert result.document.error
    assert result.document.document_id == hashlib.sha256(b"%PDF-1.7 x").hexdigest()
    assert result.forms == result.findings == ()


def test_an_amount_that_no_column_holds_fails_its_document_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from decimal import Decimal

    fund = replace(FORM.funds[0], final_cny=Decimal(10) ** 30)
    _stub(monkeypatch, {"auto": ((replace(FORM, funds=(fund,)),), ())})
    assert read_file("a.pdf").document.error_code is ErrorCode.CRASHED


@pytest.mark.parametrize("head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0"])
def test_broken_pictures_fail(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(head)
    document = read_file(tmp_path / "a.pdf").document
    assert document.error_code is ErrorCode.DAMAGED
    assert document.media_type is not None
    assert document.media_type.startswith("image/")
    assert "picture" in str(document.error)


def test_documents_with_scanned_pages_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _stub(monkeypatch, {"auto": ((FORM,), (MISSING,))}, read=SCANNED)
    assert read_file("a.pdf").document.pages_ocr == 1
    assert asked == ["auto"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, ErrorCode.NOT_FOUND),
        (b"", ErrorCode.EMPTY),
        (b"hello", ErrorCode.NOT_A_PDF),
        (b"%PDF-1.7\ngarbage", ErrorCode.DAMAGED),
    ],
)
def test_bad_files_in_a_child(tmp_path: Path, data: bytes | None, code: ErrorCode) -> None:
    file = tmp_path / "a.pdf"
    if data is not None:
        file.write_bytes(data)
    result = read_file_apart(file, Options(timeout_s=30))
    assert result.document.error_code is code
    assert len(str(result.document.error).split()) > 3
    with pytest.raises(DocumentError) as error:
        read_pages_apart(file, Options(timeout_s=30))
    assert error.value.code is code


# -- a second engine --------------------------------------------------------------------------------------------------


def _reading(rows: int, bad_rows: int, errors: int, code: Code = Code.ROW_UNPLACED) -> Reading:
    clean = [replace(INDICATOR, row=n, flags=("name_repaired",)) for n in range(rows)]
    bad = [replace(INDICATOR, row=n, flags=("number_not_understood",)) for n in range(bad_rows)]
    forms = (replace(FORM, indicators=(*clean, *bad)),) if rows or bad_rows else ()
    return Reading(READ, forms, tuple(Finding(code, "", row=n) for n in range(errors)))


@pytest.mark.parametrize(
    ("first", "second", "second_wins"),
    [
        ((10, 0, 1), (10, 0, 0), True),  # fewer errors
        ((10, 0, 1), (12, 0, 1), True),  # more rows
        ((10, 0, 1), (10, 0, 1), False),  # the same: the first
        ((10, 0, 1), (9, 0, 0), False),  # fewer errors, but rows lost
        ((10, 0, 1), (12, 0, 2), False),  # more rows, but more errors
        ((10, 0, 2), (0, 0, 0), False),  # nothing found has no errors
        ((0, 0, 1), (5, 0, 0), True),  # only the second found a form
        ((10, 2, 2), (12, 0, 0), True),
        ((10, 2, 2), (10, 4, 2), False),  # rows with errors do not count
    ],
)
def test_better_reading(first: tuple[int, int, int], second: tuple[int, int, int], second_wins: bool) -> None:
    one, two = _reading(*first), _reading(*second)
    chosen = better_reading(one, two)
    assert chosen.forms == (two if second_wins else one).forms
    assert [f.code for f in chosen.findings].count(Code.SECOND_ENGINE) == second_wins


def test_a_second_reading_that_understands_less_loses() -> None:
    one, two = _reading(10, 0, 1), _reading(10, 0, 0)
    without = tuple(replace(row, operator=None) for row in two.forms[0].indicators)
    assert better_reading(one, replace(two, forms=(replace(two.forms[0], indicators=without),))) is one
    amount = replace(FUND, adjustment_cny=None)
    first = replace(one, forms=(replace(one.forms[0], funds=(FUND,)),))
    assert better_reading(first, replace(two, forms=(replace(two.forms[0], funds=(amount,)),))) is first


@pytest.mark.parametrize(
    ("code", "contradicts"),
    [
        (Code.TABLE_CONTRADICTS, True),
        (Code.BLOCK_MISSING, True),
        (Code.ROW_UNPLACED, True),
        (Code.RATE_MISMATCH, False),
        (Code.NAME_TRUNCATED, False),
    ],
)
def test_contradictions(code: Code, contradicts: bool) -> None:
    assert is_worth_a_second(_reading(3, 0, 1, code)) is contradicts
    assert not is_worth_a_second(_reading(3, 0, 0))


def test_long_documents_are_not_read_again() -> None:
    reading = _reading(3, 0, 1)
    assert is_worth_a_second(reading)
    long = replace(reading.document, pages=READ.pages * 30)
    assert not is_worth_a_second(replace(reading, document=long))


def test_a_second_engine_that_breaks_off_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _stub(monkeypatch, {"auto": ((FORM,), (MISSING,))})
    result = read_file("a.pdf")  # there is no reading by pdfplumber: asking for it raises KeyError
    assert (result.document.status, result.document.forms) == (Status.PARTIAL, 1)
    assert [finding.code for finding in result.findings] == [Code.BLOCK_MISSING]


@pytest.mark.parametrize(
    ("engine", "findings", "asked"),
    [
        (TableEngine.AUTO, (), ["auto"]),
        (TableEngine.AUTO, (DOUBT,), ["auto"]),
        (TableEngine.AUTO, (MISSING,), ["auto", "pdfplumber"]),
        (TableEngine.RULED, (MISSING,), ["ruled"]),
        (TableEngine.PDFPLUMBER, (MISSING,), ["pdfplumber"]),
    ],
)
def test_the_second_engine_is_asked_on_contradiction(
    monkeypatch: pytest.MonkeyPatch, engine: TableEngine, findings: tuple[Finding, ...], asked: list[str]
) -> None:
    readings = dict.fromkeys(("auto", "ruled"), ((FORM,), findings))
    readings["pdfplumber"] = ((FORM,), findings if engine is TableEngine.PDFPLUMBER else ())
    calls = _stub(monkeypatch, readings)
    result = read_file("a.pdf", Options(table_engine=engine))
    assert calls == asked
    assert (Code.SECOND_ENGINE in [f.code for f in result.findings]) == (len(asked) == 2)
