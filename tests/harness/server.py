"""A Prometheus on loopback with its own data folder, and its HTTP API."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time as clock
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import yaml

from .api import HttpApi, is_ready
from .tools import Tools, find_tools

READY_SECONDS = 60.0
STARTS = 5
# One block range far beyond any test: the head, which holds staleness markers only, is never compacted.
_FLAGS = (
    "--storage.tsdb.retention.time=10y",
    "--storage.tsdb.min-block-duration=365d",
    "--storage.tsdb.max-block-duration=365d",
    "--query.timeout=10m",
    "--query.max-samples=500000000",
    "--web.enable-remote-write-receiver",
    "--log.level=warn",
)


class Prometheus(HttpApi):
    """Context manager: starts in a temporary folder, waits until ready, stops and removes the folder.

    `rule_files` maps a file name to rules text; `flags` are appended to the command line, e.g.
    `--enable-feature=native-histograms`. The folder is kept when `folder` is given.
    """

    def __init__(
        self,
        tools: Tools | None = None,
        *,
        config: str = "",
        rule_files: Mapping[str, str] | None = None,
        flags: Sequence[str] = (),
        folder: Path | None = None,
    ) -> None:
        self.tools = tools or find_tools()
        self._own = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="slogen-prom-"))
        self.data_dir = self.folder / "data"
        self.log = self.folder / "prometheus.log"
        self.flags = tuple(flags)
        self._process: subprocess.Popen[bytes] | None = None
        self._log_file: IO[bytes] | None = None
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._write_config(config, rule_files or {})

    def _write_config(self, text: str, rule_files: Mapping[str, str]) -> None:
        config: dict[str, Any] = yaml.safe_load(text) or {}
        for name, rules in rule_files.items():
            (self.folder / name).write_text(rules, encoding="utf-8")
        if rule_files:
            config["rule_files"] = [*config.get("rule_files", []), *rule_files]
        # Staleness markers of the past are out-of-order samples.
        config.setdefault("storage", {}).setdefault("tsdb", {}).setdefault("out_of_order_time_window", "10y")
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Starts the process and waits for /-/ready; another process may take the free port, so it retries."""
        for attempt in range(STARTS):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            self._spawn()
            if self._ready():
                return
            self.stop()
            log = self.log.read_text(encoding="utf-8", errors="replace")
            if "address already in use" not in log or attempt == STARTS - 1:
                raise RuntimeError(f"prometheus did not become ready:\n{log[-4000:]}")

    def _spawn(self) -> None:
        command = [
            str(self.tools.prometheus),
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.data_dir}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            *_FLAGS,
            *self.flags,
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

    def stop(self) -> None:
        """Ends the process that was started here: terminate, and kill after 20 s."""
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

    def restart(self) -> None:
        """Stops and starts on the same data; blocks written meanwhile are seen. The port changes."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stops, and removes the folder unless the caller gave it."""
        self.stop()
        if self._own:
            shutil.rmtree(self.folder, ignore_errors=True)
