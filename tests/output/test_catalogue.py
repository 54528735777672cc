import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from literal import RESULT, failed_result, result_of
from model import Completion, ErrorCode, Result, Status
from output.catalogue import FOLDER, Catalogue, CatalogueError, Entry, FileMark, Totals
from output.extras import keep_extras
from output.outcome import Outcome, key_to_result_id, pack, packed_to_outcome
from output.rows import result_to_rows

A = FileMark(b"/in/a.pdf", "in/a.pdf", 10, 1)
B = FileMark(b"/in/b.pdf", "in/b.pdf", 10, 2)
ONE, TWO = "1" * 64, "2" * 64
BODY = "曲靖市公安局交通警察支队"


def _store(catalogue: Catalogue, document_id: str, *marks: FileMark, cut: int | None = None) -> Result:
    result = result_of(document_id)
    packed = pack(result, [] if cut is None else [(BODY, cut)])
    catalogue.store(packed_to_outcome(document_id, "0.1.0 auto auto", packed), packed, marks)
    return result


def _listed(catalogue: Catalogue) -> list[tuple[str, str, bool]]:
    return [(entry.path, entry.result_id, entry.is_first) for entry in catalogue.entries()]


def test_a_document_comes_back(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        result = _store(catalogue, ONE, A)
    with Catalogue(tmp_path) as catalogue:
        outcome = catalogue.outcome_of_file(A)
        assert outcome is not None
        assert (outcome.status, outcome.pages, outcome.forms, outcome.indicators) == (Status.OK, 4, 1, 2)
        assert (outcome.infos, outcome.warnings, outcome.errors) == (2, 2, 0)
        assert outcome.document_id == ONE
        assert _listed(catalogue) == [("in/a.pdf", ONE, True)]
        assert catalogue.rows_of(ONE) == result_to_rows(result)


def test_a_changed_file_is_not_known(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        assert catalogue.outcome_of_file(replace(A, size=11)) is None
        assert catalogue.outcome_of_file(replace(A, mtime_ns=9)) is None
        assert catalogue.outcome_of_file(replace(A, size=None, mtime_ns=None)) is None
        assert catalogue.outcome_of_path(A.key) is not None
        assert catalogue.outcome_of_bytes(ONE) is not None
        assert catalogue.outcome_of_bytes(TWO) is None


def test_two_names_for_the_same_bytes(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, B)
        catalogue.link(A, ONE)
        assert _listed(catalogue) == [("in/a.pdf", ONE, True), ("in/b.pdf", ONE, False)]


def test_other_bytes_under_a_known_name_replace_its_rows(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, B)
        _store(catalogue, TWO, replace(A, size=99, mtime_ns=99))
        assert _listed(catalogue) == [("in/a.pdf", TWO, True), ("in/b.pdf", ONE, True)]
        catalogue.link(replace(B, size=99, mtime_ns=99), TWO)
        assert catalogue.outcome_of_bytes(ONE) is None
        assert _listed(catalogue) == [("in/a.pdf", TWO, True), ("in/b.pdf", TWO, False)]
        with pytest.raises(TypeError):
            catalogue.rows_of(ONE)


def test_changes_are_counted_only_if_something_changed(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.changes == 0
        _store(catalogue, ONE, A)
        before = catalogue.changes
        catalogue.link(replace(A, mtime_ns=77), ONE)
        assert catalogue.changes == before
        assert catalogue.outcome_of_file(replace(A, mtime_ns=77)) is not None
        catalogue.link(B, ONE)
        assert catalogue.changes == before + 1


def test_the_first_spelling_of_a_path_stays(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        catalogue.link(replace(A, path="./in/a.pdf"), ONE)
        assert [entry.path for entry in catalogue.entries()] == ["in/a.pdf"]


def test_a_file_without_bytes(tmp_path: Path) -> None:
    packed = pack(failed_result(None, ErrorCode.NOT_FOUND, "The file does not exist. Check the path."))
    outcome = packed_to_outcome(key_to_result_id(A.key), "0.1.0", packed)
    with Catalogue(tmp_path) as catalogue:
        catalogue.store(outcome, packed, [replace(A, size=None, mtime_ns=None)])
        assert catalogue.outcome_of_path(A.key) == outcome
        assert outcome.document_id is None
        assert outcome.error_code is ErrorCode.NOT_FOUND


def test_what_is_published_is_noted(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.published == ""
        catalogue.set_published("0.1.0 3 csv")
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.published == "0.1.0 3 csv"


def test_afresh_forgets(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
    with Catalogue(tmp_path, afresh=True) as catalogue:
        assert list(catalogue.entries()) == []


def test_extras_of_files(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.extra_columns() == ()
        _store(catalogue, ONE, A, B)
        assert keep_extras(catalogue.connection, [(A.key, '["url","region"]', '["u","r"]'), (b"x", '["z"]', '["z"]')])
        assert catalogue.extra_columns() == ("url", "region")
        assert [entry.extra for entry in catalogue.entries()] == ['[["url","region"],["u","r"]]', ""]
        catalogue.note_given(B.key, ONE)
        assert catalogue.prune() == 1
        assert catalogue.extra_columns() == ()


def test_a_file_taken_off_the_books(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, B, cut=1)
        catalogue.settle(BODY, [], [])
        catalogue.forget(A.key)
        assert _listed(catalogue) == [("in/b.pdf", ONE, True)]
        assert catalogue.touched() == []
        catalogue.forget(b"/in/other.pdf")
        catalogue.forget(B.key)
        assert _listed(catalogue) == []
        assert catalogue.outcome_of_bytes(ONE) is None
        assert catalogue.touched() == [BODY]


def test_files_that_failed(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        packed = pack(failed_result(TWO, ErrorCode.TIMEOUT, "It took too long."))
        catalogue.store(packed_to_outcome(TWO, "", packed), packed, [B])
        assert list(catalogue.failed([ErrorCode.TIMEOUT, ErrorCode.CRASHED])) == [(B.key, B.path)]
        assert list(catalogue.failed([ErrorCode.CRASHED])) == []
        assert catalogue.keys_from(b"/in/") == [A.key, B.key]
        assert catalogue.keys_from(b"/in/b") == [B.key]


# -- files that are no longer given -----------------------------------------------------------------------------------


def _give(catalogue: Catalogue, *marks: FileMark) -> None:
    for mark in marks:
        catalogue.note_given(mark.key, ONE)


def test_prune_forgets_what_was_not_given(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        _store(catalogue, TWO, B)
        before = catalogue.changes
        _give(catalogue, A)
        assert catalogue.prune() == 1
        assert _listed(catalogue) == [("in/a.pdf", ONE, True)]
        assert catalogue.outcome_of_bytes(TWO) is None
        assert catalogue.changes == before + 1
        assert catalogue.prune() == 0
        assert catalogue.changes == before + 1


def test_prune_keeps_bytes_that_another_name_holds(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, B)
        _give(catalogue, B)
        assert catalogue.prune() == 1
        assert _listed(catalogue) == [("in/b.pdf", ONE, True)]


@pytest.mark.parametrize(
    ("closed", "gone"), [(b"/in", 0), (b"/i", 2), (b"/in/a", 2), (b"/in/a.pdf", 1), (b"/in/a.zip", 2)]
)
def test_prune_keeps_what_stands_under_a_folder_that_is_closed(tmp_path: Path, closed: bytes, gone: int) -> None:
    """A disk that is not mounted must not empty the tables."""
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        _store(catalogue, TWO, B)
        catalogue.note_given(closed, key_to_result_id(closed), closed=True)
        assert catalogue.prune() == gone


def test_what_was_given_is_of_one_run(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        _give(catalogue, A)
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.totals_of_given() == Totals(0, 0, 0, 0, 0)
        assert catalogue.prune() == 1


def test_totals_count_a_document_once(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, B)
        _give(catalogue, A, B)
        assert catalogue.totals_of_given() == Totals(1, 2, 2, 2, 0)


def test_prune_keeps_members_of_an_archive_that_is_closed(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, FileMark(b"/in/a.zip!/a.pdf", "in/a.zip!/a.pdf", 1, 1))
        catalogue.note_given(b"/in/a.zip", key_to_result_id(b"/in/a.zip"), closed=True)
        assert catalogue.prune() == 0


# -- the memory of names ----------------------------------------------------------------------------------------------


def _completion(document_id: str, *, unmarked: bool = False) -> Completion:
    return Completion(f"{document_id[:16]}-1", 1, "whole", "whole (x)", "completed by memory", unmarked)


def test_departments_are_touched_by_what_comes_changes_and_goes(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        assert catalogue.touched() == []
        _store(catalogue, TWO, B, cut=1)
        assert catalogue.touched() == [BODY]
        catalogue.settle(BODY, [], [])
        assert catalogue.touched() == []
        catalogue.link(B, TWO)
        assert catalogue.touched() == []
        catalogue.link(replace(B, size=9), ONE)
        assert catalogue.touched() == [BODY]


def test_a_document_read_again_touches_the_department_that_it_had(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, cut=1)
        catalogue.settle(BODY, [], [])
        _store(catalogue, ONE, A)
        assert catalogue.touched() == [BODY]
        assert list(catalogue.names_of(BODY)) == []


def test_names_of_a_department(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, cut=0)
        _store(catalogue, TWO, B, cut=1)
        assert [name.document_id for name in catalogue.names_of(BODY)] == [ONE, ONE, TWO, TWO]
        names = list(catalogue.names_of(BODY, only_cut=True))
        assert [(name.form_id, name.row, name.name) for name in names] == [
            (f"{TWO[:16]}-1", 1, "交通安全宣传资料印制"), (f"{TWO[:16]}-1", 2, "项目完成时间"),
        ]  # fmt: skip
        assert [name.marked for name in names] == ["交通安全宣传资料印制、", None]


def test_settled_names_are_kept_and_replaced(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, cut=1)
        _store(catalogue, TWO, B, cut=1)
        catalogue.note_given(A.key, ONE)
        before = catalogue.changes
        form_ids = [f"{ONE[:16]}-1", f"{TWO[:16]}-1"]
        catalogue.settle(BODY, form_ids, [_completion(ONE, unmarked=True)])
        assert [bool(entry.completions) for entry in catalogue.entries()] == [True, False]
        assert catalogue.changes == before + 1
        assert catalogue.totals_of_given() == Totals(1, 2, 2, 1, 0)
        catalogue.settle(BODY, form_ids, [_completion(ONE, unmarked=True)])
        assert catalogue.changes == before + 1
        catalogue.settle(BODY, form_ids, [_completion(TWO)])
        assert [bool(entry.completions) for entry in catalogue.entries()] == [False, True]
        assert catalogue.changes == before + 3
        _store(catalogue, TWO, B, cut=1)
        assert [bool(entry.completions) for entry in catalogue.entries()] == [False, False]


def test_names_settled_for_another_department_of_the_document_stay(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        packed = pack(result_of(ONE), [(BODY, 1), ("云南大学", 1)])
        catalogue.store(packed_to_outcome(ONE, "", packed), packed, [A])
        other = replace(_completion(ONE), form_id=f"{ONE[:16]}-2")
        catalogue.settle(BODY, [f"{ONE[:16]}-1"], [_completion(ONE)])
        catalogue.settle("云南大学", [f"{ONE[:16]}-2"], [other])
        (entry,) = catalogue.entries()
        assert entry.completions.count("whole (x)") == 2
        catalogue.settle(BODY, [f"{ONE[:16]}-1"], [])
        (entry,) = catalogue.entries()
        assert f"{ONE[:16]}-2" in entry.completions
        assert f"{ONE[:16]}-1" not in entry.completions


# -- what must not happen ---------------------------------------------------------------------------------------------


def test_a_second_run_at_once_is_refused(tmp_path: Path) -> None:
    with Catalogue(tmp_path), pytest.raises(CatalogueError, match=rf"Another run is writing .*process {os.getpid()}"):
        Catalogue(tmp_path)
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.changes == 0


HOLD = "import sys, time; from pathlib import Path; from output.catalogue import Catalogue\n" \
    "with Catalogue(Path(sys.argv[1])): print('open', flush=True); time.sleep(60)"  # fmt: skip


def test_a_run_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(CatalogueError, match=f"process {other.pid}"):
            Catalogue(tmp_path)
        other.send_signal(signal.SIGKILL)
        other.wait()
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.changes == 0


def test_a_catalogue_that_is_none(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "catalogue.sqlite").write_bytes(b"no database, only text " * 100)
    with pytest.raises(CatalogueError, match="--overwrite"):
        Catalogue(tmp_path)
    with Catalogue(tmp_path, afresh=True) as catalogue:
        assert catalogue.changes == 0


@pytest.mark.parametrize(("layout", "age"), [(1, "an earlier"), (99, "a later")])
def test_a_catalogue_of_another_version(tmp_path: Path, layout: int, age: str) -> None:
    with Catalogue(tmp_path):
        pass
    connection = sqlite3.connect(tmp_path / FOLDER / "catalogue.sqlite")
    connection.execute(f"PRAGMA user_version = {layout}")
    connection.close()
    with pytest.raises(CatalogueError, match=f"written by {age} version.*--overwrite"):
        Catalogue(tmp_path)
    with Catalogue(tmp_path, afresh=True):
        pass


def test_a_failed_change_leaves_nothing(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        with pytest.raises(sqlite3.IntegrityError):
            _store(catalogue, ONE, FileMark(A.key, None, 1, 1), cut=1)  # type: ignore[arg-type]
        assert catalogue.outcome_of_bytes(ONE) is None
        assert catalogue.changes == 0
        assert catalogue.touched() == []
        _store(catalogue, ONE, A, cut=1)


def test_entries_do_not_hang_on_the_order_of_coming(tmp_path: Path) -> None:
    def state(folder: str, *order: str) -> list[Entry]:
        with Catalogue(tmp_path / folder) as catalogue:
            for which in order:
                if which == "a":
                    _store(catalogue, ONE, A)
                elif which == "b":
                    _store(catalogue, TWO, B)
                else:
                    catalogue.link(FileMark(b"/in/0.pdf", "in/0.pdf", 1, 1), ONE)
            return list(catalogue.entries())

    assert state("one", "a", "b", "0") == state("two", "b", "a", "0")


def test_severities_are_counted() -> None:
    outcome: Outcome = packed_to_outcome(ONE, "", pack(RESULT))
    assert (outcome.infos, outcome.warnings, outcome.errors) == (2, 2, 0)
