import re
from pathlib import Path

import pyarrow as pa
import pytest

from model import Code, ErrorCode, Status
from output.schema import (
    _ERROR_MEANING,
    _STATUS_MEANING,
    TABLES,
    Kind,
    arrow_schema,
    dictionary_markdown,
    dictionary_text,
)

COLUMNS = {
    "documents": "document_id path media_type size_bytes pages pages_ocr producer status error_code error forms"
    " indicators version extracted_at",
    "forms": "form_id document_id form_no page_first page_last kind scope layout title fiscal_year department unit"
    " project project_code goal_expected goal_actual money_unit_printed money_unit weight_total score_total notes"
    " method",
    "funds": "form_id line page source source_raw initial_cny adjustment_cny final_cny executed_cny initial_raw"
    " adjustment_raw final_raw executed_raw execution_rate_pct execution_rate_raw weight score note flags",
    "indicators": "form_id row page x0 y0 x1 y1 level1 level2 level1_raw level2_raw name name_raw name_status"
    " name_source name_evidence operator operator_source operator_raw target_raw target_value target_max target_date"
    " unit unit_raw actual_raw actual_value actual_date actual_unit achieved achievement_pct weight score reason flags",
    "findings": "document_id form_id table row page column code severity raw value message",
}


def test_columns_in_order() -> None:
    assert {table.name: " ".join(c.name for c in table.columns) for table in TABLES} == COLUMNS


def _contract_columns(text: str) -> dict[str, list[str]]:
    """Table and column names of the contract's section 2, in order. `their four _raw` names the amounts' columns."""
    section = text.split("## 2.")[1].split("## 3.")[0]
    tables = {}
    for paragraph in re.split(r"\n\n", section):
        head = re.match(r"\*\*(\w+)\*\*", paragraph)
        if head:
            listing = re.split(r"\. (?:Amounts|`status`|`code`)|\.\n`status`|\.$", paragraph)[0]
            listing = re.sub(r"\([^)]*\)", "", listing.split(":", 1)[1] if ":" in listing else listing)
            listing = listing.replace(
                "their four `_raw`", "`initial_raw`, `adjustment_raw`, `final_raw`, `executed_raw`"
            )
            tables[head[1]] = re.findall(r"`([a-z_0-9]+)`", listing)
    return tables


def test_columns_are_the_contracts() -> None:
    contract = Path(__file__).parents[3] / "shared" / "contract.md"
    if not contract.is_file():
        pytest.skip("../shared/contract.md is not there")
    named = _contract_columns(contract.read_text(encoding="utf-8"))
    assert set(named) == set(COLUMNS)
    for name, columns in named.items():
        assert columns == COLUMNS[name].split(), name


@pytest.mark.parametrize(
    ("table", "column", "arrow_type"),
    [
        ("documents", "document_id", pa.string()),
        ("documents", "size_bytes", pa.int64()),
        ("documents", "status", pa.string()),
        ("documents", "extracted_at", pa.timestamp("us", tz="UTC")),
        ("forms", "method", pa.string()),
        ("forms", "weight_total", pa.float64()),
        ("funds", "initial_cny", pa.decimal128(20, 2)),
        ("funds", "flags", pa.list_(pa.string())),
        ("indicators", "x0", pa.float64()),
        ("indicators", "target_date", pa.date32()),
        ("indicators", "achieved", pa.bool_()),
        ("findings", "severity", pa.string()),
        ("findings", "row", pa.int64()),
    ],
)
def test_parquet_types(table: str, column: str, arrow_type: pa.DataType) -> None:
    field = arrow_schema(next(t for t in TABLES if t.name == table)).field(column)
    assert field.type == arrow_type
    assert field.metadata[b"description"]


def test_every_column_is_documented() -> None:
    assert [(t.name, c.name) for t in TABLES for c in t.columns if not c.doc] == []


def test_kinds_and_empties() -> None:
    columns = {(t.name, c.name): c for t in TABLES for c in t.columns}
    assert columns["documents", "document_id"].nullable
    assert not columns["documents", "path"].nullable
    assert columns["documents", "status"].choices == ("ok", "partial", "no_form", "failed")
    assert columns["documents", "error_code"].choices == tuple(ErrorCode)
    assert columns["findings", "code"].choices == tuple(Code)
    assert columns["findings", "severity"].choices == ("info", "warning", "error")
    assert columns["funds", "final_cny"].kind is Kind.MONEY


def test_closed_lists_are_whole() -> None:
    assert set(_STATUS_MEANING) == set(Status)
    assert set(_ERROR_MEANING) == set(ErrorCode)


@pytest.mark.parametrize("text", [dictionary_text(), dictionary_markdown()])
def test_dictionary_names_everything(text: str) -> None:
    for table in TABLES:
        assert table.name in text
        for column in table.columns:
            assert re.search(rf"\b{column.name}\b", text)
    for code in [*Code, *ErrorCode, *Status]:
        assert code.value in text
    assert all(code.meaning in text for code in Code)


def test_markdown_tables_are_even() -> None:
    rows = [line for line in dictionary_markdown().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {3, 4}
