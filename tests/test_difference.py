"""What a change of specs means, edit by edit: one text becomes another, and these sentences are all that is told."""

from __future__ import annotations

import copy
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from compile import plan_of, service

from slogen.difference.comparing import compare
from slogen.difference.cost import cost_of
from slogen.difference.model import Change, Danger, Kind
from slogen.findings import SpecError
from slogen.pipeline import compile_specs, render
from slogen.rules import Plan

ROOT = Path(__file__).parent.parent

BASE = """\
apiVersion: slogen/v1
kind: Config
spec:
  severities: {page: page, ticket: ticket}
---
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: team}
spec:
  extends: default
  noData: {wait: 15m}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: shop, owner: team-a, description: Sells., labels: {tier: critical}}
spec:
  scrapeInterval: 30s
  window: 30d
  workloads: [{kind: Deployment, namespace: shop, name: shop}]
  memory:
    - {type: container}
  slos:
    - name: availability
      description: Requests that do not fail.
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="shop", code=~"5.."}
        total: http_requests_total{job="shop"}
    - name: latency
      sli: {type: latency, histogram: 'duration_seconds{job="shop"}'}
      objectives:
        - {name: p99, threshold: 1s, objective: 99}
        - {name: p90, threshold: 300ms, objective: 90}
      alerting: {policy: team}
    - name: regions
      objective: 99
      by: {labels: [region], maxGroups: 50}
      sli: {type: events, bad: 'errors_total{job="shop"}', total: 'all_total{job="shop"}'}
    - name: jobs
      objective: 90
      expectedTraffic: 30/h
      sli: {type: events, bad: 'failed_total{job="cron"}', total: 'ran_total{job="cron"}'}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: store}
spec:
  slos:
    - name: orders
      objective: 99.9
      sli: {type: events, bad: 'lost_total{job="store"}', total: 'orders_total{job="store"}'}
"""


@dataclass(frozen=True)
class Edit:
    """Texts that are replaced by others, and what that means (`...` is any text); with `only`, nothing else."""

    texts: tuple[tuple[str, str], ...]
    told: tuple[str, ...]
    danger: Danger | None = None
    only: bool = True


AVAILABILITY = """\
    - name: availability
      description: Requests that do not fail.
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="shop", code=~"5.."}
        total: http_requests_total{job="shop"}
"""
HIGH, MEDIUM, LOW = Danger
COST = "...: cost ...: ..."

