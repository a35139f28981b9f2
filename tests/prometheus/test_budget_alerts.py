"""Budget alerts fire when the budget is used: neither before, nor for a young SLO, nor for a rare event.

Truth: used = recorded part of the period * bad / (b * total). Each story is told three times: by an SLO in its first
hour, in the first hour of a month by an older one, and by a new group of an older one. Everything runs on a real
Prometheus; alerts are judged at each evaluation of their group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np
import pytest
from compile import METRIC, policy, rules_text, service_of
from harness.alerts import Firing, evaluate_alert
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.server import Prometheus
from harness.staged import record
from harness.tools import Tools
from timelines import HOUR, at_moments, per_second

from slogen import naming
from slogen.promql.durations import DAY

pytestmark = pytest.mark.prometheus

SPENT, NEARLY = "SLOBudgetSpent", "SLOBudgetNearlySpent"
PHASE, LEDGER = 17.0, 240
BEGIN = datetime(2025, 2, 1, tzinfo=UTC).timestamp() + PHASE
"""Seconds of stories count from here, an evaluation; the interval after it is the first of the month."""
BEFORE, END = -4.0 * HOUR, 70 * 60.0
SCRAPE, AGE = 30, 9
"""Seconds: how often is scraped, and how old the last scrape is at an evaluation."""
BUDGET = 0.0005
ROLLING, FEBRUARY, JANUARY = 30 * DAY, 28 * DAY, 31 * DAY
RATE = 10.0
UNSURE = 0.02
"""How near to a threshold the truth may be for an alert to be judged by it, relative."""

DEFAULTS = {"used": 90, "badEvents": 3}
STRICT = {"used": 70, "badEvents": 1}
POLICIES = [
    policy("budgets", extends="default", budgetNearlySpent={}),
    policy("strict", extends="default", budgetSpent={"badEvents": 1}, budgetNearlySpent=STRICT),
]


@dataclass(frozen=True)
class Flow:
    """All events and the bad ones of one region, counted, while it is there."""

    total: Callable[[Floats], Floats]
    bad: Callable[[Floats], Floats]
    born: float = 0.0
    gone: float = END

    def series(self, job: str, region: str) -> Iterator[SeriesData]:
        """Both counters as they are scraped."""
        times = np.arange(self.born + SCRAPE - AGE, self.gone, SCRAPE)
        total, bad = self.total(times), self.bad(times)
        stale = [BEGIN + self.gone + SCRAPE - AGE] if self.gone < END else []
        for code, values in (("200", total - bad), ("500", bad)):
            labels = {"job": job, "region": region, "code": code}
            yield SeriesData(METRIC, labels, BEGIN + times, values, stale)

    def counted(self, begin: float, end: float) -> tuple[float, float]:
        """Bad and total events between two evaluations, as scrapes see them."""
        span = np.array([begin, end]) - AGE
        return float(np.diff(self.bad(span))[0]), float(np.diff(self.total(span))[0])


def outages(
    *spans: tuple[float, float],
    traffic: Sequence[tuple[float, float]] = (),
    born: float = 0.0,
    gone: float = END,
) -> Flow:
    """Everything within `spans` fails. The rate is ten events per second, or changes to that of `traffic`."""
    rates = [(born, RATE), *traffic]

    def failing(moment: float) -> float:
        rate = [rate for at, rate in rates if at <= moment][-1]
        return rate if any(begin <= moment < end for begin, end in spans) else 0.0

    moments = sorted({*chain(*spans), *(at for at, _ in rates)})
    return Flow(_changing(rates), _changing([(at, failing(at)) for at in moments]), born, gone)


def _changing(rates: Iterable[tuple[float, float]]) -> Callable[[Floats], Floats]:
    count = per_second(0.0, *((moment - BEFORE, rate) for moment, rate in rates))
    return lambda times: count(times - BEFORE)


def rare(*moments: float, born: float = 0.0) -> Flow:
    """Single events, all of them bad."""
    count = at_moments(np.array(sorted(moments)))
    return Flow(count, count, born)


STEPS, PAUSE = (0.81, 0.95, 1.1), 720.0
"""Shares of the budget, and three evaluations of peace after each."""
SILENT, NEAR, FULL = frozenset[str](), frozenset({NEARLY}), frozenset({SPENT})


def stair(period: float, born: float) -> Flow:
    """After three outages 81%, 95% and 110% of the budget are used; before that, one and a half times January's."""
    spans, begin, used = [], 300.0, 0.0
    for step in STEPS:
        end = begin + (step - used) * BUDGET * period
        spans.append((begin, end))
        begin, used = end + PAUSE, step
    if born < 0:
        spans.append((born + 1200, born + 1200 + 1.5 * BUDGET * JANUARY))
    return outages(*spans, born=born)


