"""Targets, actuals and columns of numbers, one cell at a time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from value_literals import LITERALS

from normalize.values import (
    Note,
    Value,
    ValueKind,
    parse_actual,
    parse_amount,
    parse_rate,
    parse_value,
    parse_weight,
)

MARKS = {
    Note.UNIT_UNKNOWN: "?",
    Note.SEVERAL_NUMBERS: "!",
    Note.UNIT_CONFLICT: "#",
    Note.OPERATOR_CONFLICT: "~",
}


def literals() -> list[tuple[str, str, str | None, str]]:
    lines = []
    for kind, table in LITERALS.items():
        for line in table.strip("\n").splitlines():
            if line.strip():
                printed, column, expected = line[8:].rsplit("|", 2)
                lines.append((kind, printed.rstrip(" "), None if "…" in column else column.strip(), expected.strip()))
    return lines


def plain(number: Decimal | None) -> str:
    assert number is not None
    return format(number.normalize(), "f") if number else "0"


def shown(value: Value) -> str:
    """A value in the notation of the literals."""
    if value.kind is ValueKind.NUMBER:
        parts = [value.operator, plain(value.number), value.unit]
    elif value.kind is ValueKind.RANGE:
        parts = [value.operator, f"{plain(value.number)}..{plain(value.maximum)}", value.unit]
    elif value.kind is ValueKind.DATE:
        assert value.date is not None
        parts = [value.operator, value.date.isoformat()]
    else:
        parts = [value.kind, value.operator, value.unit]
    parts += [mark for note, mark in MARKS.items() if note in value.notes]
    return " ".join(part for part in parts if part)


@pytest.mark.parametrize(("kind", "printed", "column", "expected"), literals())
def test_target(kind: str, printed: str, column: str | None, expected: str) -> None:
    value = parse_value(printed, column)
    assert shown(value) == expected
    assert value.raw == printed


def test_there_are_hundreds_of_literals() -> None:
    assert len({line[1:3] for line in literals()}) >= 400


def test_contradicting_operators_are_noted() -> None:
    value = parse_value("不超过90%以上")
    assert value.notes == {Note.OPERATOR_CONFLICT}
    assert (value.operator, value.operator_source, value.operator_raw) == (None, None, "不超过…以上")


@pytest.mark.parametrize(
    ("printed", "raw", "source"),
    [
        ("≥50个", "≥", "symbol"),
        ("＞＝ 50个", "＞＝", "symbol"),
        ("> = 50个", ">=", "symbol"),
        ("不少于12 种", "不少于", "words"),
        ("90%以上", "以上", "words"),
        ("控制在5%以内", "以内", "words"),
        ("不低于90%以上", "不低于…以上", "words"),
        ("≥90%以上", "≥…以上", "symbol"),
        ("2018年10月底前", "前", "words"),
        ("100人以上（含）", "以上（含）", "words"),
        ("50个", None, None),
    ],
)
def test_operator_as_printed(printed: str, raw: str | None, source: str | None) -> None:
    value = parse_value(printed)
    assert (value.operator_raw, value.operator_source) == (raw, source)


@pytest.mark.parametrize(
    ("printed", "column", "raw"),
    [
        ("≤90万元", None, "万元"),
        ("8", "万亩", "万亩"),
        ("100 百分比", None, "百分比"),
        ("９０％", None, "％"),
        ("百分之九十", None, "百分之"),
        ("5 个（套）", None, "个（套）"),
        ("5", "个 （套）", "个 （套）"),
        ("150万", None, None),
        ("50元／人", None, "元／人"),
        ("50个", "次", "个"),
        ("100", "/", "/"),
        ("1-2 次", None, "次"),
        ("1.5万-2万元", None, "万元"),
        ("3 垛", None, "垛"),
        ("5 （个）", None, "个"),
        ("≥ 个", None, "个"),
        ("≥***％", None, "％"),
        ("优", None, None),
        ("12月", "月", "月"),
    ],
)
def test_unit_as_printed(printed: str, column: str | None, raw: str | None) -> None:
    assert parse_value(printed, column).unit_raw == raw


# printed target, unit column, printed actual, the actual in the notation of the literals
ACTUALS = [
    ("≤90万元", None, "90", "900000 元"),
    ("≤90万元", None, "89.5万", "895000 元"),
    ("≤90万元", None, "89.5万元", "895000 元"),
    ("≤90万元", None, "850000元", "850000 元"),
    ("≤90万元", None, "1.2亿", "120000000 元"),
    ("≤90万元", None, "≥85万元", ">= 850000 元"),
    ("≤90万元", None, "85-90", "850000..900000 元"),
    ("8", "万亩", "8", "80000 亩"),
    ("8", "万亩", "7.5万", "75000 亩"),
    ("8", "万亩", "7.5万亩", "75000 亩"),
    ("8", "万亩", "75000亩", "75000 亩"),
    ("350000", "份", "333万", "3330000 份"),
    ("35万", "份", "340000", "340000 份"),
    ("35万份", None, "36", "360000 份"),
    ("150万", None, "148", "1480000"),
    ("150万", None, "148万", "1480000"),
    ("90%", None, "92", "92 %"),
    ("90%", None, "92%", "92 %"),
    ("90%", None, "0.95", "0.95 %"),
    ("100", "%", "100.00%", "100 %"),
    ("3", "次", "28", "28 次"),
    ("3", "次", "28次", "28 次"),
    ("≥1次/月", None, "2", "2 次/月"),
    ("≥3垛", None, "4", "4 垛"),
    ("≥3垛", None, "4垛", "4 垛"),
    ("三次", None, "五次", "5 次"),
    ("12", "月", "12月", "12 月"),
    ("≥266米", None, "≥266米", ">= 266 米"),
    ("=100%", None, "=100%", "= 100 %"),
    ("100%", None, "1000件", "1000 件"),
    ("100%", None, "5个", "5 个"),
    ("≥3", None, "3", "3"),
    ("≥3", None, "3个", "3 个"),
    ("优", None, "95%", "95 %"),
    ("优", None, "3", "3"),
    ("", None, "3", "3"),
    ("", "次", "3", "3 次"),
    ("", "万元", "3", "30000 元"),
    ("优", "万元", "3", "30000 元"),
    ("百分之九十", None, "95", "95 %"),
    ("12月", "月", "6", "6 月"),
    ("≥万元", None, "5", "50000 元"),
    ("0起", None, "0", "0 起"),
    ("90", "%", "", "blank"),
    ("90", "%", "/", "blank"),
    ("90", "%", "完成", "text"),
    ("≤30万元", None, "完成", "text"),
    ("0起", None, "无", "text"),
    ("90%", None, "1:1", "ratio"),
    ("2018年10月底", None, "2018年11月底", "2018-11-30"),
    ("2018年10月底", None, "2018年11月", "text"),
    ("90", "%", "90 95", "text !"),
    ("1-2次", None, "2", "2 次"),
    ("1-2万元", None, "2", "20000 元"),
]


@pytest.mark.parametrize(("target", "column", "printed", "expected"), ACTUALS)
def test_actual(target: str, column: str | None, printed: str, expected: str) -> None:
    actual = parse_actual(printed, parse_value(target, column))
    assert shown(actual) == expected
    assert actual.raw == printed


@pytest.mark.parametrize(
    ("target", "printed", "raw"), [("≤90万元", "90", None), ("≤90万元", "90万元", "万元"), ("90%", "完成", None)]
)
def test_unit_of_an_actual_as_printed(target: str, printed: str, raw: str | None) -> None:
    assert parse_actual(printed, parse_value(target)).unit_raw == raw


@pytest.mark.parametrize(
    ("printed", "cny", "cny_under_wan"),
    [
        ("170,294,599.63", "170294599.63", "1702945996300"),
        ("-3,361,340.55", "-3361340.55", "-33613405500"),
        ("－3,361,340.55", "-3361340.55", "-33613405500"),
        ("−4,192.56", "-4192.56", "-41925600"),
        ("+2,000.00", "2000", "20000000"),
        ("0", "0", "0"),
        ("0.00", "0", "0"),
        ("207.4538", "207.4538", "2074538"),
        ("52.800000", "52.8", "528000"),
        ("150万", "1500000", "1500000"),
        ("150万元", "1500000", "1500000"),
        ("1.2亿元", "120000000", "120000000"),
        ("1亿2000万元", "120000000", "120000000"),
        ("一百二十万元", "1200000", "1200000"),
        ("5元", "5", "5"),
        ("12千元", "12000", "12000"),
        ("￥1,234.50", "1234.5", "12345000"),
        ("¥1,234.50元", "1234.5", "1234.5"),
        ("１，２３４．５", "1234.5", "12345000"),
        ("1,23 4.56", "1234.56", "12345600"),
        ("170,294, 599.63", "170294599.63", "1702945996300"),
        ("12,345 .67", "12345.67", "123456700"),
        ("3万5千", "35000", "35000"),
        ("三千元", "3000", "3000"),
    ],
)
def test_amount(printed: str, cny: str, cny_under_wan: str) -> None:
    amount = parse_amount(printed)
    assert amount.in_cny("元") == Decimal(cny)
    assert amount.in_cny("万元") == Decimal(cny_under_wan)
    assert (amount.blank, amount.understood, amount.raw) == (False, True, printed)


@pytest.mark.parametrize("printed", ["", " ", "/", "XX", "-", "--", "—", "——", "－", "无", "……", "*", "一", "不适用"])
def test_blank_numbers(printed: str) -> None:
    assert parse_amount(printed).blank
    assert parse_rate(printed).blank
    assert parse_weight(printed).blank
    assert parse_amount(printed).in_cny("元") is None


@pytest.mark.parametrize(
    "printed",
    [
        *(
            "(1,000.00)",
            "—3,361",
            "3千",
            "3千5",
            "5个",
            "12%",
            "1,23",
            "1.2.3",
            "abc",
            "5 6",
            "1,234 567",
            "1,234 5,678",
        ),
        *(
            "总额100",
            "100(含结转)",
            "#REF!",
            "####",
            "004",
            "1E+08",
            "2023年",
            "854万854万",
            "¥",
            "12,345.67 89",
            "1,234,567.8 9",
            "1 2 ,345",
        ),
        *("0.1 2", "①5"),
    ],
)
def test_amounts_not_understood(printed: str) -> None:
    amount = parse_amount(printed)
    assert (amount.number, amount.blank, amount.understood) == (None, False, False)
    assert amount.in_cny("万元") is None


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("99.32", "99.32"),
        ("99.32%", "99.32"),
        ("99.32 ％", "99.32"),
        ("100.00", "100"),
        ("0.9932", "0.9932"),
        ("0.00%", "0"),
        ("105%", "105"),
        ("-5%", "-5"),
    ],
)
def test_rate(printed: str, number: str) -> None:
    rate = parse_rate(printed)
    assert (rate.number, rate.blank, rate.raw) == (Decimal(number), False, printed)


@pytest.mark.parametrize("printed", ["#DIV/0!", "5‰", "5分", "99 32", "99.32%%", "九十", "约99%", "99.32.1", "100%0"])
def test_rates_not_understood(printed: str) -> None:
    assert not parse_rate(printed).understood


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("10", "10"),
        ("10分", "10"),
        ("（10分）", "10"),
        ("(10)", "10"),
        ("9.5", "9.5"),
        ("19.60分", "19.6"),
        ("10%", "10"),
        ("0", "0"),
    ],
)
def test_weight(printed: str, number: str) -> None:
    assert parse_weight(printed).number == Decimal(number)


@pytest.mark.parametrize("printed", ["十分", "10个", "1 0", "满分", "10分10分", "(10", "√", "10/10"])
def test_weights_not_understood(printed: str) -> None:
    assert not parse_weight(printed).understood


# ---------------------------------------------------------------------------------------------------------------------
# Any value in any form
# ---------------------------------------------------------------------------------------------------------------------

FULL_WIDTH = str.maketrans("0123456789,.-%()/", "０１２３４５６７８９，．－％（）／")
OPERATORS = {
    ">=": [
        ("≥", ""),
        (">=", ""),
        ("＞＝", ""),
        ("≧", ""),
        ("大于等于", ""),
        ("不低于", ""),
        ("不少于", ""),
        ("至少", ""),
        ("", "以上"),
    ],
    "<=": [
        ("≤", ""),
        ("<=", ""),
        ("≦", ""),
        ("小于等于", ""),
        ("不超过", ""),
        ("不高于", ""),
        ("不大于", ""),
        ("", "以内"),
        ("", "以下"),
    ],
    ">": [(">", ""), ("＞", ""), ("大于", ""), ("超过", ""), ("高于", "")],
    "<": [("<", ""), ("＜", ""), ("小于", ""), ("低于", "")],
    "=": [("=", ""), ("＝", ""), ("﹦", ""), ("等于", "")],
    None: [("", "")],
}
UNITS = [
    "个",
    "次",
    "人",
    "人次",
    "户",
    "份",
    "起",
    "辆",
    "%",
    "‰",
    "元",
    "亩",
    "公里",
    "平方米",
    "元/人",
    "次/月",
    "个（套）",
    "元/生/年",
]
FACTORS = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}

numbers = st.one_of(
    st.integers(0, 10**9).map(Decimal),
    st.decimals(min_value=0, max_value=10**7, places=2),
    st.decimals(min_value=0, max_value=100, places=4),
)


@st.composite
def printed_quantities(draw: st.DrawFn) -> tuple[str, str | None, str | None, Decimal, str | None]:
    """A target's text, its unit column, and the operator, number and unit that were printed."""
    number = draw(numbers)
    operator = draw(st.sampled_from(list(OPERATORS)))
    before, behind = draw(st.sampled_from(OPERATORS[operator]))
    unit = draw(st.sampled_from([*UNITS, None]))
    magnitude = draw(st.sampled_from(list(FACTORS))) if unit not in {"%", "‰"} else ""
    digits = f"{number:,f}" if draw(st.booleans()) else f"{number:f}"
    in_column = unit is not None and draw(st.booleans())
    column = magnitude + unit if in_column and unit else None
    text = before + digits + ("" if in_column else magnitude + (unit or "")) + behind
    if draw(st.booleans()):
        text = text.translate(FULL_WIDTH)
        unit = unit.replace("(", "（").replace(")", "）") if unit else None
    return text, column, operator, number * FACTORS[magnitude], unit


