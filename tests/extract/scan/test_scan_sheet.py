"""The sheet in a photo, and seals without colour."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_tables import SCALE, letters, sheet, table

from extract.scan.grey_seals import find_grey_seals
from extract.scan.ink import picture_to_ink
from extract.scan.paper import cut_paper

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


def test_a_seal_as_dark_as_the_print_stays() -> None:
    """With it print would go."""
    page = stamped(90)
    pale = np.where(page < 60, 80, page).astype(np.uint8)
    ink = picture_to_ink(colored(pale), SCALE)
    assert ink.grey
    assert ink.stamped is not None
    assert ink.stamped[330, 560]
    assert ink.gray[330, 395:410].min() < 100


def test_grey_print_and_grey_fields_are_no_seal() -> None:
    page = sheet(1600, 1200)
    for y in range(100, 600, 40):
        letters(page, 100, y, 14)
    pale = np.where(page < 128, 120, 255).astype(np.uint8)
    pale[900:1200, 200:560] = 140
    cv2.circle(pale, (900, 1200), 150, 140, cv2.FILLED)  # a disc: no ring
    assert find_grey_seals(pale, SCALE) == []
