"""The parts of name repair: marks, endings, widths, spilt text, places of a goal text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from normalize.cases import fold, load
from normalize.names_cut import Band, Ending, find_band, find_ending, is_open
from normalize.names_end import is_statement
from normalize.names_figure import RowFigures, has_other_figure, read_figures
from normalize.names_goal import Reach, find_exact, find_near, leading_verb
from normalize.names_spill import find_habits, find_spill
from normalize.names_text import Cleaned, Sought, clean_name, display_width, open_brackets, to_prose

ENDS = Path(__file__).with_name("names_ends.csv")
USUAL = "已按计划完成年度任务。"

# ---------------------------------------------------------------------------------------------------------------------
# Cleaning
# ---------------------------------------------------------------------------------------------------------------------

CLEANED = [
    ("指标1：培训人次", "培训人次", ""),
    ("指标2 购置设备数量", "购置设备数量", ""),
    ("指标12:验收合格率", "验收合格率", ""),
    ("指标一：验收合格率", "验收合格率", ""),
    ("指标1:", "", ""),
    ("指标体系建设", "指标体系建设", ""),
    ("指标100%完成", "指标100%完成", ""),
    ("1.培训人次", "培训人次", ""),
    ("2、培训人次", "培训人次", ""),
    ("（3）培训人次", "培训人次", ""),
    ("(一)培训人次", "培训人次", ""),
    ("①培训人次", "培训人次", ""),
    ("⑵培训人次", "培训人次", ""),
    ("一是加快项目建设进度", "加快项目建设进度", ""),
    ("三、培训人次", "培训人次", ""),
    ("- 培训人次", "培训人次", ""),
    ("（二）1.培训人次", "培训人次", ""),
    ("1.5米以下绿篱修剪面积", "1.5米以下绿篱修剪面积", ""),
    ("65岁及以上老年人体检率", "65岁及以上老年人体检率", ""),
    ("2023年度培训人次", "2023年度培训人次", ""),
    ("12345热线办结率", "12345热线办结率", ""),
    ("12315消费投诉举报", "12315消费投诉举报", ""),
    ("一般程序案件办结率", "一般程序案件办结率", ""),
    ("一体化平台建设", "一体化平台建设", ""),
    ("110接处警及时率", "110接处警及时率", ""),
    ("（市级）河长巡河次数", "（市级）河长巡河次数", ""),
    ("交通安全宣传资料印制、", "交通安全宣传资料印制", "、"),
    ("通过科技信息化建设，", "通过科技信息化建设", "，"),
    ("培训人次；", "培训人次", "；"),
    ("培训人次。", "培训人次", "。"),
    ("培训人次：", "培训人次", "："),
    ("成本控制数（万元）", "成本控制数（万元）", ""),
    ("培训 人次", "培训人次", ""),
    ("I 类切口手术 部位感染率", "I类切口手术部位感染率", ""),
    ("Wi Fi 覆盖率", "Wi Fi覆盖率", ""),
    ("<p>培训人次</p>", "培训人次", ""),
    ("培训&nbsp;人次", "培训人次", ""),
    ("", "", ""),
    ("……", "", "……"),
]


@pytest.mark.parametrize(("printed", "text", "mark"), CLEANED)
def test_clean_name(printed: str, text: str, mark: str) -> None:
    assert clean_name(printed) == Cleaned(text, mark)


MARKS = load("names_marks", key="pattern", columns=("pattern", "examples"))


@pytest.mark.parametrize("example", [example for case in MARKS.values() for example in case["examples"].split(";")])
def test_examples_of_list_marks(example: str) -> None:
    assert clean_name(f"{example}办理进度").text in ("办理进度", "加快办理进度办理进度")


@pytest.mark.parametrize(
    ("text", "closing"),
    [
        ("设施（系", ")"),
        ("设施（系统）", ""),
        ("“智慧交", '"'),
        ("“智慧交警”", ""),
        ("《条例（草案", ")》"),
        ("a）b", ""),
    ],
)
def test_open_brackets(text: str, closing: str) -> None:
    assert fold(open_brackets(text)) == fold(closing)


@pytest.mark.parametrize(("text", "width"), [("培训人次", 8), ("APP", 3), ("5G网络", 6), ("（）", 4), ("", 0)])
def test_display_width(text: str, width: int) -> None:
    assert display_width(text) == width


# ---------------------------------------------------------------------------------------------------------------------
# How names end
# ---------------------------------------------------------------------------------------------------------------------


def read_ends() -> list[tuple[str, bool]]:
    lines = [line for line in ENDS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [(case["name"], case["breaks_off"] == "yes") for case in csv.DictReader(lines)]


@pytest.mark.parametrize(("name", "breaks_off"), read_ends())
def test_is_open(name: str, breaks_off: bool) -> None:
    assert is_open(name) is breaks_off


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        (Cleaned("群众知晓率"), Ending.RATE),
        (Cleaned("培训人次"), Ending.MEASURE),
        (Cleaned("培训人数", "、"), Ending.MEASURE),
        (Cleaned("服务能力"), Ending.QUALITY),
        (Cleaned("专项整治"), Ending.ACTION),
        (Cleaned("专项整治", "。"), Ending.ACTION),
        (Cleaned("专项整治", "，"), Ending.OPEN),
        (Cleaned("嫌疑机动车"), Ending.TAIL),
        (Cleaned("建设完成后2023"), Ending.TAIL),
    ],
)
def test_find_ending(name: Cleaned, ending: Ending) -> None:
    assert find_ending(name) is ending


@pytest.mark.parametrize(
    ("names", "band"),
    [
        ([], None),
        ([(20, True)] * 3 + [(12, False)] * 6, Band(20, 20)),
        ([(20, True), (22, True), (24, True)] + [(22, False)] * 6 + [(40, False)], Band(20, 24)),
        ([(20, True)] * 2 + [(12, False)] * 6, None),
        ([(12, True), (20, True), (28, True)] + [(16, False)] * 6, None),
        ([(20, True)] * 3 + [(40, False)] * 5 + [(38, False)] * 5, None),
        ([(20, True)] * 3 + [(20, False)] * 30, Band(19, 20)),
        ([(20, True)] + [(20, False)] * 3 + [(14, False)] * 9, Band(19, 20)),
        ([(20, False)] * 6 + [(14, False)] * 9, Band(19, 20)),
        ([(20, False)] * 5 + [(14, False)] * 6, None),
    ],
)
def test_find_band(names: list[tuple[int, bool]], band: Band | None) -> None:
    assert find_band(names) == band


# ---------------------------------------------------------------------------------------------------------------------
# Spilt text
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason", "lines", "full", "left"),
    [
        ("村级道路标志标线", f"{USUAL} 设置进一步规范合理，", (), "村级道路标志标线设置进一步规范合理", USUAL),
        ("村级道路标志标线", f"{USUAL}设置进一步规范合理，", (), "村级道路标志标线设置进一步规范合理", USUAL),
        ("引导车辆有序停放，", f"{USUAL} 引导车辆有序停放，避", (), "引导车辆有序停放，避", USUAL),
        (
            "村级道路标志标线",
            "已按计划设置进一步规范合理，完成年度任务。",
            ("已按计划", "设置进一步规范合理，", "完成年度任务。"),
            "村级道路标志标线设置进一步规范合理",
            USUAL,
        ),
        ("村级道路标志标线", "村级道路标志标线设置和管", (), "村级道路标志标线设置和管", ""),
    ],
)
def test_find_spill(name: str, reason: str, lines: tuple[str, ...], full: str, left: str) -> None:
    spill = find_spill(clean_name(name), reason, lines, find_habits([USUAL, USUAL, reason]))
    assert spill is not None
    assert (spill.name.text, spill.reason) == (full, left)


@pytest.mark.parametrize(
    "reason",
    [
        USUAL,
        f"{USUAL}{USUAL}",
        f"{USUAL} 下一步加强管理。",
        f"{USUAL} 受疫情影响，",
        f"{USUAL} 进度稍慢",
        "设置进一步规范合理，",
        f"设置进一步规范合理，{USUAL}",
        "因天气原因未完成。 设置进一步规范合理，",
        f"{USUAL} 各乡镇标志标线设置工作由县级部门统一组织招标和安装验收，并按季度开展抽",
        "",
    ],
)
def test_no_spill(reason: str) -> None:
    assert find_spill(Cleaned("村级道路标志标线"), reason, (), find_habits([USUAL, USUAL, reason])) is None


def test_no_spill_without_the_habit_of_the_column() -> None:
    assert find_spill(Cleaned("村级道路标志标线"), f"{USUAL} 设置进一步规范合理，", (), find_habits([USUAL])) is None


# ---------------------------------------------------------------------------------------------------------------------
# The goal text
# ---------------------------------------------------------------------------------------------------------------------

NEAR = [
    ("为警务辅助人员购买伤害", "为警务辅助人员购买意外伤害保险；", "为警务辅助人员购买意外伤害保险"),
    ("每月按时为社会辅助考", "每月按时为社会购买辅助考试人员购买五险，", "每月按时为社会购买辅助考试人员购买五险"),
    ("完成义务教育学校校舍维修", "义务教育阶段学校校舍维修改造工程，", "完成义务教育阶段学校校舍维修改造工程"),
    ("考试过程中重大安全事", "考试过程中不发生重大安全事故，", None),
    ("危险路段排查及临时性限", "危险路段排查及临时性防护100%及时发函", None),
    ("及时为警务辅助人员配发", "及时为警务辅助人员配备服装和执法装备；", None),
    ("道路交通事故一般案件办", "办理一般程序案件道路交通事故不低于30起，", None),
    ("每月按时为警务辅助人员", "每月按时购买五险和发放工资；为警务辅助人员购买意外伤害保险；", None),
    ("全力保障辖区安全，提", "全力保障辖区安全，不断提升人民群众幸福感，", None),
    ("提高民警和辅警的执法", "提高民辅警的执法规范化水平，", None),
    ("城市机动车驾驶人对车驾", "城市机动车和非机动车驾驶人对车驾管满意度，", None),
    ("高龄老年人生活津贴发", "高龄80周岁老年人生活津贴发放标准，", None),
]


@pytest.mark.parametrize(("printed", "goal", "name"), NEAR)
def test_near(printed: str, goal: str, name: str | None) -> None:
    sought = Sought(printed, fold(printed), RowFigures(unit=None), bare=True)
    hits = find_near([to_prose(goal)], sought)
    assert [hit.name for hit in hits if hit.reach is Reach.RUNS_ON] == ([name] if name else [])


@pytest.mark.parametrize(
    ("goal", "reach"),
    [
        ("开展专项整治活动（春运、酒驾、夜查等）不低于120次", Reach.ENDS),
        ("开展专项整治活动，", Reach.ENDS),
        ("开展专项整治活动", Reach.ENDS),
        ("开展专项整治活动120次", Reach.ENDS),
        ("开展专项整治活动不少于120次", Reach.ENDS),
        ("开展专项整治活动60次", Reach.UNCLEAR),
        ("开展专项整治活动、宣传", Reach.UNCLEAR),
        ("开展专项整治活动和宣传", Reach.UNCLEAR),
        ("开展专项整治活动次数120次", Reach.RUNS_ON),
    ],
)
def test_find_exact(goal: str, reach: Reach) -> None:
    sought = Sought("开展专项整治活动", "开展专项整治活动", read_figures("120", "次", ""), bare=True)
    assert [hit.reach for hit in find_exact([to_prose(goal)], sought)] == [reach]


def test_the_next_indicator_ends_a_name() -> None:
    goal = "应用全省农村道路交通安全管理信息系统手机APP开展劝导提醒、宣传教育活动。"
    sought = Sought(
        "应用全省农村道路交", "应用全省农村道路交", RowFigures(), bare=True, others=("开展劝导提醒、宣传教",)
    )
    assert [hit.name for hit in find_exact([to_prose(goal)], sought)] == ["应用全省农村道路交通安全管理信息系统手机APP"]


@pytest.mark.parametrize(
    ("plain", "verb"),
    [("完成支队核心", "完成"), ("组织开展培训", "组织开展"), ("及时为警务人员", ""), ("提高满意度", ""), ("", "")],
)
def test_leading_verb(plain: str, verb: str) -> None:
    assert leading_verb(plain) == verb


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        ("保障全市业务办理", True),
        ("保持网络畅通,为交管", True),
        ("为警务辅助人员", True),
        ("保障性住房", False),
        ("使用率", False),
    ],
)
def test_is_statement(plain: str, expected: bool) -> None:
    assert is_statement(plain) is expected


@pytest.mark.parametrize(
    ("cells", "text", "expected"),
    [
        (("200000", "次", "303409"), "不低于20万次", False),
        (("200000", "次", "303409"), "303409次", False),
        (("200000", "次", ""), "不低于30万次", True),
        (("≥90", "%", "92"), "达到90%以上", False),
        (("≥90", "%", "92"), "不少于90次", True),
        (("90", "次", ""), "90%", True),
        (("500", "公里", ""), "500万元", True),
        (("5", "万元", ""), "5万元", False),
        (("90", "", ""), "90次", False),
        (("显著提升", "", ""), "提升90%", False),
        (("90", "次", ""), "，90%", None),
        (("90", "次", ""), "", None),
    ],
)
def test_has_other_figure(cells: tuple[str, str, str], text: str, expected: bool | None) -> None:
    assert has_other_figure(read_figures(*cells), fold(text), 0) is expected


def test_a_spill_that_goes_on_inside_a_word_of_the_name() -> None:
    reason = f"{USUAL} 力和应急处置水平"
    spill = find_spill(Cleaned("提高基层医疗卫生服务能"), reason, (), find_habits([USUAL, USUAL, reason]))
    assert spill is not None
    assert (spill.name.text, spill.reason) == ("提高基层医疗卫生服务能力和应急处置水平", USUAL)


@pytest.mark.parametrize(
    ("full", "left"), [("免费婚前医学检查服务人数", USUAL), ("免费婚前医学检查服务人次", None), ("", None)]
)
def test_a_spill_that_other_evidence_confirms(full: str, left: str | None) -> None:
    reason = f"{USUAL} 数"
    spill = find_spill(Cleaned("免费婚前医学检查服务人"), reason, (), find_habits([USUAL, USUAL, reason]), full)
    assert (spill.reason if spill else None) == left
