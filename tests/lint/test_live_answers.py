"""A server may answer anything: whatever it is gets told as such, in bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from slogen.live import LiveServer, UnreachableError

VERSION = b'{"status":"success","data":{"version":"2.42.0"}}'


@contextmanager
def served(body: bytes, every: float = 0) -> Iterator[str]:
    """The address of a server that answers this to everything, over and over where `every` tells after how long."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)
            try:
                while every:
                    time.sleep(every)
                    self.wfile.write(body)
            except OSError:
                pass

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\x00",
        b"[]",
        b"{}",
        b'{"data": 17}',
        b'{"data": {"version": ["x"], "groups": [1], "result": 3, "resultType": "vector"}}',
        b'{"data": {"version": "x", "groups": [{"rules": [1]}], "result": [1], "resultType": "scalar"}}',
        b'{"data": {"version": "x", "groups": 1, "result": [{"metric": 3, "value": [1, "x"], "values": [1]}],'
        b' "resultType": "vector"}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_answer_of_prometheus_is_told_as_such(body: bytes) -> None:
    with served(body) as url:
        server = LiveServer(url)
        for ask in (
            server.version,
            server.rules,
            lambda: server.query("up"),
            lambda: server.starts("up", 0, 60, 30),
        ):
            with pytest.raises(UnreachableError, match="not one of Prometheus"):
                ask()


def test_an_answer_that_does_not_end_is_not_waited_for() -> None:
    with served(b" ", every=0.05) as url, pytest.raises(UnreachableError, match="timed out"):
        LiveServer(url, timeout=0.2).version()


def test_an_answer_that_is_too_large_is_told_as_such() -> None:
    with served(b" " * (1 << 24), every=0.001) as url, pytest.raises(UnreachableError, match="larger than 64 MiB"):
        LiveServer(url).version()


def test_what_prometheus_answers_is_understood() -> None:
    with served(VERSION) as url:
        assert LiveServer(url).version() == (2, 42)


def test_a_password_in_the_address_is_not_shown() -> None:
    assert LiveServer("http://me:secret@127.0.0.1:9/x").shown == "http://127.0.0.1:9/x"
