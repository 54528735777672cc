"""Which cell text belongs to: text that runs over rules, with and without clips."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from drawn import lines_of, read_sheet, read_table, rows_of, shown_of
from tiny_pdf import advance, clipped, grid, kerned, one_by_one, text

XS, YS = (50.0, 150.0, 250.0, 350.0), (50.0, 70.0, 90.0, 110.0)
GRID = grid(XS, YS)
E = ["", "", ""]
LONG = "很长很长很长很长很长很长很长"

UNCLIPPED = {
    "one object over three cells, kerned": (kerned(52, 64, ["甲", 90, "乙", 90, "丙"]), ["甲", "乙", "丙"]),
    "numbers, kerned": (kerned(52, 64, ["12", 90, "34", 90, "56"]), ["12", "34", "56"]),
    "one object over three cells, typed spaces": (text(52, 64, f"甲{' ' * 18}乙{' ' * 18}丙"), ["甲", "乙", "丙"]),
    "over a blank cell": (text(52, 64, LONG), [LONG, "", ""]),
    "over a blank cell, one object a character": (one_by_one(52, 64, LONG), [LONG, "", ""]),
    "over two blank cells": (text(52, 64, LONG * 2), [LONG * 2, "", ""]),
    "up to a filled cell": (text(52, 64, LONG) + text(252, 64, "丙"), [LONG, "", "丙"]),
    "into a cell filled at its right": (text(52, 64, LONG[:12]) + text(230, 64, "12"), [LONG[:12], "12", ""]),
    "centred over both neighbours": (text(130, 64, LONG), ["", LONG, ""]),
    "right-aligned over the left neighbour": (text(108, 64, LONG), ["", LONG, ""]),
    "neighbours set tight": (text(100, 64, "右对齐格子") + text(150.5, 64, "左对齐"), ["右对齐格子", "左对齐", ""]),
    "neighbours set tight, one object a character": (
        one_by_one(99, 64, "右对齐格子") + one_by_one(151, 64, "左对齐"), ["右对齐格子", "左对齐", ""]
    ),
    "neighbours on lines of their own": (
        one_by_one(100, 63, "右对齐格子") + one_by_one(150, 66, "左对齐"), ["右对齐格子", "左对齐", ""]
    ),
    "drawn from right to left": (text(252, 64, "丙") + text(152, 64, "乙") + text(52, 64, "甲"), ["甲", "乙", "丙"]),
    "a little over the rule": (text(52, 64, LONG[:10]) + text(165, 64, "乙"), [LONG[:10], "乙", ""]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "row"), UNCLIPPED.values(), ids=UNCLIPPED)
def test_text_without_clips(content: str, row: list[str]) -> None:
    assert rows_of(read_table(GRID + content)) == [row, E, E]


def under_clip(cell: tuple[int, int], *lines: tuple[float, str], draw=text) -> str:
    """Lines at their heights, 2 pt from the left of a cell, under the cell's clip."""
    r, c = cell
    content = "".join(draw(XS[c] + 2, y, line) for y, line in lines)
    return clipped(XS[c], YS[r], XS[c + 1], YS[r + 1], content)


