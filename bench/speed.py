"""Time per page, as a ratio to PDFium's own text pass over the same pages in the same process.

    python bench/speed.py [--corpus DIR] [--repeats N] [--files N] [--engines NAME,...]

The text pass loads each page and its text, counts the characters and closes both. Repeats of all engines are
interleaved, and of each engine and file the best time counts, so that a busy machine slows none of them alone. Files
are grouped by what a text object holds: `runs` (spreadsheets, Word: several characters) and `characters` (WPS: one).
Slow engines read the first pages of the first files only, and are held against the text pass over these pages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "budget_pdfs"
FIXTURES = ROOT / "fixtures" / "pdf"

# Characters a text object: WPS writes 1.0 to 1.2, other programs from 2.7 on.
CHARACTERS = 1.5
SAMPLED_PAGES = 6


@dataclass(frozen=True, slots=True)
class Subject:
    """Something timed: reads a file's pages (from 1), or all of them where there is no limit (None)."""

    name: str
    read: Callable[[Path, Sequence[int]], object]
    pages: int | None = None
    files: int | None = None
    needs: str | None = None


# ---------------------------------------------------------------------------------------------------------------------
# What is timed
# ---------------------------------------------------------------------------------------------------------------------


def text_pass(path: Path, pages: Sequence[int]) -> int:
    """PDFium alone: load each page and its text, count its characters, close both."""
    import pypdfium2
    import pypdfium2.raw as raw

    document = pypdfium2.PdfDocument(path)
    count = 0
    for number in pages:
        page = raw.FPDF_LoadPage(document.raw, number - 1)
        text = raw.FPDFText_LoadPage(page)
        count += raw.FPDFText_CountChars(text)
        raw.FPDFText_ClosePage(text)
        raw.FPDF_ClosePage(page)
    document.close()
    return count


def read_tables(path: Path, pages: Sequence[int]) -> object:
    """Our raw tables."""
    from extract import Recognition, read_document

    return read_document(path, pages=pages, recognition=Recognition("never"))


def read_rows(path: Path, _pages: Sequence[int]) -> object:
    """Our whole path up to the rows of the five tables."""
    from output.rows import result_to_rows
    from pipeline import Ocr, Options, read_file

    return result_to_rows(read_file(path, Options(ocr=Ocr.NEVER)))


def write_rows(files: Sequence[Path]) -> Callable[[], None]:
    """The writing of the rows of some files to CSV, Parquet and datapackage.json, as a run does at its end."""
    from output.write import Format, write_tables

    rows = [(str(path), read_rows(path, ())) for path in files]

    def write() -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_tables(rows, Path(folder), list(Format))

    return write


def read_with_pdfplumber(path: Path, pages: Sequence[int]) -> object:
    """pdfplumber's `extract_tables`."""
    import pdfplumber

    with pdfplumber.open(path, pages=list(pages)) as document:
        return [page.extract_tables() for page in document.pages]


def read_with_camelot(path: Path, pages: Sequence[int]) -> object:
    """camelot's lattice flavor."""
    import camelot

    return camelot.read_pdf(str(path), pages=",".join(map(str, pages)), flavor="lattice", suppress_stdout=True)


def read_with_tablers(path: Path, pages: Sequence[int]) -> object:
    """tablers' `find_tables`."""
    import tablers

    wanted = set(pages)
    with tablers.Document(str(path)) as document:
        return [
            tablers.find_tables(page, extract_text=True)
            for number, page in enumerate(document.pages(), 1)
            if number in wanted
        ]


SUBJECTS = (
    Subject("raw tables", read_tables),
    Subject("rows", read_rows),
    Subject("tablers", read_with_tablers, needs="tablers"),
    Subject("pdfplumber", read_with_pdfplumber, pages=8, files=3),
    Subject("camelot lattice", read_with_camelot, pages=2, files=2),
)


# ---------------------------------------------------------------------------------------------------------------------
# The files
# ---------------------------------------------------------------------------------------------------------------------


