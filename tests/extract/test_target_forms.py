"""Two published target forms: every cell's span and text, against a truth that was read off the picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extract import read_document

FORMS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "target_forms"

pytestmark = pytest.mark.skipif(not FORMS.is_dir(), reason="the corpus of target forms is not here")


def solid(text: str) -> str:
    return "".join(text.split())


def test_every_cell_of_published_target_forms() -> None:
    checked = 0
    for truth_path in sorted(FORMS.glob("*.truth.json")):
        truth = json.loads(truth_path.read_text("utf-8"))
        document = read_document(FORMS / truth[0]["pdf"])
        for want in truth:
            (table,) = document.pages[want["page"] - 1].tables
            assert (table.rows, table.cols) == (want["rows"], want["cols"])
            got = {(cell.r0, cell.r1, cell.c0, cell.c1): cell for cell in table.cells}
            for cell in want["cells"]:
                span = (cell["r0"], cell["r1"], cell["c0"], cell["c1"])
                assert solid(got[span].text) == solid(cell["text"])
                assert all(abs(a - b) < 1.5 for a, b in zip(got[span].bbox, cell["bbox"], strict=True)), span
                checked += 1
            assert len(got) == len(want["cells"])
    assert checked == 117
