"""Burn-rate alerts fire and reset when the formulas say so.

A step to an error ratio e fires a pair after T = b * F / e * W (never where e <= b * F) and resets it
S * (1 - b * F / e) after its end. What comes on top is the age of the last scrape (less than one scrape interval)
and the wait for the next evaluation of the alert's group (at most one interval): nothing else is allowed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from compile import METRIC, plan_of, policy, rules_text, service, service_of
from harness.alerts import Firing, evaluate_alert
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.rules import Rule
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import DAY, MIDNIGHT, counter
from harness.tools import Tools
from timelines import HOUR, evaluate, firing, groups_of, per_second, rules_behind, scraped, starts

from slogen import naming
from slogen.model import Severity
from slogen.rules import Pair

pytestmark = pytest.mark.prometheus

PAGE, TICKET = "SLOBudgetBurnPage", "SLOBudgetBurnTicket"
SCRAPE, EVALUATED = 30, 17.0
TRAFFIC = 100.0
BUDGET = 0.001
PAIRS: dict[str, dict[str, Any]] = {
    "1h": {"severity": "page", "budget": 2, "long": "1h", "short": "5m"},
    "6h": {"severity": "page", "budget": 5, "long": "6h", "short": "30m"},
    "1d": {"severity": "ticket", "budget": 10, "long": "1d", "short": "2h"},
    "3d": {"severity": "ticket", "budget": 10, "long": "3d", "short": "6h"},
}
POLICIES = [policy(f"only-{name}", burnRate={"pairs": [pair]}) for name, pair in PAIRS.items()]
CHAIN = {
    naming.TOTAL_BASE,
    naming.BAD_BASE,
    naming.TOTAL_LEDGER,
    naming.BAD_LEDGER,
    naming.BURN_RATE,
    naming.BAD_WINDOW,
}


@dataclass(frozen=True)
class Step:
    """Steady traffic of which `ratio` fails from `begin` to `end`, seconds since the beginning of a history."""

    name: str
    ratio: float
    begin: float
    end: float

    def series(self, length: float) -> list[SeriesData]:
        """Both counters of the job that is named like the step."""
        second = np.arange(length)
        failing = np.where((second >= self.begin) & (second < self.end), self.ratio, 0.0)
        times = MIDNIGHT + 8.3 + np.arange(0, length - 40, SCRAPE)
        return [
            SeriesData(METRIC, {"job": self.name, "code": code}, times, self._counted(TRAFFIC * share, times))
            for code, share in (("200", 1 - failing), ("500", failing))
        ]

    def _counted(self, rate: Floats, times: Floats) -> Floats:
        events = np.diff(np.floor(np.cumsum(rate) + 1e-6), prepend=0.0).astype(np.int64)
        return counter(events, MIDNIGHT, times)

    def slo(self, alerts: str) -> dict[str, Any]:
        """An SLO on that job."""
        sli = {
            "type": "events",
            "bad": f'{METRIC}{{job="{self.name}", code="500"}}',
            "total": f'{METRIC}{{job="{self.name}"}}',
        }
        return {
            "name": f"{self.name}-{alerts}",
            "objective": 99.9,
            "window": "30d",
            "sli": sli,
            "alerting": {"policy": alerts},
        }


def _fired(
    tools: Tools, spec: Sequence[Mapping[str, Any]], steps: Sequence[Step], length: float
) -> dict[tuple[str, str], list[Firing]]:
    """Firing episodes of each alert, by SLO and alert name."""
    text = groups_of(rules_text(spec), "base", "ledger")
    with Prometheus(tools) as server:
        history = [one for step in steps for one in step.series(length)]
        end = MIDNIGHT + length

        def chained(rule: Rule) -> bool:
            return rule.name in CHAIN

        rules = record(server, text, MIDNIGHT, end, phase=EVALUATED, only=chained, extra=history)
        return {
            (rule.labels["slo"], rule.name): evaluate_alert(server, rule, MIDNIGHT, end, phase=EVALUATED)
            for rule in rules
            if rule.name in (PAGE, TICKET)
        }


def _pairs(spec: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[tuple[Pair, ...], int]]:
    """The pairs of each alert and how often its group is evaluated, by SLO and alert name."""
    (planned,) = plan_of(list(spec)).services
    return {
        (slo.slo.name, alert.name): (
            alert.pairs,
            slo.slo.cadence.base if alert.severity is Severity.PAGE else slo.slo.cadence.ledger,
        )
        for slo in planned.slos
        for alert in slo.alerts()
    }


def _burn(pair: Pair, ratio: float) -> float:
    """b * F / e."""
    return BUDGET * float(pair.factor) / ratio


def test_a_step_fires_and_resets_by_the_formulas(tools: Tools) -> None:
    begin = 3 * DAY + 6 * HOUR + 1234.0
    steps = [
        Step("all", 1.0, begin, begin + 9 * HOUR),
        Step("twentieth", 0.05, begin, begin + 9 * HOUR),
        Step("half-percent", 0.005, begin, begin + 20 * HOUR),
    ]
    names = [*(f"only-{name}" for name in PAIRS), "default"]
    spec = [*POLICIES, service_of(*(step.slo(name) for step in steps for name in names))]
    fired = _fired(tools, spec, steps, begin + 28 * HOUR)
    pairs = _pairs(spec)
    for step in steps:
        for name in names:
            for alert in (PAGE, TICKET):
                key = (f"{step.name}-{name}", alert)
                if key not in fired:
                    continue
                found, interval = pairs[key]
                able = [pair for pair in found if _burn(pair, step.ratio) < 1]
                assert len(fired[key]) == bool(able), key
                if able:
                    (episode,) = fired[key]
                    detected = min(_burn(pair, step.ratio) * pair.long for pair in able)
                    reset = max((1 - _burn(pair, step.ratio)) * pair.short for pair in able)
                    late = episode.first - MIDNIGHT - step.begin - detected
                    held = episode.last + interval - MIDNIGHT - step.end - reset
                    print(f"{key} fires {detected:.0f} s + {late:.0f}, resets {reset:.0f} s + {held:.0f}")
                    assert 0 <= late <= interval + SCRAPE, (key, detected, late)
                    assert 0 <= held <= interval + SCRAPE, (key, reset, held)


def test_a_burn_below_the_threshold_is_silent_and_above_it_fires(tools: Tools) -> None:
    begin = 3 * DAY + 1234.0
    length = begin + 1.25 * 3 * DAY
    steps, slos = [], []
    for name, factor, hours in (("1h", 14.4, 1), ("6h", 6.0, 6), ("1d", 3.0, 24), ("3d", 1.0, 72)):
        for side, share in (("below", 0.9), ("above", 1.1)):
            step = Step(f"{side}-{name}", share * BUDGET * factor, begin, begin + 1.2 * hours * HOUR)
            steps.append(step)
            slos.append(step.slo(f"only-{name}"))
    spec = [*POLICIES, service_of(*slos)]
    fired = _fired(tools, spec, steps, length)
    for (name, alert), ((pair,), interval) in _pairs(spec).items():
        episodes = fired[name, alert]
        assert len(episodes) == name.startswith("above"), name
        if episodes:
            late = episodes[0].first - MIDNIGHT - begin - pair.long / 1.1
            print(f"{name:24} fires after {pair.long / 1.1:7.0f} s + {late:4.0f}")
            assert 0 <= late <= interval + SCRAPE, (name, late)


def test_the_page_in_prometheus_own_rule_manager(tools: Tools) -> None:
    """The default policy and ALERTS of itself: a total outage, then recovery, or silence, which is none."""
    rules = rules_behind(rules_text(service()), PAGE)
    page = {"service": "shop", "slo": "availability"}
    outage, over, end = 2 * HOUR, 2.5 * HOUR, 5.5 * HOUR
    bad = scraped(METRIC, {"job": "shop", "code": "500"}, per_second(0, (outage, 100), (over, 0)), (0, end))
    # Detected after 0.0144 * 1 h = 52 s; the last scrape is 20 s old, as it lies 10 s after the half minute.
    fires = outage + 120
    # 30 minutes less 0.6% until the half-hour window burns below 6.
    resets = over + 30 * 60
    good = scraped(METRIC, {"job": "shop", "code": "200"}, per_second(100, (outage, 0), (over, 100)), (0, end))
    evaluate(
        tools,
        rules,
        [good, bad],
        [
            firing(PAGE, page, fires - 60, 0),
            firing(PAGE, page, fires),
            firing(PAGE, page, resets - 60),
            firing(PAGE, page, resets + 60, 0),
            starts(PAGE, page, end, 1),
        ],
    )


def test_a_page_goes_on_while_nothing_tells_that_it_is_over(tools: Tools) -> None:
    """After an outage no request comes any more: the page stays for the long window at least, and not for ever."""
    spec = [POLICIES[0], service(alerting={"policy": "only-1h"})]
    rules = rules_behind(rules_text(spec), PAGE)
    outage, over, end = 2 * HOUR, 2.5 * HOUR, 16 * HOUR
    good = scraped(METRIC, {"job": "shop", "code": "200"}, per_second(100, (outage, 0)), (0, end))
    bad = scraped(METRIC, {"job": "shop", "code": "500"}, per_second(0, (outage, 100), (over, 0)), (0, end))
    asked = [firing(PAGE, {}, moment) for moment in np.arange(outage + 120, over + HOUR, 300)]
    evaluate(tools, rules, [good, bad], [*asked, firing(PAGE, {}, end, 0), starts(PAGE, {}, end, 1)])
