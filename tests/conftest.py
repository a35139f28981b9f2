"""What all tests share."""

from __future__ import annotations

import pytest
from harness.tools import Tools, find_tools


@pytest.fixture(scope="session")
def tools() -> Tools:
    """The Prometheus and promtool under test."""
    return find_tools()
