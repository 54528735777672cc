"""Page numbers, which are no lines of a document: between the parts of a table that goes on they would part it."""

from __future__ import annotations

import re

from model import Box

__all__ = ["is_page_number"]

# Printed page numbers: 3, -3-, — 3 —, 一3一 (so dashes are read in scans), ·3·,
# 第3页, 第 3 页 共 9 页, 共9页，第3页, 第三页, 3/9, Page 3 of 9, P3, 页码：3
_MARKS = r"[-一‐-―−－~～·•|\[\]\s]*"
_PAGE, _PAGES = r"第\s*[\d一二三四五六七八九十百]{1,4}\s*页", r"[\s,，/、（(]*共\s*\d{1,4}\s*页[\s,，/、）)]*"
_PAGE_NUMBER = re.compile(
    rf"\s*(?:{_MARKS}\d{{1,4}}{_MARKS}|(?:{_PAGES})?{_PAGE}(?:{_PAGES})?|页码[：:]?\s*\d{{1,4}}"
    r"|(?:[Pp](?:age|\.)?\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?)\s*"
)
# Page numbers stand within this share of the page's height from its top or bottom.
_MARGIN = 0.12


def is_page_number(text: str, box: Box, height: float) -> bool:
    """Whether a line is a printed page number: by its text, and by its place on a page of this height (points)."""
    margin = _MARGIN * height
    return (box.y1 < margin or box.y0 > height - margin) and _PAGE_NUMBER.fullmatch(text) is not None
