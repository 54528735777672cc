"""Objects of remote stores (`s3://`, `memory://`, `https://`, whatever fsspec knows): listed, and copied in pieces.

Credentials and endpoints come from the usual environment of each store. A URL of http is one object: its links are
never followed. Every store raises exceptions of its own libraries, so callers run these functions in a thread and ask
its future what went wrong.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

from bulk.files import Wanted
from bulk.inputs import Source, is_archive, to_version
from bulk.inputs_zip import DISK_FULL, MAX_MEMBER_BYTES
from model import DocumentError, ErrorCode
from output.rows import to_unicode

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["Stores", "fault_to_document_error"]

_CHUNK = 1 << 20

_VERSION_FACTS = (
    "ETag", "etag", "md5", "md5Hash", "content_md5", "generation", "version_id", "mtime", "LastModified",
    "last_modified", "Last-Modified", "Content-MD5", "modified", "updated", "created",
)  # fmt: skip
"""Where stores say what tells one state of an object from another: S3, Azure, Google, HTTP, SFTP, memory."""


class Stores:
    """The stores that a run names, each opened once."""

    def __init__(self) -> None:
        self._systems: dict[str, AbstractFileSystem] = {}

    def _system(self, url: str) -> AbstractFileSystem:
        protocol = url.partition("://")[0].lower()
        if protocol not in self._systems:
            self._systems[protocol] = _open_system(protocol)
        return self._systems[protocol]

    def open(self, url: str) -> IO[bytes]:
        """The object at a URL, to be read at any place of it."""
        opened: IO[bytes] = self._system(url).open(url, "rb")
        return opened

    def is_folder(self, url: str) -> bool:
        """Whether a URL names a bucket or a prefix. A URL of http never does."""
        if _is_http(url):
            return False
        return url.endswith("/") or self._system(url).info(url)["type"] == "directory"

    def source(self, given: Source) -> Source:
        """The source with the size and version that the store says."""
        return _with_facts(given, self._system(given.place).info(given.place))

    def sources(self, given: Source, wanted: Wanted) -> Iterator[Source]:
        """The objects under a folder that are wanted, and its archives, by name. Raises what the store raises, and
        FileNotFoundError where there is no such folder.

        One flat listing: a store has no folders, only keys, and `a//b.pdf` is one that no walk through folders finds.
        """
        system = self._system(given.place)
        top = str(system._strip_protocol(given.place)).rstrip("/") + "/"
        found = system.find(given.place, detail=True)
        if not found:
            system.info(given.place.rstrip("/"))
        for name, info in sorted(found.items()):
            below = name.removeprefix(top)
            if not _is_hidden(below) and (wanted.takes(below) or is_archive(below)):
                url = f"{given.place.rstrip('/')}/{below}"
                yield _with_facts(Source(os.fsencode(to_unicode(url)), to_unicode(url), url), info)

    def copy(self, source: Source, to: IO[bytes], go_on: Callable[[], bool]) -> tuple[int, int | None]:
        """Copy an object into a file; its size and version. Raises DocumentError where it is too large,
        InterruptedError where `go_on` says no, and whatever the store raises."""
        if source.version is None:
            source = self.source(source)
        _check_size(source.size or 0)
        size = 0
        with self._system(source.place).open(source.place, "rb", block_size=_CHUNK * 4) as remote:
            while piece := remote.read(_CHUNK):
                size += len(piece)
                _check_size(size)
                to.write(piece)
                if not go_on():
                    raise InterruptedError("the run was stopped")
        if size < (source.size or 0):
            raise OSError(f"only {size} of {source.size} bytes came")
        return size, source.version


def _is_hidden(below: str) -> bool:
    return any(part.startswith(".") and part not in (".", "..") for part in below.split("/"))


def _is_http(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _open_system(protocol: str) -> AbstractFileSystem:
    try:
        import fsspec
    except ImportError as error:
        raise _not_installed(protocol) from error
    if protocol not in fsspec.available_protocols():
        raise DocumentError(
            ErrorCode.NOT_FOUND, f"There is no kind of store called {protocol}://. Check the address."
        )
    try:
        system: AbstractFileSystem = fsspec.filesystem(protocol, use_listings_cache=False, skip_instance_cache=True)
    except ImportError as error:
        raise _not_installed(protocol, str(error)) from error
    return system


def _not_installed(protocol: str, why: str = "") -> DocumentError:
    reason = f" ({why})" if why else ""
    return DocumentError(
        ErrorCode.UNREACHABLE, f"{protocol}:// needs what is not installed{reason}: pip install 'zipingbiao[remote]'"
    )


def _check_size(size: int) -> None:
    if size > MAX_MEMBER_BYTES:
        raise DocumentError(ErrorCode.TOO_LARGE, f"The object has more than {MAX_MEMBER_BYTES >> 20} MiB; split it.")


def _with_facts(source: Source, info: dict[str, Any]) -> Source:
    return Source(source.key, source.path, source.place, source.members, info.get("size"), _version(info))


def _version(info: dict[str, Any]) -> int | None:
    """A number for the object's state; None where the store says nothing of it, so that it is copied to be known."""
    facts = [str(info[name]) for name in _VERSION_FACTS if info.get(name)]
    return to_version(*facts) if facts else None


def fault_to_document_error(error: BaseException) -> DocumentError:
    """Why an object gave nothing. Raises OSError where it is our own disk that is full."""
    if isinstance(error, DocumentError):
        return error
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        raise error
    if isinstance(error, FileNotFoundError):
        return DocumentError(ErrorCode.NOT_FOUND, "The store has no such object. Check the address.")
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    if isinstance(error, PermissionError):
        return DocumentError(
            ErrorCode.UNREACHABLE, f"The store does not let you read it ({reason}). Check the credentials."
        )
    return DocumentError(
        ErrorCode.UNREACHABLE,
        f"The store gave nothing ({reason}). Check address, credentials and network; the next run tries again.",
    )
