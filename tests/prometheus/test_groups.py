"""Groups on a real Prometheus: each has a true budget, one incident is one alert that names it, and the cost is linear.

Alerts are judged by Prometheus' own rule manager (`promtool test rules`), budgets and cost on a server on which the
rules have run, each group of rules at its own interval and phase.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import yaml
from compile import EVENTS, METRIC, policy, rules_text, service, service_of, slo_plan
from harness import synthetic
from harness.arrays import Ints
from harness.backfill import SeriesData, load
from harness.promtool import test_rules
from harness.rules import load_rules
from harness.server import Prometheus
from harness.staged import record
from harness.tools import Tools
from timelines import (
    HOUR,
    Asked,
    ends,
    evaluate,
    firing,
    groups_of,
    near,
    per_second,
    rules_behind,
    scraped,
    starts,
)

from slogen import naming
from slogen.promql.durations import DAY
from slogen.promql.quoting import quote

pytestmark = pytest.mark.prometheus

PAGE, TICKET, LIMIT = "SLOBudgetBurnPage", "SLOBudgetBurnTicket", "SLOGroupLimit"
MINUTE = 60
LEDGER = "4m"
SLO = '{service="shop", slo="availability"}'
MANY = 200
OVERALL = {"tenant": "", "slo_group": ""}


def group_level(name: str) -> str:
    """A series' name at the level of groups."""
    return naming.at_level(name, naming.GROUP_LEVEL)


def tenant(
    name: str, failing: float = 0.0, *changes: tuple[float, float], begin: float = 0, end: float = 12 * HOUR
) -> list[SeriesData]:
    """Ten requests a second; the share `failing` of them fails, and from each (second, share) of `changes` on that."""
    labels = {"job": "shop", "tenant": name}
    if not name:
        del labels["tenant"]
    good = per_second(10 * (1 - failing), *((at, 10 * (1 - share)) for at, share in changes))
    bad = per_second(10 * failing, *((at, 10 * share) for at, share in changes))
    return [
        scraped(METRIC, {**labels, "code": "200"}, good, (begin, end)),
        scraped(METRIC, {**labels, "code": "500"}, bad, (begin, end)),
    ]


def named(name: str) -> dict[str, str]:
    """Labels by which an alert names a tenant."""
    return {"tenant": name, "slo_group": f"tenant={name}"}


def alerts_so_far(end: float, count: int) -> Asked:
    """How many alerts, of whatever name, have fired up to `end`."""
    selector = f'ALERTS{{alertstate="firing"}}[{int(end) + 1}s]'
    return Asked(f"count(count_over_time({selector})) or vector(0)", end, count)


def test_an_outage_of_all_groups_is_one_page(tools: Tools) -> None:
    """Only pages are evaluated here: the groups' tickets are muted while one fires."""
    outage, over, end = 30 * MINUTE, 40 * MINUTE, 90 * MINUTE
    series = [one for number in range(MANY) for one in tenant(f"t-{number}", 0, (outage, 1), (over, 0), end=end + 1)]
    asked = [
        Asked(f"sum({naming.GROUPS}{SLO})", outage, MANY),
        starts(PAGE, OVERALL, end, 1),
        alerts_so_far(end, 1),
        firing(PAGE, OVERALL, outage, 0),
        firing(PAGE, OVERALL, outage + 3 * MINUTE),
        firing(PAGE, OVERALL, end, 0),
    ]
    evaluate(tools, groups_of(rules_text(service(by=["tenant"])), "base"), series, asked)


