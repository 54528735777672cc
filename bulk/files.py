"""Which files a run is given, and what a file is by its bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["digest", "find_files", "media_type"]

_SUFFIXES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})


def find_files(inputs: Iterable[str | Path], out: Path) -> Iterator[Path]:
    """The files to read, each once, in the order of the inputs: a file as it is, whatever its name; of a folder, all
    PDFs and page images under it, by name. Hidden ones and those under `out` are left out. What does not exist or
    cannot be opened is given too, so that it is listed as failed."""
    seen: set[str] = set()
    for given in map(Path, inputs):
        for path in _files_under(given, out.absolute()) if given.is_dir() else (given,):
            key = os.path.abspath(path)  # noqa: PTH100  Path.absolute() keeps a/../b apart from b
            if key not in seen:
                seen.add(key)
                yield path


def _files_under(folder: Path, out: Path) -> Iterator[Path]:
    closed: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=lambda error: closed.append(Path(error.filename))):
        folders[:] = sorted(name for name in folders if name[0] != "." and Path(root, name).absolute() != out)
        yield from (Path(root, name) for name in sorted(names) if _is_wanted(name))
    yield from closed


def _is_wanted(name: str) -> bool:
    return name[0] != "." and os.path.splitext(name)[1].lower() in _SUFFIXES  # noqa: PTH122  100,000 names in a run


_MEDIA_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"<!DOCTYPE html", "text/html"),
    (b"<html", "text/html"),
)


def head_to_media_type(head: bytes) -> str | None:
    """The media type of a file by its first 1024 bytes, where readers look for a PDF's mark; None if unknown."""
    if b"%PDF-" in head:
        return "application/pdf"
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return next((name for mark, name in _MEDIA_TYPES if start.startswith(mark.lower())), None)


def media_type(path: Path) -> str | None:
    """The media type of a file by its content. Raises OSError."""
    with path.open("rb") as handle:
        return head_to_media_type(handle.read(1024))


def digest(path: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal. Raises OSError."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