@given(printed_quantities())
def test_any_quantity_in_any_form_comes_back(case: tuple[str, str | None, str | None, Decimal, str | None]) -> None:
    text, column, operator, number, unit = case
    value = parse_value(text, column)
    assert (value.kind, value.operator, value.number, value.unit) == (ValueKind.NUMBER, operator, number, unit)


@given(printed_quantities(), st.sampled_from(["①", "x", "²", "½", "，其中", "第", "#", "·", "约"]), st.booleans())
def test_anything_beside_a_quantity_leaves_no_number(
    case: tuple[str, str | None, str | None, Decimal, str | None], mark: str, in_front: bool
) -> None:
    text, column = case[:2]
    assert parse_value(mark + text if in_front else text + mark, column).number is None


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_any_date_in_any_form_comes_back(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    forms = [
        f"{y}年{m}月{d}日",
        f"{y}年{m:02}月{d:02}日",
        f"{y}-{m:02}-{d:02}",
        f"{y}.{m}.{d}",
        f"{y}/{m}/{d}",
        f"{y}年{m}月{d}日前",
    ]
    assert {parse_value(form).date for form in forms} == {day}


ALPHABET = (
    "0123456789.,，-—~～/:：%％‰万亿千百十一二三两零〇点"
    "年月日底前个次人元亩≥≤<>=＝以上内下不少于超至到之分（）() \t①²½*X、；。年度"
)


@given(st.text(ALPHABET, max_size=14), st.sampled_from([None, "", "个", "万元", "%", "月", "羽毛球", "/"]))
def test_no_text_raises_and_all_keep_what_was_printed(text: str, column: str | None) -> None:
    value = parse_value(text, column)
    assert value.raw == text
    assert (value.number is None) == (value.kind not in {ValueKind.NUMBER, ValueKind.RANGE})
    assert parse_actual(text, value).raw == text
    assert parse_amount(text).raw == parse_rate(text).raw == parse_weight(text).raw == text


@given(st.text(max_size=40))
def test_no_text_of_any_script_raises(text: str) -> None:
    assert parse_value(text, text).raw == text
    assert parse_actual(text, parse_value(text)).raw == text


@given(st.text(ALPHABET, max_size=10))
def test_no_digit_is_lost(text: str) -> None:
    """A number printed in digits alone has all of them: changing any one changes the value."""
    value = parse_value(text)
    if value.number is None:
        return
    for at, char in enumerate(text):
        if char in "123456789":
            other = parse_value(text[:at] + ("8" if char != "8" else "7") + text[at + 1 :])
            assert (other.number, other.maximum, other.unit) != (value.number, value.maximum, value.unit)


def test_a_long_cell_is_prose() -> None:
    value = parse_value("≥5" + " " * 98, "个")
    assert shown(value) == ">= 5 个"
    prose = parse_value("≥5" + " " * 99, "个")
    assert (prose.kind, prose.operator, prose.unit, prose.raw) == (ValueKind.TEXT, None, "个", "≥5" + " " * 99)


def test_amounts_keep_what_was_printed() -> None:
    assert parse_amount("5 6").raw == "5 6"
    assert parse_amount("1,23 4.56").raw == "1,23 4.56"


def test_a_target_that_is_no_number_hands_its_unit_on_and_its_actual_none() -> None:
    target = parse_value("优", "万元")
    assert (target.unit, target.unit_factor) == ("元", 10000)
    actual = parse_actual("良", target)
    assert (actual.unit, actual.unit_raw, actual.unit_factor) == (None, None, 1)
    assert parse_actual("≥万元", target).unit_raw is None
