"""Files put in place: written beside, made safe on the disk, then given their names."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["beside", "place_file", "remove_files", "remove_folder", "swap_folder", "sync_file", "sync_folder"]

_AT_FDCWD, _EXCHANGE = -100, 2


def beside(file: Path) -> Path:
    """Where a file or folder stands until it is whole: in the same folder, hidden."""
    return file.with_name(f".{file.name}.part")


def sync_file(file: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def place_file(file: Path) -> None:
    """Give a finished file its name. A reader finds the old file or the new one, each whole."""
    beside(file).replace(file)


def swap_folder(folder: Path) -> None:
    """Give a finished folder its name; the one that had it goes.

    On Linux the two change places in one step. Elsewhere, and on file systems that can not, there is a moment in which
    neither stands there.
    """
    new = beside(folder)
    if not folder.exists():
        new.rename(folder)
    elif _exchange(new, folder):
        shutil.rmtree(new)
    else:
        old = folder.with_name(f".{folder.name}.old")
        remove_folder(old)
        folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names change places; False where the system can not."""
    if sys.platform != "linux":
        return False
    exchange = getattr(ctypes.CDLL(None), "renameat2", None)
    names = (os.fsencode(one), os.fsencode(other))
    return exchange is not None and exchange(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0


def remove_folder(folder: Path) -> None:
    """Take a folder away, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def remove_files(files: Iterable[Path]) -> None:
    """Take files away that may not be there."""
    for file in files:
        file.unlink(missing_ok=True)
