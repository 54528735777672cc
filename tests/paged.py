"""A reader that takes its time over pages and says how far it is."""

import time
from pathlib import Path

from bulk.reader import report_pages, report_scan
from literal import read_literal
from model import Result
from pipeline import Options


def read_paged(path: Path, options: Options) -> Result:
    """Read four pages, a third of a second each, two of them scans; then the literal result."""
    report_scan(2)
    for page in range(1, 5):
        time.sleep(0.3)
        report_pages(page, 4)
    return read_literal(path, options)
