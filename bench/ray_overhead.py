"""What Ray costs a document against the local engine: the same documents, the same number of cores, one run.

    python bench/ray_overhead.py [--documents N] [--workers N] [--repeats N] [--sent]

Times only the sharing out and reading, not the writing of tables. `start` is the time until the first document is done,
`driver` the processor time a document of the process that shares out: its inverse is what one driver can feed. With
--sent, workers are made not to see the files, so that all bytes go through the object store. The document is small
(one page), so that what is not reading shows.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "fixtures" / "pdf" / "anhui.pdf"


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds until the first document was done; from then on, milliseconds a document by the clock and of the driver's
    processor time; and MB of memory of all processes that the driver started, half way, shared pages counted once."""

    start_s: float
    document_ms: float
    driver_ms: float
    memory_mb: float


def make_documents(folder: Path, count: int) -> list[Path]:
    """Copies of a small fixture, each with bytes of its own."""
    data = SOURCE.read_bytes()
    paths = []
    for number in range(count):
        path = folder / f"{number:06}.pdf"
        path.write_bytes(data + b"\n%% %d\n" % number)
        paths.append(path)
    return paths


def memory_mb() -> float:
    """Memory of all processes under this one; a page that several share counts once."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    family = [os.getpid()]
    for parent in family:
        family += [pid for pid, of in parents.items() if of == parent]
    total = 0
    for pid in family[1:]:
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def clock(results: Iterator[tuple[Path, object]], count: int) -> Timing:
    """Time an engine's results."""
    begun = time.perf_counter()
    seen = 0
    first = first_cpu = begun
    memory = 0.0
    for _, value in results:
        assert type(value).__name__ == "Result", value
        seen += 1
        if seen == count // 2:
            memory = memory_mb()
        if seen == 1:
            first, first_cpu = time.perf_counter(), time.process_time()
    assert seen == count, (seen, count)
    rest = max(count - 1, 1) / 1000
    return Timing(first - begun, (time.perf_counter() - first) / rest, (time.process_time() - first_cpu) / rest, memory)


def read_local(paths: Sequence[Path], workers: int) -> Timing:
    """The local engine."""
    from bulk.local import call_all
    from pipeline import Options, read_file

    options = Options()
    call = partial(read, read_file, options)
    preload = ("pipeline", "extract", "normalize")
    return clock(call_all(call, paths, options.limits, workers, preload, Event()), len(paths))


def read_on_ray(paths: Sequence[Path], workers: int, *, sent: bool) -> Timing:
    """The Ray engine on a cluster that is started for it."""
    from bulk.files import digest
    from bulk.ray_engine import Cluster, Place, call_all_on_ray
    from pipeline import Options, read_file

    options = Options()

    def place(path: Path) -> Place:
        return Place(path, "0" * 64 if sent else digest(path))

    def size(path: Path) -> int:
        return path.stat().st_size

    results = call_all_on_ray(
        partial(read, read_file, options), paths, options.limits,
        Cluster(None, workers, ("pipeline", "extract", "normalize")), Event(),
        place=place, size=size, on_pages=lambda _path, _pages: None,
    )  # fmt: skip
    return clock(results, len(paths))


def read(read_file: object, options: object, path: Path, file: Path | None = None) -> object:
    """Read a document where it is, or where its bytes were put."""
    return read_file(file or path, options)  # type: ignore[operator]


def main(arguments: Sequence[str] | None = None) -> int:
    """Time both engines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sent", action="store_true", help="send the bytes")
    options = parser.parse_args(arguments)
    timings: dict[str, list[Timing]] = {"local": [], "ray": []}
    with tempfile.TemporaryDirectory() as folder:
        paths = make_documents(Path(folder), options.documents)
        for _ in range(options.repeats):
            timings["local"].append(read_local(paths, options.workers))
            timings["ray"].append(read_on_ray(paths, options.workers, sent=options.sent))
    print(f"{options.documents} documents, {options.workers} workers, best of {options.repeats}")
    best = {}
    for engine, all_ in timings.items():
        best[engine] = min(timing.document_ms for timing in all_)
        start = statistics.median(timing.start_s for timing in all_)
        driver = min(timing.driver_ms for timing in all_)
        memory = max(timing.memory_mb for timing in all_)
        rate = 1000 / best[engine]
        print(f"{engine:<6} start {start:5.1f} s   {best[engine]:6.2f} ms a document   {rate:6.1f} documents a second")
        print(f"{'':<6} driver {driver:5.2f} ms a document   {memory:.0f} MB in all processes that it started")
    more = best["ray"] - best["local"]
    print(f"ray costs {more * options.workers:+.2f} ms of a core a document ({best['ray'] / best['local'] - 1:+.0%})")
    return 0


if __name__ == "__main__":
    # Read functions are pickled by the name of their module, which workers must be able to import.
    sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
    import ray_overhead

    sys.exit(ray_overhead.main())
