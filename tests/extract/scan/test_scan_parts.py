"""The parts of reading a picture, on drawn pictures: seals, light, angle, bends, rules, lines, marks, decoding."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.grid import find_grids
from extract.readings import join_readings
from extract.scan.again import surer
from extract.scan.ink import even_light, find_seals, picture_to_ink
from extract.scan.layout import rules_in_points
from extract.scan.lines import Frame, cut_lines, without_residue
from extract.scan.marks import Marked, read_marks, settle_marks
from extract.scan.page import is_residue
from extract.scan.recognise import Recognised, Stretch, decode, prepare
from extract.scan.rulings import find_rulings
from extract.scan.straighten import find_angle, straighten
from model import Reading, Rival

cv2 = pytest.importorskip("cv2")
SCALE = 200 / 72
XS, YS = (100, 300, 700, 1100), (120, 170, 220, 300, 380)


def sheet(height: int = 520, width: int = 1200) -> np.ndarray:
    """White paper."""
    return np.full((height, width), 255, np.uint8)


def table(skip: tuple[tuple[int, int], ...] = ()) -> np.ndarray:
    """A ruled table; `skip` are sides (row, column line) that are not drawn: cells that span."""
    page = sheet()
    for y in YS:
        page[y : y + 3, XS[0] : XS[-1] + 3] = 0
    for c, x in enumerate(XS):
        for r, (y0, y1) in enumerate(pairwise(YS)):
            if (r, c) not in skip:
                page[y0 : y1 + 3, x : x + 3] = 0
    return page


def grid_of(gray: np.ndarray) -> list[tuple[int, int, int]]:
    rules = find_rulings(gray, SCALE)
    grids = find_grids(rules_in_points(rules.horizontal, SCALE), rules_in_points(rules.vertical, SCALE))
    return [(len(grid.ys) - 1, len(grid.xs) - 1, len(grid.spans)) for grid in grids]


def turned(gray: np.ndarray, angle: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((gray.shape[1] / 2, gray.shape[0] / 2), angle, 1)
    return cv2.warpAffine(gray, matrix, gray.shape[::-1], borderValue=255)


def line(text: str, *confidences: float, rivals: tuple[Rival, ...] = ()) -> Recognised:
    sure = confidences or (1.0,) * len(text)
    return Recognised(text, Reading(sure, rivals), tuple((n + 0.5) / len(text) for n in range(len(text))))


# Rules ----------------------------------------------------------------------------------------------------------------


def test_a_ruled_table_and_its_spans_are_found() -> None:
    assert grid_of(table()) == [(4, 3, 12)]
    assert grid_of(table(skip=((0, 1), (0, 2), (3, 2)))) == [(4, 3, 9)]


def test_rules_survive_noise_and_breaks() -> None:
    page = table()
    rng = np.random.default_rng(1)
    for x in rng.integers(110, 1090, 40):
        page[:, x : x + 6] = np.where(page[:, x : x + 6] == 0, 255, page[:, x : x + 6])
    noisy = np.clip(page + rng.normal(0, 8, page.shape), 0, 255).astype(np.uint8)
    assert grid_of(noisy) == [(4, 3, 12)]


def test_digits_one_under_another_are_no_rule() -> None:
    page = table()
    for y in range(130, 380, 50):
        page[y : y + 24, 500:503] = 0
    assert grid_of(page) == [(4, 3, 12)]


def test_a_fold_is_no_rule() -> None:
    page = table()
    shade = np.tile(np.linspace(0, 90, 40).astype(np.uint8), (page.shape[0], 1))
    page[:, 460:500] = np.where(page[:, 460:500] > 0, 255 - shade, 0)
    assert grid_of(page) == [(4, 3, 12)]


def test_dashed_rules_count() -> None:
    page = table()
    page[:, ::9] = 255
    page[:, 1::9] = 255
    page[:, 2::9] = 255
    for x in XS:
        page[YS[0] : YS[-1] + 3, x : x + 3] = 0
    assert grid_of(page) == [(4, 3, 12)]


# Straightening --------------------------------------------------------------------------------------------------------


@settings(max_examples=12, deadline=None)
@given(st.floats(-6, 6))
def test_the_angle_is_found_and_taken_out(angle: float) -> None:
    page = turned(table(), -angle)
    assert find_angle(page, SCALE) == pytest.approx(angle, abs=0.06)
    assert grid_of(straighten(picture_to_ink(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), SCALE)).ink.gray) == [(4, 3, 12)]


def test_a_bent_sheet_becomes_straight_and_its_places_are_known() -> None:
    page = table()
    y, x = np.mgrid[0 : page.shape[0], 0 : page.shape[1]].astype(np.float32)
    bend = 14 * np.sin(x / page.shape[1] * 3.1)
    bent = cv2.remap(page, x, y - bend, cv2.INTER_LINEAR, borderValue=255)
    straight = straighten(picture_to_ink(cv2.cvtColor(bent, cv2.COLOR_GRAY2BGR), SCALE))
    rules = find_rulings(straight.ink.gray, SCALE)
    assert len(rules.horizontal) == len(YS)
    top = min(rules.horizontal)
    in_x, in_y = straight.to_picture(np.array([600.0]), np.array([top[0]]))
    assert in_y[0] == pytest.approx(YS[0] + 1.5 + 14 * np.sin(in_x[0] / page.shape[1] * 3.1), abs=2.5)


def test_a_straight_page_is_not_touched() -> None:
    page = table()
    assert straighten(picture_to_ink(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), SCALE)).field is None


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (40, 40)])
def test_tiny_and_blank_pictures_do_no_harm(size: tuple[int, int]) -> None:
    blank = np.full((*size, 3), 255, np.uint8)
    assert straighten(picture_to_ink(blank, SCALE)).field is None


# Seals and light ------------------------------------------------------------------------------------------------------


def stamped(color: tuple[int, int, int]) -> np.ndarray:
    page = cv2.cvtColor(table(), cv2.COLOR_GRAY2BGR)
    page[240:262, 560:566] = 0
    ring = page.copy()
    cv2.circle(ring, (560, 260), 120, color, 9)
    return np.minimum(page, ring)


@pytest.mark.parametrize(("color", "channel"), [((40, 40, 220), 2), ((220, 60, 40), 0)])
def test_a_seal_goes_and_print_under_it_stays(color: tuple[int, int, int], channel: int) -> None:
    page = stamped(color)
    found = find_seals(page, channel, SCALE)
    assert found is not None
    assert found[260, 560]
    assert not found[500, 1150]
    ink = picture_to_ink(page, SCALE)
    assert ink.stamped is not None
    assert ink.gray[330:374, 620:690].min() > 200  # the ring
    assert ink.gray[250, 562] < 60  # print


def test_coloured_fields_and_letters_are_no_seal() -> None:
    page = cv2.cvtColor(sheet(), cv2.COLOR_GRAY2BGR)
    page[100:140, 100:1100] = (60, 60, 230)
    page[300:320, 200:204] = (0, 0, 200)
    assert find_seals(page, 2, SCALE) is None


def test_shadow_becomes_paper() -> None:
    page = (table().astype(float) * np.linspace(0.5, 1, 1200)).astype(np.uint8)
    even = even_light(page, SCALE)
    assert even[450, 50] > 240
    assert even[YS[0] + 1, 110] < 60


# Lines ----------------------------------------------------------------------------------------------------------------


def ink_with(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    ink = np.zeros((300, 600), np.uint8)
    for x0, y0, x1, y1 in boxes:
        ink[y0:y1, x0:x1] = 255
    return ink


CELL = Frame(0, 0, 600, 300)


def test_lines_are_cut_and_parts_of_letters_are_one() -> None:
    ink = ink_with((50, 40, 300, 44), (50, 50, 300, 64), (50, 90, 200, 114))
    assert [s.frames[0] for s in cut_lines(ink, CELL, 24, SCALE)] == [Frame(50, 40, 300, 64), Frame(50, 90, 200, 114)]


def test_lines_that_touch_are_parted_and_tall_letters_are_not() -> None:
    touching = ink_with((50, 40, 300, 62), (100, 62, 102, 66), (50, 66, 300, 88))
    assert len(cut_lines(touching, CELL, 24, SCALE)) == 2
    assert len(cut_lines(ink_with((50, 40, 300, 88)), CELL, 24, SCALE)) == 1


def test_letters_one_under_another_are_read_as_one_strip() -> None:
    (strip,) = cut_lines(ink_with(*((50, 40 + 40 * k, 72, 62 + 40 * k) for k in range(4))), CELL, 24, SCALE)
    assert strip.is_stack
    assert len(strip.frames) == 4


def test_what_rules_leave_at_a_cells_side_is_no_text() -> None:
    rests = ink_with((0, 297, 200, 300), (597, 0, 600, 300), (50, 40, 300, 64))
    (strip,) = cut_lines(without_residue(rests, [CELL], SCALE), CELL, 24, SCALE)
    assert strip.frames == (Frame(50, 40, 300, 64),)


def test_ticks_that_seals_leave_are_no_text_and_dashes_are() -> None:
    assert cut_lines(ink_with((200, 100, 202, 106)), CELL, 24, SCALE) == []
    (strip,) = cut_lines(ink_with((200, 100, 208, 103)), CELL, 24, SCALE)
    assert strip.frames == (Frame(200, 100, 208, 103),)


# Decoding -------------------------------------------------------------------------------------------------------------

CHARACTERS = ("", "1", "0", "O", ".")


def scores(*steps: dict[int, float]) -> np.ndarray:
    out = np.zeros((len(steps), len(CHARACTERS)), np.float32)
    for n, step in enumerate(steps):
        for k, p in step.items():
            out[n, k] = p
        out[n, 0] += max(1 - sum(step.values()), 0)
    return out


def test_repeats_are_one_character_and_rivals_are_told() -> None:
    read = decode(scores({1: 1}, {1: 0.9}, {}, {2: 0.6, 3: 0.38}, {}, {1: 1}), CHARACTERS, Stretch(8, 0, 48))
    assert read.text == "101"
    assert read.reading.confidences == pytest.approx((1, 0.6, 1))
    assert [(r.start, r.end, r.text) for r in read.reading.rivals] == [(1, 2, "O"), (1, 2, "")]
    assert read.places == pytest.approx((1 / 6, 3.5 / 6, 5.5 / 6))


def test_what_may_be_missing_is_told() -> None:
    read = decode(scores({1: 1}, {4: 0.4}, {2: 1}), CHARACTERS, Stretch(8, 0, 24))
    assert read.text == "10"
    assert read.reading.rivals == (Rival(1, 1, ".", pytest.approx(0.4)),)


@settings(max_examples=50)
@given(st.integers(1, 80), st.integers(1, 2000))
def test_pictures_fit_the_model(height: int, width: int) -> None:
    ready = prepare(np.full((height, width), 255, np.uint8))
    assert ready.picture.shape[0] == 48
    assert ready.width % 8 == 0
    assert ready.width >= 64
    assert ready.left + ready.inner <= ready.width


# Marks ----------------------------------------------------------------------------------------------------------------


def ink_line(*runs: tuple[int, int], height: int = 24, width: int = 200) -> np.ndarray:
    ink = np.zeros((height, width), bool)
    for a, b in runs:
        ink[:, a:b] = True
    return ink


@pytest.mark.parametrize("read", ["一", "1", "", "目"])
def test_a_lone_stroke_is_a_dash(read: str) -> None:
    stroke = np.ones((3, 22), bool)
    assert read_marks(line(read), stroke, 24).text == "—"
    assert read_marks(line(read), np.ones((3, 9), bool), 24).text == "-"


def test_two_strokes_of_one_length_are_an_equals_sign_and_a_leaning_one_a_slash() -> None:
    equals = np.zeros((10, 20), bool)
    equals[:2] = equals[-2:] = True
    assert read_marks(line("二"), equals, 24).text == "＝"
    two = equals.copy()
    two[0:2, :5] = two[0:2, -5:] = False
    assert read_marks(line("二"), two, 24).text == "二"
    slash = np.zeros((22, 10), bool)
    for y in range(22):
        slash[y, 9 - y * 9 // 21] = True
    assert read_marks(line("1"), slash, 24).text == "/"


def test_marks_are_as_wide_as_the_white_beside_them() -> None:
    full = ink_line((0, 20), (33, 38), (42, 60))  # 数（A
    assert read_marks(line("数(A"), full[:, :60], 24).text == "数（A"
    half = ink_line((0, 24), (28, 33), (36, 60))
    assert read_marks(line("数（A"), half[:, :60], 24).text == "数(A"


def test_per_mille_is_put_right_and_spaces_beside_chinese_letters_go() -> None:
    assert read_marks(line("0.95%0"), ink_line((0, 200)), 24).text == "0.95‰"
    assert read_marks(line("10 分"), ink_line((0, 60))[:, :60], 24).text == "10分"
    assert read_marks(line("NNBM 8124"), ink_line((0, 200)), 24).text == "NNBM 8124"


def test_open_marks_follow_their_other_half_and_then_the_page() -> None:
    first = Marked("资金(万元", Reading((1.0,) * 5))
    last = Marked("）", Reading((1.0,)), (0,))
    (cell,) = settle_marks([[replace_open(first, 2), last]])
    assert "".join(one.text for one in cell) == "资金（万元）"
    (cell,) = settle_marks([[Marked("(A)", Reading((1.0,) * 3), (0, 2))]])
    assert cell[0].text == "(A)"


def replace_open(marked: Marked, at: int) -> Marked:
    return Marked(marked.text, marked.reading, (at,))


# Second looks and joins -----------------------------------------------------------------------------------------------


def test_the_surer_reading_is_taken_and_the_other_kept_as_rival() -> None:
    both = surer(line("8", 0.6), line("6", 0.9))
    assert both.text == "6"
    assert both.reading.rivals == (Rival(0, 1, "8", 0.6),)


def test_what_only_leaves_out_a_sure_character_is_not_surer() -> None:
    assert surer(line("提取）", 0.99, 0.99, 0.7), line("提取", 0.99, 0.99)).text == "提取）"
    assert surer(line("m……", 0.3, 0.9, 0.9), line("……", 0.9, 0.9)).text == "……"


@given(st.lists(st.text("甲乙1.", min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(["", " "]))
def test_a_joined_text_keeps_each_characters_confidence(texts: list[str], space: str) -> None:
    parts = [(text, Reading(tuple(0.5 + k / 10 for k in range(len(text))))) for text in texts]
    joined = space.join(texts)
    reading = join_readings(parts, joined)
    assert reading is not None
    assert len(reading.confidences) == len(joined)
    assert sum(c == 1.0 for c in reading.confidences) == len(space) * (len(texts) - 1)


def test_what_is_joined_from_a_hidden_part_is_hidden() -> None:
    parts = [("5832.5平", Reading((1.0,) * 7)), ("方米", Reading((1.0, 1.0), hidden=True))]
    joined = join_readings(parts, "5832.5平方米")
    assert joined is not None
    assert joined.hidden
    plain = join_readings(parts[:1], "5832.5平")
    assert plain is not None
    assert not plain.hidden


@pytest.mark.parametrize(
    ("text", "sure", "is_left_out"),
    [("-", 0.97, True), ("·", 0.97, True), ("—", 0.97, False), ("—", 0.4, True), ("15", 0.4, False)],
)
def test_marks_beside_other_lines(text: str, sure: float, is_left_out: bool) -> None:
    """A speck that passes for a hyphen would make the number beside it negative."""
    assert is_residue(Marked(text, Reading((sure,) * len(text)))) is is_left_out
