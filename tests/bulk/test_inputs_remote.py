"""Objects of remote stores, against an S3-compatible server on loopback and fsspec's store in memory."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bulk.inputs import Source
from bulk.inputs_fetch import Fetcher
from listed import fetched, listed, zipped
from model import DocumentError, ErrorCode
from store import Store, serving

PDF = b"%PDF-1.4 a"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    # moto keeps its buckets for the whole process: a store of its own for each test
    from moto.s3.models import s3_backends

    s3_backends.reset()
    with serving(monkeypatch) as served:
        yield served


@pytest.fixture
def memory() -> Iterator[None]:
    import fsspec

    system = fsspec.filesystem("memory")
    yield
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def _put_memory(**objects: bytes) -> None:
    import fsspec

    for name, data in objects.items():
        fsspec.filesystem("memory").pipe_file(f"/box/{name}.pdf", data)


def _paths(sources: list[Source]) -> list[str]:
    return [source.path for source in sources]


def _error(got: bytes | DocumentError) -> DocumentError:
    assert isinstance(got, DocumentError)
    return got


# -- S3 ---------------------------------------------------------------------------------------------------------------


def test_a_bucket_is_listed_with_all_under_it(store: Store, tmp_path: Path) -> None:
    for key in ("b.pdf", "a/2.PDF", "a/1.png", "a/b/3.pdf", "a/.h.pdf", ".git/x.pdf", "c.txt", "云南 表+%.pdf", "a/"):
        store.put(key, key.encode())
    sources = listed(["s3://reports"], tmp_path)
    assert _paths(sources) == [
        f"s3://reports/{key}" for key in ("a/1.png", "a/2.PDF", "a/b/3.pdf", "b.pdf", "云南 表+%.pdf")
    ]
    assert all(source.version is not None and source.size for source in sources)
    assert fetched(sources, tmp_path) == [source.path.removeprefix("s3://reports/").encode() for source in sources]
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize("address", ["s3://reports/a", "s3://reports/a/"])
def test_a_prefix_is_a_folder(store: Store, tmp_path: Path, address: str) -> None:
    for key in ("a/1.pdf", "a/x/2.pdf", "ab/3.pdf"):
        store.put(key, PDF)
    assert _paths(listed([address], tmp_path)) == ["s3://reports/a/1.pdf", "s3://reports/a/x/2.pdf"]
    assert _paths(listed([address], tmp_path, globs=["x/*"])) == ["s3://reports/a/x/2.pdf"]


def test_keys_that_are_no_paths(store: Store, tmp_path: Path) -> None:
    keys = ["/a.pdf", "[z]*?#.pdf", "a/../b.pdf", "a//b.pdf", "x%20+y.pdf"]
    for key in keys:
        store.put(key, key.encode())
    sources = listed(["s3://reports/"], tmp_path)
    assert _paths(sources) == [f"s3://reports/{key}" for key in keys]
    assert fetched(sources, tmp_path) == [key.encode() for key in keys]


@pytest.mark.slow
def test_more_objects_than_a_page_of_a_listing(store: Store, tmp_path: Path) -> None:
    for n in range(1050):
        store.put(f"{n:04}.pdf", b"")
    assert _paths(listed(["s3://reports"], tmp_path)) == [f"s3://reports/{n:04}.pdf" for n in range(1050)]


def test_single_objects_are_asked_for_and_known_by_their_etag(store: Store, tmp_path: Path) -> None:
    store.put("a.pdf", b"1")
    store.put("b", b"2")
    given = listed(["s3://reports/a.pdf", "s3://reports/b", "s3://reports/gone.pdf"], tmp_path)

    def described() -> list[Source]:
        with Fetcher(tmp_path / "spool", lambda: True) as fetcher:
            return list(fetcher.described(given))

    before = described()
    assert [source.size for source in before] == [1, 1, None]
    assert described() == before
    store.put("a.pdf", b"3")
    after = described()
    assert [old.version == new.version for old, new in zip(before, after, strict=True)] == [False, True, True]
    three, two, gone = fetched(given, tmp_path)
    assert (three, two) == (b"3", b"2")
    assert _error(gone).code is ErrorCode.NOT_FOUND


def test_an_archive_in_a_bucket_is_read_in_pieces(store: Store, tmp_path: Path) -> None:
    filling = os.urandom(30 << 20)
    store.put("x/a.zip", zipped([("fill.bin", filling), ("表.pdf", PDF), ("b.zip", zipped({"c.pdf": b"c"}))]))
    sources = listed(["s3://reports"], tmp_path)
    assert _paths(sources) == ["s3://reports/x/a.zip!/表.pdf", "s3://reports/x/a.zip!/b.zip!/c.pdf"]
    assert fetched(sources, tmp_path) == [PDF, b"c"]
    assert fetched(listed(["s3://reports/x/a.zip!/表.pdf"], tmp_path), tmp_path) == [PDF]


def test_a_damaged_archive_in_a_bucket(store: Store, tmp_path: Path) -> None:
    store.put("a.zip", b"no archive")
    sources = listed(["s3://reports/a.zip", "s3://reports/gone.zip", "s3://reports/gone.zip!/a.pdf"], tmp_path)
    assert [source.error and source.error.code for source in sources] == [
        ErrorCode.DAMAGED, ErrorCode.NOT_FOUND, None,
    ]  # fmt: skip
    assert _error(fetched(sources[2:], tmp_path)[0]).code is ErrorCode.NOT_FOUND


def test_a_bucket_that_is_not_there(store: Store, tmp_path: Path) -> None:
    given = ["s3://no-such-bucket", "s3://no-such-bucket/a.pdf", "s3://reports/x/", "s3://reports/x"]
    sources = listed(given, tmp_path)
    assert [source.error and source.error.code for source in sources] == [
        ErrorCode.NOT_FOUND, None, ErrorCode.NOT_FOUND, ErrorCode.NOT_FOUND,
    ]  # fmt: skip
    assert _error(fetched(sources[1:2], tmp_path)[0]).code is ErrorCode.NOT_FOUND


@pytest.mark.slow
def test_a_store_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        folder, single = listed(["s3://reports", "s3://reports/a.pdf"], tmp_path)
        assert folder.error is not None
        assert folder.error.code is ErrorCode.UNREACHABLE
        error = _error(fetched([single], tmp_path)[0])
        assert error.code is ErrorCode.UNREACHABLE
        assert "next run tries again" in error.message


# -- other stores -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("memory")
def test_memory(tmp_path: Path) -> None:
    _put_memory(a=b"1", b=b"2")
    sources = listed(["memory://box", "memory://box/b.pdf", "memory://box/c.pdf"], tmp_path)
    assert _paths(sources) == ["memory://box/a.pdf", "memory://box/b.pdf", "memory://box/c.pdf"]
    one, two, gone = fetched(sources, tmp_path)
    assert (one, two) == (b"1", b"2")
    assert _error(gone).code is ErrorCode.NOT_FOUND


@contextmanager
def _pages(folder: Path) -> Iterator[str]:
    """A plain web server over a folder."""
    pages = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), pages) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_url_of_http_is_one_object(tmp_path: Path) -> None:
    (tmp_path / "web" / "x").mkdir(parents=True)
    (tmp_path / "web" / "表 1.pdf").write_bytes(PDF)
    (tmp_path / "web" / "x" / "a.zip").write_bytes(zipped({"m.pdf": b"m"}))
    with _pages(tmp_path / "web") as url:
        given = [f"{url}/表 1.pdf", f"{url}/gone.pdf", f"{url}/x/", f"{url}/x/a.zip"]
        sources = listed(given, tmp_path)
        assert [source.path for source in sources] == [*given[:3], f"{url}/x/a.zip!/m.pdf"]
        first, gone, page, member = fetched(sources, tmp_path)
    assert (first, member) == (PDF, b"m")
    assert _error(gone).code is ErrorCode.NOT_FOUND
    assert isinstance(page, bytes)  # a page of links is what it is: none is followed
    assert b"a.zip" in page


def test_a_file_url_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "表 1.pdf").write_bytes(PDF)
    (source,) = listed([(tmp_path / "表 1.pdf").as_uri()], tmp_path)
    assert source.is_local_file
    assert source.key == os.fsencode(tmp_path / "表 1.pdf")


def test_a_store_that_there_is_not(tmp_path: Path) -> None:
    (source,) = listed(["nosuchstore://box/a.pdf"], tmp_path)
    assert _error(fetched([source], tmp_path)[0]).code is ErrorCode.NOT_FOUND


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    (source,) = listed(["s3://reports/a.pdf"], tmp_path)
    error = _error(fetched([source], tmp_path)[0])
    assert error.code is ErrorCode.UNREACHABLE
    assert "pip install 'zipingbiao[remote]'" in error.message


# -- the spool --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("memory")
def test_only_a_few_are_fetched_ahead(tmp_path: Path) -> None:
    _put_memory(**{f"n{n:03}": b"x" for n in range(100)})
    sources = listed(["memory://box"], tmp_path)
    most = 0
    with Fetcher(tmp_path / "spool", lambda: True) as fetcher:
        for _, got in fetcher.fetched(sources):
            assert not isinstance(got, DocumentError)
            most = max(most, len(list((tmp_path / "spool").iterdir())))
            fetcher.drop(got.file)
    assert 2 <= most <= 10
    assert not (tmp_path / "spool").exists()


@pytest.mark.usefixtures("memory")
def test_bytes_ahead_are_bounded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bulk import inputs_fetch

    _put_memory(**{f"n{n}": b"x" * 1000 for n in range(20)})
    monkeypatch.setattr(inputs_fetch, "_AHEAD_BYTES", 1500)
    sources = listed(["memory://box"], tmp_path)
    with Fetcher(tmp_path / "spool", lambda: True) as fetcher:
        assert fetcher.has_room()
        for _, got in fetcher.fetched(sources):
            assert not isinstance(got, DocumentError)
            assert len(list((tmp_path / "spool").iterdir())) <= 3
            fetcher.drop(got.file)


@pytest.mark.usefixtures("memory")
def test_objects_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bulk import inputs_remote

    _put_memory(a=b"x" * 100)
    monkeypatch.setattr(inputs_remote, "MAX_MEMBER_BYTES", 99)
    assert _error(fetched(listed(["memory://box"], tmp_path), tmp_path)[0]).code is ErrorCode.TOO_LARGE


@pytest.mark.usefixtures("memory")
def test_a_stop_gives_nothing_that_is_cut(tmp_path: Path) -> None:
    _put_memory(a=b"1", b=b"2", c=b"3")
    sources = listed(["memory://box"], tmp_path)
    goes_on = iter([True, True, False])
    with Fetcher(tmp_path / "spool", lambda: next(goes_on, False)) as fetcher:
        assert [got for _, got in fetcher.fetched(sources) if isinstance(got, DocumentError)] == []


@pytest.mark.usefixtures("memory")
def test_a_full_disk_is_no_documents_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    _put_memory(a=b"1")
    sources = listed(["memory://box"], tmp_path)

    def full(*_: object, **__: object) -> object:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Fetcher(tmp_path / "spool", lambda: True) as fetcher:
        monkeypatch.setattr(Path, "open", full)
        with pytest.raises(OSError, match="No space"):
            list(fetcher.fetched(sources))


def test_leftovers_of_a_killed_run_go(tmp_path: Path) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "7.pdf").write_bytes(PDF)
    with Fetcher(tmp_path / "spool", lambda: True):
        assert not (tmp_path / "spool").exists()
