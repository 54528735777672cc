"""camelot and pdfplumber as table engines: their results as our tables, on drawn pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawn import check_cover, rows_of, spans_of
from tiny_pdf import Sheet, cells, fill, grid, pdf, stroke, text

from extract.second import contradiction, read_camelot, read_pdfplumber, settle_unruled
from extract.unruled import Reading
from model import Box, Cell, Method, Table

XS = (100.0, 200.0, 300.0, 400.0)
YS = (100.0, 120.0, 140.0, 160.0)
TEXTS = (("Name", "Target", "Actual"), ("Roads", "120", "126"), ("Bridges", "8", "8"))
RULED = grid(XS, YS) + cells(XS, YS, TEXTS)
# The first row is one cell over all columns, the first column's other two places are one.
MERGED = (
    stroke(100, 100, 400, 100) + stroke(100, 120, 400, 120) + stroke(200, 140, 400, 140) + stroke(100, 160, 400, 160)
    + stroke(100, 100, 100, 160) + stroke(200, 120, 200, 160) + stroke(300, 120, 300, 160) + stroke(400, 100, 400, 160)
    + text(110, 114, "Title") + text(110, 144, "Side") + text(210, 134, "120") + text(310, 134, "126")
    + text(210, 154, "8") + text(310, 154, "9")
)  # fmt: skip
ENGINES = {"camelot": read_camelot, "pdfplumber": read_pdfplumber}


@pytest.fixture
def drawn(tmp_path: Path):
    """Writes a page and tells where."""

    def write(sheet: Sheet | str) -> Path:
        path = tmp_path / "drawn.pdf"
        path.write_bytes(pdf(sheet))
        return path

    return write


@pytest.mark.parametrize("engine", ENGINES)
def test_ruled_table(engine: str, drawn) -> None:
    [table] = ENGINES[engine](drawn(RULED), 1)
    assert rows_of(table) == [list(row) for row in TEXTS]
    assert table.engine == engine
    assert table.bbox == pytest.approx((100, 100, 400, 160), abs=2)
    assert table.cells[4].bbox == pytest.approx((200, 120, 300, 140), abs=2)
    check_cover(table)


@pytest.mark.parametrize("engine", ENGINES)
def test_merged_cells(engine: str, drawn) -> None:
    [table] = ENGINES[engine](drawn(MERGED), 1)
    assert spans_of(table) == {
        (0, 0, 0, 2): "Title",
        (1, 2, 0, 0): "Side",
        (1, 1, 1, 1): "120",
        (1, 1, 2, 2): "126",
        (2, 2, 1, 1): "8",
        (2, 2, 2, 2): "9",
    }
    check_cover(table)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_boxes_are_those_of_the_displayed_page(engine: str, rotate: int, drawn) -> None:
    """/Rotate turns the page clockwise: the box turns with it."""
    tables = ENGINES[engine](drawn(Sheet(RULED, rotate=rotate)), 1)
    box = {
        0: (100, 100, 400, 160),
        90: (842 - 160, 100, 842 - 100, 400),
        180: (595 - 400, 842 - 160, 595 - 100, 842 - 100),
        270: (100, 595 - 400, 160, 595 - 100),
    }[rotate]
    assert len(tables) == 1
    assert tables[0].bbox == pytest.approx(box, abs=2)


@pytest.mark.parametrize(
    ("rotate", "box"),
    [(0, (50, 50, 350, 110)), (90, (652, 50, 712, 350)), (180, (160, 652, 460, 712)), (270, (50, 160, 110, 460))],
)
def test_boxes_are_counted_from_the_visible_page(rotate: int, box: tuple[float, ...], drawn) -> None:
    """A CropBox shows a part of the page."""
    sheet = Sheet(RULED, crop=(50, 30, 560, 792), rotate=rotate)
    [table] = read_pdfplumber(drawn(sheet), 1)
    assert table.bbox == pytest.approx(box, abs=1)
    [table] = read_camelot(drawn(sheet), 1, flavor="stream")
    assert table.bbox.x0 >= box[0] - 5
    assert table.bbox.y0 >= box[1] - 5
    assert table.bbox.x1 <= box[2] + 30
    assert table.bbox.y1 <= box[3] + 30


@pytest.mark.parametrize("engine", ENGINES)
def test_wrapped_chinese_text_is_joined_without_spaces(engine: str, drawn) -> None:
    content = grid((100, 200, 300), (100, 140, 180)) + "".join(
        text(x, y, string)
        for x, y, string in (
            (105, 115, "受益群众"), (105, 130, "满意度"), (205, 115, "大于"), (205, 130, "90"),
            (105, 155, "演出场次"), (205, 155, "36"),
        )
    )  # fmt: skip
    [table] = ENGINES[engine](drawn(content), 1)
    assert rows_of(table) == [["受益群众满意度", "大于90"], ["演出场次", "36"]]
    assert table.cells[0].lines == ("受益群众", "满意度")


def test_pdfplumber_reads_cells_told_apart_by_their_colour(drawn) -> None:
    """Boxes filled in grey, without rules."""
    boxes = "".join(
        f"{0.8 if (r + c) % 2 else 0.9:g} g\n" + fill(XS[c], YS[r], XS[c + 1], YS[r + 1])
        for r in range(3) for c in range(3)
    )  # fmt: skip
    [table] = read_pdfplumber(drawn(boxes + "0 g\n" + cells(XS, YS, TEXTS)), 1)
    assert rows_of(table) == [list(row) for row in TEXTS]


def test_camelot_reads_an_area(drawn) -> None:
    """Of two aligned tables the one that is asked for."""
    rows = [("Name", "Target", "Actual"), *((f"Item {k}", f"{k}20", f"{k}26") for k in range(1, 6))]
    content = "".join(
        text(x, y + 15 * r, string)
        for y in (100, 400) for r, row in enumerate(rows) for x, string in zip(XS, row, strict=False)
    )  # fmt: skip
    [table] = read_camelot(drawn(content), 1, areas=[Box(95, 395, 400, 480)], flavor="stream")
    assert rows_of(table) == [list(row) for row in rows]
    assert table.bbox.y0 > 380


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "data", [b"", b"<html>404</html>", pdf(RULED)[:600], pdf("")], ids=["empty", "html", "truncated", "blank page"]
)
def test_a_page_that_cannot_be_read_gives_no_table(engine: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    assert ENGINES[engine](path, 1) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_page_that_is_not_there_gives_no_table(engine: str, drawn) -> None:
    assert ENGINES[engine](drawn(RULED), 7) == []


# ---------------------------------------------------------------------------------------------------------------------
# Settling
# ---------------------------------------------------------------------------------------------------------------------


def table_of(rows: list[list[str]], box: Box) -> Table:
    found = [
        Cell(r, r, c, c, string, box, 1, None, (string,) if string else ())
        for r, row in enumerate(rows) for c, string in enumerate(row)
    ]  # fmt: skip
    return Table(1, 1, Method.TEXT, "unruled", box, len(rows), len(rows[0]), tuple(found))


DUTIES = [
    ["Task", "Unit", "Due"],
    ["Targets", "Units", "Budget"],
    ["Monitoring", "Finance", "July"],
    ["Assessment", "Units", "March"],
    ["Use", "Finance", "Budget"],
]
AREA = Box(95, 90, 400, 170)


def aligned(rows: list[list[str]]) -> str:
    return "".join(
        text(x, 100 + 15 * r, string) for r, row in enumerate(rows) for x, string in zip(XS, row, strict=False)
    )


def test_contradiction_is_the_share_of_cells_with_several_figures() -> None:
    assert contradiction(table_of([["A", "1 2"], ["B", "3"]], AREA)) == 0.25
    assert contradiction(table_of([["A", "12"], ["B", "Item 3"]], AREA)) == 0
    assert contradiction(table_of([["", ""]], AREA)) == 0


def test_text_table_counts_where_camelot_reads_the_same(drawn) -> None:
    doubtful = table_of(DUTIES, AREA)
    assert settle_unruled(Reading((), (doubtful,)), drawn(aligned(DUTIES))) == [doubtful]


def test_text_table_does_not_count_where_camelot_reads_another(drawn) -> None:
    other = [[cell * 2 for cell in row] for row in DUTIES]
    assert settle_unruled(Reading((), (table_of(DUTIES, AREA),)), drawn(aligned(other))) == []


def test_columns_run_together_are_read_again(drawn) -> None:
    rows = [["Area", "Cases", "Total"], *([f"A{k}", f"{k}2", f"{k}75"] for k in range(1, 6))]
    together = table_of([[row[0], f"{row[1]} {row[2]}"] for row in rows], Box(95, 90, 400, 185))
    [table] = settle_unruled(Reading((together,), ()), drawn(aligned(rows)))
    assert table.engine == "camelot"
    assert rows_of(table) == rows


def test_tables_without_doubt_are_kept_and_no_engine_is_asked(tmp_path: Path) -> None:
    sure = table_of([["Area", "Cases"], ["A1", "12"]], AREA)
    assert settle_unruled(Reading((sure,), ()), tmp_path / "not there.pdf") == [sure]
