"""Pictures and scanned pages as documents: files of all kinds, what is said where nothing can be read, progress."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import extract.document
from extract import Recognition, join_pages, read_document
from extract.scan.picture import MOST_PIXELS, count_pictures, open_pictures
from model import Code, DocumentError, ErrorCode, Method, Table

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
SCAN = FIXTURES / "scan" / "mof-2020-pages.g4-tiff.tiff"
NEEDS_OCR = pytest.mark.skipif(
    extract.document.why_not(Recognition()) is not None, reason="the extra `ocr` is not installed"
)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def page(width: int = 600, height: int = 400, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), "white" if mode != "P" else 0)


def first(data: bytes) -> tuple[tuple[int, ...], float]:
    picture = next(open_pictures(data, [1]))
    return picture.picture.shape, picture.scale * 72


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA", "LA", "I;16"])
def test_pictures_of_every_kind_open(mode: str) -> None:
    image = Image.fromarray(np.zeros((400, 600), np.uint16)) if mode == "I;16" else page(mode="L").convert(mode)
    shape, scale = first(saved(image, "PNG"))
    assert shape[2] == 3
    assert shape[1] / shape[0] == pytest.approx(1.5, abs=0.01)
    assert scale >= 149


def test_the_resolution_counts_where_it_is_credible() -> None:
    big = page(1654, 2339)
    assert first(saved(big, "PNG", dpi=(200, 200)))[1] == pytest.approx(200, abs=0.1)
    assert first(saved(big, "JPEG", dpi=(72, 72)))[1] == pytest.approx(2339 / 842 * 72, abs=0.1)
    assert first(saved(big, "JPEG", dpi=(96, 96)))[1] == pytest.approx(2339 / 842 * 72, abs=0.1)


def test_large_pictures_are_scaled_down_and_larger_ones_refused() -> None:
    shape, dpi = first(saved(page(9000, 6500, "L"), "PNG", dpi=(800, 800)))
    assert dpi == pytest.approx(300, abs=1)
    assert shape[1] == pytest.approx(3375, abs=2)
    assert np.prod(first(saved(page(9000, 9000, "L"), "PNG", dpi=(300, 300)))[0][:2]) <= MOST_PIXELS * 1.01
    with pytest.raises(DocumentError) as caught:
        first(saved(page(20000, 20000, "1"), "PNG"))
    assert caught.value.code is ErrorCode.TOO_LARGE


def test_cameras_say_which_way_is_up() -> None:
    image = page(600, 400)
    exif = Image.Exif()
    exif[0x0112] = 6
    height, width, _ = first(saved(image, "JPEG", exif=exif))[0]
    assert height > width


def test_all_pages_of_a_tiff_are_there() -> None:
    data = SCAN.read_bytes()
    assert count_pictures(data) == 2
    assert len(list(open_pictures(data, [1, 2]))) == 2


@pytest.mark.parametrize("cut", [9, 60, 900])
def test_damaged_pictures_say_so(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "form.png"
    path.write_bytes(saved(Image.effect_noise((300, 300), 90), "PNG")[:cut])
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.code is ErrorCode.DAMAGED
    assert "download it again" in caught.value.message


def test_under_never_a_picture_is_a_finding() -> None:
    document = read_document(SCAN, recognition=Recognition("never"))
    assert document.media_type == "image/tiff"
    assert [p.method for p in document.pages] == [Method.TEXT] * 2
    assert [f.code for p in document.pages for f in p.findings] == [Code.PAGE_UNREAD] * 2
    assert all("--ocr" in f.message for p in document.pages for f in p.findings)


def test_without_the_extra_the_finding_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.scan.recognise.is_installed", lambda: False)
    document = read_document(FIXTURES / "scan" / "shanghai-yuan.strips-200.pdf")
    (finding,) = document.pages[0].findings
    assert finding.code is Code.PAGE_UNREAD
    assert "pip install 'zipingbiao[ocr]'" in finding.message


def test_a_way_of_recognition_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="sometimes"):
        Recognition("sometimes")


@NEEDS_OCR
def test_pages_are_told_as_they_are_read_and_boxes_lie_on_the_page() -> None:
    told: list[tuple[int, int]] = []
    document = read_document(SCAN, on_page=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    for one in document.pages:
        assert one.method is Method.OCR
        for table in one.tables:
            assert table.method is Method.OCR
            for cell in table.cells:
                assert 0 <= cell.bbox.x0 < cell.bbox.x1 <= one.width + 1
                assert 0 <= cell.bbox.y0 < cell.bbox.y1 <= one.height + 1
                assert cell.reading is None or len(cell.reading.confidences) == len(cell.text)


@NEEDS_OCR
def test_always_reads_text_pages_by_their_picture() -> None:
    text = read_document(FIXTURES / "pdf" / "shanghai-target.pdf", pages=[1])
    scan = read_document(FIXTURES / "pdf" / "shanghai-target.pdf", pages=[1], recognition=Recognition("always"))
    assert scan.pages[0].method is Method.OCR
    (a,), (b,) = text.pages[0].tables, scan.pages[0].tables
    assert (a.rows, a.cols) == (b.rows, b.cols)
    texts = {(cell.r0, cell.c0): cell.text for cell in b.cells}
    assert sum(texts.get((cell.r0, cell.c0)) == cell.text for cell in a.cells) >= 0.9 * len(a.cells)


@NEEDS_OCR
@pytest.mark.slow
def test_page_numbers_of_scans_part_no_table(tmp_path: Path) -> None:
    """The form goes on from its second page to its third, with a number at the foot of each."""
    from fixtures.degrade.make import degrade
    from fixtures.degrade.recipes import Sample

    path = tmp_path / "scan.pdf"
    path.write_bytes(degrade(Sample("seed-wps", "clean-200", (2, 3))))
    document = read_document(path)
    assert [page.lines for page in document.pages] == [(), ()]
    (table,) = join_pages(document).blocks
    assert isinstance(table, Table)
    assert table.rows == sum(page.tables[0].rows for page in document.pages)


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000), (20000, 2)])
def test_pictures_of_a_line_are_read_as_blank_pages(size: tuple[int, int]) -> None:
    from extract.scan.paper import cut_paper

    shape = (size[1], size[0], 3)
    assert cut_paper(np.full(shape, 255, np.uint8)).picture.shape == shape


def test_a_tiff_cut_between_its_pages_is_damaged() -> None:
    out = io.BytesIO()
    pages = [Image.fromarray(np.random.default_rng(n).integers(0, 255, (200, 150), np.uint8)) for n in range(3)]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    data = out.getvalue()
    for cut in range(len(data) // 4, len(data), len(data) // 12):
        try:
            for number in range(1, count_pictures(data[:cut]) + 1):
                list(open_pictures(data[:cut], [number]))
        except DocumentError as error:
            assert error.code is ErrorCode.DAMAGED  # noqa: PT017  which of the cuts fail is Pillow's affair


@NEEDS_OCR
@pytest.mark.slow
def test_a_page_that_is_hardly_read_but_lies_level_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Covers took four layouts: their letters are no words whichever way up, but their lines lie level."""
    from extract.scan import page as reader
    from extract.scan.layout import lay_out

    cover = np.full((1600, 1200, 3), 255, np.uint8)
    rng = np.random.default_rng(3)
    for y in (300, 420, 900):
        for x in range(240, 960, 56):
            for _ in range(4):
                left, top = x + int(rng.integers(0, 34)), y + int(rng.integers(0, 34))
                cover[top : top + 5, x : x + 44] = cover[y : y + 44, left : left + 5] = 0
    calls: list[float] = []
    monkeypatch.setattr(reader, "lay_out", lambda picture, scale: calls.append(scale) or lay_out(picture, scale))
    reader.read_picture(cover, 200 / 72, 1, 2)
    assert len(calls) <= 2
