"""Forms misread at random: no number is wrong without a sign of it, and most of what was misread is recovered."""

from __future__ import annotations

import sys
from collections import Counter
from random import Random

import pytest
from recognised import Reader, with_readings
from seed_form import seed
from test_reading_pass import FORM, TITLE, YEAR, content

from model import Content, Finding, Form, FundRow, IndicatorRow, Reading, Severity, Table
from normalize import normalize

INDICATOR = (
    "operator", "target_value", "target_max", "target_date", "unit", "actual_value", "actual_date", "actual_unit",
    "weight", "score",
)  # fmt: skip
FUND = ("initial_cny", "adjustment_cny", "final_cny", "executed_cny", "execution_rate_pct", "weight", "score")
TOLD = {"ocr_decided", "ocr_uncertain"}


def numbers(row: IndicatorRow | FundRow) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in (INDICATOR if isinstance(row, IndicatorRow) else FUND))


def compare(truth: Form, form: Form, findings: tuple[Finding, ...]) -> Counter[str]:
    """How many rows are right as read, recovered, wrong and told, and wrong without a sign."""
    found: Counter[str] = Counter()
    errors = {(f.table, f.row) for f in findings if f.severity is Severity.ERROR}
    pairs = [
        *zip(truth.indicators, form.indicators, strict=True),
        *zip(truth.funds, form.funds, strict=True),
    ]
    for a, b in pairs:
        place = ("indicators", b.row) if isinstance(b, IndicatorRow) else ("funds", b.line)
        told = bool(TOLD & set(b.flags)) or place in errors
        right = numbers(a) == numbers(b)
        decided = "ocr_decided" in b.flags
        found["right" if right and not decided else "recovered" if right else "told" if told else "wrong"] += 1
        found["flagged"] += "ocr_uncertain" in b.flags
        found["flagged and right"] += right and "ocr_uncertain" in b.flags
    return found


def simulate(document: Content, reader: Reader) -> tuple[Counter[str], int]:
    """The rows of the document read by this reader against those of its text, and how many texts were misread."""
    misread = [0]

    def read(text: str) -> tuple[str, Reading | None]:
        seen, made = reader.read(text)
        misread[0] += seen != text
        return seen, made

    (truth,), _ = normalize(document, "ab" * 32)
    forms, findings = normalize(with_readings(document, read), "ab" * 32)
    assert len(forms) == 1
    return compare(truth, forms[0], findings), misread[0]


def total(document: Content, seeds: int, **habits: float) -> tuple[Counter[str], int]:
    found: Counter[str] = Counter()
    misread = 0
    for n in range(seeds):
        counted, texts = simulate(document, Reader(Random(n), **habits))
        found += counted
        misread += texts
    return found, misread


DOCUMENTS = {"seed": seed(), "project": content(TITLE, YEAR, FORM)}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seeds"), [("seed", 12), ("project", 60)])
def test_no_number_is_wrong_without_a_sign(name: str, seeds: int) -> None:
    """The counts are shown by `pytest -s`."""
    found, misread = total(DOCUMENTS[name], seeds)
    sys.stdout.write(f"\n{name}: {misread} texts misread in {seeds} readings, rows {dict(sorted(found.items()))}\n")
    assert misread > seeds * 5
    assert found["wrong"] == 0
    assert found["recovered"] > 2 * found["told"]


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_good_scan_is_hardly_flagged(name: str) -> None:
    """One sign in 500 is doubtful, none wrong: fewer than one text in 50 is flagged, and no row is changed."""
    seeds = 30
    found, misread = total(DOCUMENTS[name], seeds, wrong=0.0, doubted=0.002)
    texts = sum(bool(c.text) for b in DOCUMENTS[name].blocks for c in (b.cells if isinstance(b, Table) else (b,)))
    assert misread == 0
    assert not found["recovered"] + found["told"] + found["wrong"]
    assert 0 < found["flagged"] < 0.02 * texts * seeds


@pytest.mark.slow
def test_what_the_reader_never_lists_is_recovered_too() -> None:
    found, _ = total(DOCUMENTS["project"], 40, listed=0.0)
    assert found["wrong"] == 0
    assert found["recovered"] > found["told"]
