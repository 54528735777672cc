"""What a large run costs: documents a second, memory of parent and workers, size of what it writes, a second run.

    python bench/bulk.py FOLDER [--documents 20000] [--workers 1,2] [--known 100000] [--partition]

Documents are the fixtures, each copy with a comment of its own behind its end, so that no two have the same bytes. They
are made in FOLDER, once. For each number of workers a run over all of them is timed from outside, as a user would
start it: then a second run, a run after a hundred new documents, and one after those are gone (--prune). Last, a run
over --known hard links whose documents are known, for the price of looking at a file that has not changed.
Peak memory is VmHWM, looked at four times a second; processor time is told apart for the parent and its children, since
on a busy machine the clock says little.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures" / "pdf"
sys.path[:0] = [str(ROOT / "bench")]

from costs import Cost, run  # noqa: E402

A_FOLDER = 1000
NEW = 100


# ---------------------------------------------------------------------------------------------------------------------
# Documents
# ---------------------------------------------------------------------------------------------------------------------


def make_documents(folder: Path, first: int, count: int) -> None:
    """Copies of the fixtures, `count` from number `first` on, with bytes of their own. Those there are stay."""
    fixtures = [file.read_bytes() for file in sorted(FIXTURES.glob("*.pdf"))]
    for number in range(first, first + count):
        file = folder / f"{number // A_FOLDER:04}" / f"{number:07}.pdf"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(fixtures[number % len(fixtures)] + f"\n% copy {number}\n".encode())


def make_links(folder: Path, count: int) -> None:
    """Hard links to the fixtures: many names, few documents."""
    copies = folder.parent / "linked"
    copies.mkdir(parents=True, exist_ok=True)
    for fixture in FIXTURES.glob("*.pdf"):
        if not (copies / fixture.name).exists():
            shutil.copy(fixture, copies)
    fixtures = sorted(copies.iterdir())
    for number in range(count):
        link = folder / f"{number // A_FOLDER:04}" / f"{number:07}.pdf"
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.hardlink_to(fixtures[number % len(fixtures)])


# ---------------------------------------------------------------------------------------------------------------------
# Costs
# ---------------------------------------------------------------------------------------------------------------------


def size_mb(*files: Path) -> float:
    """Megabytes of files."""
    return sum(file.stat().st_size for file in files) / 1e6


def describe_output(out: Path) -> str:
    """The size of what a run wrote."""
    csv, parquet = size_mb(*out.glob("*.csv")), size_mb(*out.glob("*.parquet"))
    partitions = size_mb(*chain.from_iterable(out.glob(f"{name}/*/*") for name in ("forms", "funds", "indicators")))
    books = size_mb(*(out / ".zipingbiao").iterdir())
    return f"CSV {csv:.1f} MB, Parquet {parquet:.1f} MB, partitions {partitions:.1f} MB, catalogue {books:.1f} MB"


def say(title: str, cost: Cost, documents: int) -> None:
    """Print a line."""
    parent, children = (1000 * one / documents for one in (cost.parent_cpu_s, sum(cost.children_cpu_s.values())))
    sys.stdout.write(
        f"{title:34} {cost.seconds:8.1f} s {documents / cost.seconds:7.0f} files/s"
        f"   CPU a file: parent {parent:.3f} ms, workers {children:.2f} ms"
        f"   peak: parent {cost.parent_mib} MiB, worker {cost.worker_mib} MiB\n"
    )
    sys.stdout.flush()


def measure(folder: Path, documents: int, workers: int, *more: str) -> None:
    """A first run, a second, one with new documents, one without them again."""
    inbox, out = folder / "in", folder / f"out-{workers}"
    shutil.rmtree(out, ignore_errors=True)
    make_documents(inbox, 0, documents)
    common = (inbox, "--out", out, "--workers", str(workers), *more)
    say(f"{documents} documents, {workers} workers", run(*common), documents)
    sys.stdout.write(f"{'':34} {describe_output(out)}\n")
    say("the same again", run(*common), documents)
    make_documents(inbox, 9_000_000, NEW)
    say(f"{NEW} new ones", run(*common), documents + NEW)
    shutil.rmtree(inbox / f"{9_000_000 // A_FOLDER:04}")
    say("these gone again, --prune", run(*common, "--prune"), documents)


def measure_known(folder: Path, count: int) -> None:
    """Runs over files that are all known."""
    inbox, out = folder / "links", folder / "out-links"
    shutil.rmtree(out, ignore_errors=True)
    make_links(inbox, count)
    time.sleep(3)  # files that changed within two seconds are looked at again
    say(f"{count} names of known bytes", run(inbox, "--out", out), count)
    say("the same again", run(inbox, "--out", out), count)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--workers", default="1,2")
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--partition", action="store_true")
    given = parser.parse_args()
    more = ("--partition", "fiscal_year") if given.partition else ()
    for workers in filter(None, given.workers.split(",")):
        measure(given.folder.absolute(), given.documents, int(workers), *more)
    if given.known:
        measure_known(given.folder.absolute(), given.known)


if __name__ == "__main__":
    main()
