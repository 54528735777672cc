"""The seed's form as raw tables, from the fixtures' source: in one grid or cut by pages, levels merged or blank."""

from __future__ import annotations

import csv
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from literal_forms import line, table

from model import Content, Line, Table

SOURCE = Path(__file__).resolve().parents[2] / "fixtures" / "source"


def read_head() -> dict[str, Any]:
    head: dict[str, Any] = json.loads((SOURCE / "seed_head.json").read_text(encoding="utf-8"))
    return head


def read_rows() -> list[dict[str, str]]:
    with (SOURCE / "seed_rows.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def head_rows() -> list[str]:
    """The rows above the indicators, nine columns."""
    head = read_head()
    label, _, *columns = head["money_head"]
    rows = [f"部门名称 | {head['department']} | < | < | < | < | < | < | <"]
    rows.append(f"{head['money_label']} | {label} | < | " + " | ".join(columns))
    for first, second, *cells in head["money_rows"]:
        place = "^" if second and second != "年度资金总额" else first
        rows.append(f"^ | {place} | {second or '<'} | " + " | ".join(cells))
    rows.append(f"{head['goal_label']} | {head['goal']} | < | < | < | < | < | < | <")
    return [*rows, f"{head['indicator_title']} | < | < | < | < | < | < | < | <"]


def column_rows() -> list[str]:
    """The two rows of the indicators' head."""
    return [
        "绩效指标 | < | < | 指标性质 | 指标值 | 度量单位 | 实际完成值 | 偏差原因分析及改进措施 | <",
        "一级指标 | 二级指标 | 三级指标 | ^ | ^ | ^ | ^ | ^ | <",
    ]


def indicator_rows(*, cut: bool, merged: bool) -> list[str]:
    """Levels and indicators. `cut`: names as the published text has them; `merged`: levels over their rows."""
    rows: list[str] = []
    below = {"level1": ["", ""], "level2": ["^" if merged else "", ""]}
    levels = ["", ""]
    for row in read_rows():
        if row["kind"] == "level1":
            rows.append(f"{row['name']} | | | | | | | | <")
            levels = ["^" if merged else "", ""]
        elif row["kind"] == "level2":
            rows.append(f"{levels[0]} | {row['name_cut' if cut else 'name']} | | {row['nature']} | | | | | <")
            levels[1] = below["level2"][0]
        else:
            name = row["name_cut"] if cut else row["name"]
            reason = f"{row['reason']} {row['spilt']}" if cut and row["spilt"] else row["reason"]
            cells = (name, row["nature"], row["target"], row["unit"], row["actual"], reason)
            rows.append(" | ".join([*levels, *cells, "<"]))
    return rows


def seed(
    *, cut: bool = False, merged: bool = False, breaks: tuple[int, ...] = (), again: bool = False, notes: str = "lines"
) -> Content:
    """The form. `breaks` are the indicator rows that begin a page with a table of its own; `again` repeats the head.

    `notes` stand on lines under the grid, in rows of it, or nowhere.
    """
    head = read_head()
    body = indicator_rows(cut=cut, merged=merged)
    if notes == "rows":
        body += [f"{note} | < | < | < | < | < | < | < | <" for note in head["notes"]]
    body.insert(
        len(body) - (len(head["notes"]) if notes == "rows" else 0), "其他需说明事项 | < | | < | < | < | < | < | <"
    )
    blocks: list[Table | Line] = [line(head["title"])]
    starts = [0, *breaks, len(body)]
    for page, (start, end) in enumerate(pairwise(starts), 1):
        above = [*head_rows(), *column_rows()] if page == 1 else column_rows() if again else []
        blocks.append(table("\n".join([*above, *_opened(body[start:end])]), page=page))
    if notes == "lines":
        blocks += [line(note, page=len(starts) - 1) for note in head["notes"]]
    return Content(tuple(blocks))


def _opened(rows: list[str]) -> list[str]:
    """Rows of a page: a level merged from the page before is blank here, in its first row merged anew."""
    if not rows:
        return rows
    first = [" " if cell.strip() == "^" else cell for cell in rows[0].split("|")]
    return ["|".join(first), *rows[1:]]
