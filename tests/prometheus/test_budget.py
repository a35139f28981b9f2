"""Recorded budgets are those of the raw counters and of the truth, on a real Prometheus over a month of scrapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import seeds
from compile import EVENTS, METRIC, rules_of, service_of
from harness import synthetic
from harness.api import Sample
from harness.backfill import SeriesData
from harness.rules import Rule
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import Incidents, incident_counters
from harness.tools import Tools

from slogen import naming
from slogen.promql.durations import DAY
from slogen.resolve import cadence

pytestmark = pytest.mark.prometheus

START = synthetic.MIDNIGHT
DAYS = 31
PHASE = 17.0
END = START + DAYS * DAY - 240 + PHASE
PERIOD = 30 * DAY
BUDGET = 0.001
BASES = (naming.TOTAL_BASE, naming.BAD_BASE)
LEDGERS = (naming.TOTAL_LEDGER, naming.BAD_LEDGER)
PERIODS = (
    naming.TOTAL_PERIOD,
    naming.BAD_PERIOD,
    naming.ERROR_RATIO,
    naming.COVERAGE,
    naming.BUDGET_USED,
    naming.FIRST_SEEN,
    naming.MISSING,
)
BOUNDS = {"night": 0.001, "day": 0.001, "lost15": 0.001, "lost30": 0.001, "lost60": 0.002}


def availability(window: str) -> dict[str, Any]:
    return {"name": f"availability-{window}", "objective": 99.9, "window": window, "sli": EVENTS}


def shop(name: str, *windows: str, scrape: int = 30) -> dict[str, Any]:
    slos = [
        {
            **availability(window),
            "sli": {**EVENTS, **{key: EVENTS[key].replace("shop", name) for key in ("bad", "total")}},
        }
        for window in windows
    ]
    return service_of(*slos, name=name, scrapeInterval=f"{scrape}s")


SERVICES = [
    shop("night", "7d", "28d", "30d", "90d"),
    shop("day", "30d"),
    shop("lost15", "30d", scrape=15),
    shop("lost30", "30d"),
    shop("lost60", "30d", scrape=60),
    shop("young", "30d"),
]


def histories() -> dict[str, Incidents]:
    """A month for each service, three days for the young one."""

    def month(job: str, kind: seeds.Kind, **more: Any) -> Incidents:
        found = incident_counters(kind, days=more.pop("days", DAYS), labels={"job": job}, **more)
        return replace(found, series=[failed_scrapes(one, more.get("interval", 30.0)) for one in found.series])

    return {
        "night": month("night", "night", seed=11),
        "day": month("day", "day", seed=12),
        "lost15": month("lost15", "night", interval=15, lost=0.02, seed=13),
        "lost30": month("lost30", "day", lost=0.02, seed=14),
        "lost60": month("lost60", "day", interval=60, lost=0.02, seed=15),
        "young": month("young", "night", days=3, start=START + (DAYS - 3) * DAY, seed=16),
    }


def failed_scrapes(one: SeriesData, interval: float) -> SeriesData:
    """A failed scrape leaves a staleness marker where its sample would have been."""
    before_gap = np.diff(one.times) > 1.5 * interval
    return replace(one, stale=(one.times[:-1][before_gap] + interval).tolist())


@dataclass(frozen=True)
class Recorded:
    """A server on which the generated rules have run for a month."""

    server: Prometheus
    histories: Mapping[str, Incidents]

    def at_end(self, name: str, job: str, window: str = "30d") -> float:
        return only(self.server.query(f'{name}{{service="{job}", slo="availability-{window}"}}', END))

    def raw(self, job: str, window: str = "30d") -> float:
        """Budget use by the raw counters."""
        bad, total = (f'sum(increase({METRIC}{{job="{job}", code=~"{code}"}}[{window}]))' for code in ("500", ".*"))
        return only(self.server.query(f"{bad} / {total} / {BUDGET}", END))

    def truth(self, job: str, period: float = PERIOD) -> float:
        bad, total = self.histories[job].truth(END - period, END)
        return bad / total / BUDGET


def only(found: list[Sample]) -> float:
    assert len(found) == 1, found
    return found[0].value


def wanted(rule: Rule) -> bool:
    return rule.name in {*LEDGERS, *PERIODS} or (rule.name in BASES and rule.labels["service"] in {"night", "day"})


@pytest.fixture(scope="module")
def recorded(tools: Tools) -> Iterator[Recorded]:
    texts = list(rules_of(SERVICES).values())
    history = histories()
    with Prometheus(tools) as server:
        record(
            server,
            texts,
            START,
            END,
            phase=PHASE,
            only=wanted,
            instants={name: [END] for name in PERIODS},
            extra=[one for job in history.values() for one in job.series],
        )
        yield Recorded(server, history)


@pytest.mark.parametrize("job", BOUNDS)
def test_the_budget_use_is_that_of_the_raw_counters_and_of_the_truth(recorded: Recorded, job: str) -> None:
    used = recorded.at_end(naming.BUDGET_USED, job)
    assert used == pytest.approx(recorded.raw(job), rel=BOUNDS[job])
    assert used == pytest.approx(recorded.truth(job), rel=BOUNDS[job])
    assert recorded.at_end(naming.COVERAGE, job) == 1
    assert recorded.at_end(naming.MISSING, job) == 0


@pytest.mark.parametrize("job", ["night", "day"])
def test_the_sum_of_the_base_is_right_as_well(recorded: Recorded, job: str) -> None:
    bad, total = (
        f'sum_over_time({name}{{service="{job}", slo="availability-30d"}}[29d23h59m59s])' for name in reversed(BASES)
    )
    used = only(recorded.server.query(f"{bad} / on (service, slo) {total} / {BUDGET}", END))
    assert used == pytest.approx(recorded.raw(job), rel=0.005)


def test_a_short_and_a_four_week_window_are_right_as_well(recorded: Recorded) -> None:
    for window, days in (("7d", 7), ("28d", 28)):
        used = recorded.at_end(naming.BUDGET_USED, "night", window)
        assert used == pytest.approx(recorded.raw("night", window), rel=0.005)
        assert used == pytest.approx(recorded.truth("night", days * DAY), rel=0.005)
        assert recorded.at_end(naming.COVERAGE, "night", window) == 1


def test_a_month_of_a_quarter_has_spent_a_third_of_what_its_ratio_would(recorded: Recorded) -> None:
    ratio = recorded.at_end(naming.ERROR_RATIO, "night", "90d")
    coverage = recorded.at_end(naming.COVERAGE, "night", "90d")
    assert coverage == pytest.approx(DAYS / 90, abs=0.001)
    assert ratio / BUDGET == pytest.approx(recorded.truth("night", DAYS * DAY), rel=0.005)
    assert recorded.at_end(naming.BUDGET_USED, "night", "90d") == pytest.approx(coverage * ratio / BUDGET)


def test_three_days_of_history_count_as_a_tenth_of_the_period(recorded: Recorded) -> None:
    ratio, coverage = (recorded.at_end(name, "young") for name in (naming.ERROR_RATIO, naming.COVERAGE))
    assert coverage == pytest.approx(0.1, abs=0.001)
    assert ratio / BUDGET == pytest.approx(recorded.truth("young"), rel=0.005)
    assert recorded.at_end(naming.BUDGET_USED, "young") == pytest.approx(coverage * ratio / BUDGET)
    assert recorded.at_end(naming.MISSING, "young") < 1800
    # Only the ledger is there of before, which is looked at each six hours.
    assert recorded.at_end(naming.FIRST_SEEN, "young") == pytest.approx(START + 28 * DAY, abs=6 * 3600)


@pytest.mark.parametrize("job", ["lost15", "lost30", "lost60"])
def test_the_bench_computes_the_ledger_that_the_rules_record(recorded: Recorded, tools: Tools, job: str) -> None:
    """bench/seeds.py stands on this: it holds the bounds over many seeds without a server."""
    scrape = int(job.removeprefix("lost"))
    beat = cadence(scrape)
    for name, code in ((naming.TOTAL_LEDGER, ("200", "500")), (naming.BAD_LEDGER, ("500",))):
        (found,) = recorded.server.query_range(f'{name}{{service="{job}"}}', START + PHASE + 1200, END, beat.ledger)
        series = [one for one in recorded.histories[job].series if one.labels["code"] in code]
        model = seeds.ledger(series, found.times, beat, seeds.COMPILED, tools.version)
        np.testing.assert_allclose(found.values, model, rtol=1e-6, atol=1e-6)


def test_a_few_seeds_of_the_bench_keep_their_bounds() -> None:
    cases: tuple[tuple[int, seeds.Kind], ...] = ((15, "night"), (30, "night"), (60, "day"))
    for scrape, kind in cases:
        found = np.array([seeds.seed_errors(kind, scrape, seed).against_truth for seed in range(1, 6)])
        assert seeds.holds(scrape, found)
        assert seeds.p95(found) <= 0.001
