"""Time of reading scanned pages, as a ratio to a full pass of rapidocr over the same pictures in the same process.

    python bench/scan_speed.py [--repeats N] [--threads N] [--dpi LIST] [--pages N]

Ours goes from a picture to raw tables; rapidocr's pass finds and recognises every line of the page, which is what a
reader without a grid of its own starts from (PP-OCRv6 small, no classifier of lines that lie on their heads, the page
not shrunk). Models are loaded before. Repeats are interleaved and of each page and reader the best time counts, so that
a busy machine slows neither alone. tesseract (chi_sim) stands beside them where it is installed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

SCANS = ("seed-calc.seal-200.pdf", "seed-calc.seal-150.pdf", "wuhan.fold-200.pdf", "yunnan-project-2020.jbig2-300.pdf")
TEXTS = ("seed-calc.pdf", "mof-2020.pdf", "university.pdf")
POINTS = 72
LONGEST = 6000
"""Pixels up to which rapidocr does not shrink a page: 300 dpi of A3 are 4961."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page's picture, `scale` pixels a point."""

    name: str
    picture: Any
    scale: float


Reader = Callable[[PagePicture], object]


# ---------------------------------------------------------------------------------------------------------------------
# Pictures
# ---------------------------------------------------------------------------------------------------------------------


def scanned_pages(pages: int) -> Iterator[PagePicture]:
    """The first pages of some committed scans, at their own resolution."""
    for name in SCANS:
        dpi = float(name.rsplit("-", 1)[1].removesuffix(".pdf"))
        yield from render(ROOT / "fixtures" / "scan" / name, dpi, pages)


def drawn_pages(dpi: float, pages: int) -> Iterator[PagePicture]:
    """The first pages of some text fixtures, drawn: letters and rules without a speck."""
    for name in TEXTS:
        yield from render(ROOT / "fixtures" / "pdf" / name, dpi, pages)


def render(path: Path, dpi: float, pages: int) -> Iterator[PagePicture]:
    """The first pages of a PDF as pictures."""
    import numpy as np
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for number in range(min(pages, len(document))):
        pixels = document[number].render(scale=dpi / POINTS, prefer_bgrx=False).to_numpy()
        if pixels.shape[2] == 1:
            pixels = np.repeat(pixels, 3, axis=2)
        picture = np.ascontiguousarray(pixels[:, :, :3])
        yield PagePicture(f"{path.stem} {number + 1}", picture, dpi / POINTS)
    document.close()


# ---------------------------------------------------------------------------------------------------------------------
# Readers
# ---------------------------------------------------------------------------------------------------------------------


def ours(threads: int) -> Reader:
    """The whole reading of a page: straightening, rules, cells, recognition, tables."""
    from extract.scan.page import read_picture
    from extract.scan.recognise import recogniser

    def read(page: PagePicture) -> object:
        recogniser(threads).forget()  # lines that are the same to the pixel are read once: a repeat would cost nothing
        return read_picture(page.picture, page.scale, 1, threads)

    return read


def rapidocr(threads: int) -> Reader:
    """rapidocr's detection and recognition of the page."""
    from rapidocr import RapidOCR

    engine = RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.max_side_len": LONGEST,
            "Global.text_score": 0.0,
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    return lambda page: engine(page.picture)


def tesseract(threads: int) -> Reader:
    """tesseract as a program of its own, which loads its model each time: that takes it some 0.1 s."""
    import cv2

    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "page.png"

    def read(page: PagePicture) -> object:
        cv2.imwrite(str(path), page.picture, [cv2.IMWRITE_PNG_COMPRESSION, 0])
        command = ["tesseract", str(path), "-", "-l", "chi_sim", "--psm", "4"]
        environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "OMP_THREAD_LIMIT": str(threads)}
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        return folder.name, done.stdout

    return read


def readers(threads: int) -> dict[str, Reader]:
    """Those that are installed, by name."""
    found = {"ours": ours(threads), "rapidocr": rapidocr(threads)}
    if shutil.which("tesseract"):
        return found | {"tesseract": tesseract(threads)}
    print("tesseract is not installed: left out", file=sys.stderr)
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Timing
# ---------------------------------------------------------------------------------------------------------------------


def best_times(pages: Sequence[PagePicture], names: Mapping[str, Reader], repeats: int) -> dict[tuple[str, str], float]:
    """The best seconds of each page and reader."""
    best: dict[tuple[str, str], float] = {}
    for page in pages:
        for _ in range(repeats):
            for name, read in names.items():
                start = time.perf_counter()
                read(page)
                spent = time.perf_counter() - start
                best[page.name, name] = min(best.get((page.name, name), spent), spent)
    return best


def print_group(title: str, pages: Sequence[PagePicture], names: Mapping[str, Reader], repeats: int) -> None:
    """Time a group of pages; a line for each and one for all."""
    best = best_times(pages, names, repeats)
    print(f"\n{title}")
    print(f"{'seconds a page':<36}" + "".join(f"{name:>11}" for name in names) + f"{'ratio':>8}")
    for page in pages:
        print_line(page.name, [best[page.name, name] for name in names])
    print_line("mean", [sum(best[page.name, name] for page in pages) / len(pages) for name in names])


def print_line(name: str, seconds: Sequence[float]) -> None:
    """A line of the table; the ratio is of the first reader to the second."""
    print(f"{name:<36}" + "".join(f"{one:>11.2f}" for one in seconds) + f"{seconds[0] / seconds[1]:>8.2f}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Time the readers on committed scans and on drawn pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3, help="runs of which the best counts")
    parser.add_argument("--threads", type=int, default=2, help="threads of the recogniser")
    parser.add_argument("--dpi", type=lambda text: [float(one) for one in text.split(",")], default=[200.0, 300.0])
    parser.add_argument("--pages", type=int, default=1, help="pages of each file")
    options = parser.parse_args(arguments)
    names = readers(options.threads)
    (blank, *_) = render(ROOT / "fixtures" / "pdf" / TEXTS[1], 100, 1)
    for read in names.values():
        read(blank)  # loads the models
    print_group("scans", list(scanned_pages(options.pages)), names, options.repeats)
    for dpi in options.dpi:
        print_group(f"drawn at {dpi:g} dpi", list(drawn_pages(dpi, options.pages)), names, options.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
