import hashlib
import os
from pathlib import Path

import pytest

from bulk.files import digest, find_files, head_to_media_type, media_type


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"%PDF-1.4")


def _found(folder: Path, *inputs: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_files(inputs, folder / "out")]


def test_folders_are_searched_by_name(tmp_path: Path) -> None:
    _touch(tmp_path, "b.PDF", "a/2.pdf", "a/1.Tiff", "a/b/c/d.jpg", "e.png", "f.txt", "noname", "表.pdf")
    assert _found(tmp_path, tmp_path) == ["b.PDF", "e.png", "表.pdf", "a/1.Tiff", "a/2.pdf", "a/b/c/d.jpg"]


def test_hidden_files_and_the_output_are_left_out(tmp_path: Path) -> None:
    _touch(tmp_path, "a.pdf", ".b.pdf", "._a.pdf", ".git/c.pdf", "out/d.pdf", "sub/out/e.pdf")
    assert _found(tmp_path, tmp_path) == ["a.pdf", "sub/out/e.pdf"]


def test_a_file_given_is_read_whatever_its_name(tmp_path: Path) -> None:
    _touch(tmp_path, "a.bin", ".hidden.pdf")
    assert _found(tmp_path, tmp_path / "a.bin", tmp_path / ".hidden.pdf", tmp_path / "gone.pdf") == [
        "a.bin", ".hidden.pdf", "gone.pdf",
    ]  # fmt: skip


def test_each_file_once(tmp_path: Path) -> None:
    _touch(tmp_path, "a.pdf", "sub/b.pdf")
    given = [tmp_path / "sub", tmp_path, tmp_path / "sub" / ".." / "a.pdf", tmp_path / "a.pdf"]
    assert _found(tmp_path, *given) == ["sub/b.pdf", "a.pdf"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    _touch(tmp_path, "a/x.pdf")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "y.pdf").symlink_to(tmp_path / "a" / "x.pdf")
    assert _found(tmp_path, tmp_path) == ["a/x.pdf", "a/y.pdf"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may open every folder")
def test_a_closed_folder_is_listed(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert _found(tmp_path, tmp_path) == ["closed"]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"II*\0....", "image/tiff"),
        (b"MM\0*....", "image/tiff"),
        (b"PK\x03\x04", "application/zip"),
        (b"\n <!DOCTYPE HTML><html>", "text/html"),
        (b"\xef\xbb\xbf<html>", "text/html"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_media_types(head: bytes, kind: str | None) -> None:
    assert head_to_media_type(head) == kind


def test_facts_of_a_file(tmp_path: Path) -> None:
    _touch(tmp_path, "a.pdf")
    assert media_type(tmp_path / "a.pdf") == "application/pdf"
    assert digest(tmp_path / "a.pdf") == hashlib.sha256(b"%PDF-1.4").hexdigest()
