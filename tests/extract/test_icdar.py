"""The ICDAR-2013 table competition, EU half: the default mode's F1, by bench/icdar.py's measure."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "icdar2013"


def load_bench(name: str) -> ModuleType:
    """A module of bench/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / "bench" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.exists(), reason="the ICDAR-2013 corpus is not beside the project")
def test_default_mode_finds_the_structure_of_tables() -> None:
    icdar = load_bench("icdar")
    result = icdar.score_engine(icdar.read_ours(), icdar.read_truth(CORPUS))
    assert result.pooled.f1 >= 0.95, result.pooled
    assert result.pooled_all.f1 >= 0.95, "tables found where there are none"
