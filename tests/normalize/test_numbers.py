"""Numbers without units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.numbers import (
    find_leads,
    find_magnitude,
    has_broken_digits,
    int_to_numeral,
    numeral_to_int,
    parse_number,
)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("1,234.5", "1234.5"),
        ("12,345,678", "12345678"),
        ("１２，３４５．６", "12345.6"),
        ("+5", "5"),
        ("-5.25", "-5.25"),
        ("333万", "3330000"),
        ("1.2亿", "120000000"),
        ("3万5千", "35000"),
        ("3万5000", "35000"),
        ("1亿2000万", "120000000"),
        ("999999999999999", "999999999999999"),
        ("0.0123456789", "0.0123456789"),
        ("二十", "20"),
        ("两百", "200"),
        ("一百二十万", "1200000"),
        ("三点一四", "3.14"),
        ("一", "1"),
        ("零", "0"),
    ],
)
def test_number(printed: str, number: str) -> None:
    assert parse_number(printed) == Decimal(number)


@pytest.mark.parametrize(
    "printed",
    [
        *("", "万", "5个", "5%", "1 2", "12, 345", "1,23", "01", "00", "1234567890123456", "0.01234567891", "5x", "①"),
        *(
            "10²",
            "½",
            "三万五",
            "百",
            "十百",
            "二百五",
            "三点",
            "点五",
            "一点十",
            "--5",
            "+-5",
            "5+",
            "3万5",
            "5千3万",
            "0万0千",
        ),
        *("3万5千4千", "2万0千", "九" * 31),
    ],
)
def test_no_number(printed: str) -> None:
    assert parse_number(printed) is None


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (0, "零"),
        (10, "一十"),
        (101, "一百零一"),
        (100005000, "一亿零五千"),
        (100001000, "一亿零一千"),
        (10001000, "一千万一千"),
        (10000100, "一千万零一百"),
        (1000000, "一百万"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (10500, "一万零五百"),
        (100000001, "一亿零一"),
        (100500000, "一亿零五十万"),
        (120000000, "一亿二千万"),
        (10010000, "一千零一万"),
        (30050020, "三千零五万零二十"),
        (20005000, "二千万五千"),
    ],
)
def test_numerals_in_full(number: int, numeral: str) -> None:
    assert int_to_numeral(number) == numeral
    assert numeral_to_int(numeral) == number


@given(st.integers(0, 10**12 - 1))
def test_any_numeral_comes_back(number: int) -> None:
    assert numeral_to_int(int_to_numeral(number)) == number


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=3))
def test_any_number_comes_back(number: Decimal) -> None:
    assert parse_number(f"{number:,}") == parse_number(f"{number}") == number


def test_leads() -> None:
    assert [(str(lead.number), lead.rest, lead.own) for lead in find_leads("3万5千元")] == [
        ("3", "万5千元", False),
        ("35000", "元", True),
    ]
    assert [(str(lead.number), lead.rest, lead.own) for lead in find_leads("3千5百户")][1] == ("3500", "户", False)
    assert [(lead.number, lead.own, lead.numeral) for lead in find_leads("二十人")] == [(20, False, True)]
    assert [lead.own for lead in find_leads("一亿")] == [True]
    assert [lead.own for lead in find_leads("十万")] == [True]
    assert find_leads("人") == ()


def test_magnitudes() -> None:
    assert find_magnitude("千万元") == (Decimal(10**7), "元")
    assert find_magnitude("万亩") == (Decimal(10**4), "亩")
    assert find_magnitude("元") is None


def test_broken_digits() -> None:
    assert has_broken_digits("90 95")
    assert has_broken_digits("12, 345")
    assert has_broken_digits("３ ．５")
    assert not has_broken_digits("≥ 95 %")
    assert not has_broken_digits("2023年 12月")
