"""How far long documents are."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PageEvent", "Pages"]


@dataclass(frozen=True, slots=True)
class Pages:
    """How far a document is: `done` of `total` pages are read, `scan` of them are to be recognised."""

    done: int
    total: int
    scan: int


@dataclass(frozen=True, slots=True)
class PageEvent:
    """Pages of the file `path` were read. A document may begin again at page 1 where its first reading broke off."""

    path: str
    pages: Pages
