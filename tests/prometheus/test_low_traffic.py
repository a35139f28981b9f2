"""Alerts where every request counts: the guard of two real errors, and one notification for one outage."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from compile import METRIC, rules_text, service, service_of
from harness import rate_model
from harness.alerts import evaluate_alert
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import MIDNIGHT
from harness.tools import Tools
from timelines import HOUR, at_moments, evaluate, groups_of, rules_behind, scraped, starts

from slogen import naming

pytestmark = pytest.mark.prometheus

PAGE = "SLOBudgetBurnPage"
EVALUATED = 17.0
"""Seconds after the minute at which the rules of the guard's tests are evaluated."""

# A scrape right after an evaluation leaves the most to be extrapolated, one right before it nothing.
OFFSETS = (17.05, 17.5, 20.0, 25.0, 29.9, 2.0, 7.0, 12.0, 16.5, 16.95)
ERRORS_AT = 2 * HOUR + 605.0

# Scrape that sees each error (counted from the first), value of the counter before it, whether it must page.
ERRORS = {
    "one-known": ((0,), 1000, False),
    "one-first": ((0,), 0, False),
    "two-known": ((0, 7), 1000, True),
    "two-known-at-once": ((0, 0), 1000, True),
    "two-first-0012": ((0, 1), 0, True),
    "two-first-at-once": ((0, 0), 0, True),
    "two-first-apart": ((0, 9), 0, True),
}


def _errors(case: str, number: int, scrapes: Floats) -> SeriesData:
    at, before, _ = ERRORS[case]
    # Right before a scrape: whatever the phase, the scrape sees it.
    first = np.searchsorted(scrapes, MIDNIGHT + ERRORS_AT)
    seen = scrapes[first + np.array(at)] - 0.5
    values = before + np.searchsorted(np.sort(seen), scrapes, side="right").astype(float)
    return SeriesData(METRIC, {"case": case, "phase": str(number), "code": "500"}, scrapes, values)


def test_two_real_errors_pass_the_guard_and_one_never_does(tools: Tools) -> None:
    """At each scrape phase, with 20 ms of jitter, and as a counter's first; readings agree with bench/guard.py's."""
    rng = np.random.default_rng(4)
    series, slos = [], []
    for case in ERRORS:
        for number, offset in enumerate(OFFSETS):
            scrapes = MIDNIGHT + offset + 30.0 * np.arange(3 * 120) + np.round(rng.uniform(-0.02, 0.02, 3 * 120), 3)
            labels = {"case": case, "phase": str(number)}
            good = np.floor((scrapes - MIDNIGHT) / 360)
            series += [SeriesData(METRIC, {**labels, "code": "200"}, scrapes, good), _errors(case, number, scrapes)]
            match = f'{METRIC}{{case="{case}", phase="{number}"'
            sli = {"type": "events", "bad": match + ', code="500"}', "total": match + "}"}
            slos.append({"name": f"{case}-{number}", "objective": 99.9, "sli": sli})
    rules = groups_of(rules_text(service_of(*slos)), "base")
    end = MIDNIGHT + 3 * HOUR
    with Prometheus(tools) as server:
        loaded = record(server, rules, MIDNIGHT, end, phase=EVALUATED, extra=series)
        pages = {r.labels["slo"]: r for r in loaded if r.name == PAGE}
        fired = {name: bool(evaluate_alert(server, r, MIDNIGHT, end, phase=EVALUATED)) for name, r in pages.items()}
        counted = server.query(f'max_over_time({naming.BAD_WINDOW}{{window="6h"}}[1h])', end)
    assert fired == {f"{case}-{number}": ERRORS[case][2] for case in ERRORS for number in range(len(OFFSETS))}
    at = np.arange(MIDNIGHT + EVALUATED, end, 60.0)
    read = {sample.labels["slo"]: sample.value for sample in counted}
    for one in series:
        if one.labels["code"] == "500":
            model = rate_model.rate(one.times, one.values, at, 90.0, tools.version) * 60
            assert read[f"{one.labels['case']}-{one.labels['phase']}"] == pytest.approx(np.nansum(model), abs=1e-6)


# Period, requests per hour, hours of outage, whether the error counter is born with its first error, seeds.
OUTAGES = {
    "10 an hour for 4 h": ("30d", 10, 4, False, (0, 5, 9)),
    "10 an hour for 4 h, born": ("30d", 10, 4, True, (0, 5)),
    "10 an hour for a day": ("30d", 10, 24, False, (1, 8)),
    "1 an hour for 4 h": ("30d", 1, 4, False, (2, 5, 8, 17)),
    "1 an hour for 4 h, born": ("30d", 1, 4, True, (5, 13)),
    "1 an hour for a day": ("30d", 1, 24, False, (0, 27, 43)),
    # Windows shrink with the period: at 7d the longest of the page is 84 minutes.
    "10 an hour for a day, 7d": ("7d", 10, 24, False, (0, 1)),
    "1 an hour for a day, 7d": ("7d", 1, 24, False, (0, 2)),
}


def _outage(tools: Tools, rules: str, per_hour: float, hours: int, born: bool, seed: int) -> None:
    """A healthy day, an outage in which every request fails, and six hours of recovery; Poisson arrivals."""
    rng = np.random.default_rng(seed)
    end = (24 + hours + 6) * HOUR
    arrivals = np.sort(rng.uniform(0, end, rng.poisson(per_hour * end / HOUR)))
    failing = (arrivals >= 24 * HOUR) & (arrivals < (24 + hours) * HOUR)
    bad = arrivals[failing]
    since = float(bad[0]) if born else 0.0
    # A lone error is what the guard is for; a counter that is born with its first error hides that one.
    expected = 1 if len(bad) - born >= 2 else 0
    series = _counters(arrivals[~failing], bad, end, since)
    evaluate(tools, rules, series, [starts(PAGE, {}, end, expected)])


def _counters(good: Floats, bad: Floats, end: float, bad_since: float = 0.0) -> list[SeriesData]:
    return [
        scraped(METRIC, {"job": "shop", "code": "200"}, at_moments(good), (0, end)),
        scraped(METRIC, {"job": "shop", "code": "500"}, at_moments(bad), (bad_since, end)),
    ]


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_at_low_traffic_starts_one_notification(tools: Tools, outage: str) -> None:
    window, per_hour, hours, born, seeds = OUTAGES[outage]
    rules = rules_behind(rules_text(service(window=window)), PAGE)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(partial(_outage, tools, rules, per_hour, hours, born), seeds))


@pytest.mark.parametrize("pause", [5.96, 8.0])
def test_a_pause_longer_than_the_long_window_does_not_end_the_notification(tools: Tools, pause: float) -> None:
    """At one request an hour, one day-long outage in twenty has a pause of six hours, the longest window of a page."""
    bad = np.array([24.0, 24.1, 24.3, 24.3 + pause, 24.6 + pause]) * HOUR
    end = (24.3 + pause + 2) // 1 * HOUR
    rules = rules_behind(rules_text(service()), PAGE)
    series = _counters(np.arange(0.0, 24 * HOUR, HOUR), bad, end)
    evaluate(tools, rules, series, [starts(PAGE, {}, end, 1)])
