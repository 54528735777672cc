"""Files in: what cannot be read is a DocumentError with the right code, what can be read in part is read in part."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from drawn import lines_of, rows_of
from tiny_pdf import Sheet, cells, grid, pdf, text

from extract import read_document
from extract.document import MAX_PAGES
from model import Code, DocumentError, ErrorCode

XS, YS = (50.0, 150.0, 250.0, 350.0), (50.0, 70.0, 90.0, 110.0)
ROWS = [["指标", "目标值", "实际"], ["甲", "1", "2"], ["乙", "3", "4"]]
GOOD = pdf(grid(XS, YS) + cells(XS, YS, ROWS), text(50, 50, "第二张"), trailer="")

NO_PDF = {
    "no bytes": (b"", ErrorCode.EMPTY),
    "zeros": (b"\0" * 5000, ErrorCode.EMPTY),
    "line breaks": (b"\r\n" * 100, ErrorCode.EMPTY),
    "web page": (b"<html><body>404", ErrorCode.NOT_A_PDF),
    "web page with a doctype": (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", ErrorCode.NOT_A_PDF),
    "Excel": (b"PK\x03\x04abc", ErrorCode.NOT_A_PDF),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ErrorCode.NOT_A_PDF),
    "picture": (b"\x89PNG\r\n\x1a\n", ErrorCode.DAMAGED),
    "text": ("自评表".encode("gb18030"), ErrorCode.NOT_A_PDF),
    "PDF behind a book of junk": (b"x" * 2000 + GOOD, ErrorCode.NOT_A_PDF),
    "a head only": (b"%PDF-1.7\n", ErrorCode.DAMAGED),
    "head and foot": (b"%PDF-1.7\n%%EOF", ErrorCode.DAMAGED),
    "a tenth": (GOOD[: len(GOOD) // 10], ErrorCode.DAMAGED),
    "a half": (GOOD[: len(GOOD) // 2], ErrorCode.DAMAGED),
    "no page tree": (GOOD.replace(b"/Pages 2 0 R", b"/Pages 77 0 R"), ErrorCode.DAMAGED),
    "too many pages": (GOOD.replace(b"/Count 2", b"/Count %d" % (MAX_PAGES + 1)), ErrorCode.TOO_LARGE),
}


@pytest.mark.parametrize(("data", "code"), NO_PDF.values(), ids=NO_PDF)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, code: ErrorCode) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.code == code
    assert "form.pdf" not in caught.value.message, "the same bytes may stand under many names"
    assert re.search(r"; \w+", caught.value.message), "the message must say what to do"


@pytest.mark.parametrize("path", ["none.pdf", "", "form.pdf/inside.pdf", "a\0b.pdf", "x" * 300])
def test_paths_that_lead_nowhere(tmp_path: Path, path: str) -> None:
    (tmp_path / "form.pdf").write_bytes(GOOD)
    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / path)
    assert caught.value.code == ErrorCode.NOT_FOUND


def test_a_password_is_asked_for_only_where_the_file_needs_one(root: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(root / "fixtures" / "broken" / "encrypted-user.pdf")
    assert caught.value.code == ErrorCode.ENCRYPTED
    assert read_document(root / "fixtures" / "broken" / "encrypted-owner.pdf").pages[0].tables


MENDED = {
    "as it is": GOOD,
    "a wrong pointer to the table of offsets": GOOD.replace(b"startxref\n", b"startxref\n99999"),
    "wrong offsets": re.sub(rb"\d{10} 00000 n", b"0000000007 00000 n", GOOD),
    "HTTP heads in front": b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + GOOD,
    "a byte order mark in front": b"\xef\xbb\xbf" + GOOD,
    "zeros behind": GOOD + b"\0" * 3000,
    "a count of no pages": GOOD.replace(b"/Count 2", b"/Count 0"),
    "a count below nothing": GOOD.replace(b"/Count 2", b"/Count -1"),
    "a count of two thousand million": GOOD.replace(b"/Count 2", b"/Count 2000000000"),
}


@pytest.mark.parametrize("data", MENDED.values(), ids=MENDED)
def test_files_that_are_damaged_but_can_be_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(data)
    document = read_document(path)
    assert [rows_of(table) for table in document.pages[0].tables] == [ROWS]
    assert lines_of(document.pages[1]) == ["第二张"]
    assert document.size_bytes == len(data)


FIRST_KID = re.compile(rb"/Kids \[\d+ 0 R")


@pytest.mark.parametrize("kid", [b"99 0 R", b"null", b"3 0 R"], ids=["missing", "null", "a font"])
def test_a_page_that_cannot_be_loaded_is_a_finding(tmp_path: Path, kid: bytes) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(FIRST_KID.sub(b"/Kids [" + kid, GOOD))
    first, second = read_document(path).pages
    assert [finding.code for finding in first.findings] == [Code.PAGE_UNREAD]
    assert (first.number, first.tables, first.lines) == (1, (), ())
    assert lines_of(second) == ["第二张"]


def test_pages_that_the_count_makes_up_are_findings(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(GOOD.replace(b"/Count 2", b"/Count 4"))
    document = read_document(path)
    assert [len(page.findings) for page in document.pages] == [0, 0, 1, 1]


BARE = {
    "no content": GOOD.replace(b"/Contents", b"/Xontents"),
    "content that is no stream": re.sub(rb"/Contents \d+", b"/Contents 2", GOOD),
}


@pytest.mark.parametrize("data", BARE.values(), ids=BARE)
def test_pages_without_content_are_blank(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(data)
    assert [(page.tables, page.lines) for page in read_document(path).pages] == [((), ())] * 2


def test_pages_that_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(pdf(*(text(50, 50, f"页{k}") for k in range(1, 6))))
    document = read_document(path, pages=[4, 2, 2, 9, 0, -1])
    assert [(page.number, lines_of(page)) for page in document.pages] == [(2, ["页2"]), (4, ["页4"])]


def test_an_engine_that_there_is_not(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(GOOD)
    with pytest.raises(ValueError, match="no table engine 'tabula'"):
        read_document(path, engine="tabula")


def test_who_made_it_and_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "表 (1).pdf"
    producer = "<feff" + "WPS 文字".encode("utf-16-be").hex() + ">"
    path.write_bytes(pdf(Sheet(""), extra_objects=[f"<< /Producer {producer} >>".encode()], trailer="/Info 13 0 R"))
    document = read_document(path)
    assert document.producer == "WPS 文字"
    assert document.media_type == "application/pdf"
    assert document.path == str(path)
    assert len(document.document_id) == 64


def test_bytes_changed_at_random_raise_nothing_else(tmp_path: Path) -> None:
    order = random.Random(1)
    path = tmp_path / "form.pdf"
    read = 0
    for _ in range(150):
        data = bytearray(GOOD)
        for _ in range(order.choice((1, 5, 40))):
            data[order.randrange(len(data))] = order.randrange(256)
        path.write_bytes(data)
        try:
            read += bool(read_document(path).pages)
        except DocumentError:
            continue
    assert read > 20