def group_files(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """The files by what their text objects hold."""
    groups: dict[str, list[Path]] = {"runs": [], "characters": []}
    for path in paths:
        groups["characters" if characters_an_object(path) < CHARACTERS else "runs"].append(path)
    return groups


def characters_an_object(path: Path) -> float:
    """The mean number of characters a text object on some of a file's pages."""
    import pypdfium2
    import pypdfium2.raw as raw

    document = pypdfium2.PdfDocument(path)
    step = max(len(document) // SAMPLED_PAGES, 1)
    characters = objects = 0
    for number in range(0, len(document), step):
        page = document[number]
        characters += page.get_textpage().count_chars()
        objects += sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]))
    document.close()
    return characters / max(objects, 1)


def page_numbers(path: Path, limit: int | None) -> list[int]:
    """The numbers of a file's pages, up to a limit."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    count = len(document)
    document.close()
    return list(range(1, (count if limit is None else min(limit, count)) + 1))


# ---------------------------------------------------------------------------------------------------------------------
# The timing
# ---------------------------------------------------------------------------------------------------------------------

Job = tuple[str, Path, tuple[int, ...]]


def best_times(jobs: Mapping[Job, Callable[[], object]], repeats: int) -> dict[Job, float]:
    """The best time in seconds of each job, after one run to warm up, the repeats of all jobs interleaved."""
    for run in jobs.values():
        run()
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(repeats):
        for job, run in jobs.items():
            start = time.perf_counter()
            run()
            best[job] = min(best[job], time.perf_counter() - start)
    return best


def plan_jobs(files: Sequence[Path], subjects: Sequence[Subject]) -> dict[Job, Callable[[], object]]:
    """The work of a group: each subject over its files, and the text pass over the same pages."""
    jobs: dict[Job, Callable[[], object]] = {}
    for subject in subjects:
        for path in islice(files, subject.files):
            pages = tuple(page_numbers(path, subject.pages))
            for name, read in ((subject.name, subject.read), ("text pass", text_pass)):
                jobs[name, path, pages] = lambda read=read, path=path, pages=pages: read(path, pages)
    return jobs


def print_group(group: str, files: Sequence[Path], subjects: Sequence[Subject], repeats: int) -> None:
    """Time a group of files and print a line for each subject, and one for the rows with their writing to files."""
    writing: Job = ("writing", Path(group), ())
    jobs = plan_jobs(files, subjects)
    best = best_times({**jobs, writing: write_rows(files)}, repeats)
    print(f"\n{group}: {len(files)} files")
    print(f"{'':<18}{'pages':>7}{'ms a page':>11}{'text pass':>11}{'ratio':>8}")
    for subject in subjects:
        mine = {job: seconds for job, seconds in best.items() if job[0] == subject.name}
        floor = sum(best["text pass", path, pages] for _, path, pages in mine)
        pages = sum(len(job[2]) for job in mine)
        print_line(subject.name, pages, sum(mine.values()), floor)
        if subject.read is read_rows:
            print_line("rows to files", pages, sum(mine.values()) + best[writing], floor)


def print_line(name: str, pages: int, spent: float, floor: float) -> None:
    """A line of the table: seconds spent and those of the text pass, a page and as a ratio."""
    print(
        f"{name:<18}{pages:>7}{1000 * spent / pages:>11.2f}{1000 * floor / pages:>11.2f}{spent / floor:>8.2f}",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Time the subjects over the corpus and the fixtures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of published PDFs")
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the best counts")
    parser.add_argument("--files", type=int, default=6, help="files a group")
    parser.add_argument("--engines", type=lambda text: text.split(","), help="names of the subjects to time")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    asked = [subject for subject in SUBJECTS if options.engines is None or subject.name in options.engines]
    subjects = [subject for subject in asked if subject.needs is None or find_spec(subject.needs)]
    for subject in asked:
        if subject not in subjects:
            print(f"{subject.name} is not installed: left out", file=sys.stderr)
    groups = {f"published, {name}": files for name, files in group_files(sorted(options.corpus.glob("*.pdf"))).items()}
    groups |= {f"fixtures, {name}": files for name, files in group_files(sorted(FIXTURES.glob("*.pdf"))).items()}
    for name, files in groups.items():
        if files:
            print_group(name, files[: options.files], subjects, options.repeats)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
