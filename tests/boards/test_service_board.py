"""What the dashboard of a service asks: series that its rules record, at thresholds that its alerts have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from compile import EVENTS, plan_of, policy, service_of

from slogen.naming import FLEET_UID
from slogen.pipeline import render
from slogen.promql.durations import format_duration
from slogen.promql.parsing import parse
from slogen.promql.selectors import Selector, selectors_in
from slogen.rules import Plan, Recording

GAUGE = 'lag{job="shop"}'
LATENCY = {"type": "latency", "histogram": 'http_request_duration_seconds{job="shop"}'}
P99, P90 = {"name": "p99", "threshold": "1s", "objective": 99}, {"name": "p90", "threshold": "300ms", "objective": 90}
SLOS: tuple[dict[str, Any], ...] = (
    {"name": "plain", "objective": 99.9, "sli": EVENTS},
    {"name": "loose", "objective": 90, "window": "7d", "sli": EVENTS},
    {"name": "two", "sli": {**LATENCY, "breakdown": ["route", "code"]}, "objectives": [P99, P90]},
    {
        "name": "grouped",
        "objective": 99.9,
        "by": ["region", "datasource"],
        "sli": {**EVENTS, "breakdown": ["route"]},
        "overrides": [{"match": {"region": "eu"}, "objective": 99}],
        "alerting": {"page": {"scope": "both"}},
    },
    {
        "name": "groups-only",
        "objective": 99.9,
        "by": {"labels": ["tenant"], "overall": False},
        "overrides": [{"match": {"tenant": "gold-.*"}, "objective": 99.99}],
        "sli": EVENTS,
    },
    {"name": "monthly", "objective": 99.5, "window": {"calendar": "month"}, "sli": EVENTS},
    {"name": "sliced", "objective": 99, "sli": {"type": "threshold", "gauge": GAUGE, "above": 5, "breakdown": ["pod"]}},
    {"name": "bare", "objective": 99, "sli": EVENTS, "alerting": {"policy": "mute"}},
)
RESOURCES: dict[str, Any] = {
    "workloads": [{"kind": "Deployment", "namespace": "shop", "name": "shop"}],
    "memory": [{"type": "container"}, {"type": "jvm", "name": "heap"}, {"type": "node", "selector": '{job="node"}'}],
    "saturation": [{"type": "autoscaler"}, {"type": "cpu"}],
}
OWN = {"title": "Budget left", "description": "Mine.", "unit": "s", "queries": ["rate(x[$__rate_interval])"]}
MUTE = policy("mute", noData={})


def board_of(*slos: Mapping[str, Any], config: Mapping[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    return board_in(text_of(plan_of([MUTE, service_of(*slos, **spec)], config)))


def board_in(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


def text_of(plan: Plan) -> str:
    (text,) = (file.text for file in render(plan, ["grafana"]) if file.source)
    return text


def panels(board: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries(board: Mapping[str, Any], *without: str) -> Iterator[tuple[str, str]]:
    """Title and PromQL, with plain values in place of variables; panels whose titles match `without` are left out."""
    for panel in panels(board):
        if not any(re.search(one, panel["title"]) for one in without):
            for target in panel.get("targets", []):
                expr = target["expr"].replace("$__range", "6h").replace("$__rate_interval", "5m")
                yield panel["title"], re.sub(r"\$\w+", ".*", expr)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of([MUTE, service_of(*SLOS, **RESOURCES, panels=[OWN])])


@pytest.fixture(scope="module")
def board(plan: Plan) -> dict[str, Any]:
    return board_in(text_of(plan))


def recorded(plan: Plan) -> list[tuple[str, dict[str, str], tuple[str, ...]]]:
    return [
        (rule.record, dict(rule.labels), rule.by)
        for planned in plan.services
        for rule in planned.rules()
        if isinstance(rule, Recording)
    ]


def is_recorded(selector: Selector, known: Sequence[tuple[str, dict[str, str], tuple[str, ...]]]) -> bool:
    def matches(labels: Mapping[str, str], by: Sequence[str]) -> bool:
        return all(
            one.name in by or (re.fullmatch(one.value, labels.get(one.name, "")) is not None) == (one.op in ("=", "=~"))
            for one in selector.matchers
        )

    return any(record == selector.metric and matches(labels, by) for record, labels, by in known)


def test_panels_ask_what_is_recorded(plan: Plan, board: Mapping[str, Any]) -> None:
    known, asked = recorded(plan), 0
    for title, expr in queries(board, r"bad (events|slices) by", r"\(own\)"):
        for selector in selectors_in(parse(expr)):
            asked += 1
            assert selector.metric in ("ALERTS", "ALERTS_FOR_STATE") or is_recorded(selector, known), f"{title}: {expr}"
    assert asked > 100


def test_every_objective_has_its_panels(board: Mapping[str, Any]) -> None:
    titles = {panel["title"] for panel in panels(board)}
    for slo in SLOS:
        for objective in [f"/{one['name']}" for one in slo.get("objectives", [])] or [""]:
            name = f"{slo['name']}{objective}"
            assert f"{name}: SLI against its objective" in titles
            assert any(title.startswith(f"{name}: budget left, ") for title in titles)
            assert (f"{name}: burn rate" in titles) == (slo["name"] != "bare")


def test_the_alerts_thresholds_are_drawn(plan: Plan, board: Mapping[str, Any]) -> None:
    for planned in plan.services[0].slos:
        for objective in planned.slo.objectives:
            wanted = {
                (float(round(pair.factor, 3)), format_duration(pair.long), format_duration(pair.short))
                for alert in planned.alerts()
                if alert.objective == objective.name and alert.by == planned.slo.level.by
                for pair in alert.pairs
            }
            title = "/".join(filter(None, (planned.slo.name, objective.name))) + ": burn rate"
            found = set()
            for panel in panels(board):
                for target in panel.get("targets", []) if panel["title"] == title else ():
                    if line := re.fullmatch(r"vector\((.*)\)", target["expr"]):
                        words = re.fullmatch(r"(page|ticket) (.*)x: (\w+) and (\w+)", target["legendFormat"])
                        assert words and words[2] == line[1]
                        found.add((float(line[1]), words[3], words[4]))
            assert found == wanted


def test_the_budget_is_shown_over_its_own_period(board: Mapping[str, Any]) -> None:
    spans = {panel["title"]: panel.get("timeFrom") for panel in panels(board)}
    assert spans["plain: budget left, 30d"] == "30d"
    assert spans["loose: budget left, 7d"] == "7d"
    assert spans["monthly: budget left, month"] == "31d"


def test_titles_and_numbers_are_unique(board: Mapping[str, Any]) -> None:
    titles, numbers = zip(*((panel["title"], panel["id"]) for panel in panels(board)), strict=True)
    assert len(set(titles)) == len(titles)
    assert len(set(numbers)) == len(numbers)
    assert all(0 < number < 2**31 for number in numbers)
    assert "Budget left (own)" in titles


def test_groups_are_chosen_by_variables(board: Mapping[str, Any]) -> None:
    names = [one["name"] for one in board["templating"]["list"]]
    assert names == ["datasource", "region", "datasource_label", "tenant"]
    (table,) = (panel for panel in panels(board) if panel["title"] == "grouped: groups that burn fastest")
    assert all('region=~"$region", datasource=~"$datasource_label"' in one["expr"] for one in table["targets"])
    links = {
        one["matcher"]["options"]: one["properties"][0]["value"][0]["url"]
        for one in table["fieldConfig"]["overrides"][3:]
    }
    assert 'var-region=${__data.fields["region"]:percentencode}' in links["region"]


def test_another_slo_leaves_the_others_as_they_are() -> None:
    spec = [MUTE, service_of(*SLOS[1:], **RESOURCES)], [MUTE, service_of(*SLOS, **RESOURCES)]
    before, after = (text_of(plan_of(one)).splitlines() for one in spec)
    numbers = [{panel["title"]: panel["id"] for panel in panels(board_in(text_of(plan_of(one))))} for one in spec]
    assert {title: numbers[1].get(title) for title in numbers[0]} == numbers[0]
    left, shared = list(after), 0
    for line in before:
        if line in left:
            left.remove(line)
            shared += 1
        else:
            assert re.search(r'"gridPos"|slo:info|"refId": "[A-Z]".*(burn_rate|budget_used)|"description"', line), line
    assert shared > 0.9 * len(before)


def test_the_same_specs_make_the_same_board(plan: Plan) -> None:
    assert text_of(plan) == text_of(plan_of([MUTE, service_of(*SLOS, **RESOURCES, panels=[OWN])]))


def test_runbooks_are_linked() -> None:
    config = {"links": {"runbook": "https://runbooks.example.com/{folder}/{service}#{anchor}"}}
    board = board_of(SLOS[2], config=config)
    assert {one["title"]: one["url"] for one in board["links"]} == {
        "All services": f"/d/{FLEET_UID}",
        "Runbook": "https://runbooks.example.com//shop",
    }
    (alerts,) = (panel for panel in panels(board) if panel["title"] == "two: alerts")
    links = {one["title"]: one["url"] for one in alerts["links"]}
    assert links["Runbook: SLOBudgetBurnPage p99"] == "https://runbooks.example.com//shop#slobudgetburnpage-two-p99"


@pytest.mark.parametrize("deploys", [None, 'deploys_total{app="$service"}'])
def test_deployments_are_marked(deploys: str | None) -> None:
    config = {"dashboards": {"deploys": deploys}} if deploys else {}
    board = board_of(SLOS[0], config=config, workloads=RESOURCES["workloads"])
    marks = {one["name"]: one for one in board["annotations"]["list"]}
    if deploys:
        assert marks["Deployments"]["expr"] == 'deploys_total{app="shop"}'
    else:
        assert "kube_replicaset_created" in marks["Deployments"]["expr"]
        assert marks["Deployments"]["useValueForTime"]
    for name in ("Alerts", "Deployments") if "Alerts" in marks else ("Pages", "Tickets", "Deployments"):
        assert parse(marks[name]["expr"])


def test_a_service_without_slos_has_a_board() -> None:
    board = board_of(**RESOURCES)
    titles = [panel["title"] for panel in panels(board)]
    assert titles[0] == "Alerts firing"
    assert "container: in use, of the limit" in titles
