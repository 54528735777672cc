"""Characters that make no word: by what the document repeats, and by the dictionary."""

from __future__ import annotations

import pytest
from recognised import reading

from model import Box, Content, Line, Reading, Rival
from normalize.reading_words import decide_words

BOX = Box(0, 0, 100, 10)


def line(text: str, place: int | None = None, sure: float = 0.72, rival: str = "", likely: float = 0.27) -> Line:
    """A line; the character at a place is unsure and has a rival."""
    return Line(1, text, BOX, reading(text, {} if place is None else {place: (sure, [(rival, likely)])}))


def decided(*lines: Line) -> list[tuple[str, str, bool]]:
    """The texts that are changed, what they become, and whether the document says so."""
    found = []
    for choice in decide_words(Content(lines)):
        text = choice.block.text
        for edit in choice.edits:
            text = text[: edit.start] + edit.text + text[edit.end :]
        found.append((choice.block.text, text, choice.is_repeated))
    return found


@pytest.mark.parametrize(
    ("read", "place", "rival", "meant"),
    [
        ("按照预算完成工作自标任务。", 8, "目", "按照预算完成工作目标任务。"),
        ("本级项自支出", 3, "目", "本级项目支出"),
        ("帅生满意度", 0, "师", "师生满意度"),
        ("1.25力亩", 4, "万", None),  # a numeral is no word
        ("科目二小车考试", 2, "三", None),  # both are numbers
        ("工作自标任务", 3, "林", None),  # no reading makes a word there
        ("及时完成自查工作", 4, "目", None),  # what was read makes a word
        ("2023年", 4, "牛", None),
        ("资金300元", 2, "8", None),  # digits are for the arithmetic
    ],
)
def test_the_dictionary_decides(read: str, place: int, rival: str, meant: str | None) -> None:
    assert decided(line(read, place, rival=rival)) == ([(read, meant, False)] if meant else [])


@pytest.mark.parametrize(("read", "meant"), [("年初預算數", "年初预算数"), ("資金總額", "资金总额")])
def test_fuller_characters_are_read_as_those_that_forms_print(read: str, meant: str) -> None:
    """However sure the reader is of them."""
    assert decided(line(read)) == [(read, meant, False)]


def test_a_fuller_character_that_makes_no_other_word_stays() -> None:
    assert decided(line("陳標")) == []


def test_what_the_document_repeats_decides_first() -> None:
    sure = line("已按照年初预算完成任务")
    assert decided(sure, line("已按昭年初预算完成任务", 2, rival="照")) == [
        ("已按昭年初预算完成任务", "已按照年初预算完成任务", True)
    ]


def test_what_the_document_says_elsewhere_stays() -> None:
    """A name of its own, which no dictionary has, is printed twice."""
    assert decided(line("由鼎目标公司承办"), line("由鼎自标公司承办")) == []
    assert decided(line("由鼎自标公司承办"), line("由鼎自标公司承办", 2, rival="目")) == []


@pytest.mark.parametrize(("sure", "likely"), [(0.99, 0.01), (0.96, 0.02)])
def test_what_is_sure_or_has_no_likely_rival_stays(sure: float, likely: float) -> None:
    assert decided(line("完成工作自标任务", 4, sure=sure, rival="目", likely=likely)) == []


def test_texts_of_a_file_of_its_own_are_not_asked() -> None:
    assert decided(Line(1, "完成工作自标任务", BOX)) == []


GAP = "已按照年初预算完成任务"


@pytest.mark.parametrize(
    ("elsewhere", "read", "place", "meant"),
    [
        ([GAP], "排照年初预算完成任务", 0, "按照年初预算完成任务"),
        ([GAP], "已按照年初顶算完成任务", 5, GAP),
        ([GAP, "参照年初预算完成任务"], "排照年初预算完成任务", 0, None),  # two stand there elsewhere
        ([], "排照年初预算完成任务", 0, None),
        (["科目三小车考试"], "科目二小车考试", 2, None),  # numerals are no words
        (["培训第5期学员"], "培训第S期学员", 3, None),
    ],
)
def test_what_alone_stands_between_words(elsewhere: list[str], read: str, place: int, meant: str | None) -> None:
    found = decided(*map(line, elsewhere), line(read, place, sure=0.3, rival="甲", likely=0.04))
    assert found == ([(read, meant, True)] if meant else [])
    assert decided(*map(line, elsewhere), line(read, place, sure=0.6, rival="甲", likely=0.04)) == []


@pytest.mark.parametrize(
    ("elsewhere", "read", "rivals", "found"),
    [
        ([GAP], "照年初预算完成", (Rival(0, 0, "按", 0.38),), ("按照年初预算完成", True)),
        ([], "照年初预算完成", (Rival(0, 0, "按", 0.38),), None),
        ([GAP], "照年初预算完成", (Rival(0, 0, "按", 0.05),), None),
        ([GAP], "照年初预算完成", (Rival(0, 0, "1", 0.38),), None),
        ([], "明提升", (Rival(0, 3, "明显提升", 0.97), Rival(1, 1, "4", 0.37)), ("明显提升", False)),
        ([], "明提升", (Rival(0, 3, "明显提升", 0.97),), None),  # at first it saw nothing there
        ([], "明提升", (Rival(0, 3, "明显提升", 0.6), Rival(1, 1, "4", 0.37)), None),
        ([], "明提升", (Rival(0, 3, "明显提高", 0.97), Rival(1, 1, "4", 0.37)), None),
        ([], "明提升", (Rival(0, 3, "明提", 0.97), Rival(1, 1, "4", 0.37)), None),
    ],
)
def test_what_is_missing(
    elsewhere: list[str], read: str, rivals: tuple[Rival, ...], found: tuple[str, bool] | None
) -> None:
    doubted = Line(1, read, BOX, Reading((0.99,) * len(read), rivals))
    assert decided(*map(line, elsewhere), doubted) == ([(read, *found)] if found else [])
