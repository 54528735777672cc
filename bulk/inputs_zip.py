"""Zip archives: their members listed, and unpacked one at a time into files of our own naming.

A member's name is an address and never becomes a path on disk, so that `../../x.pdf` or `/etc/x.pdf` lead nowhere. What
an archive declares is checked before anything is unpacked, and what really comes out is counted against it.
"""

from __future__ import annotations

import errno
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from bulk.files import Wanted
from bulk.inputs import Source, faulty, is_archive, to_bytes_safe, to_version
from model import DocumentError, ErrorCode

__all__ = ["DISK_FULL", "FAULTS", "Archives", "fault_to_document_error"]

FAULTS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError, OverflowError, KeyError, IndexError, MemoryError,
)  # fmt: skip
"""What `zipfile` raises on damaged and hostile archives (seen on fuzzed ones), beside what it documents."""

MAX_MEMBER_BYTES = 512 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024 * 1024
MAX_MEMBERS = 100_000
MAX_DEPTH = 3
_MAX_DIRECTORY_BYTES = 24 * 1024 * 1024
"""zipfile reads a whole directory into memory: 240 bytes for each of the members that may be."""
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 8 * 1024 * 1024
"""PDFs shrink to a half, blank scans to a fiftieth; deflate cannot do better than 1:1032, and bombs come close."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""bzip2 and LZMA unpack without a bound on memory: forty bytes of bzip2 give 46 MB at once."""
_CHUNK = 1 << 20

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
"""Errors that are not the document's: the run must end with them."""


class Archive:
    """One archive, open. `total` is what its members would unpack to. Raises DocumentError where it is too large or
    damaged, and those of FAULTS."""

    def __init__(self, handle: IO[bytes]) -> None:
        size = _check_directory(handle)
        self._zip = zipfile.ZipFile(handle)
        infos = self._zip.infolist()
        self.total = sum(info.file_size for info in infos)
        if len(infos) > MAX_MEMBERS:
            raise _too_large(f"The archive has {len(infos)} members, more than {MAX_MEMBERS}. Split it.")
        if self.total > MAX_TOTAL_BYTES:
            raise _too_large(f"The archive unpacks to more than {MAX_TOTAL_BYTES >> 30} GiB. Split it.")
        if sum(info.compress_size for info in infos) > size:
            raise _too_large("Members of the archive overlap, as in archives built to harm. It is not opened.")
        self.members: Mapping[str, zipfile.ZipInfo] = _named(infos)

    def close(self) -> None:
        """Close it; the file it was read from stays open."""
        self._zip.close()

    def info(self, name: str) -> zipfile.ZipInfo:
        """What the archive says of a member. Raises DocumentError where it has none of that name."""
        if name not in self.members:
            raise DocumentError(ErrorCode.NOT_FOUND, "The archive has no such member. Check the name.")
        return self.members[name]

    def unpack(self, name: str, to: IO[bytes]) -> int:
        """Unpack a member, a piece at a time. Returns its size. Raises DocumentError, and those of FAULTS."""
        info = self.info(name)
        _check_member(info)
        size = 0
        with self._zip.open(info) as member:
            while piece := member.read(_CHUNK):
                size += len(piece)
                if size > min(info.file_size, MAX_MEMBER_BYTES):
                    raise _too_large("The member unpacks to more than it declares. It is not read.")
                to.write(piece)
        return size


def _too_large(sentence: str) -> DocumentError:
    return DocumentError(ErrorCode.TOO_LARGE, sentence)


def _check_directory(handle: IO[bytes]) -> int:
    """The size of the archive in bytes. Raises DocumentError where its directory would eat the memory."""
    size = handle.seek(0, 2)
    handle.seek(max(0, size - 65557 - 76))
    tail = handle.read()
    directory = 0
    for mark, form, place in ((b"PK\5\6", "<L", 12), (b"PK\6\6", "<Q", 40)):
        start = tail.rfind(mark)
        if start >= 0 and start + place + struct.calcsize(form) <= len(tail):
            value = struct.unpack_from(form, tail, start + place)[0]
            directory = max(directory, 0 if value == 0xFFFFFFFF else value)
    if directory > _MAX_DIRECTORY_BYTES:
        raise _too_large(f"The archive has more than {MAX_MEMBERS} members. Split it.")
    return size


