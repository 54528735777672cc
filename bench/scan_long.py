"""Time and memory of long scans: a file of many scanned pages for each worker, read by `zipingbiao run`.

    python bench/scan_long.py [--pages 100] [--workers 1,2] [--keep DIR] [--limit MIB]

The pages are those of fixtures by a few recipes in turn, each with noise of its own, so that no two are the same. With
two workers two such files are read at once: a file is read by one worker, page by page. Peak memory is VmHWM of the
largest worker, looked at four times a second. Exits with 1 where a worker takes more than --limit MiB, or a file's
pages were not all read.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from costs import run  # noqa: E402

SOURCES = ("seed-calc", "mof-2020", "wuhan", "tianjin", "university")
RECIPES = ("seal-200", "grey-35", "skew-3", "noise-200", "clean-300")
MIB = 1536


def make_long_scan(path: Path, pages: int, seed: int) -> None:
    """A PDF of so many scanned pages. `seed` tells files apart: their pages are damaged in the same ways elsewhere."""
    import pypdfium2

    out = pypdfium2.PdfDocument.new()
    for number, data in enumerate(islice(one_page_scans(seed), pages)):
        with pypdfium2.PdfDocument(data) as page:
            out.import_pages(page, [0], index=number)
    out.save(path)
    out.close()


def one_page_scans(seed: int) -> Iterator[bytes]:
    """First pages of the fixtures as scans, without end."""
    import pypdfium2

    from fixtures.degrade.files import Scan, write_pdf
    from fixtures.degrade.make import FIXTURES, degrade_page
    from fixtures.degrade.recipes import find_recipe

    recipes = cycle(RECIPES)
    for number, source in enumerate(cycle(SOURCES)):
        if number and number % len(SOURCES) == 0:
            next(recipes)  # so that each source meets each recipe
        recipe = find_recipe(next(recipes))
        recipe = replace(recipe, seed=seed + number)
        with pypdfium2.PdfDocument(FIXTURES / "pdf" / f"{source}.pdf") as pdf:
            picture = degrade_page(pdf, 1, recipe, source)
        yield write_pdf([Scan(picture)], recipe.dpi, recipe.container)


def pages_read(out: Path) -> int:
    """How many pages a run has read by recognition."""
    with (out / "documents.csv").open(encoding="utf-8-sig", newline="") as file:
        return sum(int(row["pages_ocr"]) for row in csv.DictReader(file))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read long scans with each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100, help="pages of a file")
    parser.add_argument("--workers", type=lambda text: [int(one) for one in text.split(",")], default=[1, 2])
    parser.add_argument("--keep", type=Path, help="folder for the scans, where they are left and found again")
    parser.add_argument("--limit", type=int, default=MIB, help="MiB that a worker may take")
    options = parser.parse_args(arguments)
    missed = False
    with tempfile.TemporaryDirectory() as made:
        folder = (options.keep or Path(made)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        for workers in options.workers:
            files = [folder / f"long-{options.pages}-{n}.pdf" for n in range(workers)]
            for n, file in enumerate(files):
                if not file.exists():
                    make_long_scan(file, options.pages, 1000 * (n + 1))
            out = Path(made) / f"out-{workers}"
            cost = run(*files, "--out", out, "--workers", str(workers))
            read, wanted = pages_read(out), options.pages * workers
            busy = sum(cost.children_cpu_s.values()) / wanted
            missed = missed or read != wanted or cost.worker_mib > options.limit
            print(
                f"{workers} workers: {read} of {wanted} pages of {workers} files in {cost.seconds:.0f} s, "
                f"{cost.seconds / wanted:.2f} s a page, {busy:.2f} s of processor; "
                f"largest worker {cost.worker_mib} MiB, parent {cost.parent_mib} MiB",
                flush=True,
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
