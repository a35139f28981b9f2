"""What was renamed with `formerly:` goes on as if it had never been, on a real Prometheus; without it, it begins anew.

One source is recorded under four names: one that stays, one that changes after five days and says what it was, one
that changes and does not, and one whose SLO is by the calendar month and by group.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from compile import EVENTS, plan_of, rules_of, rules_text, service_of
from harness import synthetic
from harness.rules import Rule
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import incident_counters
from harness.tools import Tools
from timelines import Asked, ends, evaluate, groups_of, scraped

from slogen import naming
from slogen.promql.durations import DAY
from slogen.rules import Plan

pytestmark = pytest.mark.prometheus

START = synthetic.MIDNIGHT
CHANGE = START + 5 * DAY
"""When the new names are loaded."""

DAYS = 8
OLD_PHASE, NEW_PHASE = 17.0, 101.0
"""A group's phase hangs on its name, so a renamed one runs at another."""

PHASES = {"kept": OLD_PHASE, "old": OLD_PHASE, "store": OLD_PHASE, "shop": NEW_PHASE, "new": NEW_PHASE}
END = START + DAYS * DAY - 240 + NEW_PHASE
JUST_AFTER = CHANGE + 240 + NEW_PHASE
LATER = [JUST_AFTER, CHANGE + 3600 + NEW_PHASE, CHANGE + DAY + NEW_PHASE, END]
PERIODS = (naming.TOTAL_PERIOD, naming.BAD_PERIOD, naming.COVERAGE, naming.BUDGET_USED)
OTHERS = (naming.ERROR_RATIO, naming.FIRST_SEEN, naming.MISSING, naming.BURN_RATE, naming.BAD_WINDOW)
RECORDED = {
    naming.at_level(name, level) for level in (naming.OVERALL_LEVEL, naming.GROUP_LEVEL) for name in (*PERIODS, *OTHERS)
}
FEEDS = {naming.TOTAL_LEDGER, naming.BAD_LEDGER, naming.TOTAL_CALENDAR, naming.BAD_CALENDAR, naming.PERIOD_SECONDS}
GROUPS = {naming.GROUPS, naming.at_level(naming.TOTAL_BASE, naming.SOURCE_LEVEL)} | {
    naming.at_level(name, level)
    for name in (naming.TOTAL_LEDGER, naming.BAD_LEDGER, naming.TOTAL_CALENDAR, naming.BAD_CALENDAR)
    for level in (naming.GROUP_LEVEL, naming.SOURCE_LEVEL)
}
SLOW = {"16h48m", "1d", "3d"}
EXACT = 0.001


def rolling(name: str, objective: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "window": "7d", "sli": EVENTS, "objectives": [{"objective": 99.9, **objective}], **more}


def monthly(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "window": {"calendar": "month"},
        "by": ["pod"],
        "sli": EVENTS,
        "objective": 99.9,
        **more,
    }


def called(name: str, *formerly: str, slos: list[dict[str, Any]]) -> dict[str, Any]:
    document = service_of(*slos, name=name, scrapeInterval="30s")
    if formerly:
        document["metadata"]["formerly"] = list(formerly)
    return document


KEPT = called("kept", slos=[rolling("availability", {"name": "p99"}), monthly("contract")])
BEFORE = [
    KEPT,
    called("store", slos=[rolling("availability", {"name": "p99"}), monthly("contract")]),
    called("old", slos=[rolling("availability", {"name": "p99"})]),
]
AFTER = [
    KEPT,
    called(
        "shop",
        "store",
        slos=[
            rolling("requests", {"name": "good", "formerly": "p99"}, formerly="availability"),
            monthly("monthly", formerly=["agreed", "contract"]),
        ],
    ),
    called("new", slos=[rolling("availability", {"name": "p99"})]),
]


def wanted(rule: Rule) -> bool:
    if rule.name in {naming.BURN_RATE, naming.BAD_WINDOW} and rule.labels["window"] not in SLOW:
        return False
    return rule.name in RECORDED | FEEDS | GROUPS


def _monthly(rule: Rule) -> bool:
    return wanted(rule) and rule.labels["slo"] == "monthly"


def _others(rule: Rule) -> bool:
    return wanted(rule) and rule.labels["slo"] != "monthly"


@pytest.fixture(scope="module")
def recorded(tools: Tools) -> Iterator[Prometheus]:
    history = incident_counters("day", days=DAYS, error_ratio=0.02, seed=21)
    with Prometheus(tools) as server:
        for documents, begin, end in ((BEFORE, START, CHANGE), (AFTER, CHANGE, END)):
            at = [CHANGE - 240 + OLD_PHASE] if end == CHANGE else LATER
            for monthly_too in (False, True):  # one by one: the harness cannot tell apart what `=~` selects
                record(
                    server,
                    list(rules_of(documents).values()),
                    begin,
                    end,
                    phase={name: PHASES[name.split("/")[0]] for name in _groups(documents)},
                    only=_monthly if monthly_too else _others,
                    instants=dict.fromkeys(RECORDED, at),
                    extra=history.series if begin == START and not monthly_too else (),
                )
        yield server


def _groups(documents: list[dict[str, Any]]) -> list[str]:
    return [group.name for one in plan_of(documents).services for _, group in one.groups()]


def value(server: Prometheus, name: str, service: str, slo: str, at: float = END, **labels: str) -> float:
    pairs = ", ".join(f'{label}="{text}"' for label, text in {"service": service, "slo": slo, **labels}.items())
    (sample,) = server.query(f"{name}{{{pairs}}}", at)
    return sample.value


