"""Lists and manifests: what a line gives, and what a bad file or a bad line does."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulk.inputs import InputError
from bulk.inputs_manifest import Manifest, listed_paths
from listed import listed, said
from model import ErrorCode

# -- lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        (b"", []),
        (b"a.pdf\nb.pdf", ["a.pdf", "b.pdf"]),
        (b"a.pdf\r\n\r\n b .pdf\r\n", ["a.pdf", " b .pdf"]),
        (b"a\nb.pdf\0c.pdf\0", ["a\nb.pdf", "c.pdf"]),
        (b"a.pdf\0", ["a.pdf"]),
        ("\ufeff表.pdf\n".encode(), ["表.pdf"]),
        (b"\xff.pdf\n", ["\udcff.pdf"]),
    ],
)
def test_listed_paths(data: bytes, paths: list[str]) -> None:
    assert list(listed_paths(io.BytesIO(data))) == paths


class _Pipe(io.RawIOBase):
    """Gives what is written to it a byte at a time, as a slow program does."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, 1) if size > 0 else 1)


@given(st.lists(st.binary(min_size=1, max_size=12).filter(lambda b: b"\0" not in b), max_size=8))
def test_names_behind_nuls_come_back_as_they_are(names: list[bytes]) -> None:
    data = b"".join(name + b"\0" for name in names)
    found = [name.encode("utf-8", "surrogateescape") for name in listed_paths(_Pipe(data))]  # type: ignore[arg-type]
    assert found == [name.removeprefix(b"\xef\xbb\xbf") if n == 0 else name for n, name in enumerate(names) if
                     n or name != b"\xef\xbb\xbf"]  # fmt: skip


def test_a_line_without_an_end_does_not_eat_the_memory() -> None:
    paths = list(listed_paths(io.BytesIO(b"x" * (9 << 20))))
    assert max(map(len, paths)) <= 4 << 20


# -- manifests --------------------------------------------------------------------------------------------------------


def _write(room: Path, data: str | bytes, name: str = "m.csv") -> Path:
    (room / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    return room / name


def test_columns_beside_the_path_are_carried(tmp_path: Path) -> None:
    manifest = _write(tmp_path, "url,path,region\nhttps://x/a,a.pdf,云南\n,sub/b.pdf,\n")
    assert said(tmp_path, manifest) == [
        (f"{tmp_path}/a.pdf", {"url": "https://x/a", "region": "云南"}),
        (f"{tmp_path}/sub/b.pdf", {"url": None, "region": None}),
    ]


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffpath,地区\r\na.pdf,云南\r\n".encode(),
        "path,地区\na.pdf,云南\n".encode("gbk"),
        "path,地区\na.pdf,云南\n".encode("utf-16"),
        "path\t地区\na.pdf\t云南\n".encode(),
        "path;地区\na.pdf;云南\n".encode(),
        ' Path ,地区\n"a.pdf", 云南 \n\n,\n'.encode(),
        b'{"path": "a.pdf", "\xe5\x9c\xb0\xe5\x8c\xba": "\xe4\xba\x91\xe5\x8d\x97"}\n\n',
        '\ufeff{"PATH": "a.pdf", "地区": "云南"}'.encode(),
    ],
)
def test_marks_encodings_and_delimiters(tmp_path: Path, data: bytes) -> None:
    assert said(tmp_path, _write(tmp_path, data)) == [(f"{tmp_path}/a.pdf", {"地区": "云南"})]


def test_the_first_place_that_is_filled_counts(tmp_path: Path) -> None:
    manifest = _write(tmp_path, "url,key,path\nmemory://u/a.pdf,,\nmemory://u/b.pdf,k.pdf,\nx,y,p.pdf\n")
    assert [path for path, _ in said(tmp_path, manifest)] == [
        "memory://u/a.pdf", f"{tmp_path}/k.pdf", f"{tmp_path}/p.pdf",
    ]  # fmt: skip
    assert said(tmp_path, manifest)[1][1] == {"url": "memory://u/b.pdf", "key": "k.pdf"}


def test_names_of_ours_get_given_before_them(tmp_path: Path) -> None:
    manifest = _write(tmp_path, "path,pages,Status,url,=1+1\na.pdf,4,new,,x\n")
    assert said(tmp_path, manifest)[0][1] == {
        "given_pages": "4", "given_Status": "new", "url": None, "given_=1+1": "x",
    }  # fmt: skip


