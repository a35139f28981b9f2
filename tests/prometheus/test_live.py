"""The project's own SLOs on a live Prometheus that scrapes itself and a node exporter.

It takes as long as the slowest rule group needs to be evaluated once: four minutes, and as much again where the
series of one group are read by another that came first.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.server import Prometheus
from harness.tools import Tools

from slogen import naming
from slogen.pipeline import compile_specs, render
from slogen.rules import Plan, Recording

pytestmark = pytest.mark.prometheus

SPECS = Path(__file__).parents[2] / "slos"
FILES = ("prometheus.yaml", "node-exporter.yaml")
SCRAPE = 5

SLOGEN_CONFIG = f"""
apiVersion: slogen/v1
kind: Config
spec:
  target: {{version: "2.42"}}
  defaults: {{scrapeInterval: {SCRAPE}s}}
"""
SERVER_CONFIG = f"""
global: {{scrape_interval: {SCRAPE}s, evaluation_interval: 1m}}
rule_files: [rules/*.yml]
scrape_configs:
  - {{job_name: prometheus, file_sd_configs: [{{files: [prometheus.json]}}]}}
  - {{job_name: node, file_sd_configs: [{{files: [node.json]}}]}}
"""
# So that there are rule evaluations to count before slogen's own rules are evaluated for the first time.
WARM_UP_RULES = f"""
groups:
  - name: warm-up
    interval: {SCRAPE}s
    rules:
      - {{record: warm_up, expr: vector(1)}}
"""
# Every source has been scraped thrice. A query's own counters are born by the first query.
WARM_UP_QUERY = " and on () ".join(
    f"count_over_time({series}[1m]) > 2"
    for series in (
        'prometheus_rule_evaluations_total{rule_group=~".*warm-up"}',
        'prometheus_http_request_duration_seconds_count{handler="/api/v1/query"}',
        'promhttp_metric_handler_requests_total{job="node", code="200"}',
    )
)
WARM_UP_SECONDS = 90
EVALUATED_SECONDS = 2 * 240 + 60

Labels = frozenset[tuple[str, str]]


@pytest.fixture
def node_exporter() -> Iterator[int]:
    """Port on 127.0.0.1 of a node exporter."""
    program = shutil.which("prometheus-node-exporter") or shutil.which("node_exporter")
    if program is None:
        raise RuntimeError("no node exporter on PATH: run `make tools`")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [program, f"--web.listen-address=127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: is_up(port), 30, "a node exporter")
            yield port
        finally:
            process.terminate()


def is_up(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def wait_until(done: Any, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"no {what} after {seconds} s"
        time.sleep(1)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """What slos/ means at this test's scrape interval."""
    monkeypatch.chdir(tmp_path)
    Path("slos").mkdir()
    Path("slogen.yaml").write_text(SLOGEN_CONFIG, encoding="utf-8")
    for name in FILES:
        shutil.copy(SPECS / name, Path("slos", name))
    return compile_specs([]).plan


def start_scraping(server: Prometheus, exporter: int) -> None:
    """The server learns its own port only when it runs, so both targets come by file."""
    for job, port in (("prometheus", server.port), ("node", exporter)):
        text = json.dumps([{"targets": [f"127.0.0.1:{port}"]}])
        (server.folder / f"{job}.json.new").write_text(text, encoding="utf-8")
        (server.folder / f"{job}.json.new").rename(server.folder / f"{job}.json")
    reload(server)


def load_rules(server: Prometheus, plan: Plan) -> None:
    for file in render(plan, ["prometheus"]):
        (server.folder / "rules" / Path(file.path).name).write_text(file.text, encoding="utf-8")
    reload(server)


def reload(server: Prometheus) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{server.url}/-/reload", method="POST"), timeout=60).close()


def recorded(server: Prometheus) -> dict[tuple[str, Labels], float]:
    """Every series of slogen's that is there now, by name and labels."""
    samples = server.query('{__name__=~"slo:.+"}', time.time())
    return {
        (sample.labels["__name__"], frozenset(pair for pair in sample.labels.items() if pair[0] != "__name__")): (
            sample.value
        )
        for sample in samples
    }


def planned(plan: Plan) -> set[tuple[str, Labels]]:
    rules: list[Recording] = [rule for service in plan.services for slo in service.slos for rule in slo.recordings()]
    return {(rule.record, frozenset(rule.labels)) for rule in rules}


def unevaluated(server: Prometheus) -> list[str]:
    return [
        f"{group['name']}: {rule['name']}"
        for group in server.rules()
        for rule in group["rules"]
        if rule["lastEvaluation"].startswith("0001-")
    ]


def missing(server: Prometheus, plan: Plan) -> list[str]:
    return sorted(f"{name}{dict(sorted(labels))}" for name, labels in planned(plan) - recorded(server).keys())


def test_no_rule_fails_and_every_series_is_recorded(tools: Tools, node_exporter: int, plan: Plan) -> None:
    """Burn rates and error ratios need events in their window; each of these SLOs has some by being scraped."""
    with Prometheus(tools, config=SERVER_CONFIG, flags=["--web.enable-lifecycle"]) as server:
        (server.folder / "rules").mkdir()
        (server.folder / "rules" / "warm-up.yml").write_text(WARM_UP_RULES, encoding="utf-8")
        start_scraping(server, node_exporter)
        wait_until(lambda: server.query(WARM_UP_QUERY, time.time()), WARM_UP_SECONDS, "scrapes of all sources")
        load_rules(server, plan)
        deadline = time.monotonic() + EVALUATED_SECONDS
        while (unevaluated(server) or missing(server, plan)) and time.monotonic() < deadline:
            time.sleep(2)

        assert unevaluated(server) == []
        assert missing(server, plan) == []
        assert recorded(server).keys() - planned(plan) == set(), "series that no rule of the plan records"
        rules = [(group, rule) for group in server.rules() for rule in group["rules"]]
        assert [(g["name"], r["name"], r.get("lastError")) for g, r in rules if r["health"] != "ok"] == []
        assert len(rules) == 1 + sum(1 for service in plan.services for _ in service.rules())
        assert server.query("prometheus_rule_evaluation_failures_total > 0", time.time()) == []
        assert server.query(f"{naming.TOTAL_LEDGER} <= 0", time.time()) == [], "an SLO without events"
        assert server.query(f"{naming.SOURCE_COVERAGE} > 1", time.time()) == []
        assert server.query(f"{naming.BUDGET_USED} < 0", time.time()) == []