def test_an_outage_of_one_group_is_one_ticket_that_names_it(tools: Tools) -> None:
    """It is a 200th of the traffic. Meanwhile another group is born, and a third one is retired."""
    outage, over, end = 3 * HOUR, 3.5 * HOUR, 6 * HOUR
    every = [f"t-{number}" for number in range(MANY - 3)]
    series = [one for name in every for one in tenant(name, end=end + 1)[:1]]
    series += tenant("down", 0, (outage, 1), (over, 0), end=end + 1)
    series += tenant("new", begin=3.1 * HOUR, end=end + 1)[:1]
    series += [ends(one, 3.3 * HOUR) for one in tenant("retired", end=end + 1)]
    asked = [
        Asked(f"sum({naming.GROUPS}{SLO})", outage, MANY - 1),
        Asked(f"sum({naming.GROUPS}{SLO})", over, MANY - 1),
        Asked(f'count({group_level(naming.TOTAL_BASE)}{{tenant=~"new|retired"}})', 3.2 * HOUR, 2),
        Asked(f'count({group_level(naming.TOTAL_BASE)}{{tenant=~"new|retired"}})', over, 1),
        starts(TICKET, named("down"), end, 1),
        alerts_so_far(end, 1),
        firing(TICKET, named("down"), outage, 0),
        firing(TICKET, named("down"), over),
    ]
    evaluate(tools, rules_text(service(by=["tenant"])), series, asked, LEDGER)


SCOPES: dict[str, tuple[dict[str, Any], dict[str, tuple[int, int]]]] = {
    "by-default": ({"by": ["tenant"]}, {PAGE: (1, 0), TICKET: (0, 2)}),
    "both": (
        {"by": ["tenant"], "alerting": {"page": {"scope": "both"}, "ticket": {"scope": "both"}}},
        {PAGE: (1, 2), TICKET: (1, 2)},
    ),
    "the-other-way-round": (
        {"by": ["tenant"], "alerting": {"page": {"scope": "group"}, "ticket": {"scope": "overall"}}},
        {PAGE: (0, 2), TICKET: (1, 0)},
    ),
    "no-overall-budget": ({"by": {"labels": ["tenant"], "overall": False}}, {PAGE: (0, 2), TICKET: (0, 2)}),
}
"""Fields of an SLO, and which alerts two of its three groups start: of the SLO as a whole, and of its groups."""


@pytest.mark.parametrize("scope", SCOPES)
def test_alerts_look_at_the_level_that_they_are_asked_to(tools: Tools, scope: str) -> None:
    fields, expected = SCOPES[scope]
    outage, over, end = HOUR, 1.25 * HOUR, 3 * HOUR
    series = [
        *tenant("a", 0, (outage, 1), (over, 0), end=end + 1),
        *tenant("b", 0, (outage, 1), (over, 0), end=end + 1),
        *tenant("c", end=end + 1),
    ]
    asked = [alerts_so_far(end, sum(map(sum, expected.values())))]
    for alert, (overall, each) in expected.items():
        asked += [starts(alert, OVERALL, end, overall), starts(alert, named("c"), end, 0)]
        asked += [starts(alert, named(name), end, int(each > 0)) for name in ("a", "b")]
    whole = 'count({__name__=~"slo:.*_events:.*", service="shop"})'
    asked.append(Asked(f"{whole} > bool 0 or vector(0)", end, float(scope != "no-overall-budget")))
    evaluate(tools, rules_text(service(**fields)), series, asked, LEDGER)


def test_beyond_the_limit_only_the_overall_budget_goes_on(tools: Tools) -> None:
    """Four groups, three are admitted; later one is retired, and the others are recorded."""
    outage, over, retired, end = HOUR, 1.25 * HOUR, 3 * HOUR, 4 * HOUR
    series = [one for name in "abc" for one in tenant(name, 0, (outage, 1), (over, 0), end=end + 1)]
    series += [ends(one, retired) for one in tenant("d", end=end + 1)]
    recorded = 'count({__name__=~"slo_group:.*"}) or vector(0)'
    asked = [
        *(Asked(recorded, moment, 0) for moment in (10 * MINUTE, outage, over, retired)),
        Asked(f'count({group_level(naming.TOTAL_BASE)}{{tenant=~"a|b|c"}})', end, 3),
        near(f"{naming.TOTAL_LEDGER}{SLO}", retired, 4 * 2400, 1),
        firing(LIMIT, OVERALL, 6 * MINUTE, 0),
        firing(LIMIT, OVERALL, 16 * MINUTE),
        firing(LIMIT, OVERALL, retired),
        firing(LIMIT, OVERALL, retired + 12 * MINUTE, 0),
        starts(PAGE, OVERALL, end, 1),
        starts(LIMIT, OVERALL, end, 1),
        alerts_so_far(end, 2),
    ]
    spec = service(by={"labels": ["tenant"], "maxGroups": 3})
    evaluate(tools, rules_text(spec), series, asked, LEDGER)


