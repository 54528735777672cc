"""How documents are read and written: the options of `pipeline`, and what they say of results that are stored."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from bulk.child import Limits
from model import ErrorCode
from output.csv_text import number_to_text
from output.package import Format

__all__ = ["ALL_OF_CLUSTER", "Engine", "Ocr", "Options", "Partition", "TableEngine", "has_ocr", "version"]


class TableEngine(StrEnum):
    """What reads tables. `auto` reads by rules, and again with pdfplumber where that contradicts itself."""

    AUTO = "auto"
    RULED = "ruled"
    PDFPLUMBER = "pdfplumber"
    CAMELOT = "camelot"


class Ocr(StrEnum):
    """Which pages are read by OCR: `auto` those without a usable text layer."""

    AUTO = "auto"
    NEVER = "never"
    ALWAYS = "always"


class Partition(StrEnum):
    """A column that Parquet partitions are cut by."""

    FISCAL_YEAR = "fiscal_year"


class Engine(StrEnum):
    """Who shares documents out: this machine's processes, or a Ray cluster."""

    LOCAL = "local"
    RAY = "ray"


ALL_OF_CLUSTER = 0
"""As a number of workers: as many as the Ray cluster has cores."""


def _cores() -> int:
    """The cores that this process may use: a container may have fewer than its machine."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Options:
    """How documents are read and written.

    `timeout_s` (seconds) and `memory_mb` (MiB) limit each document; in a scan the time is for each page. `workers` is
    the number of documents read at a time, `address` that of the Ray cluster (None: one is started here),
    `min_rows` the number of indicator rows under which a run counts as failed, 0 for no floor. `prune` takes files out
    of the tables that are no longer among the inputs, `partition` says what Parquet partitions are cut by, None for
    no partitions. `globs` say which files of folders and archives are read, `manifests` name files that list documents
    and what else is known of them, and what failed earlier with a code of `retry` is read again.
    """

    formats: tuple[Format, ...] = (Format.CSV, Format.PARQUET)
    excel_safe: bool = False
    engine: Engine = Engine.LOCAL
    address: str | None = None
    workers: int = field(default_factory=_cores)
    timeout_s: float = 120.0
    memory_mb: int = 2048
    table_engine: TableEngine = TableEngine.AUTO
    ocr: Ocr = Ocr.AUTO
    overwrite: bool = False
    fail_fast: bool = False
    min_rows: int = 0
    prune: bool = False
    partition: Partition | None = None
    globs: tuple[str, ...] = ()
    manifests: tuple[str | Path, ...] = ()
    retry: frozenset[ErrorCode] = frozenset()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command's options by which another run reads and writes alike, less those that say the default."""
        plain = Options(workers=self.workers)
        words = {
            "--format": ",".join(self.formats) if self.formats != plain.formats else None,
            "--ocr": self.ocr.value if self.ocr is not plain.ocr else None,
            "--table-engine": self.table_engine.value if self.table_engine is not plain.table_engine else None,
            "--timeout": number_to_text(self.timeout_s) if self.timeout_s != plain.timeout_s else None,
            "--partition": None if self.partition is None else self.partition.value,
            "--memory-mb": str(self.memory_mb) if self.memory_mb != plain.memory_mb else None,
            "--engine": self.engine.value if self.engine is not plain.engine else None,
            "--address": self.address,
        }
        safe = ("--excel-safe",) if self.excel_safe else ()
        return (*(word for name, value in words.items() if value is not None for word in (name, value)), *safe)

    @property
    def limits(self) -> Limits:
        """The limits of one document."""
        return Limits(self.timeout_s, self.memory_mb)

    def made_with(self, error_code: ErrorCode | None) -> str:
        """What must be the same for a stored result to hold: version and options, and limits where they ended it."""
        limits = f" {self.timeout_s:g} s {self.memory_mb} MiB" if error_code in _LIMIT_CODES else ""
        extra = "" if self.ocr is Ocr.NEVER or not has_ocr() else "+"
        return f"{version()} {self.table_engine} {self.ocr}{extra}{limits}"

    @property
    def threads(self) -> int:
        """How many threads OCR may use for one page, so that all workers together use each core once: on a
        cluster, a worker has one."""
        return max(1, _cores() // self.workers) if self.engine is Engine.LOCAL else 1


_LIMIT_CODES = frozenset({ErrorCode.TIMEOUT, ErrorCode.OUT_OF_MEMORY, ErrorCode.CRASHED})


@cache
def has_ocr() -> bool:
    """Whether the extra that reads pictures is installed: a document read without it is read again."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


@cache
def version() -> str:
    """The version that is installed: the one in pyproject.toml."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("zipingbiao")
    except PackageNotFoundError:
        return "0+not.installed"
