"""Runs over inputs of all kinds: what is read, what is known, what manifests add, what is read again."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bulk import inputs_fetch
from listed import raw_zip, zipped
from literal import read_literal
from model import ErrorCode, Status
from paged import read_paged
from pipeline import ExitCode, Format, InputError, Options, PageEvent, Summary, read_tables, run
from store import Store, serving

OPTIONS = Options(workers=2, timeout_s=20, memory_mb=400)


def _run(room: Path, *inputs: str | Path, options: Options = OPTIONS) -> Summary:
    return run(inputs, room / "out", options, read=read_literal)


def _documents(room: Path) -> list[dict[str, object]]:
    rows = pq.read_table(room / "out" / "documents.parquet").to_pylist()
    return [{**row, "path": str(row["path"]).removeprefix(f"{room}/")} for row in rows]


def _column(room: Path, *names: str) -> list[object]:
    return [row[names[0]] if len(names) == 1 else tuple(row[name] for name in names) for row in _documents(room)]


def _reads(room: Path) -> int:
    """How many documents were read since this was asked last, wherever their files lay."""
    count = 0
    for file in (room / "calls", room / "out" / ".zipingbiao" / "calls"):
        if file.exists():
            count += len(file.read_text().splitlines())
            file.unlink()
    return count


def _fill(room: Path, **words: str) -> Path:
    (room / "in").mkdir(exist_ok=True)
    for name, word in words.items():
        (room / "in" / f"{name}.pdf").write_text(f"{word} {name}")
    return room / "in"


def _state(room: Path) -> dict[str, tuple[bytes, int]]:
    files = [file for file in (room / "out").iterdir() if file.is_file()]
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in files}


# -- archives ---------------------------------------------------------------------------------------------------------


def test_members_are_documents_like_others(tmp_path: Path) -> None:
    _fill(tmp_path, a="ok")
    (tmp_path / "in" / "b.zip").write_bytes(zipped({"x/a.pdf": b"ok a", "y.pdf": b"ok y", "z.pdf": b"damaged z"}))
    summary = _run(tmp_path, tmp_path / "in")
    assert summary.exit_code == ExitCode.SOME_FAILED
    assert _column(tmp_path, "path", "status") == [
        ("in/a.pdf", "ok"), ("in/b.zip!/x/a.pdf", "ok"), ("in/b.zip!/y.pdf", "ok"), ("in/b.zip!/z.pdf", "failed"),
    ]  # fmt: skip
    assert _reads(tmp_path) == 3  # the same bytes inside and outside are read once
    assert summary.forms == 2
    before = _state(tmp_path)
    assert _run(tmp_path, tmp_path / "in").known == 4
    assert _reads(tmp_path) == 0
    assert _state(tmp_path) == before
    assert not (tmp_path / "out" / ".zipingbiao" / "spool").exists()
    assert not (tmp_path / "out" / ".zipingbiao" / "listing.sqlite").exists()


def test_a_member_that_changes_is_replaced_and_its_neighbours_are_known(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(zipped({"x.pdf": b"ok x", "y.pdf": b"ok y"}))
    _run(tmp_path, archive)
    _reads(tmp_path)
    archive.write_bytes(zipped({"x.pdf": b"damaged x", "y.pdf": b"ok y", "z.pdf": b"ok z"}))
    assert _run(tmp_path, archive).known == 1
    assert _reads(tmp_path) == 2
    assert _column(tmp_path, "status") == ["failed", "ok", "ok"]


def test_an_archive_that_was_damaged_and_is_whole_again(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    data = zipped({"x.pdf": b"ok x"})
    archive.write_bytes(data[:-9])
    summary = _run(tmp_path, archive)
    assert [failure.code for failure in summary.failures] == [ErrorCode.DAMAGED]
    (row,) = _documents(tmp_path)
    assert (row["path"], row["media_type"], row["size_bytes"]) == ("a.zip", "application/zip", len(data) - 9)
    archive.write_bytes(data)
    assert _run(tmp_path, archive).exit_code == ExitCode.ALL_READ
    assert _column(tmp_path, "path") == ["a.zip!/x.pdf"]
    archive.write_bytes(data[:-9])
    assert _run(tmp_path, archive).exit_code == ExitCode.NOTHING_READ
    assert _column(tmp_path, "path", "status") == [("a.zip", "failed"), ("a.zip!/x.pdf", "ok")]


def test_hostile_members_are_rows(tmp_path: Path) -> None:
    _fill(tmp_path, a="ok")
    (tmp_path / "in" / "e.zip").write_bytes(raw_zip(b"../../e.pdf", b"ok e", flags=1))
    (tmp_path / "in" / "f.zip").write_bytes(raw_zip(b"/etc/f\n.pdf", b"ok f"))
    _run(tmp_path, tmp_path / "in")
    assert _column(tmp_path, "path", "error_code") == [
        ("in/a.pdf", None), ("in/e.zip!/../../e.pdf", "encrypted"), ("in/f.zip!//etc/f\n.pdf", None),
    ]  # fmt: skip
    assert _column(tmp_path, "document_id")[1] is None
    with (tmp_path / "out" / "documents.csv").open(encoding="utf-8-sig", newline="") as handle:
        assert [row["status"] for row in csv.DictReader(handle)] == ["ok", "failed", "ok"]


def test_prune_waits_until_all_can_be_listed(tmp_path: Path) -> None:
    """An archive that is cut for a night, and members behind it, must not empty the tables."""
    inbox = _fill(tmp_path, a="ok", b="ok")
    data = zipped({"x.pdf": b"ok x", "y.pdf": b"ok y"})
    (inbox / "c.zip").write_bytes(data)
    _run(tmp_path, inbox)
    (inbox / "b.pdf").unlink()
    (inbox / "c.zip").write_bytes(data[:-9])
    prune = replace(OPTIONS, prune=True)
    assert _run(tmp_path, inbox, options=prune).pruned == 0
    assert _column(tmp_path, "path")[-2:] == ["in/c.zip!/x.pdf", "in/c.zip!/y.pdf"]
    (inbox / "c.zip").write_bytes(zipped({"y.pdf": b"ok y"}))
    assert _run(tmp_path, inbox, options=prune).pruned == 2
    assert _column(tmp_path, "path") == ["in/a.pdf", "in/c.zip!/y.pdf"]


def test_prune_and_retry_exclude_each_other(tmp_path: Path) -> None:
    inbox = _fill(tmp_path, a="ok", b="damaged")
    _run(tmp_path, inbox)
    with pytest.raises(InputError, match="--prune would remove"):
        _run(tmp_path, options=replace(OPTIONS, prune=True, overwrite=True, retry=frozenset(ErrorCode)))
    assert _column(tmp_path, "status") == ["ok", "failed"]


def test_the_spool_is_bounded_by_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far the order of reading looks ahead."""
    monkeypatch.setattr(inputs_fetch, "_AHEAD_BYTES", 2500)
    members = {f"{n}.pdf": b"slow %d" % n + b" " * 1000 for n in range(16)}
    (tmp_path / "a.zip").write_bytes(zipped(members))
    spool = tmp_path / "out" / ".zipingbiao" / "spool"
    seen: list[int] = []
    run(
        [tmp_path / "a.zip"], tmp_path / "out", OPTIONS, lambda _: seen.append(len(list(spool.iterdir()))),
        read=read_literal,
    )  # fmt: skip
    assert len(seen) == 16
    assert max(seen) <= 5


