"""Lists of documents: paths on standard input, and manifests (CSV, or lines of JSON) that say more of each document.

A manifest as a whole may be wrong: then nothing is run. A line of it may be wrong, such as the last one of a crawl that
was killed: then that line is a failed document and the others are read.
"""

from __future__ import annotations

import codecs
import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO

from bulk.inputs import Extras, InputError, Source, faulty, is_remote
from model import DocumentError, DocumentRow, ErrorCode
from output.rows import to_unicode

__all__ = ["Entry", "Manifest", "listed_paths"]

_PLACES = ("path", "key", "url")
"""The columns that may say where a document lies: the first of them that is filled does."""
_MAX_LINE_BYTES = 4 << 20
"""Longest line of a manifest or a list. csv would take a whole file for a cell whose quotation mark is never closed."""
_ENCODINGS = ("utf-8-sig", "gb18030")
_OURS = frozenset(name.casefold() for name in DocumentRow.__dataclass_fields__)
_PREFIX = "given_"


def listed_paths(stream: IO[bytes]) -> Iterator[str]:
    """The paths in a list: one a line, or NUL behind each where there is a NUL at all (as `find -print0` writes)."""
    head = b""
    while len(head) < 1 << 16 and (piece := stream.read((1 << 16) - len(head))):
        head += piece
    mark = b"\0" if b"\0" in head else b"\n"
    rest = head.removeprefix(codecs.BOM_UTF8)
    for piece in chain(iter(lambda: stream.read(1 << 16), b""), (b"",)):
        *whole, rest = (rest + piece).split(mark)
        if not piece or len(rest) > _MAX_LINE_BYTES:
            whole, rest = [*whole, rest[:_MAX_LINE_BYTES]], b""
        for name in whole:
            if name := name if mark == b"\0" else name.rstrip(b"\r"):
                yield os.fsdecode(name)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line of a manifest gives: an address and what is said of it, or a source that stands for a bad line."""

    address: str
    extras: Extras
    fault: Source | None = None


class Manifest:
    """A manifest, open to be read. `names` are the columns beside `path`, as the table of documents will have them.

    A column that is called like one of that table's gets `given_` before its name. Raises InputError where the file
    cannot be read as a manifest.
    """

    def __init__(self, file: str | Path) -> None:
        self._file = Path(file)
        try:
            self._encoding = _find_encoding(self._file)
            with self._open() as handle:
                self._is_json = _first_character(handle) == "{"
            self._columns = self._json_columns() if self._is_json else self._csv_columns()
        except OSError as error:
            raise InputError(f"The manifest {file} cannot be read ({error.strerror}). Check the path.") from error
        kept = tuple(name for name in self._columns if name.strip() and name != "path")
        self.names = tuple(map(_output_name, kept))
        self._kept = kept
        _check_names(self._file, self.names)

    @property
    def lines_key(self) -> bytes:
        """What the keys of this manifest's bad lines begin with."""
        return os.fsencode(os.path.abspath(self._file)) + b":"  # noqa: PTH100

    def entries(self) -> Iterator[Entry]:
        """What its lines give, in order."""
        with self._open() as handle:
            yield from self._json_entries(handle) if self._is_json else self._csv_entries(handle)

    def _open(self) -> TextIOWrapper:
        return self._file.open(encoding=self._encoding, newline="")

    def _entry(self, line: int, values: dict[str, str | None]) -> Entry:
        place = next((values[name] for name in _PLACES if values.get(name)), None)
        if place is None:
            return self._fault(line, "It has no path. Give each line one.")
        address = place if is_remote(place) else os.path.join(self._file.parent, place)  # noqa: PTH118
        return Entry(address, Extras(self.names, tuple(values.get(name) or None for name in self._kept)))

    def _fault(self, line: int, why: str) -> Entry:
        source = faulty(
            self.lines_key + str(line).encode(),
            to_unicode(f"{self._file}:{line}"),
            DocumentError(ErrorCode.DAMAGED, f"Line {line} of the manifest cannot be read. {why}"),
        )
        return Entry("", Extras((), ()), source)

    # -- CSV

    def _csv_columns(self) -> list[str]:
        with self._open() as handle:
            head = handle.readline(_MAX_LINE_BYTES).lstrip("\ufeff")
        for delimiter in ",\t;":
            columns = [_column(name) for name in next(csv.reader([head], delimiter=delimiter), [])]
            if any(name in columns for name in _PLACES):
                self._delimiter = delimiter
                return columns
        raise InputError(
            f"The manifest {self._file} has no column path, key or url. Give it a first line that names its columns."
        )

    def _csv_entries(self, handle: TextIOWrapper) -> Iterator[Entry]:
        csv.field_size_limit(_MAX_LINE_BYTES)
        reader = csv.reader(handle, delimiter=self._delimiter)
        next(reader, None)
        line = reader.line_num + 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:
                longest = _MAX_LINE_BYTES >> 20
                yield self._fault(line, f"A cell of it is longer than {longest} MiB, or its quotation marks are wrong.")
                line = reader.line_num + 1
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                texts = [*(to_unicode(cell.strip()) for cell in cells), *[""] * len(self._columns)]
                yield self._entry(line, dict(zip(self._columns, texts, strict=False)))
            line = reader.line_num + 1

    # -- lines of JSON

    def _json_columns(self) -> list[str]:
        """All names that a line uses, in order of first appearance."""
        columns: dict[str, None] = {}
        for _, values in self._json_lines():
            if isinstance(values, dict):
                columns |= dict.fromkeys(values)
        if not any(name in columns for name in _PLACES):
            raise InputError(f"No line of the manifest {self._file} has a path, key or url. Give each one of them.")
        return list(columns)

    def _json_lines(self) -> Iterator[tuple[int, dict[str, str | None] | str]]:
        """The lines that are not blank, by number: their values as text, or why they cannot be read."""
        with self._open() as handle:
            number = 0
            while text := handle.readline(_MAX_LINE_BYTES):
                number += 1
                if len(text) == _MAX_LINE_BYTES and not text.endswith("\n"):
                    yield number, f"It is longer than {_MAX_LINE_BYTES >> 20} MiB."
                    while (text := handle.readline(_MAX_LINE_BYTES)) and not text.endswith("\n"):
                        pass
                elif text := text.strip().lstrip("\ufeff"):
                    yield number, _parse_line(text)

    def _json_entries(self, _: TextIOWrapper) -> Iterator[Entry]:
        for number, values in self._json_lines():
            yield self._fault(number, values) if isinstance(values, str) else self._entry(number, values)


