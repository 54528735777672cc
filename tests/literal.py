"""Results made of literals, and a reader that does what a file's bytes say: for tests of what stands around reading."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from model import (
    Code,
    DocumentRow,
    ErrorCode,
    Finding,
    Form,
    FormRow,
    FundRow,
    IndicatorRow,
    Method,
    Result,
    Status,
)
from output.rows import to_unicode
from pipeline import Options

DOCUMENT = DocumentRow(
    document_id="ab" * 32,
    path="reports/交警支队.pdf",
    media_type="application/pdf",
    size_bytes=12345,
    pages=4,
    pages_ocr=0,
    producer="LibreOffice 7.4",
    status=Status.OK,
    error_code=None,
    error=None,
    forms=1,
    indicators=2,
    version="0.1.0",
    extracted_at=datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC),
)

HEAD = FormRow(
    form_id="abababababababab-1",
    document_id=DOCUMENT.document_id or "",
    form_no=1,
    page_first=1,
    page_last=4,
    kind="self_assessment",
    scope="department",
    layout="yn-dept-2023",
    title="2023年度部门整体支出绩效自评表",
    fiscal_year=2023,
    department="曲靖市公安局交通警察支队",
    unit=None,
    project=None,
    project_code=None,
    goal_expected='完成业务，不少于"3"次；\n第二行',
    goal_actual=None,
    money_unit_printed="万元",
    money_unit="元",
    weight_total=None,
    score_total=97.5,
    notes=None,
    method=Method.TEXT,
)

FUND = FundRow(
    form_id=HEAD.form_id,
    line=1,
    page=1,
    source="total",
    source_raw="年度资金总额",
    initial_cny=Decimal("170294599.63"),
    adjustment_cny=Decimal("-3361340.55"),
    final_cny=Decimal("166933259.08"),
    executed_cny=None,
    initial_raw="170,294,599.63",
    adjustment_raw="-3,361,340.55",
    final_raw="166,933,259.08",
    executed_raw="",
    execution_rate_pct=99.32,
    execution_rate_raw="99.32",
    weight=None,
    score=None,
    note="=1+1",
    flags=("money_unit_corrected",),
)

INDICATOR = IndicatorRow(
    form_id=HEAD.form_id,
    row=1,
    page=2,
    x0=36.0,
    y0=120.5,
    x1=559.25,
    y1=140.0,
    level1="产出指标",
    level2="数量指标",
    level1_raw="产出指标",
    level2_raw="数量指标",
    name="交通安全宣传资料印制",
    name_raw="交通安全宣传资料印制、",
    name_status="complete",
    name_source=None,
    name_evidence=None,
    operator=">=",
    operator_source="code",
    operator_raw="004",
    target_raw="350000",
    target_value=350000.0,
    target_max=None,
    target_date=None,
    unit="份",
    unit_raw="份",
    actual_raw="333万",
    actual_value=3330000.0,
    actual_date=None,
    actual_unit="份",
    achieved=True,
    achievement_pct=951.4285714285714,
    weight=None,
    score=None,
    reason="按照年初预算超量完成工作目标任务。",
    flags=("name_cleaned", "actual_implausible"),
)

DATED = replace(
    INDICATOR,
    row=2,
    name="项目完成时间",
    target_raw="10月底前",
    target_value=None,
    target_date=date(2018, 10, 31),
    operator="<=",
    operator_source="words",
    unit=None,
    actual_raw="",
    actual_value=None,
    actual_unit=None,
    achieved=None,
    achievement_pct=None,
    flags=(),
)

FINDINGS = (
    Finding(
        Code.NAME_CLEANED, "A mark at the end was taken off.", "indicators", 1, 2, "name", "交通安全宣传资料印制、",
        "交通安全宣传资料印制", HEAD.form_id, DOCUMENT.document_id or "",
    ),
    Finding(
        Code.ACTUAL_IMPLAUSIBLE, "The actual is 9.5 times its target.", "indicators", 1, 2, "actual_value", "333万",
        "3330000", HEAD.form_id, DOCUMENT.document_id or "",
    ),
    Finding(
        Code.MONEY_UNIT_CORRECTED, "Amounts are in yuan.", "funds", 1, 1, "initial_cny", "万元", "元", HEAD.form_id,
        DOCUMENT.document_id or "",
    ),
    Finding(Code.PAGE_UNREAD, "Page 3 has no text.", "documents", page=3, document_id=DOCUMENT.document_id or ""),
)  # fmt: skip

RESULT = Result(DOCUMENT, (Form(HEAD, (FUND,), (INDICATOR, DATED)),), FINDINGS)


def result_of(document_id: str, path: str = "a.pdf") -> Result:
    """The literal result as if it came of another document."""
    form_id = f"{document_id[:16]}-1"
    form = RESULT.forms[0]
    return Result(
        replace(DOCUMENT, document_id=document_id, path=path),
        (
            Form(
                replace(form.head, form_id=form_id, document_id=document_id),
                tuple(replace(line, form_id=form_id) for line in form.funds),
                tuple(replace(row, form_id=form_id) for row in form.indicators),
            ),
        ),
        tuple(
            replace(finding, document_id=document_id, form_id=finding.form_id and form_id) for finding in FINDINGS
        ),
    )


def failed_result(document_id: str | None, code: ErrorCode, error: str) -> Result:
    """The result of a document that could not be read."""
    row = replace(
        DOCUMENT, document_id=document_id, status=Status.FAILED, error_code=code, error=error, forms=0, indicators=0,
        pages=None, pages_ocr=None, producer=None,
    )  # fmt: skip
    return Result(row, (), ())


def read_literal(path: Path, options: Options) -> Result:
    """Do what the file's first word says: abort, hang, eat memory, exit, be killed, fail; else give the literal result.

    Each call leaves a line in the file `calls` beside the document's folder, so that tests can count them.
    """
    data = path.read_bytes()
    word = data.split(b" ")[0]
    with (path.parent.parent / "calls").open("a") as calls:
        calls.write(f"{to_unicode(path.name).split()[0]}\n")
    if word == b"abort":
        os.abort()
    if word == b"hang":
        time.sleep(600)
    if word == b"slow":
        time.sleep(0.3)
    if word == b"memory":
        hoard = []
        while True:
            hoard.append(bytearray(16 << 20))
    if word == b"exit":
        raise SystemExit(3)
    if word == b"killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if word == b"killed-once" and (path.parent.parent / "calls").read_text().count(path.name) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    document_id = hashlib.sha256(data).hexdigest()
    if word == b"damaged":
        return failed_result(document_id, ErrorCode.DAMAGED, "The file is cut. Download it again.")
    return result_of(document_id, str(path))
