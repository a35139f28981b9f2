"""What the rules of an SLO cost on a real server: samples and seconds of evaluation per minute, every rule counted.

Run: python bench/cost.py [--live 0]

The source has 100 series (10 pods, 10 codes of which two are 5xx), the recorded history is as long as the period.
First each rule alone, by the query statistics; samples that subqueries read inside are not counted there. Then, with
--live (minutes, 8 unless given), the rules of all periods run on a server that scrapes such a source every 30 s, and
the server's own counters are read. Nothing is run live with --live 0.
"""

from __future__ import annotations

import argparse
import http.server
import re
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from compile import METRIC, plan_of, rules_of, service
from harness.backfill import SeriesData, load
from harness.rules import Rule, load_rules
from harness.server import Prometheus

from slogen import naming
from slogen.model import Slo
from slogen.promql.durations import DAY
from slogen.rules import Recording

BOUNDS = {7: 3_700, 30: 9_440, 90: 22_500}
"""Samples per minute, by days of the period."""

PERIODS = (7, 14, 28, 30, 60, 90)
CODES = ("200", "201", "204", "301", "302", "400", "404", "429", "500", "503")
PODS = 10
SCRAPE = 30
REPEATS = 5
ALERTS = "alerts"


@dataclass(frozen=True)
class Cost:
    """Per minute: samples read and seconds of evaluation."""

    samples: float
    seconds: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.samples + other.samples, self.seconds + other.seconds)


def service_name(days: int) -> str:
    """The service whose SLO has a period of so many days."""
    return f"shop-{days}d"


def specs(periods: Iterable[int]) -> list[Mapping[str, object]]:
    """One service per period, all on one source."""
    return [service(service_name(days), window=f"{days}d", scrapeInterval=f"{SCRAPE}s") for days in periods]


def slos(periods: Iterable[int]) -> dict[int, Slo]:
    """The SLO of each period."""
    by_name = {one.service.name: one.slos[0].slo for one in plan_of(specs(periods)).services}
    return {days: by_name[service_name(days)] for days in periods}


def source(end: float, length: float = 3 * 3600) -> list[SeriesData]:
    """100 counters that rise steadily, scraped at a phase of their pod's."""
    found = []
    for pod in range(PODS):
        times = end - length + 2.3 + 2.9 * pod + SCRAPE * np.arange(int(length / SCRAPE))
        times = times[times <= end]
        for number, code in enumerate(CODES):
            labels = {"job": "shop", "pod": f"shop-{pod}", "code": code}
            found.append(SeriesData(METRIC, labels, times, np.floor((times - end + length) * (10 - number))))
    return found