EDITS = {
    "looser": Edit(
        (("objective: 99.9\n      sli:\n", "objective: 99.5\n      sli:\n"),),
        (
            "shop/availability: objective 99.9% -> 99.5%: the budget grows from 43 to 216 minutes a month",
            # 14.4 * 0.005 / e * 1h, before 14.4 * 0.001 / e * 1h; at 1% errors 6h * 6 * 0.001 / 0.01 = 3.6 h
            "shop/availability: SLOBudgetBurnPage fires later: a total outage after 4m19s (was 52s, 3m27s later),"
            " 5% errors after 3h36m (was 17m17s, 3h19m later), 1% errors never (was 3h36m)",
            "shop/availability: SLOBudgetBurnTicket fires later: a total outage after 21m36s (was 4m19s, 17m17s later),"
            " 5% errors after 7h12m (was 1h26m, 5h46m later), 1% errors after 1d12h (was 7h12m, 1d4h48m later)",
        ),
        HIGH,
    ),
    "tighter": Edit(
        (("objective: 99.9\n      sli:\n", "objective: 99.99\n      sli:\n"),),
        (
            "shop/availability: objective 99.9% -> 99.99%: the budget shrinks from 43 to 4.32 minutes a month",
            "shop/availability: SLOBudgetBurnPage fires earlier: a total outage after 5s (was 52s, 47s earlier), ...",
            "shop/availability: SLOBudgetBurnTicket fires earlier: ...",
        ),
        LOW,
    ),
    "an SLO removed": Edit(
        ((AVAILABILITY, ""),),
        ("shop/availability: the SLO is removed (99.9% over 30d), with 8 alerts and its budget", COST),
        HIGH,
    ),
    "an SLO added": Edit(
        (("    - name: latency\n", AVAILABILITY.replace("availability", "more") + "    - name: latency\n"),),
        ("shop/more: the SLO is new: 99.9% over 30d; 8 alerts, 1 of which page", COST),
        LOW,
    ),
    "renamed": Edit(
        (("name: availability", "name: requests"),),
        (
            "shop/requests: availability is called requests now, so the history of its budget is lost;"
            " formerly: availability keeps it",
        ),
        HIGH,
    ),
    "renamed with formerly": Edit(
        (("name: availability", "name: requests\n      formerly: availability"),),
        ("shop/requests: availability is called requests now; formerly keeps its history",),
        LOW,
    ),
    "an objective renamed": Edit(
        (("name: p99,", "name: slowest,"),),
        (
            "shop/latency: objective p99 is called slowest now, so the history of its budget is lost;"
            " formerly: p99 keeps it",
        ),
        HIGH,
    ),
    "an objective renamed with formerly": Edit(
        (("name: p99,", "name: slowest, formerly: p99,"),),
        ("shop/latency: objective p99 is called slowest now; formerly keeps its history",),
        LOW,
    ),
    "former names": Edit(
        (
            ("{name: store}", "{name: store, formerly: [old, older]}"),
            ("name: availability", "name: availability\n      formerly: works"),
            ("name: p99,", "name: p99, formerly: slow,"),
        ),
        (
            "store: what was recorded under the name old and older counts too",
            "shop/availability: what was recorded under the name works counts too",
            "shop/latency: objective p99: what was recorded under the name slow counts too",
        ),
        MEDIUM,
    ),
    "a service renamed": Edit(
        (("{name: store}", "{name: depot}"),),
        ("depot: store is called depot now, so the history of all its budgets is lost; formerly: store keeps it",),
        HIGH,
    ),
    "a service renamed with formerly, and looser": Edit(
        (
            ("{name: store}", "{name: depot, formerly: store}"),
            ("objective: 99.9\n      sli: {", "objective: 99\n      sli: {"),
        ),
        (
            "depot: store is called depot now; formerly keeps the history of its SLOs",
            "depot/orders: objective 99.9% -> 99%: the budget grows from 43 to 432 minutes a month",
            "depot/orders: SLOBudgetBurnPage fires later: ...",
            "depot/orders: SLOBudgetBurnTicket fires later: ...",
        ),
        HIGH,
    ),
    "a service with memory renamed": Edit(
        (("{name: shop, owner", "{name: mall, formerly: shop, owner"),),
        (
            "mall: shop is called mall now; formerly keeps the history of its SLOs",
            "mall: what alerts on memory compare with the days before begins anew, for three days at the most",
        ),
        MEDIUM,
    ),
    "a service removed": Edit(
        ((BASE[BASE.index("---\napiVersion: slogen/v1\nkind: Service\nmetadata: {name: store}") :], ""),),
        ("store: the service is removed, with SLOs orders and 9 alerts",),
        HIGH,
    ),
    "another window": Edit(
        (("window: 30d", "window: 7d"),),
        (
            "shop/availability: window 30d -> 7d: the budget is 10m5s instead of 43m12s of total outage",
            "shop/...: window 30d -> 7d: ...",
            "shop/...: SLOBudgetBurn... fires ...",
            COST,
        ),
        MEDIUM,
        only=False,
    ),
    "a calendar": Edit(
        (("    - name: availability\n", "    - name: availability\n      window: {calendar: month}\n"),),
        (
            "shop/availability: window 30d -> a calendar month: the budget is 43m12s instead of 43m12s of total outage",
            "shop/availability: the budget of the calendar month begins with the deployment: what was before is lost",
            COST,
        ),
        HIGH,
    ),
    "another SLI": Edit(
        (('code=~"5.."', 'code=~"5..|429"'),),
        (
            'shop/availability: the SLI changed: what counts as bad (bad http_requests_total{job="shop", code=~"5.."}'
            ' -> http_requests_total{job="shop", code=~"5..|429"})',
        ),
        MEDIUM,
    ),
    "another threshold": Edit(
        (("threshold: 300ms", "threshold: 500ms"),),
        ("shop/latency: the SLI changed: what counts as bad of p90 (p90: threshold 300ms -> 500ms)",),
        MEDIUM,
    ),
    "another total": Edit(
        (("total: 'all_total{job=\"shop\"}'", "total: 'every_total{job=\"shop\"}'"),),
        ("shop/regions: the SLI changed: what counts as an event (total ... -> ...)",),
        MEDIUM,
    ),
    "other groups": Edit(
        (("labels: [region]", "labels: [zone]"),),
        ("shop/regions: groups by region -> zone: the history of the groups' budgets is lost", "... each zone ..."),
        HIGH,
        only=False,
    ),
    "fewer groups": Edit(
        (("maxGroups: 50", "maxGroups: 20"),),
        ("shop/regions: at most 20 groups instead of 50; with more, none of them is recorded",),
        MEDIUM,
    ),
    "more traffic": Edit(
        (("expectedTraffic: 30/h", "expectedTraffic: 5/s"),),
        ("shop/jobs: declared traffic 30/h -> 5/s", "shop/jobs: SLOBudgetBurn..."),
        None,
        only=False,
    ),
    "an owner": Edit(
        (("owner: team-a", "owner: team-b"),),
        ("shop: owner team-a -> team-b: its alerts go to somebody else",),
        MEDIUM,
    ),
    "a label": Edit(
        (("tier: critical", "tier: low"),), ("shop: labels of all its alerts: tier critical -> low",), MEDIUM
    ),
    "labels of an SLO": Edit(
        (("alerting: {policy: team}", "alerting: {policy: team, labels: {a: b}, page: {labels: {c: d}}}"),),
        ("shop/latency: labels of its alerts: a none -> b", "shop/latency: labels of its pages: c none -> d"),
        MEDIUM,
    ),
    "a guard": Edit(
        (("  noData: {wait: 15m}\n", "  noData: {wait: 15m}\n  burnRate: {guard: {badEvents: 9}}\n"),),
        (
            ": alert policy team changed: burnRate.guard.badEvents 2 -> 9. It touches 1 user: shop/latency",
            "shop/latency: SLOBudgetBurnPage of p99 needs 9 bad events instead of 2, which tells at low traffic",
            "shop/latency: SLOBudgetBurnPage of p90 needs 9 bad events instead of 2, which tells at low traffic",
            "shop/latency: SLOBudgetBurnTicket of p99 needs 9 bad events instead of 2, which tells at low traffic",
            "shop/latency: SLOBudgetBurnTicket of p90 needs 9 bad events instead of 2, which tells at low traffic",
        ),
        MEDIUM,
    ),
    "other targets": Edit(
        (("type: events, bad: 'errors_total", "type: events, target: 'up{job=\"x\"}', bad: 'errors_total"),),
        ('shop/regions: its rules do something else (target none -> up{job="x"})',),
        MEDIUM,
    ),
    "tickets only": Edit(
        (("alerting: {policy: team}", "alerting: {policy: team, page: {disabled: true}}"),),
        (
            "shop/latency: SLOBudgetBurnPage of p99, which pages, is gone; it found ...; nothing pages any more",
            "shop/latency: SLOBudgetBurnPage of p90, which pages, is gone; it found ...; nothing pages any more",
            COST,
        ),
        HIGH,
    ),
    "no alerts": Edit(
        (("alerting: {policy: team}", "alerting: {policy: none}"),),
        (
            "shop/latency: all of its ... alerts are gone: nothing pages and nothing opens a ticket",
            "shop/latency: alert policy team -> none ...",
            COST,
        ),
        HIGH,
    ),
    "a shared policy": Edit(
        (("noData: {wait: 15m}", "noData: {wait: 1h, severity: page}"),),
        (
            ": alert policy team changed: noData.severity ticket -> page and noData.wait 15m -> 1h."
            " It touches 1 user: shop/latency",
            "shop/latency: SLONoData fires 45m later: it waits for 1h instead of 15m",
            "shop/latency: SLONoData pages and opens a ticket no more",
        ),
        MEDIUM,
    ),
    "a severity": Edit(
        (("{page: page, ticket: ticket}", "{page: critical, ticket: ticket}"),),
        (": severity of a page page -> critical: every alert carries it, so check what Alertmanager routes by",),
        MEDIUM,
    ),
    "memory unwatched": Edit(
        (("  memory:\n    - {type: container}\n", ""),),
        ("shop/container: ...: not watched any more; ... alerts are gone", COST),
        HIGH,
    ),
    "memory with a limit": Edit(
        (("{type: container}", "{type: container, limit: 2Gi}"),),
        (
            "shop/container: it is read differently: limit none -> 2Gi",
            "shop/container: MemoryLimitMissing, which opens a ticket, is gone",
        ),
        HIGH,
        only=False,
    ),
    "workloads": Edit(
        (("namespace: shop, name: shop}", "namespace: shop, name: shop-v2}"),),
        ("shop/container: workloads Deployment shop/shop -> Deployment shop/shop-v2",),
        MEDIUM,
    ),
    "a description": Edit(
        (("Requests that do not fail.", "Requests without a failure."),),
        ("shop/availability: description reworded",),
        LOW,
    ),
    "comments and layout": Edit(
        (
            ('bad: http_requests_total{job="shop", code=~"5.."}', 'bad: http_requests_total{ job="shop",code=~"5.."}'),
            ("  window: 30d\n", "  # a month\n  window: 30d\n"),
        ),
        (),
    ),
}


