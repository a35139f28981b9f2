"""The page of thirty jobs a day: Prometheus and bench/traffic.py agree on it, and it keeps what it promises."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import traffic
from compile import METRIC, plan_of, rules_text, service_of
from harness.alerts import evaluate_alert
from harness.arrays import Floats
from harness.backfill import SeriesData, load
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import DAY, MIDNIGHT
from harness.tools import Tools
from timelines import TICK, Asked, at_moments, evaluate, firing, rules_behind, scraped, starts

pytestmark = pytest.mark.prometheus

PAGE = traffic.PAGE
RATIO = 0.1
"""Jobs that fail by chance, so many that pages start and end all the time."""

Spans = list[tuple[float, float]]
"""First and last evaluation of each page, in seconds."""

# Objective, declared traffic, policy; the last one's windows are summed from the ledger.
SLOS = {
    "declared-99": (99, "30/d", "default"),
    "declared-90": (90, "30/d", "default"),
    "not-declared-99": (99, "", "default"),
    "low-traffic-91": (91, "", "low-traffic"),
}


def _spec(*names: str) -> dict[str, Any]:
    sli = {"type": "events", "bad": f'{METRIC}{{code="500"}}', "total": METRIC}
    slos = []
    for name in names:
        objective, declared, alerts = SLOS[name]
        more = {"expectedTraffic": declared} if declared else {}
        one = {"name": name, "objective": objective, "window": "30d", "sli": sli, "alerting": {"policy": alerts}}
        slos.append({**one, **more})
    return service_of(*slos)


def _expected(spec: dict[str, Any], history: traffic.Year) -> dict[str, Spans]:
    """What the bench makes of it, by SLO."""
    (planned,) = plan_of(spec).services
    found = {}
    for slo in planned.slos:
        page = traffic.page_of(slo)
        fired = traffic.fires(page, history, history.bad_with_outages(RATIO))
        edges = np.flatnonzero(np.diff(fired, prepend=False, append=False)).reshape(-1, 2)
        at = history.clock.base + page.beat.base * edges
        found[slo.slo.name] = [(float(begin), float(end) - page.beat.base) for begin, end in at]
    return found


def _counted(history: traffic.Year) -> dict[str, Floats]:
    """Moments of the jobs by code."""
    failed = history.bad_with_outages(RATIO)
    return {"200": np.setdiff1d(history.moments, failed), "500": failed}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pages_start_and_end_when_the_bench_says(tools: Tools, seed: int) -> None:
    """Twenty days with two outages. What ALERTS adds is asked for by writing it for all the time."""
    history = traffic.year(seed, "30/d", "poisson", 20)
    clock = history.clock
    expected = _expected(_spec(*SLOS), history)
    assert min(map(len, expected.values())) >= 2
    assert sum(map(len, expected.values())) >= 15
    end = MIDNIGHT + history.length - 1
    phase = {f"shop/{name}/{part}": at for name in SLOS for part, at in asdict(clock).items()}
    scrapes = np.arange(clock.scrapes, history.length, 30)
    series = [
        SeriesData(METRIC, {"code": code}, MIDNIGHT + scrapes, at_moments(moments)(scrapes))
        for code, moments in _counted(history).items()
    ]
    with Prometheus(tools) as server:
        rules = record(server, rules_behind(rules_text(_spec(*SLOS)), PAGE), MIDNIGHT, end, phase=phase, extra=series)
        alerts = {rule.labels["slo"]: rule for rule in rules if rule.name == PAGE}
        begun = {name: evaluate_alert(server, rule, MIDNIGHT, end, phase=clock.base) for name, rule in alerts.items()}
        minutes = MIDNIGHT + np.arange(0.0, history.length, 60)
        state = {"alertname": PAGE, "alertstate": "firing", "service": "shop"}
        load(server, [SeriesData("ALERTS", {**state, "slo": s}, minutes, np.ones(len(minutes))) for s in alerts])
        held = {name: evaluate_alert(server, rule, MIDNIGHT, end, phase=clock.base) for name, rule in alerts.items()}
    found: dict[str, Spans] = {}
    for name, runs in held.items():
        firsts = [[one.first for one in begun[name] if run.first <= one.first <= run.last] for run in runs]
        found[name] = [
            (round(min(inside) - MIDNIGHT, 3), round(run.last - MIDNIGHT, 3))
            for run, inside in zip(runs, firsts, strict=True)
            if inside
        ]
    assert found == expected


def test_pages_start_and_end_in_the_rule_manager_when_the_bench_says(tools: Tools) -> None:
    """ALERTS as it is, which holds a page through hours without a job: otherwise there were six here, not three.

    All groups are evaluated each minute here, so only windows of up to six hours are as in life.
    """
    name, length, begin = "declared-99", 3 * DAY, float(DAY)
    whole = traffic.year(18, "30/d", "poisson", 10)
    moments = whole.moments - (whole.begins[0] - begin)
    kept = (moments > 0) & (moments < length)
    history = traffic.Year(
        moments[kept], whole.chance[kept], np.array([begin]), "poisson", length, traffic.Clock(TICK, 0, 0)
    )
    pages = _expected(_spec(name), history)[name]
    assert len(pages) >= 2
    asked: list[Asked] = [starts(PAGE, {}, length - 60, len(pages))]
    for first, last in pages:
        asked += [firing(PAGE, {}, at, count) for at, count in ((first - 60, 0), (first, 1), (last, 1))]
        asked += [firing(PAGE, {}, last + 60, 0)] * (last + 60 < length)
    series = [scraped(METRIC, {"code": c}, at_moments(m), (0, length)) for c, m in _counted(history).items()]
    evaluate(tools, rules_behind(rules_text(_spec(name)), PAGE), series, asked)


@pytest.mark.parametrize("objective", traffic.OBJECTIVES)
def test_thirty_jobs_a_day_are_paged_in_time_and_seldom_in_vain(objective: str) -> None:
    """A small sample of bench/traffic.py: 95% of day-long total outages within six hours, 0.25 false pages a month."""
    case = traffic.Case(objective, "30/d", "poisson", declared="30/d")
    page = case.page()
    for spends in traffic.SPENDS:
        found = case.run(page, spends, seeds=8, days=365)
        assert len(found.delays) >= 250
        assert found.soon >= 0.95, (spends, found.soon)
        assert found.a_month <= 0.25, (spends, found.a_month)
