"""Blocks of lines that may be a table: those between rules of one length, and those whose lines have gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.grid import join_segments
from extract.unruled_lines import Segment, TextLine, Word, is_number, words_to_lines

__all__ = ["Block", "find_frames", "find_free_blocks"]

# Rules shorter than this (points) frame no table: underlines, footnote rules, boxes to tick.
SHORTEST_RULE = 90.0
# Rules whose ends differ by no more than this (points) belong to one frame.
SAME_ENDS = 7.0
# Lines further apart than this (in heights, from foot to head) are in two blocks.
BLOCK_GAP = 1.6
# A line of one piece that takes this share of the block's width is prose.
PROSE_WIDTH = 0.55
# What stands above or below a table and is no row of it.
_CAPTION = re.compile(
    r"\s*(?:table|figure|fig\.|chart|source|note|表|图|附[表件图]|注|备注|资料来源|来源|数据来源|单位|金额单位)\s*[\d:：.一二三四五六七八九十、（(-]",
    re.IGNORECASE,
)


# A label with its value: 单位名称：某县文化馆; and the number of a published account table (公开01表).
_LABEL = re.compile(r"[^:：]{1,14}[:：].*|公开\s*\d+\s*表|.{0,12}\d{1,2}表")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that may be a table; `rules` are the heights of the rules across it, its frame's first and last; none
    where nothing frames it."""

    lines: tuple[TextLine, ...]
    rules: tuple[float, ...] = ()


def find_frames(words: Sequence[Word], horizontal: Sequence[Segment]) -> list[Block]:
    """Find the blocks between rules of one length, as books set tables: a rule above, one under the head, one below."""
    blocks: list[Block] = []
    for rules in sorted(_stacks(horizontal), key=lambda stack: stack[0][0] - stack[-1][0]):
        left = sum(rule[1] for rule in rules) / len(rules) - SAME_ENDS
        right = sum(rule[2] for rule in rules) / len(rules) + SAME_ENDS
        taken = [_extent(block) for block in blocks]
        inside = [
            word for word in words
            if word.x0 >= left and word.x1 <= right and not any(_holds(extent, word) for extent in taken)
        ]  # fmt: skip
        run: list[list[TextLine]] = []
        ys: list[float] = []
        for above, below in pairwise([rule[0] for rule in rules]):
            band = words_to_lines([word for word in inside if above < word.middle < below])
            if band and _is_tabular(band, right - left):
                ys = ys or [above]
                ys.append(below)
                run.append(band)
            elif band or run:
                blocks += _frame(run, ys)
                run, ys = [], []
        blocks += _frame(run, ys)
    return blocks


def _extent(block: Block) -> tuple[float, float, float, float]:
    lines = block.lines
    return min(line.x0 for line in lines), block.rules[0], max(line.x1 for line in lines), block.rules[-1]


def _holds(extent: tuple[float, float, float, float], word: Word) -> bool:
    x0, y0, x1, y1 = extent
    return x0 <= (word.x0 + word.x1) / 2 <= x1 and y0 <= word.middle <= y1


def _frame(bands: Sequence[Sequence[TextLine]], ys: Sequence[float]) -> list[Block]:
    lines = tuple(line for band in bands for line in band)
    if sum(len(line.words) > 1 for line in lines) < 2:
        return []
    return [Block(lines, tuple(ys))]


def _stacks(horizontal: Sequence[Segment]) -> list[list[Segment]]:
    """Long rules grouped by where they start and end, each group from top to bottom."""
    stacks: list[list[Segment]] = []
    for rule in join_segments(horizontal):
        if rule[2] - rule[1] < SHORTEST_RULE:
            continue
        for stack in stacks:
            if abs(stack[-1][1] - rule[1]) < SAME_ENDS and abs(stack[-1][2] - rule[2]) < SAME_ENDS:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) > 1]


def _is_tabular(band: Sequence[TextLine], width: float) -> bool:
    """Whether lines between two rules look like rows: half of them in pieces, and no prose among them."""
    several = sum(len(line.words) > 1 for line in band)
    if len(band) == 1 and several == 0:
        line = band[0]
        return _CAPTION.match(line.words[0].text) is None and line.x1 - line.x0 < PROSE_WIDTH * width
    prose = sum(_is_prose(line, line.x0, width) for line in band)
    return 2 * several >= len(band) and prose <= 1


def _is_prose(line: TextLine, left: float, width: float) -> bool:
    """Whether a line is one long piece that starts at the left border."""
    return (
        len(line.words) == 1 and line.x1 - line.x0 > PROSE_WIDTH * width and line.x0 - left < 2.5 * line.height
    )  # fmt: skip


def find_free_blocks(lines: Sequence[TextLine]) -> list[Block]:
    """Find runs of lines with gaps in them, with the lines of one piece that stand between these."""
    blocks: list[Block] = []
    run: list[TextLine] = []
    for line in lines:
        labels = len(line.words) > 1 and all(_LABEL.fullmatch(word.text.strip()) for word in line.words)
        if run and (labels or not _goes_on(run, line)):
            blocks += _trim(run)
            run = []
        if not labels:
            run.append(line)
    return blocks + _trim(run)


def _goes_on(run: Sequence[TextLine], line: TextLine) -> bool:
    last = run[-1]
    if line.y0 - last.y1 > BLOCK_GAP * max(line.height, last.height):
        return False
    left, right = min(other.x0 for other in run), max(other.x1 for other in run)
    return not (_is_prose(line, left, right - left) and line.words[0].text.strip() and not _is_short(run, line))


def _is_short(run: Sequence[TextLine], line: TextLine) -> bool:
    """Whether the run has nothing yet that a long line could be compared with."""
    return all(len(other.words) == 1 for other in run) and line.x1 - line.x0 < 12 * line.height


def _trim(run: Sequence[TextLine]) -> list[Block]:
    """Cut a run to its lines with gaps, and the short lines right above and below them that stand in its columns."""
    several = [i for i, line in enumerate(run) if len(line.words) > 1]
    if len(several) < 2:
        return []
    first, last = several[0], several[-1]
    if first > 0 and _is_row_of_one(run[first - 1], run[first]):
        first -= 1
    while last + 1 < len(run) and _is_row_of_one(run[last + 1], run[last]):
        last += 1
    return [Block(tuple(run[first : last + 1]))]


def _is_row_of_one(line: TextLine, beside: TextLine) -> bool:
    """Whether a line of one short piece is a row of the table beside it: it stands where one of its columns does."""
    word = line.words[0]
    if _CAPTION.match(word.text) or is_number(word.text):
        return False
    gap = max(line.y0, beside.y0) - min(line.y1, beside.y1)
    if gap > 0.9 * line.height or word.x1 - word.x0 > 12 * line.height:
        return False
    return sum(word.x0 < other.x1 and word.x1 > other.x0 for other in beside.words) < 2
