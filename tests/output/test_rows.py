from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from literal import FUND, RESULT, failed_result
from model import ErrorCode, Form
from output.rows import bytes_to_rows, check_forms, result_to_rows, rows_to_bytes, to_unicode
from output.schema import TABLES


def test_rows_of_all_tables() -> None:
    rows = result_to_rows(RESULT)
    assert {name: len(table) for name, table in rows.items()} == {
        "documents": 1, "forms": 1, "funds": 1, "indicators": 2, "findings": 4,
    }  # fmt: skip
    assert all(len(row) == len(table.columns) for table in TABLES for row in rows[table.name])
    assert rows["findings"][0][:8] == (
        "ab" * 32, "abababababababab-1", "indicators", 1, 2, "name", "name_cleaned", "info",
    )  # fmt: skip


def test_enums_become_plain_text() -> None:
    rows = result_to_rows(RESULT)
    assert {type(value) for row in rows["documents"] + rows["findings"] for value in row} <= {
        str, int, type(None), type(RESULT.document.extracted_at),
    }  # fmt: skip


def test_a_failed_document_has_one_row() -> None:
    rows = result_to_rows(failed_result(None, ErrorCode.NOT_FOUND, "The file does not exist. Check the path."))
    assert {name: len(table) for name, table in rows.items()} == {
        "documents": 1, "forms": 0, "funds": 0, "indicators": 0, "findings": 0,
    }  # fmt: skip


def test_bytes_keep_every_value_and_type() -> None:
    rows = result_to_rows(RESULT)
    again = bytes_to_rows(rows_to_bytes(rows))
    assert again == rows
    assert [[type(value) for value in row] for row in again["funds"]] == [
        [type(value) for value in row] for row in rows["funds"]
    ]


def test_bytes_of_a_version_with_other_columns() -> None:
    rows = result_to_rows(RESULT)
    data = rows_to_bytes(rows)
    import json
    import zlib

    stored = json.loads(zlib.decompress(data))
    place = stored["forms"][0].index("scope")
    for row in stored["forms"]:
        del row[place]
        row.append("gone")
    again = bytes_to_rows(zlib.compress(json.dumps(stored).encode()))
    assert again["forms"][0][place] is None
    assert again["forms"][0][place + 1 :] == rows["forms"][0][place + 1 :]
    assert "gone" not in again["forms"][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("表", "表"), ("a\udcd6b", "a\ufffdb"), ("\ud83d\ude00", "😀"), ("\ud800x", "\ufffdx"), ("", "")],
)
def test_to_unicode(text: str, expected: str) -> None:
    assert to_unicode(text) == expected


@given(st.text(st.characters()))
def test_to_unicode_can_be_written(text: str) -> None:
    to_unicode(text).encode()


def _with_amount(amount: Decimal) -> Form:
    return replace(RESULT.forms[0], funds=(replace(FUND, final_cny=amount),))


@pytest.mark.parametrize("amount", ["0", "-999999999999999999.99", "1E+3", "12.30"])
def test_amounts_that_fit(amount: str) -> None:
    check_forms([_with_amount(Decimal(amount))])


@pytest.mark.parametrize("amount", ["0.001", "1E+18", "-1E+30", "NaN", "Infinity"])
def test_amounts_that_no_column_holds(amount: str) -> None:
    with pytest.raises(ValueError, match="final_cny of line 1"):
        check_forms([_with_amount(Decimal(amount))])
