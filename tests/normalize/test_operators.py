"""Operators around values and in columns of their own."""

from __future__ import annotations

import pytest

from normalize.cases import fold, load, squeeze
from normalize.codebooks import load_codebooks
from normalize.operators import CellKind, Operator, OperatorSource, parse_operator_cell, split_bound


@pytest.mark.parametrize(
    ("printed", "kind", "operator"),
    [
        *[(text, "symbol", ">=") for text in ("≥", "≧", "⩾", ">=", "＞＝", "> =", "＞ ＝", "=>", " ≥ ")],
        *[(text, "symbol", "<=") for text in ("≤", "≦", "⩽", "<=", "＜＝")],
        *[(text, "symbol", ">") for text in (">", "＞", "﹥")],
        *[(text, "symbol", "<") for text in ("<", "＜", "﹤")],
        *[(text, "symbol", "=") for text in ("=", "＝", "﹦")],
        *[(text, "words", ">=") for text in ("大于等于", "大于或等于", "不低于", "不少于", "至少", "以上")],
        *[(text, "words", "<=") for text in ("小于等于", "不超过", "不高于", "不大于", "以内", "以下")],
        *[(text, "words", ">") for text in ("大于", "超过", "高于")],
        *[(text, "words", "<") for text in ("小于", "低于")],
        ("等于", "words", "="),
        *[(text, "nature", None) for text in ("定量", "定性", "定量指标", "定性指标", "定量（其他）")],
        *[
            (text, "class", None)
            for text in ("数量指标", "质量指标", "时效 指标", "社会效益", "服务对象满意度指标", "产出指标")
        ],
        *[(text, "blank", None) for text in ("", "/", "—", "……")],
        *[(text, "code", None) for text in ("004", "4", "99", "001")],
        *[(text, "unknown", None) for text in ("区间", "≥≤", "5个", "达到", "前", "④", "正向", "４个")],
    ],
)
def test_cell_of_an_operator_column(printed: str, kind: str, operator: str | None) -> None:
    cell = parse_operator_cell(printed)
    assert (cell.kind, cell.operator, cell.raw) == (kind, operator, printed)
    assert cell.source == (kind if operator else None)


@pytest.mark.parametrize(
    ("book", "code", "kind", "operator", "uncertain"),
    [
        ("yunnan", "001", "code", ">", True),
        ("yunnan", "002", "code", "<", True),
        ("yunnan", "003", "code", "=", False),
        ("yunnan", "004", "code", ">=", False),
        ("yunnan", "００４", "code", ">=", False),
        ("yunnan", "005", "code", "<=", True),
        ("yunnan", "006", "code", None, False),
        ("yunnan", "4", "code", None, False),
        ("pmkpi", "1", "code", ">=", False),
        ("pmkpi", "2", "code", ">", False),
        ("pmkpi", "3", "code", "=", False),
        ("pmkpi", "4", "code", "<", False),
        ("pmkpi", "5", "code", "<=", False),
        ("pmkpi", "6", "nature", None, False),
        ("pmkpi", "9", "nature", None, False),
        ("pmkpi", "10", "nature", None, False),
        ("pmkpi", "7", "code", None, False),
        ("pmkpi", "004", "code", None, False),
    ],
)
def test_code_under_its_book(book: str, code: str, kind: str, operator: str | None, uncertain: bool) -> None:
    cell = parse_operator_cell(code, load_codebooks()[book])
    assert (cell.kind, cell.operator, cell.uncertain, cell.raw) == (kind, operator, uncertain, code)
    assert cell.source == (OperatorSource.CODE if operator else None)


@pytest.mark.parametrize("printed", ["≥", "不低于"])
def test_a_book_changes_nothing_for_symbols_and_words(printed: str) -> None:
    assert parse_operator_cell(printed, load_codebooks()["pmkpi"]) == parse_operator_cell(printed)


@pytest.mark.parametrize(
    ("printed", "core", "operator", "source", "raw", "words"),
    [
        ("≥50个", "50个", ">=", "symbol", "≥", False),
        ("不少于12 种", "12种", ">=", "words", "不少于", True),
        ("90%以上", "90%", ">=", "words", "以上", True),
        ("控制在5%以内", "5%", "<=", "words", "以内", True),
        ("达到≥5%", "5%", ">=", "symbol", "≥", True),
        ("超额完成任务", "额完成任务", ">", "words", "超", True),
        ("50个", "50个", None, None, None, False),
        ("达到5个", "5个", None, None, None, True),
        ("以上", "以上", None, None, None, False),
        ("≤90%以上", "90%", None, "symbol", "≤…以上", True),
        ("2018年10月底前", "2018年10月底前", None, None, None, False),
        ("", "", None, None, None, False),
    ],
)
def test_bound(printed: str, core: str, operator: str | None, source: str | None, raw: str | None, words: bool) -> None:
    bound = split_bound(fold(printed), squeeze(printed))
    assert fold(printed)[bound.start : bound.end] == core
    assert (bound.operator, bound.source, bound.raw, bound.words) == (operator, source, raw, words)
    assert bound.conflict == (printed == "≤90%以上")


@pytest.mark.parametrize(
    ("printed", "core", "operator", "raw"),
    [
        ("2018年10月底前", "2018年10月底", "<=", "前"),
        ("2018年10月底之前", "2018年10月底", "<=", "之前"),
        ("不晚于2018年底", "2018年底", "<=", "不晚于"),
        ("已于2018年底完成", "2018年底", None, None),
        ("≥2018年底", "2018年底", ">=", "≥"),
    ],
)
def test_bound_of_a_date(printed: str, core: str, operator: str | None, raw: str | None) -> None:
    bound = split_bound(fold(printed), squeeze(printed), dated=True)
    assert (printed[bound.start : bound.end], bound.operator, bound.raw) == (core, operator, raw)


def test_table_of_operators_is_sound() -> None:
    table = load("operators", key=("printed", "place"), columns=("printed", "operator", "place"))
    places = {"symbol", "before", "behind", "date_before", "date_behind", "nature"}
    assert {case["place"] for case in table.values()} == places
    assert {case["operator"] for case in table.values()} == {*Operator, ""}
    assert CellKind("nature") is CellKind.NATURE
