"""Finds the Prometheus and promtool under test and their version."""

from __future__ import annotations

import mmap
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BIN_ENV = "SLOGEN_PROMETHEUS_BIN"
_PRINTED = re.compile(r"prometheus, version v?(\d+)\.(\d+)")
_MODULE = re.compile(rb"(?:mod|dep)\tgithub\.com/prometheus/prometheus\tv0\.(\d+)\.\d+")


@dataclass(frozen=True)
class Tools:
    """The two programs and their version as (major, minor), e.g. (2, 42)."""

    prometheus: Path
    promtool: Path
    version: tuple[int, int]


def find_tools() -> Tools:
    """The programs in the folder SLOGEN_PROMETHEUS_BIN, else those on PATH; raises, never skips."""
    return _find(os.environ.get(BIN_ENV, ""))


@cache
def _find(folder: str) -> Tools:
    prometheus = _program("prometheus", folder)
    return Tools(prometheus, _program("promtool", folder), _version(prometheus))


def _program(name: str, folder: str) -> Path:
    found = shutil.which(name, path=folder or None)
    if found is None:
        where = f"in {BIN_ENV}={folder}" if folder else f"on PATH, and {BIN_ENV} is not set"
        raise RuntimeError(f"{name} is not {where}: run `make tools`")
    return Path(found).resolve()


def _version(prometheus: Path) -> tuple[int, int]:
    """What the program prints, else its Go module version: v0.42 is 2.42, v0.315 is 3.15."""
    done = subprocess.run([prometheus, "--version"], capture_output=True, text=True, check=True, timeout=30)
    if printed := _PRINTED.search(done.stdout + done.stderr):
        return int(printed[1]), int(printed[2])
    with prometheus.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
        module = _MODULE.search(image)
        if module is None:
            raise RuntimeError(f"{prometheus} does not tell its version: run `make tools`")
        minor = int(module[1])
    return (2, minor) if minor < 300 else (minor // 100, minor % 100)
