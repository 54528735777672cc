import threading
from pathlib import Path

import pytest

from literal import result_of
from output.package import Format
from output.parts import Look, documents_to_part
from output.read import MixedStateError, read_tables
from output.rows import result_to_rows
from output.write import Publication, write_parts


def _publish(out: Path, count: int) -> None:
    results = [result_of(f"{n:064x}", f"{n}.pdf") for n in range(count)]
    part = documents_to_part([(one.document.path, "", result_to_rows(one)) for one in results], Look())
    write_parts([part], out, Publication((Format.CSV, Format.PARQUET), f"g{count}"))


def test_a_reader_sees_one_state_while_runs_publish(tmp_path: Path) -> None:
    _publish(tmp_path, 1)
    is_over = threading.Event()

    def publish() -> None:
        count = 1
        while not is_over.is_set():
            count = count % 5 + 1
            _publish(tmp_path, count)

    writer = threading.Thread(target=publish)
    writer.start()
    try:
        seen = set()
        for _ in range(40):
            tables = read_tables(tmp_path)
            counts = {len(tables["documents"]), len(tables["forms"]), len(tables["indicators"]) // 2}
            assert len(counts) == 1
            seen |= counts
    finally:
        is_over.set()
        writer.join()
    assert len(seen) > 1


def test_files_of_two_states_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("output.read._PAUSE_S", 0.0)
    other = tmp_path / "other"
    other.mkdir()
    _publish(tmp_path, 1)
    _publish(other, 2)
    (other / "forms.parquet").replace(tmp_path / "forms.parquet")
    with pytest.raises(MixedStateError, match="Run the same command again"):
        read_tables(tmp_path)


def test_no_parquet(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_tables(tmp_path)
