"""What the dashboards show: services in every state, days of their past up to now, on a Prometheus on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from harness.server import Prometheus
from scenes import DAY, HOUR, Scene, made, play

AHEAD = HOUR
"""Seconds after now for which there is a past already, so that the last minutes do not run empty meanwhile."""

LENGTH = 7.5 * DAY
CONFIG = {"links": {"runbook": "https://runbooks.example.com/{service}#{anchor}"}}


@dataclass(frozen=True)
class World:
    """A server, and the dashboards of its services and of all of them, by name."""

    prometheus: Prometheus
    boards: dict[str, dict[str, Any]]


def scenes(now: float) -> list[Scene]:
    """One service in each state; in trouble for two hours by now, where there is any."""
    end = now + AHEAD
    begin = now - LENGTH
    return [
        Scene("calm", begin, end, "7d"),
        Scene("ablaze", begin, end, "7d", burning=True),
        Scene("newborn", now - 2 * HOUR, end, "7d", lean=True),
    ]


@contextmanager
def world() -> Iterator[World]:
    """The server and the dashboards, as long as they are wanted."""
    rules, boards = made(scenes(time.time() // 60 * 60), CONFIG)
    with Prometheus() as server:
        play(server, rules, LENGTH)
        yield World(server, boards)
