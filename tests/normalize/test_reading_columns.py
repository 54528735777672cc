"""What a column holds decides between readings: literals in named groups, the reading in, the decision out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recognised import reading

from model import Reading, Rival
from normalize.reading_columns import Holds, Vocabulary, choose, find_codes, fit, is_number_like

CODES = Vocabulary(codes=find_codes(["001", "004", "003"]))
SIGNS = Vocabulary(codes=find_codes(["≥", "=", "≤"]))
NAMELESS = Vocabulary(nameless=True)
NONE = Vocabulary()

Doubts = Mapping[int, tuple[float, Sequence[tuple[str, float]]]]
Case = tuple[Holds, str, Doubts, str | None]

SURE_BUT_UNFIT: list[Case] = [
    (Holds.VALUE, "5O%", {}, "50%"),
    (Holds.VALUE, "lO次", {}, "10次"),
    (Holds.VALUE, "≥9o%", {}, "≥90%"),
    (Holds.VALUE, "二95%", {}, "=95%"),
    (Holds.VALUE, "2O23年l2月31日", {}, "2023年12月31日"),
    (Holds.VALUE, "0.9%0", {}, "0.9‰"),
    (Holds.VALUE, "95o/o", {}, "95%"),
    (Holds.VALUE, "50'", {}, "50"),
    (Holds.VALUE, "O", {}, "0"),
    (Holds.WEIGHT, "1O", {}, "10"),
    (Holds.WEIGHT, "1O分", {}, "10分"),
    (Holds.WEIGHT, "50.", {}, "50"),
    (Holds.WEIGHT, "8。5", {}, "8.5"),
    (Holds.AMOUNT, "1OO,OOO.5O", {}, "100,000.50"),
    (Holds.AMOUNT, "I50万", {}, "150万"),
    (Holds.AMOUNT, "12,345。67", {}, "12,345.67"),
    (Holds.RATE, "99.3O%", {}, "99.30%"),
    (Holds.OPERATOR, "二", {}, "="),
    (Holds.OPERATOR, "》", {}, "≥"),
    (Holds.UNIT, "90", {}, "%"),
    (Holds.UNIT, "%0", {}, "‰"),
    (Holds.UNIT, "品", {}, "%"),
]
CODE_COLUMN: list[Case] = [
    (Holds.OPERATOR, "OO4", {}, "004"),
    (Holds.OPERATOR, "04", {}, "004"),
    (Holds.OPERATOR, "4", {}, "004"),
    (Holds.OPERATOR, ",004", {}, "004"),
    (Holds.OPERATOR, "004.", {}, "004"),
    (Holds.OPERATOR, "0〇3", {}, "003"),
    (Holds.OPERATOR, "0Q1", {1: (0.7, [])}, "001"),
    (Holds.OPERATOR, "064", {1: (0.6, [("0", 0.3)])}, "004"),
    (Holds.OPERATOR, "064", {}, None),  # as sure as can be: a code that no book holds is told as such
    (Holds.OPERATOR, "数量指标", {}, None),
    (Holds.OPERATOR, "", {}, None),
]
SIGN_COLUMN: list[Case] = [
    (Holds.OPERATOR, "2", {0: (0.6, [])}, "≥"),
    (Holds.OPERATOR, "2", {0: (0.6, [("≥", 0.3)])}, "≥"),
    (Holds.OPERATOR, "V", {0: (0.5, [("≥", 0.3), (">", 0.02)])}, "≥"),
    (Holds.OPERATOR, "V", {0: (0.85, [("≥", 0.03), (">", 0.7)])}, "≥"),  # the bar is lost, not put in
    (Holds.OPERATOR, "W", {0: (0.6, [])}, "≥"),
    (Holds.OPERATOR, "三", {0: (0.6, [("二", 0.3)])}, "="),
    (Holds.OPERATOR, "≥", {0: (0.6, [(">", 0.3)])}, None),
    (Holds.OPERATOR, "定量", {1: (0.6, [("星", 0.3)])}, None),
]
DOUBTED: list[Case] = [
    (Holds.VALUE, "S0%", {0: (0.6, [])}, "50%"),
    (Holds.VALUE, "S0%", {0: (0.6, [("8", 0.3)])}, "80%"),
    (Holds.VALUE, "S0%", {0: (0.6, [("8", 0.06)])}, None),
    (Holds.VALUE, "9B", {1: (0.7, [])}, "98"),
    (Holds.VALUE, "≥50介", {3: (0.6, [])}, "≥50个"),
    (Holds.VALUE, "5欢", {1: (0.5, [("次", 0.3)])}, "5次"),
    (Holds.VALUE, "2023年12月未", {8: (0.8, [])}, "2023年12月末"),
    (Holds.VALUE, "2023年12月31目", {10: (0.8, [])}, "2023年12月31日"),
    (Holds.VALUE, "口", {0: (0.6, [])}, "0"),
    (Holds.VALUE, "S次", {0: (0.6, [("5", 0.3)])}, "5次"),
    (Holds.UNIT, "品", {0: (0.69, [("名", 0.11), ("%", 0.03)])}, "%"),
    (Holds.NAME, "m", {0: (0.75, [("…", 0.11)])}, "…"),
    (Holds.WEIGHT, "丨0", {0: (0.6, [("1", 0.35)])}, "10"),
    (Holds.WEIGHT, "f2", {0: (0.6, [("1", 0.3), ("", 0.02)])}, "12"),
    (Holds.UNIT, "男", {0: (0.6, [])}, "%"),
    (Holds.RATE, "100.00告", {6: (0.7, [("品", 0.1)])}, "100.00%"),
    (Holds.UNIT, "介", {0: (0.5, [])}, "个"),
    (Holds.UNIT, "人欢", {1: (0.5, [("次", 0.4)])}, "人次"),
    (Holds.UNIT, "0", {0: (0.3, [("g", 0.2)])}, None),  # a letter is too little to be a unit
    (Holds.SOURCE, "其池资金", {1: (0.9, [("他", 0.05)])}, "其他资金"),
    (Holds.LEVEL1, "产岀指标", {1: (0.9, [("出", 0.05)])}, "产出指标"),
    (Holds.LEVEL2, "数里指标", {1: (0.9, [])}, "数量指标"),
    (Holds.LEVEL2, "|数量指标", {}, "数量指标"),
    (Holds.NAME, "成本控制数(方元)", {6: (0.8, [])}, "成本控制数(万元)"),
    (Holds.YEAR, "20z3年度绩效自评表", {2: (0.6, [("2", 0.3)])}, "2023年度绩效自评表"),
    (Holds.YEAR, "2O23年度绩效自评表", {}, "2023年度绩效自评表"),
]
LEFT_ALONE: list[Case] = [
    (Holds.VALUE, "完成", {0: (0.3, [("5", 0.3)])}, None),
    (Holds.VALUE, "良好", {}, None),
    (Holds.VALUE, "I类", {}, None),
    (Holds.VALUE, "I型", {0: (0.6, [])}, None),
    (Holds.VALUE, "3A级", {1: (0.6, [])}, None),
    (Holds.VALUE, "250个", {0: (0.6, [("≥", 0.3)])}, None),  # both fit: the form decides, not the column
    (Holds.VALUE, "13", {1: (0.5, [("8", 0.4)])}, None),
    (Holds.VALUE, "1:1", {1: (0.6, [(".", 0.3)])}, None),
    (Holds.VALUE, "90", {}, None),
    (Holds.WEIGHT, "|50", {}, None),  # 50 beside a rule, or 150
    (Holds.WEIGHT, "j", {0: (0.7, [("1", 0.05)])}, None),  # a dash, or 1
    (Holds.WEIGHT, "一", {0: (0.4, [("1", 0.3)])}, None),
    (Holds.VALUE, "800日1", {3: (0.1, [("", 0.04)])}, None),  # two numbers, or one
    (Holds.UNIT, "T", {0: (0.7, [("'", 0.2)])}, None),
    (Holds.AMOUNT, "见附件", {1: (0.4, [("1", 0.3)])}, None),
    (Holds.UNIT, "甲子", {}, None),
    (Holds.NAME, "建设乡（镇）", {3: (0.6, [("填", 0.2)])}, None),
    (Holds.NAME, "m", {0: (0.75, [("n", 0.11)])}, None),
    (Holds.NAME, "宣传次数", {0: (0.3, [("宜", 0.3)])}, None),
    (Holds.TEXT, "O", {0: (0.3, [("0", 0.3)])}, None),
]
NO_NAME: list[Case] = [
    (Holds.VALUE, "7", {0: (0.9, [("1", 0.05)])}, "/"),
    (Holds.WEIGHT, "1", {0: (0.6, [("/", 0.3)])}, "/"),
    (Holds.WEIGHT, "/", {0: (0.6, [("1", 0.3)])}, None),
    (Holds.VALUE, "70", {0: (0.6, [("1", 0.3)])}, None),
]
GROUPS = [
    *((NONE, case) for case in SURE_BUT_UNFIT + DOUBTED + LEFT_ALONE),
    *((CODES, case) for case in CODE_COLUMN),
    *((SIGNS, case) for case in SIGN_COLUMN),
    *((NAMELESS, case) for case in NO_NAME),
]


@pytest.mark.parametrize(("known", "case"), GROUPS, ids=[f"{c[0].value}-{c[1]}-{n}" for n, (_, c) in enumerate(GROUPS)])
def test_decisions(known: Vocabulary, case: Case) -> None:
    holds, text, doubts, taken = case
    choice = choose(text, reading(text, doubts), holds, known)
    assert (choice.text if choice else None) == taken


@pytest.mark.parametrize(
    ("text", "doubts", "alone", "settled"),
    [
        ("5O%", {}, True, True),  # nothing but the column can tell the two apart
        ("S0%", {0: (0.6, [("5", 0.3)])}, True, True),
        ("S0%", {0: (0.9, [("5", 0.03)])}, True, False),  # it fits, but the reader hardly believes it
        ("S0%", {0: (0.6, [])}, True, False),
        ("S0%", {0: (0.6, [("8", 0.3)])}, False, False),
    ],
)
def test_how_sure_a_decision_is(text: str, doubts: Doubts, alone: bool, settled: bool) -> None:
    choice = choose(text, reading(text, doubts), Holds.VALUE)
    assert choice is not None
    assert (choice.alone, choice.settled) == (alone, settled)


def test_the_unit_of_a_row_is_part_of_what_fits() -> None:
    assert fit("5欢", Holds.VALUE).rank < 2
    assert fit("5", Holds.VALUE, Vocabulary(unit="欢")).rank < 2
    assert fit("5", Holds.VALUE, Vocabulary(unit="次")).outcome == fit("5次", Holds.VALUE).outcome


@pytest.mark.parametrize(
    ("holds", "text", "sure", "rival", "meant"),
    [
        (Holds.UNIT, "%0", 0.95, Rival(0, 2, "%", 1.0), "‰"),  # the ring is lost, not put in
        (Holds.WEIGHT, "20.", 0.97, Rival(0, 3, "2", 1.0), "20"),  # a digit that was surely read is lost
        (Holds.WEIGHT, "1Qf", 0.8, Rival(0, 3, "1", 1.0), None),
        (Holds.WEIGHT, "15/", 0.8, Rival(0, 3, "15", 1.0), "15"),
    ],
)
def test_what_the_reader_lost_when_it_looked_again(
    holds: Holds, text: str, sure: float, rival: Rival, meant: str | None
) -> None:
    choice = choose(text, Reading((sure,) * len(text), (rival,)), holds)
    assert (choice.text if choice else None) == meant


def test_codes_of_a_column() -> None:
    assert find_codes(["004", "001", ""]) == {"001", "002", "003", "004", "005"}
    assert find_codes(["1", "5", "定性"]) == {"1", "2", "3", "4", "5", "6", "9", "10"}
    assert find_codes(["≥", "≤", "2"]) == frozenset()
    assert find_codes(["定量", ""]) is None


def test_what_is_judged_as_a_number() -> None:
    texts = ["50%", "S0%", "完成", "—", "l", "I类", "5欢", "良好", "1:1", "S%"]
    unsure = [is_number_like(text, Reading((0.6,) * len(text)), Holds.VALUE) for text in texts]
    sure = [is_number_like(text, Reading((0.999,) * len(text)), Holds.VALUE) for text in texts]
    assert unsure == [True, True, False, True, True, True, True, False, True, True]
    assert sure == [True, True, False, True, True, False, True, False, True, False]


COLUMNS = st.sampled_from(list(Holds))
VALUES = st.sampled_from(["50%", "≥95%", "004", "≥", "10", "8.5分", "1,234.56", "个", "产出指标", "2023年12月底", "/"])


@given(text=VALUES, holds=COLUMNS, data=st.data())
def test_a_text_that_fits_is_never_changed(text: str, holds: Holds, data: st.DataObject) -> None:
    confidences = data.draw(st.lists(st.floats(0, 1), min_size=len(text), max_size=len(text)))
    known = data.draw(st.sampled_from([NONE, CODES, SIGNS]))
    if fit(text, holds, known).rank == 2:
        assert choose(text, Reading(tuple(confidences)), holds, known) is None


@given(text=st.text(alphabet="0123456789OlSB|.,%≥个二一", max_size=8), holds=COLUMNS, data=st.data())
def test_what_is_taken_fits_better_and_is_made_of_its_edits(text: str, holds: Holds, data: st.DataObject) -> None:
    confidences = data.draw(st.lists(st.floats(0, 1), min_size=len(text), max_size=len(text)))
    choice = choose(text, Reading(tuple(confidences)), holds) if text else None
    if choice:
        assert choice.text != text
        assert fit(choice.text, holds).rank > fit(text, holds).rank
