"""Proves the harness itself, on whatever Prometheus is found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import yaml
from harness import promtool, rate_model, synthetic
from harness.alerts import evaluate_alert, firing_spans
from harness.api import ApiError
from harness.backfill import SeriesData, load
from harness.rules import load_rules, seconds, stages
from harness.server import Prometheus
from harness.staged import phases, record
from harness.tools import BIN_ENV, find_tools

pytestmark = pytest.mark.prometheus
START = synthetic.MIDNIGHT
DAY = 86_400.0

CHAIN = """
groups:
  - name: fast
    interval: 1m
    rules:
      - {record: "demo:events:1m", expr: "sum by (job) (rate(demo_total[75s]) * 60)"}
      - {record: "demo:events:5m", expr: "sum_over_time(demo:events:1m[4m59s])", labels: {window: 5m}}
      - {record: "demo:hot", expr: "demo_gauge > 10"}
  - name: slow
    interval: 4m
    rules:
      - {record: "demo:hot:count", expr: "count(demo:hot) or 0 * count(demo_gauge)"}
      - {record: "demo:quarter", expr: "demo:events:5m / 4", labels: {window: quarter}}
      - record: demo:hour
        expr: |
          sum_over_time((
            demo:events:1m and hour(timestamp(demo:events:1m)) == hour(timestamp(demo:events:1m @ end()))
          )[2h:1m])
"""

ORACLE = """
groups:
  - name: first
    interval: 1m
    rules:
      - {record: "demo:hot", expr: "demo_gauge > 10"}
      - {record: "demo:last", expr: "demo:hot * 2", labels: {twice: "yes"}}
      - {alert: Hot, expr: "demo:last > 0", for: 2m, keep_firing_for: 3m, labels: {severity: page}}
  - name: second
    interval: 1m
    rules:
      - {record: "demo:sum", expr: "sum by (room) (sum_over_time(demo:last[2m59s]))"}