GOLD = {"match": {"tenant": "gold-.*"}, "objective": 99.9}


def test_each_group_is_held_to_its_own_objective(tools: Tools) -> None:
    """0.5% of errors are half of a budget of 1%, and five times one of 0.1%."""
    end = 3 * HOUR
    names = ("gold-a", "gold-b", "silver", "not-gold-c")
    series = [one for name in names for one in tenant(name, 0.005, end=end + 1)]
    rules = rules_text(service(by=["tenant"], objective=99, overrides=[GOLD]))
    asked = [alerts_so_far(end, 2)]
    for name in names:
        gold = name.startswith("gold-")
        budget = 0.001 if gold else 0.01
        used = f'{group_level(naming.BUDGET_USED)}{{tenant="{name}"}}'
        covered = f'scalar({group_level(naming.COVERAGE)}{{tenant="{name}"}})'
        asked += [
            starts(TICKET, named(name), end, int(gold)),
            firing(TICKET, named(name), end, int(gold)),
            near(f"sum({used}) / {covered}", end, 0.005 / budget, 0.005 * 0.005 / budget),
        ]
    # Overall, the budget is 1%.
    overall = f"{naming.BUDGET_USED}{SLO} / scalar({naming.COVERAGE}{SLO})"
    evaluate(tools, rules, series, [*asked, near(overall, end, 0.5, 0.0025)], LEDGER)


@pytest.mark.parametrize(("alert", "share", "windows", "factor"), [(PAGE, 2, "1h/5m", 14.4), (TICKET, 10, "1d/2h", 3)])
def test_groups_whose_pairs_differ_fire_each_by_its_own(
    tools: Tools, alert: str, share: int, windows: str, factor: float
) -> None:
    """At 80% the pair is fitted to a factor of 2.5, and its windows with it; at 99.9% it stays.

    Steady errors burn alike in every window, a little below and above each factor: none is judged by the other's.
    """
    end = 2 * HOUR
    burns = {"low-below": 2.4, "low-above": 2.6, "high-below": factor - 0.1, "high-above": factor + 0.1}
    series = [
        one
        for name, burn in burns.items()
        for one in tenant(name, burn * (0.2 if name.startswith("low") else 0.001), end=end + 1)
    ]
    severity = "page" if alert == PAGE else "ticket"
    long, short = windows.split("/")
    pair = {"severity": severity, "budget": share, "long": long, "short": short}
    spec = [
        policy("one-pair", burnRate={"pairs": [pair]}),
        service(
            by=["tenant"],
            objective=80,
            overrides=[{"match": {"tenant": "high-.*"}, "objective": 99.9}],
            alerting={"policy": "one-pair", severity: {"scope": "group"}},
        ),
    ]
    (planned,) = slo_plan(spec).alerts()
    assert [one.factor for one in planned.pairs] == [2.5]
    asked = [starts(alert, named(name), end, int(name.endswith("above"))) for name in burns]
    evaluate(tools, rules_text(spec), series, [*asked, alerts_so_far(end, 2)], LEDGER)


@pytest.mark.parametrize("overrides", [[], [GOLD]], ids=["one-objective", "overrides"])
def test_the_ticket_of_a_group_that_vanished_is_held(tools: Tools, overrides: list[Mapping[str, Any]]) -> None:
    """Nothing tells that the trouble is over, neither series that are gone nor windows that hold no events any more."""
    outage, gone, end = HOUR, 1.5 * HOUR, 10 * HOUR
    series = [ends(one, gone) for one in tenant("gold-a", 0, (outage, 1), end=end + 1)] + tenant("b", end=end + 1)
    rules = rules_behind(rules_text(service(by=["tenant"], overrides=overrides)), TICKET)
    asked = [firing(TICKET, named("gold-a"), moment) for moment in (gone, gone + HOUR, gone + 4 * HOUR, end)]
    evaluate(tools, rules, series, [*asked, starts(TICKET, {}, end, 1)], LEDGER)