FULL = "满满满满满满满满满"
HIDDEN = {
    "below, over a blank cell": (
        under_clip((0, 0), (64, FULL), (77, "二")), [[f"{FULL}二", "", ""], E, E], [[FULL, "", ""], E, E]
    ),
    "below, over a filled cell": (
        under_clip((0, 0), (64, FULL), (77, "二")) + under_clip((1, 0), (86, "下格")),
        [[f"{FULL}二", "", ""], ["下格", "", ""], E],
        [[FULL, "", ""], ["下格", "", ""], E],
    ),
    "below, on the lines of the cells there": (
        under_clip((0, 0), (64, FULL), (84, FULL), (104, "三")) + under_clip((1, 0), (84, "下格"))
        + under_clip((2, 0), (104, "末格")),
        [[f"{FULL}{FULL}三", "", ""], ["下格", "", ""], ["末格", "", ""]],
        [[FULL, "", ""], ["下格", "", ""], ["末格", "", ""]],
    ),
    "below, drawn after the cells there": (
        under_clip((1, 0), (84, "下格")) + under_clip((0, 0), (64, FULL), (84, "二")),
        [[f"{FULL}二", "", ""], ["下格", "", ""], E],
        [[FULL, "", ""], ["下格", "", ""], E],
    ),
    "below the table": (
        under_clip((2, 0), (104, FULL), (117, "二"), (130, "三")),
        [E, E, [f"{FULL}二三", "", ""]],
        [E, E, [FULL, "", ""]],
    ),
    "off the page": (
        under_clip((2, 0), *[(104 + 13 * k, f"行{k}") for k in range(70)]),
        [E, E, ["".join(f"行{k}" for k in range(70)), "", ""]],
        [E, E, ["行0", "", ""]],
    ),
    "above: set from the bottom": (
        under_clip((1, 0), (62, FULL), (75, FULL), (88, "末")),
        [E, [f"{FULL}{FULL}末", "", ""], E],
        None,
    ),
    "above the table": (
        under_clip((0, 0), (42, FULL), (55, FULL), (68, "末")), [[f"{FULL}{FULL}末", "", ""], E, E], None
    ),
    "both: set in the middle": (
        under_clip((1, 0), (72, FULL), (84, FULL), (97, "末")) + under_clip((0, 0), (64, "上"))
        + under_clip((2, 0), (104, "下")),
        [["上", "", ""], [f"{FULL}{FULL}末", "", ""], ["下", "", ""]],
        None,
    ),
    "right, over text that is centred there": (
        under_clip((0, 0), (64, LONG)) + clipped(150, 50, 250, 70, text(190, 64, "12")),
        [[LONG, "12", ""], E, E],
        [[LONG[:10], "12", ""], E, E],
    ),
    "left and right of a centred text": (
        clipped(50, 50, 150, 70, text(60, 64, "左")) + clipped(150, 50, 250, 70, text(130, 64, LONG))
        + clipped(250, 50, 350, 70, text(255, 64, "右")),
        [["左", LONG, "右"], E, E],
        [["左", LONG[2:12], "右"], E, E],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "rows", "seen"), HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("lone", [False, True], ids=["runs", "one object a character"])
def test_hidden_text(content: str, rows: list[list[str]], seen: list[list[str]] | None, *, lone: bool) -> None:
    page = read_sheet(GRID + (_one_by_one(content) if lone else content))
    (table,) = page.tables
    assert rows_of(table) == rows
    assert lines_of(page) == []
    if seen is not None:
        assert shown_of(table) == seen


def _one_by_one(content: str) -> str:
    """The same content, each text object cut into characters."""
    out = []
    for line in content.splitlines():
        words = line.split()
        if words[0] != "BT":
            out.append(line)
            continue
        x, y, string = float(words[8]), words[9], bytes.fromhex(words[11].strip("<>")).decode("utf-16-be")
        for char in string:
            code = f"<{char.encode('utf-16-be').hex()}>"
            out.append(" ".join((*words[:8], f"{x:g}", y, words[10], code, *words[12:])))
            x += advance(char)
    return "\n".join(out) + "\n"


# ---------------------------------------------------------------------------------------------------------------------
# A producer that puts every cell under its own clip: whatever overflows comes back to its cell
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Form:
    """A random form as WPS prints it: content, and the text of each cell, of characters that occur once."""

    seed: int
    lone: bool
    shuffled: bool
    content: str = ""
    texts: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        draw = random.Random(self.seed)
        size, pad = draw.choice((7, 9, 10, 12)), draw.choice((1, 2, 3))
        xs, ys = [40.0], [60.0]
        for _ in range(draw.randint(2, 5)):
            xs.append(xs[-1] + draw.choice((40, 60, 80, 110)))
        for _ in range(draw.randint(2, 7)):
            ys.append(ys[-1] + size * draw.choice((1.4, 1.8, 2.6, 3.6)))
        self._next = 0x4E00 + draw.randint(0, 8000)
        drawn = []
        for y0, y1 in pairwise(ys):
            self.texts.append([])
            for x0, x1 in pairwise(xs):
                lines = self._lines(draw, max(int((x1 - x0 - 2 * pad) // size), 1))
                self.texts[-1].append("".join(lines))
                drawn.append(self._cell(draw, lines, (x0, y0, x1, y1), size, pad))
        if self.shuffled:
            draw.shuffle(drawn)
        self.content = grid(xs, ys) + "".join(drawn)

    def _lines(self, draw: random.Random, fit: int) -> list[str]:
        if draw.random() < 0.15:
            return []
        lines = [fit] * draw.choice((0, 0, 0, 1, 3))
        return [self._text(count) for count in (*lines, draw.randint(1, fit * draw.choice((1, 1, 2))))]

    def _text(self, count: int) -> str:
        self._next += count
        return "".join(chr(code) for code in range(self._next - count, self._next))

    def _cell(
        self, draw: random.Random, lines: list[str], box: tuple[float, float, float, float], size: int, pad: int
    ) -> str:
        x0, y0, x1, y1 = box
        high = 1.2 * size * len(lines)
        top = draw.choice((y0 + 1, (y0 + y1 - high) / 2, y1 - 1 - high))
        content = ""
        for k, line in enumerate(lines):
            x = draw.choice((x0 + pad, (x0 + x1 - advance(line, size)) / 2, x1 - pad - advance(line, size)))
            content += (one_by_one if self.lone else text)(x, top + 1.2 * size * k + size, line, size)
        return clipped(*box, content) if lines else ""


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("lone", [False, True], ids=["runs", "one object a character"])
def test_any_form_with_clips(seed: int, *, lone: bool) -> None:
    form = Form(seed, lone, shuffled=seed % 3 == 0)
    page = read_sheet(form.content)
    (table,) = page.tables
    assert [[text.replace(" ", "") for text in row] for row in rows_of(table)] == form.texts
    assert lines_of(page) == []