def history(slo: Slo, end: float) -> list[SeriesData]:
    """What the base, the ledger and the rules that read themselves have recorded over the period, made up."""
    lengths = {
        naming.TOTAL_BASE: (slo.cadence.base, 2 * DAY),
        naming.BAD_BASE: (slo.cadence.base, 2 * DAY),
        naming.TOTAL_LEDGER: (slo.cadence.ledger, slo.period),
        naming.BAD_LEDGER: (slo.cadence.ledger, slo.period),
        naming.FIRST_SEEN: (slo.cadence.ledger, 2 * DAY),
    }
    values = {naming.TOTAL_BASE: 3000.0, naming.TOTAL_LEDGER: 12_000.0, naming.FIRST_SEEN: end - slo.period}
    found = []
    for name, (interval, length) in lengths.items():
        times = end - length + 1 + interval * np.arange(length // interval)
        labels = dict(slo.labels_of())
        found.append(SeriesData(name, labels, times, np.full(len(times), values.get(name, 1.0))))
    return found


def later(slo: Slo, rules: Iterable[Rule], end: float) -> list[SeriesData]:
    """A recent sample of everything else that is recorded, so that rules that read it have something to read."""
    made = {one.name for one in history(slo, end)}
    at = np.array([end - 30.0])
    return [SeriesData(rule.name, rule.labels, at, np.ones(1)) for rule in rules if rule.name not in made]


def by_role(days: int, server: Prometheus, end: float, repeats: int = REPEATS) -> dict[str, Cost]:
    """What each kind of rule of one SLO costs, by the statistics of its queries, run one by one; times are medians."""
    (text,) = rules_of(specs([days])).values()
    ((planned,),) = (one.slos for one in plan_of(specs([days])).services)
    roles = [
        rule.role.value if isinstance(rule, Recording) else ALERTS for group in planned.groups for rule in group.rules
    ]
    total: dict[str, Cost] = defaultdict(lambda: Cost(0, 0))
    for rule, role in zip(load_rules(text), roles, strict=True):
        stats = [server.stats(rule.expr, end) for _ in range(repeats)]
        each = 60 / rule.interval
        total[role] += Cost(stats[0][0] * each, float(np.median([seconds for _, seconds in stats])) * each)
    return total


def fill(server: Prometheus, periods: Iterable[int], end: float, with_source: bool = True) -> None:
    """Backfills what the rules of these periods read."""
    series = source(end) if with_source else []
    texts = rules_of(specs(periods)).values()
    for days, slo in slos(periods).items():
        rules = [
            rule
            for text in texts
            for rule in load_rules(text)
            if not rule.is_alert and rule.labels[naming.SERVICE] == service_name(days)
        ]
        series += [*history(slo, end), *later(slo, rules, end)]
    load(server, series)


def whole(costs: Mapping[str, Cost]) -> Cost:
    """The sum over all rules."""
    return sum(costs.values(), Cost(0, 0))


class _Source(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        count = int(time.time() * 10) % 10**9
        lines = [
            f'{METRIC}{{pod="shop-{pod}",code="{code}"}} {count + number}'
            for pod in range(PODS)
            for number, code in enumerate(CODES)
        ]
        body = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keeps the terminal for the figures."""


def metrics(server: Prometheus) -> dict[str, float]:
    """The server's own counters, by series."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=30) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def live(periods: tuple[int, ...], minutes: float) -> None:
    """Runs the rules on a server that scrapes a source, and prints what its own counters say."""
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Source)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    job = {"job_name": "shop", "static_configs": [{"targets": [f"127.0.0.1:{web.server_port}"]}]}
    config = f"{{global: {{scrape_interval: {SCRAPE}s}}, scrape_configs: [{job!r}]}}"
    texts = rules_of(specs(periods))
    files = {path.replace("/", "-"): text for path, text in texts.items()}
    with Prometheus(config=config, rule_files=files) as server:
        fill(server, periods, time.time(), with_source=False)
        version = server.tools.version
        print(f"\nlive: {len(periods)} SLOs for {minutes:g} minutes on Prometheus {version} ...", flush=True)
        time.sleep(150)
        before = metrics(server)
        spent: dict[tuple[str, str], float] = {}
        begun = time.time()
        while time.time() < begun + minutes * 60:
            time.sleep(min(10, max(0.0, begun + minutes * 60 - time.time())))
            for group in server.rules():
                if group["lastEvaluation"] > time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(begun)):
                    spent[group["name"], group["lastEvaluation"]] = float(group["evaluationTime"])
        after = metrics(server)
        failed = [rule for group in server.rules() for rule in group["rules"] if rule["health"] == "err"]
    web.shutdown()
    _print_live(periods, minutes, before, after, spent)
    for rule in failed:
        print(f"not ok: {rule['name']}: {rule.get('lastError')}")


def _print_live(
    periods: tuple[int, ...],
    minutes: float,
    before: Mapping[str, float],
    after: Mapping[str, float],
    spent: Mapping[tuple[str, str], float],
) -> None:
    def risen(pattern: str) -> float:
        return sum(value - before.get(name, 0.0) for name, value in after.items() if re.match(pattern, name))

    for days in periods:
        own = {key: value for key, value in spent.items() if key[0].startswith(f"{service_name(days)}/")}
        print(f"  {days:3}d {sum(own.values()) / minutes:9.5f} s of evaluation/min, {len(own)} group evaluations")
    samples = risen(r"prometheus_engine_query_samples_total")
    seconds = risen(r"prometheus_rule_evaluation_duration_seconds_sum")
    count = risen(r"prometheus_rule_evaluations_total")
    print(
        f"  all: {seconds / minutes:.5f} s/min in {count:.0f} rule evaluations; {seconds / len(periods):.4f} s per SLO"
    )
    if samples:
        print(f"  all: {samples / minutes:,.0f} samples/min; {samples / len(periods):,.0f} per SLO")
    else:
        print("  this version does not count the samples that rules read")


def main() -> int:
    """Prints the curve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--live", type=float, default=8, metavar="MINUTES")
    minutes = parser.parse_args().live
    good = True
    end = float(int(time.time() // 60) * 60)
    with Prometheus() as server:
        fill(server, PERIODS, end)
        print(f"Prometheus {server.tools.version}: per SLO and minute, 100 source series")
        costs = {days: by_role(days, server, end) for days in PERIODS}
    for days, roles in costs.items():
        total, bound = whole(roles), BOUNDS.get(days)
        good = good and (bound is None or total.samples <= bound)
        limit = f"  (at most {bound:,})" if bound else ""
        print(f"  {days:3}d {total.samples:9,.0f} samples {total.seconds:9.5f} s{limit}")
    print("\nby kind of rule, at 30d")
    for role, cost in sorted(costs[30].items(), key=lambda item: -item[1].samples):
        print(f"  {role:16} {cost.samples:9,.0f} samples {cost.seconds:9.5f} s")
    if minutes:
        live(PERIODS, minutes)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
