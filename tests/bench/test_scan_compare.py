"""The comparison of scans with their text twins, on readings spoilt by hand: wrong is seen, and counted once."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import scans  # noqa: E402
from scan_cells import CellCounts, compare_pages, compare_tables, edits, fold, is_number  # noqa: E402
from scan_rows import RowCounts, align_rows, columns, compare_forms, is_same, number_columns  # noqa: E402
from scan_twin import Reading, document_to_reading, read_twin, twin_document  # noqa: E402

from fixtures.degrade.recipes import Sample  # noqa: E402
from model import Cell, Code, Finding, Form, Table  # noqa: E402

SAMPLE = Sample("mof-2020", "clean-200")
CUT = Sample("seed-calc", "seal-200")


# Texts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("（≥50个）", "(≥50个)", True), ("100％", "100%", True), ("A，B：C；", "A,B:C;", True), ("＝ 5", "=5", True),
        ("﹦", "=", True), ("甲 乙\n丙", "甲乙丙", True), ("①333万", "1333万", False), ("10²", "102", False),
        ("１２", "12", False), ("Ａ", "A", False), ("。", ".", False), ("、", ",", False), ("〇", "0", False),
        ("－3", "-3", True), ("—", "-", False), ("≥", ">", False), ("O", "0", False), ("", "　", True),
    ],
)
def test_fold_joins_widths_of_marks_alone(a: str, b: str, same: bool) -> None:
    assert (fold(a) == fold(b)) is same


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234.50", True), ("-3", True), ("93.5％", True), ("5‰", True), ("≥5", False), ("5个", False), ("", False),
     ("2023年", False), ("三", False), ("1.2.3", False)],
)
def test_is_number(text: str, number: bool) -> None:
    assert is_number(text) is number


@given(a=st.text("ab年0", max_size=8), b=st.text("ab年0", max_size=8), c=st.text("ab年0", max_size=8))
def test_edits_are_a_distance(a: str, b: str, c: str) -> None:
    assert edits(a, b) == edits(b, a) >= abs(len(a) - len(b))
    assert (edits(a, b) == 0) is (a == b)
    assert edits(a, c) <= edits(a, b) + edits(b, c)


def test_edits_literal() -> None:
    assert (edits("120829", "120329"), edits("三次", "三"), edits("", "ab"), edits("ab", "ba")) == (1, 1, 2, 2)


# Cells ----------------------------------------------------------------------------------------------------------------


def table(texts: list[list[str]]) -> Table:
    cells = tuple(
        Cell(r, r, c, c, text, (0, 0, 1, 1), 1) for r, row in enumerate(texts) for c, text in enumerate(row)  # type: ignore[arg-type]
    )
    return Table(1, 1, "ocr", "ruled", (0, 0, 1, 1), len(texts), len(texts[0]), cells)  # type: ignore[arg-type]


WANT = table([["指标", "数值"], ["甲", "12.5"], ["", "7"]])


def test_equal_tables() -> None:
    counts, differences = compare_tables(1, [WANT], [WANT])
    assert differences == []
    assert counts == CellCounts(
        tables=1, tables_found=1, grids_equal=1, cells=5, cells_exact=5, numbers=2, numbers_exact=2, characters=10
    )


def test_one_digit_read_wrong() -> None:
    got = table([["指标", "数值"], ["甲", "12.6"], ["", "7"]])
    counts, (difference,) = compare_tables(1, [WANT], [got])
    assert (counts.cells_exact, counts.numbers_exact, counts.edits, counts.grids_equal) == (4, 1, 1, 1)
    assert (difference.place, difference.want, difference.got) == ((1, 1, 1, 1), "12.5", "12.6")


def test_text_where_there_is_none() -> None:
    counts, (difference,) = compare_tables(1, [WANT], [table([["指标", "数值"], ["甲", "12.5"], ["|", "7"]])])
    assert (counts.cells_exact, counts.extra_cells, counts.edits) == (5, 1, 1)
    assert (difference.want, difference.got) == ("", "|")


def test_a_row_lost_shifts_the_cells_but_not_the_characters() -> None:
    counts, _ = compare_tables(1, [WANT], [table([["指标", "数值"], ["", "7"]])])
    assert (counts.grids_equal, counts.cells_exact, counts.edits) == (0, 2, 5)


def test_a_cell_merged_is_not_exact() -> None:
    merged = replace(WANT, cells=(replace(WANT.cells[0], c1=1), *WANT.cells[2:]))
    counts, differences = compare_tables(1, [WANT], [merged])
    assert (counts.cells_exact, counts.grids_equal, len(differences)) == (3, 0, 3)


def test_tables_lost_and_too_many() -> None:
    other = table([["别的", "表"]])
    counts, differences = compare_tables(1, [WANT, other], [other])
    assert (counts.tables, counts.tables_found, counts.tables_extra, len(differences)) == (2, 1, 0, 5)
    counts, _ = compare_tables(1, [other], [WANT, other])
    assert (counts.tables_found, counts.tables_extra, counts.cells_exact) == (1, 1, 2)
    counts, _ = compare_tables(1, [], [WANT])
    assert (counts.tables, counts.tables_extra) == (0, 1)


def test_a_page_lost_and_a_page_too_many() -> None:
    pages = read_twin(Sample("mof-2020-pages", "clean-200")).pages
    counts, _ = compare_pages(pages, pages[:1])
    assert (counts.tables, counts.tables_found) == (2, 1)
    counts, _ = compare_pages(pages[:1], pages)
    assert (counts.tables_found, counts.tables_extra) == (1, 1)


# Rows -----------------------------------------------------------------------------------------------------------------


def spoilt(form: Form, row: int, **values: object) -> Form:
    rows = list(form.indicators)
    rows[row - 1] = replace(rows[row - 1], **values)  # type: ignore[arg-type]
    return replace(form, indicators=tuple(rows))


def compare(form: Form, *findings: Finding) -> RowCounts:
    return compare_forms(read_twin(SAMPLE).forms, [form], findings)[0]


def twin() -> Form:
    return read_twin(SAMPLE).forms[0]


def test_the_twin_equals_itself() -> None:
    counts = compare(twin())
    assert counts.rows == counts.rows_equal == 1 + 4 + 9
    assert (counts.rows_missing, counts.rows_extra, counts.numbers_wrong) == (0, 0, 0)


def uncertain(**place: object) -> Finding:
    return Finding(Code.OCR_UNCERTAIN, "", **place)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("finding", "flagged"),
    [
        (None, False),
        (uncertain(table="indicators", row=2, column="actual_raw"), True),
        (uncertain(table="indicators", row=2, column="actual_value"), True),
        (uncertain(table="indicators", row=2), True),
        (uncertain(table="indicators", row=2, column="reason"), False),
        (uncertain(table="indicators", row=3, column="actual_raw"), False),
        (uncertain(table="funds", row=2, column="actual_raw"), False),
        (uncertain(), True),
        (uncertain(table="documents"), True),
        (uncertain(table="indicators", row=2, form_id="another-2"), False),
        (Finding(Code.ACTUAL_IMPLAUSIBLE, "", table="indicators", row=2, column="actual_value"), False),
        (Finding(Code.NUMBER_NOT_UNDERSTOOD, "", table="indicators", row=2, column="actual_value"), False),
    ],
)
def test_a_wrong_number_and_what_flags_it(finding: Finding | None, flagged: bool) -> None:
    counts = compare(spoilt(twin(), 2, actual_value=9999.0), *([finding] if finding else []))
    assert (counts.rows_equal, counts.numbers_wrong, counts.numbers_unflagged) == (13, 1, 0 if flagged else 1)


def test_a_number_not_read_is_flagged_by_an_error_too() -> None:
    finding = Finding(Code.NUMBER_NOT_UNDERSTOOD, "", table="indicators", row=2, column="actual_value")
    assert compare(spoilt(twin(), 2, actual_value=None)).numbers_unflagged == 1
    assert compare(spoilt(twin(), 2, actual_value=None), finding).numbers_unflagged == 0


def test_a_word_read_wrong_is_no_wrong_number() -> None:
    counts = compare(spoilt(twin(), 1, name="别名"))
    assert (counts.rows_equal, counts.numbers_wrong) == (13, 0)


def test_a_row_lost_counts_once_and_its_numbers_are_unflagged() -> None:
    form = twin()
    rows = tuple(replace(row, row=n) for n, row in enumerate((*form.indicators[:3], *form.indicators[4:]), 1))
    counts, differences = compare_forms([form], [replace(form, indicators=rows)], [])
    assert (counts.rows_equal, counts.rows_missing, counts.rows_extra) == (13, 1, 0)
    assert {one.row for one in differences} == {4}
    assert counts.numbers_unflagged == counts.numbers_wrong > 2


def test_a_row_too_many() -> None:
    form = twin()
    counts = compare(replace(form, indicators=(*form.indicators[:2], *form.indicators[1:])))
    assert (counts.rows, counts.rows_equal, counts.rows_extra) == (14, 14, 1)


def test_forms_lost_and_invented() -> None:
    lost, _ = compare_forms([twin()], [], [])
    assert (lost.rows, lost.rows_equal, lost.rows_missing) == (14, 0, 14)
    invented, _ = compare_forms([], [twin()], [])
    assert (invented.rows, invented.rows_extra) == (0, 14)
    assert invented.numbers_unflagged > 20


def test_columns_are_the_contracts_but_for_ids_boxes_and_flags() -> None:
    assert "target_raw" in columns("indicators")
    assert "page" in columns("indicators")
    assert not {"x0", "y1", "flags", "form_id", "row"} & set(columns("indicators"))
    assert number_columns("funds") == {
        "initial_cny", "adjustment_cny", "final_cny", "executed_cny", "execution_rate_pct", "weight", "score",
    }
    assert number_columns("indicators") == {
        "target_value", "target_max", "target_date", "actual_value", "actual_date", "achievement_pct", "weight",
        "score",
    }


@pytest.mark.parametrize(
    ("want", "got", "same"),
    [(1.0, 1.0 + 1e-15, True), (1.0, 1.1, False), (None, 0.0, False), (True, None, False), ("（甲）", "(甲)", True),
     ("甲", "乙", False), (None, None, True), ("", None, False)],
)
def test_is_same(want: object, got: object, same: bool) -> None:
    assert is_same(want, got) is same


@given(lost=st.sets(st.integers(0, 8)))
def test_alignment_finds_the_rows_that_are_left(lost: set[int]) -> None:
    rows = twin().indicators
    left = [row for n, row in enumerate(rows) if n not in lost]
    pairs = align_rows("indicators", rows, left)
    assert [(a, b) for a, b in pairs if b is None] == [(rows[n], None) for n in sorted(lost)]
    assert all(a is b for a, b in pairs if b is not None)


# Twins ----------------------------------------------------------------------------------------------------------------


def test_a_twin_without_clips_is_the_text_reading() -> None:
    from pipeline import read_file

    want = read_file(ROOT / "fixtures" / "pdf" / "mof-2020.pdf")
    assert read_twin(SAMPLE).forms == want.forms


def test_a_twin_shows_what_the_page_shows() -> None:
    from pipeline import read_file

    full = read_file(ROOT / "fixtures" / "pdf" / "seed-calc.pdf").forms[0].indicators
    shown = read_twin(CUT).forms[0].indicators
    assert [row.name_raw for row in shown] == [row.name_raw for row in full]
    cut = [(a, b) for a, b in zip(shown, full, strict=True) if a.name != b.name]
    assert 10 < len(cut) < 40
    assert all(a.name_source != "clipped_text" for a in shown)
    others = set(columns("indicators")) - {"name", "name_raw", "name_status", "name_source", "name_evidence", "reason"}
    assert all(getattr(a, c) == getattr(b, c) for a, b in zip(shown, full, strict=True) for c in others)


def test_pages_taken_are_numbered_anew() -> None:
    document = twin_document(Sample("seed-calc", "clean-200", (3,)))
    assert [page.number for page in document.pages] == [1]
    assert {cell.page for page in document.pages for one in page.tables for cell in one.cells} == {1}


def test_text_pages_of_a_mixed_sample_keep_what_they_hide() -> None:
    mixed = twin_document(Sample("seed-calc", "scan-second"))
    hidden = [sum(cell.shown is not None for one in page.tables for cell in one.cells) for page in mixed.pages]
    assert hidden[1] == hidden[3] == 0 < hidden[2]


# Floors ---------------------------------------------------------------------------------------------------------------


def spoil_cells(sample: Sample, count: int) -> Reading:
    """The twin with `count` cells of its first page read wrong."""
    document = twin_document(sample)
    first, *rest = document.pages
    table = first.tables[0]
    targets = [n for n, cell in enumerate(table.cells) if cell.text.isdigit() and len(cell.text) > 2][:count]
    cells = tuple(replace(c, text=f"9{c.text}") if n in targets else c for n, c in enumerate(table.cells))
    pages = (replace(first, tables=(replace(table, cells=cells), *first.tables[1:])), *rest)
    return document_to_reading(replace(document, pages=pages))


def test_floors_are_met_by_the_twin_and_missed_by_wrong_numbers() -> None:
    good = scans.score(CUT, read_twin(CUT))
    assert scans.missed_floors({CUT: good}) == []
    bad = scans.score(CUT, spoil_cells(CUT, 4))
    assert bad.cells.cells - bad.cells.cells_exact == 4
    assert [line.split(": ")[0] for line in scans.missed_floors({CUT: bad})] == [CUT.file, CUT.file]


def test_floor_of_rows() -> None:
    one = scans.Score(rows=RowCounts(rows=100, rows_equal=96))
    assert scans.missed_floors({SAMPLE: one}) == ["96 of 100 rows are equal: under 97%"]
    assert scans.missed_floors({SAMPLE: replace(one, rows=RowCounts(rows=100, rows_equal=97))}) == []


def test_list_names_what_differs(tmp_path: Path) -> None:
    import csv

    scans.write_list(tmp_path / "list.csv", {CUT: scans.score(CUT, spoil_cells(CUT, 2))})
    with (tmp_path / "list.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert lines[0]["level"] == "cell"
    assert lines[0]["got"] == f"9{lines[0]['want']}"
    assert {line["level"] for line in lines} == {"cell", "row"}
    assert {line["flagged"] for line in lines if line["column"].endswith("_value")} == {"false"}


def test_a_sample_is_scored_from_its_file(tmp_path: Path) -> None:
    """A text sample needs no OCR: the way from file to score is whole without it."""
    ((sample, one),) = scans.score_set([Sample("gansu-target", "small-picture")], tmp_path)
    assert (tmp_path / sample.file).exists()
    assert one.cells.cells_exact == one.cells.cells > 40
    assert one.rows.rows_equal == one.rows.rows == 11