def said(change: Change) -> str:
    return f"{'/'.join(filter(None, (change.service, change.slo)))}: {change.sentence}"


def plan(text: str) -> Plan:
    return plan_of(text.split("---\n"))


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edit_means(edit: Edit) -> None:
    text = BASE
    for old, new in edit.texts:
        assert old in text
        text = text.replace(old, new)
    changes = compare(plan(BASE), plan(text))
    sentences = [said(change) for change in changes]
    patterns = [re.compile(re.escape(one).replace(r"\.\.\.", ".*")) for one in edit.told]
    for pattern in patterns:
        assert any(pattern.fullmatch(one) for one in sentences), (pattern.pattern, sentences)
    if edit.only:
        assert [one for one in sentences if not any(pattern.fullmatch(one) for pattern in patterns)] == []
    if edit.danger is not None:
        assert min(change.danger for change in changes) is edit.danger


def test_a_repository_is_no_different_from_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert compare(compile_specs([]).plan, compile_specs([]).plan) == ()


@pytest.mark.parametrize(
    "edit", [edit for edit in EDITS.values() if edit.told], ids=[n for n, e in EDITS.items() if e.told]
)
def test_there_and_back_are_both_told(edit: Edit) -> None:
    """What is a change in one direction is one in the other, and no two are told in the same words."""
    text = BASE
    for old, new in edit.texts:
        text = text.replace(old, new)
    there, back = compare(plan(BASE), plan(text)), compare(plan(text), plan(BASE))
    assert any(one.kind.is_meaning for one in there) == any(one.kind.is_meaning for one in back)
    assert bool(there) == bool(back)
    assert len({said(one) for one in there}) == len(there)


