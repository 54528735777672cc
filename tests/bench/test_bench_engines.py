"""What each table engine makes of the documents of bench/engines/: the table of bench/README.md, as a test."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

spec = importlib.util.spec_from_file_location("bench_engines_scored", ROOT / "bench" / "engines.py")
assert spec is not None
assert spec.loader is not None
engines = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = engines
spec.loader.exec_module(engines)


@pytest.mark.parametrize(
    "name", ["account", "clipped", "duties", "open", "packed", "project", "prose", "three-line", "tight"]
)
def test_default_mode_is_exact(name: str) -> None:
    assert engines.score_document(name, "auto") == (1.0, 1.0)


def test_ruled_engine_alone_reads_clipped_text_right() -> None:
    assert engines.score_document("clipped", "ruled") == (1.0, 1.0)
    assert engines.score_document("clipped", "camelot")[1] < 0.9
    assert engines.score_document("clipped", "pdfplumber")[1] < 0.9


def test_camelot_reads_what_no_rule_parts() -> None:
    assert engines.score_document("account", "camelot")[0] > 0.9
    assert engines.score_document("account", "ruled") == (0.0, 0.0)


def test_pdfplumber_reads_cells_told_apart_by_their_colour() -> None:
    assert engines.score_document("shaded", "pdfplumber") == (1.0, 1.0)
    assert engines.score_document("shaded", "ruled") == (0.0, 0.0)