def test_series_without_the_label_are_a_group_of_their_own(tools: Tools) -> None:
    """It is none other than the overall one: neither its figures nor its alerts are taken for the SLO's."""
    outage, over, end = HOUR, 1.25 * HOUR, 3 * HOUR
    series = [*tenant("", 0, (outage, 1), (over, 0), end=end + 1), *tenant("a", end=end + 1)]
    series += tenant("b", end=end + 1)
    own, whole = (
        f'{name}{{service="shop", slo="availability", tenant=""}}'
        for name in (group_level(naming.TOTAL_LEDGER), naming.TOTAL_LEDGER)
    )
    asked = [
        near(own, end, 2400, 1),
        near(whole, end, 7200, 1),
        Asked(f"count({group_level(naming.TOTAL_LEDGER)})", end, 3),
        starts(TICKET, {"tenant": "", "slo_group": "tenant="}, end, 1),
        starts(PAGE, OVERALL, end, 1),
        alerts_so_far(end, 2),
    ]
    evaluate(tools, rules_text(service(by=["tenant"])), series, asked, LEDGER)


def test_an_alert_of_the_whole_does_not_hold_one_of_the_group_without_the_label(tools: Tools) -> None:
    """That group had one bad event, too few for a ticket, and is idle since; the whole has a ticket all the while."""
    once, end = HOUR, 4 * HOUR

    def one_failure(code: str) -> SeriesData:
        rate = per_second(0, (once, 1 / MINUTE), (once + MINUTE, 0))
        return scraped(METRIC, {"job": "shop", "code": code}, rate, (0, end + 1))

    series = [one_failure("500"), *tenant("a", 0.5, end=end + 1)]
    both = {"page": {"disabled": True}, "ticket": {"scope": "both"}}
    rules = rules_behind(rules_text(service(by=["tenant"], alerting=both)), TICKET)
    asked = [
        starts(TICKET, OVERALL, end, 1),
        starts(TICKET, named("a"), end, 1),
        starts(TICKET, {"tenant": "", "slo_group": "tenant="}, end, 0),
    ]
    evaluate(tools, rules, series, asked, LEDGER)


def test_an_alert_of_a_group_does_not_hold_one_of_the_whole(tools: Tools) -> None:
    """One of 20 groups fails, so the whole is inside its objective. Then nothing happens any more: a ticket is held."""
    outage, idle, end = HOUR, 1.5 * HOUR, 5 * HOUR

    def until_idle(name: str, code: str, begin: float) -> SeriesData:
        counted = per_second(0, (begin, 10), (idle, 0))
        return scraped(METRIC, {"job": "shop", "tenant": name, "code": code}, counted, (0, end + 1))

    series = [until_idle("a", "500", outage), *(until_idle(f"t-{number}", "200", 0) for number in range(19))]
    both = {"page": {"disabled": True}, "ticket": {"scope": "both"}}
    rules = rules_behind(rules_text(service(by=["tenant"], objective=90, alerting=both)), TICKET)
    asked = [starts(TICKET, named("a"), end, 1), firing(TICKET, named("a"), end), starts(TICKET, OVERALL, end, 0)]
    evaluate(tools, rules, series, asked, LEDGER)


# Slices: a region whose targets are gone may be down or retired; that cannot be told, so it is bad for a day.
PROBE = {"type": "probe", "targets": 'up{job="edge"}', "expected": 2}


def up(region: str, end: float, gaps: Iterable[tuple[float, float]] = ()) -> list[SeriesData]:
    return [
        scraped(
            "up",
            {"job": "edge", "region": region, "instance": str(number)},
            lambda times: 0 * times + 1,
            (0, end + 1),
            gaps=gaps,
        )
        for number in range(2)
    ]


