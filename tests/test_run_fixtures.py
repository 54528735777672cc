"""The whole path over the fixtures: what a run writes fits together, in both formats, and bad files end as told."""

import csv
import hashlib
import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from model import Code
from output.csv_text import number_to_text
from output.schema import TABLES, Kind
from pipeline import ExitCode, Options, read_file, read_tables, run

ROOT = Path(__file__).resolve().parents[1]
PDFS = sorted((ROOT / "fixtures" / "pdf").glob("*.pdf"))
OPTIONS = Options(workers=2)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a run over all good fixtures."""
    folder = tmp_path_factory.mktemp("run") / "out"
    summary = run([ROOT / "fixtures" / "pdf"], folder, OPTIONS)
    assert summary.exit_code is ExitCode.ALL_READ, summary.failures
    return folder


@pytest.fixture(scope="module")
def tables(out: Path) -> dict[str, pd.DataFrame]:
    return read_tables(out)


def test_every_file_has_its_row(tables: dict[str, pd.DataFrame]) -> None:
    documents = tables["documents"].set_index("path")
    assert list(documents.index) == [str(path) for path in PDFS]
    for path in PDFS:
        row = documents.loc[str(path)]
        assert row["document_id"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert row["size_bytes"] == path.stat().st_size
        assert row["media_type"] == "application/pdf"
        assert row["pages"] >= 1
        assert row["forms"] == (tables["forms"]["document_id"] == row["document_id"]).sum()
        ids = tables["forms"].loc[tables["forms"]["document_id"] == row["document_id"], "form_id"]
        assert row["indicators"] == tables["indicators"]["form_id"].isin(list(ids)).sum()
        assert list(ids) == [f"{row['document_id'][:16]}-{n}" for n in range(1, len(ids) + 1)]


def test_csv_says_what_parquet_says(out: Path, tables: dict[str, pd.DataFrame]) -> None:
    for table in TABLES:
        with (out / f"{table.name}.csv").open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
        frame = tables[table.name]
        assert len(rows) == len(frame)
        for column in table.columns:
            values = [None if _is_none(value) else value for value in frame[column.name].tolist()]
            for row, value in zip(rows, values, strict=True):
                assert row[column.name] == _as_csv(column.kind, value), (table.name, column.name)


def _is_none(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value


def _as_csv(kind: Kind, value: object) -> str:
    if value is None:
        return ""
    if kind is Kind.TRUTH:
        return str(value).lower()
    if kind is Kind.NUMBER:
        return number_to_text(float(str(value)))
    if kind is Kind.LIST:
        assert isinstance(value, list)
        return ";".join(value)
    if kind is Kind.INSTANT:
        assert isinstance(value, pd.Timestamp)
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


def test_the_package_is_valid(out: Path) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.Package(str(out / "datapackage.json")).validate()
    assert report.flatten(["title", "note", "rowNumber", "fieldName"]) == []


def test_flags_are_the_codes_of_the_rows_findings(tables: dict[str, pd.DataFrame]) -> None:
    findings = tables["findings"]
    for name, number in (("funds", "line"), ("indicators", "row")):
        codes: dict[tuple[str, int], set[str]] = {}
        for finding in findings[findings["table"] == name].itertuples(index=False):
            codes.setdefault((finding.form_id, finding.row), set()).add(finding.code)
        for form_id, place, flags in tables[name][["form_id", number, "flags"]].itertuples(index=False):
            assert set(flags) == codes.pop((form_id, place), set()), (name, form_id, place)
        assert codes == {}


def test_findings_point_to_what_there_is(tables: dict[str, pd.DataFrame]) -> None:
    columns = {(table.name, column.name) for table in TABLES for column in table.columns}
    severities = {code.value: code.severity.value for code in Code}
    for row in tables["findings"].itertuples(index=False):
        assert severities[row.code] == row.severity
        assert row.message
        if not _is_none(row.column) and not _is_none(row.table):
            names = {row.column, f"{row.column}_value", f"{row.column}_raw"}  # `actual` means the cell
            assert any((row.table, name) in columns for name in names), (row.table, row.column)


def test_a_second_run_changes_no_byte(out: Path) -> None:
    before = {file.name: file.read_bytes() for file in out.iterdir() if file.is_file()}
    summary = run([ROOT / "fixtures" / "pdf"], out, OPTIONS)
    assert (summary.known, summary.written) == (len(PDFS), False)
    assert {file.name: file.read_bytes() for file in out.iterdir() if file.is_file()} == before


def test_bad_files_end_as_told(tmp_path: Path) -> None:
    with (ROOT / "fixtures" / "broken" / "expected.csv").open(encoding="utf-8-sig", newline="") as handle:
        expected = {row["file"]: row for row in csv.DictReader(handle)}
    summary = run([ROOT / "fixtures" / "broken"], tmp_path, OPTIONS)
    assert summary.exit_code is ExitCode.SOME_FAILED
    documents = read_tables(tmp_path)["documents"]
    got = {
        Path(row.path).name: (row.status, "" if _is_none(row.error_code) else row.error_code, row.forms, row.indicators)
        for row in documents.itertuples(index=False)
    }
    assert got == {
        name: (row["status"], row["error_code"], int(row["forms"]), int(row["indicators"]))
        for name, row in expected.items()
    }
    failed = documents[documents["status"] == "failed"]
    assert not failed["error"].isna().any()
    assert set(read_tables(tmp_path)["findings"]["document_id"]) & set(failed["document_id"]) == set()


def _zipingbiao(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli", *map(str, arguments)],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["seed-cut", "seed-two-page", "budget-table"])
def test_show_prints_every_row_and_finding(name: str) -> None:
    path = ROOT / "fixtures" / "pdf" / f"{name}.pdf"
    done = _zipingbiao("show", path)
    assert (done.returncode, done.stderr) == (0, "")
    result = read_file(path)
    for form in result.forms:
        for row in form.indicators:
            assert str(row.name)[:10] in done.stdout
    for finding in result.findings:
        assert done.stdout.count(f"{finding.severity} {finding.code.value}") == sum(
            other.code is finding.code for other in result.findings
        )


@pytest.mark.parametrize("name", ["seed-calc", "seed-wps"])
def test_tables_cover_each_place_once(name: str) -> None:
    done = _zipingbiao("tables", ROOT / "fixtures" / "pdf" / f"{name}.pdf", "--json", "--pages", "1-2")
    assert done.returncode == 0
    tables = json.loads(done.stdout)
    assert {table["page"] for table in tables} == {1, 2}
    for table in tables:
        assert set(table) == {"page", "method", "bbox", "rows", "cols", "cells"}
        places = [
            place
            for cell in table["cells"]
            for place in product(range(cell["r0"], cell["r1"] + 1), range(cell["c0"], cell["c1"] + 1))
        ]
        assert sorted(places) == list(product(range(table["rows"]), range(table["cols"])))
        assert all("\n" not in cell["text"] for cell in table["cells"])
