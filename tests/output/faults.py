"""A run's books and publication over literal results, broken off at each point at which something reaches the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import output.catalogue
import output.files
import output.partitions
import output.parts
import output.write
from literal import INDICATOR, result_of
from model import Code, Finding, Result
from output.catalogue import Catalogue, FileMark
from output.outcome import packed_to_outcome
from pipeline import Options, Partition, pack_result, publish, settle_names

OPTIONS = Options(partition=Partition.FISCAL_YEAR)

POINTS: list[tuple[Any, str]] = [
    (output.catalogue, "_link"),
    (output.catalogue, "_count_change"),
    (output.catalogue, "_forget"),
    (output.catalogue, "_set_completions"),
    (Catalogue, "store"),
    (Catalogue, "link"),
    (Catalogue, "prune"),
    (Catalogue, "settle"),
    (Catalogue, "set_published"),
    (output.parts.Parts, "_keep"),
    (output.parts.Parts, "_forget_unused"),
    (output.partitions.PartitionFiles, "_flush"),
    (output.write, "sync_file"),
    (output.write, "place_file"),
    (output.write, "sync_folder"),
    (output.write, "remove_files"),
    (output.partitions, "sync_file"),
    (output.partitions, "swap_folder"),
    (output.files, "_exchange"),
]
"""What is called around each change that reaches the disk: a fault happens before the call, or after it."""


def results() -> list[Result]:
    """Two years of a department: one prints a name in full, the other cuts it; and a document of its own."""
    full = "城乡居民对公共服务和基层治理工作的满意度"
    one, two, three = (result_of(f"{n}" * 64, f"{n}.pdf") for n in (1, 2, 3))
    whole = replace(INDICATOR, form_id="", name=full, name_status="repaired", flags=())
    cut = replace(whole, name=full[:11], name_raw=full[:11], name_status="truncated", flags=("name_truncated",))
    finding = Finding(Code.NAME_TRUNCATED, "The name is cut.", "indicators", 1, 2, "name", full[:11], full[:11])
    return [_with_name(one, whole), _with_name(two, cut, finding), three]


def _with_name(result: Result, row: Any, *findings: Finding) -> Result:
    form = result.forms[0]
    rows = (replace(row, form_id=form.head.form_id),)
    placed = tuple(replace(one, form_id=form.head.form_id, document_id=form.head.document_id) for one in findings)
    return replace(result, forms=(replace(form, indicators=rows),), findings=placed)


def run(out: Path, *numbers: int, prune: bool = False) -> None:
    """A run over some of the literal results, as `pipeline.run` has it but for the reading."""
    with Catalogue(out) as catalogue:
        for number in numbers:
            result = results()[number]
            mark = FileMark(f"/in/{number}.pdf".encode(), f"in/{number}.pdf", 10 + number, number)
            packed = pack_result(result)
            outcome = packed_to_outcome(packed.document_id or "", "", packed)
            if catalogue.outcome_of_file(mark) is None:
                catalogue.store(outcome, packed, [mark])
            catalogue.note_given(mark.key, outcome.result_id)
        if prune:
            catalogue.prune()
        settle_names(catalogue)
        publish(catalogue, out, OPTIONS)


def state(out: Path) -> dict[str, str]:
    """The hashes of all that a reader may see."""
    files = [file for file in out.rglob("*") if file.is_file() and file.relative_to(out).parts[0][0] != "."]
    return {file.relative_to(out).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@contextmanager
def fault_at(number: int, fault: Callable[[], None]) -> Iterator[list[str]]:
    """Let `fault` happen at the point of that number, from 0. Yields the points that were passed."""
    passed: list[str] = []

    def pass_point(name: str) -> None:
        passed.append(name)
        if len(passed) == number + 1:
            fault()

    def watched(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            pass_point(f"before {name}")
            value = function(*args, **named)
            pass_point(f"after {name}")
            return value

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in POINTS:
            patch.setattr(owner, name, watched(getattr(owner, name), name))
        yield passed
