"""ICDAR-2013 table competition, EU half: how much of the tables' structure each engine finds.

    python bench/icdar.py [--corpus DIR] [--engines ours,pdfplumber,...] [--by-document]

The measure is that of the competition (Goebel, Hassan, Oro, Orsi: "ICDAR 2013 Table Competition", and their
"A methodology for evaluating algorithms for table understanding in PDF documents", 2012). A table is the set of its
adjacency relations: each cell that holds text with the next cell that holds text to its right, and with the next one
below it; blank cells between them are passed over. A relation is the two texts, white space taken out, and the
direction. Found relations are held against the true ones as multisets, page by page, so that a table cut in two costs
the relations over the cut and a table that is none costs precision.

`F1` pools the relations of all documents on the pages that hold a true table. `F1 all` counts tables found on the other
pages too (figures, formulas and lists taken for tables). `F1 doc` is the mean of the documents' F1, where a document of
ten relations counts as much as one of a thousand. `F1 fold` is F1 without regard to capitals: some fonts of the set
map the capitals that they show to small letters, and the truth follows the map.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "icdar2013"

__all__ = ["ENGINES", "GridCell", "Score", "adjacency", "read_truth", "score_engine", "score_page"]


class GridCell(NamedTuple):
    """A cell of a table; `r1` and `c1` are inclusive."""

    r0: int
    r1: int
    c0: int
    c1: int
    text: str


Relation = tuple[str, str, str]
Grid = Sequence[GridCell]
Pages = Mapping[int, Sequence[Grid]]
"""The tables of a document by page number, from 1."""
Engine = Callable[[Path], Pages]


@dataclass(frozen=True, slots=True)
class Score:
    """Numbers of relations: `correct` ones among those `found`, and those that are `true`."""

    correct: int = 0
    found: int = 0
    true: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.correct + other.correct, self.found + other.found, self.true + other.true)

    @property
    def precision(self) -> float:
        """The share of the found relations that are true."""
        return self.correct / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """The share of the true relations that were found."""
        return self.correct / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.correct / (self.found + self.true) if self.found + self.true else 0.0


# ---------------------------------------------------------------------------------------------------------------------
# The measure
# ---------------------------------------------------------------------------------------------------------------------


def adjacency(cells: Grid, *, fold: bool = False) -> Counter[Relation]:
    """The adjacency relations of one table; `fold` makes no difference between capitals and small letters."""
    texts = ["".join(cell.text.split()) for cell in cells]
    if fold:
        texts = [text.casefold() for text in texts]
    places: dict[tuple[int, int], int] = {}
    for i, cell in enumerate(cells):
        if texts[i]:
            for row in range(cell.r0, cell.r1 + 1):
                for column in range(cell.c0, cell.c1 + 1):
                    places[row, column] = i
    pairs = {*_neighbours(places, "right"), *_neighbours({(c, r): i for (r, c), i in places.items()}, "below")}
    return Counter((texts[a], texts[b], direction) for a, b, direction in pairs)


def _neighbours(places: Mapping[tuple[int, int], int], direction: str) -> Iterator[tuple[int, int, str]]:
    """Cells that follow one another along the second coordinate, with none or only blanks between them."""
    order = sorted(places)
    for here, there in pairwise(order):
        if here[0] == there[0] and places[here] != places[there]:
            yield places[here], places[there], direction


def score_page(true: Iterable[Grid], found: Iterable[Grid], *, fold: bool = False) -> Score:
    """Hold the relations of all tables found on a page against those of its true tables."""
    wanted: Counter[Relation] = sum((adjacency(grid, fold=fold) for grid in true), Counter())
    got: Counter[Relation] = sum((adjacency(grid, fold=fold) for grid in found), Counter())
    return Score((wanted & got).total(), got.total(), wanted.total())


@dataclass(frozen=True, slots=True)
class EngineScore:
    """One engine's scores by document: on pages with a true table, there without regard to capitals, and elsewhere."""

    on_tables: Mapping[str, Score]
    folded: Mapping[str, Score]
    elsewhere: Mapping[str, Score]
    seconds: float

    @property
    def pooled(self) -> Score:
        return sum(self.on_tables.values(), Score())

    @property
    def pooled_all(self) -> Score:
        return sum(self.elsewhere.values(), self.pooled)

    @property
    def document_f1(self) -> float:
        return sum(score.f1 for score in self.on_tables.values()) / len(self.on_tables)


def score_engine(engine: Engine, truth: Mapping[Path, Pages]) -> EngineScore:
    """Read every document with `engine` and score it."""
    on_tables, folded, elsewhere = {}, {}, {}
    start = time.perf_counter()
    found_in = {path: engine(path) for path in truth}
    seconds = time.perf_counter() - start
    for path, pages in truth.items():
        found = found_in[path]
        on_tables[path.stem] = sum((score_page(pages[n], found.get(n, ())) for n in pages), Score())
        folded[path.stem] = sum((score_page(pages[n], found.get(n, ()), fold=True) for n in pages), Score())
        elsewhere[path.stem] = sum((score_page((), found[n]) for n in found if n not in pages), Score())
    return EngineScore(on_tables, folded, elsewhere, seconds)


