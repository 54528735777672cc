"""The scans made of fixtures: each recipe gives what it says, and the same bytes each time."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pypdfium2.raw as raw
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from fixtures.degrade import recipes as tables  # noqa: E402
from fixtures.degrade.effects import Picture, Sheet, all_effects  # noqa: E402
from fixtures.degrade.files import Scan, write_pdf  # noqa: E402
from fixtures.degrade.make import degrade  # noqa: E402
from fixtures.degrade.recipes import COMMITTED, RECIPES, Container, Sample, Step, find_recipe  # noqa: E402
from fixtures.degrade.sets import chance_set, large_set  # noqa: E402

PDF = ROOT / "fixtures" / "pdf"
EFFECTS = all_effects()


@cache
def made(source: str, recipe: str) -> bytes:
    return degrade(Sample(source, recipe))


@contextmanager
def opened(data: bytes | Path) -> Iterator[pypdfium2.PdfDocument]:
    pdf = pypdfium2.PdfDocument(data)
    try:
        yield pdf
    finally:
        pdf.close()


def text_of(page: pypdfium2.PdfPage) -> str:
    return str(page.get_textpage().get_text_range()).strip()


def grey_of(page: pypdfium2.PdfPage, dpi: float = 100) -> Picture:
    """The page as displayed, in grey."""
    return cv2.cvtColor(page.render(scale=dpi / 72).to_numpy()[..., :3].copy(), cv2.COLOR_BGR2GRAY)


def images_of(page: pypdfium2.PdfPage) -> list[pypdfium2.PdfImage]:
    return list(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))


def ruled_sheet(rows: int = 700, columns: int = 1000) -> Sheet:
    """A white sheet at 100 dpi with a grid of black rules and a mark in it."""
    picture = np.full((rows, columns, 3), 255, np.uint8)
    picture[100:601:100, 100:902] = 0
    picture[100:602, 100:901:200] = 0
    picture[140:152, 150:160] = 0
    return Sheet(picture, 100.0)


def apply(name: str, sheet: Sheet, seed: int = 1, **parameters: float | str) -> Picture:
    return EFFECTS[name](sheet, np.random.default_rng(seed), **parameters).picture


# The tables of recipes ------------------------------------------------------------------------------------------------


def test_recipes_have_names_and_seeds_of_their_own() -> None:
    assert len({recipe.name for recipe in RECIPES}) == len({recipe.seed for recipe in RECIPES}) == len(RECIPES)


def test_recipes_name_effects_that_exist() -> None:
    assert {step.name for recipe in RECIPES for step in recipe.steps} == EFFECTS.keys()


def test_large_set_uses_every_recipe_and_every_fixture() -> None:
    samples = large_set()
    assert {sample.recipe for sample in samples} == {recipe.name for recipe in RECIPES}
    assert {sample.source for sample in samples} == {path.stem for path in PDF.glob("*.pdf")}
    assert len(set(samples)) == len(samples) == len({sample.file for sample in samples})


def test_large_set_has_the_pages_that_are_wanted() -> None:
    counts = {}
    for path in PDF.glob("*.pdf"):
        with opened(path) as pdf:
            counts[path.stem] = len(pdf)
    assert 150 <= sum(len(sample.pages) or counts[sample.source] for sample in large_set()) <= 250


def test_sets_drawn_by_chance_are_the_same_everywhere_and_differ_by_their_seed() -> None:
    samples = chance_set(1)
    assert samples == chance_set(1)
    assert {sample.source for sample in samples} == {path.stem for path in PDF.glob("*.pdf")}
    recipes = [find_recipe(sample.recipe) for sample in samples]
    assert recipes == [find_recipe(sample.recipe) for sample in samples]
    assert {step.name for recipe in recipes for step in recipe.steps} <= EFFECTS.keys()
    assert len({repr(find_recipe(name).steps) for name in ("chance-1-0", "chance-1-1", "chance-2-0")}) == 3
    with pytest.raises(KeyError):
        find_recipe("chance-1")


def test_committed_set_is_the_folder() -> None:
    assert {sample.file for sample in COMMITTED} == {path.name for path in (ROOT / "fixtures" / "scan").iterdir()}


# The same bytes -------------------------------------------------------------------------------------------------------

STEPS = list({step.name: step for recipe in RECIPES for step in recipe.steps}.values())
"""One of each effect, with parameters that a recipe gives it."""

ONE_OF_EACH = [("mof-2020-pages", "scan-first"), ("gansu-target", "small-picture"), ("gansu-target", "background")]


@pytest.mark.parametrize(("source", "recipe"), ONE_OF_EACH)
def test_the_same_recipe_gives_the_same_bytes(source: str, recipe: str) -> None:
    assert made(source, recipe) == degrade(Sample(source, recipe))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_same_seed_gives_the_same_picture(step: Step) -> None:
    first, second = (apply(step.name, ruled_sheet(210, 300), seed=7, **step.parameters) for _ in range(2))
    assert (first == second).all()


def test_another_seed_gives_other_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    other = replace(find_recipe("clean-200"), seed=9)
    monkeypatch.setitem(tables._BY_NAME, "clean-200", other)
    changed = degrade(Sample("mof-2020", "clean-200"))
    monkeypatch.undo()
    assert changed != made("mof-2020", "clean-200")


@pytest.mark.parametrize("sample", [one for one in COMMITTED if one.source in {"tianjin", "yunnan-project-2020"}])
def test_committed_file_is_what_its_recipe_gives(sample: Sample) -> None:
    """Other releases of the libraries may round otherwise: pictures are compared, not bytes."""
    with opened(made(sample.source, sample.recipe)) as new, opened(ROOT / "fixtures" / "scan" / sample.file) as old:
        for a, b in zip(new, old, strict=True):
            assert a.get_size() == b.get_size()
            assert np.abs(grey_of(a).astype(float) - grey_of(b)).mean() < 2


# Single effects -------------------------------------------------------------------------------------------------------


@given(degrees=st.floats(-3, 3))
def test_skew_turns_by_the_angle_and_loses_no_corner(degrees: float) -> None:
    sheet = ruled_sheet()
    ink = 255 - apply("skew", sheet, degrees=degrees)[..., 0]
    _, size, angle = cv2.minAreaRect(cv2.findNonZero((ink > 100).astype(np.uint8)))
    assert (angle + 45) % 90 - 45 == pytest.approx(degrees, abs=0.1)
    assert sorted(size) == pytest.approx([501, 801], abs=2)


def test_bend_lifts_lines_by_its_height() -> None:
    bent = apply("bend", ruled_sheet(), height=10.0, waves=1.0)[..., 0]
    top = np.argmax(bent[:, 150:850] < 128, axis=0)  # the first rule of each column
    assert 6 * 100 / 72 < np.ptp(top) < 11 * 100 / 72


def test_photo_shows_the_desk_around_the_page() -> None:
    sheet = ruled_sheet()
    photo = apply("photo", sheet, tilt=0.05, margin=0.1)
    assert photo.shape > sheet.picture.shape
    corners = np.array([photo[5, 5], photo[5, -5], photo[-5, 5], photo[-5, -5]], int)
    assert (corners[:, 0] - corners[:, 2] > 20).all()  # brown
    assert (np.median(photo[200:500, 300:800], axis=(0, 1)) > 240).all()
    corners, _ = cv2.findContours((photo[..., 2] > 200).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sheet_outline = cv2.approxPolyDP(max(corners, key=cv2.contourArea), 20, closed=True)[:, 0]
    assert len(sheet_outline) == 4
    sides = sheet_outline - np.roll(sheet_outline, 1, axis=0)
    assert (np.abs(sides).min(axis=1) > 2).sum() >= 2  # sides that are not level: it is seen at a slant


def test_faint_rules_leave_the_text() -> None:
    faint = apply("rules", ruled_sheet(), faint=0.7, gaps=0.0)[..., 0]
    assert 150 < np.median(faint[200, 120:880]) < 200
    assert faint[144:148, 153:157].max() == 0


@pytest.mark.parametrize("gaps", [0.05, 0.15])
def test_gaps_take_about_their_share_of_the_rules(gaps: float) -> None:
    sheet = ruled_sheet()
    broken = [apply("rules", sheet, seed, faint=0.0, gaps=gaps)[200:601:100, 110:890, 0] for seed in range(8)]
    assert gaps / 2 < (np.array(broken) > 128).mean() < gaps * 1.5


def test_shadow_and_fold_make_light_uneven() -> None:
    dark = apply("shadow", ruled_sheet(), strength=0.5, angle=0)[..., 0]
    assert dark[20, 20] > 240
    assert 100 < dark[20, -20] < 150
    creased = apply("fold", ruled_sheet(), at=0.25, strength=0.4)[..., 0].astype(float)
    assert np.median(creased[225]) < np.median(creased[215]) - 20 < np.median(creased[290]) - 30


@pytest.mark.parametrize(("colour", "channel"), [("red", 0), ("blue", 2)])
def test_seal_is_of_its_colour_and_lies_over_the_print(colour: str, channel: int) -> None:
    words = (np.zeros((40, 40, 3), np.uint8),) * 5
    sheet = Sheet(ruled_sheet().picture, 100.0, words)
    sealed = apply("seal", sheet, colour=colour, x=0.5, y=0.5, radius=60).astype(int)
    coloured = np.ptp(sealed, axis=2) > 60
    assert 1500 < coloured.sum() < 12000
    assert (sealed[coloured].argmax(axis=1) == channel).mean() > 0.99
    rows, columns = np.nonzero(coloured)
    assert np.ptp(columns) == pytest.approx(2 * 60 * 100 / 72, rel=0.1)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(350, abs=8)
    assert (sealed.max(axis=2) < 60)[sheet.picture[..., 0] == 0].all()  # what was black is black


def test_noise_blur_specks_grey_paper_bilevel() -> None:
    sheet = ruled_sheet()
    assert sheet.picture[200, 500, 0] == 0
    flat = Sheet(np.full((200, 200, 3), 128, np.uint8), 100.0)
    assert apply("noise", flat, sigma=8.0).std() == pytest.approx(8, rel=0.2)
    assert (apply("specks", flat, share=0.01) != 128).any(axis=2).mean() == pytest.approx(0.01, rel=0.7)
    assert 0 < apply("blur", sheet, sigma=2.0)[200, 500, 0] < 200
    tinted = apply("paper", sheet, red=250, green=240, blue=220)
    assert tuple(np.median(tinted, axis=(0, 1)).astype(int)) == pytest.approx((250, 240, 220), abs=3)
    assert np.ptp(apply("grey", Sheet(tinted, 100.0)), axis=2).max() == 0
    assert set(np.unique(apply("bilevel", Sheet(tinted, 100.0)))) == {0, 255}


# Files ----------------------------------------------------------------------------------------------------------------


def test_scan_has_a_picture_a_page_and_no_text() -> None:
    with opened(made("mof-2020-pages", "clean-200")) as pdf, opened(PDF / "mof-2020-pages.pdf") as source:
        assert len(pdf) == len(source) == 2
        for page, original in zip(pdf, source, strict=True):
            assert (len(images_of(page)), text_of(page)) == (1, "")
            assert page.get_size() == pytest.approx(original.get_size(), abs=0.5)
            assert images_of(page)[0].get_px_size()[0] == pytest.approx(original.get_size()[0] * 200 / 72, abs=2)


@pytest.mark.parametrize(
    ("source", "recipe", "encoding", "bits"),
    [
        ("mof-2020", "grey-35", "DCTDecode", 8), ("mof-2020", "low-150", "DCTDecode", 24),
        ("mof-2020", "g4-200", "CCITTFaxDecode", 1), ("yunnan-project-2020", "jbig2-300", "JBIG2Decode", 1),
        ("mof-2020", "palette-pdf", "FlateDecode", 8),
    ],
)
def test_encodings(source: str, recipe: str, encoding: str, bits: int) -> None:
    with opened(made(source, recipe)) as pdf:
        (image,) = images_of(pdf[0])
        assert image.get_filters() == [encoding]
        data = image.get_bitmap().to_numpy().reshape(-1)
        assert image.get_metadata().bits_per_pixel == bits or recipe == "palette-pdf"
        assert len(np.unique(data)) == 2 or bits > 1


@pytest.mark.parametrize("encoding", ["flate", "palette", "g4", "jbig2"])
@given(seed=st.integers(0, 99), rows=st.integers(1, 40), columns=st.integers(1, 40))
def test_lossless_encodings_keep_every_point(encoding: str, seed: int, rows: int, columns: int) -> None:
    points = np.random.default_rng(seed).integers(0, 2, (rows, columns), np.uint8) * 255
    picture = np.repeat(points[..., None], 3, axis=2)
    with opened(write_pdf([Scan(picture)], 72, Container(encoding=encoding))) as pdf:
        got = images_of(pdf[0])[0].get_bitmap().to_numpy()
        assert (got.reshape(rows, columns, -1)[..., 0] == points).all()


def test_strips_tile_the_page() -> None:
    with opened(made("mof-2020", "strips-200")) as pdf:
        page = pdf[0]
        boxes = sorted((image.get_bounds() for image in images_of(page)), key=lambda box: -box[3])
        assert len(boxes) == 24
        assert boxes[0][3] == pytest.approx(page.get_height(), abs=0.01)
        assert boxes[-1][1] == pytest.approx(0, abs=0.01)
        for above, below in pairwise(boxes):
            assert above[1] == pytest.approx(below[3], abs=0.01)


def alike(a: Picture, b: Picture) -> float:
    """Correlation of two pictures after blurring, 1 for the same."""
    size = (200, 200)
    small = [cv2.resize(cv2.GaussianBlur(one, (0, 0), 4), size, interpolation=cv2.INTER_AREA).ravel() for one in (a, b)]
    return float(np.corrcoef(small[0], small[1])[0, 1])


@pytest.mark.parametrize(
    ("recipe", "quarters", "rotation"),
    [("turned-90", 1, 0), ("turned-180", 2, 0), ("turned-270", 3, 0), ("rotate-90", 0, 90), ("rotate-wrong", 2, 180)],
)
def test_turned_pages_are_displayed_turned(recipe: str, quarters: int, rotation: int) -> None:
    with opened(made("mof-2020", recipe)) as pdf, opened(PDF / "mof-2020.pdf") as source:
        assert pdf[0].get_rotation() == rotation
        shown, original = grey_of(pdf[0]), grey_of(source[0])
        scores = [alike(np.rot90(original, -turn), shown) for turn in range(4)]
        assert np.argmax(scores) == quarters
        assert max(scores) > 0.8


def test_garbage_layers_hold_nothing_of_the_text() -> None:
    with opened(PDF / "mof-2020.pdf") as source:
        han = {char for char in text_of(source[0]) if "一" <= char <= "鿿"}
    for recipe in ("mojibake-200", "wrong-layer-200", "under-200"):
        with opened(made("mof-2020", recipe)) as pdf:
            text = text_of(pdf[0])
            assert len(text) > 300
            assert not han & set(text)
            objects = pdf[0].get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])
            modes = {raw.FPDFTextObj_GetTextRenderMode(one) for one in objects}
            hidden = raw.FPDF_TEXTRENDERMODE_INVISIBLE
            assert modes == ({raw.FPDF_TEXTRENDERMODE_FILL} if recipe == "under-200" else {hidden})


def test_layers_do_not_show() -> None:
    for recipe in ("mojibake-200", "under-200"):
        with opened(made("mof-2020", recipe)) as pdf, opened(PDF / "mof-2020.pdf") as source:
            assert alike(grey_of(source[0]), grey_of(pdf[0])) > 0.8


@pytest.mark.parametrize(("recipe", "text"), [("scan-first", [False, True]), ("scan-second", [True, False])])
def test_mixed_documents(recipe: str, text: list[bool]) -> None:
    with opened(made("mof-2020-pages", recipe)) as pdf, opened(PDF / "mof-2020-pages.pdf") as source:
        for page, original, is_text in zip(pdf, source, text, strict=True):
            assert text_of(page) == (text_of(original) if is_text else "")
            assert len(images_of(page)) == (0 if is_text else 1)


@pytest.mark.parametrize(("recipe", "share"), [("small-picture", 0.01), ("background", 1.0)])
def test_text_pages_with_a_picture_keep_their_text(recipe: str, share: float) -> None:
    with opened(made("gansu-target", recipe)) as pdf, opened(PDF / "gansu-target.pdf") as source:
        assert text_of(pdf[0]) == text_of(source[0])
        (image,) = images_of(pdf[0])
        x0, y0, x1, y1 = image.get_bounds()
        assert (x1 - x0) * (y1 - y0) / np.prod(pdf[0].get_size()) == pytest.approx(share, rel=0.3)
        assert alike(grey_of(source[0])[:1000], grey_of(pdf[0])[:1000]) > 0.9  # the text stands over it


def test_picture_files() -> None:
    with Image.open(io.BytesIO(made("mof-2020", "palette-png"))) as png:
        assert (png.format, png.mode) == ("PNG", "P")
        assert len(png.getcolors() or ()) <= 16
        assert png.info["dpi"][0] == pytest.approx(200, abs=0.1)
    with Image.open(io.BytesIO(made("mof-2020", "photo-jpg"))) as jpg:
        assert (jpg.format, jpg.mode) == ("JPEG", "RGB")
    for recipe, compression, mode in (("g4-tiff", "group4", "1"), ("lzw-tiff", "tiff_lzw", "L")):
        with Image.open(io.BytesIO(made("mof-2020-pages", recipe))) as tiff:
            assert (tiff.n_frames, tiff.info["compression"], tiff.mode) == (2, compression, mode)


def test_rendering_does_not_take_boxes_for_fonts() -> None:
    """A reader in the same process puts boxes in place of fonts that are not in the file."""
    from extract.boxfont import use_box_font

    before = degrade(Sample("wuhan", "clean-200"))
    use_box_font()
    assert degrade(Sample("wuhan", "clean-200")) == before


@pytest.mark.parametrize("path", sorted(PDF.glob("*.pdf")), ids=lambda path: path.stem)
def test_fixtures_hold_their_fonts(path: Path) -> None:
    """So that what is rendered does not depend on the machine."""
    with opened(path) as pdf:
        for page in pdf:
            for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
                assert raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(one))
