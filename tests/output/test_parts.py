from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from literal import RESULT, result_of
from output.catalogue import Entry
from output.extras import tables_with
from output.parts import (
    Look,
    Part,
    Parts,
    documents_to_part,
    entries_to_generation,
    entries_to_runs,
)
from output.rows import Rows, result_to_rows

NAMES = ["documents", "forms", "funds", "indicators", "findings"]


def entry(path: str, *, digest: bytes = b"1", rows: int = 10, **more: object) -> Entry:
    base = Entry(path, "", "1" * 64, digest, "2026-05-06T07:08:09+00:00", "", True, rows)
    return replace(base, **more)  # type: ignore[arg-type]


ENTRIES = [entry(f"{n:04}.pdf", result_id=f"{n:064x}") for n in range(1000)]


def rows_of(result_id: str) -> Rows:
    return result_to_rows(result_of(result_id))


class Asked:
    """Gives rows, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, result_id: str) -> Rows:
        self.count += 1
        return rows_of(result_id)


def _csv(parts: Iterator[Part], table: str) -> bytes:
    return b"".join(part[table].to_csv() for part in parts)


# -- which documents make a part --------------------------------------------------------------------------------------


def test_runs_hold_all_entries_in_order() -> None:
    runs = list(entries_to_runs(ENTRIES))
    assert [one for run in runs for one in run] == ENTRIES
    assert 8 <= len(runs) <= 30


@given(st.integers(0, 999), st.text("abc", min_size=1))
def test_a_new_path_moves_no_other_border(place: int, name: str) -> None:
    new = entry(f"{place:04}-{name}.pdf")
    changed = sorted([*ENTRIES, new], key=lambda one: one.path)
    before, after = ({tuple(one.path for one in run) for run in entries_to_runs(one)} for one in (ENTRIES, changed))
    assert len(before - after) <= 1
    assert len(after - before) <= 2


def test_long_documents_end_a_run() -> None:
    long = [entry(f"{n}.pdf", rows=15_000) for n in range(9)]
    assert max(map(len, entries_to_runs(long))) == 2


# -- the state that entries make --------------------------------------------------------------------------------------


def test_a_generation_is_a_function_of_what_the_rows_say() -> None:
    again = replace(ENTRIES[0], read_at="2027-01-01T00:00:00+00:00")
    assert entries_to_generation(ENTRIES) == entries_to_generation([again, *ENTRIES[1:]])
    assert len(entries_to_generation(ENTRIES)) == 16


@pytest.mark.parametrize(
    "change", [{"path": "x.pdf"}, {"digest": b"2"}, {"completions": "[]"}, {"extra": "[[],[]]"}, {"is_first": False}]
)
def test_whatever_changes_rows_changes_the_generation(change: dict[str, object]) -> None:
    other = [replace(ENTRIES[0], **change), *ENTRIES[1:]]  # type: ignore[arg-type]
    assert entries_to_generation(other) != entries_to_generation(ENTRIES)


# -- rendering --------------------------------------------------------------------------------------------------------


def test_pieces_hold_the_rows() -> None:
    part = documents_to_part([("a.pdf", "", result_to_rows(RESULT))], Look())
    assert list(part) == NAMES
    assert part["indicators"].to_arrow()["name"].to_pylist() == ["交通安全宣传资料印制", "项目完成时间"]
    assert part["documents"].to_arrow()["path"].to_pylist() == ["a.pdf"]
    assert part["documents"].to_csv().count(b"\n") == 1
    assert documents_to_part([], Look())["funds"].to_arrow().num_rows == 0


def test_extra_columns_stand_behind_those_of_documents() -> None:
    look = Look(("region", "url"))
    rows = result_to_rows(RESULT)
    part = documents_to_part([("a.pdf", '[["URL","other"],["u","o"]]', rows), ("b.pdf", "", rows)], look)
    table = part["documents"].to_arrow()
    assert table["url"].to_pylist() == ["u", None]
    assert table["region"].to_pylist() == [None, None]
    assert table["path"].to_pylist() == ["a.pdf", "b.pdf"]
    assert [column.name for column in tables_with(look.extra_columns)[0].columns] == table.column_names


def test_no_csv_where_none_is_wanted() -> None:
    part = documents_to_part([("a.pdf", "", result_to_rows(RESULT))], Look(csv=False))
    assert {piece.to_csv() for piece in part.values()} == {b""}


# -- the cache --------------------------------------------------------------------------------------------------------


def test_only_what_changed_is_rendered_again(tmp_path: Path) -> None:
    asked = Asked()
    with Parts(tmp_path / "parts") as parts:
        first = _csv(parts.render(ENTRIES, asked, Look()), "indicators")
    assert asked.count == len(ENTRIES)
    with Parts(tmp_path / "parts") as parts:
        assert _csv(parts.render(ENTRIES, asked, Look()), "indicators") == first
    assert asked.count == len(ENTRIES)
    changed = [*ENTRIES[:500], replace(ENTRIES[500], digest=b"2"), *ENTRIES[501:]]
    with Parts(tmp_path / "parts") as parts:
        _csv(parts.render(changed, asked, Look()), "indicators")
    assert len(ENTRIES) < asked.count < len(ENTRIES) * 1.6


@pytest.mark.parametrize(
    "look", [Look(excel_safe=True), Look(csv=False), Look(("url",))], ids=["safe", "no csv", "extra"]
)
def test_another_look_is_rendered_again(tmp_path: Path, look: Look) -> None:
    asked = Asked()
    for one in (Look(), look):
        with Parts(tmp_path / "parts") as parts:
            list(parts.render(ENTRIES[:100], asked, one))
    assert asked.count == 200


def test_documents_with_the_bytes_of_another_have_one_row(tmp_path: Path) -> None:
    twice = [entry("a.pdf"), entry("b.pdf", is_first=False)]
    with Parts(tmp_path / "parts") as parts:
        tables = [part["indicators"].to_arrow() for part in parts.render(twice, rows_of, Look())]
        assert pa.concat_tables(tables).num_rows == 2
    with Parts(tmp_path / "parts") as parts:
        paths = [part["documents"].to_arrow() for part in parts.render(twice, rows_of, Look())]
        assert pa.concat_tables(paths)["path"].to_pylist() == ["a.pdf", "b.pdf"]


def test_parts_no_longer_asked_for_go(tmp_path: Path) -> None:
    file = tmp_path / "parts"
    for entries in (ENTRIES, ENTRIES[:50], ENTRIES):
        asked = Asked()
        with Parts(file) as parts:
            list(parts.render(entries, asked, Look()))
    assert asked.count > 900


def test_a_run_that_breaks_off_keeps_what_it_rendered(tmp_path: Path) -> None:
    asked = Asked()

    def broken(result_id: str) -> Rows:
        if asked.count >= 500:
            raise OSError(28, "No space left on device")
        return asked(result_id)

    with pytest.raises(OSError, match="No space"), Parts(tmp_path / "parts") as parts:
        list(parts.render(ENTRIES, broken, Look()))
    with Parts(tmp_path / "parts") as parts:
        list(parts.render(ENTRIES, asked, Look()))
    assert asked.count < 1200


def test_a_broken_cache_is_begun_afresh(tmp_path: Path) -> None:
    file = tmp_path / "parts"
    file.write_bytes(b"no database, only text " * 100)
    with Parts(file) as parts:
        assert len(list(parts.render(ENTRIES[:5], rows_of, Look()))) >= 1