VALUES = (
    "page",
    "ticket",
    "5m",
    "30s",
    "7d",
    "28d",
    "x",
    3,
    50,
    95,
    True,
    "none",
    "default",
    "tickets-only",
    "both",
    "off",
)


def mutated(documents: list[Any], chance: random.Random) -> list[Any]:
    """One value changed, removed, added or moved, anywhere."""
    found = copy.deepcopy(documents)
    parts = [found[chance.randrange(len(found))]]
    for part in parts:
        inner = part.values() if isinstance(part, dict) else part
        parts += [one for one in inner if isinstance(one, dict | list) and one]
    part = chance.choice(parts)
    at = chance.choice([*part] if isinstance(part, dict) else [*range(len(part))])
    what = chance.choice(("change", "change", "remove", "shuffle"))
    if what == "remove":
        del part[at]
    elif what == "shuffle" and isinstance(part, list):
        chance.shuffle(part)
    elif isinstance(part[at], str) and chance.random() < 0.5:
        part[at] = part[at].replace(chance.choice(part[at] or "a"), chance.choice("ab15"), 1)
    elif isinstance(part[at], int | float) and not isinstance(part[at], bool):
        part[at] = round(part[at] * chance.choice((0.9, 0.99, 1.01, 2)), 2)
    else:
        part[at] = chance.choice(VALUES)
    return found


