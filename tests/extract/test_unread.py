"""Which pages, and which pictures on pages, need character recognition, and why."""

from __future__ import annotations

import pytest
from drawn import read_texts
from tiny_pdf import Picture, Sheet, text, under

WHOLE = under((590, 0, 0, 840, 2, 1), "/P Do ")
HALF = under((500, 0, 0, 300, 40, 100), "/P Do ")
SMALL = under((90, 0, 0, 90, 40, 700), "/P Do ")
LOGO = under((200, 0, 0, 200, 40, 600), "/P Do ")
PROSE = "".join(text(50, 60 + 15 * k, "项目支出绩效自评情况说明") for k in range(6))


def why(content: str, *, picture: bool = True) -> str | None:
    sheet = Sheet(content, xobjects={"P": Picture()}) if picture else content
    unread = read_texts(sheet)[0].unread
    return None if unread is None else unread.why


def lines(*codes: str) -> str:
    return "".join(text(50, 60 + 15 * k, line, font="A") for k, line in enumerate(codes))


@pytest.mark.parametrize("content", [WHOLE, WHOLE + text(280, 820, "- 3 -"), LOGO])
def test_a_picture_without_text_is_unread(content: str) -> None:
    assert why(content) == "The page is a picture without text"


@pytest.mark.parametrize("content", [PROSE, PROSE + SMALL, WHOLE + PROSE, ""])
def test_text_and_small_pictures_are_read(content: str) -> None:
    assert why(content) is None


def test_a_picture_that_lies_over_the_text_hides_it() -> None:
    assert why(PROSE + WHOLE) == "The page is a picture over a hidden text layer"


def test_invisible_text_is_hidden_wherever_it_is_drawn() -> None:
    assert why(WHOLE + "3 Tr " + PROSE) == "The page is a picture over a hidden text layer"
    assert why("3 Tr " + PROSE, picture=False) is None


def test_a_large_picture_beside_text_may_be_a_form() -> None:
    unread = read_texts(Sheet(PROSE + HALF, xobjects={"P": Picture()}))[0].unread
    assert unread is not None
    (box,) = unread.pictures
    assert [round(side) for side in box] == [40, 442, 540, 742]


@pytest.mark.parametrize(
    "codes",
    [
        "\ue001\ue002\ue003\ue004\ue005" * 4,  # private use
        "!\"#$%&'(+;<=>?@[\\]^" * 2,  # glyph numbers as ASCII
        "犑犣狜狤猀獡玁玃瓕甇畖疉癖皽盚眦瞣矪砊碁" * 2,  # from all over the plane
    ],
)
def test_text_that_means_nothing_is_unread(codes: str) -> None:
    assert why(lines(*[codes] * 5), picture=False) == "The page's fonts do not say which characters they show"


@pytest.mark.parametrize(
    "codes",
    ["項目支出績效自評情況說明國庫撥款" * 2, "Satisfaction of service recipients >= 90%", "姓名______ 日期________"],
)
def test_other_scripts_and_leaders_are_text(codes: str) -> None:
    assert why(lines(*[codes] * 5), picture=False) is None
