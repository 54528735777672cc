"""Which table engine reads which kind of table: each over the documents in bench/engines/, whose true cells are known.

    python bench/engines.py [--engines auto,ruled,camelot,pdfplumber] [NAME...]

Each document shows one habit (see bench/engines/make.py). `F1` is that of bench/icdar.py over its pages; `cells` is the
share of the true cells found with their text and their span, less one for each cell too many; rows too many above a
table (its title) do not shift the others. A document without any table scores 1 where none is found, and else 0.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(__file__).resolve().parent / "engines"
SHIFTS = range(-4, 5)
ENGINES = ("auto", "ruled", "camelot", "pdfplumber")

sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from icdar import GridCell, read_ours, score_page  # noqa: E402


def read_truth(name: str) -> list[list[GridCell]]:
    """The true tables of a document."""
    tables = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return [[GridCell(*cell) for cell in cells] for cells in tables]


def score_document(name: str, engine: str) -> tuple[float, float]:
    """F1 of the adjacency relations, and share of exact cells."""
    true = read_truth(name)
    found = [grid for grids in read_ours(engine)(FOLDER / f"{name}.pdf").values() for grid in grids]
    if not true:
        return (0.0, 0.0) if found else (1.0, 1.0)
    return score_page(true, found).f1, exact_cells(true, found)


def exact_cells(true: Sequence[Sequence[GridCell]], found: Sequence[Sequence[GridCell]]) -> float:
    """The share of cells that hold the same text in the same places, for the best shift of the rows found."""
    wanted = _places(true, 0)
    shifted = (_places(found, shift) for shift in SHIFTS)
    return max((wanted & got).total() / max(wanted.total(), got.total()) for got in shifted)


def _places(grids: Sequence[Sequence[GridCell]], shift: int) -> Counter[GridCell]:
    return Counter(
        GridCell(c.r0 + shift, c.r1 + shift, c.c0, c.c1, "".join(c.text.split())) for grid in grids for c in grid
    )


def print_scores(scores: Mapping[str, Mapping[str, tuple[float, float]]], engines: Sequence[str]) -> None:
    """A line for each document: F1 and exact cells of each engine, the best by exact cells last."""
    print(f"{'':<12}" + "".join(f"{engine:>16}" for engine in engines) + "   best")
    print(f"{'':<12}" + f"{'F1  cells':>16}" * len(engines))
    for name, by_engine in scores.items():
        best = max(cells for _, cells in by_engine.values())
        winners = [engine for engine, (_, cells) in by_engine.items() if cells == best > 0]
        columns = "".join(f"{f1:>9.3f}{cells:>7.3f}" for f1, cells in by_engine.values())
        print(f"{name:<12}{columns}   {', '.join(winners)}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the engines over the documents asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=sorted(path.stem for path in FOLDER.glob("*.pdf")))
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES))
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    scores = {name: {engine: score_document(name, engine) for engine in options.engines} for name in options.names}
    print_scores(scores, options.engines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