def test_pages_of_members_are_told_under_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"x.pdf": b"ok x"}))
    heard: list[PageEvent] = []
    run([tmp_path / "a.zip"], tmp_path / "out", OPTIONS, on_pages=heard.append, read=read_paged)
    assert {event.path for event in heard} == {f"{tmp_path}/a.zip!/x.pdf"}


# -- remote -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    from moto.s3.models import s3_backends

    s3_backends.reset()
    with serving(monkeypatch) as served:
        yield served


def test_objects_that_did_not_change_are_not_downloaded(store: Store, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        store.put(f"2023/{name}.pdf", f"ok {name}".encode())
    store.put("m.zip", zipped({"x.pdf": b"ok x"}))
    assert _run(tmp_path, "s3://reports").exit_code == ExitCode.ALL_READ
    assert _column(tmp_path, "path") == [
        "s3://reports/2023/a.pdf", "s3://reports/2023/b.pdf", "s3://reports/2023/c.pdf", "s3://reports/m.zip!/x.pdf",
    ]  # fmt: skip
    assert _reads(tmp_path) == 4
    before = _state(tmp_path)
    store.asked.clear()
    again = _run(tmp_path, "s3://reports", "s3://reports/2023/a.pdf")
    assert (again.files, again.known) == (4, 4)
    assert store.downloads() == ["/reports/m.zip"]  # its directory
    assert _state(tmp_path) == before
    store.put("2023/b.pdf", b"ok a")  # changed, to bytes that are known
    store.asked.clear()
    assert _run(tmp_path, "s3://reports").known == 4
    assert store.downloads() == ["/reports/2023/b.pdf", "/reports/m.zip"]
    assert _reads(tmp_path) == 0


def test_objects_that_went_are_failed_rows_and_keep_what_they_gave(store: Store, tmp_path: Path) -> None:
    store.put("a.pdf", b"ok a")
    _run(tmp_path, "s3://reports/a.pdf", "s3://reports/gone.pdf")
    assert _column(tmp_path, "error_code") == [None, "not_found"]
    store.delete("a.pdf")
    summary = _run(tmp_path, "s3://reports/a.pdf", "s3://reports/gone.pdf")
    assert summary.exit_code == ExitCode.NOTHING_READ
    assert _column(tmp_path, "status") == ["ok", "failed"]


def test_a_crash_on_an_object_has_its_facts(store: Store, tmp_path: Path) -> None:
    store.put("a.pdf", b"abort %PDF-1.4")
    _run(tmp_path, "s3://reports")
    (row,) = _documents(tmp_path)
    assert (row["error_code"], row["size_bytes"], row["media_type"]) == ("crashed", 14, "application/pdf")


# -- manifests --------------------------------------------------------------------------------------------------------


def _manifest(room: Path, text: str, name: str = "m.csv") -> Options:
    (room / name).write_text(text, encoding="utf-8")
    return replace(OPTIONS, manifests=(room / name,))


def test_what_a_manifest_says_stands_behind_the_columns_of_documents(tmp_path: Path) -> None:
    _fill(tmp_path, a="ok", b="ok", c="ok")
    options = _manifest(tmp_path, "path,url,pages,地区\nin/a.pdf,https://x/a,9,云南\nin/b.pdf,=1+1,,\n")
    _run(tmp_path, tmp_path / "in", options=replace(options, excel_safe=True))
    assert _column(tmp_path, "path", "url", "given_pages", "地区") == [
        ("in/a.pdf", "https://x/a", "9", "云南"), ("in/b.pdf", "=1+1", None, None), ("in/c.pdf", None, None, None),
    ]  # fmt: skip
    head = (tmp_path / "out" / "documents.csv").read_text("utf-8-sig").splitlines()
    assert head[0].endswith(",version,extracted_at,url,given_pages,地区")
    assert head[2].endswith(",'=1+1,,")
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    fields = package["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in fields[-3:]] == ["url", "given_pages", "地区"]
    assert list(read_tables(tmp_path / "out")["documents"].columns[-3:]) == ["url", "given_pages", "地区"]


def test_the_described_files_are_valid_with_extra_columns(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    _fill(tmp_path, a="ok")
    _run(tmp_path, options=_manifest(tmp_path, "path,note\nin/a.pdf,x\n"))
    report = frictionless.Package(str(tmp_path / "out" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["message"])


def test_a_changed_extra_changes_the_row_and_reads_nothing(tmp_path: Path) -> None:
    _fill(tmp_path, a="ok", b="ok")
    _run(tmp_path, options=_manifest(tmp_path, "path,region\nin/a.pdf,x\nin/b.pdf,y\n"))
    assert _reads(tmp_path) == 2
    before = _state(tmp_path)
    _run(tmp_path, options=_manifest(tmp_path, "path,region\nin/a.pdf,x\nin/b.pdf,y\n"))
    assert _state(tmp_path) == before
    _run(tmp_path, options=_manifest(tmp_path, "path,region,note\nin/b.pdf,z,n\n"))
    assert _column(tmp_path, "region", "note") == [("x", None), ("z", "n")]
    assert _reads(tmp_path) == 0
    _run(tmp_path, tmp_path / "in")  # without a manifest it stays
    assert _column(tmp_path, "region") == ["x", "z"]
    _run(tmp_path, options=_manifest(tmp_path, "path\nin/a.pdf\nin/b.pdf\n"))
    assert "region" not in _documents(tmp_path)[0]


def test_the_last_line_about_a_document_counts(tmp_path: Path) -> None:
    _fill(tmp_path, a="ok")
    lines = ["path,region", "in/a.pdf,old", "./in/../in/a.pdf,new"]
    summary = _run(tmp_path, options=_manifest(tmp_path, "\n".join(lines)))
    assert summary.files == 1
    assert _column(tmp_path, "region") == ["new"]


def test_the_same_bytes_keep_what_is_said_of_each_of_their_names(tmp_path: Path) -> None:
    folder = _fill(tmp_path, a="ok")
    shutil.copy(folder / "a.pdf", folder / "b.pdf")
    _run(tmp_path, options=_manifest(tmp_path, "path,n\nin/a.pdf,1\nin/b.pdf,2\n"))
    assert _column(tmp_path, "n") == ["1", "2"]
    assert _reads(tmp_path) == 1


def test_lines_that_were_bad_and_are_mended(tmp_path: Path) -> None:
    _fill(tmp_path, a="ok", b="ok")
    good, other = '{"path": "in/a.pdf", "n": 1}', '{"path": "in/b.pdf", "n": 2}'
    summary = _run(tmp_path, options=_manifest(tmp_path, f'{good}\n{other[:9]}\n{{"n": 3}}', "m.jsonl"))
    assert summary.exit_code == ExitCode.SOME_FAILED
    assert _column(tmp_path, "path", "error_code") == [
        ("in/a.pdf", None), ("m.jsonl:2", "damaged"), ("m.jsonl:3", "damaged"),
    ]  # fmt: skip
    summary = _run(tmp_path, options=_manifest(tmp_path, f"{good}\n{other}\n", "m.jsonl"))
    assert summary.exit_code == ExitCode.ALL_READ
    assert _column(tmp_path, "path", "n") == [("in/a.pdf", "1"), ("in/b.pdf", "2")]


def test_paths_that_do_not_exist_are_rows(tmp_path: Path) -> None:
    _fill(tmp_path, a="ok")
    lines = [{"path": path} for path in ("in/a.pdf", "gone.pdf", "in/a.pdf/x", "a\0b.pdf", "x" * 5000, "\ud800")]
    summary = _run(tmp_path, options=_manifest(tmp_path, "\n".join(map(json.dumps, lines)), "m.jsonl"))
    assert (summary.files, summary.statuses) == (6, {Status.OK: 1, Status.FAILED: 5})
    assert {failure.code for failure in summary.failures} == {ErrorCode.NOT_FOUND}


def test_a_manifest_that_is_none_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        _run(tmp_path, options=_manifest(tmp_path, "a,b\n1,2\n"))
    assert not (tmp_path / "out").exists()


# -- reading again ----------------------------------------------------------------------------------------------------


def test_only_what_failed_with_a_code_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _fill(tmp_path, a="ok", b="damaged", c="abort")
    (tmp_path / "in" / "d.zip").write_bytes(zipped({"../x.pdf": b"damaged x", "y.pdf": b"ok y"}))
    _run(tmp_path, "in")
    _reads(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    summary = _run(tmp_path, options=replace(OPTIONS, retry=frozenset({ErrorCode.DAMAGED})))
    assert [failure.path for failure in summary.failures] == ["in/b.pdf", "in/d.zip!/../x.pdf"]
    assert (summary.files, summary.known, _reads(tmp_path)) == (2, 0, 2)
    _fill(tmp_path, b="ok", c="ok")
    again = _run(tmp_path, options=replace(OPTIONS, retry=frozenset(ErrorCode)))
    assert (again.files, again.exit_code) == (3, ExitCode.SOME_FAILED)
    assert _column(tmp_path, "path", "status") == [
        ("in/a.pdf", "ok"), ("in/b.pdf", "ok"), ("in/c.pdf", "ok"), ("in/d.zip!/../x.pdf", "failed"),
        ("in/d.zip!/y.pdf", "ok"),
    ]  # fmt: skip
    _reads(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert _run(tmp_path, "in").known == 5
    assert _reads(tmp_path) == 0


def test_what_could_not_be_listed_is_listed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged archive is opened again, not read as a PDF; a bad line of a manifest is no document."""
    monkeypatch.chdir(tmp_path)
    _fill(tmp_path)
    data = zipped({"x.pdf": b"ok x"})
    (tmp_path / "in" / "a.zip").write_bytes(data[:-9])
    (tmp_path / "m.jsonl").write_text('{"path": "in"}\n{cut')
    _run(tmp_path, options=replace(OPTIONS, manifests=("m.jsonl",)))
    retry = replace(OPTIONS, retry=frozenset({ErrorCode.DAMAGED}))
    assert _run(tmp_path, options=retry).files == 1
    assert _column(tmp_path, "path", "error_code") == [("in/a.zip", "damaged"), ("m.jsonl:2", "damaged")]
    (tmp_path / "in" / "a.zip").write_bytes(data)
    assert _run(tmp_path, options=retry).exit_code == ExitCode.ALL_READ
    assert _column(tmp_path, "path", "error_code") == [("in/a.zip!/x.pdf", None), ("m.jsonl:2", "damaged")]


def test_a_folder_that_was_a_file_is_listed_as_it_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _run(tmp_path, "in")
    assert _column(tmp_path, "path", "error_code") == [("in", "not_found")]
    _fill(tmp_path, a="ok")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    _run(tmp_path, options=replace(OPTIONS, retry=frozenset({ErrorCode.NOT_FOUND})))
    assert _column(tmp_path, "path") == ["in/a.pdf"]


def test_a_folder_that_could_not_be_opened_and_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (_fill(tmp_path, a="ok") / "closed").mkdir()
    scan = os.scandir

    def refuse(folder: str) -> object:
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return scan(folder)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        _run(tmp_path, tmp_path / "in")
    assert _column(tmp_path, "path", "status") == [("in/a.pdf", "ok"), ("in/closed", "failed")]
    assert _run(tmp_path, tmp_path / "in").exit_code == ExitCode.ALL_READ
    assert _column(tmp_path, "path") == ["in/a.pdf"]


def test_members_named_one_by_one_are_known(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"x.pdf": b"ok x", "b.zip": zipped({"y.pdf": b"ok y"})}))
    options = _manifest(tmp_path, "path,n\na.zip!/x.pdf,1\na.zip!/b.zip!/y.pdf,2\na.zip!/gone.pdf,3\n")
    _run(tmp_path, options=options)
    assert _column(tmp_path, "path", "n", "error_code") == [
        ("a.zip!/b.zip!/y.pdf", "2", None), ("a.zip!/gone.pdf", "3", "not_found"), ("a.zip!/x.pdf", "1", None),
    ]  # fmt: skip
    assert _run(tmp_path, options=options).known == 2


@pytest.mark.parametrize("given", [".", "./", "in", "./in/", "in/../in", "in/b.pdf"])
def test_how_paths_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """As pathlib writes them: `./in/` is `in`."""
    monkeypatch.chdir(tmp_path)
    (_fill(tmp_path, b="ok") / "sub").mkdir()
    (tmp_path / "in" / "sub" / "c.pdf").write_text("ok c")
    _run(tmp_path, given)
    names = ["b.pdf", "sub/c.pdf"] if given != "in/b.pdf" else ["b.pdf"]
    folder = Path("in") if given in (".", "./", "in/b.pdf") else Path(given)
    assert _column(tmp_path, "path") == [str(folder / name) for name in names]


def test_no_name_is_not_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_fill(tmp_path, a="ok"))
    assert [failure.code for failure in _run(tmp_path, "").failures] == [ErrorCode.NOT_FOUND]


def test_the_same_bytes_are_read_again_once(tmp_path: Path) -> None:
    folder = _fill(tmp_path, a="damaged")
    shutil.copy(folder / "a.pdf", folder / "b.pdf")
    _run(tmp_path, folder, options=replace(OPTIONS, workers=1))
    _reads(tmp_path)
    summary = _run(tmp_path, options=replace(OPTIONS, workers=1, retry=frozenset({ErrorCode.DAMAGED})))
    assert summary.files == 2
    assert _reads(tmp_path) == 1


# -- lists, order, scale, kills ---------------------------------------------------------------------------------------


def test_a_list_on_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _fill(tmp_path, a="ok", b="ok")
    (folder / "n\nl.pdf").write_bytes(b"ok n")
    data = b"\0".join([os.fsencode(folder / "n\nl.pdf"), os.fsencode(folder), b"gone.pdf"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    summary = _run(tmp_path, "-")
    assert summary.statuses == {Status.OK: 3, Status.FAILED: 1}


def test_the_way_in_does_not_change_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, its files in another order, a list and a manifest of them give the same bytes."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    folder = _fill(tmp_path, a="ok", b="damaged", c="ok")
    (folder / "d.zip").write_bytes(zipped({"2.pdf": b"ok 2", "1.pdf": b"ok 1"}))
    files = [folder / name for name in ("d.zip", "c.pdf", "a.pdf", "b.pdf")]
    _run(tmp_path, folder)
    expected = {name: data for name, (data, _) in _state(tmp_path).items()}
    shutil.rmtree(tmp_path / "out")
    _run(tmp_path, *files)
    assert {name: data for name, (data, _) in _state(tmp_path).items()} == expected
    shutil.rmtree(tmp_path / "out")
    _run(tmp_path, options=_manifest(tmp_path, "path\n" + "\n".join(map(str, files))))
    assert {name: data for name, (data, _) in _state(tmp_path).items()} == expected


@pytest.mark.slow
def test_many_known_files_are_cheap(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for n in range(3_000):
        (tmp_path / "in" / f"{n}.pdf").write_text("damaged")
    options = replace(OPTIONS, formats=(Format.PARQUET,))
    _run(tmp_path, tmp_path / "in", options=options)
    started = time.monotonic()
    assert _run(tmp_path, tmp_path / "in", options=options).known == 3_000
    assert time.monotonic() - started < 3


_SLOW = """
import sys
from literal import read_literal
from pipeline import Options, run
if __name__ == "__main__":
    manifest, out = sys.argv[1:]
    run([], out, Options(workers=2, timeout_s=20, memory_mb=400, manifests=(manifest,)), read=read_literal)
"""


@pytest.mark.slow
def test_a_killed_run_over_archives_and_manifests_ends_alike(tmp_path: Path, root: Path) -> None:
    members = {f"{n}.pdf": f"slow {n}".encode() for n in range(12)}
    (tmp_path / "a.zip").write_bytes(zipped(members))
    (tmp_path / "m.csv").write_text("path,note\na.zip,x\n")
    (tmp_path / "script.py").write_text(_SLOW)
    environment = {
        **os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}", "SOURCE_DATE_EPOCH": "1700000000",
    }  # fmt: skip
    command = [sys.executable, "script.py", "m.csv"]
    subprocess.run([*command, "whole"], cwd=tmp_path, env=environment, check=True, timeout=60)
    for wait_s in (0.8, 1.4, 2.0):
        with subprocess.Popen([*command, "out"], cwd=tmp_path, env=environment, start_new_session=True) as process:
            time.sleep(wait_s)
            os.killpg(process.pid, signal.SIGKILL)
    subprocess.run([*command, "out"], cwd=tmp_path, env=environment, check=True, timeout=60)
    whole = {file.name: file.read_bytes() for file in (tmp_path / "whole").iterdir() if file.is_file()}
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir() if file.is_file()} == whole
    assert not (tmp_path / "out" / ".zipingbiao" / "spool").exists()
