"""kill -9 at moments spread over a run: the same command again gives the bytes of a run that nobody disturbed."""

import sys
from pathlib import Path

import pytest

from scripts import load_script

kills = load_script("bench/kills.py")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]


@pytest.mark.parametrize("seed", [3, 4])
def test_killed_runs_end_as_if_they_were_not(tmp_path: Path, seed: int) -> None:
    kills.fill(tmp_path / "in", 8)
    done = list(kills.kill_many(tmp_path / "in", tmp_path, 2, 2, seed))
    assert [(kill.differing, kill.orphans) for kill in done] == [([], [])] * 2
