"""Tables joined over page breaks: what is one becomes one, what is not stays two, and no row is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from drawn import check_cover, read_sheets, rows_of
from hypothesis import given
from hypothesis import strategies as st
from tiny_pdf import cells, grid, stroke, text

from extract.breaks import part_at_breaks
from extract.join import join_pages
from model import Box, Cell, Code, Content, Document, Line, Method, Page, Table

Rows = list[list[str]]
XS = (50.0, 110.0, 250.0, 330.0, 400.0, 545.0)
HEAD = ["一级指标", "三级指标", "指标值", "实际值", "偏差原因分析"]
OUTPUT = [["产出", f"指标{k}", f"{k}", f"{k + 1}", ""] for k in range(10)]
BENEFIT = [["效益", f"名称{k}", f"{k}", f"{k + 1}", ""] for k in range(20, 26)]


def ruled(y: float, rows: Rows, xs: tuple[float, ...] = XS) -> str:
    ys = [y + 20 * k for k in range(len(rows) + 1)]
    return grid(xs, ys) + cells(xs, ys, rows)


def merged(y: float, first: str, rows: Rows) -> str:
    """Rows beside one merged cell."""
    ys = [y + 20 * k for k in range(len(rows) + 1)]
    inner = "".join(stroke(XS[0] if k in (0, len(rows)) else XS[1], at, XS[-1], at) for k, at in enumerate(ys))
    sides = "".join(stroke(x, ys[0], x, ys[-1]) for x in XS)
    level = text(52, (ys[0] + ys[-1]) / 2, first) if first else ""
    return inner + sides + level + cells(XS, ys, [["", *row] for row in rows])


def joined(*sheets: str) -> Content:
    pages = tuple(part_at_breaks(read_sheets(*sheets)))
    content = join_pages(Document("0" * 64, "drawn.pdf", "application/pdf", 0, None, pages))
    for block in content.blocks:
        if isinstance(block, Table):
            check_cover(block)
    return content


def blocks(content: Content) -> list[str | Rows]:
    return [block.text if isinstance(block, Line) else rows_of(block) for block in content.blocks]


def with_reason(rows: Rows) -> Rows:
    return [[*row[:-1], "按照预算完成目标。"] for row in rows]


def form(project: str, total: str) -> Rows:
    return [
        ["项目名称", project, "", "", ""], ["主管部门", "某局", "", "", ""], ["资金总额", total, "90", "90%", ""], HEAD,
        *OUTPUT[:3], ["总分", "", "", "98", ""],
    ]  # fmt: skip


TITLE, RUNNING, FOOT = text(200, 40, "绩效自评表"), text(50, 30, "某局2023年度部门决算"), text(50, 835, "某局办公室印")
PARTS = [[f"指标{k}", f"{k}", f"{k}", ""] for k in range(12)]

CASES: dict[str, tuple[list[str], list[str | Rows]]] = {
    "a repeated head": ([ruled(600, [HEAD, *OUTPUT]), ruled(50, [HEAD, *BENEFIT])], [[HEAD, *OUTPUT, *BENEFIT]]),
    "no repeated head": ([ruled(600, [HEAD, *OUTPUT]), ruled(50, BENEFIT)], [[HEAD, *OUTPUT, *BENEFIT]]),
    "a repeated title": (
        [text(200, 580, "绩效自评表") + ruled(600, [HEAD, *OUTPUT]), TITLE + ruled(50, [HEAD, *BENEFIT])],
        ["绩效自评表", [HEAD, *OUTPUT, *BENEFIT]],
    ),
    "page numbers between": (
        [ruled(600, [HEAD, *OUTPUT]) + text(290, 830, "- 1 -"), ruled(50, BENEFIT) + text(290, 830, "- 2 -")],
        [[HEAD, *OUTPUT, *BENEFIT]],
    ),
    "a repeated head over rows with the same reason": (
        [ruled(500, [HEAD, *with_reason(OUTPUT[:6])]), ruled(50, [HEAD, *with_reason(BENEFIT)])],
        [[HEAD, *with_reason(OUTPUT[:6]), *with_reason(BENEFIT)]],
    ),
    "three pages": (
        [ruled(600, [HEAD, *OUTPUT]), ruled(50, BENEFIT), ruled(50, OUTPUT)], [[HEAD, *OUTPUT, *BENEFIT, *OUTPUT]]
    ),
    "another margin": (
        [ruled(600, [HEAD, *OUTPUT]), ruled(50, BENEFIT, tuple(x + 25 for x in XS))], [[HEAD, *OUTPUT, *BENEFIT]]
    ),
    "a running head and foot": (
        [RUNNING + ruled(650, OUTPUT[k : k + 2]) + FOOT for k in (0, 2, 4)], [OUTPUT[:6]]
    ),
    "a running head on two pages": (
        [RUNNING + ruled(750, OUTPUT[:3]), RUNNING + ruled(60, OUTPUT[3:6])], ["某局2023年度部门决算", OUTPUT[:6]]
    ),
    "a note between": (
        [ruled(600, [HEAD, *OUTPUT]) + text(50, 830, "备注：说明"), ruled(50, BENEFIT)],
        [[HEAD, *OUTPUT], "备注：说明", BENEFIT],
    ),
    "the next form under the same title": (
        [TITLE + ruled(600, form("甲项目", "100")), TITLE + ruled(50, form("乙项目", "200"))],
        ["绩效自评表", form("甲项目", "100"), "绩效自评表", form("乙项目", "200")],
    ),
    "the next form without a title": (
        [ruled(600, form("甲项目", "100")), ruled(50, form("乙项目", "200"))],
        [form("甲项目", "100"), form("乙项目", "200")],
    ),
    "the same form again": (
        [TITLE + ruled(600, form("甲项目", "100")), TITLE + ruled(50, form("甲项目", "100"))],
        ["绩效自评表", form("甲项目", "100"), "绩效自评表", form("甲项目", "100")],
    ),
    "a short form after another": (
        [ruled(600, [["项目名称", "甲", "", "", ""], HEAD, *OUTPUT[:3]]),
         ruled(50, [["项目名称", "乙", "", "", ""], HEAD, *BENEFIT[:3]])],
        [[["项目名称", "甲", "", "", ""], HEAD, *OUTPUT[:3]], [["项目名称", "乙", "", "", ""], HEAD, *BENEFIT[:3]]],
    ),
    "a table of another width": (
        [ruled(600, [HEAD, *OUTPUT]), ruled(50, [["甲", "乙"], ["丙", "丁"]], (100, 200, 300))],
        [[HEAD, *OUTPUT], [["甲", "乙"], ["丙", "丁"]]],
    ),
    "a table of other columns": (
        [ruled(700, [["资金", "100", "200", "300"]] * 4, (50, 180, 300, 420, 545)), ruled(50, [HEAD, *BENEFIT])],
        [[["资金", "100", "200", "300"]] * 4, [HEAD, *BENEFIT]],
    ),
    "a merged cell": (
        [merged(600, "产出", PARTS[:5]), merged(50, "", PARTS[5:9])], [[["产出", *PARTS[0]], *PARTS[1:9]]]
    ),
    "a merged cell whose text stands on the second page": (
        [merged(600, "", PARTS[:5]), merged(50, "产出", PARTS[5:9])], [[["产出", *PARTS[0]], *PARTS[1:9]]]
    ),
    "a merged cell over three pages": (
        [merged(600, "产出", PARTS[:4]), merged(50, "", PARTS[4:8]), merged(50, "", PARTS[8:])],
        [[["产出", *PARTS[0]], *PARTS[1:]]],
    ),
    "a merged cell whose text stands on the third page": (
        [merged(600, "", PARTS[:4]), merged(50, "", PARTS[4:8]), merged(50, "产出", PARTS[8:])],
        [[["产出", *PARTS[0]], *PARTS[1:]]],
    ),
    "a merged cell whose text is repeated": (
        [merged(600, "产出", PARTS[:4]), merged(50, "产出", PARTS[4:8])], [[["产出", *PARTS[0]], *PARTS[1:8]]]
    ),
    "a merged cell whose first row stands alone on the first page": (
        [ruled(500, [["产出", *PARTS[0]], ["效益", *PARTS[1]], ["", *PARTS[2]]]), merged(50, "满意度", PARTS[3:7])],
        [[["产出", *PARTS[0]], ["效益", *PARTS[1]], ["满意度", *PARTS[2]], *PARTS[3:7]]],
    ),
    "a blank cell among others before a merged one": (
        [ruled(500, [["产出", *PARTS[0]], ["", *PARTS[1]], ["", *PARTS[2]]]), merged(50, "满意度", PARTS[3:7])],
        [[["产出", *PARTS[0]], *(["", *part] for part in PARTS[1:3]), ["满意度", *PARTS[3]], *PARTS[4:7]]],
    ),
    "a merged cell that ends with the page": (
        [merged(600, "产出", PARTS[:4]), merged(50, "效益", PARTS[4:8])],
        [[["产出", *PARTS[0]], *PARTS[1:4], ["效益", *PARTS[4]], *PARTS[5:8]]],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sheets", "want"), CASES.values(), ids=CASES)
def test_over_page_breaks(sheets: list[str], want: list[str | Rows]) -> None:
    assert blocks(joined(*sheets)) == want


def test_a_row_that_is_cut_in_two_is_one_and_a_finding() -> None:
    name = ["完成公安交通管理综合应用平台", "建设维护以及系统升级改造项目", "验收通过率"]
    above = grid(XS, (700, 720, 760)) + cells(XS, (700, 720), [HEAD]) + text(52, 735, "产出")
    above += text(112, 734, name[0], 9.5) + text(112, 746, name[1], 9.5) + text(252, 735, "1") + text(332, 735, "1")
    following = ["产出", "下一行", "2", "2", ""]
    below = grid(XS, (50, 70, 90)) + text(112, 64, name[2], 9.5) + cells(XS, (70, 90), [following])
    content = joined(above, below)
    assert blocks(content) == [[HEAD, ["产出", "".join(name), "1", "1", ""], following]]
    assert [(finding.code, finding.page) for finding in content.findings] == [(Code.ROW_JOINED, 1)]


def test_each_cell_knows_its_page() -> None:
    (table,) = joined(ruled(600, [HEAD, *OUTPUT]), ruled(50, [HEAD, *BENEFIT])).blocks
    assert isinstance(table, Table)
    assert (table.page, table.page_last) == (1, 2)
    assert [cell.page for cell in table.cells if cell.c0 == 0] == [1] * 11 + [2] * 6


# ---------------------------------------------------------------------------------------------------------------------
# Literal pages
# ---------------------------------------------------------------------------------------------------------------------

words = st.sampled_from(("", "", "产出", "效益", "指标", "12", "90%", "项目名称", "完成。", "（续）"))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Pages with a table of two or three columns each, and lines here and there."""
    pages = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        cols = draw(st.integers(2, 3))
        rows = draw(st.lists(st.lists(words, min_size=cols, max_size=cols), min_size=1, max_size=6))
        width = 300 / cols
        boxes = {(r, c): Box(50 + width * c, 100 + 20 * r, 50 + width * (c + 1), 120 + 20 * r)
                 for r in range(len(rows)) for c in range(cols)}  # fmt: skip
        placed = [
            Cell(r, r, c, c, rows[r][c], where, number, None, (rows[r][c],) if rows[r][c] else ())
            for (r, c), where in boxes.items()
        ]
        box = Box(50, 100, 350, 100 + 20 * len(rows))
        table = Table(number, number, Method.TEXT, "ruled", box, len(rows), cols, tuple(placed))
        line = Line(number, draw(st.sampled_from(("绩效自评表", "说明"))), Box(50, 40, 150, 50))
        lines = (line,) if draw(st.booleans()) else ()
        pages.append(Page(number, 595, 842, Method.TEXT, (table,), lines))
    return Document("0" * 64, "literal.pdf", "application/pdf", 0, None, tuple(pages))


@given(documents())
def test_joining_invents_nothing_and_loses_only_repeated_heads(document: Document) -> None:
    content = join_pages(document)
    before = Counter("".join(c.text for page in document.pages for table in page.tables for c in table.cells))
    tables = [block for block in content.blocks if isinstance(block, Table)]
    after = Counter("".join(cell.text for table in tables for cell in table.cells))
    assert after <= before
    for table in tables:
        check_cover(table)
    texts = {cell.text for page in document.pages for table in page.tables for cell in table.cells}
    kept = {cell.text for table in tables for cell in table.cells}
    assert texts - kept <= {text for text in texts if any(text in longer for longer in kept)}


@given(documents())
def test_one_page_is_left_as_it_is(document: Document) -> None:
    first = replace(document, pages=document.pages[:1])
    content = join_pages(first)
    assert Counter(content.blocks) == Counter((*first.pages[0].tables, *first.pages[0].lines))
    assert content.findings == ()
