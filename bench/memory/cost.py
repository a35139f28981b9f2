"""What the rules of a watched container cost on a real Prometheus, per container and minute, every rule counted."""

from __future__ import annotations

import time

import numpy as np
from compile import rules_text
from harness.backfill import SeriesData, load
from harness.rules import Rule, load_rules
from harness.server import Prometheus

from memory.history import STEP
from slogen import naming
from slogen.promql.durations import DAY
from slogen.resources import container

PODS = 20
_CONTAINER = {"namespace": "shop", "container": "app"}
_LONG = {naming.UTILISATION: STEP, naming.UPTIME: STEP, naming.FLOOR: 240}
"""Seconds between samples of what rules read over a time."""


def measure() -> tuple[float, float, int]:
    """Samples and seconds of evaluation per container and minute, and the number of rules."""
    rules = load_rules(rules_text(container.EXAMPLE))
    end = float(int(time.time() // 60) * 60)
    with Prometheus() as server:
        load(server, [*_scraped(end), *_recorded(rules, end)])
        found = [(rule, server.stats(rule.expr, end)) for rule in rules]
    samples, seconds = (sum(stats[part] * 60 / rule.interval for rule, stats in found) for part in (0, 1))
    return samples / PODS, seconds / PODS, len(rules)


def _pods() -> list[dict[str, str]]:
    return [{**_CONTAINER, "pod": f"checkout-6d5f7c9b8d-{letter}xk2z"} for letter in "bcdfghjklmnpqrstvwxz"[:PODS]]


def _scraped(end: float) -> list[SeriesData]:
    """An hour of what exporters tell of each pod."""
    at = end - 3600 + 7.3 + 30.0 * np.arange(119)
    values = {
        "container_memory_working_set_bytes": 5e8,
        "container_start_time_seconds": end - 3 * DAY,
        "kube_pod_container_resource_limits": 1e9,
        "kube_pod_container_status_restarts_total": 0.0,
    }
    resource = {"kube_pod_container_resource_limits": {"resource": "memory"}}
    return [
        SeriesData(name, {**labels, **resource.get(name, {})}, at, np.full(len(at), value))
        for labels in _pods()
        for name, value in values.items()
    ]


def _recorded(rules: list[Rule], end: float) -> list[SeriesData]:
    """Three days of what is read over a time, and a recent sample of everything else that is there on a quiet day."""
    found = []
    for rule in rules:
        if rule.is_alert or rule.name in {naming.AT_RISK, naming.OOM_KILLS, naming.UNLIMITED}:
            continue
        step = _LONG.get(rule.name)
        at = end - 30.0 - (step or STEP) * np.arange(3 * DAY // step if step else 1)[::-1]
        for labels in _pods():
            whole = {**labels, **rule.labels, naming.START: "1"}
            found.append(SeriesData(rule.name, whole, at, np.full(len(at), 0.5)))
    return found
