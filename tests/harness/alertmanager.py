"""An Alertmanager on loopback with its own data folder, its HTTP API, and a receiver of its notifications."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import threading
import time as clock
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from .api import ApiError, is_ready

PROGRAMS = ("alertmanager", "prometheus-alertmanager")
"""The server's name upstream and in Debian."""

READY_SECONDS = 60.0
WAIT_SECONDS = 60.0
STARTS = 5

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Posted:
    """An alert as Prometheus sends it; times in unix seconds, without an end it fires."""

    labels: Labels
    start: float
    end: float | None = None


@dataclass(frozen=True)
class Held:
    """An alert as Alertmanager holds it; `inhibitors` are the fingerprints of alerts that mute it."""

    labels: dict[str, str]
    fingerprint: str
    inhibitors: tuple[str, ...]


@dataclass(frozen=True)
class Notification:
    """What one receiver was told at once: labels of the alerts that fire and of those that ended."""

    receiver: str
    firing: tuple[dict[str, str], ...]
    resolved: tuple[dict[str, str], ...]


def find_program(*names: str) -> Path:
    """The first program on PATH; raises, never skips."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise RuntimeError(f"{' or '.join(names)} is not on PATH: run `make tools`")
    return Path(found).resolve()


def check_config(config: str) -> tuple[bool, str]:
    """`amtool check-config`: whether it is content, and what it said."""
    with tempfile.TemporaryDirectory(prefix="slogen-amtool-") as folder:
        path = Path(folder) / "alertmanager.yml"
        path.write_text(config, encoding="utf-8")
        command = [str(find_program("amtool")), "check-config", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode == 0, done.stdout + done.stderr


class Alertmanager:
    """Context manager: starts in a temporary folder without a cluster, waits until ready, stops, removes the folder."""

    def __init__(self, config: str) -> None:
        self.port = 0
        self.folder = Path(tempfile.mkdtemp(prefix="slogen-am-"))
        self.log = self.folder / "alertmanager.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._log_file: IO[bytes] | None = None
        (self.folder / "alertmanager.yml").write_text(config, encoding="utf-8")

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The root of the HTTP interface, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    def _start(self) -> None:
        for attempt in range(STARTS):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            self._spawn()
            if self._ready():
                return
            self._stop()
            log = self.log.read_text(encoding="utf-8", errors="replace")
            if "address already in use" not in log or attempt == STARTS - 1:
                raise RuntimeError(f"alertmanager did not become ready:\n{log[-4000:]}")

    def _spawn(self) -> None:
        command = [
            str(find_program(*PROGRAMS)),
            f"--config.file={self.folder / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--log.level=warn",
        ]
        self._log_file = self.log.open("wb")
        self._process = subprocess.Popen(command, stdout=self._log_file, stderr=subprocess.STDOUT, cwd=self.folder)

    def _ready(self) -> bool:
        deadline = clock.monotonic() + READY_SECONDS
        while clock.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            if is_ready(self.url):
                return True
            clock.sleep(0.02)
        return False

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._log_file is not None:
            self._log_file.close()
            self._log_file = None

    def close(self) -> None:
        """Ends the process that was started here, and removes the folder."""
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def post(self, *alerts: Posted) -> None:
        """Sends alerts, which are taken in this order."""
        body = [
            {"labels": dict(one.labels), "startsAt": _told(one.start)}
            | ({} if one.end is None else {"endsAt": _told(one.end)})
            for one in alerts
        ]
        self._call(json.dumps(body).encode())

    def alerts(self) -> list[Held]:
        """The alerts that have not ended."""
        return [
            Held(one["labels"], one["fingerprint"], tuple(one["status"]["inhibitedBy"]))
            for one in json.loads(self._call(None))
        ]

    def _call(self, body: bytes | None) -> bytes:
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise ApiError(error.read().decode(errors="replace")) from None


def _told(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()


class Receiver:
    """Context manager: takes webhook notifications at `url` and keeps them in the order in which they came."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._notifications: list[Notification] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                receiver._take(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the base class has it
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where Alertmanager is to send to."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, body: Mapping[str, Any]) -> None:
        by_status: dict[str, list[dict[str, str]]] = {"firing": [], "resolved": []}
        for alert in body["alerts"]:
            by_status[alert["status"]].append(alert["labels"])
        told = Notification(body["receiver"], tuple(by_status["firing"]), tuple(by_status["resolved"]))
        with self._news:
            self._notifications.append(told)
            self._news.notify_all()

    @property
    def notifications(self) -> list[Notification]:
        """What came up to now."""
        with self._news:
            return list(self._notifications)

    def wait(self, wanted: Callable[[Sequence[Notification]], bool]) -> list[Notification]:
        """What came, as soon as that is what is wanted; raises where it never is."""
        with self._news:
            if not self._news.wait_for(lambda: wanted(self._notifications), WAIT_SECONDS):
                raise AssertionError(f"not what was waited for: {self._notifications}")
            return list(self._notifications)
