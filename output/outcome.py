"""What came of a document, as the catalogue keeps it: packed where it was read, so that the books only put it away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from model import ErrorCode, Result, Severity, Status
from output.rows import result_to_rows, rows_to_bytes, rows_to_digest

__all__ = ["Outcome", "Packed", "key_to_result_id", "pack", "packed_to_outcome"]

_BY_PATH = "path:"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a document, without its rows. `made_with` names the version and the options that read it."""

    result_id: str
    made_with: str
    status: Status
    error_code: ErrorCode | None
    error: str | None
    pages: int | None
    forms: int
    indicators: int
    infos: int
    warnings: int
    errors: int

    @property
    def document_id(self) -> str | None:
        """The sha256 of the bytes; None where the file could not be opened."""
        return None if self.result_id.startswith(_BY_PATH) else self.result_id


def key_to_result_id(key: bytes) -> str:
    """The id of the result of a file that could not be opened, and so has no bytes to go by."""
    return _BY_PATH + key.hex()


@dataclass(frozen=True, slots=True)
class Packed:
    """A result in the form in which it crosses from a child process and is stored.

    `digest` is a hash of what `rows` say, `read_at` when they were read. `bodies` are the departments whose forms the
    document holds, as the memory of names knows them, each with how many names of its forms are cut.
    """

    document_id: str | None
    status: Status
    error_code: ErrorCode | None
    error: str | None
    pages: int | None
    forms: int
    indicators: int
    infos: int
    warnings: int
    errors: int
    read_at: str
    digest: bytes
    rows: bytes
    bodies: tuple[tuple[str, int], ...]


def pack(result: Result, bodies: Iterable[tuple[str, int]] = ()) -> Packed:
    """A result packed. `bodies`: see `Packed`."""
    document = result.document
    severities = [finding.severity for finding in result.findings]
    rows = result_to_rows(result)
    return Packed(
        document_id=document.document_id,
        status=document.status,
        error_code=document.error_code,
        error=document.error,
        pages=document.pages,
        forms=document.forms,
        indicators=document.indicators,
        infos=severities.count(Severity.INFO),
        warnings=severities.count(Severity.WARNING),
        errors=severities.count(Severity.ERROR),
        read_at=document.extracted_at.isoformat(),
        digest=rows_to_digest(rows),
        rows=rows_to_bytes(rows),
        bodies=tuple(bodies),
    )


def packed_to_outcome(result_id: str, made_with: str, packed: Packed) -> Outcome:
    """The outcome of a document just read."""
    return Outcome(
        result_id,
        made_with,
        packed.status,
        packed.error_code,
        packed.error,
        packed.pages,
        packed.forms,
        packed.indicators,
        packed.infos,
        packed.warnings,
        packed.errors,
    )
