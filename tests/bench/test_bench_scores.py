"""The measures of bench/: on literal tables, with the scores worked out by hand."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load_bench(name: str) -> ModuleType:
    """A module of bench/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"bench_{name}", ROOT / "bench" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


icdar = load_bench("icdar")
engines = load_bench("engines")
speed = load_bench("speed")
memory = load_bench("memory")


def grid(*rows: str) -> list:
    """Rows of one-letter cells, `.` for a blank one."""
    return [
        icdar.GridCell(r, r, c, c, "" if text == "." else text)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]


def relations(cells: list) -> set[str]:
    return {f"{a}{'→' if direction == 'right' else '↓'}{b}" for a, b, direction in icdar.adjacency(cells)}


def test_relations_of_neighbours() -> None:
    assert relations(grid("ab", "cd")) == {"a→b", "c→d", "a↓c", "b↓d"}


def test_blank_cells_are_passed_over() -> None:
    assert relations(grid("a.b", "...", "c..")) == {"a→b", "a↓c"}


def test_merged_cell_neighbours_all_cells_along_its_side_once() -> None:
    cells = [icdar.GridCell(0, 0, 0, 1, "H"), *(icdar.GridCell(1, 1, c, c, text) for c, text in enumerate("ab"))]
    assert relations(cells) == {"H↓a", "H↓b", "a→b"}


def test_white_space_is_taken_out_and_capitals_count() -> None:
    assert icdar.adjacency([icdar.GridCell(0, 0, 0, 0, "a \n b"), icdar.GridCell(0, 0, 1, 1, " C ")]) == {
        ("ab", "C", "right"): 1
    }
    assert relations(grid("aB")) != relations(grid("ab"))
    assert icdar.adjacency(grid("aB"), fold=True) == icdar.adjacency(grid("ab"), fold=True)


def test_relations_are_counted() -> None:
    assert icdar.adjacency(grid("aa", "aa")) == {("a", "a", "right"): 2, ("a", "a", "below"): 2}


@pytest.mark.parametrize(
    ("found", "correct", "total"),
    [
        ([grid("ab", "cd", "ef")], 7, 7),  # perfect
        ([], 0, 0),  # nothing
        ([grid("ab", "cd")], 4, 4),  # a row missed: e→f, c↓e, d↓f
        ([grid("ab"), grid("cd", "ef")], 5, 5),  # cut in two: a↓c, b↓d are lost
        ([grid("ab", "cd", "ef"), grid("xy")], 7, 8),  # one table too many
        ([grid("acx", "bdy")], 0, 7),  # turned: none of its relations is true
    ],
)
def test_score_of_a_page(found: list, correct: int, total: int) -> None:
    score = icdar.score_page([grid("ab", "cd", "ef")], found)
    assert (score.correct, score.found, score.true) == (correct, total, 7)


def test_figures_of_a_score() -> None:
    score = icdar.Score(correct=6, found=8, true=12)
    assert (score.precision, score.recall) == (0.75, 0.5)
    assert score.f1 == pytest.approx(2 * 0.75 * 0.5 / (0.75 + 0.5))
    assert icdar.Score().f1 == icdar.Score().precision == icdar.Score().recall == 0


def test_score_of_an_engine() -> None:
    """Two documents, one read in full, one half, with a table found on a page that has none."""
    truth = {Path("a.pdf"): {1: [grid("ab", "cd")]}, Path("b.pdf"): {2: [grid("ab", "cd")]}}
    found = {"a": {1: [grid("ab", "cd")]}, "b": {1: [grid("xy")], 2: [grid("ab")]}}
    result = icdar.score_engine(lambda path: found[path.stem], truth)
    assert result.pooled == icdar.Score(5, 5, 8)
    assert result.pooled_all == icdar.Score(5, 6, 8)
    assert result.document_f1 == pytest.approx((1 + 2 * 1 / (1 + 4)) / 2)


def test_exact_cells_bear_rows_too_many_above() -> None:
    true = [grid("ab", "cd")]
    assert engines.exact_cells(true, true) == 1
    assert engines.exact_cells(true, [grid("tt", "ab", "cd")]) == pytest.approx(4 / 6)
    assert engines.exact_cells(true, [grid("ab", "cx")]) == pytest.approx(3 / 4)
    assert engines.exact_cells(true, []) == 0


def test_every_engine_document_has_its_truth() -> None:
    folder = ROOT / "bench" / "engines"
    names = {path.stem for path in folder.glob("*.pdf")}
    assert names == {path.stem for path in folder.glob("*.json")}
    for name in names:
        for cells in engines.read_truth(name):
            places = [
                (r, c) for cell in cells for r in range(cell.r0, cell.r1 + 1) for c in range(cell.c0, cell.c1 + 1)
            ]
            assert len(places) == len(set(places)) == (max(places)[0] + 1) * (max(c for _, c in places) + 1)


def test_best_times_are_the_least() -> None:
    calls: list[str] = []
    jobs = {("a", Path("a"), ()): lambda: calls.append("a"), ("b", Path("b"), ()): lambda: calls.append("b")}
    best = speed.best_times(jobs, repeats=2)
    assert calls == ["a", "b"] * 3
    assert all(0 <= seconds < 1 for seconds in best.values())


def test_files_are_grouped_by_what_a_text_object_holds() -> None:
    folder = ROOT / "fixtures" / "pdf"
    groups = speed.group_files([folder / "seed-calc.pdf", folder / "seed-wps.pdf"])
    assert {name: [path.stem for path in files] for name, files in groups.items()} == {
        "runs": ["seed-calc"],
        "characters": ["seed-wps"],
    }


def test_text_pass_counts_characters() -> None:
    path = ROOT / "fixtures" / "pdf" / "seed-calc.pdf"
    assert speed.page_numbers(path, 2) == [1, 2]
    assert speed.text_pass(path, [1, 2]) > 500


def test_growth_is_held_against_the_first_fifth() -> None:
    assert memory.growth([90, 100, 100, 100, 110]) == pytest.approx(0.1)
    assert len(memory.watch(lambda: None, 20)) == 10