@pytest.mark.parametrize("at", [JUST_AFTER, END], ids=["just after", "three days later"])
@pytest.mark.parametrize("name", PERIODS)
def test_a_period_goes_on_under_a_new_name(recorded: Prometheus, name: str, at: float) -> None:
    kept = value(recorded, name, "kept", "availability", at)
    assert kept > 0
    assert value(recorded, name, "shop", "requests", at) == pytest.approx(kept, rel=EXACT)


@pytest.mark.parametrize("name", PERIODS)
@pytest.mark.parametrize("pod", ["", "shop-0", "shop-1"])
def test_a_calendar_period_goes_on_for_the_whole_and_for_each_group(recorded: Prometheus, name: str, pod: str) -> None:
    level = naming.GROUP_LEVEL if pod else naming.OVERALL_LEVEL
    found = [
        value(recorded, naming.at_level(name, level), *names, END, **({"pod": pod} if pod else {}))
        for names in (("kept", "contract"), ("shop", "monthly"))
    ]
    assert found[0] > 0
    assert found[1] == pytest.approx(found[0], rel=EXACT)


def test_long_burn_windows_look_back_beyond_the_change(recorded: Prometheus) -> None:
    whole, group = naming.BURN_RATE, naming.at_level(naming.BURN_RATE, naming.GROUP_LEVEL)
    for name, slos, labels in (
        (whole, ("availability", "requests"), {"window": "16h48m"}),
        (group, ("contract", "monthly"), {"window": "1d", "pod": "shop-0"}),
        (group, ("contract", "monthly"), {"window": "3d", "pod": "shop-1"}),
    ):
        kept, found = (
            value(recorded, name, service, slo, JUST_AFTER, **labels)
            for service, slo in zip(("kept", "shop"), slos, strict=True)
        )
        assert kept > 0
        assert found == pytest.approx(kept, rel=0.005)


def test_the_budget_before_and_after_is_the_same(recorded: Prometheus) -> None:
    """Nothing fails in the nine minutes between."""
    for name in (naming.BAD_PERIOD, naming.ERROR_RATIO):
        before = value(recorded, name, "store", "availability", CHANGE - 240 + OLD_PHASE)
        assert before > 0
        assert value(recorded, name, "shop", "requests", JUST_AFTER) == pytest.approx(before, rel=EXACT)


def test_nothing_is_told_missing_and_history_begins_where_it_did(recorded: Prometheus) -> None:
    for at in LATER:
        assert value(recorded, naming.MISSING, "shop", "requests", at) < 900
    since = value(recorded, naming.FIRST_SEEN, "shop", "requests", JUST_AFTER)
    assert since == pytest.approx(value(recorded, naming.FIRST_SEEN, "kept", "availability", JUST_AFTER), abs=3600)


def test_no_alert_on_the_data_itself_comes_of_the_change(recorded: Prometheus) -> None:
    for name in ("SLORecordingGaps", "SLONoData"):
        expr = alert(plan_of(AFTER), "shop", "requests", name)
        if name == "SLONoData":  # the base is not recorded here; the ledger is there at the same times
            expr = expr.replace(naming.TOTAL_BASE, naming.TOTAL_LEDGER).replace(naming.INFO, naming.TOTAL_LEDGER)
            expr = expr.replace(', objective="good"', "")
        for at in LATER:
            assert recorded.query(expr, at) == [], (name, at)


def alert(plan: Plan, service: str, slo: str, name: str) -> str:
    (found,) = (
        one.expr
        for each in plan.services
        if each.service.name == service
        for planned in each.slos
        if planned.slo.name == slo
        for one in planned.alerts()
        if one.name == name
    )
    return found


def test_without_formerly_history_is_lost(recorded: Prometheus) -> None:
    coverage = value(recorded, naming.COVERAGE, "new", "availability")
    assert coverage == pytest.approx(3 / 7, abs=0.01)
    kept = value(recorded, naming.BUDGET_USED, "kept", "availability")
    assert value(recorded, naming.BUDGET_USED, "new", "availability") < 0.9 * kept


@pytest.mark.parametrize("formerly", [True, False], ids=["formerly", "without"])
def test_a_group_that_is_down_while_its_slo_is_renamed_stays_bad(tools: Tools, formerly: bool) -> None:
    """The new rules have run for half an hour and never saw `eu`; the old ones saw it until then."""
    slo = {
        "name": "answers",
        "objective": 99,
        "by": ["region"],
        "sli": {"type": "probe", "targets": 'probe_success{job="edge"}', "expected": 1},
        **({"formerly": "reachable"} if formerly else {}),
    }
    rules = groups_of(rules_text(service_of(slo, name="edge", scrapeInterval="30s")), "base")
    old = {"service": "edge", "slo": "reachable"}
    name = naming.at_level(naming.LAST_SEEN, naming.SOURCE_LEVEL)
    seen = [
        ends(scraped(name, {**old, "region": region}, lambda times: times, (0.0, 300.0), every=60), 300)
        for region in ("eu", "us")
    ]
    probes = scraped("probe_success", {"job": "edge", "region": "us"}, np.ones_like, (310.0, 2000.0))
    bad = naming.at_level(naming.BAD_BASE, naming.GROUP_LEVEL)
    asked = [
        Asked(f'sum({bad}{{slo="answers", region="eu"}})', 1800, 1.0 if formerly else None),
        Asked(f'sum({bad}{{slo="answers", region="us"}})', 1800, 0.0),
    ]
    evaluate(tools, rules, [*seen, probes], asked)
