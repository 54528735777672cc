"""Accuracy beside rows that are known to be right: which row is meant, what is the same, what is counted."""

import csv
import shutil
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from literal import RESULT, failed_result, result_of
from model import ErrorCode, Result
from output.evaluate import Floor, Score, Tally, evaluate_tables, floors_missed, score_lines, score_to_json
from output.rows import result_to_rows
from output.schema import Kind
from output.stored import StoredError, text_to_value
from output.write import Format, write_tables

ID = "ab" * 32


def _write(out: Path, results: Mapping[str, Result] | None = None, *formats: Format) -> Path:
    out.mkdir(exist_ok=True)
    found = {"in/a.pdf": RESULT} if results is None else results
    rows = [(path, result_to_rows(result)) for path, result in found.items()]
    write_tables(rows, out, formats or (Format.PARQUET,))
    return out


def _truth(room: Path, text: str | bytes, name: str = "indicators.csv") -> Path:
    (room / "truth").mkdir(exist_ok=True)
    (room / "truth" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return room / "truth"


def _tally(score: Score, column: str, table: str = "indicators") -> tuple[int, int, int, int]:
    tally = score.tables[table].columns[column]
    return tally.right, tally.wrong, tally.missing, tally.invented


# -- what is counted --------------------------------------------------------------------------------------------------


def test_right_wrong_missing_invented(tmp_path: Path) -> None:
    out = _write(tmp_path / "out")
    truth = _truth(
        tmp_path,
        "row,name,operator,target_value,unit,reason\n"
        "1,交通安全宣传资料印制,<=,350000,,按照年初预算超量完成工作目标任务。\n"
        "2,项目完成时间,<=,12,,按照年初预算超量完成工作目标任务。\n",
    )
    score = evaluate_tables(out, truth, tmp_path / "wrong.csv")
    assert _tally(score, "name") == (2, 0, 0, 0)
    assert _tally(score, "operator") == (1, 1, 0, 0)
    assert _tally(score, "target_value") == (1, 0, 1, 0)
    assert _tally(score, "unit") == (0, 0, 0, 1)
    assert "actual_value" not in score.tables["indicators"].columns
    assert score.tally() == Tally(right=6, wrong=1, missing=1, invented=1)
    with (tmp_path / "wrong.csv").open(encoding="utf-8-sig", newline="") as handle:
        misses = list(csv.DictReader(handle))
    assert [(m["row"], m["column"], m["verdict"], m["truth"], m["found"], m["raw"]) for m in misses] == [
        ("1", "operator", "wrong", "<=", ">=", "004"),
        ("1", "unit", "invented", "", "份", "份"),
        ("2", "target_value", "missing", "12", "", "10月底前"),
    ]
    assert {(m["table"], m["path"], m["document"], m["form_no"], m["page"]) for m in misses} == {
        ("indicators", "in/a.pdf", ID[:16], "1", "2")
    }


def test_cells_that_are_empty_on_both_sides_say_nothing(tmp_path: Path) -> None:
    out = _write(tmp_path / "out")
    score = evaluate_tables(out, _truth(tmp_path, "row,name,target_max\n1,交通安全宣传资料印制,\n2, ,\n"))
    assert score.tables["indicators"].columns["target_max"].compared == 0
    assert score.tables["indicators"].columns["target_max"].accuracy is None
    assert _tally(score, "name") == (1, 0, 0, 1)


def test_rows_that_one_side_lacks(tmp_path: Path) -> None:
    out = _write(tmp_path / "out")
    score = evaluate_tables(out, _truth(tmp_path, "row,name\n1,交通安全宣传资料印制\n3,另一个\n"))
    table = score.tables["indicators"]
    assert (table.rows, table.missing, table.invented) == (2, 1, 1)
    assert _tally(score, "name") == (1, 0, 1, 1)


def test_forms_that_the_truth_says_nothing_of_are_not_judged(tmp_path: Path) -> None:
    form = RESULT.forms[0]
    second = replace(
        form,
        head=replace(form.head, form_id=f"{ID[:16]}-2", form_no=2),
        funds=(),
        indicators=tuple(replace(row, form_id=f"{ID[:16]}-2") for row in form.indicators),
    )
    out = _write(tmp_path / "out", {"in/a.pdf": replace(RESULT, forms=(form, second))})
    truth = _truth(tmp_path, "form_no,row,name\n2,1,交通安全宣传资料印制\n2,2,项目完成时间\n")
    assert evaluate_tables(out, truth).tables["indicators"].invented == 0
    _truth(tmp_path, "form_no,title\n2,2023年度部门整体支出绩效自评表\n", "forms.csv")
    assert evaluate_tables(out, truth).tables["forms"].invented == 1


# -- which document ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        f"document_id,form_no\n{ID},1",
        f"document_id\n{ID.upper()}",
        f"form_id\n{ID[:16]}-1",
        "path,form_no\nin/a.pdf,1",
        "path\na.pdf",
        "path\n./in/a.pdf",
        "path\nin\\a.pdf",
        "form_no\n1",
    ],
)
def test_how_a_document_may_be_named(tmp_path: Path, key: str) -> None:
    other = {"in/b.pdf": failed_result("cd" * 32, ErrorCode.DAMAGED, "Cut.")}
    out = _write(tmp_path / "out", {"in/a.pdf": RESULT, **other})
    head, row = key.split("\n")
    score = evaluate_tables(out, _truth(tmp_path, f"{head},row,name\n{row},2,项目完成时间\n"))
    assert score.tables["indicators"].columns["name"].right == 1


