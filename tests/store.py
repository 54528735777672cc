"""An S3-compatible server on loopback for tests, and what it was asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest

logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Store:
    """A bucket `reports` on a server in this process. `asked` holds the requests since it was cleared."""

    def __init__(self, url: str, asked: list[str]) -> None:
        import boto3

        self.url = url
        self.asked = asked
        self._client: Any = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
        self._client.create_bucket(Bucket="reports")

    def put(self, key: str, data: bytes) -> None:
        """Put an object."""
        self._client.put_object(Bucket="reports", Key=key, Body=data)

    def delete(self, key: str) -> None:
        """Delete an object."""
        self._client.delete_object(Bucket="reports", Key=key)

    def downloads(self) -> list[str]:
        """The objects that were read, each once."""
        return sorted({asked.partition(" ")[2] for asked in self.asked if asked.startswith("GET /reports/")})


def _noting(application: Callable[..., Iterable[bytes]], asked: list[str]) -> Callable[..., Iterable[bytes]]:
    def noted(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if not environment["QUERY_STRING"].startswith("list-type") and environment["PATH_INFO"] != "/reports/":
            asked.append(f"{environment['REQUEST_METHOD']} {environment['PATH_INFO']}")
        return application(environment, start)

    return noted


@contextmanager
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A server, with the environment by which a run finds it."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    asked: list[str] = []
    application = _noting(DomainDispatcherApplication(create_backend_app), asked)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        store = Store(url, asked)
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
