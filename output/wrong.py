"""The list of cells that are not right, as a CSV to look through with the document beside it."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from output.csv_text import number_to_text
from output.stored import StoredError

__all__ = ["Miss", "MissFile"]


@dataclass(frozen=True, slots=True)
class Miss:
    """A cell that is not right: where it stands, what the truth says, what was found, and the text it was read from."""

    table: str
    path: str
    document: str
    form_no: int | None
    row: int | None
    page: int | None
    column: str
    verdict: str
    truth: Any
    found: Any
    raw: str | None


class MissFile:
    """A CSV of misses, UTF-8 with a byte order mark; nothing is written where there is no file. Raises StoredError."""

    def __init__(self, file: Path | None) -> None:
        self._stack = ExitStack()
        self._writer = None
        if file is None:
            return
        try:
            handle = self._stack.enter_context(file.open("w", encoding="utf-8-sig", newline=""))
        except OSError as error:
            raise StoredError(f"{file} cannot be written ({error.strerror}). Give another file.") from error
        self._writer = csv.writer(handle, lineterminator="\n")
        self._writer.writerow([one.name for one in fields(Miss)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def write(self, miss: Miss) -> None:
        """Add a cell to the list."""
        if self._writer is not None:
            self._writer.writerow(map(_to_text, astuple(miss)))


def _to_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_to_text(value)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return ";".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
