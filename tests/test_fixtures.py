"""The fixtures: every expected row, exactly, and the table in `fixtures/README.md` against the folder."""

from __future__ import annotations

import csv
import re
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import import_module
from math import isclose
from pathlib import Path
from typing import Any

import pytest

import model

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
TABLES = ("forms", "funds", "indicators")
ROW_TYPES = {"forms": model.FormRow, "funds": model.FundRow, "indicators": model.IndicatorRow}
NAMES = sorted(path.name for path in (FIXTURES / "expected").iterdir())
ALTERNATIVE = " | "

Row = dict[str, Any]


# Comparing ------------------------------------------------------------------------------------------------------------


def is_same(column: str, want: str, got: object) -> bool:
    """Whether a value is the expected text's. Numbers are compared as numbers, `notes` without its white space."""
    if got is None or want == "":
        return got is None and want == ""
    if isinstance(got, bool):
        return want == str(got).lower()
    if isinstance(got, Decimal | int | float):
        return is_same_number(want, got)
    if isinstance(got, date):
        return want == got.isoformat()
    if column == "notes":
        return re.sub(r"\s", "", want) == re.sub(r"\s", "", str(got))
    return want == str(got)


def is_same_number(want: str, got: Decimal | float) -> bool:
    """Decimals to the last digit, floats up to rounding."""
    try:
        number = Decimal(want)
    except InvalidOperation:
        return False
    return number == got if isinstance(got, Decimal) else isclose(number, got, rel_tol=1e-12, abs_tol=1e-12)


def row_variants(want: dict[str, str]) -> list[dict[str, str]]:
    """The rows that are accepted: where columns list alternatives, the n-th of each goes with the n-th of the others.

    A column with one value holds for all; columns with different numbers of alternatives do not depend on each other.
    """
    lists = {column: value.split(ALTERNATIVE) for column, value in want.items()}
    variants = [{column: values[0] for column, values in lists.items() if len(values) == 1}]
    for size in sorted({len(values) for values in lists.values()} - {1}):
        group = {column: values for column, values in lists.items() if len(values) == size}
        variants = [v | {c: values[n] for c, values in group.items()} for v in variants for n in range(size)]
    return variants


def row_differences(want: dict[str, str], got: Row) -> list[str]:
    """`column: want ..., got ...` for each column that differs from the variant that is nearest."""
    variants = row_variants(want)
    wrong = [[column for column in want if not is_same(column, v[column], got.get(column))] for v in variants]
    n = min(range(len(variants)), key=lambda k: len(wrong[k]))
    return [f"{column}: want {variants[n][column]!r}, got {got.get(column)!r}" for column in wrong[n]]


def table_differences(want: list[dict[str, str]], got: list[Row]) -> list[str]:
    """Differences of two tables, a line each; rows are compared by their place."""
    out = [] if len(want) == len(got) else [f"want {len(want)} rows, got {len(got)}"]
    for n, (a, b) in enumerate(zip(want, got, strict=False), 1):
        out += [f"row {n}: {line}" for line in row_differences(a, b)]
    return out


@pytest.mark.parametrize(
    ("column", "want", "got", "same"),
    [
        ("final_cny", "166933259.08", Decimal("166933259.08"), True),
        ("final_cny", "166933259.08", Decimal("166933259.8"), False),
        ("final_cny", "2000000.00", Decimal(2000000), True),
        ("actual_value", "3330000", 3330000.0, True),
        ("actual_value", "3330000", 333.0, False),
        ("actual_value", "0", None, False),
        ("actual_value", "三次", 3.0, False),
        ("actual_value", "", 0.0, False),
        ("actual_value", "", None, True),
        ("achievement_pct", "183.33333333333331", 55 / 30 * 100, True),
        ("achievement_pct", "183.33", 55 / 30 * 100, False),
        ("achieved", "true", True, True),
        ("achieved", "false", True, False),
        ("achieved", "", False, False),
        ("name", "监督检查次数", "监督检查次数 ", False),
        ("notes", "备注：1. 甲。\n2. 乙。", "备注：1.甲。2.乙。", True),
        ("notes", "备注：1. 甲。", "1. 甲。", False),
        ("target_date", "2018-10-31", date(2018, 10, 31), True),
        ("kind", "self_assessment", "target", False),
        ("reason", "", "", False),
    ],
)
def test_is_same(column: str, want: str, got: object, same: bool) -> None:
    assert is_same(column, want, got) is same


@pytest.mark.parametrize(
    ("got", "differences"),
    [
        ({"name": "甲乙", "name_status": "repaired"}, 0),
        ({"name": "甲", "name_status": "truncated"}, 0),
        ({"name": "甲乙", "name_status": "truncated"}, 1),
        ({"name": "甲丙", "name_status": "complete"}, 2),
        ({"name": "甲", "name_status": None}, 1),
    ],
)
def test_alternatives_go_together(got: Row, differences: int) -> None:
    want = {"name": "甲乙 | 甲", "name_status": "repaired | truncated"}
    assert len(row_differences(want, got)) == differences


