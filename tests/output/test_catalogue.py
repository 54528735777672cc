import sqlite3
from pathlib import Path

import pytest

from literal import RESULT, failed_result, result_of
from model import ErrorCode, Result, Severity, Status
from output.catalogue import FOLDER, Catalogue, CatalogueError, FileMark, path_to_result_id, result_to_outcome
from output.rows import result_to_rows

A = FileMark(b"/in/a.pdf", "in/a.pdf", 10, 1)
B = FileMark(b"/in/b.pdf", "in/b.pdf", 10, 2)
ONE, TWO = "1" * 64, "2" * 64


def _store(catalogue: Catalogue, document_id: str, *marks: FileMark, made_with: str = "0.1.0 auto auto") -> Result:
    result = result_of(document_id)
    catalogue.store(result_to_outcome(document_id, made_with, result), result, list(marks))
    return result


def test_a_document_comes_back(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        result = _store(catalogue, ONE, A)
    with Catalogue(tmp_path) as catalogue:
        outcome = catalogue.outcome_of_file(A)
        assert outcome is not None
        assert (outcome.status, outcome.forms, outcome.indicators) == (Status.OK, 1, 2)
        assert (outcome.infos, outcome.warnings, outcome.errors) == (2, 2, 0)
        assert outcome.document_id == ONE
        assert list(catalogue.documents()) == [("in/a.pdf", result_to_rows(result))]


def test_a_changed_file_is_not_known(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        assert catalogue.outcome_of_file(FileMark(A.key, A.path, 11, 1)) is None
        assert catalogue.outcome_of_file(FileMark(A.key, A.path, 10, 9)) is None
        assert catalogue.outcome_of_file(FileMark(A.key, A.path, None, None)) is None
        assert catalogue.outcome_of_path(A.key) is not None
        assert catalogue.outcome_of_bytes(ONE) is not None
        assert catalogue.outcome_of_bytes(TWO) is None


def test_two_names_for_the_same_bytes(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        rows = result_to_rows(_store(catalogue, ONE, B))
        catalogue.link(A, ONE)
        assert list(catalogue.documents()) == [("in/a.pdf", rows), ("in/b.pdf", {"documents": rows["documents"]})]


def test_other_bytes_under_a_known_name_replace_its_rows(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A, B)
        second = _store(catalogue, TWO, FileMark(A.key, A.path, 99, 99))
        assert [rows["documents"][0][0] for _, rows in catalogue.documents()] == [TWO, ONE]
        catalogue.link(FileMark(B.key, B.path, 99, 99), TWO)
        assert catalogue.outcome_of_bytes(ONE) is None
        assert next(iter(catalogue.documents())) == ("in/a.pdf", result_to_rows(second))


def test_changes_are_counted_only_if_something_changed(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.changes == 0
        _store(catalogue, ONE, A)
        before = catalogue.changes
        catalogue.link(FileMark(A.key, A.path, 10, 77), ONE)
        assert catalogue.changes == before
        assert catalogue.outcome_of_file(FileMark(A.key, A.path, 10, 77)) is not None
        catalogue.link(B, ONE)
        assert catalogue.changes > before


def test_the_first_spelling_of_a_path_stays(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        _store(catalogue, ONE, A)
        catalogue.link(FileMark(A.key, "./in/a.pdf", 10, 1), ONE)
        assert [path for path, _ in catalogue.documents()] == ["in/a.pdf"]


def test_a_file_without_bytes(tmp_path: Path) -> None:
    result = failed_result(None, ErrorCode.NOT_FOUND, "The file does not exist. Check the path.")
    outcome = result_to_outcome(path_to_result_id(A), "0.1.0", result)
    with Catalogue(tmp_path) as catalogue:
        catalogue.store(outcome, result, [FileMark(A.key, A.path, None, None)])
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
        assert list(catalogue.documents()) == []


def test_a_second_run_at_once_is_refused(tmp_path: Path) -> None:
    with Catalogue(tmp_path), pytest.raises(CatalogueError, match="Another run is writing"):
        Catalogue(tmp_path)
    with Catalogue(tmp_path) as catalogue:
        assert catalogue.changes == 0


def test_a_catalogue_that_is_none(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "catalogue.sqlite").write_bytes(b"no database, only text " * 100)
    with pytest.raises(CatalogueError, match="--overwrite"):
        Catalogue(tmp_path)
    with Catalogue(tmp_path, afresh=True) as catalogue:
        assert catalogue.changes == 0


def test_a_catalogue_of_another_version(tmp_path: Path) -> None:
    with Catalogue(tmp_path):
        pass
    with sqlite3.connect(tmp_path / FOLDER / "catalogue.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(CatalogueError, match="another version"):
        Catalogue(tmp_path)


def test_a_failed_change_leaves_nothing(tmp_path: Path) -> None:
    with Catalogue(tmp_path) as catalogue:
        with pytest.raises(sqlite3.IntegrityError):
            _store(catalogue, ONE, FileMark(A.key, None, 1, 1))  # type: ignore[arg-type]
        assert catalogue.outcome_of_bytes(ONE) is None
        assert catalogue.changes == 0


def test_severities_are_counted() -> None:
    outcome = result_to_outcome(ONE, "", RESULT)
    assert (outcome.infos, outcome.warnings, outcome.errors) == tuple(
        sum(f.severity is severity for f in RESULT.findings) for severity in Severity
    )