def test_a_name_that_means_two_documents(tmp_path: Path) -> None:
    out = _write(tmp_path / "out", {"x/a.pdf": RESULT, "y/a.pdf": result_of("cd" * 32)})
    with pytest.raises(StoredError, match=r"a\.pdf, which may be any of x/a\.pdf, y/a\.pdf"):
        evaluate_tables(out, _truth(tmp_path, "path,row,name\na.pdf,1,x\n"))
    with pytest.raises(StoredError, match="the only document"):
        evaluate_tables(out, _truth(tmp_path, "row,name\n1,x\n"))
    score = evaluate_tables(out, _truth(tmp_path, "path,row,name\ny/a.pdf,2,项目完成时间\n"))
    assert score.tally().right == 1


def test_the_same_bytes_under_two_names_are_one_document(tmp_path: Path) -> None:
    out = _write(tmp_path / "out")
    document = result_to_rows(RESULT)["documents"]
    write_tables([("x/a.pdf", result_to_rows(RESULT)), ("y/a.pdf", {"documents": document})], out, (Format.PARQUET,))
    assert evaluate_tables(out, _truth(tmp_path, "path,row,name\na.pdf,2,项目完成时间\n")).tally().right == 1


def test_a_document_that_is_not_there_misses_every_cell(tmp_path: Path) -> None:
    out = _write(tmp_path / "out")
    score = evaluate_tables(out, _truth(tmp_path, "path,row,name\na.pdf,2,项目完成时间\ngone.pdf,1,x\n"))
    assert score.not_found == ("gone.pdf",)
    assert _tally(score, "name") == (1, 0, 1, 1)


def test_documents_that_failed(tmp_path: Path) -> None:
    out = _write(tmp_path / "out", {"a.pdf": failed_result(None, ErrorCode.NOT_FOUND, "Gone."), "b.pdf": RESULT})
    truth = _truth(tmp_path, "path,status,forms\na.pdf,failed,0\nb.pdf,ok,2\n", "documents.csv")
    score = evaluate_tables(out, truth)
    assert _tally(score, "status", "documents") == (2, 0, 0, 0)
    assert _tally(score, "forms", "documents") == (1, 1, 0, 0)


