"""Real pictures and scans of the corpus, against what a person saw in them: which pages must be recognised, where there
is a table and where there is none, how many rows, columns and cells, and some of the texts.

The corpus is not part of the project: what is absent is skipped, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from extract import Recognition, read_document
from model import Code, Document, Method, Table

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

missing = [name for name in ("cv2", "onnxruntime", "rapidocr") if find_spec(name) is None]
reads = pytest.mark.skipif(bool(missing), reason=f"pictures are not read here: there is no {' and no '.join(missing)}")

Size = tuple[int, int, int]
"""Rows, columns and cells of a table."""


def found(name: str) -> Path:
    """The path of a corpus file; the test is skipped where it is absent."""
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return path


@cache
def recognised(name: str, pages: tuple[int, ...] | None = None) -> Document:
    return read_document(found(name), pages=pages, recognition=Recognition("auto", 2))


def tables_of(document: Document) -> list[Table]:
    return [table for page in document.pages for table in page.tables]


def sizes(document: Document) -> list[Size]:
    return [(table.rows, table.cols, len(table.cells)) for table in tables_of(document)]


def text_of(document: Document) -> str:
    return "\n".join(line.text for page in document.pages for line in page.lines)


def wrong(why: str) -> pytest.MarkDecorator:
    """A case that is known to be read wrongly; it must be taken off the list when it is put right."""
    return pytest.mark.xfail(strict=True, reason=why)


# Which pages must be recognised ---------------------------------------------------------------------------------------

PICTURES: list[tuple[str, int, Sequence[int]]] = [
    # Text pages of a standard, whose tables lie sideways in fonts that map every letter to some mark of ASCII: !"#$%&.
    ("other_pdfs/GBT3620.1-2016.pdf", 13, (5, 6, 7, 8, 9)),
    ("other_pdfs/含印章.pdf", 4, (1, 2, 3, 4)),
    ("other_pdfs/3list_1table.pdf", 1, ()),
    ("other_pdfs/chinese-tables.pdf", 1, ()),
    ("other_pdfs/hzq2023_working.pdf", 5, ()),
    ("scans/cardinal.pdf", 4, (1, 2, 3, 4)),
    ("scans/ccitt.pdf", 1, (1,)),
    ("scans/jbig2.pdf", 1, (1,)),
    ("scans/linn.pdf", 1, (1,)),
    # Page 4 is the picture of a chart over the hidden text that a recogniser made of it: "—esupport BH No vote{note 1]"
    ("scans/multipage.pdf", 6, (1, 2, 3, 4, 5, 6)),
    ("scans/palette.pdf", 1, (1,)),
    ("scans/rotated_skew.pdf", 1, (1,)),
    ("scans/skew.pdf", 1, (1,)),
]


@pytest.mark.parametrize(
    ("name", "count", "pictures"),
    PICTURES,
)
def test_pages_that_need_recognition(name: str, count: int, pictures: Sequence[int]) -> None:
    """Without recognition, the pages that need it say that they were not read, and no others do."""
    document = read_document(found(name), recognition=Recognition("never"))
    unread = [p.number for p in document.pages if any(one.code is Code.PAGE_UNREAD for one in p.findings)]
    assert len(document.pages) == count
    assert unread == list(pictures)


# Pages without a table ------------------------------------------------------------------------------------------------


@reads
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pages", "texts"),
    [
        pytest.param(
            "other_pdfs/含印章.pdf", (4,),
            ("第二十七条的规", "第四十条的规定", "2025年11月25日", "抄送：证监会市场二司（清整办），浙江证监局。"),
            marks=wrong("long strokes of letters, those of 十 and 中, are taken out as rules"), id="seal over a date",
        ),
        pytest.param("scans/skew.pdf", (1,), ("Additional Features", "synthesizers"), id="two columns of prose, askew"),
        pytest.param("scans/typewriter.png", None, ("Linzensoep", "2 kopjes melk"), id="list on a typewriter"),
        pytest.param(
            "scans/multipage.pdf", (3,), ("600", "Oppose"), id="chart",
            marks=wrong("the lines of a chart's scale make a table of one column"),
        ),
        pytest.param(
            "scans/palette.pdf", (1,), ("BAIONA",), id="map",
        ),
        pytest.param(
            "images/RapidDoc/seal_text_det.png", None, ("发票专用章",), id="nothing but a seal",
            marks=wrong("lines drawn round the seal's digits make a table"),
        ),
    ],
)  # fmt: skip
def test_pages_without_a_table(name: str, pages: tuple[int, ...] | None, texts: Sequence[str]) -> None:
    document = recognised(name, pages)
    assert all(page.method is Method.OCR for page in document.pages)
    assert sizes(document) == []
    text = text_of(document)
    assert [one for one in texts if one not in text] == []


@reads
@pytest.mark.slow
def test_pages_fed_in_each_way_up_read_alike() -> None:
    """The same page upright, turned to the right, on its head, and turned to the left."""
    pages = recognised("scans/cardinal.pdf").pages
    upright, *others = (["".join(line.text.split()) for line in page.lines] for page in pages)
    assert sum("multi-tracktaperecorder" in line for line in upright) == 1
    for other in others:
        assert len(set(upright) & set(other)) > 0.8 * len(upright)


# Pages with tables ----------------------------------------------------------------------------------------------------

TABLES = [
    # Two tables of an exam paper, photographed: the page bends a little.
    pytest.param("images/RapidDoc/table_01.jpg", [(5, 5, 25), (5, 3, 15)], id="photo of a page"),
    pytest.param(
        "images/RapidDoc/table_02.jpg", [(7, 5, 35)], id="formulas, part of a screen",
        marks=wrong("a sign in the margin makes a column"),
    ),
    # The picture's other half is prose, and its cells hold photos.
    pytest.param("images/RapidDoc/table_03.jpg", [(3, 2, 5)], id="prose beside a table with photos"),
    pytest.param("images/RapidDoc/table_04.png", [(32, 5, 144)], id="watermark"),
    pytest.param(
        "images/RapidDoc/table_05.png", [(17, 9, 79)], id="spreadsheet with cut lines",
        marks=wrong("the row at the picture's edge has no rule"),
    ),
    pytest.param(
        "images/RapidDoc/table_06.png", [(10, 5, 43)], id="photos in cells",
        marks=wrong("letters of unequal height, one under another, cannot be put side by side"),
    ),
    # All of the body stands in one row between two rules.
    pytest.param(
        "images/table-ocr/table.jpeg", [(3, 9, 19)], id="shadow in the corner",
        marks=wrong("a shadow at the page's edge makes a table"),
    ),
    pytest.param("images/table-detect/2.jpg", [(8, 13, 92)], id="head without rows, 619 pixels wide"),
    pytest.param(
        "images/wired/96710798e5d99fca3f8f57a615461a09.png", [(33, 8, 264)], id="scan with narrow rows",
        marks=wrong("pale rules between rows set tight are lost in eleven places"),
    ),
    pytest.param("images/wired/row_span.png", [(5, 4, 17)], id="spans, 403 pixels wide"),
    pytest.param("images/wired/table6.png", [(31, 3, 91)], id="balance sheet, 74 dpi"),
]


@reads
@pytest.mark.slow
@pytest.mark.parametrize(("name", "want"), TABLES)
def test_tables_in_pictures(name: str, want: Sequence[Size]) -> None:
    assert sizes(recognised(name)) == list(want)


# Texts of cells -------------------------------------------------------------------------------------------------------

COLUMNS = [
    pytest.param(
        "images/RapidDoc/table_04.png", 0, 3,
        "系列号 100526 05410 05816 100526 05410 05816 9123160508 100526 05410 05816 01490 00315+01001 9111B#340"
        " 07200853 318 05191 05190 115032 102004 22023030 21043048 103688 103303 #194 #174 00112 355683/0355449",
        id="serial numbers",
    ),
    pytest.param(
        "images/RapidDoc/table_01.jpg", 1, 2, "除杂试剂或方法 饱和Na2CO3溶液 盐酸 加热 KOH溶液", id="subscripts",
    ),
    pytest.param(
        "images/wired/96710798e5d99fca3f8f57a615461a09.png", 0, 3,
        "收入金额 10,000 1,400 1,500 3,000 1,200 1,700 1,400 3,800 2,500 1,200 2,500 2,300 1,000 900 2,400 4,590 3,400"
        " 4,300 2,300 2,400 5,000 2,300 1,200 2,300 870 6,300 4,530 2,400 1,230 1,000 760 81,680",
        id="commas that touch the rule",
        marks=wrong("the tail of a comma that touches the rule under it goes with the rule: 1,400 is read 1.400"),
    ),
    pytest.param(
        "images/wired/table6.png", 0, 2,
        "年初余额 2,629,981,089.49 6,830,273.97 888,800.00 290,733,812.62 509,510,514.92 1,645,890.39 364,426,205.02"
        " 79,651,862.50 545,184,036.20 4,428,852,485.11 42,732,350.00 482,914,333.17 11,517,509,788.66 558,797,792.68",
        id="amounts, 74 dpi", marks=wrong("one comma is read as a point; it has its rival"),
    ),
    pytest.param(
        "images/wired/row_span.png", 0, 0, "名称 荔枝 芒果 香蕉", id="white on blue",
        marks=wrong("white letters on a dark field are not turned round"),
    ),
    pytest.param(
        "images/RapidDoc/table_05.png", 0, 0,
        "平安物业责任险（全国版）-普惠版 累计赔偿限额 每次事故赔偿限额 每次事故财产损失赔偿限额 每次事故每人赔偿限额"
        " 对应基准保费 面积 面积对应系数 主险免赔 主险保费计算 附加险",
        id="title in a cell", marks=wrong("a title twice as high as the other lines is cut into two"),
    ),
]  # fmt: skip


@reads
@pytest.mark.slow
@pytest.mark.parametrize(("name", "table", "column", "want"), COLUMNS)
def test_texts_of_a_column(name: str, table: int, column: int, want: str) -> None:
    """From the top, as many as are given; blank cells and white space are not compared, ₂ is 2."""
    cells = tables_of(recognised(name))[table].cells
    got = ["".join(cell.text.split()).translate(SMALL) for cell in cells if cell.c0 == column and cell.text]
    assert got[: len(want.split())] == want.split()


SMALL = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@reads
@pytest.mark.slow
def test_rows_without_rules_in_a_ruled_box_are_rows() -> None:
    """A list of goods whose rows have no rules between them: each is a row, its figures in their columns."""
    table = tables_of(recognised("images/table-ocr/table.jpeg"))[-1]
    texts = [cell.text for cell in table.cells]
    numbers = "8100009850 8100011032 8100010481 8100010487 8100009860 8100009889 8100009891 8100009890"
    amounts = "476.54 1906.15 953.08 408.46 1061.31"
    assert [one for one in (*numbers.split(), *amounts.split()) if one not in texts] == []


# Sideways, and in letters without a meaning ---------------------------------------------------------------------------


@reads
@pytest.mark.slow
def test_sideways_table_in_letters_without_a_meaning() -> None:
    document = recognised("other_pdfs/GBT3620.1-2016.pdf", (9, 10))
    assert [page.method for page in document.pages] == [Method.OCR, Method.TEXT]
    sideways, upright = tables_of(document)
    assert (sideways.rows, sideways.cols) == (10, 20)
    assert len(sideways.cells) in range(125, 128)  # two letters' strokes are taken for sides of cells
    assert sideways.bbox.y1 - sideways.bbox.y0 > 5 * (sideways.bbox.x1 - sideways.bbox.x0)
    last = [cell.text for cell in sideways.cells if cell.c0 == 19]
    assert last == ["总和", "—", "0.40", "0.40", "0.40", "0.40"]
    assert (upright.rows, upright.cols) == (5, 2)


# Rules ----------------------------------------------------------------------------------------------------------------

REACH = 6
"""Pixels: the lines drawn by hand lie so near to the middle of the ink, in pictures that may be enlarged twice."""
DRAWN = {"0": [(12, 9, 100)], "13": [(8, 3, 24), (7, 4, 28)], "2": [(8, 13, 92)], "5": [(25, 6, 76)]}
"""The grids, as counted; three of the pictures show rules alone, without any text."""


@reads
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=wrong("a rule along the picture's edge") if name == "13" else ()) for name in DRAWN],
)
def test_rules_that_people_drew(name: str) -> None:
    """Every line that a person drew over a picture (label 0 across, 1 down, ends in pixels) is found over nine tenths
    of its length, and the lines together make the grids."""
    from PIL import Image

    from extract.grid import find_grids
    from extract.scan.ink import picture_to_ink
    from extract.scan.picture import open_pictures
    from extract.scan.rulings import find_rulings
    from extract.scan.straighten import straighten

    (picture,) = open_pictures(found(f"images/table-detect/{name}.jpg").read_bytes(), [1])
    sheet = straighten(picture_to_ink(picture.picture, picture.scale))
    rules = find_rulings(sheet.ink.gray, picture.scale)
    with Image.open(found(f"images/table-detect/{name}.jpg")) as file:
        larger = picture.picture.shape[1] / file.size[0]  # small pictures are enlarged
    for shape in json.loads(found(f"images/table-detect/{name}.json").read_text("utf-8"))["shapes"]:
        (xa, ya), (xb, yb) = [[side * larger for side in point] for point in shape["points"]]
        across = shape["label"] == "0"
        line = ((ya + yb) / 2, xa, xb) if across else ((xa + xb) / 2, ya, yb)
        assert covered(line, rules.horizontal if across else rules.vertical) > 0.9, shape["points"]
    horizontal, vertical = (
        [(place / picture.scale, start / picture.scale, end / picture.scale) for place, start, end in direction]
        for direction in (rules.horizontal, rules.vertical)
    )
    grids = find_grids(horizontal, vertical)
    assert [(len(grid.ys) - 1, len(grid.xs) - 1, len(grid.spans)) for grid in grids] == DRAWN[name]


def covered(line: tuple[float, float, float], rules: Sequence[tuple[float, float, float]]) -> float:
    """The share of a line that lies along rules."""
    place, *ends = line
    there = np.zeros(max(round(abs(ends[1] - ends[0])), 1), dtype=bool)
    for at, start, end in rules:
        if abs(at - place) <= REACH:
            there[max(round(start - min(ends)), 0) : max(round(end - min(ends)), 0)] = True
    return float(there.mean())
