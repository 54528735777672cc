"""SQL over a folder's tables: what it can ask, and that it can do nothing else."""

import io
import json
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from literal import RESULT
from output.query import Shape, ask, write_answer
from output.rows import result_to_rows
from output.schema import TABLES
from output.stored import StoredError
from output.write import Format, write_tables


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query")
    write_tables([("a.pdf", result_to_rows(RESULT))], folder, (Format.PARQUET,))
    return folder


def _answer(out: Path, sql: str, shape: Shape = Shape.CSV) -> str:
    to = io.StringIO()
    write_answer(ask(out, sql), shape, to)
    return to.getvalue()


def test_each_table_is_there_under_its_name(out: Path) -> None:
    for table in TABLES:
        names = ask(out, f"SELECT * FROM {table.name}").names
        assert names == tuple(column.name for column in table.columns)


def test_joins_and_types(out: Path) -> None:
    sql = """
        SELECT name, actual_value / target_value AS times, achieved, initial_cny, len(i.flags) AS flags, extracted_at
        FROM indicators i JOIN funds USING (form_id) JOIN forms USING (form_id) JOIN documents USING (document_id)
        ORDER BY row
    """
    assert _answer(out, sql).splitlines() == [
        "name,times,achieved,initial_cny,flags,extracted_at",
        "交通安全宣传资料印制,9.514285714285714,true,170294599.63,2,2026-05-06T07:08:09Z",
        "项目完成时间,,,170294599.63,0,2026-05-06T07:08:09Z",
    ]


def test_json_is_exact(out: Path) -> None:
    sql = """
        SELECT initial_cny, flags, note, 12345678901234567.89::DECIMAL(20,2) AS big, 'nan'::DOUBLE AS nan,
               DATE '2020-02-01' AS day, 1 AS twice, 2 AS twice, {'a': [1.5]} AS deep, 1::HUGEINT AS huge
        FROM funds
    """
    assert json.loads(_answer(out, sql, Shape.JSON)) == [
        {
            "initial_cny": 170294599.63, "flags": ["money_unit_corrected"], "note": "=1+1",
            "big": "12345678901234567.89", "nan": None, "day": "2020-02-01", "twice": 1, "twice#2": 2,
            "deep": {"a": [1.5]}, "huge": 1,
        }
    ]  # fmt: skip
    assert json.loads(_answer(out, "SELECT 1 AS a WHERE false", Shape.JSON)) == []


def test_a_table_for_a_person(out: Path) -> None:
    shown = _answer(out, "SELECT name, 'a\x1b[2J' AS \"b[red]\" FROM indicators", Shape.TABLE)
    assert "交通安全宣传资料印制" in shown
    assert "b[red]" in shown
    assert "\x1b" not in shown
    many = _answer(out, "SELECT * FROM range(2000)", Shape.TABLE)
    assert "│ 999 " in many
    assert "│ 1000 " not in many
    assert "more than 1000 rows" in many
    assert len(_answer(out, "SELECT * FROM range(20000)").splitlines()) == 20001


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_parquet('{out}/forms.parquet')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
        "COPY forms TO '{folder}/new.csv'",
        "EXPORT DATABASE '{folder}/new'",
        "ATTACH '{folder}/new.db' AS other",
        "ATTACH '{folder}/new.db' AS other; SELECT 1",
        "INSTALL httpfs",
        "LOAD httpfs",
        "LOAD '{folder}/evil.duckdb_extension'",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "SET lock_configuration = false",
        "SET temp_directory = '{folder}'",
        "PRAGMA enable_profiling; SET profile_output='{folder}/new.json'; SELECT 1",
        "CREATE SECRET s (TYPE s3)",
        "IMPORT DATABASE '{folder}'",
        "SELECT getenv('HOME')",
        "SELECT * FROM hidden_frame",
    ],
)
def test_a_query_reaches_nothing_but_the_tables(out: Path, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    before = {*tmp_path.rglob("*"), *out.rglob("*")}
    with pytest.raises(StoredError):
        _answer(out, sql.format(secret=secret, folder=tmp_path, out=out))
    assert {*tmp_path.rglob("*"), *out.rglob("*")} == before


def test_tables_cannot_be_changed(out: Path) -> None:
    for sql in ("DELETE FROM forms", "UPDATE forms SET title = 'x'", "INSERT INTO forms SELECT * FROM forms"):
        with pytest.raises(StoredError):
            _answer(out, sql)
    assert _answer(out, "CREATE TABLE mine AS SELECT 1 AS a; SELECT a FROM mine") == "a\n1\n"
    assert _answer(out, "SELECT count(*) AS n FROM forms") == "n\n1\n"


@pytest.mark.parametrize("sql", ["", " ", "-- none", "SELEC 1", "SELECT none", "SELECT 1 +", "SELECT 'a'::INT", "\0"])
def test_wrong_queries_are_a_sentence(out: Path, sql: str) -> None:
    with pytest.raises(StoredError) as raised:
        _answer(out, sql)
    assert "\n" not in str(raised.value)
    assert "LINE 1" not in str(raised.value)


def test_an_error_that_comes_with_the_rows(out: Path) -> None:
    with pytest.raises(StoredError, match="Conversion"):
        _answer(out, "SELECT CASE WHEN range > 30000 THEN 'x' ELSE '1' END::INT FROM range(40000)")


def test_folders_without_parquet(tmp_path: Path) -> None:
    write_tables([("a.pdf", result_to_rows(RESULT))], tmp_path, (Format.CSV,))
    with pytest.raises(StoredError, match="--format parquet"):
        ask(tmp_path, "SELECT 1")
    (tmp_path / "documents.parquet").write_text("no parquet")
    with pytest.raises(StoredError, match="cannot be read"):
        ask(tmp_path, "SELECT 1")


def test_without_duckdb_a_sentence_says_what_to_install(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(StoredError, match=r"pip install 'zipingbiao\[query\]'"):
        ask(out, "SELECT 1")


def test_a_run_that_writes_meanwhile_does_no_harm(tmp_path: Path) -> None:
    rows = result_to_rows(RESULT)
    write_tables([("a.pdf", rows)], tmp_path, (Format.PARQUET,))
    answer = ask(tmp_path, "SELECT count(*) AS n FROM forms JOIN documents USING (document_id)")
    write_tables([], tmp_path, (Format.PARQUET,))
    assert list(answer.rows) == [(1,)]


def test_tables_of_two_states_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from output import query

    monkeypatch.setattr(query, "_PAUSE_S", 0.0)
    write_tables([("a.pdf", result_to_rows(RESULT))], tmp_path, (Format.PARQUET,))

    def stamp(name: str, generation: str) -> None:
        read = pq.read_table(tmp_path / f"{name}.parquet")
        marked = {**(read.schema.metadata or {}), b"zipingbiao.generation": generation.encode()}
        pq.write_table(read.replace_schema_metadata(marked), tmp_path / f"{name}.parquet")

    for table in TABLES:
        stamp(table.name, "1")
    assert _answer(tmp_path, "SELECT count(*) AS n FROM forms") == "n\n1\n"
    stamp("forms", "2")
    with pytest.raises(StoredError, match="two states"):
        ask(tmp_path, "SELECT 1")
