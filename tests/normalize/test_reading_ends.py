"""What is left out at the ends of texts, and what is not."""

from __future__ import annotations

import pytest
from recognised import Doubts, reading

from model import Reading, Rival
from normalize.reading_columns import Holds, Vocabulary
from normalize.reading_ends import choose_without_ends
from normalize.readings import applied

Case = tuple[Holds, str, Doubts, str | None]

BESIDE: list[Case] = [
    (Holds.NAME, ".采购及时率", {}, "采购及时率"),
    (Holds.NAME, "：设备管理制度", {}, "设备管理制度"),
    (Holds.NAME, ".5公里以内覆盖率", {}, None),
    (Holds.SOURCE, ".上年结转资金", {}, "上年结转资金"),
    (Holds.SOURCE, "其他资金_", {}, "其他资金"),
    (Holds.SOURCE, "1.财政拨款", {}, None),
    (Holds.SOURCE, "—其他资金", {}, None),
    (Holds.SOURCE, "上年结转资金", {}, None),
    (Holds.SOURCE, ".甲乙丙", {}, None),
]
UNITS: list[Case] = [
    (Holds.UNIT, "A人次", {0: (0.61, [("1", 0.22)])}, "人次"),
    (Holds.UNIT, "ア人次", {0: (0.59, []), 1: (0.9, []), 2: (0.9, [])}, "人次"),
    (Holds.UNIT, "人次1", {}, "人次"),
    (Holds.UNIT, "目%1", {0: (0.28, []), 2: (0.77, [])}, "%"),
    (Holds.UNIT, "1 0%", {0: (0.84, []), 2: (0.64, [])}, "%"),
    (Holds.UNIT, "%_1", {}, "%"),
    (Holds.UNIT, "%-", {}, "%"),
    (Holds.UNIT, "条1。", {0: (0.83, []), 2: (0.5, [])}, "条"),
    (Holds.UNIT, "份Y", {1: (0.9, [])}, "份"),
    (Holds.UNIT, "份Y", {}, None),
    (Holds.UNIT, "1个", {}, None),  # may be printed
    (Holds.UNIT, "3个", {}, None),
    (Holds.UNIT, "万人", {0: (0.4, [])}, None),  # a unit as it stands
    (Holds.UNIT, "甲人", {0: (0.6, [])}, None),
    (Holds.UNIT, "1°？、T", {0: (0.9, []), 1: (0.57, []), 2: (0.33, []), 3: (0.84, []), 4: (0.79, [])}, None),
    (Holds.UNIT, "甲子", {}, None),
    (Holds.UNIT, "-", {}, None),
]
NUMBERS: list[Case] = [
    (Holds.VALUE, "い120829", {0: (0.42, [("八", 0.32)])}, "120829"),
    (Holds.VALUE, "▲100", {0: (0.92, [])}, "100"),
    (Holds.VALUE, "▲100", {}, None),
    (Holds.VALUE, "A 100", {0: (0.9, [])}, "100"),
    (Holds.VALUE, "川100", {0: (0.4, [])}, "100"),
    (Holds.VALUE, "1260人N", {5: (0.47, [])}, "1260人"),
    (Holds.VALUE, "≥90% V", {5: (0.88, [])}, "≥90%"),
    (Holds.VALUE, "5年-", {2: (0.97, [])}, "5年"),
    (Holds.VALUE, "≤1600元/亩—", {}, "≤1600元/亩"),
    (Holds.VALUE, "≥95% 1.", {}, "≥95%"),  # no number goes on behind its unit
    (Holds.VALUE, "95 1", {}, None),
    (Holds.VALUE, "1360-", {4: (0.91, [])}, "1360"),
    (Holds.VALUE, "1360-", {}, None),  # of 1360-1400, perhaps
    (Holds.VALUE, "一55へ", {3: (0.44, [])}, None),  # a minus, perhaps
    (Holds.VALUE, "-55", {0: (0.6, [])}, None),
    (Holds.VALUE, "1 120829 K", {0: (0.9, []), 9: (0.6, [])}, None),  # never a digit
    (Holds.VALUE, "S333万", {0: (0.6, [])}, None),  # nor what may be one
    (Holds.VALUE, "い120", {0: (0.42, [("8", 0.3)])}, None),
    (Holds.VALUE, "pH7", {0: (0.6, [])}, None),
    (Holds.VALUE, "明显提升V", {4: (0.4, [])}, None),  # no number
    (Holds.VALUE, "A级", {0: (0.6, [])}, None),
    (Holds.VALUE, "-", {0: (0.4, [])}, None),
    (Holds.WEIGHT, "15Y", {2: (0.6, [])}, "15"),
    (Holds.AMOUNT, "い1,250.00", {0: (0.4, [])}, "1,250.00"),
    (Holds.AMOUNT, "-1,250.00", {0: (0.4, [])}, None),
    (Holds.RATE, "100.00% x", {8: (0.4, [])}, "100.00%"),
    (Holds.OPERATOR, "≥x", {1: (0.4, [])}, None),
]
WORDS: list[Case] = [
    (Holds.LEVEL1, "产出指标.", {}, "产出指标"),
    (Holds.LEVEL1, "产出指标：", {}, None),
    (Holds.LEVEL2, "数量指标", {}, None),
    (Holds.LEVEL2, "产出数量团日-", {4: (0.66, []), 5: (0.46, [])}, "产出数量"),
    (Holds.LEVEL2, "产出数量团日", {}, None),
    (Holds.NAME, "m……", {0: (0.53, [("…", 0.27)])}, "……"),
    (Holds.NAME, "工程验收合格率C", {7: (0.45, [])}, "工程验收合格率"),
    (Holds.NAME, "改造成本控制数(万元)、Y", {11: (0.56, []), 12: (0.69, [])}, "改造成本控制数(万元)"),
    (Holds.NAME, "开展等级保护测评.", {8: (0.8, [])}, "开展等级保护测评"),
    (Holds.NAME, "开展等级保护测评.", {}, None),
    (Holds.NAME, "供热投诉下降率中", {7: (0.38, [("牛", 0.24)])}, "供热投诉下降率"),
    (Holds.NAME, "供热投诉下降率中", {7: (0.6, [])}, None),
    (Holds.NAME, "采购设备B", {4: (0.8, [])}, None),  # may be printed
    (Holds.NAME, "手机APP", {2: (0.6, []), 3: (0.6, []), 4: (0.6, [])}, None),
    (Holds.NAME, "车辆1", {2: (0.3, [])}, None),
    (Holds.TEXT, "按照年初预算完成。-", {}, "按照年初预算完成。"),
    (Holds.TEXT, "<p>完成任务。</p>i", {}, "<p>完成任务。</p>"),
    (Holds.TEXT, "完成任务·", {4: (0.76, [("。", 0.22)])}, "完成任务。"),
    (Holds.TEXT, "完成任务·", {4: (0.76, [])}, None),
    (Holds.TEXT, "完成任务。1", {}, None),
    (Holds.TEXT, "完成任务-", {}, None),
    (Holds.TEXT, "见附件1.", {}, None),
    (Holds.TEXT, "完成.一处顺延", {2: (0.73, [("，", 0.14), ("。", 0.06)])}, "完成，一处顺延"),
    (Holds.TEXT, "完成.一处顺延", {2: (0.73, [("，", 0.14), ("。", 0.1)])}, None),
    (Holds.TEXT, "完成.一处顺延", {2: (0.97, [("，", 0.14)])}, None),
    (Holds.TEXT, "完成1.5处", {3: (0.7, [("，", 0.2)])}, None),  # decimals
    (
        Holds.TEXT,
        "任务完成.一处顺延·",
        {4: (0.73, [("，", 0.14)]), 9: (0.88, [("。", 0.08)])},
        "任务完成，一处顺延。",
    ),
    (Holds.TEXT, "完成任务：。", {4: (0.84, [("。", 0.1)])}, "完成任务。"),
    (Holds.TEXT, "完成任务，。", {}, None),
    (Holds.TERM, "总分。-", {}, None),
]
EVERY = [*BESIDE, *UNITS, *NUMBERS, *WORDS]