def doing(compiled: Plan) -> list[str]:
    """What all rules do, in any order; what they say to people is left out."""
    documents = [yaml.load(one.text, yaml.CSafeLoader) for one in render(compiled, ["prometheus"])]
    rules = [rule for one in documents for group in one["groups"] for rule in group["rules"]]
    for rule in rules:
        rule.pop("annotations", None)
        rule["expr"] = "".join(rule["expr"].split())
    return sorted(map(repr, rules))


def test_rules_that_do_something_else_are_never_passed_over() -> None:
    """Whatever is changed anywhere in specs, policies or configuration: told if, and nearly only if, rules differ."""
    documents, before, sound = list(yaml.safe_load_all(BASE)), plan(BASE), 0
    chance = random.Random(8)
    was = doing(before)
    while sound < 60:
        mutant = mutated(documents, chance)
        try:
            after = plan_of(mutant)
        except SpecError:
            continue
        sound += 1
        told = [one for one in compare(before, after) if one.kind.is_meaning]
        if doing(after) != was:
            assert told, yaml.safe_dump_all(mutant)
        else:
            assert {one.kind for one in told} <= {Kind.POLICY, Kind.CONFIG, Kind.TESTS}, (told, mutant)


def test_former_names_that_are_dropped_are_told_with_when_that_does_no_harm() -> None:
    text = BASE.replace("name: availability", "name: availability\n      formerly: works")
    (change,) = compare(plan(text), plan(BASE))
    assert change.kind is Kind.HISTORY_LOST
    assert change.sentence == (
        "formerly names works no more: what was recorded under that name counts no more"
        " (nothing is lost when that is longer ago than 30d)"
    )


def test_the_most_dangerous_is_told_first_and_services_stay_together() -> None:
    text = BASE.replace("{name: store}", "{name: store, owner: somebody}").replace('code=~"5.."', 'code=~"4.."')
    text = text.replace("objective: 99.9\n      sli:\n", "objective: 99\n      sli:\n").replace(
        "{page: page,", "{page: p,"
    )
    changes = compare(plan(BASE), plan(text))
    assert [change.service for change in changes] == sorted(
        [change.service for change in changes], key=["", "shop", "store"].index
    )
    mine = [change for change in changes if change.service == "shop"]
    assert [change.danger for change in mine] == sorted(change.danger for change in mine)
    assert mine[0].kind is Kind.BUDGET_LOOSENED


def test_swapped_names_are_no_rename_by_content() -> None:
    """Both names are there on both sides, so what each of them says is what changed."""
    text = BASE.replace("name: p99,", "name: x,").replace("name: p90,", "name: p99,").replace("name: x,", "name: p90,")
    changes = compare(plan(BASE), plan(text))
    assert not [one for one in changes if one.kind in {Kind.RENAMED, Kind.HISTORY_LOST}]
    assert any("objective p99 99% -> 90%" in one.sentence for one in changes)


@pytest.mark.parametrize(("days", "measured"), [(7, 3_575), (30, 9_283), (90, 22_132)])
def test_the_estimate_of_cost_is_that_of_the_bench(days: int, measured: int) -> None:
    """docs/measurements.md; what subqueries read inside comes on top there, about 1,400 a minute."""
    found = cost_of(plan_of(service(window=f"{days}d", scrapeInterval="30s"))).samples
    assert measured <= found <= measured * 1.06 + 1300
