"""Archives: what is listed, what is read, and what hostile ones cannot do."""

import io
import os
import random
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk import inputs_zip
from bulk.inputs import Source
from listed import fetched, listed, raw_zip, zipped
from model import DocumentError, ErrorCode

PDF = b"%PDF-1.4 a"


def _names(room: Path, *, globs: tuple[str, ...] = (), archive: str = "a.zip") -> list[str]:
    return [source.path.removeprefix(f"{room / archive}!/") for source in listed([room / archive], room, globs=globs)]


def _write(room: Path, data: bytes, archive: str = "a.zip") -> Path:
    (room / archive).write_bytes(data)
    return room / archive


def _only(sources: list[Source]) -> Source:
    assert len(sources) == 1
    return sources[0]


def _fault(room: Path) -> DocumentError:
    """The error of the one source that the archive `a.zip` gives."""
    source = _only(listed([room / "a.zip"], room))
    if source.error is not None:
        return source.error
    (got,) = fetched([source], room)
    assert isinstance(got, DocumentError)
    return got


# -- listing ----------------------------------------------------------------------------------------------------------


def test_members_are_listed_in_the_archives_order_and_read(tmp_path: Path) -> None:
    members = {"z.pdf": b"1", "2023/a.PDF": b"2", "2023/": b"", "b.txt": b"3", "表.png": b"4", "x/.h.pdf": b"5"}
    _write(tmp_path, zipped({**members, "__MACOSX/z.pdf": b"6"}))
    assert _names(tmp_path) == ["z.pdf", "2023/a.PDF", "表.png"]
    assert fetched(listed([tmp_path / "a.zip"], tmp_path), tmp_path) == [b"1", b"2", b"4"]
    assert not (tmp_path / "spool").exists()


def test_archives_of_folders_are_opened(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    _write(tmp_path, zipped({"m.pdf": PDF}), "in/b.ZIP")
    (tmp_path / "in" / "c.pdf").write_bytes(PDF)
    assert [s.path for s in listed([tmp_path / "in"], tmp_path)] == [
        f"{tmp_path}/in/b.ZIP!/m.pdf",
        f"{tmp_path}/in/c.pdf",
    ]


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped({"c.pdf": b"c", "d.pdf": b"d"})
    deep = zipped({"e.pdf": b"e"})
    _write(tmp_path, zipped({"b.zip": zipped({"x/deep.zip": deep, "f.pdf": b"f"}), "c.zip": inner, "g.pdf": b"g"}))
    names = ["b.zip!/x/deep.zip!/e.pdf", "b.zip!/f.pdf", "c.zip!/c.pdf", "c.zip!/d.pdf", "g.pdf"]
    assert _names(tmp_path) == names
    sources = listed([tmp_path / "a.zip"], tmp_path)
    assert fetched(sources, tmp_path) == [b"e", b"f", b"c", b"d", b"g"]
    random.Random(3).shuffle(sources)
    assert fetched(sources, tmp_path) == [source.path[-5:-4].encode() for source in sources]


def test_archives_are_opened_three_deep(tmp_path: Path) -> None:
    data = zipped({"x.pdf": PDF})
    for _ in range(3):
        data = zipped({"a.zip": data})
    _write(tmp_path, data)
    error = _only(listed([tmp_path / "a.zip"], tmp_path)).error
    assert error is not None
    assert error.code is ErrorCode.TOO_LARGE
    assert "3 deep" in error.message


def test_an_address_names_a_member(tmp_path: Path) -> None:
    _write(tmp_path, zipped({"b.zip": zipped({"x/c.pdf": b"c", "d.pdf": b"d"}), "e.pdf": b"e"}))
    addresses = [f"{tmp_path}/a.zip!/b.zip!/x/c.pdf", f"{tmp_path}/a.zip!/e.pdf", f"{tmp_path}/a.zip!/gone.pdf"]
    c, e, gone = fetched(listed(addresses, tmp_path), tmp_path)
    assert (c, e) == (b"c", b"e")
    assert isinstance(gone, DocumentError)
    assert gone.code is ErrorCode.NOT_FOUND
    assert [s.path for s in listed([f"{tmp_path}/a.zip!/b.zip"], tmp_path)] == [
        f"{tmp_path}/a.zip!/b.zip!/x/c.pdf",
        f"{tmp_path}/a.zip!/b.zip!/d.pdf",
    ]


def test_a_path_that_looks_like_an_address_is_a_file_if_it_exists(tmp_path: Path) -> None:
    (tmp_path / "a.zip!").mkdir()
    (tmp_path / "a.zip!" / "b.pdf").write_bytes(PDF)
    source = _only(listed([f"{tmp_path}/a.zip!/b.pdf"], tmp_path))
    assert (source.place, source.members) == (f"{tmp_path}/a.zip!/b.pdf", ())


def test_globs_reach_into_archives(tmp_path: Path) -> None:
    (tmp_path / "in" / "2023").mkdir(parents=True)
    _write(tmp_path, zipped({"m.pdf": PDF, "x/n.doc": PDF}), "in/2023/b.zip")

    def found(*globs: str) -> list[str]:
        return [s.path.rpartition("!/")[2] for s in listed([tmp_path / "in"], tmp_path, globs=globs)]

    assert found("*.doc") == ["x/n.doc"]
    assert found("x/*.doc") == ["x/n.doc"]
    assert found("2023/*.zip") == ["m.pdf"]
    assert found("2024/*.zip") == []


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "flags", "name"),
    [
        ("绩效自评表.pdf".encode("gbk"), 0, "绩效自评表.pdf"),
        ("绩效自评表.pdf".encode(), 0, "绩效自评表.pdf"),
        ("绩效自评表.pdf".encode(), 0x800, "绩效自评表.pdf"),
        ("㐂𠮷.pdf".encode("gb18030"), 0, "㐂𠮷.pdf"),
        (b"\x81\x20\xff.pdf", 0, b"\x81\x20\xff.pdf".decode("cp437")),
    ],
)
def test_names_without_the_utf8_flag(tmp_path: Path, raw: bytes, flags: int, name: str) -> None:
    _write(tmp_path, raw_zip(raw, PDF, flags=flags))
    source = _only(listed([tmp_path / "a.zip"], tmp_path))
    assert source.path == f"{tmp_path}/a.zip!/{name}"
    assert fetched([source], tmp_path) == [PDF]