def _parse_line(text: str) -> dict[str, str | None] | str:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return "It is no JSON: the file may have been cut."
    if not isinstance(values, dict):
        return "It is no JSON object."
    return {_column(to_unicode(name)): _json_to_text(value) for name, value in values.items()}


def _json_to_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return to_unicode(value).strip() if value else None
    return to_unicode(json.dumps(value, ensure_ascii=False))


def _find_encoding(file: Path) -> str:
    """UTF-8, or GB18030 where that fails, or UTF-16 by its mark. Raises InputError, OSError."""
    with file.open("rb") as handle:
        head = handle.read(2)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    for encoding in _ENCODINGS:
        try:
            with file.open(encoding=encoding, newline="") as text:
                while text.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise InputError(f"The manifest {file} is neither in UTF-8 nor in GBK. Save it as UTF-8.")


def _first_character(handle: TextIOWrapper) -> str:
    return handle.read(4096).lstrip("\ufeff \t\r\n")[:1]


def _column(name: str) -> str:
    """A column's name as written, `Path` and `URL` as `path` and `url`."""
    name = name.strip()
    return name.casefold() if name.casefold() in _PLACES else name


def _output_name(name: str) -> str:
    """The column's name in `documents`: `given_` before one of ours, and before what a spreadsheet would run."""
    return f"{_PREFIX}{name}" if name.casefold() in _OURS or name.startswith(("=", "+", "-", "@")) else name


def _check_names(file: Path, names: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise InputError(f"The manifest {file} names the column {name} twice. Rename one of them.")
        seen.add(name.casefold())
