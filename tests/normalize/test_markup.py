"""HTML left in cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.markup import strip_markup


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("<p>预计完成266343人次", "预计完成266343人次"),
        ("<p>一</p><p>二</p>", "一二"),
        ("一<br>二<br/>三<br />四", "一二三四"),
        ("<P>一</P>", "一"),
        ("一&nbsp;二", "一 二"),
        ("&nbsp;&nbsp;一", "一"),
        ('<span style="font-size:14px">一</span>', "一"),
        ("<span style='color:red' class=x>一</span>", "一"),
        ("<p style=“text-align:left”>一</p>", "一"),
        ('<font face="宋体" size="3">一</font>', "一"),
        ('<td colspan="2">一</td>', "一"),
        ("<o:p></o:p>一", "一"),
        ("一<!-- x -->二", "一二"),
        ("满意度&ge;90%", "满意度≥90%"),
        ("&lt;5%", "<5%"),
        ("&ldquo;智慧交警&rdquo;", "“智慧交警”"),
        ("R&amp;D", "R&D"),
        ("<h1>一</h1><strong>二</strong><div>三</div>", "一二三"),
    ],
)
def test_markup_goes_and_text_stays(printed: str, plain: str) -> None:
    assert strip_markup(printed) == plain


@pytest.mark.parametrize(
    "text",
    [
        "a<b 且 c>d",
        "5<p且q>3",
        "x<5%",
        "<5%",
        "≥90%，<100%",
        "<注意>",
        "<p 一>",
        "<备注 a=b>",
        "A&B",
        "R&D经费",
        "&nbsp",
        "&unknown;",
        "<p",
        "p>",
        "<>",
        "3 < p > 2",
        "《<办法>》",
        " 一 ",
        " a<b ",
        "<pp>",
        "<spanx>",
        "",
    ],
)
def test_text_is_never_taken_for_markup(text: str) -> None:
    assert strip_markup(text) == text


@given(st.text())
def test_text_without_tags_and_entities_stays(text: str) -> None:
    if "<" not in text and "&" not in text:
        assert strip_markup(text) == text


@given(st.text("<>/pbr &nsp;一二=\"' ", max_size=20))
def test_han_characters_are_never_lost(text: str) -> None:
    plain = strip_markup(text)
    assert all(plain.count(char) <= text.count(char) for char in "一二")
    assert plain.count("一") + plain.count("二") >= sum(text.count(char) for char in "一二") - text.count(
        '"'
    ) - text.count("'") - text.count("=")