@pytest.mark.parametrize("missing", ["bad", "good", "skip"])
def test_a_region_that_vanishes_is_what_missing_says_for_a_day(tools: Tools, missing: str) -> None:
    gone, end = 2 * HOUR, 28 * HOUR
    forgotten = gone + (0 if missing == "skip" else DAY)
    series = [
        *up("east", end),
        *(ends(one, gone) for one in up("west", end)),
        *up("north", end, gaps=[(4 * HOUR, 5 * HOUR)]),
    ]
    sli = {**PROBE, "missing": missing}
    rules = groups_of(rules_text(service_of({"name": "edge", "objective": 99, "by": ["region"], "sli": sli})), "base")
    total, bad = (group_level(name) for name in (naming.TOTAL_BASE, naming.BAD_BASE))

    def at(name: str, region: str, moment: float, value: float | None) -> Asked:
        return Asked(f'sum({name}{{region="{region}"}})', moment, value)

    worth = float(missing == "bad")
    asked = []
    for moment in (gone - 4 * MINUTE, gone + HOUR, 4.5 * HOUR, 5.2 * HOUR, gone + DAY - 8 * MINUTE, gone + DAY + 600):
        west = moment < max(forgotten, gone)
        north = missing != "skip" or not 4 * HOUR < moment < 5 * HOUR
        asked += [
            at(total, "east", moment, 1),
            at(bad, "east", moment, 0),
            at(total, "west", moment, 1 if west else None),
            at(bad, "west", moment, worth * (moment > gone) if west else None),
            at(total, "north", moment, 1 if north else None),
            at(bad, "north", moment, worth * (4 * HOUR < moment < 5 * HOUR) if north else None),
            Asked(f"count({total})", moment, 1 + west + north),
        ]
    evaluate(tools, rules, series, asked, LEDGER)


def test_an_alert_tells_the_budget_of_its_own_group(tools: Tools) -> None:
    """Whatever the group is called. All or half of a zone's targets are down from the first of 27 recordings on.

    Those are a 400th of 30 days: all of them spend a quarter of a budget of 1%, at a burn rate of 100.
    """
    region, weird, plain = "west", 'a "b" \\1 100% {{é}}', "c"
    sli = {"type": "threshold", "gauge": "up", "below": 1, "aggregate": "share"}
    rules = rules_text(service_of({"name": "edge", "objective": 99, "by": ["region", "zone"], "sli": sli}))
    series = [
        {"series": f'up{{region="{region}", zone={quote(zone)}, instance="{number}"}}', "values": f"{value}x300"}
        for zone, both in ((weird, (0, 0)), (plain, (0, 1)))
        for number, value in enumerate(both)
    ]
    identity = {"service": "shop", "slo": "edge", "severity": "ticket", "owner": "team", "region": region}
    expected = [
        {
            "exp_labels": {**identity, "zone": zone, "slo_group": f"region={region}, zone={zone}"},
            "exp_annotations": {
                "summary": f"shop/edge (region={region}, zone={zone}) is burning its error budget too fast.",
                "description": (
                    f"shop/edge (region={region}, zone={zone}) burns its error budget {rate} times as fast as it can"
                    f" afford (fires when it spends 10% in 1d or 10% in 3d). Budget left: {left}."
                    f" At this rate it lasts: {lasts}."
                ),
            },
        }
        for zone, rate, left, lasts in ((weird, 100, "75%", "5h 24m 0s"), (plain, 50, "87.5%", "12h 36m 0s"))
    ]
    case = {
        "interval": "30s",
        "input_series": series,
        "alert_rule_test": [{"alertname": TICKET, "eval_time": "104m", "exp_alerts": expected}],
    }
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": LEDGER,
        "group_eval_order": [group["name"] for group in yaml.safe_load(rules)["groups"]],
        "tests": [case],
    }
    ok, said = test_rules(tools, yaml.safe_dump(document), {"rules.yml": rules})
    assert ok, said