@pytest.mark.parametrize("case", EVERY, ids=[f"{case[0].value}-{case[1]}-{n}" for n, case in enumerate(EVERY)])
def test_ends(case: Case) -> None:
    holds, text, doubts, left = case
    choice = choose_without_ends(text, reading(text, doubts), holds)
    assert (choice.text if choice else None) == left
    assert choice is None or applied(text, choice.edits) == choice.text


@pytest.mark.parametrize(
    ("text", "again", "left"),
    [("11改造成本", "A", "改造成本"), ("11改造成本", "17", None), ("11改造成本", "", None), ("5改造成本", "A", None)],
)
def test_strokes_before_a_name_that_were_a_letter_when_looked_at_again(text: str, again: str, left: str | None) -> None:
    end = len(text.removesuffix("改造成本"))
    made = Reading((0.9,) * len(text), (Rival(0, end, again, 0.8),) if again else ())
    choice = choose_without_ends(text, made, Holds.NAME)
    assert (choice.text if choice else None) == left


@pytest.mark.parametrize(
    ("text", "doubts", "left"),
    [("/4", {1: (0.44, [])}, "/"), ("/4", {1: (0.6, [])}, None), ("4", {0: (0.4, [])}, None)],
)
def test_where_no_indicator_stands(text: str, doubts: Doubts, left: str | None) -> None:
    choice = choose_without_ends(text, reading(text, doubts), Holds.VALUE, Vocabulary(nameless=True))
    assert (choice.text if choice else None) == left
    assert choose_without_ends(text, reading(text, doubts), Holds.VALUE) is None