def test_alternatives_of_one_value_hold_for_all() -> None:
    want = {"name": "甲", "name_status": "complete | truncated", "name_source": ""}
    assert row_differences(want, {"name": "甲", "name_status": "truncated", "name_source": None}) == []
    assert row_differences(want, {"name": "甲", "name_status": "repaired", "name_source": "goal"}) == [
        "name_status: want 'complete', got 'repaired'",
        "name_source: want '', got 'goal'",
    ]


def test_missing_and_surplus_rows_are_told() -> None:
    assert table_differences([{"row": "1"}], []) == ["want 1 rows, got 0"]
    assert table_differences([], [{"row": 1}]) == ["want 0 rows, got 1"]
    assert table_differences([{"row": "1"}, {"row": "2"}], [{"row": 1}, {"row": 3}]) == ["row 2: row: want '2', got 3"]


# Reading --------------------------------------------------------------------------------------------------------------


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def read(path: Path) -> model.Result:
    """A file through the whole path, once a session."""
    result: model.Result = import_module("pipeline").read_file(path)
    return result


def rows_of(result: model.Result, table: str) -> list[Row]:
    """The rows of one table, in order."""
    if table == "forms":
        return [asdict(form.head) for form in result.forms]
    return [asdict(row) for form in result.forms for row in getattr(form, table)]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", NAMES)
def test_rows_are_exact(name: str, table: str) -> None:
    want = read_csv(FIXTURES / "expected" / name / f"{table}.csv")
    differences = table_differences(want, rows_of(read(FIXTURES / "pdf" / f"{name}.pdf"), table))
    assert not differences, "\n" + "\n".join(differences)


@pytest.mark.parametrize("name", NAMES)
def test_document_counts_and_status(name: str) -> None:
    document = read(FIXTURES / "pdf" / f"{name}.pdf").document
    forms = read_csv(FIXTURES / "expected" / name / "forms.csv")
    indicators = read_csv(FIXTURES / "expected" / name / "indicators.csv")
    assert (document.status, document.forms, document.indicators) == (
        model.Status.OK if forms else model.Status.NO_FORM,
        len(forms),
        len(indicators),
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_first_reading_is_enough(name: str) -> None:
    codes = [finding.code for finding in read(FIXTURES / "pdf" / f"{name}.pdf").findings]
    assert model.Code.SECOND_ENGINE not in codes


@pytest.mark.parametrize("row", read_csv(FIXTURES / "broken" / "expected.csv"), ids=lambda row: row["file"])
def test_broken_files(row: dict[str, str]) -> None:
    document = read(FIXTURES / "broken" / row["file"]).document
    got = (document.status.value, document.error_code or "", document.forms, document.indicators)
    assert got == (row["status"], row["error_code"], int(row["forms"]), int(row["indicators"]))
    assert bool(document.error) == (row["status"] == "failed")


# The folder -----------------------------------------------------------------------------------------------------------


def readme_files() -> dict[str, dict[str, str]]:
    """The rows of the README's tables by their first cell: a path inside `fixtures/`."""
    out: dict[str, dict[str, str]] = {}
    head: list[str] = []
    for line in (FIXTURES / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            head = []
        elif not head:
            head = cells
        elif cells[0].startswith("`") and head[0] == "file":
            out[cells[0].strip("`")] = dict(zip(head, cells, strict=True))
    return out


def test_readme_lists_the_folder() -> None:
    files = {str(p.relative_to(FIXTURES)) for folder in ("pdf", "broken") for p in (FIXTURES / folder).glob("*.pdf")}
    files |= {str(p.relative_to(FIXTURES)) for p in (FIXTURES / "scan").iterdir()}
    assert set(readme_files()) == files


@pytest.mark.parametrize(("file", "row"), [(f, r) for f, r in readme_files().items() if f.startswith("pdf/")])
def test_readme_row_agrees_with_its_file(file: str, row: dict[str, str]) -> None:
    import pypdfium2

    with pypdfium2.PdfDocument(FIXTURES / file) as pdf:
        assert len(pdf) == int(row["pages"])
    for source in re.findall(r"`([^`]+)`", row["source"]):
        assert (FIXTURES / source).exists(), source
    name = Path(file).stem
    assert f"make.py {name}" in row["command"]
    rows = [len(read_csv(FIXTURES / "expected" / name / f"{table}.csv")) for table in TABLES]
    assert [int(number) for number in re.findall(r"\d+", row["expected rows (forms, funds, indicators)"])] == rows


def test_every_fixture_has_expected_rows_and_every_expectation_a_fixture() -> None:
    assert sorted(path.stem for path in (FIXTURES / "pdf").glob("*.pdf")) == NAMES
    broken = {row["file"] for row in read_csv(FIXTURES / "broken" / "expected.csv")}
    assert broken == {path.name for path in (FIXTURES / "broken").glob("*.pdf")}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", NAMES)
def test_expected_columns_are_contract_columns(name: str, table: str) -> None:
    with (FIXTURES / "expected" / name / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    known = [field.name for field in fields(ROW_TYPES[table])]
    assert columns == [column for column in known if column in columns]


def test_fixtures_are_small() -> None:
    printed = [*(FIXTURES / "pdf").iterdir(), *(FIXTURES / "broken").iterdir()]
    assert [path.name for path in printed if path.stat().st_size > 160_000] == []
    assert sum(path.stat().st_size for path in (FIXTURES / "scan").iterdir()) < 6_000_000
