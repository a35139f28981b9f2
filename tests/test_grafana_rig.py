"""What judges dashboards is judged itself: it says plainly what it lacks, and fills variables in as Grafana does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from harness.boards import ALL, View, interpolated, interval
from harness.server import Prometheus

RIG = Path(__file__).parent / "grafana"
VARIABLES = ("GRAFANA_URL", "GRAFANA_TOKEN", "GRAFANA_USER", "GRAFANA_PASSWORD")


def run(environment: Mapping[str, str]) -> tuple[int, str]:
    bare = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, str(RIG)], env={**bare, **environment}, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stderr


@contextmanager
def pretending(version: str) -> Iterator[str]:
    """A server that says it is Grafana of a version."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"database": "ok", "version": version}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the base class has it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "GRAFANA_URL is not set"),
        ({"GRAFANA_URL": "http://127.0.0.1:9"}, "GRAFANA_TOKEN is not set"),
        ({"GRAFANA_URL": "http://127.0.0.1:9", "GRAFANA_TOKEN": "t"}, "there is no Grafana at http://127.0.0.1:9"),
    ],
)
def test_without_a_grafana_it_fails_and_says_why(environment: dict[str, str], said: str) -> None:
    code, told = run(environment)
    assert code == 1
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize("version", ["9.5.2", "10.3.0", "13.0.0"])
def test_a_grafana_that_is_not_supported_is_refused(version: str) -> None:
    with pretending(version) as url:
        code, told = run({"GRAFANA_URL": url, "GRAFANA_TOKEN": "t"})
    assert code == 1
    assert f"is Grafana {version}; 10.4 to 12 are supported" in told


GROUP = {"name": "region", "type": "custom", "query": "eu, us, a.b", "multi": True, "includeAll": True}
BOARD = {"templating": {"list": [GROUP, {"name": "service", "type": "constant", "query": "shop"}]}}


@pytest.mark.parametrize(
    ("chosen", "filled"),
    [
        ("eu", '{region=~"eu"}'),
        ("a.b", r'{region=~"a\\.b"}'),
        (("eu", "us"), '{region=~"(eu|us)"}'),
        (ALL, r'{region=~"(eu|us|a\\.b)"}'),
    ],
)
def test_variables_are_filled_in_as_grafana_does(chosen: str | tuple[str, ...], filled: str) -> None:
    view = View(0, 3600, {"region": chosen})
    assert interpolated(Prometheus.__new__(Prometheus), BOARD, '{region=~"$region"}', view) == filled


def test_lengths_of_time_follow_the_width_of_a_panel() -> None:
    """Six hours on 600 pixels are 36 s each, 30 s when rounded; a rate needs four scrapes of 30 s at least."""
    view = View(0, 6 * 3600)
    assert interval(view, 600) == 30
    assert interval(view, 600, 60) == 60
    text = interpolated(
        Prometheus.__new__(Prometheus), BOARD, "[$__interval] [$__rate_interval] [${__range}] $service", view
    )
    assert text == "[30s] [120s] [21600s] shop"
