"""The sheet in a photo, and seals without colour."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_tables import SCALE, layout_of, letters, sheet, table

from extract.scan.grey_seals import find_grey_seals
from extract.scan.ink import find_seals, picture_to_ink
from extract.scan.layout import overlooked
from extract.scan.lines import Frame
from extract.scan.paper import cut_paper
from extract.scan.rulings import to_dark
from extract.scan.specks import without_specks

cv2 = pytest.importorskip("cv2")


def colored(gray: np.ndarray) -> np.ndarray:
    return np.repeat(gray[:, :, None], 3, axis=2)


def photo(paper: int = 235, desk: int = 110, corners: tuple[tuple[int, int], ...] | None = None) -> np.ndarray:
    """A sheet with a table on a desk with a grain."""
    rng = np.random.default_rng(4)
    page = np.clip(desk + rng.normal(0, 12, (1600, 1200)), 0, 255).astype(np.uint8)
    at = np.array(corners or ((120, 100), (1090, 130), (1110, 1480), (90, 1500)), np.int32)
    cv2.fillConvexPoly(page, at, paper)
    form = table((200, 400, 700, 1000), (300, 360, 420, 480))
    high, wide = form.shape
    page[:high, :wide] = np.minimum(page[:high, :wide], np.where(form < 128, 20, 255))
    return colored(page)


def test_a_photo_is_cut_to_its_sheet() -> None:
    cut = cut_paper(photo())
    assert (cut.x, cut.y) == pytest.approx((92, 102), abs=12)
    assert cut.picture.shape[:2] == pytest.approx((1400, 1015), abs=25)
    assert cut.picture[2, 2].min() == 255  # beside the leaning side there was desk
    assert cut.picture[700, 500].max() == 235


def test_a_sheet_in_uneven_light_is_cut_out_too() -> None:
    """Half of it in a shadow that is as dark as the desk in the light."""
    page = photo(desk=0).astype(float)
    page = np.where(page.max(axis=2, keepdims=True) > 60, page, np.array((70, 110, 160)))  # of wood
    page *= np.linspace(0.3, 1.0, page.shape[0])[:, None, None]
    cut = cut_paper(page.astype(np.uint8))
    assert (cut.x, cut.y) == pytest.approx((92, 102), abs=24)
    assert cut.picture.shape[:2] == pytest.approx((1400, 1015), abs=40)


def test_a_head_in_colour_is_no_desk() -> None:
    page = table((4, 300, 700, 1190), tuple(range(4, 1590, 122)))
    page = colored(np.vstack([page, sheet(1600 - len(page), page.shape[1])]) if len(page) < 1600 else page[:1600])
    page[4:180, 4:-4] = (190, 110, 0)
    page[:, -14:] = page[-14:] = 0
    assert cut_paper(page).picture is page


def test_what_lies_dark_at_the_edge_of_a_sheet_stays() -> None:
    """A black field of a form that runs to the edge is no desk, as far as the sheet's outline says."""
    page = photo()
    page[600:700, 400:800] = 30
    assert cut_paper(page).picture[640 - 102, 600 - 92].max() == 30


@pytest.mark.parametrize("shade", [0.3, 0.6, 0.9])
def test_light_and_shadow_on_a_scan_cut_nothing(shade: float) -> None:
    page = sheet(1600, 1200).astype(float)
    page *= np.clip(np.linspace(1.6 - shade, 1.0, 1200), 0, 1)
    page[:500] *= np.linspace(1 - shade / 2, 1, 500)[:, None]
    picture = colored(page.astype(np.uint8))
    assert cut_paper(picture).picture is picture


def test_scans_forms_and_small_pictures_are_not_cut() -> None:
    form = table((100, 300, 700, 1100), (120, 420, 620, 1000))
    form[130:400, 110:290] = 90  # a field of colour
    for page in (form, sheet(300, 200), sheet(2000, 1400)):
        picture = colored(page)
        assert cut_paper(picture).picture is picture


def stamped(level: int) -> np.ndarray:
    page = table((100, 300, 700, 1100), (120, 170, 220, 300, 380, 460, 540))
    letters(page, 520, 310, 4)
    seal = sheet(*page.shape)
    cv2.circle(seal, (560, 330), 160, level, 11)
    cv2.circle(seal, (560, 330), 30, level, cv2.FILLED)
    return np.minimum(page, seal)


