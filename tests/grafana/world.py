"""What the dashboards show: services in every state, days of their past up to now, on a Prometheus on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from compile import repository
from harness.server import Prometheus
from scenes import DAY, HOUR, Scene, play

from slogen.pipeline import compile_specs, render

AHEAD = HOUR
"""Seconds after now for which there is a past already, so that the last minutes do not run empty meanwhile."""

LENGTH = 7.5 * DAY
CONFIG = {"links": {"runbook": "https://runbooks.example.com/{service}#{anchor}"}}


@dataclass(frozen=True)
class World:
    """A server, and the dashboards of its services by path."""

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
def world(shown: float = LENGTH) -> Iterator[World]:
    """The server as long as it is wanted; recorded are the last `shown` seconds of all but events."""
    made = scenes(time.time() // 60 * 60)
    with repository([scene.spec() for scene in made], CONFIG):
        plan = compile_specs([]).plan
        rules = [file.text for file in render(plan, ["prometheus"])]
        files = {file.path: file.text for file in render(plan, ["grafana"])}
    boards = {path: json.loads(text) for path, text in files.items() if path.endswith(".json")}
    with Prometheus() as server:
        play(server, made, rules, shown)
        yield World(server, boards)
