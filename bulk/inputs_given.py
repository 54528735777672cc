"""From what is given to a run to the documents there: folders walked, archives opened, stores and manifests listed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bulk import inputs_remote
from bulk.files import SUFFIXES, Wanted, files_under, suffix_of
from bulk.inputs import (
    CLOSED,
    Extras,
    InputError,
    Source,
    address_to_source,
    is_archive,
    is_remote,
    key_to_source,
    path_to_source,
)
from bulk.inputs_fetch import Fetcher
from bulk.inputs_listing import Listing
from bulk.inputs_manifest import Manifest, listed_paths
from bulk.inputs_zip import FAULTS, fault_to_document_error
from model import ErrorCode
from output.catalogue import Catalogue
from output.extras import keep_extras
from output.rows import to_unicode

__all__ = ["Given", "take_in"]


class Given:
    """What was given to a run, followed to its documents.

    `-` stands for a list of paths on standard input. Raises InputError for patterns and manifests that cannot be read.
    """

    def __init__(self, inputs: Iterable[str | Path], globs: Iterable[str] = (), manifests: Iterable[str | Path] = ()):
        self._inputs = list(inputs)
        try:
            self._wanted = Wanted(tuple(globs))
        except ValueError as error:
            raise InputError(str(error)) from error
        self._manifests = [Manifest(file) for file in manifests]
        self._sound: set[bytes] = set()

    def sources(
        self, out: Path, fetcher: Fetcher, again: Iterable[tuple[bytes, str]] = ()
    ) -> Iterator[tuple[Source, Extras | None]]:
        """Every document, with what a manifest says of it; those named twice are given twice. Then those behind the
        keys and paths of `again`: what failed earlier."""
        follow = _Follow(out.absolute(), fetcher, self._wanted, self._sound)
        for address in self._addresses():
            yield from ((source, None) for source in follow.sources(_to_source(address)))
        for manifest in self._manifests:
            for entry in manifest.entries():
                if entry.fault is not None:
                    yield entry.fault, None
                else:
                    said = entry.extras
                    yield from ((source, said) for source in follow.sources(address_to_source(entry.address)))
        for key, path in again:
            if not _is_line(key):
                yield from ((source, None) for source in follow.sources(key_to_source(key, path)))

    def _addresses(self) -> Iterator[str | Path]:
        for given in self._inputs:
            if given == "-":
                yield from listed_paths(sys.stdin.buffer)
            else:
                yield given

    @property
    def sound(self) -> set[bytes]:
        """Keys of folders and archives that opened: an earlier failure of the folder or archive itself is over."""
        return self._sound

    @property
    def line_keys(self) -> list[bytes]:
        """What the keys of bad lines of the manifests begin with."""
        return [manifest.lines_key for manifest in self._manifests]


def _to_source(address: str | Path) -> Source:
    return path_to_source(address) if isinstance(address, Path) else address_to_source(address)


def _is_line(key: bytes) -> bool:
    """Whether a key stands for a bad line of a manifest: no document, so that there is nothing to read again."""
    file, _, line = os.fsdecode(key).rpartition(":")
    return line.isdigit() and os.path.isfile(file) and not os.path.exists(key)  # noqa: PTH110, PTH113


class _Follow:
    """From a source as given to the documents there."""

    def __init__(self, out: Path, fetcher: Fetcher, wanted: Wanted, sound: set[bytes]) -> None:
        self._out = out
        self._fetcher = fetcher
        self._wanted = wanted
        self._sound = sound

    def sources(self, given: Source) -> Iterator[Source]:
        if given.members:
            yield from self._archive(given, self._wanted) if is_archive(given.members[-1]) else (given,)
        elif is_remote(given.place):
            yield from self._remote(given)
        else:
            yield from self._local(given)

    def _local(self, given: Source) -> Iterator[Source]:
        if "\0" in given.place or not os.path.isdir(given.place):  # noqa: PTH112
            yield from self._archive(given, self._wanted) if is_archive(given.place) else (given,)
            return
        for place, relative in files_under(given.place, self._out, self._wanted, self._note_folder):
            source = _below(given, place)
            if relative is None:
                yield replace(source, error=CLOSED)
            elif is_archive(relative):
                yield from self._archive(source, self._wanted.inside(relative))
            else:
                yield source

    def _note_folder(self, folder: str) -> None:
        self._sound.add(os.fsencode(os.path.abspath(folder)))  # noqa: PTH100

    def _remote(self, given: Source) -> Iterator[Source]:
        """Objects of a store. A listing that fails is one failed source for its address."""
        if is_archive(given.place):
            yield from self._archive(given, self._wanted)
            return
        if suffix_of(given.place) in SUFFIXES:  # asked for when it is fetched: a manifest may name thousands
            yield given
            return
        found = self._fetcher.ask(lambda: self._fetcher.stores.is_folder(given.place))
        if isinstance(found, BaseException):
            yield replace(given, error=inputs_remote.fault_to_document_error(found))
        else:
            yield from self._remote_folder(given) if found else (given,)

    def _remote_folder(self, given: Source) -> Iterator[Source]:
        steps = self._fetcher.stores.sources(given, self._wanted)
        while True:
            source = self._fetcher.ask(lambda: next(steps, None))
            if source is None:
                self._sound.add(given.key)
                return
            if isinstance(source, BaseException):
                yield replace(given, error=inputs_remote.fault_to_document_error(source))
                return
            if is_archive(source.place):
                yield from self._archive(source, self._wanted.inside(source.place.removeprefix(given.place)))
            else:
                yield source

    def _archive(self, given: Source, wanted: Wanted) -> Iterator[Source]:
        """The documents in an archive; one failed source for an archive that cannot be opened."""
        sources = self._fetcher.ask(lambda: list(self._fetcher.archives.sources(given, wanted)))
        if not isinstance(sources, BaseException):
            self._sound.add(given.key)
            yield from sources
        elif is_remote(given.place) and not isinstance(sources, FAULTS):
            yield replace(given, error=inputs_remote.fault_to_document_error(sources))
        else:
            yield replace(given, error=fault_to_document_error(sources))


def _below(given: Source, place: str) -> Source:
    """The source of a file in a folder, listed below it as the folder was given."""
    below = place[len(given.place) :].lstrip("/") if given.place != "." else place
    path = place if given.path == given.place else os.path.join(given.path, below)  # noqa: PTH118
    return Source(os.fsencode(os.path.abspath(place)), to_unicode(path), place)  # noqa: PTH100


def take_in(given: Given, retry: Iterable[ErrorCode], catalogue: Catalogue, fetcher: Fetcher, to: Listing) -> None:
    """List what was given, and the files that failed with a code of `retry`; bring the catalogue up to date with it.

    What a manifest says of a document is kept whether or not the document is read again. Raises sqlite3.Error, OSError
    where the disk is full.
    """
    again = list(catalogue.failed(retry))
    to.fill(given.sources(catalogue.out, fetcher, again), fetcher.go_on)
    if not fetcher.go_on():
        return
    keep_extras(catalogue.connection, to.extras())
    for key, _ in list(catalogue.failed(ErrorCode)):
        if key in given.sound and key not in to:
            catalogue.forget(key)
    for prefix in given.line_keys:
        for key in catalogue.keys_from(prefix):
            if key[len(prefix) :].isdigit() and key not in to:
                catalogue.forget(key)
