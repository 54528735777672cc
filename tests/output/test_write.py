import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from literal import FUND, HEAD, INDICATOR, RESULT, failed_result, result_of
from model import ErrorCode, Form, Result
from output.csv_text import instant_to_text, number_to_text, to_excel_safe
from output.read import read_tables
from output.rows import Rows, result_to_rows
from output.schema import TABLES
from output.write import Format, files_missing, write_tables

BOTH = (Format.CSV, Format.PARQUET)
NAMES = ["documents", "forms", "funds", "indicators", "findings"]


def _documents(*results: Result) -> list[tuple[str, Rows]]:
    return [(result.document.path, result_to_rows(result)) for result in results]


def _csv(out: Path, table: str) -> list[dict[str, str]]:
    text = (out / f"{table}.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _hashes(out: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.iterdir())}


def test_all_files_and_nothing_else(tmp_path: Path) -> None:
    assert files_missing(tmp_path, BOTH)
    write_tables(_documents(RESULT), tmp_path, BOTH)
    expected = {f"{name}.{kind}" for name in NAMES for kind in ("csv", "parquet")} | {"datapackage.json"}
    assert {file.name for file in tmp_path.iterdir()} == expected
    assert not files_missing(tmp_path, BOTH)


def test_csv_cells(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH)
    assert (tmp_path / "documents.csv").read_bytes().startswith(b"\xef\xbb\xbfdocument_id,path,")
    (document,) = _csv(tmp_path, "documents")
    assert document["extracted_at"] == "2026-05-06T07:08:09Z"
    assert document["error_code"] == ""
    assert document["path"] == "reports/交警支队.pdf"
    (form,) = _csv(tmp_path, "forms")
    assert form["goal_expected"] == '完成业务，不少于"3"次；\n第二行'
    assert form["score_total"] == "97.5"
    (fund,) = _csv(tmp_path, "funds")
    assert fund["adjustment_cny"] == "-3361340.55"
    assert fund["adjustment_raw"] == "-3,361,340.55"
    assert fund["executed_cny"] == fund["executed_raw"] == ""
    assert fund["note"] == "=1+1"
    first, second = _csv(tmp_path, "indicators")
    assert first["target_value"] == "350000"
    assert first["actual_value"] == "3330000"
    assert first["achievement_pct"] == "951.4285714285714"
    assert first["achieved"] == "true"
    assert first["flags"] == "name_cleaned;actual_implausible"
    assert first["y0"] == "120.5"
    assert second["target_date"] == "2018-10-31"
    assert second["achieved"] == second["flags"] == second["target_value"] == ""
    assert [finding["severity"] for finding in _csv(tmp_path, "findings")] == ["info", "warning", "info", "warning"]


def test_csv_columns_are_the_dictionarys(tmp_path: Path) -> None:
    write_tables([], tmp_path, BOTH)
    for table in TABLES:
        head = (tmp_path / f"{table.name}.csv").read_text("utf-8-sig")
        assert head == ",".join(column.name for column in table.columns) + "\n"
        assert pq.read_table(tmp_path / f"{table.name}.parquet").num_rows == 0


def test_excel_safe_changes_text_columns_only(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH, excel_safe=True)
    (fund,) = _csv(tmp_path, "funds")
    assert fund["note"] == "'=1+1"
    assert fund["adjustment_raw"] == "'-3,361,340.55"
    assert fund["adjustment_cny"] == "-3361340.55"
    assert pq.read_table(tmp_path / "funds.parquet")["note"].to_pylist() == ["=1+1"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_excel_safe_starts(start: str) -> None:
    assert to_excel_safe(f"{start}cmd") == f"'{start}cmd"
    assert to_excel_safe(f"a{start}") == f"a{start}"


def test_parquet_is_exact(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH)
    (fund,) = pq.read_table(tmp_path / "funds.parquet").to_pylist()
    assert fund["initial_cny"] == Decimal("170294599.63")
    assert fund["executed_cny"] is None
    assert fund["flags"] == ["money_unit_corrected"]
    first, second = pq.read_table(tmp_path / "indicators.parquet").to_pylist()
    assert first["achieved"] is True
    assert second["achieved"] is None
    assert second["target_date"] == date(2018, 10, 31)
    assert second["flags"] == []
    (document,) = pq.read_table(tmp_path / "documents.parquet").to_pylist()
    assert document["extracted_at"] == datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_read_tables_keeps_types(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH)
    frames = read_tables(tmp_path)
    assert list(frames) == NAMES
    assert str(frames["funds"]["final_cny"].dtype) == "decimal128(20, 2)[pyarrow]"
    assert frames["funds"]["final_cny"].iloc[0] == Decimal("166933259.08")
    assert frames["indicators"]["name"].tolist() == ["交通安全宣传资料印制", "项目完成时间"]
    assert frames["indicators"]["achieved"].isna().tolist() == [False, True]


def test_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    documents = _documents(*(result_of(f"{n:064x}", f"{n}.pdf") for n in range(30)))
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_tables(iter(documents), tmp_path / name, BOTH)
        hashes.append(_hashes(tmp_path / name))
    assert hashes[0] == hashes[1]


def test_rows_over_several_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.write._GROUP_ROWS", 7)
    documents = _documents(*(result_of(f"{n:064x}", f"{n}.pdf") for n in range(30)))
    write_tables(documents, tmp_path, BOTH)
    assert len(_csv(tmp_path, "indicators")) == 60
    parquet = pq.ParquetFile(tmp_path / "indicators.parquet")
    assert parquet.num_row_groups == 9
    assert parquet.read()["form_id"].to_pylist() == [row["form_id"] for row in _csv(tmp_path, "indicators")]


def test_stale_formats_go(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH)
    write_tables(_documents(RESULT), tmp_path, (Format.PARQUET,))
    assert not list(tmp_path.glob("*.csv"))
    assert files_missing(tmp_path, BOTH)
    assert json.loads((tmp_path / "datapackage.json").read_text())["resources"][0]["path"] == "documents.parquet"


def test_a_failure_while_writing_leaves_the_old_files(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH)
    before = {name: value for name, value in _hashes(tmp_path).items() if not name.startswith(".")}

    def broken() -> Iterator[tuple[str, Rows]]:
        yield from _documents(result_of("cd" * 32))
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_tables(broken(), tmp_path, BOTH)
    assert {name: value for name, value in _hashes(tmp_path).items() if not name.startswith(".")} == before


def test_paths_replace_that_of_the_row(tmp_path: Path) -> None:
    rows = result_to_rows(RESULT)
    write_tables([("a.pdf", rows), ("b.pdf", {"documents": rows["documents"]})], tmp_path, BOTH)
    assert [row["path"] for row in _csv(tmp_path, "documents")] == ["a.pdf", "b.pdf"]
    assert len(_csv(tmp_path, "forms")) == 1


def test_datapackage_is_valid(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    failed = failed_result("ef" * 32, ErrorCode.DAMAGED, "The file is cut. Download it again.")
    write_tables([*_documents(RESULT), ("cut.pdf", result_to_rows(failed))], tmp_path, BOTH)
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert report.flatten(["title", "note", "rowNumber", "fieldName"]) == []
    assert report.stats["tasks"] == 5


def test_datapackage_catches_a_wrong_row(tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    form = RESULT.forms[0]
    twice = Result(RESULT.document, (Form(form.head, (FUND, FUND), (replace(INDICATOR, form_id="x-1"),)),), ())
    write_tables(_documents(twice), tmp_path, BOTH)
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert {error[0] for error in report.flatten(["type"])} == {"primary-key", "foreign-key"}


def test_datapackage_hashes(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["name"] for resource in package["resources"]] == NAMES
    for resource in package["resources"]:
        for facts in (resource, resource["parquet"]):
            data = (tmp_path / facts["path"]).read_bytes()
            assert facts["bytes"] == len(data)
            assert facts["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "-0"), (3330000.0, "3330000"), (0.1, "0.1"), (1e-5, "0.00001"),
        (1e22, "10000000000000000000000"), (951.4285714285714, "951.4285714285714"), (-12.5, "-12.5"),
        (100.0, "100"), (120000000.0, "120000000"),
    ],
)  # fmt: skip
def test_number_to_text(value: float, text: str) -> None:
    assert number_to_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_to_text_reads_back(value: float) -> None:
    text = number_to_text(value)
    assert float(text) == value
    assert "e" not in text.lower()


def test_instants_are_utc() -> None:
    beijing = datetime(2026, 5, 6, 15, 8, 9, tzinfo=timezone(timedelta(hours=8)))
    assert instant_to_text(beijing) == "2026-05-06T07:08:09Z"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_comes_back_from_csv_and_parquet(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        form = Form(replace(HEAD, title=text, notes=text), (), ())
        write_tables(_documents(Result(RESULT.document, (form,), ())), out, BOTH)
        assert pq.read_table(out / "forms.parquet")["notes"].to_pylist() == [text]
        assert [row["notes"] for row in _csv(out, "forms")] == [text]


def test_arrow_is_used_as_declared(tmp_path: Path) -> None:
    write_tables(_documents(RESULT), tmp_path, BOTH)
    schema = pq.read_schema(tmp_path / "indicators.parquet")
    assert schema.field("flags").type == pa.list_(pa.string())
    assert schema.field("name").metadata[b"description"] == b"the repaired name"
