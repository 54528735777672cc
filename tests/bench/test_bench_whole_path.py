"""The whole-path bench: rows of literal tables, and scores worked out by hand."""

from pathlib import Path

from scripts import load_script

bench = load_script("bench/whole_path.py")


def _want(name: str, target: str, actual: str, file: str = "a", **more: str) -> dict[str, str]:
    values = {"target_value": "", "actual_value": "", **more}
    return {"file": file, "name": name, "name_raw": f"{name}、", "target_raw": target, "actual_raw": actual, **values}


def _got(name: str, target: str, actual: str, file: str = "a", **more: str) -> dict[str, str]:
    values = {"target_value": "", "actual_value": "", **more}
    return {"file": file, "name": name, "target": target, "actual": actual, **values}


def test_rows_under_heads_of_two_rows_and_over_page_breaks() -> None:
    first = [
        ["绩效指标", None, "指标值", "完成"],
        ["一级指标", "三级指标", None, "实际完成值"],
        ["产出", "发放\n份数", "9份", "8份"],
    ]
    second = [["", "培训人次", "5", ""], ["", "", "", ""]]
    assert list(bench.rows_of_tables("a", [first, second])) == [
        {"file": "a", "name": "发放份数", "target": "9份", "actual": "8份"},
        {"file": "a", "name": "培训人次", "target": "5", "actual": ""},
    ]


def test_scores() -> None:
    wanted = [
        _want("发放份数", "9份", "8份", target_value="9", actual_value="8.0"),
        _want("培训人次", "333万", "3"),
        _want("印制 | 印制份数", "1", "1"),
    ]
    got = [
        _got("发放份数", "9 份", "8份", target_value="9.0", actual_value="8"),
        _got("培训人次、", "333万", "3", target_value="333"),
        _got("印制份数", "2", "1"),
        _got("发放份数", "9份", "8份", file="b"),
    ]
    assert bench.score(wanted, got) == bench.Score(expected=3, given=4, names=3, printed=2, values=1)
    assert bench.score(wanted, []) == bench.Score(3, 0, 0, 0, 0)


def test_ours_is_read_back_in_the_same_shape(tmp_path: Path) -> None:
    out = tmp_path / "indicators.csv"
    bench.with_run([bench.PDFS / "anhui.pdf"], out)
    import csv

    with out.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    wanted = bench.expected_rows(["anhui"])
    assert bench.score(wanted, rows) == bench.Score(*[len(wanted)] * 5)