@pytest.mark.parametrize("level", [90, 120, 150])
def test_a_seal_without_colour_goes_and_print_stays(level: int) -> None:
    ink = picture_to_ink(colored(stamped(level)), SCALE)
    assert ink.stamped is not None
    assert ink.gray[330, 395:410].min() > 200  # the ring
    assert ink.gray[312:330, 524:527].min() < 40  # letters
    assert ink.gray[301, 350] < 40  # a rule


@pytest.mark.parametrize("worn", [0, 7])
def test_of_a_seal_as_dark_as_the_print_ring_and_star_go(worn: int) -> None:
    """All ink is black, as in a 1-bit scan; what is left of a worn ring are arcs."""
    page = stamped(0)
    for n in range(worn):
        cv2.ellipse(page, (560, 330), (160, 160), 51.4 * n + 20, 0, 18, 255, 16)
    ink = picture_to_ink(colored(page), SCALE)
    assert ink.dark
    assert ink.stamped is not None
    assert ink.stamped[330, 560]
    assert ink.gray[330, 540:580].min() > 200  # the star
    assert ink.gray[330, 395:410].min() > 200  # the ring
    assert ink.gray[312:330, 524:527].min() < 40  # letters
    assert ink.gray[301, 350] < 40  # a rule
    rules = cv2.dilate((stamped(255) < 200).astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    assert ink.gray[~rules].min() > 200  # nor what is left of the ring


@pytest.mark.parametrize("level", [0, 20, 60, 100])
def test_thin_print_inside_a_ring_stays(level: int) -> None:
    """Rules are darker than thin letters: beside them a ring as dark as the letters seemed paler than print."""
    page = stamped(255)
    inside = (slice(305, 355), slice(430, 500))
    letters(page, 440, 316, 2)
    page[inside] = np.where(page[inside] < 128, 110, 255)
    page[300:303], thin = 0, page.copy()
    letters(page, 200, 400, 6)
    page[395:430, 190:390] = np.where(page[395:430, 190:390] < 128, 110, 255)
    seal = sheet(*page.shape)
    cv2.circle(seal, (560, 330), 160, level, 9)
    ink = picture_to_ink(colored(np.minimum(page, seal)), SCALE)
    assert (ink.gray[inside] == thin[inside]).mean() > 0.99


def test_rules_go_on_under_a_dark_seal() -> None:
    """The ring is no rule where it runs along one, and the rules that it covers are whole."""
    ys = tuple(range(120, 120 + 13 * 36, 36))
    page = table((100, 300, 700, 1100), ys)
    seal = sheet(*page.shape)
    cv2.circle(seal, (862, 330), 160, 0, 11)  # from 702 to 1022: along the side at 700, upright again at 1022
    layout = layout_of(np.minimum(page, seal))
    assert [(len(grid.ys) - 1, len(grid.xs) - 1, len(grid.spans)) for grid in layout.grids] == [(12, 3, 36)]
    (grid,) = layout.grids
    hidden = [span for span in grid.spans if layout.hides(grid.span_box(span))]
    assert {span[0] for span in hidden if span[2] == 2} == set(range(1, 11))  # of 12 rows the ring goes through these


def test_rules_as_pale_as_a_seal_go_on_under_it() -> None:
    """What is as pale as the seal went with it: cells beside each other under a seal were one."""
    page = table((100, 300, 560, 700, 1100), tuple(range(120, 120 + 13 * 36, 36)))
    page[page < 128] = 150  # rules of grey print
    letters(page, 140, 130, 6)  # dark print, that a grey seal is paler than
    letters(page, 740, 250, 6)
    seal = sheet(*page.shape)
    cv2.circle(seal, (560, 330), 160, 150, 11)
    layout = layout_of(np.minimum(page, seal))
    assert layout.sheet.ink.stamped is not None
    assert [(len(grid.ys) - 1, len(grid.xs) - 1, len(grid.spans)) for grid in layout.grids] == [(12, 4, 48)]


def test_only_lines_that_a_dark_seal_touches_may_miss_something() -> None:
    """The ring goes through the first line's end; the second stands alone inside, the third outside."""
    page = table((100, 300, 700, 1100), (120, 170, 220, 480, 660))
    lines = (560, 250), (420, 330), (420, 600)
    for x, y in lines:
        letters(page, x, y, 6)
    seal = sheet(*page.shape)
    cv2.circle(seal, (500, 330), 160, 0, 11)
    layout = layout_of(np.minimum(page, seal))
    assert [layout.covers(Frame(x, y, x + 160, y + 24)) for x, y in lines] == [True, False, False]


def test_text_and_tables_are_no_seal() -> None:
    page = table((100, 300, 700, 1100), tuple(range(120, 1500, 40)))
    for y in range(126, 1490, 40):
        for x in (110, 310, 710):
            letters(page, x, y, 6)
    heavy = cv2.erode(page, np.ones((5, 5), np.uint8))
    assert find_grey_seals(page, SCALE) == []
    assert find_grey_seals(heavy, SCALE) == []


def test_an_arc_of_a_seal_that_rules_cut_off_belongs_to_it() -> None:
    """In palettes the places where red crosses print are no red: the seal falls into pieces."""
    page = colored(table((100, 300, 700, 1100), (120, 170, 220, 300, 380, 460, 540)))
    cv2.circle(page, (560, 330), 160, (60, 40, 200), 11)
    page[205:245] = np.where(page[205:245] < 250, 120, 255)
    seals = find_seals(page, 2, SCALE)
    assert seals is not None
    assert seals[172, 560]
    assert not seals[60, 560]


def test_grey_print_and_grey_fields_are_no_seal() -> None:
    page = sheet(1600, 1200)
    for y in range(100, 600, 40):
        letters(page, 100, y, 14)
    pale = np.where(page < 128, 120, 255).astype(np.uint8)
    pale[900:1200, 200:560] = 140
    cv2.circle(pale, (900, 1200), 150, 140, cv2.FILLED)  # a disc: no ring
    assert find_grey_seals(pale, SCALE) == []


def specked(count: int) -> np.ndarray:
    """Lines of print with points between and over one another, and specks on the paper."""
    page = sheet(1200, 1200)
    for y in range(100, 600, 60):
        for x in (100, 120, 150, 170, 400):
            page[y : y + 22, x : x + 14] = 0
        page[y + 18 : y + 22, 140:144] = 0  # a decimal point: print stands on both sides of it
        page[y + 6 : y + 10, 188:192] = page[y + 18 : y + 22, 188:192] = 0  # a colon
        page[y + 18 : y + 22, 418:422] = 0  # a speck beside a letter
    for n in range(count):
        page[700 + 20 * (n // 30) : 704 + 20 * (n // 30), 100 + 30 * (n % 30) : 104 + 30 * (n % 30)] = 0
    return page


def test_specks_go_and_points_stay() -> None:
    page = specked(60)
    clean = without_specks(page, to_dark(page, SCALE), SCALE)
    assert clean[690:].min() == 255
    for y in range(100, 600, 60):
        assert (clean[y : y + 24, 100:414] == page[y : y + 24, 100:414]).all()
        assert clean[y + 19, 419] == 255


def test_specks_are_no_letters_of_a_layout() -> None:
    page = specked(60)
    layout = layout_of(page)
    assert layout.ink[690:].max() == 0
    assert layout.gray[119, 419] == 255


def test_a_page_with_few_specks_stays_as_it_is() -> None:
    page = specked(5)
    assert without_specks(page, to_dark(page, SCALE), SCALE) is page


def test_lines_that_the_detector_leaves_out_are_found_near_others_only() -> None:
    page = sheet(700, 1200)
    for x, y, count in ((400, 100, 12), (440, 150, 8), (440, 400, 8)):
        letters(page, x, y, count)
    ink = np.where(page < 128, 255, 0).astype(np.uint8)
    title = Frame(400, 100, 400 + 12 * 27, 124)
    (found,) = overlooked(ink, [title], SCALE)  # (2021年度) under a title; the line far below stands near none
    assert (found.x0, found.y0) == pytest.approx((440, 150), abs=8)
    assert overlooked(ink, [], SCALE) == []
    for y in range(200, 650, 50):
        letters(page, 440, y, 8)
    many = np.where(page < 128, 255, 0).astype(np.uint8)
    assert overlooked(many, [Frame(400, y, 700, y + 24) for y in range(124, 650, 50)], SCALE) == []
