"""What the reading of scans gives: cells and rows against those of the text twins, by recipe and over all.

    python bench/scans.py [--set SET] [--seed N] [--recipes NAME,...] [--sources NAME,...] [--keep DIR] [--list FILE]

SET is `committed`, `large` (the default: every fixture by three recipes in turn), `other` (the first page of each by
one recipe that it does not meet there) or `chance` (by a recipe of its own, drawn with the seed N, 1 if none is given).
They are made in a temporary folder, or in DIR, where they are left and found again. FILE gets a line for each cell and
each column of a row that differs. Exits with 1 where a floor is missed: those of FLOORS, and ROWS_EQUAL over all rows.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from scan_cells import CellCounts, CellDifference, compare_pages  # noqa: E402
from scan_rows import RowCounts, RowDifference, compare_forms  # noqa: E402
from scan_twin import Reading, document_to_reading, read_twin  # noqa: E402

from fixtures.degrade.make import degrade  # noqa: E402
from fixtures.degrade.recipes import COMMITTED, Sample  # noqa: E402
from fixtures.degrade.sets import chance_set, large_set, other_set  # noqa: E402

FLOORS = {("seed-calc", "seal-200"): 0.995, ("seed-calc", "seal-150"): 0.98}
"""The least share of exact cells; these samples may also miss no row, and have no number wrong without a flag."""
ROWS_EQUAL = 0.97


@dataclass(frozen=True, slots=True)
class Score:
    """What came of one sample or of several: counts, differences, seconds."""

    pages: int = 0
    seconds: float = 0.0
    cells: CellCounts = field(default_factory=CellCounts)
    rows: RowCounts = field(default_factory=RowCounts)
    cell_differences: tuple[CellDifference, ...] = field(default=(), repr=False)
    row_differences: tuple[RowDifference, ...] = field(default=(), repr=False)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.pages + other.pages,
            self.seconds + other.seconds,
            self.cells + other.cells,
            self.rows + other.rows,
            self.cell_differences + other.cell_differences,
            self.row_differences + other.row_differences,
        )


def read_scan(path: Path) -> Reading:
    """A file through the reader: its raw tables and, of the same reading, its forms; nothing where it is refused."""
    from model import DocumentError
    from pipeline import TableEngine, read_pages

    try:
        return document_to_reading(read_pages(path, TableEngine.AUTO, None))
    except DocumentError as error:
        print(f"{path.name}: {error.message}", file=sys.stderr)
        return Reading((), (), ())


def score(sample: Sample, got: Reading, seconds: float = 0.0) -> Score:
    """A reading of a sample against its twin."""
    want = read_twin(sample)
    cells, cell_differences = compare_pages(want.pages, got.pages)
    rows, row_differences = compare_forms(want.forms, got.forms, got.findings)
    return Score(len(want.pages), seconds, cells, rows, tuple(cell_differences), tuple(row_differences))


def read_and_score(path: Path, sample: Sample) -> Score:
    """A degraded file read and scored."""
    start = time.perf_counter()
    got = read_scan(path)
    return score(sample, got, time.perf_counter() - start)


def score_set(samples: Iterable[Sample], folder: Path) -> Iterator[tuple[Sample, Score]]:
    """Each sample, made where `folder` does not hold it yet, and its score."""
    for sample in samples:
        path = folder / sample.file
        if not path.exists():
            path.write_bytes(degrade(sample))
        yield sample, read_and_score(path, sample)


# ---------------------------------------------------------------------------------------------------------------------
# Printing
# ---------------------------------------------------------------------------------------------------------------------

HEAD = (
    f"{'':<18}{'pages':>6}{'tables':>9}{'extra':>6}{'grids':>8}{'cells':>13}{'exact %':>9}{'numbers':>13}{'CER %':>8}"
    f"{'rows':>12}{'equal %':>9}{'lost':>6}{'extra':>6}{'wrong':>7}{'unflagged':>10}{'s/page':>8}"
)


def line(name: str, one: Score) -> str:
    """A line of the table. `wrong` are numbers that differ, `unflagged` those of them that no finding warns of."""
    c, r = one.cells, one.rows
    return (
        f"{name:<18}{one.pages:>6}{f'{c.tables_found}/{c.tables}':>9}{c.tables_extra:>6}{f'{c.grids_equal}/{c.tables}':>8}"
        f"{f'{c.cells_exact}/{c.cells}':>13}{per_cent(c.cells_exact, c.cells):>9}{f'{c.numbers_exact}/{c.numbers}':>13}"
        f"{per_cent(c.edits, c.characters, 3):>8}{f'{r.rows_equal}/{r.rows}':>12}{per_cent(r.rows_equal, r.rows):>9}"
        f"{r.rows_missing:>6}{r.rows_extra:>6}{r.numbers_wrong:>7}{r.numbers_unflagged:>10}"
        f"{one.seconds / max(one.pages, 1):>8.2f}"
    )


def per_cent(part: int, whole: int, digits: int = 2) -> str:
    """A share as text, a dash where there is nothing to share."""
    return f"{100 * part / whole:.{digits}f}" if whole else "-"


def missed_floors(scores: Mapping[Sample, Score]) -> list[str]:
    """A sentence for each floor that is missed."""
    out = []
    for sample, one in scores.items():
        floor = FLOORS.get((sample.source, sample.recipe))
        if floor is not None:
            out += _missed(sample.file, one, floor)
    rows = sum((one.rows for one in scores.values()), RowCounts())
    if rows.rows_equal < ROWS_EQUAL * rows.rows:
        out.append(f"{rows.rows_equal} of {rows.rows} rows are equal: under {ROWS_EQUAL:.0%}")
    return out


def _missed(file: str, one: Score, floor: float) -> Iterator[str]:
    if one.cells.cells_exact < floor * one.cells.cells:
        yield f"{file}: {one.cells.cells_exact} of {one.cells.cells} cells are exact: under {floor:.1%}"
    if one.rows.rows_missing or one.rows.rows_extra:
        yield f"{file}: {one.rows.rows_missing} rows are missing, {one.rows.rows_extra} are too many"
    if one.rows.numbers_unflagged:
        yield f"{file}: {one.rows.numbers_unflagged} numbers are wrong without a flag"


def write_list(path: Path, scores: Mapping[Sample, Score]) -> None:
    """Everything that differs, as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "level", "form or page", "table", "row", "column", "want", "got", "flagged"])
        for sample, one in scores.items():
            for cell in one.cell_differences:
                r0, r1, c0, c1 = cell.place
                place = (cell.page, cell.table, f"{r0}-{r1}", f"{c0}-{c1}")
                writer.writerow([sample.file, "cell", *place, cell.want, cell.got, ""])
            for row in one.row_differences:
                place = (row.form, row.table, row.row, row.column)
                flagged = str(row.flagged).lower() if row.is_number else ""
                writer.writerow([sample.file, "row", *place, row.want, row.got, flagged])


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the set, read it, and print a line for each recipe and one for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=tuple(SETS), default="large")
    parser.add_argument("--seed", type=int, default=1, help="of the set `chance`")
    parser.add_argument("--recipes", type=lambda text: text.split(","), help="these recipes only")
    parser.add_argument("--sources", type=lambda text: text.split(","), help="these fixtures only")
    parser.add_argument("--keep", type=Path, help="folder to make the files in, and to find them in again")
    parser.add_argument("--list", type=Path, help="CSV of everything that differs")
    options = parser.parse_args(arguments)
    samples = [
        sample
        for sample in SETS[options.set](options.seed)
        if (options.recipes is None or sample.recipe in options.recipes)
        and (options.sources is None or sample.source in options.sources)
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        scores = _score_loudly(samples, folder)
    _print_scores(scores)
    if options.list:
        write_list(options.list, scores)
    missed = missed_floors(scores)
    print("\n".join(missed) if missed else "every floor is met")
    return int(bool(missed))


FLOORED = tuple(Sample(source, recipe) for source, recipe in FLOORS)
SETS: Mapping[str, Callable[[int], Iterable[Sample]]] = {
    "committed": lambda _: COMMITTED,
    "large": lambda _: dict.fromkeys([*FLOORED, *large_set()]),
    "other": lambda _: other_set(),
    "chance": chance_set,
}


def _score_loudly(samples: Sequence[Sample], folder: Path) -> dict[Sample, Score]:
    scores = {}
    for sample, one in score_set(samples, folder):
        scores[sample] = one
        print(line(sample.source[:17], one), sample.recipe, file=sys.stderr, flush=True)
    return scores


def _print_scores(scores: Mapping[Sample, Score]) -> None:
    print(HEAD)
    recipes = sorted({sample.recipe for sample in scores})
    for recipe in recipes:
        print(line(recipe, sum((one for sample, one in scores.items() if sample.recipe == recipe), Score())))
    print(line("all", sum(scores.values(), Score())))


if __name__ == "__main__":
    sys.exit(main())
