"""The dashboard of all services shows what is true of a made-up fleet, narrows it as asked, tells nothing from zero."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from fleet_series import Member, memory, series
from harness.api import Sample
from harness.backfill import SeriesData, load
from harness.server import Prometheus
from harness.tools import Tools

from slogen import naming
from slogen.boards.fleet import fleet_board
from slogen.boards.model import Panel
from slogen.model import Setting, Severity

pytestmark = pytest.mark.prometheus

END = 1_750_000_080.0
LONG = "a-name-that-is-longer-than-what-fits-into-a-uid"
PAGE, TICKET = (("SLOErrorBudgetBurn", "page"),), (("SLOBudgetSpent", "ticket"),)
FLEET = (
    Member("checkout", bad=2, used=0.4, labels={"owner": "pay", "tier": "critical"}, firing=PAGE, burn={"6h": 33.0}),
    Member("checkout", "latency", "p99", target=0.99, bad=0.05, used=1.2, labels={"owner": "pay"}, firing=TICKET),
    Member("checkout", "latency", "p90", target=0.9, bad=0.05, used=0.1, labels={"owner": "pay"}),
    Member("search.io", "quiet", labels={"owner": "find", "tier": "low"}),
    Member("search-io", "half", labels={"owner": "find", "tier": "low"}, source=0.5, coverage=0.5, bad=0.15),
    Member(LONG, labels={}, bad=0.01, used=0.0),
    Member("silent", labels={"owner": "find", "tier": "critical"}, silent=True),
)
GROUPED = {naming.SERVICE: "grouped", naming.SLO: "regions"}
SCREEN = {"service": ".*", "owner": ".*", "tier": ".*", "search": ""}


def grouped() -> Iterator[SeriesData]:
    """An SLO that has no figures but those of its groups."""
    (info, target, *rest) = series([Member("grouped", "regions", labels={"tier": "low"}, bad=1)], END)
    yield from (info, target)
    for region, used in (("eu", 0.5), ("us", 2.0)):
        for one in rest:
            name = naming.at_level(one.name, naming.GROUP_LEVEL)
            value = one.values * 0 + used if one.name == naming.BUDGET_USED else one.values
            yield SeriesData(name, {**one.labels, "region": region}, one.times, value)


@pytest.fixture(scope="module")
def server(tools: Tools) -> Iterator[Prometheus]:
    with Prometheus(tools) as running:
        soon = memory("checkout", "checkout-1", 5000, END), memory("pods-only", "p-1", 90000, END)
        load(running, [*series(FLEET, END), *grouped(), *soon])
        yield running


def panel(title: str, setting: Setting | None = None) -> Panel:
    board = fleet_board(setting or Setting())
    return next(one for row in board.rows for one in row.panels if one.title == title)


def asked(
    server: Prometheus,
    title: str,
    number: int = 0,
    *,
    setting: Setting | None = None,
    chosen: Mapping[str, str] = SCREEN,
) -> list[Sample]:
    """What a query of a panel gives with these filters."""
    expr = panel(title, setting).queries[number].expr
    for name, value in {**SCREEN, **chosen}.items():
        expr = expr.replace("${search:regex}" if name == "search" else f"${name}", value)
    return server.query(expr, END + 7)


def column(server: Prometheus, number: int, chosen: Mapping[str, str] = SCREEN) -> dict[tuple[str, str, str], float]:
    """A column of the table, by service, SLO and objective."""
    return {
        (one.labels["service"], one.labels["slo"], one.labels["objective"]): one.value
        for one in asked(server, "Every SLO", number, chosen=chosen)
    }


def key(one: Member) -> tuple[str, str, str]:
    return one.service, one.slo, one.objective or "-"


COUNTS = {"All": 7, "Budget spent": 2, "Burning": 5, "Pages": 1, "Tickets": 1, "Without data": 1, "Badly read": 1}


@pytest.mark.parametrize("title", COUNTS)
def test_counts_are_true(server: Prometheus, title: str) -> None:
    burning = {(one.service, one.slo) for one in FLEET if one.burn_rate > 1} | {("grouped", "regions")}
    spent = {(one.service, one.slo) for one in FLEET if one.used >= 1} | {("grouped", "regions")}
    truth = COUNTS | {"Burning": len(burning), "Budget spent": len(spent)}
    assert [one.value for one in asked(server, title)] == [truth[title]]


def test_the_table_has_a_row_for_each_objective_and_every_figure_is_true(server: Prometheus) -> None:
    live = [one for one in FLEET if not one.silent]
    rows = {key(one) for one in FLEET} | {("grouped", "regions", "-")}
    info, state, left, burn, exhausted, worst, objective = (column(server, number) for number in range(7))
    assert info.keys() == rows == state.keys() == objective.keys()
    assert left.keys() == rows - {("silent", "availability", "-")} == burn.keys() == exhausted.keys()
    for one in live:
        assert left[key(one)] == pytest.approx(1 - one.used)
        assert burn[key(one)] == pytest.approx(one.burn_rate)
        assert objective[key(one)] == one.target
        assert worst[key(one)] == pytest.approx(max([one.burn_rate, *one.burn.values()]))
        slow = one.burn_rate <= 1
        never = 1e12 if one.used < 1 else 0
        assert exhausted[key(one)] == pytest.approx(never if slow else max(one.exhausted_in, 0))
    assert left["grouped", "regions", "-"] == pytest.approx(-1), "the worst group's"
    assert burn["grouped", "regions", "-"] == pytest.approx(10)
    assert state == {
        ("checkout", "availability", "-"): 2,
        ("checkout", "latency", "p99"): 3,
        ("checkout", "latency", "p90"): 0,
        ("search.io", "quiet", "-"): 0,
        ("search-io", "half", "-"): 2,
        (LONG, "availability", "-"): 0,
        ("silent", "availability", "-"): 1,
        ("grouped", "regions", "-"): 3,
    }


def test_the_worst_window_is_named(server: Prometheus) -> None:
    windows = {
        one.labels["slo"]: one.labels["window"] for one in asked(server, "Every SLO", 5, chosen={"service": "checkout"})
    }
    assert windows["availability"] == "6h"


def test_rows_say_whose_they_are_and_lead_to_their_dashboard(server: Prometheus) -> None:
    rows = {one.labels["service"]: one.labels for one in asked(server, "Every SLO")}
    for name, row in rows.items():
        uid = naming.dashboard_uid(name)
        direct = row["board"] == f"/d/{uid}"
        assert direct or row["board"] == f"/dashboards?query={name}"
        assert direct == (uid == f"slo-{name}")
    assert rows["checkout"]["owner"] == "pay"
    assert rows["checkout"]["period"] == "30d"
    assert "board" in asked(server, "Top burners")[0].labels


@pytest.mark.parametrize(
    ("chosen", "services"),
    [
        ({"owner": "find"}, {"search.io", "search-io", "silent"}),
        ({"owner": "(find|pay)", "tier": "critical"}, {"silent", "checkout"}),
        ({"service": "checkout"}, {"checkout"}),
        ({"search": r"search\.io"}, {"search.io"}),
        ({"search": "LATEN"}, {"checkout"}),
        ({"search": "a"}, {"checkout", "search.io", "search-io", LONG, "silent"}),
        ({"owner": "nobody"}, set()),
    ],
)
def test_filters_narrow_every_column(server: Prometheus, chosen: Mapping[str, str], services: set[str]) -> None:
    for number in range(7):
        found = {service for service, _, _ in column(server, number, chosen)}
        assert found == services - ({"silent"} if number in {2, 3, 4, 5} else set())


def test_counts_follow_the_filters_but_not_the_search(server: Prometheus) -> None:
    assert asked(server, "All", chosen={"owner": "find", "search": "nothing"})[0].value == 3
    assert asked(server, "Pages", chosen={"owner": "find"})[0].value == 0
    assert asked(server, "Budget spent", chosen={"tier": "low"})[0].value == 1


def test_top_burners_come_first(server: Prometheus) -> None:
    found = sorted(asked(server, "Top burners"), key=lambda one: -one.value)
    assert [one.labels["service"] for one in found[:2]] == ["checkout", "grouped"]
    assert found[0].value == pytest.approx(20)


def test_what_fires_is_listed_with_its_time(server: Prometheus) -> None:
    found = {one.labels["alertname"]: one for one in asked(server, "Firing now")}
    assert found.keys() == {"SLOErrorBudgetBurn", "SLOBudgetSpent"}
    assert found["SLOErrorBudgetBurn"].value == (END - 1800) * 1000
    assert found["SLOErrorBudgetBurn"].labels["board"] == "/d/slo-checkout"
    assert not asked(server, "Firing now", chosen={"owner": "find"})


def test_bad_data_are_listed_with_what_is_wrong(server: Prometheus) -> None:
    found = {
        (one.labels["service"], one.labels["problem"]): one.value
        for one in asked(server, "Data that cannot be trusted")
    }
    assert found == {("silent", "no data"): 0, ("search-io", "series that can be read"): 0.5}


def test_memory_that_runs_out_is_listed_also_where_there_is_no_slo(server: Prometheus) -> None:
    found = {one.labels["pod"]: one.value for one in asked(server, "Memory used up next")}
    assert found == {"checkout-1": 5000, "p-1": 90000}
    assert asked(server, "Memory")[0].value == 1
    assert {one.labels["pod"] for one in asked(server, "Memory used up next", chosen={"owner": "find"})} == {"p-1"}


def test_labels_have_the_names_of_the_configuration(tools: Tools) -> None:
    setting = Setting(
        owner_label="team", severity_label="urgency", severity_values={Severity.PAGE: "p1", Severity.TICKET: "p3"}
    )
    with Prometheus(tools) as running:
        one = Member("shop", labels={"team": "pay"}, firing=(("A", "x"),))
        made = list(series([one], END))
        for each in made:
            if each.name.startswith("ALERTS"):
                object.__setattr__(each, "labels", {**each.labels, "urgency": "p1"})
        load(running, made)
        assert asked(running, "All", setting=setting, chosen={"owner": "pay"})[0].value == 1
        assert asked(running, "Pages", setting=setting, chosen={"owner": "pay"})[0].value == 1
        assert asked(running, "Tickets", setting=setting)[0].value == 0
        assert asked(running, "Every SLO", setting=setting)[0].labels["team"] == "pay"
        assert not asked(running, "Every SLO", setting=setting, chosen={"owner": "else"})


def test_nothing_is_not_zero(tools: Tools) -> None:
    with Prometheus(tools) as empty:
        assert not [title for title in COUNTS if asked(empty, title)]
    with Prometheus(tools) as healthy:
        load(healthy, list(series([Member("shop")], END)))
        assert {title: asked(healthy, title)[0].value for title in COUNTS} == {**dict.fromkeys(COUNTS, 0), "All": 1}
        assert [one.value for one in asked(healthy, "Memory")] == [0]


def test_the_board_reads_recorded_series_only() -> None:
    known = {value for name, value in vars(naming).items() if isinstance(value, str)}
    known |= {naming.at_level(one, naming.GROUP_LEVEL) for one in known if one.startswith("slo:")}
    for row in fleet_board(Setting()).rows:
        for one in row.panels:
            for query in one.queries:
                assert set(_metrics(query.expr)) <= known | {"ALERTS", "ALERTS_FOR_STATE"}, one.title


def _metrics(expr: str) -> Iterator[str]:
    text = re.sub(r'"[^"]*"|`[^`]*`', '""', expr)
    yield from (found[0] for found in re.finditer(r"[a-z_]+(?::[a-z_0-9]+)+|ALERTS\w*", text))
