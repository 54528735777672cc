"""Which files of a folder a run reads, and what a file is by its bytes."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["ARCHIVE", "SUFFIXES", "Wanted", "digest", "files_under", "head_to_media_type", "media_type"]

ARCHIVE = ".zip"
"""The end of an archive's name, in any case of letters."""

SUFFIXES = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"})
"""The ends of the names of PDFs and page images."""


def glob_to_pattern(glob: str) -> re.Pattern[str]:
    """A glob as a pattern over a relative path with `/`: `*` and `?` stay within a name, `**` spans folders.

    A glob without `/` is about the last name alone. The case of letters does not count, as it does not for suffixes.
    """
    anywhere = "" if "/" in glob else "(?:.*/)?"
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", glob.removeprefix("./"), re.DOTALL)
    return re.compile(anywhere + "".join(map(_glob_part_to_pattern, parts)), re.IGNORECASE | re.DOTALL)


def _glob_part_to_pattern(part: str) -> str:
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if part in known:
        return known[part]
    if part[0] == "[" and len(part) > 2:
        inside = part[1:-1].replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
        return f"[^/{inside[1:]}]" if inside[0] == "!" else f"[{inside}]"
    return re.escape(part)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of folders and archives are documents to read: PDFs and page images, or what one of `globs` matches.

    Hidden ones never are. Raises ValueError for a glob that cannot be read.
    """

    globs: tuple[str, ...] = ()
    _patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            patterns = tuple(map(glob_to_pattern, self.globs))
        except re.error as error:
            raise ValueError(f"{' '.join(self.globs)!r} holds a pattern that cannot be read ({error})") from error
        object.__setattr__(self, "_patterns", patterns)

    def takes(self, relative: str) -> bool:
        """Whether the file at this path below a folder or an archive is to be read."""
        name = relative.rpartition("/")[2]
        if not name or name[0] == ".":
            return False
        return self.matches(relative) if self.globs else suffix_of(name) in SUFFIXES

    def matches(self, relative: str) -> bool:
        """Whether one of the globs matches."""
        return any(pattern.fullmatch(relative) for pattern in self._patterns)

    def inside(self, relative: str) -> Wanted:
        """What is wanted of an archive at this path: all its documents where a glob matches the archive itself."""
        return Wanted() if self.globs and self.matches(relative) else self


def suffix_of(name: str) -> str:
    """The suffix of a name in small letters: `.pdf`."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122  100,000 names in a run


def files_under(
    folder: str, out: Path, wanted: Wanted, opened: Callable[[str], object]
) -> Iterator[tuple[str, str | None]]:
    """The files of a folder that are wanted, and its archives, each with its path below the folder; by name.

    Hidden ones and those under `out` (absolute) are left out. `opened` is told each folder that was read, one that
    cannot be is given with None.
    """
    closed: list[str] = []
    prefix = len(os.path.join(folder, ""))  # noqa: PTH118
    for root, folders, names in os.walk(folder, onerror=lambda error: closed.append(error.filename)):
        folders[:] = sorted(name for name in folders if name[0] != "." and Path(root, name).absolute() != out)
        opened(root)
        below = root[prefix:].replace(os.sep, "/")
        for name in sorted(names):
            relative = f"{below}/{name}" if below else name
            if wanted.takes(relative) or (name[0] != "." and suffix_of(name) == ARCHIVE):
                yield (os.path.join(root, name) if folder != "." else relative), relative  # noqa: PTH118  100,000 in a run
    yield from ((path, None) for path in closed)


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
