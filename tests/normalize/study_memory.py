"""How often other documents complete a cut name, rightly or wrongly: `python tests/normalize/study_memory.py`.

Corpora of two documents are made of each form of the corpus and of each fixture: one prints its names cut at one width
(or whole), the other cut at another. Then corpora of all forms as one department: each form whole in one document and
cut in another, so that names of different forms that begin alike meet.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from study_names import cut, read_corpus

from model import Completion, SeenName
from normalize.names import NameContext, NameInput, repair_names
from normalize.names_memory import complete_names

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "expected"
WIDTHS = (*range(7, 15), 99)
BODY = "曲靖市公安局"


def read_fixtures() -> Iterator[tuple[NameContext, list[NameInput]]]:
    """The names of each fixture that prints all of them in full, as one form without goal texts."""
    for file in sorted(FIXTURES.glob("*/indicators.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            cases = [case for case in csv.DictReader(lines) if case["name"]]
        if not any("truncated" in case["name_status"] for case in cases):
            yield NameContext(), [_case_to_input(n, case) for n, case in enumerate(cases, 1)]


def _case_to_input(number: int, case: dict[str, str]) -> NameInput:
    name, target = case["name"], case["target_raw"]
    return NameInput(number, name, name, level2=case["level2"], target=target, unit=case["unit"])


def all_forms(*, goals: bool) -> Iterator[tuple[NameContext, list[NameInput]]]:
    """The forms of the corpus, with or without their goal texts, and those of the fixtures."""
    for context, rows in read_corpus().values():
        yield (context if goals else NameContext()), rows
    yield from read_fixtures()


def seen_names(
    number: int, rows: Sequence[NameInput], width: int, context: NameContext, *, uneven: bool = False
) -> list[SeenName]:
    """What a document gives that prints the rows cut at a width; `uneven`: every third row has room for two lines."""
    texts = [cut(row.text, width * 2 if uneven and row.row % 3 == 0 else width) for row in rows]
    given = [replace(row, text=text, shown=text) for row, text in zip(rows, texts, strict=True)]
    document_id = f"{number:064x}"
    return [
        SeenName(
            document_id, f"{document_id[-16:]}-1", BODY, row.row, result.name, result.status, row.level2, row.unit,
            None,
        )
        for row, result in zip(rows, repair_names(given, context), strict=True)
        if result.name
    ]  # fmt: skip


def verdicts(
    documents: Sequence[tuple[Sequence[NameInput], list[SeenName]]],
) -> Iterator[tuple[str, str, str, Completion | None]]:
    """What became of each cut name of a department's documents: verdict, whole name, cut name, completion."""
    names = [name for _, seen in documents for name in seen]
    has_cut = {name.document_id for name in names if name.name_status == "truncated"}
    completions = complete_names(BODY, [name for name in names if name.document_id in has_cut], names)
    found = {(one.form_id, one.row): one for one in completions}
    for rows, seen in documents:
        whole = {row.row: row.text for row in rows}
        for name in seen:
            if name.name_status == "truncated":
                one = found.get((name.form_id, name.row))
                verdict = "none" if one is None else "right" if one.name == whole[name.row] else "wrong"
                yield verdict, whole[name.row], name.name, one


def pairs(
    *, goals: bool, uneven: bool = False, widest: int = 0
) -> Iterator[tuple[str, str, str, Completion | None]]:
    """The verdicts of all corpora of two documents, the second of which cuts at `widest` or wider."""
    for context, rows in all_forms(goals=goals):
        by_width = {width: seen_names(width, rows, width, context, uneven=uneven) for width in WIDTHS}
        for one, other in product(WIDTHS, WIDTHS):
            if one < other >= widest:
                yield from verdicts([(rows, by_width[one]), (rows, by_width[other])])


def departments() -> Iterator[tuple[str, str, str, Completion | None]]:
    """The verdicts where all forms are one department's."""
    forms = list(all_forms(goals=False))
    for one, other in product(WIDTHS, WIDTHS):
        if one < other:
            yield from verdicts(
                [
                    (rows, seen_names(number * 100 + width, rows, width, NameContext()))
                    for number, (_, rows) in enumerate(forms)
                    for width in (one, other)
                ]
            )


def main() -> None:
    """Print the counts of each kind of corpora, and every name that was completed wrongly."""
    for title, results in (
        ("two documents with goal texts", pairs(goals=True)),
        ("two documents without", pairs(goals=False)),
        ("two documents without, one of them whole", pairs(goals=False, widest=99)),
        ("two documents, rows of one line and of two", pairs(goals=False, uneven=True)),
        ("all forms one department's", departments()),
    ):
        known = list(results)
        counts = Counter(verdict for verdict, *_ in known)
        lines = [f"{title}: {', '.join(f'{counts[verdict]} {verdict}' for verdict in ('right', 'wrong', 'none'))}"]
        wrong = {(full, printed, one.name) for verdict, full, printed, one in known if one and verdict == "wrong"}
        lines += [f"    {printed} -> {name} instead of {full}" for full, printed, name in sorted(wrong)]
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
