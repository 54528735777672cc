"""The whole path, files in and rows on disk, beside what a user would write with pdfplumber + pandas, and with camelot.

    python bench/whole_path.py [--readers NAME,...] [--files N] [--repeats N]

Each reader turns the fixtures into a CSV of indicators, in one process, one after the other, and is held against
`fixtures/expected`. The two scripts that a user would write extract the tables, find the row that names the indicator,
name columns by their heads (of one row or two), carry the heads over page breaks, drop empty rows, and take the first
number of a cell. They are given every chance: whitespace does not count, a name counts as right as it is printed or as
it is repaired, and rows too many cost nothing.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PDFS = ROOT / "fixtures" / "pdf"
EXPECTED = ROOT / "fixtures" / "expected"

Row = dict[str, str]
COLUMNS = ("file", "name", "target", "actual", "target_value", "actual_value")


# ---------------------------------------------------------------------------------------------------------------------
# What a user would write
# ---------------------------------------------------------------------------------------------------------------------

HEADS = {
    "name": re.compile("三级指标|指标名称|指标内容|考核指标|评价指标"),
    "target": re.compile("^(?!.*(实际|完成)).*(指标值|目标值|目标|标准值)"),
    "actual": re.compile("实际|完成值|完成情况|完成指标值"),
}


def columns_of(above: Sequence[str], cells: Sequence[str], below: Sequence[str]) -> dict[str, int] | None:
    """Which column is which, by a row of heads and the rows beside it (heads of two rows are common); None where the
    row is none."""
    found: dict[str, int] = {}
    for column, pattern in HEADS.items():
        for heads in (cells, below, above) if column != "name" else (cells,):
            place = next((n for n, cell in enumerate(heads) if pattern.search(cell) and n not in found.values()), None)
            if place is not None and len(heads[place]) < 16:
                found[column] = place
                break
    return found if "name" in found and len(found) > 1 else None


def rows_of_tables(file: str, tables: Iterable[Sequence[Sequence[str | None]]]) -> Iterator[Row]:
    """Rows under heads; the heads go on over page breaks."""
    columns: dict[str, int] | None = None
    for table in tables:
        lines = [["".join((cell or "").split()) for cell in cells] for cells in table]
        for above, texts, below in zip([[], *lines], lines, [*lines[1:], []], strict=False):
            heads = columns_of(above, texts, below)
            if heads is not None:
                columns = heads
            elif columns is not None:
                padded = texts + [""] * (max(columns.values()) + 1 - len(texts))
                row = {column: padded[place] for column, place in columns.items()}
                if row["name"] and any(row.values()):
                    yield {"file": file, **row}


def first_number(text: str) -> str:
    """The first number of a cell."""
    found = re.search(r"-?\d+(?:\.\d+)?", text.replace(",", ""))
    return found[0] if found else ""


def write_with_pandas(rows: Iterable[Row], out: Path) -> None:
    """To a CSV, as a notebook does."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=["file", "name", "target", "actual"]).fillna("")
    for column in ("target", "actual"):
        frame[f"{column}_value"] = frame[column].map(first_number)
    frame.to_csv(out, index=False, encoding="utf-8-sig")


def with_pdfplumber(paths: Sequence[Path], out: Path) -> None:
    """pdfplumber and pandas."""
    import pdfplumber

    def rows() -> Iterator[Row]:
        for path in paths:
            with pdfplumber.open(path) as document:
                tables = [table for page in document.pages for table in page.extract_tables()]
            yield from rows_of_tables(path.stem, tables)

    write_with_pandas(rows(), out)


def with_camelot(paths: Sequence[Path], out: Path) -> None:
    """camelot's lattice flavor and pandas."""
    import camelot

    def rows() -> Iterator[Row]:
        for path in paths:
            tables = camelot.read_pdf(str(path), pages="all", flavor="lattice", suppress_stdout=True)
            yield from rows_of_tables(path.stem, [table.df.values.tolist() for table in tables])

    write_with_pandas(rows(), out)


# ---------------------------------------------------------------------------------------------------------------------
# Ours
# ---------------------------------------------------------------------------------------------------------------------


def with_run(paths: Sequence[Path], out: Path) -> None:
    """`run` with one worker, processes and limits included; then its tables in the shape compared here."""
    from pipeline import Options, run

    run(paths, out.parent / "tables", Options(workers=1, memory_mb=4096))
    names = {}
    with (out.parent / "tables" / "documents.csv").open(encoding="utf-8-sig", newline="") as handle:
        names = {row["document_id"][:16]: Path(row["path"]).stem for row in csv.DictReader(handle)}
    with (
        (out.parent / "tables" / "indicators.csv").open(encoding="utf-8-sig", newline="") as handle,
        out.open("w", encoding="utf-8-sig", newline="") as target,
    ):
        writer = csv.DictWriter(target, COLUMNS)
        writer.writeheader()
        for row in csv.DictReader(handle):
            ours = {"file": names[row["form_id"][:16]], "target": row["target_raw"], "actual": row["actual_raw"]}
            writer.writerow({**ours, **{name: row[name] for name in ("name", "target_value", "actual_value")}})


