"""Real budget books as an oracle: where a page prints a 合计 row or column, the table read from it must add up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from extract import join_pages, read_document
from model import Table

BOOKS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "budget_pdfs"
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")
# Books whose own pages do not add up to the cent, with how far they are off.
ROUNDED = Decimal("0.05")


def _rows(table: Table) -> list[dict[int, str]]:
    rows: list[dict[int, str]] = [{} for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.r0][cell.c0] = cell.text.replace(" ", "")
    return rows


def _amount(text: str) -> Decimal | None:
    return Decimal(text.replace(",", "")) if NUMBER.fullmatch(text) else None


def _sums(table: Table) -> Iterator[tuple[str, Decimal, Decimal]]:
    """(what, sum, printed) of each column of a functional classification: its 类 rows against its 合计 row."""
    rows = _rows(table)
    totals = [row for row in rows if any(text == "合计" for c, text in row.items() if c < 4) and _amounts(row)]
    classes = [row for row in rows if re.fullmatch(r"\d{3}", row.get(0, "")) and not _sub_code(row)]
    if len(totals) != 1 or not classes:
        return
    for column, printed in _amounts(totals[0]).items():
        yield f"column {column}", sum((_amounts(row).get(column, Decimal(0)) for row in classes), Decimal(0)), printed


def _sub_code(row: dict[int, str]) -> bool:
    return any(re.fullmatch(r"\d{2}", row.get(c, "")) for c in (1, 2))


def _amounts(row: dict[int, str]) -> dict[int, Decimal]:
    return {c: amount for c, text in row.items() if c >= 2 and (amount := _amount(text)) is not None and "." in text}


def _across(table: Table) -> Iterator[tuple[str, Decimal, Decimal]]:
    """(what, sum, printed) of each row under the heads 合计 | 基本支出 | 项目支出; a head may stand over columns."""
    rows = _rows(table)
    spans: dict[int, dict[str, range]] = {}
    for cell in table.cells:
        spans.setdefault(cell.r0, {})[cell.text.replace(" ", "")] = range(cell.c0, cell.c1 + 1)
    for k, heads in sorted(spans.items()):
        if {"合计", "基本支出", "项目支出"} <= set(heads):
            parts = (*heads["基本支出"], *heads["项目支出"])
            for number, body in enumerate(rows[k + 1 :], k + 1):
                amounts = _amounts(body)
                if heads["合计"][0] in amounts:
                    total = amounts[heads["合计"][0]]
                    yield f"row {number}", sum((amounts.get(c, Decimal(0)) for c in parts), Decimal(0)), total
            return


@pytest.mark.skipif(not BOOKS.is_dir(), reason="the corpus of budget books is not here")
def test_totals_of_real_budget_books_add_up() -> None:
    checked, wrong = 0, []
    for path in sorted(BOOKS.glob("*.pdf")):
        for block in join_pages(read_document(path)).blocks:
            if isinstance(block, Table):
                for what, got, printed in (*_sums(block), *_across(block)):
                    checked += 1
                    if abs(got - printed) > ROUNDED:
                        wrong.append(f"{path.name} p{block.page}-{block.page_last} {what}: {got} is not {printed}")
    assert checked > 240, "too few totals were found: tables or joins are missing"
    assert not wrong, "\n".join(wrong)