def test_the_unicode_name_of_info_zip_counts(tmp_path: Path) -> None:
    name = "表.pdf".encode()
    field = struct.pack("<HHBL", 0x7075, 5 + len(name), 1, zlib.crc32(b"_.pdf")) + name
    _write(tmp_path, raw_zip(b"_.pdf", PDF, extra=field))
    assert _names(tmp_path) == ["表.pdf"]
    stale = struct.pack("<HHBL", 0x7075, 5 + len(name), 1, zlib.crc32(b"other")) + name
    _write(tmp_path, raw_zip(b"_.pdf", PDF, extra=stale))
    assert _names(tmp_path) == ["_.pdf"]


@pytest.mark.parametrize(
    "name",
    ["../../evil.pdf", "/etc/evil.pdf", "C:\\evil.pdf", "..\\..\\evil.pdf", "a\nb.pdf", "a\tb\x1b[2J.pdf", "~/e.pdf",
     "a//b.pdf", "CON.pdf", "x" * 5000 + ".pdf"],
)  # fmt: skip
def test_names_that_would_lead_out_lead_nowhere(tmp_path: Path, name: str) -> None:
    room = tmp_path / "deep" / "er"
    room.mkdir(parents=True)
    _write(room, raw_zip(name.encode(), PDF, flags=0x800))
    before = set(tmp_path.rglob("*"))
    source = _only(listed([room / "a.zip"], room))
    assert source.path == f"{room}/a.zip!/{name}"
    assert fetched([source], room) == [PDF]
    assert set(tmp_path.rglob("*")) == before
    assert not Path("/etc/evil.pdf").exists()


