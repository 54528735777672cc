"""Cut names completed from another document of the department, through the whole path, in whatever order they come."""

import hashlib
import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from model import Severity
from pipeline import Options, Summary, read_tables, run

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "pdf"
OPTIONS = Options(workers=2)

pytestmark = pytest.mark.slow


def _fill(folder: Path, *names: str) -> None:
    """The folder holds these fixtures and no others."""
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    for name in names:
        shutil.copy(FIXTURES / f"{name}.pdf", folder)


def _run(folder: Path, out: Path, *, prune: bool = False) -> Summary:
    return run([folder], out, Options(workers=2, prune=prune))


def _state(out: Path) -> dict[str, str]:
    """The hashes of the files, the rows of `documents` without the time of reading, and the generation."""
    files = [file for file in out.iterdir() if file.is_file() and file.stem not in ("documents", "datapackage")]
    documents = read_tables(out)["documents"].drop(columns="extracted_at")
    generation = json.loads((out / "datapackage.json").read_text("utf-8"))["generation"]
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return hashes | {"documents": documents.to_csv(), "generation": generation}


def _cut_rows(out: Path) -> pd.DataFrame:
    """The rows of the form that cuts its names, by row."""
    tables = read_tables(out)
    cut = next(path for path in tables["documents"]["path"] if path.endswith("seed-cut.pdf"))
    document_id = tables["documents"].set_index("path").loc[cut, "document_id"]
    rows = tables["indicators"]
    return rows[rows["form_id"] == f"{document_id[:16]}-1"].set_index("row")


def test_names_are_completed_in_whatever_order_documents_come(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    _fill(inbox, "seed-cut")
    alone_summary = _run(inbox, tmp_path / "one")
    alone = _state(tmp_path / "one")
    truncated = _cut_rows(tmp_path / "one").query("name_status == 'truncated'")
    assert len(truncated) == 16

    _fill(inbox, "seed-cut", "seed-calc")
    _run(inbox, tmp_path / "one")
    both = _state(tmp_path / "one")
    _fill(inbox, "seed-calc")
    _run(inbox, tmp_path / "two")
    _fill(inbox, "seed-calc", "seed-cut")
    _run(inbox, tmp_path / "two")
    assert _state(tmp_path / "two") == both
    together_summary = _run(inbox, tmp_path / "three")
    assert _state(tmp_path / "three") == both

    rows = _cut_rows(tmp_path / "one").loc[truncated.index]
    assert set(rows["name_source"]) == {"memory"}
    assert set(rows["name_status"]) == {"repaired"}
    whole = read_tables(tmp_path / "one")["indicators"]
    others = whole[~whole["form_id"].isin(rows["form_id"])]
    for (_, row), (_, before) in zip(rows.iterrows(), truncated.iterrows(), strict=True):
        assert row["name"].startswith(before["name"])
        assert row["name"] in set(others["name"])
        assert row["name_evidence"].endswith(")")
        assert row["name_evidence"].partition(" (")[2][:-1] in set(others["form_id"])
        assert "name_truncated" not in row["flags"]
        assert "name_repaired" in row["flags"]
        assert row["name_raw"] == before["name_raw"]
    findings = read_tables(tmp_path / "one")["findings"]
    assert (findings["code"] == "name_truncated").sum() == 0
    assert (findings["severity"] == "warning").sum() == together_summary.findings[Severity.WARNING]
    assert (findings["severity"] == "info").sum() == together_summary.findings[Severity.INFO]
    assert alone_summary.findings[Severity.WARNING] >= 16

    _fill(inbox, "seed-cut")
    _run(inbox, tmp_path / "one", prune=True)
    assert _state(tmp_path / "one") == alone


def test_flags_are_the_codes_of_the_findings(tmp_path: Path) -> None:
    run([FIXTURES / "seed-cut.pdf", FIXTURES / "seed-wps.pdf"], tmp_path, OPTIONS)
    tables = read_tables(tmp_path)
    found = tables["findings"].query("table == 'indicators'").groupby(["form_id", "row"])["code"].apply(set)
    for row in tables["indicators"].itertuples():
        assert set(row.flags) == found.get((row.form_id, row.row), set())
    names = tables["findings"].query("code == 'name_repaired'").set_index(["form_id", "row"])["value"]
    for row in tables["indicators"].query("name_source == 'memory'").itertuples():
        assert names[row.form_id, row.row] == row.name
