"""The queries of a runbook on a real Prometheus, as somebody on call would run them while the service burns."""

from __future__ import annotations

import re

import numpy as np
import pytest
from compile import METRIC, plan_of, rules_text, service_of
from harness.backfill import SeriesData
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import MIDNIGHT
from harness.tools import Tools

from slogen.pipeline import render
from slogen.promql.durations import parse_duration

pytestmark = pytest.mark.prometheus

HOUR = 3600
LENGTH = 27 * HOUR
END = MIDNIGHT + LENGTH - 60
BURNING = 2 * HOUR
SCRAPE = 30
FAILED = 4
"""Requests that fail each second, all of them on one route in one region."""

SPEC = service_of(
    {
        "name": "availability",
        "description": "Requests that do not fail.",
        "objective": 99,
        "window": "1d",
        "by": ["region"],
        "alerting": {"page": {"scope": "both"}},
        "sli": {
            "type": "events",
            "bad": f'{METRIC}{{job="shop", code="500"}}',
            "total": f'{METRIC}{{job="shop"}}',
            "breakdown": ["route"],
        },
    },
    memory=[{"type": "process", "selector": '{job="shop"}', "limit": "4Gi"}],
)
EMPTY = {
    "Events at this time a week ago": "there is no week of history",
    "Which targets are down": "all of them are up",
    "Which signs are there": "memory is steady",
    "Seconds until it is full, the soonest first": "memory is steady, so it never fills",
}
"""Queries that have nothing to show in this past, and why."""


def past() -> list[SeriesData]:
    """Two regions and two routes at ten requests a second each; one route fails at the end, in one region."""
    times = MIDNIGHT + np.arange(10.0, LENGTH, SCRAPE)
    whole = np.floor((times - MIDNIGHT) * 10)
    failed = np.floor(np.clip(times - (END - BURNING), 0, None) * FAILED)
    series = []
    for region, route in (("eu", "/pay"), ("eu", "/list"), ("us", "/pay"), ("us", "/list")):
        bad = failed if (region, route) == ("eu", "/pay") else 0 * failed
        for code, values in (("200", whole - bad), ("500", bad)):
            labels = {"job": "shop", "region": region, "route": route, "code": code}
            series.append(SeriesData(METRIC, labels, times, values))
    own = {"job": "shop", "instance": "a:1"}
    steady = np.full(len(times), 1.0)
    return [
        *series,
        SeriesData("up", own, times, steady),
        SeriesData("process_resident_memory_bytes", own, times, steady * 2**31),
        SeriesData("process_start_time_seconds", own, times, steady * MIDNIGHT),
    ]


def test_every_query_has_data_while_the_service_burns(tools: Tools) -> None:
    (page,) = render(plan_of(SPEC), ["runbooks"])
    queries = re.findall(r"^([A-Z][^\n]*):\n\n```promql\n(.*?)\n```$", page.text, re.MULTILINE | re.DOTALL)
    assert len(queries) == page.text.count("```promql")
    with Prometheus(tools) as server:
        record(server, rules_text(SPEC), MIDNIGHT, END, extra=past())
        found = {(title, query): server.query(query, END) for title, query in queries}
        nothing = {title for (title, _), samples in found.items() if not samples}
        assert nothing == set(EMPTY) & {title for title, _ in queries}

        title, first = queries[0]
        (route,) = found[title, first]
        window = parse_duration(re.findall(r"^Who is hurt: bad events of the last (\S+) by route$", title)[0])
        assert route.labels == {"route": "/pay"}
        assert route.value == pytest.approx(FAILED * (window - SCRAPE), rel=0.01)
        rates = next(key for key in found if "slo_group:burn_rate" in key[1])
        worst = max(found[rates], key=lambda one: one.value)
        assert worst.labels["region"] == "eu"
        assert worst.value == pytest.approx(FAILED / 20 / 0.01, rel=0.03)