"""


def gauge(values: list[float], start: float, step: float, **labels: str) -> SeriesData:
    return SeriesData("demo_gauge", labels, start + step * np.arange(len(values)), np.array(values, float))


def test_a_month_of_scrapes_agrees_with_the_truth() -> None:
    night = synthetic.incident_counters("night", days=31, interval=30, pods=2, resets=5, seed=3)
    assert night.bad.sum() > 300
    with Prometheus() as server:
        assert load(server, night.series) == pytest.approx(31 * 2880 * 4, rel=1e-3)
        end = START + 31 * DAY
        bad, total = night.truth(end - 30 * DAY, end)
        found = server.query(f'sum(increase({synthetic.METRIC}{{code="500"}}[30d]))', end)
        assert found[0].value == pytest.approx(bad, rel=0.01)
        assert server.query(f"sum(increase({synthetic.METRIC}[30d]))", end)[0].value == pytest.approx(total, rel=1e-3)
        samples, spent = server.stats(f"sum(increase({synthetic.METRIC}[30d]))", end)
        assert samples == pytest.approx(30 * 2880 * 4, rel=1e-3)
        assert 0 < spent < 60
        long = server.query_range(f'{synthetic.METRIC}{{code="200",pod="shop-0"}}', START + 60, end, 60)
        assert len(long) == 1
        assert len(long[0].times) == 31 * 1440
        np.testing.assert_array_equal(np.diff(long[0].times), 60)


def test_a_chain_of_two_groups_is_recorded_as_known() -> None:
    times = START + 2.5 + 15 * np.arange(4 * 240)
    steady = SeriesData("demo_total", {"job": "a"}, times, 2 * (times - START))
    room = gauge([20.0 if 60 <= i < 90 else 5.0 for i in range(240)], START + 3, 60)
    with Prometheus() as server:
        end = START + 4 * 3600
        at = [START + 3 * 3600 + 600, START + 3 * 3600 + 3000]
        record(
            server, CHAIN, START, end, extra=[steady, room], phase={"fast": 17, "slow": 41}, instants={"demo:hour": at}
        )
        minute = server.query_range("demo:events:1m", START + 137, START + 14_357, 60)
        assert minute[0].labels == {"__name__": "demo:events:1m", "job": "a"}
        np.testing.assert_allclose(minute[0].values, 120)
        (five,) = server.query("demo:events:5m", START + 3600)
        assert five.labels == {"__name__": "demo:events:5m", "job": "a", "window": "5m"}
        assert five.value == pytest.approx(600)
        assert server.query("demo:quarter", START + 3641)[0].value == pytest.approx(150)
        # 'slow' reads 'demo:hot' at an instant: it ends with the minute that is no longer hot, not 5 minutes later.
        count = server.query_range("demo:hot:count", START + 41, end - 200, 240)[0]
        hot = count.times[count.values == 1]
        assert (hot[0], hot[-1]) == (START + 3641, START + 5321)
        assert server.query("demo:hot", START + 5417 - 0.001) != []
        assert server.query("demo:hot", START + 5417) == []
        # The hour to date, with '@ end()' meaning each instant: 10 and 50 evaluations of 120 events.
        hours = [server.query("demo:hour", t)[0].value for t in at]
        assert hours == [pytest.approx(120 * n, rel=0.01) for n in (10, 50)]


def test_stages_and_alerts_agree_with_prometheus_rule_manager() -> None:
    """`promtool test rules` runs the real rule manager; it must see the same series and alerts at each minute."""
    tools = find_tools()
    rng = np.random.default_rng(5)
    rooms = {"a": rng.choice([5.0, 20.0], 120, p=[0.4, 0.6]), "b": np.where(np.arange(120) % 40 < 12, 30.0, 1.0)}
    with Prometheus(tools) as server:
        raw = [gauge(list(values), 0.0, 60.0, room=room) for room, values in rooms.items()]
        rules = record(server, ORACLE, 0, 119 * 60, extra=raw, phase=0.0)
        alert = next(rule for rule in rules if rule.is_alert)
        firing = evaluate_alert(server, alert, 0, 119 * 60, phase=0.0)
        assert len(firing) >= 5
        expected = []
        for name in ("demo:hot", "demo:last", "demo:sum"):
            for minute in range(120):
                found = [(s.labels, s.value) for s in server.query(name, minute * 60.0)]
                samples = [{"labels": _selector(labels), "value": value} for labels, value in found]
                expected.append({"expr": name, "eval_time": f"{minute}m", "exp_samples": samples})
    alerts = [
        {
            "eval_time": f"{minute}m",
            "alertname": "Hot",
            "exp_alerts": [
                {"exp_labels": {k: v for k, v in one.labels.items() if k != "alertname"}}
                for one in firing
                if one.first <= minute * 60 <= one.last
            ],
        }
        for minute in range(120)
    ]
    inputs = [
        {"series": f'demo_gauge{{room="{room}"}}', "values": " ".join(map(str, values))}
        for room, values in rooms.items()
    ]
    case = {"interval": "1m", "input_series": inputs, "promql_expr_test": expected, "alert_rule_test": alerts}
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "group_eval_order": ["first", "second"],
        "tests": [case],
    }
    ok, said = promtool.test_rules(tools, yaml.safe_dump(document), {"rules.yml": ORACLE})
    assert ok, said[:3000]


def _selector(labels: dict[str, str]) -> str:
    pairs = ", ".join(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
    return f"{labels.get('__name__', '')}{{{pairs}}}"


@pytest.mark.parametrize("window", [60, 89, 300, 3600])
def test_the_rate_model_is_the_server(window: int) -> None:
    length, tools = 6 * 3600, find_tools()
    happened = synthetic.events(synthetic.diurnal(np.arange(float(length)), 0.4), seed=9)
    # Offset 0 and no jitter: evaluations at whole minutes meet scrapes, where 2.x and 3.x differ.
    nasty = []
    for i, (offset, jitter) in enumerate([(0.0, 0.0), (4.2, 0.4)]):
        times = synthetic.scrape_times(START, length, 30, offset=offset, jitter=jitter, lost=0.15, seed=i)
        times = times[(times > START + 1200) & ~((times > START + 9000) & (times < START + 9700))]
        resets = synthetic.reset_times(START, length, 12, i)
        values = synthetic.counter(happened, START, times, resets, first_value=3.0)
        nasty.append(SeriesData("nasty_total", {"i": str(i)}, times, values))
    with Prometheus(tools) as server:
        load(server, nasty)
        at = START + 15.0 * np.arange(length // 15)
        for one in nasty:
            for function, model in (("rate", rate_model.rate), ("increase", rate_model.increase)):
                expr = f'{function}(nasty_total{{i="{one.labels["i"]}"}}[{window}s])'
                found = server.query_range(expr, at[0], at[-1], 15)[0]
                want = model(one.times, one.values, at, window, tools.version)
                np.testing.assert_allclose(found.times, at[~np.isnan(want)])
                np.testing.assert_allclose(found.values, want[~np.isnan(want)], rtol=1e-9, atol=1e-12)


def test_raw_series_can_end_and_errors_carry_the_servers_message() -> None:
    ends = SeriesData("up", {"job": 'q"\\\n'}, START + np.arange(3) * 30.0, np.ones(3), stale=[START + 90])
    with Prometheus() as server:
        load(server, [ends])
        server.restart()
        assert [s.labels["job"] for s in server.query("up", START + 89.999)] == ['q"\\\n']
        assert server.query("up", START + 90) == []
        assert [s.value for s in server.query("scalar(up)", START)] == [1.0]
        with pytest.raises(ApiError, match="parse error"):
            server.query("up{", START)


def test_a_server_loads_rule_files_and_says_why_it_does_not_start(tmp_path: Path) -> None:
    with Prometheus(config="global: {evaluation_interval: 5s}", rule_files={"chain.yml": CHAIN}) as server:
        groups = server.rules()
        assert {group["name"]: len(group["rules"]) for group in groups} == {"fast": 3, "slow": 3}
    assert not server.folder.exists()
    with pytest.raises(RuntimeError, match="field nonsense not found"), Prometheus(config="nonsense: 1"):
        pass


def test_promtool_judges_files(tmp_path: Path) -> None:
    tools = find_tools()
    good, doubled = tmp_path / "good.yml", tmp_path / "doubled.yml"
    good.write_text(CHAIN, encoding="utf-8")
    rule = '{record: "a:b", expr: "up"}'
    doubled.write_text(f"groups: [{{name: g, rules: [{rule}, {rule}]}}]", encoding="utf-8")
    assert promtool.check_rules(tools, [good])[0]
    ok, said = promtool.check_rules(tools, [good, doubled])
    assert (ok, "duplicate" in said) == (False, True)
    assert promtool.check_rules(tools, [good, doubled], lint=False)[0]
    assert promtool.check_config(tools, "rule_files: [absent.yml]")[0]
    assert not promtool.check_config(tools, "nonsense: 1")[0]


def test_missing_programs_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BIN_ENV, str(tmp_path))
    with pytest.raises(RuntimeError, match="make tools"):
        find_tools()


def test_stages_are_few_and_refuse_what_has_no_order() -> None:
    def rules(*found: Mapping[str, object]) -> str:
        return yaml.safe_dump({"groups": [{"name": "g", "rules": list(found)}]})

    assert [[rule.name for rule in stage] for stage in stages(load_rules(CHAIN))] == [
        ["demo:events:1m", "demo:hot"],
        ["demo:events:5m", "demo:hot:count", "demo:hour"],
        ["demo:quarter"],
    ]
    # Equality matchers tell rules of one name apart; names in strings and longer names are not reads.
    apart = load_rules(
        rules(
            {"record": "b", "expr": 'a{s="x"}'},
            {"record": "a", "expr": "up", "labels": {"s": "y"}},
            {"record": "c", "expr": 'aa{d="a"}'},
        )
    )
    assert len(stages(apart)) == 1
    with pytest.raises(ValueError, match="later rule of group g"):
        stages(load_rules(rules({"record": "b", "expr": "a"}, {"record": "a", "expr": "up"})))
    with Prometheus() as server, pytest.raises(ValueError, match="recorded twice"):
        twice = [{"record": "a", "expr": f"vector({i})"} for i in (1, 2)]
        record(server, rules(*twice), START, START + 60)


def test_small_parts() -> None:
    assert (seconds("1h30m"), seconds("4m59s"), seconds("0"), seconds("100ms")) == (5400, 299, 0, 0.1)
    with pytest.raises(ValueError, match="5x"):
        seconds("5x")
    assert phases(load_rules(CHAIN)) == {"fast": 17.0, "slow": 21.1}
    on, off = True, False
    assert firing_spans([off, on, on, on, off, off, on, off, off, off], 60, 60, 0) == [(2, 3)]
    assert firing_spans([off, on, on, on, off, off, on, off, off, off], 60, 60, 120) == [(2, 8)]
    assert firing_spans([on, on], 60, 0, 0) == [(0, 1)]
    day = synthetic.diurnal(np.array([3.0, 15.0]) * 3600, 50.0)
    np.testing.assert_allclose(day, [0.5, 50.0])
    assert synthetic.events(np.full(100, 0.25), None).sum() == 25
    peak = synthetic.incident_counters("day", days=3, pods=1, born_with_errors=True)
    assert min(peak.series[1].values) >= 0
    assert peak.series[1].times[0] > peak.spans[0][0]
    assert sum(peak.truth(*span)[0] for span in peak.spans) == peak.bad.sum()