# -- values, not strings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "text", "right"),
    [
        ("indicators", "target_value", "350000", True),
        ("indicators", "target_value", '"350,000.00"', True),
        ("indicators", "target_value", "3.5e5", True),
        ("indicators", "target_value", "350001", False),
        ("indicators", "achieved", "TRUE", True),
        ("indicators", "achieved", "是", True),
        ("indicators", "achieved", "0", False),
        ("indicators", "flags", "actual_implausible;name_cleaned", True),
        ("indicators", "flags", "name_cleaned", False),
        ("indicators", "name", " 交通安全宣传资料印制 ", True),
        ("indicators", "name", "交通安全宣传", False),
        ("funds", "initial_cny", "170294599.63", True),
        ("funds", "initial_cny", '"170,294,599.630"', True),
        ("funds", "initial_cny", "170294599.64", False),
        ("funds", "adjustment_cny", "-3361340.55", True),
    ],
)
def test_values(tmp_path: Path, table: str, column: str, text: str, right: bool) -> None:
    out = _write(tmp_path / "out")
    number = "row" if table == "indicators" else "line"
    score = evaluate_tables(out, _truth(tmp_path, f"{number},{column}\n1,{text}\n", f"{table}.csv"))
    assert (_tally(score, column, table)[0] == 1) is right


@pytest.mark.parametrize("text", ["2018-10-31", "2018/10/31", "2018-10-31 00:00:00"])
def test_dates_as_excel_saves_them(tmp_path: Path, text: str) -> None:
    score = evaluate_tables(_write(tmp_path / "out"), _truth(tmp_path, f"row,target_date\n2,{text}\n"))
    assert _tally(score, "target_date") == (1, 0, 0, 0)


def test_text_with_the_line_ends_of_windows(tmp_path: Path) -> None:
    truth = _truth(tmp_path, 'goal_expected\n"完成业务，不少于""3""次；\r\n第二行"\n', "forms.csv")
    assert evaluate_tables(_write(tmp_path / "out"), truth).tally().right == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [(Kind.NUMBER, "9成"), (Kind.WHOLE, "1.5"), (Kind.MONEY, "1元"), (Kind.DAY, "2018-13-01"), (Kind.TRUTH, "maybe")],
)
def test_text_that_is_no_value(kind: Kind, text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        text_to_value(text, kind)


def test_money_keeps_its_cents() -> None:
    assert text_to_value("12345678901234567.89", Kind.MONEY) == Decimal("12345678901234567.89")


# -- the shape of the truth -------------------------------------------------------------------------------------------


def test_an_output_folder_is_its_own_truth(tmp_path: Path) -> None:
    for formats in ((Format.CSV,), (Format.PARQUET,)):
        out = _write(tmp_path / "out", None, Format.CSV, Format.PARQUET)
        shutil.rmtree(tmp_path / "truth", ignore_errors=True)
        truth = _write(tmp_path / "truth", None, *formats)
        for name in ("findings.csv", "findings.parquet"):
            (truth / name).unlink(missing_ok=True)
        score = evaluate_tables(out, truth)
        assert set(score.tables) == {"documents", "forms", "funds", "indicators"}
        assert score.tally().accuracy == 1.0
        assert score.tally().compared > 60
        only_csv = _write(tmp_path / "csv", None, Format.CSV)
        assert evaluate_tables(only_csv, truth).tally() == score.tally()


def test_the_truth_may_be_one_file_in_gbk(tmp_path: Path) -> None:
    truth = _truth(tmp_path, "row,name\n2,项目完成时间\n".encode("gbk"), "indicators_2023.csv")
    assert evaluate_tables(_write(tmp_path / "out"), truth / "indicators_2023.csv").tally().right == 1


def test_parts_of_a_table_go_together(tmp_path: Path) -> None:
    _truth(tmp_path, "row,name\n2,项目完成时间\n", "indicators-2.csv")
    truth = _truth(tmp_path, "row,operator\n1,>=\n", "indicators-1.csv")
    (tmp_path / "truth" / "readme.csv").write_text("a\n1\n")
    score = evaluate_tables(_write(tmp_path / "out"), truth)
    assert (_tally(score, "name"), _tally(score, "operator")) == ((1, 0, 0, 1), (1, 0, 0, 1))


def test_rows_without_a_number_count_in_their_order(tmp_path: Path) -> None:
    truth = _truth(tmp_path, "path,name\na.pdf,交通安全宣传资料印制\na.pdf,项目完成时间\n")
    assert evaluate_tables(_write(tmp_path / "out"), truth).tally() == Tally(right=2)


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("row,name\n1,x\n", "other.csv", "holds no truth"),
        ("row,target_value\n1,9成\n", "indicators.csv", "line 2, column target_value"),
        ("row,name\n1,x\n1,y\n", "indicators.csv", "twice: line 3"),
        ("row,nonsense\n1,x\n", "indicators.csv", "no cell to compare"),
        ("row,name\n", "indicators.csv", "no cell to compare"),
        ("", "indicators.csv", "no cell to compare"),
        ("form_id,row,name\nab-x,1,y\n", "indicators.csv", "no number of a form"),
        (b"\xff\xff\xff", "indicators.parquet", "cannot be read"),
    ],
)
def test_truths_that_cannot_be_used(tmp_path: Path, text: str | bytes, name: str, why: str) -> None:
    with pytest.raises(StoredError, match=why):
        evaluate_tables(_write(tmp_path / "out"), _truth(tmp_path, text, name))


