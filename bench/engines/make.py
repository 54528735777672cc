"""Make the documents of `bench/engines.py`: each shows one habit of published tables, with its true cells.

    python bench/engines/make.py [NAME...]

Word processor and spreadsheet documents (python-docx, openpyxl) printed by LibreOffice; the truth is the grid that they
were made of. The figures are made up, the heads are those of published budget and account tables.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

HERE = Path(__file__).resolve().parent
FONT = "AR PL UMing CN"
FIGURE = set("0123456789.,-%")


@dataclass(frozen=True, slots=True)
class Truth:
    """A true cell, ends inclusive."""

    r0: int
    r1: int
    c0: int
    c1: int
    text: str


Rows = Sequence[Sequence[str]]
"""Rows of texts. `<` goes on from the cell at its left, `^` from the one above."""


def rows_to_cells(rows: Rows) -> list[Truth]:
    """Rows as cells with spans."""
    cells = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text in "<^" and text:
                continue
            c1, r1 = c, r
            while c1 + 1 < len(row) and row[c1 + 1] == "<":
                c1 += 1
            while r1 + 1 < len(rows) and rows[r1 + 1][c] == "^":
                r1 += 1
            cells.append(Truth(r, r1, c, c1, text))
    return cells


# ---------------------------------------------------------------------------------------------------------------------
# Word
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """How a Word table is drawn: borders of a row of so many, cell margins and letters in points, vertical place."""

    borders: Callable[[int, int], str] = lambda _row, _rows: ""
    margin: float = 5.4
    size: float = 9
    centred: bool = False


def new_docx(*, landscape: bool = False) -> Any:
    """An empty A4 document."""
    document = Document()
    section = document.sections[0]
    size = (Pt(841.9), Pt(595.3)) if landscape else (Pt(595.3), Pt(841.9))
    section.page_width, section.page_height = size
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Pt(50)
    section.top_margin = section.bottom_margin = Pt(56)
    document.core_properties.author = ""
    return document


def add_text(document: Any, text: str, size: float = 10.5, align: str = "left", tabs: Sequence[Any] = ()) -> None:
    """A paragraph."""
    paragraph = document.add_paragraph()
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    paragraph.paragraph_format.space_after = Pt(3)
    for place, alignment, leader in tabs:
        paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(place), alignment, leader)
    write(paragraph, text, size)


def write(paragraph: Any, text: str, size: float) -> None:
    """A run in the house's font."""
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), FONT
    run._element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


