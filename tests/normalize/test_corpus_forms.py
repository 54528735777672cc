"""Real published files: two target forms, and budgets, accounts and papers that hold no form."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from extract import Recognition, join_pages, read_document
from model import DocumentError, Finding, Form
from normalize import normalize

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
NEGATIVES = [
    file for folder in ("budget_pdfs", "other_pdfs", "textin") for file in sorted(CORPUS.glob(f"{folder}/*.pdf"))
]

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real documents is not beside the project")


def read(file: Path, pages: range | None = None, ocr: str = "auto") -> tuple[tuple[Form, ...], tuple[Finding, ...]]:
    document = read_document(file, pages=pages, recognition=Recognition(ocr))
    return normalize(join_pages(document), document.document_id)


def test_target_forms_of_putuo() -> None:
    forms, findings = read(CORPUS / "target_forms" / "putuo_wanli_2023_a.pdf")
    heads = [form.head for form in forms]
    assert [(h.kind, h.scope, h.fiscal_year, h.money_unit) for h in heads] == [("target", "project", 2023, "元")] * 2
    assert [h.project for h in heads] == ["新建万里街道社区公共服务中心", "就业援助基地补贴"]
    assert {h.department for h in heads} == {h.unit for h in heads} == {"上海市普陀区人民政府万里街道办事处"}
    assert heads[1].goal_expected == "管理各类下拨费用，实报实销"
    assert [[(f.source, f.final_cny) for f in form.funds] for form in forms] == [
        [("total", Decimal(total)), ("fiscal", Decimal(total)), ("carryover", Decimal(0)), ("other", Decimal(0))]
        for total in (4100000, 6351000)
    ]
    assert [[i.name for i in form.indicators] for form in forms] == [
        ["规划建筑面积", "完工及时率", "预算内经费", "完善社区基础设施建设", "居民满意度"],
        ["补贴对象申请审核完成率", "补贴对象审核达标率", "补贴对象生活改善度", "补贴对象满意度"],
    ]
    assert [(i.operator, i.target_value, i.unit) for i in forms[1].indicators] == [
        ("=", 100, "%"),
        ("=", 100, "%"),
        (">=", 80, "%"),
        (">=", 80, "%"),
    ]
    assert {finding.code.value for finding in findings} == {"amount_left_out"}


@pytest.mark.slow
@pytest.mark.parametrize("file", NEGATIVES, ids=lambda file: file.stem)
def test_documents_without_a_form(file: Path) -> None:
    """The text of all pages, and what is recognised on the first: the longest would take minutes."""
    try:
        read_text, seen = read(file, ocr="never"), read(file, range(1, 4))
    except DocumentError:
        pytest.skip("cannot be read")
    assert read_text == seen == ((), ())
