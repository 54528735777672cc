"""How a folder stands, and the command that reads again just what failed."""

import shlex
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from literal import failed_result, result_of
from model import Code, ErrorCode
from output.catalogue import Catalogue, FileMark
from output.outcome import key_to_result_id, pack, packed_to_outcome
from output.runs import Run, begin_run, end_run, read_runs
from output.status import (
    Standing,
    read_standing,
    retry_command,
    retry_lines,
    standing_lines,
    standing_to_json,
)
from output.stored import StoredError
from pipeline import Format, Options, publish


def _mark(name: str) -> FileMark:
    return FileMark(name.encode(), name, 1, 1)


def _store(catalogue: Catalogue, *names: str, code: ErrorCode | None = None) -> None:
    """Store a document that all these files hold; a failed one where there is a code."""
    document_id = names[0][0] * 64
    result = result_of(document_id) if code is None else failed_result(None, code, "Look again.")
    result_id = document_id if code is None else key_to_result_id(_mark(names[0]).key)
    packed = pack(result)
    catalogue.store(packed_to_outcome(result_id, "v", packed), packed, [_mark(name) for name in names])


def _folder(out: Path, formats: tuple[Format, ...] = (Format.PARQUET,)) -> Path:
    with Catalogue(out) as catalogue:
        number = begin_run(catalogue.connection, "0.1.0", ("--ocr", "never"))
        _store(catalogue, "a.pdf", "b.pdf")
        _store(catalogue, "c.pdf", code=ErrorCode.TIMEOUT)
        _store(catalogue, "d.pdf", code=ErrorCode.DAMAGED)
        _store(catalogue, "e.pdf", code=ErrorCode.DAMAGED)
        if formats:
            publish(catalogue, out, Options(formats=formats))
        end_run(catalogue.connection, number, 5, 1, 8, 3)
    return out


@pytest.mark.parametrize("formats", [(Format.PARQUET,), (Format.CSV,), (Format.CSV, Format.PARQUET)])
def test_counts(tmp_path: Path, formats: tuple[Format, ...]) -> None:
    standing = read_standing(_folder(tmp_path / "out", formats))
    assert (standing.files, standing.documents, standing.forms, standing.indicators) == (5, 4, 1, 2)
    assert standing.statuses == {"ok": 2, "failed": 3}
    assert standing.failures == {"damaged": 2, "timeout": 1}
    assert list(standing.failures) == ["damaged", "timeout"]
    assert standing.findings == {
        "actual_implausible": 1, "page_unread": 1, "money_unit_corrected": 1, "name_cleaned": 1,
    }  # fmt: skip
    (run,) = standing.runs
    assert (run.files, run.known, run.pages, run.exit_code, run.is_at_work) == (5, 1, 8, 3, False)


def test_for_a_person(tmp_path: Path) -> None:
    lines = list(standing_lines(read_standing(_folder(tmp_path / "out"))))
    assert lines[0] == "files     5 (2 ok, 3 failed), 4 different documents"
    assert "5 files, 1 known from before, exit code 3" in lines[2]
    assert "documents and" in lines[3]
    out = shlex.quote(str(tmp_path / "out"))
    assert f"  2 damaged, read again by: zipingbiao run --retry damaged --ocr never --out {out}" in lines
    assert f"  1 timeout, read again by: zipingbiao run --retry timeout --ocr never --timeout 240 --out {out}" in lines
    assert "  1 warning page_unread" in lines
    assert "  1 info    name_cleaned" in lines


def test_for_a_program(tmp_path: Path) -> None:
    found = standing_to_json(read_standing(_folder(tmp_path / "out")))
    assert found["statuses"] == {"ok": 2, "failed": 3}
    assert [failure["code"] for failure in found["failures"]] == ["damaged", "timeout"]  # type: ignore[attr-defined]
    assert {"code": "page_unread", "severity": "warning", "count": 1} in found["findings"]  # type: ignore[operator]
    assert found["runs"][0]["exit_code"] == 3  # type: ignore[index]