def add_table(document: Any, rows: Rows, widths: Sequence[float], look: Look) -> None:
    """A table with merged cells; figures to the right, other text to the left, heads in the middle."""
    table = document.add_table(len(rows), len(widths))
    table.autofit = False
    set_margins(table, look.margin)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Pt(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Pt(width)
    for truth in rows_to_cells(rows):
        cell = table.cell(truth.r0, truth.c0).merge(table.cell(truth.r1, truth.c1))
        if look.centred:
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        for k, line in enumerate(truth.text.split("\n")):
            paragraph = cell.paragraphs[0] if k == 0 else cell.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.alignment = alignment_of(truth, line)
            write(paragraph, line, look.size)
        set_borders(cell, look.borders(truth.r0, len(rows)))


def alignment_of(truth: Truth, text: str) -> Any:
    """Figures stand to the right, heads in the middle, other text to the left."""
    if set(text) & FIGURE and set(text) <= FIGURE:
        return WD_ALIGN_PARAGRAPH.RIGHT
    return WD_ALIGN_PARAGRAPH.CENTER if truth.r0 < 2 and truth.c0 else WD_ALIGN_PARAGRAPH.LEFT


def set_margins(table: Any, margin: float) -> None:
    """The left and right margins of all cells, in points."""
    element = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        part = OxmlElement(f"w:{side}")
        part.set(qn("w:w"), str(int(margin * 20)))
        part.set(qn("w:type"), "dxa")
        element.append(part)
    table._tbl.tblPr.append(element)


def set_borders(cell: Any, sides: str) -> None:
    """Borders on the sides named by their first letters."""
    element = OxmlElement("w:tcBorders")
    for letter, side in (("t", "top"), ("l", "left"), ("b", "bottom"), ("r", "right")):
        if letter in sides:
            part = OxmlElement(f"w:{side}")
            part.set(qn("w:val"), "single")
            part.set(qn("w:sz"), "6")
            element.append(part)
    cell._tc.get_or_add_tcPr().append(element)


# ---------------------------------------------------------------------------------------------------------------------
# The documents
# ---------------------------------------------------------------------------------------------------------------------

ACCOUNT: Rows = [
    ["科目编码", "科目名称", "本年支出合计", "基本支出", "项目支出", "<", "<", "经营支出"],
    ["^", "^", "^", "^", "小计", "其中：一次性项目", "其中：经常性项目", "^"],
    ["201", "一般公共服务支出", "3,684.52", "2,910.07", "774.45", "274.45", "500.00", ""],
    ["20103", "政府办公厅（室）及相关机构事务", "3,512.30", "2,910.07", "602.23", "202.23", "400.00", ""],
    ["2010301", "行政运行", "2,910.07", "2,910.07", "", "", "", ""],
    ["2010302", "一般行政管理事务", "602.23", "", "602.23", "202.23", "400.00", ""],
    ["20129", "群众团体事务", "172.22", "", "172.22", "72.22", "100.00", ""],
    ["2012999", "其他群众团体事务支出", "172.22", "", "172.22", "72.22", "100.00", ""],
    ["208", "社会保障和就业支出", "421.90", "421.90", "", "", "", ""],
    ["20805", "行政事业单位养老支出", "421.90", "421.90", "", "", "", ""],
    ["2080505", "机关事业单位基本养老保险缴费支出", "281.27", "281.27", "", "", "", ""],
    ["2080506", "机关事业单位职业年金缴费支出", "140.63", "140.63", "", "", "", ""],
    ["210", "卫生健康支出", "198.44", "198.44", "", "", "", ""],
    ["221", "住房保障支出", "530.16", "530.16", "", "", "", ""],
    ["", "合计", "4,835.02", "4,060.57", "774.45", "274.45", "500.00", ""],
]

PROJECT: Rows = [
    ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"],
    ["产出指标", "数量指标", "新建村级文化活动室面积", "≥1200平方米", "1260平方米", "10", "10", ""],
    ["", "", "组织送戏下乡演出场次", "≥36场", "30场", "10", "8.3",
     "受汛期影响六场演出推迟到次年一季度，今后将演出安排在汛期之前完成。"],
    ["", "质量指标", "活动室竣工验收一次合格率", "=100%", "100%", "10", "10", ""],
    ["", "时效指标", "项目按计划完成及时率", "≥95%", "91%", "10", "9.5", "施工单位进场较晚，已督促加快进度。"],
    ["", "成本指标", "单位面积建设成本", "≤1800元/平方米", "1765元/平方米", "10", "10", ""],
    ["效益指标", "社会效益指标", "受益群众人数", "≥0.8万人", "0.86万人", "15", "15", ""],
    ["", "可持续影响指标", "活动室后续管护机制健全情况", "健全", "基本健全", "15", "13",
     "管护经费尚未列入村级年度预算，拟与乡镇协商落实。"],
    ["满意度指标", "服务对象满意度指标", "受益群众满意度", "≥90%", "93%", "10", "10", ""],
    ["总分", "", "", "", "", "90", "85.8", ""],
]  # fmt: skip

THREE_LINE: Rows = [
    ["年份", "一般公共预算收入（亿元）", "同比增长（%）", "税收占比（%）"],
    ["2019", "612.40", "4.1", "81.2"],
    ["2020", "598.73", "-2.2", "78.9"],
    ["2021", "655.18", "9.4", "80.3"],
    ["2022", "640.05", "-2.3", "74.6"],
    ["2023", "689.91", "7.8", "76.0"],
]

TIGHT: Rows = [
    ["地区", *(f"{year}年" for year in range(2014, 2024))],
    *(
        [name, *(f"{base + 137.31 * k + 11.7 * (k % 3):.2f}" for k in range(10))]
        for name, base in (("东城区", 1180.4), ("西城区", 2246.9), ("朝阳区", 3120.5), ("海淀区", 2871.2),
                           ("丰台区", 1675.0), ("石景山区", 1390.6), ("通州区", 1958.3), ("大兴区", 2033.7))
    ),
]  # fmt: skip

SHADED: Rows = [
    ["事项", "责任单位", "工作要求"],
    ["预算绩效目标填报", "各预算单位", "随部门预算同步填报，目标应当细化量化，与资金量相匹配，不得以工作计划代替。"],
    ["绩效运行监控", "财政局绩效科", "每年七月底前完成，发现偏离及时纠正。"],
    ["绩效自评", "各预算单位", "次年三月底前完成，自评覆盖全部项目，结果随决算一并公开。"],
    ["结果应用", "财政局预算科", "与下一年度预算安排和政策调整挂钩。"],
]

DUTIES: Rows = [
    ["事项", "责任单位", "完成时限", "工作要求"],
    ["绩效目标填报", "各预算单位", "编制预算时", "目标细化量化"],
    ["绩效运行监控", "财政局绩效科", "每年七月底", "偏离及时纠正"],
    ["绩效自评", "各预算单位", "次年三月底", "覆盖全部项目"],
    ["重点评价", "财政局绩效科", "次年六月底", "委托第三方"],
    ["结果应用", "财政局预算科", "编制预算时", "与安排挂钩"],
]

CLIPPED: Rows = [
    ["三级指标", "指标值", "实际值", "偏差原因分析"],
    ["农村公路安全生命防护工程实施里程", "120", "126.5", "按照年初预算超量完成工作目标任务。"],
    ["危旧桥梁改造数量及完成质量情况", "8", "8", "按照年初预算完成工作目标任务。"],
    ["县乡道路日常养护巡查覆盖率", "100", "100", "无"],
    ["沿线群众对道路养护工作的满意度", "90", "94", "按照年初预算完成工作目标任务。"],
]

PROSE = (
    "根据预算法和有关管理办法的规定，单位对本年度纳入预算管理的项目支出组织开展了绩效自评。自评工作由财务部门牵头，业务部门"
    "配合，按照项目立项、资金落实、业务管理、产出效益等环节逐项核对资料，对照年初设定的目标分析完成情况，形成自评结论。"
)


def make_account() -> tuple[Any, list[Rows]]:
    """A table of accounts without any border: Word's tables with borders taken off."""
    document = new_docx(landscape=True)
    add_text(document, "支出决算表", 16, "center")
    tab = [(740, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.SPACES)]
    add_text(document, "部门：某县人民政府办公室\t金额单位：万元", 10, "left", tab)
    add_table(document, ACCOUNT, (70, 190, 80, 80, 80, 90, 90, 60), Look())
    add_text(document, "注：本表反映部门本年度各项支出情况。", 9)
    return document, [ACCOUNT]


def make_project() -> tuple[Any, list[Rows]]:
    """An indicator block without borders, cells set to the middle, text wrapped in them."""
    document = new_docx(landscape=True)
    add_text(document, "项目支出绩效自评表", 16, "center")
    add_table(document, PROJECT, (65, 90, 130, 95, 95, 40, 40, 185), Look(centred=True))
    return document, [PROJECT]


def make_three_line() -> tuple[Any, list[Rows]]:
    """A table with three rules, as reports set them, between paragraphs."""
    document = new_docx()
    add_text(document, PROSE)
    add_text(document, "表1 财政收入情况", 10, "center")
    sides = {0: "tb", len(THREE_LINE) - 1: "b"}
    add_table(document, THREE_LINE, (90, 160, 120, 120), Look(borders=lambda row, _rows: sides.get(row, "")))
    add_text(document, "数据来源：财政年鉴。", 9)
    add_text(document, PROSE)
    return document, [THREE_LINE]


def make_packed() -> tuple[Any, list[Rows]]:
    """A frame and a head with borders, the body's rows packed into one row of cells."""
    document = new_docx()
    add_text(document, PROSE)
    columns = list(zip(*THREE_LINE, strict=True))
    packed = [[column[0] for column in columns], ["\n".join(column[1:]) for column in columns]]
    add_table(document, packed, (90, 160, 120, 120), Look(borders=lambda _row, _rows: "tlbr"))
    return document, [THREE_LINE]


def make_open() -> tuple[Any, list[Rows]]:
    """A head with all borders, rows with horizontal ones only."""
    document = new_docx()
    add_text(document, PROSE)
    add_table(document, THREE_LINE, (90, 160, 120, 120), Look(borders=lambda row, _rows: "tb" if row else "tlbr"))
    return document, [THREE_LINE]


def make_tight() -> tuple[Any, list[Rows]]:
    """Columns of figures that nearly touch."""
    document = new_docx()
    add_text(document, "分地区收入", 14, "center")
    add_table(document, TIGHT, (52, *[43] * 10), Look(margin=0.2, size=9.5))
    return document, [TIGHT]


def make_prose() -> tuple[Any, list[Rows]]:
    """No table: contents, numbered lists, labels and values, text in two columns."""
    document = new_docx()
    dots = [(480, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)]
    spaces = [(480, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.SPACES)]
    for k, title in enumerate(("部门概况", "部门决算表", "决算情况说明", "名词解释", "附件")):
        add_text(document, f"第{'一二三四五'[k]}部分 {title}\t{3 + 4 * k}", 10.5, "left", dots)
    for k, title in enumerate(
        ("收入支出决算总体情况说明", "财政拨款支出情况说明", "机关运行经费支出情况", "政府采购支出情况")
    ):
        add_text(document, f"{k + 1}. {title}\t{12 + k}", 10.5, "left", spaces)
    tab = [(300, WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.SPACES)]
    for left, right in (("单位名称：某县文化馆", "填报日期：2024年3月8日"),
                        ("项目负责人：李某", "联系电话：0000-0000000"),
                        ("主管部门：某县文化和旅游局", "金额单位：万元")):  # fmt: skip
        add_text(document, f"{left}\t{right}", 10.5, "left", tab)
    indent = [(40, WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.SPACES)]
    for k, text in enumerate(
        ("核对项目资金到位和使用情况。", "收集产出和效益的佐证资料。", "填写自评表并撰写报告。", "报送财政部门备案。")
    ):
        add_text(document, f"（{'一二三四'[k]}）\t{text}", 10.5, "left", indent)
    section = document.add_section(WD_SECTION.CONTINUOUS)
    section._sectPr.xpath("./w:cols")[0].set(qn("w:num"), "2")
    for _ in range(5):
        add_text(document, PROSE, 10.5, "justify")
    return document, []


def make_shaded() -> tuple[Any, list[Rows]]:
    """A spreadsheet whose cells are told apart by their colour, without borders."""
    book, sheet = new_sheet((100, 80, 150))
    fills = [PatternFill("solid", fgColor=color) for color in ("D9E2F3", "F2F2F2", "E2EFDA")]
    for truth in rows_to_cells(SHADED):
        cell = sheet.cell(truth.r0 + 1, truth.c0 + 1, truth.text)
        cell.fill = fills[(truth.r0 + truth.c0) % 3]
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.font = Font(name=FONT, size=10)
    for row in range(1, len(SHADED) + 1):
        sheet.row_dimensions[row].height = 30
    return book, [SHADED]


def make_duties() -> tuple[Any, list[Rows]]:
    """A table of text alone, without borders."""
    document = new_docx()
    add_text(document, PROSE)
    add_table(document, DUTIES, (120, 110, 110, 140), Look())
    add_text(document, PROSE)
    return document, [DUTIES]


def make_clipped() -> tuple[Any, list[Rows]]:
    """A spreadsheet with all borders and fixed rows, in which text is longer than its cell."""
    book, sheet = new_sheet((110, 60, 60, 120))
    side = Side(style="thin")
    for truth in rows_to_cells(CLIPPED):
        cell = sheet.cell(truth.r0 + 1, truth.c0 + 1, truth.text)
        cell.border = Border(left=side, right=side, top=side, bottom=side)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(name=FONT, size=10)
    for row in range(1, len(CLIPPED) + 1):
        sheet.row_dimensions[row].height = 15
    return book, [CLIPPED]


def new_sheet(widths: Sequence[float]) -> tuple[Any, Any]:
    """An empty workbook with columns of these widths in points."""
    book = Workbook()
    sheet = book.active
    sheet.page_setup.paperSize = 9
    for k, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGHIJ"[k]].width = width / 5.6
    return book, sheet


DOCUMENTS: dict[str, Callable[[], tuple[Any, list[Rows]]]] = {
    "account": make_account,
    "clipped": make_clipped,
    "duties": make_duties,
    "open": make_open,
    "packed": make_packed,
    "project": make_project,
    "prose": make_prose,
    "shaded": make_shaded,
    "three-line": make_three_line,
    "tight": make_tight,
}


def main(names: Sequence[str]) -> None:
    """Make the documents of these names, all where none is given."""
    with tempfile.TemporaryDirectory() as folder:
        for name in names or DOCUMENTS:
            document, tables = DOCUMENTS[name]()
            source = Path(folder) / f"{name}.{'xlsx' if isinstance(document, Workbook) else 'docx'}"
            document.save(source)
            subprocess.run(
                ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
                 "--convert-to", "pdf", "--outdir", str(HERE), str(source)],
                check=True, capture_output=True, timeout=120,
            )  # fmt: skip
            truth = [[[c.r0, c.r1, c.c0, c.c1, c.text] for c in rows_to_cells(rows)] for rows in tables]
            text = json.dumps(truth, ensure_ascii=False, separators=(",", ":"))
            (HERE / f"{name}.json").write_text(text.replace("],[", "],\n[") + "\n", encoding="utf-8")
            print(name)


if __name__ == "__main__":
    main(sys.argv[1:])