def test_the_same_name_twice(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped([("a.pdf", b"1"), ("a.pdf", b"2"), ("a.pdf#2", b"3"), ("a.pdf", b"4")])
    _write(tmp_path, data)
    sources = listed([tmp_path / "a.zip"], tmp_path, globs=["*"])
    assert len(sources) == 4
    assert len({source.key for source in sources}) == 4
    assert fetched(sources, tmp_path) == [b"1", b"2", b"3", b"4"]


# -- what is refused --------------------------------------------------------------------------------------------------


def test_encrypted_members(tmp_path: Path) -> None:
    _write(tmp_path, raw_zip(b"a.pdf", PDF, flags=1))
    assert _fault(tmp_path).code is ErrorCode.ENCRYPTED


def test_links_are_not_followed(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("a.pdf")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    _write(tmp_path, buffer.getvalue())
    error = _fault(tmp_path)
    assert error.code is ErrorCode.NOT_A_PDF
    assert "link" in error.message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_bound(tmp_path: Path, method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.pdf", b"\0" * 100_000)
    _write(tmp_path, buffer.getvalue())
    assert f"number {method}" in _fault(tmp_path).message


def test_a_bomb_of_1_to_1000(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.pdf", "w") as member:
        for _ in range(64):
            member.write(bytes(1 << 20))
    data = buffer.getvalue()
    assert len(data) < 70_000
    _write(tmp_path, data)
    error = _fault(tmp_path)
    assert error.code is ErrorCode.TOO_LARGE
    assert "200 times" in error.message


def test_what_really_comes_out_is_counted(tmp_path: Path) -> None:
    """A member that declares 10 bytes and holds 100 gives neither."""
    _write(tmp_path, raw_zip(b"a.pdf", b"x" * 100, declared=10))
    assert _fault(tmp_path).code in (ErrorCode.DAMAGED, ErrorCode.TOO_LARGE)


def test_a_member_that_declares_too_much(tmp_path: Path) -> None:
    _write(tmp_path, raw_zip(b"a.pdf", PDF, declared=(512 << 20) + 1))
    assert _fault(tmp_path).code is ErrorCode.TOO_LARGE


def test_members_that_overlap(tmp_path: Path) -> None:
    """The bomb that gives one packed block many names."""
    one = bytearray(raw_zip(b"a.pdf", b"x" * 1000))
    central = bytes(one[one.index(b"PK\1\2") : one.index(b"PK\5\6")])
    start = one.index(b"PK\1\2")
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 50, 50, 50 * len(central), start, 0)
    _write(tmp_path, bytes(one[:start]) + central * 50 + end)
    error = _fault(tmp_path)
    assert error.code is ErrorCode.TOO_LARGE
    assert "overlap" in error.message


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, zipped({f"{n}.pdf": b"" for n in range(12)}))
    monkeypatch.setattr(inputs_zip, "MAX_MEMBERS", 11)
    assert _fault(tmp_path).code is ErrorCode.TOO_LARGE


def test_archives_inside_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({f"{n}.pdf": b"" for n in range(6)})
    _write(tmp_path, zipped({"b.zip": inner, "c.zip": inner}))
    monkeypatch.setattr(inputs_zip, "MAX_MEMBERS", 11)
    *read, refused = listed([tmp_path / "a.zip"], tmp_path)
    assert len(read) == 6
    assert refused.error is not None
    assert refused.error.code is ErrorCode.TOO_LARGE


def test_a_directory_that_would_eat_the_memory(tmp_path: Path) -> None:
    end = b"PK\5\6" + struct.pack("<HHHHLLH", 0, 0, 1, 1, 25 << 20, 0, 0)
    _write(tmp_path, bytes(26 << 20) + end)
    assert _fault(tmp_path).code is ErrorCode.TOO_LARGE


def test_ten_thousand_members_are_listed_and_read(tmp_path: Path) -> None:
    _write(tmp_path, zipped({f"{n // 100}/{n}.pdf": b"%d" % n for n in range(10_000)}))
    sources = listed([tmp_path / "a.zip"], tmp_path)
    assert fetched(sources, tmp_path) == [b"%d" % n for n in range(10_000)]


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\3\4", b"no archive at all", PDF, zipped({"a.pdf": PDF})[:-20]],
    ids=["empty", "begun", "text", "pdf", "cut"],
)
def test_a_damaged_archive_is_one_failed_source(tmp_path: Path, data: bytes) -> None:
    _write(tmp_path, data)
    error = _fault(tmp_path)
    assert error.code is ErrorCode.DAMAGED
    assert "Download it again" in error.message


def test_a_damaged_archive_inside_another(tmp_path: Path) -> None:
    _write(tmp_path, zipped({"b.zip": b"no archive", "c.pdf": PDF}))
    bad, good = listed([tmp_path / "a.zip"], tmp_path)
    assert bad.error is not None
    assert (bad.path, bad.error.code) == (f"{tmp_path}/a.zip!/b.zip", ErrorCode.DAMAGED)
    assert good.error is None


def test_a_pipe_that_is_called_an_archive(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.zip")
    assert _fault(tmp_path).code is ErrorCode.NOT_A_PDF


def test_an_archive_that_is_not_there(tmp_path: Path) -> None:
    assert _fault(tmp_path).code is ErrorCode.NOT_FOUND


_SOUND = zipped({"b.zip": zipped({"c.pdf": PDF * 20}), "表.pdf": PDF * 50, "x/d.png": bytes(range(256))})


@given(st.lists(st.tuples(st.integers(0, len(_SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_broken_bytes_end_in_errors_of_ours(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    """Whatever stands in an archive: each source gives its bytes or a DocumentError."""
    room = tmp_path_factory.mktemp("fuzz")
    data = bytearray(_SOUND)
    for place, value in changes:
        data[place] = value
    _write(room, bytes(data))
    sources = listed([room / "a.zip"], room)
    sound = [source for source in sources if source.error is None]
    for source, got in zip(sound, fetched(sound, room), strict=True):
        if isinstance(got, bytes):
            assert len(got) == source.size