def test_folders_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoredError, match="holds no truth"):
        evaluate_tables(_write(tmp_path / "out"), tmp_path / "gone")
    with pytest.raises(StoredError, match="holds neither"):
        evaluate_tables(tmp_path / "gone", _truth(tmp_path, "row,name\n1,x\n"))
    with pytest.raises(StoredError, match="cannot be written"):
        evaluate_tables(tmp_path / "out", _truth(tmp_path, "row,name\n1,x\n"), tmp_path / "gone" / "w.csv")


def test_columns_that_no_table_has_are_named(tmp_path: Path) -> None:
    score = evaluate_tables(_write(tmp_path / "out"), _truth(tmp_path, "row,name,comment\n2,项目完成时间,seen\n"))
    assert score.unknown == ("indicators.comment",)
    assert "not judged, since no table has it: indicators.comment" in list(score_lines(score, ()))


# -- floors and printing ----------------------------------------------------------------------------------------------


def test_floors(tmp_path: Path) -> None:
    truth = _truth(tmp_path, "row,name,operator\n1,交通安全宣传资料印制,<=\n2,项目完成时间,<=\n")
    score = evaluate_tables(_write(tmp_path / "out"), truth)
    floors = [Floor(None, None, 0.75), Floor("indicators", None, 0.76), Floor("indicators", "name", 1.0)]
    assert floors_missed(score, floors) == (floors[1],)
    with pytest.raises(StoredError, match="says nothing of"):
        floors_missed(score, [Floor("funds", None, 0.5)])
    with pytest.raises(StoredError, match="says nothing of"):
        floors_missed(score, [Floor("indicators", "unit", 0.5)])
    lines = list(score_lines(score, (floors[1],)))
    assert lines[0] == "documents  1 in the truth, 0 of them not in the tables"
    assert lines[3].split() == ["name", "2", "2", "0", "0", "0", "1.0000"]
    assert "below      indicators: 0.76 was asked for" in lines
    printed = score_to_json(score, (floors[1],))
    assert printed["overall"] == {
        "compared": 4, "right": 3, "wrong": 1, "missing": 0, "invented": 0, "accuracy": 0.75,
    }  # fmt: skip
    assert printed["floors_missed"] == [{"floor": "indicators", "share": 0.76}]


def test_the_truth_of_parquet_has_types(tmp_path: Path) -> None:
    out = _write(tmp_path / "out")
    (tmp_path / "truth").mkdir()
    pq.write_table(pq.read_table(out / "funds.parquet"), tmp_path / "truth" / "funds.parquet")
    assert evaluate_tables(out, tmp_path / "truth").tables["funds"].columns["flags"].right == 1
