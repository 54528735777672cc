"""Tables of cases: how they are checked, folded and used."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize import cases
from normalize.cases import CaseError, Cases, check_folding, fold, load, parse_cases, plain_han, squeeze, unused

COLUMNS = ("printed", "name")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("１２３", "123"),
        ("ＡＢＣｘｙｚ", "ABCxyz"),
        ("≧≦⩾⩽", "≥≤≥≤"),
        ("＞＝＜﹦﹥﹤", ">=<=><"),
        ("（个）［套］", "(个)[套]"),
        ("５０％﹪", "50%%"),
        ("－﹣−", "---"),
        ("～〜∼", "~~~"),
        ("１：１∶２", "1:1:2"),
        ("１，２．３；", "1,2.3;"),
        (" a　b\tc\u00a0d\u200be\ufefff\n", "abcdef"),
        ("“+”", '"+"'),
        ("⾦额⼈次⻋辆", "金额人次车辆"),
        ("①333万", "①333万"),
        ("10²", "10²"),
        ("½", "½"),
        ("㎡", "㎡"),
        ("〇", "〇"),
        ("‰", "‰"),
        ("—–", "—–"),
        ("……", "……"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_and_squeeze_keep_step(text: str) -> None:
    folded, squeezed = fold(text), squeeze(text)
    assert len(folded) == len(squeezed)
    assert fold(folded) == folded == fold(squeezed)
    assert not any(char.isspace() for char in folded)


@given(st.text())
def test_no_digit_comes_out_of_what_was_none(text: str) -> None:
    """What Unicode's compatibility folding does to ①, ² and ½ must not happen."""
    decimals = [char for char in text if unicodedata.category(char) == "Nd"]
    assert sum(char in "0123456789" for char in fold(text)) <= len(decimals)


def test_plain_han_changes_radicals_alone() -> None:
    assert plain_han("⾦额 １％（⻋）") == "金额 １％（车）"


@pytest.mark.parametrize(
    ("code", "printed", "plain", "kind"),
    [
        ("U+FF11", "２", "1", "digit"),
        ("U+FF11", "１", "11", "digit"),
        ("U+FF11", "１", "", "digit"),
        ("U+3000", "　", "", "space"),
        ("U+200B", "", " ", "invisible"),
    ],
)
def test_wrong_foldings_are_refused(code: str, printed: str, plain: str, kind: str) -> None:
    with pytest.raises(CaseError, match=r"foldings\.csv"):
        check_folding(code, {"code": code, "printed": printed, "plain": plain, "kind": kind})


def test_lines_by_folded_key() -> None:
    text = "# a comment, with a comma\nprinted,name\n５０％,fifty\n\n个 ,unit\n"
    lines = parse_cases("table", text, ("printed",), COLUMNS)
    assert lines == {"50%": {"printed": "５０％", "name": "fifty"}, "个": {"printed": "个 ", "name": "unit"}}


def test_key_of_two_columns() -> None:
    lines = parse_cases("table", "printed,name\n个,1\n个,2\n", ("printed", "name"), COLUMNS)
    assert list(lines) == ["个|1", "个|2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line must be printed,name"),
        ("printed\n个\n", "first line must be printed,name"),
        ("name,printed\n", "first line must be printed,name"),
        ("printed,name\n个\n", "line 2: 1 columns instead of 2"),
        ("printed,name\n个,a,b\n", "line 2: 3 columns instead of 2"),
        ("printed,name\n个,a\n\n个,b\n", "line 4: '个' stands twice"),
        ("printed,name\n5%,a\n５％,b\n", "line 3: '5%' stands twice"),
        ("# comment\nprinted,name\n 　,a\n", "line 3: the key is empty"),
    ],
)
def test_wrong_tables_are_refused(text: str, message: str) -> None:
    with pytest.raises(CaseError, match=message):
        parse_cases("table", text, ("printed",), COLUMNS)


def test_load_checks_the_columns_of_the_file() -> None:
    with pytest.raises(CaseError, match=r"numerals\.csv: the first line must be printed,value"):
        load("numerals", key="printed", columns=("printed", "value"))


def test_load_returns_the_same_table() -> None:
    first = load("numerals", key="printed", columns=("printed", "digit"))
    assert load("numerals", key=("printed",), columns=["printed", "digit"]) is first


def test_cases_remember_what_they_met(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Cases("table", {"个": {"name": "a"}, "50%": {"name": "b"}, "次": {"name": "c"}})
    monkeypatch.setattr(cases, "_LOADED", {"table": table, "other": Cases("other", {})})
    assert unused() == {"table": ["个", "50%", "次"]}
    assert table.find("５０ ％") == {"name": "b"}
    assert table.find("无") is None
    assert table.find_folded("个") == {"name": "a"}
    assert table.find_folded("％") is None
    assert unused() == {"table": ["次"]}
    assert (len(table), list(table), table["次"]) == (3, ["个", "50%", "次"], {"name": "c"})
    table.find("次")
    assert unused() == {}
