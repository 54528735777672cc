from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from literal import result_of
from model import Result
from output.package import Format
from output.partitions import folders_missing
from output.parts import Look, documents_to_part
from output.rows import result_to_rows
from output.write import Publication, write_parts

NULL = "__HIVE_DEFAULT_PARTITION__"


def _of_year(number: int, year: int | None) -> Result:
    result = result_of(f"{number:016x}" * 4, f"{number}.pdf")
    form = result.forms[0]
    return replace(result, forms=(replace(form, head=replace(form.head, fiscal_year=year)),))


def _write(out: Path, *years: int | None, generation: str = "g1", partitioned: bool = True) -> None:
    documents = [(f"{n}.pdf", "", result_to_rows(_of_year(n, year))) for n, year in enumerate(years)]
    parts = [documents_to_part([document], Look()) for document in documents]
    publication = Publication((Format.CSV, Format.PARQUET), generation, partitioned=partitioned)
    write_parts(parts, out, publication)


def _files(out: Path) -> list[str]:
    return sorted(file.relative_to(out).as_posix() for file in out.glob("*/*/*") if file.parts[-3][0] != ".")


def test_a_folder_for_each_year(tmp_path: Path) -> None:
    _write(tmp_path, 2022, 2023, None, 2023)
    assert _files(tmp_path) == [
        f"{table}/fiscal_year={year}/part-g1-0.parquet"
        for table in ("forms", "funds", "indicators")
        for year in ("2022", "2023", NULL)
    ]
    assert not (tmp_path / "documents").exists()
    assert not (tmp_path / "findings").exists()
    assert pq.read_table(tmp_path / "indicators.parquet").num_rows == 8


def test_partitions_hold_the_rows_of_the_whole(tmp_path: Path) -> None:
    _write(tmp_path, 2022, 2023, None, 2023)
    for name in ("forms", "funds", "indicators"):
        whole = pq.read_table(tmp_path / f"{name}.parquet").to_pandas()
        read = ds.dataset(tmp_path / name, partitioning="hive").to_table().to_pandas()
        keys = ["form_id"] if name == "forms" else ["form_id", {"funds": "line", "indicators": "row"}[name]]
        read = read.sort_values(keys, ignore_index=True)
        whole = whole.sort_values(keys, ignore_index=True)
        assert set(read.columns) == {*whole.columns, "fiscal_year"}
        for column in whole.columns:
            if column != "fiscal_year":
                assert read[column].astype(str).tolist() == whole[column].astype(str).tolist(), column
    years = ds.dataset(tmp_path / "forms", partitioning="hive").to_table()["fiscal_year"].to_pylist()
    assert sorted(years, key=str) == [2022, 2023, 2023, None]


def test_pandas_reads_partitions(tmp_path: Path) -> None:
    _write(tmp_path, 2022, 2023)
    frame = pd.read_parquet(tmp_path / "indicators", filters=[("fiscal_year", "=", 2023)])
    assert len(frame) == 2


def test_duckdb_reads_partitions(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    _write(tmp_path, 2022, 2023, None)
    found = duckdb.sql(
        f"SELECT fiscal_year, count(*) FROM read_parquet('{tmp_path}/indicators/**/*.parquet', hive_partitioning=true)"
        " GROUP BY 1 ORDER BY 1 NULLS LAST"
    ).fetchall()
    assert found == [(2022, 2), (2023, 2), (None, 2)]


def test_partitions_are_replaced_as_a_whole(tmp_path: Path) -> None:
    _write(tmp_path, 2022, 2023)
    _write(tmp_path, 2024, generation="g2")
    assert _files(tmp_path) == [
        f"{table}/fiscal_year=2024/part-g2-0.parquet" for table in ("forms", "funds", "indicators")
    ]
    schema = pq.read_schema(tmp_path / "forms" / "fiscal_year=2024" / "part-g2-0.parquet")
    assert schema.metadata[b"zipingbiao.generation"] == b"g2"
    assert "fiscal_year" not in schema.names


def test_without_partitions_the_old_ones_go(tmp_path: Path) -> None:
    _write(tmp_path, 2022)
    assert not folders_missing(tmp_path)
    _write(tmp_path, 2022, partitioned=False)
    assert folders_missing(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("partitioned", [True, False])
def test_a_folder_of_the_users_own_stays(tmp_path: Path, partitioned: bool) -> None:
    mine = tmp_path / "forms" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    if partitioned:
        with pytest.raises(OSError, match="forms holds other files than partitions"):
            _write(tmp_path, 2022)
    else:
        _write(tmp_path, 2022, partitioned=False)
    assert mine.read_text() == "mine"


def test_many_rows_are_held_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.partitions._GROUP_ROWS", 7)
    monkeypatch.setattr("output.partitions._HELD_ROWS", 9)
    _write(tmp_path, *(2000 + n % 12 for n in range(100)))
    read = ds.dataset(tmp_path / "indicators", partitioning="hive").to_table()
    assert read.num_rows == 200
    assert pa.compute.count_distinct(read["fiscal_year"]).as_py() == 12


def test_no_rows_at_all(tmp_path: Path) -> None:
    _write(tmp_path)
    assert _files(tmp_path) == []
    assert not folders_missing(tmp_path)


def test_swapping_without_an_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system can not let two names change places."""
    monkeypatch.setattr("output.files._exchange", lambda *_: False)
    _write(tmp_path, 2022)
    _write(tmp_path, 2024, generation="g2")
    assert len(_files(tmp_path)) == 3
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
