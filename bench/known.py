"""A run that finds nothing new: seconds and memory for documents that are known, from a folder, an archive, a manifest.

    python bench/known.py [--documents N]

The documents are lines of text, read once by a reader that does nothing: what is measured stands around reading.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from model import DocumentRow, Result, Status  # noqa: E402  it runs as a script
from pipeline import Options, run  # noqa: E402

_FOLDER = 1000


def read_nothing(path: Path, _: Options) -> Result:
    """A result without forms, whatever the file."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    row = DocumentRow(None, str(path), None, None, 1, 0, None, Status.NO_FORM, None, None, 0, 0, "bench", now)
    return Result(row, (), ())


def make(room: Path, documents: int) -> dict[str, tuple[list[str | Path], Options]]:
    """The documents, and the ways to give them: all of the same bytes, so that they are read once."""
    names = [f"{number // _FOLDER:04}/{number % _FOLDER:04}.pdf" for number in range(documents)]
    with zipfile.ZipFile(room / "in.zip", "w") as archive, (room / "m.csv").open("w", encoding="utf-8") as manifest:
        manifest.write("path,url,region\n")
        for name in names:
            file = room / "in" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"%PDF-1.4 nothing")
            archive.writestr(name, b"%PDF-1.4 nothing")
            manifest.write(f"in/{name},https://example.org/{name},region {len(name)}\n")
    plain = Options(workers=1)
    return {
        "folder": ([room / "in"], plain),
        "archive": ([room / "in.zip"], plain),
        "manifest": ([], Options(workers=1, manifests=(room / "m.csv",))),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run each way twice and print what the second run took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=100_000)
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        room = Path(folder)
        for name, (inputs, how) in make(room, options.documents).items():
            run(inputs, room / f"out-{name}", how, read=read_nothing)
            clock, used = time.monotonic(), time.process_time()
            summary = run(inputs, room / f"out-{name}", how, read=read_nothing)
            clock, used = time.monotonic() - clock, time.process_time() - used
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{name}: {summary.known} of {summary.files} known, {clock:.1f} s by the clock,"
                f" {used:.1f} s of processor time, at most {memory:.0f} MiB so far",
                flush=True,
            )
            if summary.known != options.documents or summary.written:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