def test_lines_of_json_carry_what_any_of_them_has(tmp_path: Path) -> None:
    lines = [
        {"path": "a.pdf", "year": 2023, "tags": ["x", "年"]},
        {"path": "b.pdf", "final": True, "year": None, "note": " "},
    ]
    manifest = _write(tmp_path, "\n".join(map(json.dumps, lines)), "m.jsonl")
    empty = {"final": None, "note": None}
    assert said(tmp_path, manifest) == [
        (f"{tmp_path}/a.pdf", {"year": "2023", "tags": '["x", "年"]', **empty}),
        (f"{tmp_path}/b.pdf", {"year": None, "tags": None, "final": "true", "note": None}),
    ]


def test_a_folder_in_a_manifest_says_it_of_all_under_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / "in" / name).write_bytes(b"%PDF-")
    manifest = _write(tmp_path, "path,region\nin,云南\n")
    assert [texts for _, texts in said(tmp_path, manifest)] == [{"region": "云南"}] * 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("name,region\na.pdf,x\n", "no column path"),
        ("", "no column path"),
        ('{"name": "a.pdf"}\n', "has a path"),
        ("{broken\n", "has a path"),
        ("path,url,URL \na.pdf,1,2\n", "twice"),
        ("path,pages,given_pages\na.pdf,1,2\n", "twice"),
        (b"path\n\xff\xff\x81.pdf\n", "neither in UTF-8 nor in GBK"),
    ],
)
def test_a_manifest_that_is_none(tmp_path: Path, data: str | bytes, why: str) -> None:
    with pytest.raises(InputError, match=why):
        Manifest(_write(tmp_path, data))


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Manifest(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="cannot be read"):
        Manifest(tmp_path)


def _faults(room: Path, manifest: Path) -> dict[str, str]:
    return {
        source.path.removeprefix(f"{room}/"): source.error.message
        for source in listed([], room, manifests=[manifest])
        if source.error is not None
    }


def test_bad_lines_are_failed_documents_and_harm_no_other(tmp_path: Path) -> None:
    lines = ['{"path": "a.pdf"}', '{"path": "cut', "[1]", '"text"', '{"url": ""}', "[" * 100_000, '{"path": "b.pdf"}']
    manifest = _write(tmp_path, "\n".join(lines), "m.jsonl")
    assert list(_faults(tmp_path, manifest)) == [f"m.jsonl:{n}" for n in (2, 3, 4, 5, 6)]
    assert [path for path, _ in said(tmp_path, manifest)] == [f"{tmp_path}/a.pdf", f"{tmp_path}/b.pdf"]
    sources = listed([], tmp_path, manifests=[manifest])
    assert {source.error.code for source in sources if source.error} == {ErrorCode.DAMAGED}


def test_rows_without_a_path_and_cells_of_ten_megabytes(tmp_path: Path) -> None:
    manifest = _write(tmp_path, "path,note\na.pdf,1\n,lost\nb.pdf," + "x" * (10 << 20) + "\nc.pdf,3\nd.pdf,\"open\n")
    assert list(_faults(tmp_path, manifest)) == ["m.csv:3", "m.csv:4"]
    assert said(tmp_path, manifest) == [
        (f"{tmp_path}/a.pdf", {"note": "1"}),
        (f"{tmp_path}/c.pdf", {"note": "3"}),
        (f"{tmp_path}/d.pdf", {"note": "open"}),
    ]


def test_a_line_of_json_of_ten_megabytes(tmp_path: Path) -> None:
    long = json.dumps({"path": "a.pdf", "note": "x" * (10 << 20)})
    manifest = _write(tmp_path, f'{long}\n{{"path": "b.pdf"}}\n', "m.jsonl")
    assert list(_faults(tmp_path, manifest)) == ["m.jsonl:1"]
    assert [path for path, _ in said(tmp_path, manifest)] == [f"{tmp_path}/b.pdf"]


def test_rows_longer_and_shorter_than_the_head(tmp_path: Path) -> None:
    manifest = _write(tmp_path, "path,a,,b\nx.pdf\ny.pdf,1,2,3,4,5\n")
    assert [texts for _, texts in said(tmp_path, manifest)] == [{"a": None, "b": None}, {"a": "1", "b": "3"}]


@pytest.mark.parametrize("path", ["a\0b.pdf", "\ud800.pdf", "x" * 5000, "a\nb.pdf"])
def test_paths_that_no_file_can_have(tmp_path: Path, path: str) -> None:
    manifest = _write(tmp_path, json.dumps({"path": path}), "m.jsonl")
    (source,) = listed([], tmp_path, manifests=[manifest])
    source.path.encode()
    assert source.key


@given(st.binary(max_size=300))
def test_any_bytes_give_sources_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    room = tmp_path_factory.mktemp("fuzz")
    for head in (b"path,a\n", b'{"path": "a"}\n', b""):
        try:
            manifest = Manifest(_write(room, head + data))
        except InputError:
            continue
        for entry in manifest.entries():
            assert entry.fault is not None or (entry.address and len(entry.extras.names) == len(entry.extras.texts))
