"""The page of the benches is what the kept figures give, and what got worse is seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compare import cost, report
from compare._cost_page import ALONE
from compare._headlines import Headline
from compare._history import METRIC, PER_SECOND, Source, share, write_blocks
from compare.peers import Peer, find
from harness.backfill import SeriesData
from harness.rules import Rule
from harness.server import Prometheus
from harness.tools import Tools

from slogen.promql.durations import DAY

MODULES = report.sections()
HOUR = 3600


def figures(**samples: float) -> dict[str, Any]:
    """Figures of the cost section in which only samples differ."""
    tools = {"slogen": 10_000.0, ALONE: 9_000.0} | samples
    live = {name: {"samples": value, "seconds": 0.01, "minutes": 8.0} for name, value in tools.items()}
    curve = {name: {"samples": value, "seconds": 0.01} for name, value in tools.items()}
    versions = {name: "1.0.0" for name in tools if name != ALONE}
    return {
        "prometheus": "3.15",
        "versions": versions,
        "live": {"100": live},
        "curve": {"30": curve},
        "curve_series": 100,
    }


def kept(found: dict[str, Any], missing: Mapping[str, str], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    peers: dict[str, Peer] = {}
    return report.entry(found, peers, missing, before)


def test_the_page_is_what_the_kept_figures_give() -> None:
    assert report.page(report.load(), MODULES) == report.PAGE.read_text(encoding="utf-8"), "run `make bench-docs`"
    plots = {f"{report.PREFIX}{name}" for one in report.load().values() for name in one["plots"]}
    assert {path.name for path in report.IMAGES.glob(f"{report.PREFIX}*")} == plots


@pytest.mark.parametrize(("samples", "worse"), [(20_000.0, True), (10_500.0, False), (5_000.0, False)])
def test_a_change_for_the_worse_is_marked(samples: float, worse: bool) -> None:
    before, now = kept(figures(Sloth=2e6), {}), kept(figures(Sloth=2e6, slogen=samples), {})
    (change,) = (one for one in report.changes(MODULES["cost"], before, now) if "samples" in one.now.name)
    assert (change.before, change.now.value) == (200, 2e6 / samples)
    assert change.worse is worse
    assert ("WORSE" in report.printed([change])) is worse


def test_less_is_better_where_a_headline_says_so() -> None:
    late = Headline("minutes to a page", 12, "min", more_is_better=False, target=10)
    assert report.Change(late, 10).worse
    assert not report.Change(late, 14).worse
    assert not late.holds


def test_a_peer_that_is_not_there_keeps_its_figures_and_their_date() -> None:
    before = kept(figures(Sloth=2e6, Pyrra=8e6), {"NthLayer": "not on PATH"})
    for tool in before["tools"].values():
        tool["date"] = "2020-02-02"
    now = kept(figures(Sloth=3e6), {"Pyrra": "not on PATH", "NthLayer": "not on PATH"}, before)
    live = now["figures"]["live"]["100"]
    assert (live["Sloth"]["samples"], live["Pyrra"]["samples"]) == (3e6, 8e6)
    assert now["tools"]["Pyrra"] == {"version": "1.0.0", "date": "2020-02-02"}
    assert now["tools"]["Sloth"]["date"] == now["date"] != "2020-02-02"
    text = " ".join(report.page({"cost": now}, {"cost": MODULES["cost"]}).split())
    assert "Pyrra 1.0.0 was not there then and is of 2020-02-02." in text
    assert "NthLayer: not measured: not on PATH." in text


def test_rows_of_a_peer_that_is_not_there_are_kept() -> None:
    before = [{"tool": "slogen", "pages": 1}, {"tool": "Pyrra", "pages": 2}]
    now = [{"tool": "slogen", "pages": 3}]
    assert report.merged(before, now, frozenset({"Pyrra"})) == [now[0], before[1]]


def test_a_target_that_does_not_hold_is_said() -> None:
    name = "samples read with 100 series, Sloth to slogen"
    for value, shown, verdict in ((1.71e6, "171x", "holds"), (1.6e6, "160x", "**does not hold**")):
        text = report.page({"cost": kept(figures(Sloth=value), {})}, {"cost": MODULES["cost"]})
        (row,) = (line for line in text.splitlines() if line.startswith(f"| {name} | 170x |"))
        assert row.split(" | ")[2] == shown
        assert row.endswith(f" {verdict} |")
        told = " ".join(text.split()).partition("What was set out for and does not hold: ")[2].partition(".")[0]
        assert (name in told.split("; ")) is (verdict != "holds")


def test_missing_peers_are_named_with_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("SLOTH", "PYRRA", "NTHLAYER"):
        monkeypatch.delenv(name, raising=False)
    found, missing = find()
    assert list(found) == ["slogen"]
    assert missing["Sloth"] == "`sloth` is not on PATH and SLOTH is not set"


def test_what_rules_read_of_the_past() -> None:
    exprs = ['sum_over_time(a{x="y"}[59m59s] offset 7d)', "rate(b[5m]) / a", "count_over_time(a[1d:15m] offset 1d)"]
    rules = [Rule("g", 60, number, "r", False, expr, {}) for number, expr in enumerate(exprs)]
    assert cost.reads(rules) == {"a": 7 * DAY + HOUR - 1, "b": 300}


@pytest.mark.prometheus
def test_the_history_in_blocks_is_the_source_that_is_scraped(tools: Tools, tmp_path: Path) -> None:
    """Across the edge between two blocks: a sample each 30 s, events as many as there were, the page's value."""
    edge = 54 * HOUR * 9000.0
    start, end = edge - 6 * HOUR, edge + 6 * HOUR
    source = Source(20, start)
    recorded = SeriesData("recorded", {}, np.arange(start + 1, end, 60.0), np.ones(12 * 60))
    write_blocks(tools, tmp_path / "blocks", source, [recorded], start, end)
    with Prometheus(tools) as server:
        server.stop()
        share(tmp_path / "blocks", server.data_dir)
        server.start()
        (counted,) = server.query(f'sum(count_over_time({METRIC}{{job="shop"}}[10h]))', end)
        (risen,) = server.query(f"sum(rate({METRIC}[10h]))", end)
        (kept_up,) = server.query("count_over_time(recorded[12h])", end)
        last = {one.labels["code"]: one.value for one in server.query(f'timestamp({METRIC}{{pod="shop-1"}})', end)}
        values = {one.labels["code"]: one.value for one in server.query(f'{METRIC}{{pod="shop-1"}}', end)}
    assert counted.value == 20 * 10 * 120
    assert risen.value == pytest.approx(2 * sum(PER_SECOND.values()), rel=1e-3)
    assert kept_up.value == 12 * 60
    page = source.scraped(last["200"])
    for code, value in values.items():
        assert f'code="{code}",pod="shop-1",service="shop",status="{code}"}} {value:.0f}\n' in page