STORIES: dict[str, tuple[Callable[[float, float], Flow], set[frozenset[str]]]] = {
    "stair": (stair, {SILENT, NEAR, FULL}),
    # The outage is longer than the budget, but there are ten times as many events after it.
    "quiet": (
        lambda _, born: outages((300, 2244), traffic=[(0, 1), (2400, 10)], born=born),
        {SILENT, FULL},
    ),
    # The outage is shorter than the budget, but most events are in it.
    "busy": (
        lambda _, born: outages((900, 1420), traffic=[(0, 1), (900, 10), (1420, 1)], born=born),
        {SILENT, FULL},
    ),
    # Nothing but failures, but too few to tell, until there are three.
    "rare": (lambda _, born: rare(600, 1500, 2700, born=born), {SILENT, FULL}),
}
"""What happens, by the length of the period and the birth, and which alerts it must show together."""

KINDS = {"young": (ROLLING, 0.0), "month": (FEBRUARY, BEFORE), "group": (ROLLING, 0.0)}
"""Length of the period, and when the SLO or its new group begins."""

HEALTHY = outages(born=BEFORE)
TOLD = {f"{story}-{kind}": tell(*KINDS[kind]) for story, (tell, _) in STORIES.items() for kind in KINDS}
REGIONS: dict[str, dict[str, Flow]] = {
    **{job: {"": flow} for job, flow in TOLD.items() if not job.endswith("group")},
    **{job: {"old": HEALTHY, "new": flow} for job, flow in TOLD.items() if job.endswith("group")},
    "strict": {"": rare(600, 1500, 2700)},
    "retired": {
        "old": HEALTHY,
        "gone": outages((-3.5 * HOUR, -3.5 * HOUR + 1.5 * BUDGET * ROLLING), born=BEFORE, gone=-HOUR),
    },
    # One of two groups of one size, so the SLO as a whole has used half as much.
    "half": {"well": HEALTHY, "ill": outages((300, 300 + 1.6 * BUDGET * ROLLING), born=BEFORE)},
    "whole": {"well": HEALTHY, "ill": outages((300, 300 + 2.4 * BUDGET * ROLLING), born=BEFORE)},
}
SCOPES = ("default", "overall", "group", "both")


def slo(name: str, job: str, **more: Any) -> dict[str, Any]:
    sli = {
        "type": "events",
        "bad": f'{METRIC}{{job="{job}", code=~"5.."}}',
        "total": f'{METRIC}{{job="{job}"}}',
    }
    return {"name": name, "objective": 99.95, "window": "30d", "sli": sli, **more}


def slos() -> Iterator[dict[str, Any]]:
    for job, regions in REGIONS.items():
        alerting: dict[str, Any] = {"policy": "strict" if job == "strict" else "budgets"}
        more: dict[str, Any] = {"by": ["region"]} if len(regions) > 1 else {}
        if job.endswith("month"):
            more["window"] = {"calendar": "month"}
        if job not in {"half", "whole"}:
            yield slo(job, job, alerting=alerting, **more)
            continue
        for scope in SCOPES:
            ticket = {} if scope == "default" else {"ticket": {"scope": scope}}
            yield slo(f"{job}-{scope}", job, alerting={**alerting, **ticket}, **more)


FIGURES = (
    naming.TOTAL_LEDGER,
    naming.BAD_LEDGER,
    naming.TOTAL_CALENDAR,
    naming.BAD_CALENDAR,
    naming.TOTAL_PERIOD,
    naming.BAD_PERIOD,
    naming.ERROR_RATIO,
    naming.COVERAGE,
    naming.BUDGET_USED,
)


@dataclass(frozen=True)
class Recorded:
    """A server on which the rules ran, and what fired when."""

    server: Prometheus
    fired: list[Firing]

    def at(self, name: str, moment: float, region: str = "") -> frozenset[str]:
        """The alerts of an SLO, or of one group of it, that fire at an evaluation."""
        return frozenset(
            one.labels["alertname"]
            for one in self.fired
            if one.labels["slo"] == name and one.labels.get("region", "") == region
            if one.first - 1 <= BEGIN + moment <= one.last + 1
        )


@pytest.fixture(scope="module")
def recorded(tools: Tools) -> Iterator[Recorded]:
    text = rules_text([*POLICIES, service_of(*slos())])
    levels = (naming.OVERALL_LEVEL, naming.GROUP_LEVEL, naming.SOURCE_LEVEL)
    names = {naming.at_level(name, level) for name in FIGURES for level in levels}
    names |= {naming.at_level(naming.TOTAL_BASE, naming.SOURCE_LEVEL), naming.GROUPS, naming.PERIOD_SECONDS}
    start, end = BEGIN + BEFORE, BEGIN + END
    with Prometheus(tools) as server:
        rules = record(
            server,
            text,
            start,
            end,
            phase=PHASE,
            only=lambda rule: rule.name in names,
            extra=[
                one
                for job, regions in REGIONS.items()
                for region, flow in regions.items()
                for one in flow.series(job, region)
            ],
        )
        alerts = [rule for rule in rules if rule.name in (SPENT, NEARLY)]
        yield Recorded(
            server, [one for rule in alerts for one in evaluate_alert(server, rule, start, end, phase=PHASE)]
        )


