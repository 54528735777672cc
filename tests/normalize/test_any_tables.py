"""Whatever stands in tables, normalizing them ends in rows and findings that belong together, never in an exception."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from literal_forms import content, line, table

from model import Content
from normalize import normalize

WORDS = (
    "", "", "<", "^", "项目名称", "部门名称", "实施单位：县局", "县局", "项目支出绩效自评表", "（2023年度）",
    "项目资金（万元）", "年初预算数", "全年预算数", "全年执行数", "执行率", "分值", "得分", "年度资金总额",
    "其中：财政拨款", "上年结转", "100", "1,234.56", "99%", "年度总体目标", "预期目标", "实际完成情况", "完成了目标。",
    "绩效指标", "一级指标", "二级指标", "三级指标", "指标性质", "年度指标值", "度量单位", "实际完成值", "偏差原因",
    "产出指标", "数量指标", "(50分)", "培训人数", "≥90%", "004", "人次", "333万", "……", "/", "总分", "备注：1. 说明。",
    "怪异列", "2023年12月底前", "12,3", "A", "B/A",
)  # fmt: skip
HEADS = "项目名称 | 甲 | < | < | <\n一级指标 | 二级指标 | 三级指标 | 年度指标值 | 实际完成值\n"
CELLS = st.sampled_from(WORDS)


@st.composite
def grids(draw: st.DrawFn) -> str:
    cols = 5
    rows = [draw(st.lists(CELLS, min_size=cols, max_size=cols)) for _ in range(draw(st.integers(1, 8)))]
    for r, row in enumerate(rows):
        for c, word in enumerate(row):
            # a merged place belongs to a cell at its left or above, and merged areas are rectangles
            if (word == "<" and (c == 0 or row[c - 1] == "^")) or (word == "^" and not _is_under(rows, r, c)):
                row[c] = "培训人数"
    return "\n".join(" | ".join(row) for row in rows)


def _is_under(rows: list[list[str]], r: int, c: int) -> bool:
    return r > 0 and rows[r - 1][c] != "<" and (c + 1 == len(rows[r]) or rows[r - 1][c + 1] != "<")


@st.composite
def documents(draw: st.DrawFn) -> Content:
    blocks = []
    for page in range(1, draw(st.integers(1, 3)) + 1):
        if draw(st.booleans()):
            blocks.append(line(draw(CELLS), page))
        above = HEADS if draw(st.booleans()) else ""
        blocks.append(table(above + draw(grids()), page))
    return content(*blocks)


@settings(max_examples=150)
@given(documents())
def test_any_tables(document: Content) -> None:
    forms, findings = normalize(document, "ef" * 32)
    ids = [form.head.form_id for form in forms]
    assert ids == [f"{'ef' * 8}-{n}" for n in range(1, len(forms) + 1)]
    for form in forms:
        assert [fund.line for fund in form.funds] == list(range(1, len(form.funds) + 1))
        assert [row.row for row in form.indicators] == list(range(1, len(form.indicators) + 1))
        for row in form.indicators:
            assert row.name or row.target_raw or row.actual_raw
            assert row.target_value is None or row.target_raw or "value_in_name" in row.flags
            assert row.actual_value is None or row.actual_raw
    assert {finding.form_id for finding in findings} <= {*ids, None}
