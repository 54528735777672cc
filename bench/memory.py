"""Memory over many readings of one document in one process: it must not grow.

    python bench/memory.py [FILE...] [--repeats N] [--limit PER_CENT]

Prints the resident memory after each tenth of the repeats. Exits with 1 where the end lies above the first fifth (by
when all modules and fonts are loaded) by more than the limit.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = (ROOT / "fixtures" / "pdf" / "seed-calc.pdf", ROOT / "fixtures" / "pdf" / "seed-wps.pdf")


def resident_mib() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def watch(read: Callable[[], object], repeats: int) -> list[float]:
    """Resident memory in MiB after each tenth of the repeats."""
    seen = []
    for number in range(1, repeats + 1):
        read()
        if number % max(repeats // 10, 1) == 0:
            gc.collect()
            seen.append(resident_mib())
    return seen


def growth(seen: Sequence[float]) -> float:
    """How much more memory the end takes than the first fifth, as a share."""
    return seen[-1] / seen[min(1, len(seen) - 1)] - 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Read each file many times and say whether memory grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=DEFAULT)
    parser.add_argument("--repeats", type=int, default=500)
    parser.add_argument("--limit", type=float, default=3.0, help="growth allowed, in per cent")
    options = parser.parse_args(arguments)

    from pipeline import read_file

    grown = False
    for path in options.files:
        seen = watch(lambda path=path: read_file(path), options.repeats)
        share = 100 * growth(seen)
        grown = grown or share > options.limit
        print(f"{path.name}: MiB after each tenth of {options.repeats} readings: {' '.join(f'{m:.1f}' for m in seen)}")
        print(f"{path.name}: growth after the first fifth {share:+.1f} %", flush=True)
    return int(grown)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