def test_while_a_run_is_at_work(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "out") as catalogue:
        begin_run(catalogue.connection, "0.1.0", ())
        _store(catalogue, "a.pdf")
        standing = read_standing(tmp_path / "out")  # the lock is not asked for
    assert standing.runs[0].is_at_work
    assert standing.findings is None
    assert "at work" in "\n".join(standing_lines(standing))


def test_a_run_that_was_killed(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "out") as catalogue:
        number = begin_run(catalogue.connection, "0.1.0", ())
        catalogue.connection.execute("UPDATE runs SET pid = 4194305 WHERE number = ?", (number,))
    assert "did not finish" in "\n".join(standing_lines(read_standing(tmp_path / "out")))


def test_the_speed_is_that_of_the_last_run_that_read(tmp_path: Path) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)

    def run(files: int, known: int, pages: int, seconds: int) -> Run:
        return Run("0.1.0", (), "h", 1, began, began + timedelta(seconds=seconds), files, known, pages, 0)

    runs = (run(10, 10, 0, 1), run(10, 4, 30, 3), run(9, 0, 9, 9))
    standing = Standing(tmp_path, 10, 10, {"ok": 10}, {}, 0, 0, {}, runs)
    assert standing.last_work == runs[1]
    assert "speed     2.0 documents and 10.0 pages a second, 2026-01-01 00:00:00 UTC" in list(standing_lines(standing))


def test_catalogues_of_before_the_journal(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "out") as catalogue:
        _store(catalogue, "a.pdf")
        assert read_runs(catalogue.connection, 5) == []
    assert "none is noted" in "\n".join(standing_lines(read_standing(tmp_path / "out")))


def test_folders_without_a_catalogue(tmp_path: Path) -> None:
    with pytest.raises(StoredError, match="holds no catalogue"):
        read_standing(tmp_path)
    (tmp_path / ".zipingbiao").mkdir()
    (tmp_path / ".zipingbiao" / "catalogue.sqlite").write_text("no database")
    with pytest.raises(StoredError, match="cannot be read"):
        read_standing(tmp_path)


def test_asking_changes_nothing(tmp_path: Path) -> None:
    out = _folder(tmp_path / "out")
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    read_standing(out)
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("code", "arguments", "words"),
    [
        ("damaged", (), []),
        ("timeout", (), ["--timeout", "240"]),
        ("timeout", ("--timeout", "7.5", "--format", "csv"), ["--timeout", "15", "--format", "csv"]),
        ("out_of_memory", ("--timeout", "7"), ["--timeout", "7", "--memory-mb", "4096"]),
        ("out_of_memory", ("--memory-mb", "500000"), ["--memory-mb", "1000000"]),
    ],
)
def test_the_command_doubles_the_limit_that_ended_it(code: str, arguments: tuple[str, ...], words: list[str]) -> None:
    command = shlex.split(retry_command(Path("my out"), code, arguments))
    assert command == ["zipingbiao", "run", "--retry", code, *words, "--out", "my out"]


def test_the_doubled_defaults_are_twice_the_defaults() -> None:
    assert f"--timeout {2 * Options().timeout_s:g} " in retry_command(Path("o"), "timeout", ())
    assert f"--memory-mb {2 * Options().memory_mb} " in retry_command(Path("o"), "out_of_memory", ())


def test_most_frequent_first() -> None:
    lines = list(retry_lines(Path("o"), {"crashed": 1, "damaged": 2, "empty": 2}, ()))
    assert [line.split()[:2] for line in lines] == [["2", "damaged,"], ["2", "empty,"], ["1", "crashed,"]]


def test_every_code_has_its_severity(tmp_path: Path) -> None:
    standing = Standing(tmp_path, 0, 0, {}, {}, 0, 0, {code.value: 1 for code in Code}, ())
    assert len(list(standing_lines(standing))) == 4 + len(Code)


def test_a_catalogue_on_a_disk_that_cannot_be_written(tmp_path: Path) -> None:
    out = _folder(tmp_path / "out")
    for file in (out / ".zipingbiao").iterdir():
        file.chmod(0o444)
    (out / ".zipingbiao").chmod(0o555)
    try:
        assert read_standing(out).files == 5
    finally:
        (out / ".zipingbiao").chmod(0o755)
    with sqlite3.connect(out / ".zipingbiao" / "catalogue.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (1,)
