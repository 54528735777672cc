"""A corpus of hostile files read under limits: how each ended, and which took longest.

    python bench/hostile.py [--timeout SECONDS] [--memory-mb N] [--workers N] [--seed N] [--kinds NAME,...] [--keep DIR]

Makes the files of `fixtures/hostile.py` in a temporary folder, reads each in a process of its own as `run` does, and
prints counts by kind and outcome, and the slowest. Exits with 1 if a file has no outcome, a good one is not exact, one
took longer than its limits allow, or a process is left over.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model import Result

ROOT = Path(__file__).resolve().parent.parent
SLOWEST = 12
GRACE_S = 8.0
"""Seconds for starting and killing processes on a busy machine, beyond the tries that a file has."""
TRIES = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read: what came of it, and the seconds that it took."""

    name: str
    kind: str
    result: Result
    seconds: float
    is_exact: bool

    @property
    def outcome(self) -> str:
        """Its error code, or its status."""
        return str(self.result.document.error_code or self.result.document.status)

    def is_told(self) -> bool:
        """Whether it has an outcome and, if it failed, a sentence."""
        document = self.result.document
        return (document.error_code is None) == (document.status != "failed") and (
            document.error_code is None or bool(document.error)
        )


def is_exact(result: Result, name: str) -> bool:
    """Whether a copy of a fixture gave what the fixture gives."""
    from pipeline import read_file

    original = read_file(ROOT / "fixtures" / "pdf" / f"{name}.pdf")
    same = replace(result.document, path=original.document.path, extracted_at=original.document.extracted_at)
    return replace(result, document=same) == original


def read_corpus(folder: Path, options: argparse.Namespace) -> list[Reading]:
    """Make the corpus and read it."""
    from fixtures.hostile import make_hostile
    from pipeline import Options, read_file_apart

    limits = Options(timeout_s=options.timeout, memory_mb=options.memory_mb)
    cases = make_hostile(folder, options.seed, options.kinds or ())

    def read(number: int) -> Reading:
        case = cases[number]
        start = time.perf_counter()
        result = read_file_apart(folder / case.name, limits)
        seconds = time.perf_counter() - start
        return Reading(case.name, case.kind, result, seconds, case.good is None or is_exact(result, case.good))

    with ThreadPoolExecutor(options.workers) as pool:
        return list(pool.map(read, range(len(cases))))


def leftovers() -> list[str]:
    """Command lines of processes under this one."""
    children = Path("/proc/self/task").glob("*/children")
    pids = [pid for file in children for pid in file.read_text().split()]
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in pids]
    return [line for line in lines if "forkserver" not in line and "resource_tracker" not in line]


def print_table(readings: Sequence[Reading]) -> None:
    """Counts by kind and outcome."""
    outcomes = sorted({reading.outcome for reading in readings})
    counts = Counter((reading.kind, reading.outcome) for reading in readings)
    print(f"{'kind':<14}{'files':>6}" + "".join(f"{outcome:>15}" for outcome in outcomes))
    for kind in dict.fromkeys(reading.kind for reading in readings):
        total = sum(reading.kind == kind for reading in readings)
        print(f"{kind:<14}{total:>6}" + "".join(f"{counts[kind, outcome] or '':>15}" for outcome in outcomes))
    totals = Counter(reading.outcome for reading in readings)
    print(f"{'all':<14}{len(readings):>6}" + "".join(f"{totals[outcome]:>15}" for outcome in outcomes))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the corpus and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds a file")
    parser.add_argument("--memory-mb", type=int, default=1024, help="memory a file")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", type=lambda text: text.split(","), help="only these")
    parser.add_argument("--keep", type=Path, help="folder to make the files in, and to leave them")
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        readings = read_corpus(options.keep or Path(folder), options)
    print_table(readings)
    print(f"\n{time.perf_counter() - start:.0f} s with {options.workers} workers; the slowest:")
    for reading in sorted(readings, key=lambda reading: -reading.seconds)[:SLOWEST]:
        print(f"{reading.seconds:7.1f} s  {reading.outcome:<14} {reading.name}")
    wrong = {
        "without an outcome": [reading.name for reading in readings if not reading.is_told()],
        "good but not exact": [reading.name for reading in readings if not reading.is_exact],
        "beyond their limit": [
            reading.name for reading in readings if reading.seconds > TRIES * options.timeout + GRACE_S
        ],
        "processes left over": leftovers(),
    }
    print()
    for what, names in wrong.items():
        print(f"{what}: {', '.join(names) or 'none'}")
    broke_off = [reading for reading in readings if "broke off with" in str(reading.result.document.error)]
    print(f"errors of ours: {'; '.join(f'{one.name} {one.result.document.error}' for one in broke_off) or 'none'}")
    return int(any(wrong.values()))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
