"""Which code book a form is read with, and when none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from normalize.cases import load
from normalize.codebooks import CodeEvidence, CodeRow, choose_codebook, load_codebooks

YUNNAN_HEADS = ("年初预算数", "预算调整数（调增为“+”；调减为“-”）", "执行数（系统提取）")
BODY = "曲靖市公安局交通警察支队"


def rows(*lines: tuple[str, int | None, int | None]) -> list[CodeRow]:
    return [
        CodeRow(code, *(None if number is None else Decimal(number) for number in numbers)) for code, *numbers in lines
    ]


# Rows as a Yunnan form prints them: most meet their target, one does not, one has no actual.
YUNNAN = rows(
    *[("004", 30, 31), ("004", 365, 365), ("003", 100, 100), ("003", 0, 0), ("002", 0, 0), ("001", 90, 92)],
    *[("004", 122833, 120829), ("004", 90, None), ("004", 12, 64)],
)
# The same rows on a system that numbers the operators 1 to 6.
PLATFORM = rows(("1", 30, 31), ("1", 365, 365), ("3", 100, 100), ("5", 90, 80), ("6", None, None), ("2", 90, 92))


def chosen(rows: list[CodeRow], texts: tuple[str, ...] = (), heads: tuple[str, ...] = ()) -> str | None:
    book = choose_codebook(CodeEvidence(rows, texts, heads))
    return book.name if book else None


@pytest.mark.parametrize(
    ("texts", "heads"),
    [
        ((BODY,), ()),
        (("云南省农业农村厅",), ()),
        (("2023年度部门整体支出绩效自评表", "镇雄县教育体育局"), ()),
        ((), YUNNAN_HEADS),
        (("某单位",), YUNNAN_HEADS),
        ((), ("执行数（系统提取）",)),
        ((BODY,), YUNNAN_HEADS),
    ],
)
def test_yunnan_by_region_or_heads(texts: tuple[str, ...], heads: tuple[str, ...]) -> None:
    assert chosen(YUNNAN, texts, heads) == "yunnan"


def test_never_by_the_numbers_alone() -> None:
    assert chosen(YUNNAN) is None
    assert chosen(PLATFORM) is None
    assert chosen(YUNNAN, ("某单位",), ("年初预算数", "执行数")) is None


@pytest.mark.parametrize("body", ["四川省某局", "合肥市某局（安徽省）", "贵州省毕节市某局"])
def test_another_province_rules_the_book_out(body: str) -> None:
    assert chosen(YUNNAN, (body,), YUNNAN_HEADS) is None


def test_one_head_alone_is_too_little_where_the_rows_prove_nothing() -> None:
    few = rows(("004", 30, 31), ("003", 1, 1))
    assert chosen(few, (), YUNNAN_HEADS[2:]) is None
    assert chosen(few, (), YUNNAN_HEADS) == "yunnan"
    unmet = rows(("004", 10, 9), ("004", 10, 9), ("004", 10, 11), ("004", 10, 12), ("004", 10, 13))
    assert chosen(unmet, (), YUNNAN_HEADS[2:]) is None


def test_rows_that_contradict_a_book_refute_it() -> None:
    contrary = rows(*[("005", 30, 60), ("005", 365, 400), ("005", 10, 12), ("005", 7, 10), ("003", 1, 1)])
    assert chosen(contrary, (BODY,), YUNNAN_HEADS) is None
    half = rows(("005", 30, 60), ("005", 365, 400), ("004", 10, 12), ("003", 1, 1))
    assert chosen(half, (BODY,), YUNNAN_HEADS) is None


@pytest.mark.parametrize("code", ["4", "04", "006", "0004", "x"])
def test_a_code_that_the_book_does_not_hold_rules_it_out_unless_the_rows_prove_it(code: str) -> None:
    assert chosen([*YUNNAN, CodeRow(code)], (BODY,), YUNNAN_HEADS) == "yunnan"
    assert chosen([*YUNNAN, CodeRow(code)]) is None
    assert chosen([*YUNNAN, *[CodeRow(code)] * 4], (BODY,), YUNNAN_HEADS) is None
    unproved = [CodeRow(row.code) for row in YUNNAN]
    assert chosen([*unproved, CodeRow(code)], (BODY,), YUNNAN_HEADS) is None
    unmet = rows(("004", 10, 9), ("004", 10, 9), *[("004", 10, 11)] * 4)
    assert chosen(unmet, (BODY,), YUNNAN_HEADS) == "yunnan"
    assert chosen([*unmet, CodeRow(code)], (BODY,), YUNNAN_HEADS) is None


def test_full_width_codes_are_the_same_codes() -> None:
    assert chosen([CodeRow("００４", Decimal(1), Decimal(1))], (BODY,)) == "yunnan"


def test_platform_by_region_and_head_or_arithmetic() -> None:
    assert chosen(PLATFORM, ("安徽省某厅",), ("计算符号",)) == "pmkpi"
    assert chosen(PLATFORM, ("天津市某局",)) == "pmkpi"
    assert chosen(PLATFORM, (), ("计算符号",)) == "pmkpi"
    assert chosen(PLATFORM, (BODY,), ("计算符号",)) is None
    assert chosen(PLATFORM[:3], ("安徽省某厅",)) is None


def test_every_code_of_the_book_at_once() -> None:
    assert chosen(rows(*[(code, None, None) for code in ("001", "002", "003", "004", "005")]), (BODY,)) == "yunnan"


def test_four_rows_of_five_met_support_a_book() -> None:
    met = [("004", 10, 11)] * 4
    assert chosen(rows(*met, ("004", 10, 9)), (), YUNNAN_HEADS[2:]) == "yunnan"
    assert chosen(rows(*met[:3], ("004", 10, 9)), (), YUNNAN_HEADS[2:]) is None


def test_no_codes_no_book() -> None:
    assert chosen([], (BODY,), YUNNAN_HEADS) is None


def test_books() -> None:
    books = load_codebooks()
    yunnan = {code: (entry.operator, entry.certainty) for code, entry in books["yunnan"].entries.items()}
    assert yunnan == {
        "001": (">", "likely"),
        "002": ("<", "order"),
        "003": ("=", "sure"),
        "004": (">=", "sure"),
        "005": ("<=", "order"),
    }
    platform = {code: entry.operator for code, entry in books["pmkpi"].entries.items()}
    assert platform == {"1": ">=", "2": ">", "3": "=", "4": "<", "5": "<=", "6": None, "9": None, "10": None}


def test_regions_of_yunnan_are_all_there() -> None:
    table = load("codebook_signs", key=("book", "kind", "text"), columns=("book", "kind", "text", "points"))
    names = [case["text"] for case in table.values() if case["book"] == "yunnan" and int(case["points"]) > 0]
    assert len(names) >= 1 + 16 + 129
    assert {case["book"] for case in table.values()} == set(load_codebooks())
