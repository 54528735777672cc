"""Words by jieba's dictionary."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.words import cut_words, is_inside_word, is_verb_or_particle


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("道路交通事故一般案件办", ("道路", "交通事故", "一般", "案件", "办")),
        ("开展交通秩序专项整治", ("开展", "交通秩序", "专项", "整治")),
        ("手机APP开展劝导", ("手机", "APP", "开展", "劝导")),
        ("", ()),
    ],
)
def test_cut_words(text: str, words: tuple[str, ...]) -> None:
    assert cut_words(text) == words


@given(st.text(alphabet="道路交通事故办理率（）、，AP2 ％\n", max_size=20))
def test_cut_words_lose_nothing(text: str) -> None:
    assert "".join(cut_words(text)) == text


@pytest.mark.parametrize(
    ("text", "position", "inside"),
    [
        ("保障全市车驾管业务办理，", 10, True),
        ("保障全市车驾管业务办理，", 11, False),
        ("提高全市人民参与交通文明程度", 10, False),
        ("宣传教育活动", 3, True),
        ("宣传教育活动", 0, False),
        ("宣传教育活动", 6, False),
        ("宣传教育活动", 99, False),
    ],
)
def test_is_inside_word(text: str, position: int, inside: bool) -> None:
    assert is_inside_word(text, position) is inside


@pytest.mark.parametrize(
    ("char", "expected"),
    [("办", True), ("提", True), ("和", True), ("站", True), ("厕", False), ("户", False), ("𠮷", False)],
)
def test_is_verb_or_particle(char: str, expected: bool) -> None:
    assert is_verb_or_particle(char) is expected


def test_dictionary_is_loaded_late_and_silently() -> None:
    """Importing loads no jieba; the first question loads it, prints nothing and leaves no file behind."""
    code = (
        "import sys, normalize.names, normalize.words as words\n"
        "assert 'jieba' not in sys.modules\n"
        "words.cut_words('宣传教育')\n"
        "assert 'jieba' in sys.modules\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {"TMPDIR": folder, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-W", "error", "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert list(Path(folder).iterdir()) == []
