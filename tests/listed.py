"""What a run would list: for tests of where documents are found."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from bulk.inputs import Extras, Source
from bulk.inputs_fetch import Fetched, Fetcher
from bulk.inputs_given import Given
from bulk.inputs_listing import Listing
from model import DocumentError


def listed(
    inputs: Iterable[str | Path],
    room: Path,
    *,
    globs: Iterable[str] = (),
    manifests: Iterable[str | Path] = (),
) -> list[Source]:
    """The sources of a run whose output folder is `room/out`."""
    given = Given(inputs, globs, manifests)
    with Fetcher(room / "spool", lambda: True) as fetcher, Listing(room / "listing.sqlite") as listing:
        listing.fill(given.sources(room / "out", fetcher), lambda: True)
        return list(listing)


def said(room: Path, manifest: Path) -> list[tuple[str, dict[str, str | None]]]:
    """Path and extras of each source that a manifest names, in its order."""
    given = Given((), (), [manifest])
    with Fetcher(room / "spool", lambda: True) as fetcher:
        pairs: list[tuple[Source, Extras | None]] = list(given.sources(room / "out", fetcher))
    return [(s.path, dict(zip(extras.names, extras.texts, strict=True))) for s, extras in pairs if extras is not None]


def fetched(sources: Iterable[Source], room: Path) -> list[bytes | DocumentError]:
    """The bytes of each source, or why there are none."""
    found: list[bytes | DocumentError] = []
    with Fetcher(room / "spool", lambda: True) as fetcher:
        for _, got in fetcher.fetched(fetcher.described(sources)):
            found.append(got.file.read_bytes() if isinstance(got, Fetched) else got)
            if isinstance(got, Fetched):
                fetcher.drop(got.file)
    return found


def zipped(members: Mapping[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    """An archive of these members, deflated; the same bytes whenever it is made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def raw_zip(name: bytes, data: bytes, *, flags: int = 0, extra: bytes = b"", declared: int | None = None) -> bytes:
    """An archive of one stored member whose name and flags are these bytes; `declared` is the size it claims."""
    size = len(data) if declared is None else declared
    common = struct.pack("<HHHHHLLLHH", 20, flags, 0, 0, 33, zlib.crc32(data), len(data), size, len(name), len(extra))
    local = b"PK\3\4" + common + name + extra + data
    central = b"PK\1\2" + struct.pack("<H", 20) + common + struct.pack("<HHHLL", 0, 0, 0, 0, 0) + name + extra
    return local + central + b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)
