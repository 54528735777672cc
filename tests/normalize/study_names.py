"""How often names cut at a given width are completed, rightly or wrongly: `python tests/normalize/study_names.py`."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from normalize.names import NameContext, NameInput, NameResult, repair_names
from normalize.names_text import display_width

CORPUS = Path(__file__).with_name("names_corpus.csv")
WIDTHS = range(8, 14)


def read_corpus() -> dict[str, tuple[NameContext, list[NameInput]]]:
    """Goal text and rows of each form of the corpus, by the form's name."""
    lines = [line for line in CORPUS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    forms: dict[str, tuple[NameContext, list[NameInput]]] = {}
    for case in csv.DictReader(lines):
        if case["kind"] == "goal":
            forms[case["form"]] = (NameContext((case["text"],)), [])
            continue
        rows = forms[case["form"]][1]
        fields = {"level2": case["level2"], "target": case["target"], "unit": case["unit"], "actual": case["actual"]}
        rows.append(NameInput(len(rows) + 1, case["text"], case["text"], **fields))
    return forms


def cut(name: str, width: int) -> str:
    """The name cut after `width` Chinese characters."""
    kept = ""
    for char in name:
        if display_width(kept + char) > 2 * width:
            break
        kept += char
    return kept


def study(width: int) -> Iterator[tuple[str, str, str, NameResult]]:
    """What became of each name of the corpus cut at a width: a verdict, the full name, the cut one and the result."""
    for context, rows in read_corpus().values():
        printed = [cut(row.text, width) for row in rows]
        given = [replace(row, text=text, shown=text) for row, text in zip(rows, printed, strict=True)]
        for row, text, result in zip(rows, printed, repair_names(given, context), strict=True):
            yield find_verdict(row.text, text, result), row.text, text, result


def find_verdict(full: str, printed: str, result: NameResult) -> str:
    """One word for a result: right, wrong or none for a cut name, kept, doubted or changed for a whole one."""
    if printed == full:
        return {"complete": "kept", "truncated": "doubted"}.get(result.status, "changed")
    if result.status == "repaired":
        return "right" if result.name == full else "wrong"
    return "none" if result.status == "truncated" else "unnoticed"


def main() -> None:
    """Print a line of counts for each width, and every name that was completed wrongly."""
    verdicts = ("right", "wrong", "none", "unnoticed", "kept", "doubted", "changed")
    lines = [" ".join(("width", *verdicts))]
    for width in (*WIDTHS, 99):
        results = list(study(width))
        counts = Counter(verdict for verdict, *_ in results)
        lines.append(" ".join(str(count) for count in (width, *(counts[verdict] for verdict in verdicts))))
        lines += [
            f"    {verdict} {printed} -> {result.name} instead of {full}"
            for verdict, full, printed, result in results
            if verdict in ("wrong", "changed")
        ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
