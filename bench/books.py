"""What the books cost without the reading: storing results, settling names, writing tables; and how that grows.

    python bench/books.py FOLDER [--documents 2000,20000,100000]

The results of the fixtures are stored again and again under other ids, as if so many documents had been read, spread
over folders and over departments of twenty documents. Then a hundred more come, spread over all folders, as in a
nightly run. For each number of documents a process of its own, so that peak memory is that number's.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import count
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from output.catalogue import Catalogue, FileMark  # noqa: E402
from output.outcome import Packed, packed_to_outcome  # noqa: E402
from pipeline import Options, pack_result, publish, read_file, settle_names  # noqa: E402

NEW = 100
OF_ONE_BODY = 20


def fixture_results() -> list[Packed]:
    """The results of all fixtures, packed."""
    return [pack_result(read_file(file)) for file in sorted((ROOT / "fixtures" / "pdf").glob("*.pdf"))]


def copies(packed: Sequence[Packed]) -> Iterator[Packed]:
    """The results under ids and departments of their own, without end."""
    for number in count():
        one = packed[number % len(packed)]
        old, new = one.document_id or "", sha256(str(number).encode()).hexdigest()
        text = zlib.decompress(one.rows).decode()
        body = f"第{number // len(packed) // OF_ONE_BODY}号"
        for department, _ in one.bodies:
            text = text.replace(f'"{department}"', f'"{body}{department}"')
        text = re.sub(old[:16], new[:16], text.replace(old, new))
        yield replace(
            one,
            document_id=new,
            digest=bytes.fromhex(new[:32]),
            rows=zlib.compress(text.encode(), 1),
            bodies=tuple((body + department, cut) for department, cut in one.bodies),
        )


def store(catalogue: Catalogue, packed: Packed, path: str) -> None:
    """Keep a result for a file."""
    outcome = packed_to_outcome(packed.document_id or "", "", packed)
    catalogue.store(outcome, packed, [FileMark(path.encode(), path, 1, 1)])
    catalogue.note_given(path.encode(), outcome.result_id)


def measure(out: Path, documents: int) -> None:
    """Print a line for each step."""
    source = copies(fixture_results())
    options = Options()
    with Catalogue(out, afresh=True) as catalogue:
        start = time.process_time()
        for number in range(documents):
            store(catalogue, next(source), f"/in/{number % 997:03}/{number:07}.pdf")
        start = say(f"{documents} stored", start)
        settle_names(catalogue)
        start = say("names settled", start)
        publish(catalogue, out, options)
        start = say("tables written", start)
        publish(catalogue, out, options)
        start = say("nothing new", start)
        for number in range(NEW):
            store(catalogue, next(source), f"/in/{number * 7 % 997:03}/new-{number}.pdf")
        settle_names(catalogue)
        publish(catalogue, out, options)
        say(f"{NEW} new ones stored, settled, written", start)


def say(title: str, start: float) -> float:
    """Print the processor seconds of a step and the peak memory so far; returns the processor time."""
    now = time.process_time()
    status = Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM"))
    sys.stdout.write(f"{title:40} {now - start:8.2f} s CPU   peak {peak} MiB\n")
    sys.stdout.flush()
    return time.process_time()


def main() -> None:
    """Measure each number of documents in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", default="2000,20000,100000")
    given = parser.parse_args()
    numbers = given.documents.split(",")
    if len(numbers) == 1:
        measure(given.folder / f"books-{numbers[0]}", int(numbers[0]))
    else:
        for number in numbers:
            command = [sys.executable, __file__, str(given.folder), "--documents", number]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
