"""What a run is given: one `Source` for each document to look at, wherever it lies, and how addresses are read.

A source is a file, a member of an archive (`a.zip!/b.pdf`, archives inside archives too) or an object of a remote store
(`s3://bucket/key`). Nothing here opens a document.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bulk.files import ARCHIVE, suffix_of
from model import DocumentError, ErrorCode
from output.rows import to_unicode

__all__ = [
    "CLOSED",
    "Extras",
    "InputError",
    "Source",
    "address_to_source",
    "faulty",
    "is_archive",
    "is_remote",
    "key_to_source",
    "path_to_source",
    "to_bytes_safe",
    "to_version",
]


class InputError(ValueError):
    """What was given cannot be understood as a whole: a manifest without a path column, a pattern, an option."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What a manifest says of a document beside its path: names of its columns and their texts, None where empty."""

    names: tuple[str, ...]
    texts: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One document to look at.

    `key` tells it apart (absolute path, address or URL), `path` is how it is listed. `place` is the file or the URL
    to open, `members` the way into it where it is an archive, outermost first. `size` (bytes) and `version` (a number
    that changes when the bytes do) are given where the listing knows them. `error` says why it can't be looked at.
    """

    key: bytes
    path: str
    place: str
    members: tuple[str, ...] = ()
    size: int | None = None
    version: int | None = None
    error: DocumentError | None = None

    @property
    def is_local_file(self) -> bool:
        """Whether it is a file that can be read where it lies."""
        return not self.members and not is_remote(self.place)


_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_INTO = re.compile(r"(?<=\.zip)!/", re.IGNORECASE)
"""Between an archive and its member in an address."""


def is_remote(place: str) -> bool:
    """Whether a place is a URL of a store: `s3://bucket/key`."""
    return "://" in place and _SCHEME.match(place) is not None


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive."""
    return suffix_of(name) == ARCHIVE


def address_to_source(address: str) -> Source:
    """The source that an address as given names: a path, a URL, or one of both with `!/` and members behind it."""
    if address.lower().startswith("file://"):
        address = unquote(urlsplit(address).path)
    place, *members = _steps(address)
    if not is_remote(place):
        place = str(Path(place)) if place else ""  # an empty name is no name of the folder that one stands in
    path = "!/".join([place, *members])
    whole = place if is_remote(place) else os.path.abspath(place)  # noqa: PTH100  Path.absolute() keeps a/../b
    key = os.fsencode(to_bytes_safe("!/".join([whole, *members])))
    return Source(key, to_unicode(path), place, tuple(members))


def key_to_source(key: bytes, path: str) -> Source:
    """The source that a key of the catalogue stands for, listed as it was."""
    place, *members = _steps(os.fsdecode(key))
    return Source(key, path, place, tuple(members))


def _steps(address: str) -> list[str]:
    return [address] if _exists(address) else _INTO.split(address)


def _exists(address: str) -> bool:
    """Whether a file stands there, so that `!/` in its path is just part of it."""
    return "!/" in address and "\0" not in address and os.path.exists(to_bytes_safe(address))  # noqa: PTH110


def to_bytes_safe(text: str) -> str:
    """Text that the file system's encoding can write: JSON may hold halves of surrogate pairs that no name holds."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return to_unicode(text)
    return text


def to_version(*facts: object) -> int:
    """A number that changes when one of the facts does (etag, checksum, time).

    Below 2**59: as a time of change in nanoseconds it lies in 1988, and is never one of just now.
    """
    return int.from_bytes(hashlib.sha256(repr(facts).encode()).digest()[:8], "big") >> 5


def faulty(key: bytes, path: str, error: DocumentError) -> Source:
    """A source that stands for something that cannot be looked at: it gives a failed row and nothing else."""
    return Source(key, path, path, error=error)


CLOSED = DocumentError(ErrorCode.NOT_FOUND, "The folder cannot be opened. Check its rights.")


def path_to_source(path: str | Path) -> Source:
    """The source of a file on this machine."""
    text = str(path)
    return Source(os.fsencode(os.path.abspath(text)), to_unicode(text), text)  # noqa: PTH100