def evaluations(begin: float, end: float) -> list[float]:
    return np.arange(begin, end + 1, LEDGER).tolist()


def expected(flow: Flow, at: float, period: float, since: float, limits: Mapping[str, float]) -> frozenset[str] | None:
    """What the truth demands at an evaluation; None where it is too near to a threshold to tell."""
    bad, total = flow.counted(since, at)
    used = (at - since) / period * bad / total / BUDGET if total else 0.0
    nearly = limits["used"] / 100
    if any(abs(used / threshold - 1) < UNSURE for threshold in (nearly, 1)):
        return None
    if used < nearly or bad < limits["badEvents"]:
        return SILENT
    return NEAR if used < 1 else FULL


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("story", STORIES)
def test_alerts_are_those_of_the_truth(recorded: Recorded, story: str, kind: str) -> None:
    period, _ = KINDS[kind]
    job = f"{story}-{kind}"
    truth = {at: expected(TOLD[job], at, period, 0, DEFAULTS) for at in evaluations(LEDGER, END)}
    region = "new" if kind == "group" else ""
    found = {at: recorded.at(job, at, region) for at in truth}
    assert {at: alerts for at, alerts in found.items() if truth[at] is not None} == {
        at: alerts for at, alerts in truth.items() if alerts is not None
    }
    assert STORIES[story][1] <= {alerts for alerts in truth.values() if alerts is not None}
    if kind == "group":
        assert {one.labels["region"] for one in recorded.fired if one.labels["slo"] == job} == {"new"}


@pytest.mark.parametrize("kind", KINDS)
def test_nearly_spent_gives_way_to_spent_in_the_first_hour(recorded: Recorded, kind: str) -> None:
    """81%, 95% and 110% of the budget, each for three evaluations."""
    period, _ = KINDS[kind]
    begin, used, found = 300.0, 0.0, []
    for step in STEPS:
        calm = begin + (step - used) * BUDGET * period
        begin, used = calm + PAUSE, step
        region = "new" if kind == "group" else ""
        peace = [at for at in evaluations(LEDGER, END) if calm + SCRAPE < at < begin]
        assert len(peace) >= 2
        assert peace[0] < HOUR
        found.append({recorded.at(f"stair-{kind}", at, region) for at in peace})
    assert found == [{SILENT}, {NEAR}, {FULL}]


def test_what_january_spent_is_forgiven_in_february(recorded: Recorded) -> None:
    """The evaluation 17 s after midnight still is January's."""
    job = "stair-month"
    truth = {at: expected(TOLD[job], at, JANUARY, BEFORE, DEFAULTS) for at in evaluations(BEFORE + LEDGER, 0)}
    assert [at for at, alerts in truth.items() if alerts not in {None, recorded.at(job, at)}] == []
    assert truth[0] == FULL
    assert recorded.at(job, LEDGER) == SILENT


def test_the_policy_says_how_many_bad_events_and_how_much_is_nearly(recorded: Recorded) -> None:
    """One bad event is all there is for 25 minutes: 70% of the budget after 15 of them, 100% after 22."""
    flow = REGIONS["strict"][""]
    truth = {at: expected(flow, at, ROLLING, 0, STRICT) for at in evaluations(LEDGER, END)}
    assert [at for at, alerts in truth.items() if alerts not in {None, recorded.at("strict", at)}] == []
    assert flow.counted(0, 1440)[0] == 1
    assert (truth[720], truth[960], truth[1440]) == (SILENT, NEAR, FULL)


def test_a_retired_group_falls_silent(recorded: Recorded) -> None:
    """Though its budget goes on being recorded until the period is over."""
    gone = REGIONS["retired"]["gone"].gone
    assert recorded.at("retired", gone, "gone") == FULL
    assert {recorded.at("retired", at, "gone") for at in evaluations(gone + 3 * LEDGER, END)} == {SILENT}
    name = naming.at_level(naming.BUDGET_USED, naming.GROUP_LEVEL)
    (used,) = recorded.server.query(f'{name}{{slo="retired", region="gone"}}', BEGIN + END - END % LEDGER)
    assert used.value == pytest.approx(1.5, rel=0.02)


@pytest.mark.parametrize("job", ["half", "whole"])
@pytest.mark.parametrize("scope", SCOPES)
def test_the_scope_says_at_which_level_tickets_look(recorded: Recorded, job: str, scope: str) -> None:
    """At each group unless said otherwise; the one that is ill has used 160% or 240%, the SLO half as much."""
    overall = {""} if job == "whole" else set()
    wanted = {"default": {"ill"}, "group": {"ill"}, "overall": overall, "both": {"ill"} | overall}[scope]
    at = END - END % LEDGER
    assert {region for region in ("", "well", "ill") if SPENT in recorded.at(f"{job}-{scope}", at, region)} == wanted
    for one in recorded.fired:
        if one.labels["slo"] == f"{job}-{scope}":
            assert (naming.GROUP in one.labels) == ("region" in one.labels)
            assert one.labels["severity"] == "ticket"