def read_truth(corpus: Path = CORPUS) -> dict[Path, Pages]:
    """The true tables of each PDF, through the corpus's own loader."""
    loader = _load_module(corpus / "icdar2013.py")
    truth: dict[Path, dict[int, list[Grid]]] = {}
    for pdf, page, cells, _ in loader.tables():
        grid = [GridCell(cell.r0, cell.r1, cell.c0, cell.c1, cell.text) for cell in cells]
        truth.setdefault(pdf, {}).setdefault(page, []).append(grid)
    return dict(truth)


def _load_module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---------------------------------------------------------------------------------------------------------------------
# The engines
# ---------------------------------------------------------------------------------------------------------------------


def read_ours(engine: str = "auto") -> Engine:
    """`zipingbiao tables` with a table engine."""

    def read(path: Path) -> Pages:
        from extract import read_document

        document = read_document(path, engine=engine)
        return {
            page.number: [[GridCell(c.r0, c.r1, c.c0, c.c1, c.text) for c in table.cells] for table in page.tables]
            for page in document.pages
        }

    return read


def read_camelot(flavor: str) -> Engine:
    """camelot's own reading of a whole document."""

    def read(path: Path) -> Pages:
        import camelot

        pages: dict[int, list[Grid]] = {}
        for table in camelot.read_pdf(str(path), pages="all", flavor=flavor, suppress_stdout=True):
            pages.setdefault(table.page, []).append(_rows_to_grid(table.df.to_numpy().tolist()))
        return pages

    return read


def read_pdfplumber(path: Path) -> Pages:
    """pdfplumber's `extract_tables` with its default settings."""
    import pdfplumber

    with pdfplumber.open(path) as document:
        return {page.page_number: [_rows_to_grid(rows) for rows in page.extract_tables()] for page in document.pages}


def read_tablers(path: Path) -> Pages:
    """tablers' `find_tables` with its default settings."""
    import tablers

    with tablers.Document(str(path)) as document:
        return {
            number: [
                _rows_to_grid([[cell.text if cell else None for cell in row.cells] for row in table.rows])
                for table in tablers.find_tables(page, extract_text=True)
            ]
            for number, page in enumerate(document.pages(), 1)
        }


def read_pymupdf(path: Path) -> Pages:
    """PyMuPDF's `find_tables` with its default settings."""
    import pymupdf

    with pymupdf.open(path) as document:
        return {
            number: [_rows_to_grid(table.extract()) for table in page.find_tables().tables]
            for number, page in enumerate(document, 1)
        }


def _rows_to_grid(rows: Iterable[Iterable[str | None]]) -> Grid:
    """A list of rows as cells of one place; these engines do not tell spans."""
    return [GridCell(r, r, c, c, text or "") for r, row in enumerate(rows) for c, text in enumerate(row)]


ENGINES: Mapping[str, Engine] = {
    "ours": read_ours(),
    "ours ruled": read_ours("ruled"),
    "ours camelot": read_ours("camelot"),
    "ours pdfplumber": read_ours("pdfplumber"),
    "camelot auto": read_camelot("auto"),
    "camelot lattice": read_camelot("lattice"),
    "camelot hybrid": read_camelot("hybrid"),
    "camelot network": read_camelot("network"),
    "camelot stream": read_camelot("stream"),
    "pdfplumber": read_pdfplumber,
    "tablers": read_tablers,
    "pymupdf": read_pymupdf,
}


# ---------------------------------------------------------------------------------------------------------------------
# The command
# ---------------------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the engines asked for and print a table. Engines that are not installed are named and left out."""
    options = _parse_arguments(arguments)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    truth = read_truth(options.corpus)
    tables = sum(len(grids) for pages in truth.values() for grids in pages.values())
    print(f"{len(truth)} documents, {tables} tables, {sum(map(len, truth.values()))} pages with a table")
    print(f"{'engine':<16}{'F1':>7}{'P':>7}{'R':>7}{'F1 all':>9}{'P all':>7}{'F1 doc':>9}{'F1 fold':>9}{'seconds':>9}")
    for name in options.engines:
        try:
            result = score_engine(ENGINES[name], truth)
        except ModuleNotFoundError as error:
            print(f"{name:<16} not installed: {error.name}")
            continue
        _print_score(name, result, by_document=options.by_document)
    return 0


def _parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder that holds icdar2013.py")
    parser.add_argument("--engines", type=lambda text: text.split(","), default=list(ENGINES), help=", ".join(ENGINES))
    parser.add_argument("--by-document", action="store_true", help="each document's score too")
    return parser.parse_args(arguments)


def _print_score(name: str, result: EngineScore, *, by_document: bool) -> None:
    pooled, everything = result.pooled, result.pooled_all
    print(
        f"{name:<16}{pooled.f1:>7.3f}{pooled.precision:>7.3f}{pooled.recall:>7.3f}{everything.f1:>9.3f}"
        f"{everything.precision:>7.3f}{result.document_f1:>9.3f}"
        f"{sum(result.folded.values(), Score()).f1:>9.3f}{result.seconds:>9.1f}",
        flush=True,
    )
    if by_document:
        for document, score in result.on_tables.items():
            print(
                f"    {document:<12}{score.f1:>7.3f}{score.precision:>7.3f}{score.recall:>7.3f}"
                f"  missed {score.true - score.correct:<5} wrong {score.found - score.correct:<5}"
                f" elsewhere {result.elsewhere[document].found}"
            )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