# Budgets over two days, from known events.
START = synthetic.MIDNIGHT
PERIOD_HOURS = 48
BASE_PHASE, LEDGER_PHASE = 17.0, 76.5
LENGTH = 60 * HOUR
END = START + LENGTH - 240 + LEDGER_PHASE
EXACT = 0.005
"""How far a figure may be off, relative to the truth."""
RECORDED = (naming.TOTAL_BASE, naming.GROUPS, naming.TARGET, naming.TOTAL_LEDGER, naming.BAD_LEDGER)
PERIODS = (naming.TOTAL_PERIOD, naming.BAD_PERIOD, naming.COVERAGE, naming.ERROR_RATIO, naming.BUDGET_USED)


@dataclass(frozen=True)
class Group:
    """A tenant and its events in each second since the start, and how many seconds of the period it was there."""

    series: list[SeriesData]
    total: Ints
    bad: Ints
    known: float = PERIOD_HOURS * HOUR

    def truth(self) -> tuple[int, int]:
        """Bad and total events of the period."""
        begin = int(END - START - PERIOD_HOURS * HOUR)
        return int(self.bad[begin:].sum()), int(self.total[begin:].sum())


def lived(name: str, seed: int, peak: float, failing: float, begin: float = 0, last: float = LENGTH) -> Group:
    """Diurnal traffic until `last`; from `begin` on, for six hours, the share `failing` fails, and 0.01% besides."""
    second = np.arange(int(LENGTH), dtype=np.float64)
    share = np.where((second >= begin) & (second < begin + 6 * HOUR), failing, 0.0001)
    rate = np.where(second < last, synthetic.diurnal(second, peak, 10), 0)
    good, bad = synthetic.events(rate * (1 - share), seed), synthetic.events(rate * share, seed + 1)
    times = synthetic.scrape_times(START, last, 30, offset=2.3 + seed % 25, seed=seed)
    stale = [times[-1] + 30] if last < LENGTH else []
    series = [
        SeriesData(METRIC, {"job": "shop", "tenant": name, "code": code}, times, values, stale)
        for code, happened in (("200", good), ("500", bad))
        for values in [synthetic.counter(happened, START, times)]
    ]
    known = min(last, END - START) - (END - START - PERIOD_HOURS * HOUR)
    return Group(series, good + bad, bad, known)


GROUPS = {
    "gold-day": lived("gold-day", 10, 50, 0.02, 38 * HOUR),
    "night": lived("night", 20, 20, 0.2, 24 * HOUR),
    "small": lived("small", 30, 2, 0.05, 13 * HOUR),
    "gold-ended": lived("gold-ended", 40, 30, 0.01, 20 * HOUR, last=36 * HOUR),
    "ended": lived("ended", 50, 10, 0.1, 20 * HOUR, last=36 * HOUR),
}
BUDGETS = {
    "alike": dict.fromkeys(GROUPS, 0.001),
    "tiered": {name: 0.001 if "gold-" in name else 0.01 for name in GROUPS},
}
WHOLE = {"alike": 0.001, "tiered": 0.01}
SLOS = [
    {"name": "alike", "objective": 99.9, "window": "2d", "by": ["tenant"], "sli": EVENTS},
    {"name": "tiered", "objective": 99, "window": "2d", "by": ["tenant"], "sli": EVENTS, "overrides": [GOLD]},
]


@pytest.fixture(scope="module")
def recorded(tools: Tools) -> Iterator[Prometheus]:
    """A server on which the rules of both SLOs have run."""
    text = rules_text(service_of(*SLOS))
    phase = {rule.group: LEDGER_PHASE if "/ledger" in rule.group else BASE_PHASE for rule in load_rules(text)}
    levels = (naming.OVERALL_LEVEL, naming.GROUP_LEVEL, naming.SOURCE_LEVEL)
    names = {naming.at_level(name, level) for name in (*RECORDED, *PERIODS) for level in levels}
    with Prometheus(tools) as server:
        record(
            server,
            text,
            START,
            END,
            phase=phase,
            only=lambda rule: rule.name in names,
            instants={naming.at_level(name, level): [END] for name in PERIODS for level in levels},
            extra=[one for group in GROUPS.values() for one in group.series],
        )
        yield server


