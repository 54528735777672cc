import hashlib
import os
from pathlib import Path

import pytest

from bulk.files import Wanted, digest, head_to_media_type, media_type
from listed import listed


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"%PDF-1.4")


def _found(folder: Path, *inputs: Path, globs: tuple[str, ...] = ()) -> list[str]:
    return [Path(source.path).relative_to(folder).as_posix() for source in listed(inputs, folder, globs=globs)]


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


@pytest.mark.parametrize(
    ("glob", "taken", "left"),
    [
        ("*.pdf", ["a.pdf", "x/y/a.PDF"], ["a.png", "pdf", ".a.pdf"]),
        ("2023/*.pdf", ["2023/a.pdf"], ["a.pdf", "2023/x/a.pdf", "x/2023/a.pdf"]),
        ("**/2023/*.pdf", ["2023/a.pdf", "x/y/2023/a.pdf"], ["2023/x/a.pdf"]),
        ("2023/**", ["2023/a.bin", "2023/x/y.z"], ["2024/a.bin"]),
        ("自评表[0-9]?.*", ["自评表12.doc"], ["自评表a2.doc", "自评表1.doc"]),
        ("[!a]*", ["b", "x/b"], ["a", "b/a"]),
        ("a[", ["a["], ["a"]),
        ("[]", ["[]"], [""]),
        ("[\\d^].x", ["d.x", "^.x", "\\.x"], ["5.x"]),
        ("./*.pdf", ["a.pdf"], []),
        ("a(b)+.pdf", ["a(b)+.pdf"], ["abb.pdf"]),
    ],
)
def test_globs(glob: str, taken: list[str], left: list[str]) -> None:
    wanted = Wanted((glob,))
    assert [name for name in taken if not wanted.takes(name)] == []
    assert [name for name in left if wanted.takes(name)] == []


def test_globs_choose_files_of_folders_whatever_their_suffix(tmp_path: Path) -> None:
    _touch(tmp_path, "a.pdf", "b.bak", "2023/c.pdf", "2023/.d.pdf", "2024/e.pdf")
    assert _found(tmp_path, tmp_path, globs=("*.bak", "2023/*")) == ["b.bak", "2023/c.pdf"]
    assert _found(tmp_path, tmp_path / "a.pdf", globs=("*.bak",)) == ["a.pdf"]


def test_a_glob_that_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Wanted(("[z-a]",))
