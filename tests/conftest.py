"""What all tests share. The benches are imported by tests that hold them against a real server."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from harness.tools import Tools, find_tools

os.environ["SLOGEN_CACHE"] = "off"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The Prometheus and promtool under test."""
    return find_tools()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test that only waits, for minutes, comes first: the others run meanwhile."""
    items.sort(key=lambda item: item.path.name != "test_live.py")