def figure(server: Prometheus, series: str, slo: str, **labels: str) -> float:
    """A recorded figure at the end, of a group where one is named."""
    name = group_level(series) if labels else series
    own = "".join(f', {label}="{value}"' for label, value in labels.items())
    (found,) = server.query(f'{name}{{service="shop", slo="{slo}"{own}}}', END)
    return found.value


@pytest.mark.parametrize("slo", BUDGETS)
@pytest.mark.parametrize("name", GROUPS)
def test_the_budget_of_a_group_is_that_of_its_events(recorded: Prometheus, slo: str, name: str) -> None:
    group, (bad, total) = GROUPS[name], GROUPS[name].truth()
    assert figure(recorded, naming.TOTAL_PERIOD, slo, tenant=name) == pytest.approx(total, rel=EXACT)
    assert figure(recorded, naming.BAD_PERIOD, slo, tenant=name) == pytest.approx(bad, rel=EXACT)
    coverage = figure(recorded, naming.COVERAGE, slo, tenant=name)
    # What is older than a day is counted by half hours.
    known, step = group.known / PERIOD_HOURS / HOUR, 1800 / PERIOD_HOURS / HOUR
    assert coverage == pytest.approx(known, abs=step if known < 1 else 0)
    used = figure(recorded, naming.BUDGET_USED, slo, tenant=name)
    assert used == pytest.approx(coverage * bad / total / BUDGETS[slo][name], rel=EXACT)


@pytest.mark.parametrize("slo", BUDGETS)
def test_the_overall_budget_is_the_sum_of_the_groups(recorded: Prometheus, slo: str) -> None:
    bad, total = (sum(found) for found in zip(*(group.truth() for group in GROUPS.values()), strict=True))
    assert figure(recorded, naming.COVERAGE, slo) == 1
    assert figure(recorded, naming.BUDGET_USED, slo) == pytest.approx(bad / total / WHOLE[slo], rel=EXACT)
    for name in (naming.TOTAL_PERIOD, naming.BAD_PERIOD):
        (groups,) = recorded.query(f'sum({group_level(name)}{{slo="{slo}"}})', END)
        assert figure(recorded, name, slo) == pytest.approx(groups.value, rel=1e-9)


# Cost: an SLO with so many groups each, recorded for a while.
COUNTS = (50, 100, 200)
RUN = 20 * MINUTE


def counted(count: int) -> Mapping[str, Any]:
    """A service whose SLO has so many groups."""
    sli = {key: value.replace('"shop"', f'"of-{count}"') for key, value in EVENTS.items()}
    return service(f"of-{count}", by=["tenant"], objective=99, overrides=[GOLD], sli=sli)


@pytest.fixture(scope="module")
def costs(tools: Tools) -> Mapping[int, tuple[float, float]]:
    """By number of groups: series that are recorded, and samples read per minute by all rules of the SLO."""
    series = [
        SeriesData(METRIC, {"job": f"of-{count}", "tenant": f"t-{number}", "code": code}, times, (times - START) * 10)
        for times in [START + np.arange(7, RUN, 30)]
        for count in COUNTS
        for number in range(count)
        for code in ("200", "500")
    ]
    end, found = START + RUN, {}
    with Prometheus(tools) as server:
        load(server, series)
        for count in COUNTS:
            rules = record(server, rules_text(counted(count)), START, end)
            (kept,) = server.query(f'count({{__name__=~"slo.*", service="of-{count}"}})', end)
            read = sum(server.stats(rule.expr, end)[0] * MINUTE / rule.interval for rule in rules)
            found[count] = (kept.value, read)
    return found


def test_the_cost_is_linear_in_the_number_of_groups(costs: Mapping[int, tuple[float, float]]) -> None:
    for few, more, most in zip(*(costs[count] for count in COUNTS), strict=True):
        assert most - more == pytest.approx(2 * (more - few), rel=0.01)


def test_a_group_adds_one_series_for_each_of_its_rules(costs: Mapping[int, tuple[float, float]]) -> None:
    rules = sum(1 for rule in slo_plan(counted(COUNTS[0])).recordings() if rule.by)
    assert (costs[200][0] - costs[100][0]) / 100 == rules