READERS: dict[str, Callable[[Sequence[Path], Path], None]] = {
    "ours": with_run, "pdfplumber": with_pdfplumber, "camelot": with_camelot,
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# How many rows are right
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """Rows expected and given; of those expected, how many have the right name, also the right printed target and
    actual, and also the right values."""

    expected: int
    given: int
    names: int
    printed: int
    values: int


def expected_rows(names: Iterable[str]) -> list[Row]:
    """The indicators that the fixtures must give."""
    rows = []
    for name in names:
        with (EXPECTED / name / "indicators.csv").open(encoding="utf-8-sig", newline="") as handle:
            rows += [{"file": name, **row} for row in csv.DictReader(handle)]
    return rows


def plain(text: str | None) -> str:
    """Text without whitespace."""
    return "".join((text or "").split())


def is_name(want: Row, got: Row) -> bool:
    """Whether a name is the printed or the repaired one; an expected name may list alternatives."""
    names = {plain(part) for column in ("name", "name_raw") for part in want[column].split(" | ")}
    return plain(got["name"]) in names - {""}


def is_printed(want: Row, got: Row) -> bool:
    """Whether target and actual are as printed."""
    return all(
        plain(got[column]) in {plain(part) for part in want[f"{column}_raw"].split(" | ")}
        for column in ("target", "actual")
    )


def is_valued(want: Row, got: Row) -> bool:
    """Whether both values are right: numbers that are equal, or none where there is none."""
    return all(_number(want[column]) == _number(got[column]) for column in ("target_value", "actual_value"))


def _number(text: str) -> float | None:
    return float(text.split(" | ")[0]) if text else None


def score(wanted: Sequence[Row], got: Sequence[Row]) -> Score:
    """Hold rows against those expected, in order: each given row counts for one expected row of its file."""
    names = printed = values = 0
    rest: dict[str, list[Row]] = {}
    for row in got:
        rest.setdefault(row["file"], []).append(row)
    for want in wanted:
        alike = [row for row in rest.get(want["file"], []) if is_name(want, row)]
        best = next((row for row in alike if is_printed(want, row)), alike[0] if alike else None)
        if best is None:
            continue
        rest[want["file"]].remove(best)
        names += 1
        printed += is_printed(want, best)
        values += is_printed(want, best) and is_valued(want, best)
    return Score(len(wanted), len(got), names, printed, values)


def count_pages(paths: Iterable[Path]) -> int:
    """The pages of some files."""
    import pypdfium2

    count = 0
    for path in paths:
        document = pypdfium2.PdfDocument(path)
        count += len(document)
        document.close()
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the readers and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=lambda text: text.split(","), default=list(READERS))
    parser.add_argument("--files", type=int, help="only the first files")
    parser.add_argument("--repeats", type=int, default=1, help="runs of which the best time counts")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    paths = sorted(PDFS.glob("*.pdf"))[: options.files]
    wanted = expected_rows(path.stem for path in paths)
    pages = count_pages(paths)
    print(f"{len(paths)} files, {pages} pages, {len(wanted)} indicators")
    print(f"{'':<12}{'seconds':>9}{'pages/s':>9}{'rows':>7}{'name':>8}{'+printed':>10}{'+values':>9}")
    for name in options.readers:
        seconds, got = best_run(READERS[name], paths, options.repeats)
        result = score(wanted, got)
        print(
            f"{name:<12}{seconds:>9.1f}{pages / seconds:>9.1f}{result.given:>7}{result.names / result.expected:>8.1%}"
            f"{result.printed / result.expected:>10.1%}{result.values / result.expected:>9.1%}",
            flush=True,
        )
    return 0


def best_run(
    reader: Callable[[Sequence[Path], Path], None], paths: Sequence[Path], repeats: int
) -> tuple[float, list[Row]]:
    """The best time of a reader, imports included, and its rows."""
    best = float("inf")
    rows: list[Row] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "indicators.csv"
            start = time.perf_counter()
            reader(paths, out)
            best = min(best, time.perf_counter() - start)
            with out.open(encoding="utf-8-sig", newline="") as handle:
                rows = list(csv.DictReader(handle))
    return best, rows


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
