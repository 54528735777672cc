"""Hostile files: each ends with a row and a code, the good ones among them are exact, and nothing of them lives on."""

import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from model import ErrorCode
from pipeline import Event, Options, Summary, read_tables, run
from scripts import load_script

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are those of Linux")

hostile = load_script("fixtures/hostile.py")
leftovers = load_script("bench/hostile.py").leftovers

OPTIONS = Options(workers=2, timeout_s=10, memory_mb=512)
SAMPLE = {
    "good": 2, "truncated": 9, "fuzzed": 12, "loops": 8, "nested": 2, "forms": 2, "sizes": 4, "counts": 5, "bombs": 2,
    "many": 1, "images": 6, "mislabelled": 21, "encrypted": 12, "empty": 11,
}  # fmt: skip
"""How many of each kind the quick test reads: their first."""


def _run(folder: Path, out: Path) -> Summary:
    events: list[Event] = []
    summary = run([folder], out, OPTIONS, events.append)
    assert len(events) == summary.files
    return summary


def _check(cases: list, folder: Path, out: Path) -> None:  # type: ignore[type-arg]
    summary = _run(folder, out)
    documents = read_tables(out)["documents"].set_index("path")
    assert set(documents.index) == {str(folder / case.name) for case in cases if _is_input(case.name)}
    codes = {code.value for code in ErrorCode}
    for path, row in documents.iterrows():
        failed = row["status"] == "failed"
        assert (row["error_code"] in codes) is failed, path
        assert (len(str(row["error"]).split()) > 3) is failed, path
        assert "broke off with" not in str(row["error"]), path
    assert summary.files == len(documents)
    assert leftovers() == []
    _check_good([case.good for case in cases if case.good], out)


def _check_good(names: list[str], out: Path) -> None:
    """Copies of fixtures give every row that the fixtures give."""
    quiet = out.with_name("quiet")
    run([hostile.FIXTURES / "pdf" / f"{name}.pdf" for name in names], quiet, OPTIONS)
    got, expected = read_tables(out), read_tables(quiet)
    form_ids, document_ids = set(expected["forms"]["form_id"]), set(expected["documents"]["document_id"])
    assert len(document_ids) == len(names)
    for table, key, ids in (
        ("forms", "form_id", form_ids), ("funds", "form_id", form_ids), ("indicators", "form_id", form_ids),
        ("findings", "document_id", document_ids),
    ):  # fmt: skip
        rows = {frame: _rows(tables[table], key, ids) for frame, tables in (("got", got), ("expected", expected))}
        assert rows["got"] == rows["expected"], table


def _rows(frame: pd.DataFrame, key: str, ids: set[str]) -> list[str]:
    return sorted(str(row) for row in frame[frame[key].isin(ids)].to_dict("records"))


def _is_input(name: str) -> bool:
    return name.endswith((".pdf", ".png", ".jpg", ".tif"))


def _thin_out(folder: Path, cases: list) -> list:  # type: ignore[type-arg]
    seen: Counter[str] = Counter()
    kept = []
    for case in cases:
        seen[case.kind] += 1
        if seen[case.kind] <= SAMPLE[case.kind]:
            kept.append(case)
        else:
            (folder / case.name).unlink()
    return kept


def test_the_corpus_is_the_same_each_time(tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))
    kinds = [kind for kind in hostile.KINDS if kind not in ("bombs", "images", "many")]
    cases = hostile.make_hostile(one, kinds=kinds)
    assert hostile.make_hostile(two, kinds=kinds) == cases
    hostile.make_hostile(other, seed=2, kinds=kinds)
    assert all((one / case.name).read_bytes() == (two / case.name).read_bytes() for case in cases)
    assert any(
        (one / case.name).read_bytes() != (other / case.name).read_bytes() for case in cases if case.kind == "fuzzed"
    )


def test_zlib_streams_are_put_together_right() -> None:
    import zlib

    assert zlib.decompress(hostile.zeros(3 << 20, b" ")) == b" " * (3 << 20)
    assert zlib.decompress(hostile.repeated(b"abc" * 7, 3)) == b"abc" * 21


@pytest.mark.slow
def test_a_sample_ends_with_rows_and_codes(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    _check(_thin_out(folder, hostile.make_hostile(folder)), folder, tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize(
    "kinds",
    [
        ("truncated", "fuzzed", "good"), ("loops", "nested", "sizes", "counts"), ("images",), ("many",),
        ("bombs", "forms"),
    ],
    ids=lambda kinds: kinds[0],
)
def test_the_whole_corpus(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    cases = hostile.make_hostile(tmp_path / "in", kinds=kinds)
    _check(cases, tmp_path / "in", tmp_path / "out")


def test_there_are_enough_of_them(tmp_path: Path) -> None:
    counts = Counter(case.kind for case in hostile.make_hostile(tmp_path))
    assert counts.total() >= 300
    assert set(counts) == set(hostile.KINDS) == set(SAMPLE)