def _check_member(info: zipfile.ZipInfo) -> None:
    """Raises DocumentError for a member that cannot be unpacked, or must not."""
    if info.flag_bits & 0x1:
        raise DocumentError(
            ErrorCode.ENCRYPTED, "The archive's member needs a password. Unpack it and give the file itself."
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise DocumentError(ErrorCode.NOT_A_PDF, "The archive's member is a link, which is not followed.")
    if info.compress_type not in _METHODS:
        raise DocumentError(
            ErrorCode.DAMAGED,
            f"The member is packed by a method that is not read (number {info.compress_type}). Pack it as usual.",
        )
    if info.file_size > MAX_MEMBER_BYTES:
        raise _too_large(f"The member has more than {MAX_MEMBER_BYTES >> 20} MiB; split it.")
    if info.file_size > max(_RATIO_FROM_BYTES, _MAX_RATIO * info.compress_size):
        raise _too_large(
            f"The member unpacks to more than {_MAX_RATIO} times its size, as archives built to harm do."
            " If it is sound, unpack it and give the file itself."
        )


# ---------------------------------------------------------------------------------------------------------------------
# Names
# ---------------------------------------------------------------------------------------------------------------------


def _named(infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Members by name, folders left out; a name that stands twice gets `#2`, so that no member hides another."""
    encoding = _encoding([_raw_name(info) for info in infos if not info.flag_bits & 0x800])
    named: dict[str, zipfile.ZipInfo] = {}
    counts: dict[str, int] = {}
    for info in infos:
        plain = name = _decoded(info, encoding)
        if name.endswith("/"):
            continue
        while name in named:
            counts[plain] = counts.get(plain, 1) + 1
            name = f"{plain}#{counts[plain]}"
        named[name] = info
    return named


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("cp437", "replace")


def _encoding(names: list[bytes]) -> str:
    """What names without the UTF-8 flag are in: one for all, since one program wrote them. Windows in China writes GBK,
    others UTF-8 without saying so; few names in GBK read as UTF-8, fewer archives full of them do."""
    for encoding in ("utf-8", "gb18030"):
        try:
            for name in names:
                name.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "cp437"


def _decoded(info: zipfile.ZipInfo, encoding: str) -> str:
    if info.flag_bits & 0x800:
        return info.orig_filename
    raw = _raw_name(info)
    return _unicode_name(info.extra, raw) or raw.decode(encoding)


def _unicode_name(extra: bytes, raw: bytes) -> str | None:
    """The name in Info-ZIP's field 0x7075, if it is about this name."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == 0x7075 and len(field) > 5 and struct.unpack_from("<L", field, 1)[0] == zlib.crc32(raw):
            return field[5:].decode("utf-8", "replace")
    return None


# ---------------------------------------------------------------------------------------------------------------------
# Listing and reading
# ---------------------------------------------------------------------------------------------------------------------


class Archives:
    """Archives by place and members, the last way in kept open: members are read in the order of the archive.

    `open_place` opens a file or a URL for reading at any place of it. For one thread.
    """

    def __init__(self, open_place: Callable[[str], IO[bytes]], spool: Path) -> None:
        self._open_place = open_place
        self._spool = spool
        self._way: tuple[str, ...] = ()
        self._open: list[tuple[Archive, ExitStack]] = []

    def close(self) -> None:
        """Close what is open."""
        self._close_beyond(0)

    def _close_beyond(self, depth: int) -> None:
        while len(self._open) > depth:
            archive, stack = self._open.pop()
            archive.close()
            stack.close()
        self._way = self._way[:depth]

    def _archive(self, place: str, members: tuple[str, ...]) -> Archive:
        """The archive at the end of a way. What is open along it stays open."""
        way = (place, *members)
        shared = 0
        while shared < min(len(way), len(self._way)) and way[shared] == self._way[shared]:
            shared += 1
        self._close_beyond(shared)
        for step in way[shared:]:
            with ExitStack() as stack:
                handle = self._enter(step, stack)
                self._open.append((Archive(handle), stack.pop_all()))
            self._way = (*self._way, step)
        return self._open[-1][0]

    def _enter(self, step: str, stack: ExitStack) -> IO[bytes]:
        if not self._open:
            return stack.enter_context(self._open_place(step))
        if len(self._open) >= MAX_DEPTH:
            raise _too_large(f"Archives inside archives are opened {MAX_DEPTH} deep and no deeper. Unpack it.")
        handle = stack.enter_context(TemporaryFile(dir=self._spool))  # noqa: SIM115
        self._open[-1][0].unpack(step, handle)
        return handle

    def unpack(self, source: Source, to: IO[bytes]) -> tuple[int, int]:
        """Unpack the member that a source names; its size and version. Raises DocumentError, and those of FAULTS."""
        archive = self._archive(source.place, source.members[:-1])
        size = archive.unpack(source.members[-1], to)
        return size, _version(archive.members[source.members[-1]])

    def source(self, given: Source) -> Source:
        """The source of a member with the size and version that its archive says. Raises DocumentError where it has no
        such member, and those of FAULTS."""
        info = self._archive(given.place, given.members[:-1]).info(given.members[-1])
        return replace(given, size=info.file_size, version=_version(info))

    def sources(self, given: Source, wanted: Wanted) -> Iterator[Source]:
        """The documents in an archive, in its order; archives inside it are opened where they stand.

        Raises DocumentError and those of FAULTS where the archive itself cannot be opened; one inside it is then a
        source with an error. Counts what all of them together declare.
        """
        yield from self._sources(given, wanted, "", _Budget())

    def _sources(self, given: Source, wanted: Wanted, below: str, budget: _Budget) -> Iterator[Source]:
        archive = self._archive(given.place, given.members)
        budget.spend(archive)
        for name, info in archive.members.items():
            relative = f"{below}{name}".replace("\\", "/")
            parts = relative.split("/")
            if parts[-1][:1] == "." or "__MACOSX" in parts:
                continue
            member = _member_of(given, name, info)
            if wanted.takes(relative):
                yield member
            elif is_archive(name):
                try:
                    yield from self._sources(member, wanted.inside(relative), f"{relative}!/", budget)
                except (DocumentError, *FAULTS) as error:
                    yield faulty(member.key, member.path, fault_to_document_error(error))


def _member_of(given: Source, name: str, info: zipfile.ZipInfo) -> Source:
    return Source(
        key=given.key + b"!/" + to_bytes_safe(name).encode("utf-8", "surrogateescape"),
        path=f"{given.path}!/{to_bytes_safe(name)}",
        place=given.place,
        members=(*given.members, name),
        size=info.file_size,
        version=_version(info),
    )


def _version(info: zipfile.ZipInfo) -> int:
    return to_version(info.CRC, info.compress_size, info.file_size, info.date_time)


class _Budget:
    """What one archive and those inside it may declare together."""

    def __init__(self) -> None:
        self._members = MAX_MEMBERS
        self._bytes = MAX_TOTAL_BYTES

    def spend(self, archive: Archive) -> None:
        """Take an archive's members off. Raises DocumentError where nothing is left."""
        self._members -= len(archive.members)
        self._bytes -= archive.total
        if self._members < 0 or self._bytes < 0:
            raise _too_large("The archives inside this archive hold more than will be read. Unpack it and split it.")


def fault_to_document_error(error: BaseException) -> DocumentError:
    """Why an archive or a member of it gave nothing. Raises OSError where it is our own disk that is full."""
    if isinstance(error, DocumentError):
        return error
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        raise error
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return DocumentError(ErrorCode.NOT_FOUND, "The archive does not exist. Check the path.")
    if isinstance(error, PermissionError | IsADirectoryError):
        return DocumentError(ErrorCode.NOT_FOUND, f"The archive cannot be opened ({error.strerror}). Check its rights.")
    reason = str(error) or type(error).__name__
    return DocumentError(ErrorCode.DAMAGED, f"The archive is damaged ({reason}). Download it again.")
