"""The page on many documents does what it says: its commands and examples run, one after the other."""

import re
import sys
from pathlib import Path

import pytest

from test_docs import ROOT, _run, workplace

__all__ = ["workplace"]

PAGE = (ROOT / "docs" / "bulk.md").read_text(encoding="utf-8")


def _blocks() -> list[tuple[str, str]]:
    """Kind and text of the blocks that can be run; those that measure for an hour are left to people."""
    found = re.findall(r"^```(sh|python)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    blocks = sorted(found, key=lambda block: block[0] != "sh")  # the examples read what the commands write
    return [(kind, text) for kind, text in blocks if "bench/" not in text]


@pytest.mark.slow
def test_commands_and_examples_run(workplace: Path) -> None:
    kinds = set()
    for kind, text in _blocks():
        kinds.add(kind)
        (workplace / "example.py").write_text(text, encoding="utf-8")
        command = ("sh", "-ec", text) if kind == "sh" else (sys.executable, "example.py")
        done = _run(workplace, *command)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (text, done.stderr)
    assert kinds == {"sh", "python"}
    assert list((workplace / "out" / "indicators").glob("fiscal_year=*/part-*.parquet"))


@pytest.mark.slow
def test_the_query_finds_one_generation(workplace: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    _run(workplace, "zipingbiao", "run", "fixtures/pdf/seed-one-page.pdf", "--out", "out")
    (query,) = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    rows = duckdb.sql(query.replace("out/", f"{workplace}/out/")).fetchall()
    assert len(rows) == 1
    assert f'"generation": "{rows[0][0]}"' in (workplace / "out" / "datapackage.json").read_text("utf-8")


def test_options_that_the_page_names_exist() -> None:
    source = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("cli.py", "cli_options.py"))
    bench = (ROOT / "bench" / "bulk.py").read_text(encoding="utf-8")
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)):
        name = option.removeprefix("--").replace("-", "_")
        assert f'"{option}"' in source + bench or re.search(rf"\b{name}: \w+Option", source), option
