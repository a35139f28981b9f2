"""What the rules of one SLO cost Prometheus: samples read and seconds of evaluation per minute, tool by tool.

Run: python bench/compare/cost.py [--quick]

Each tool's rules run on a server of their own, all servers at the same time, on sources of 10, 100 and 1,000 series.
Their history is as long as the rules read, its last hour in the head block as if it had been scraped, and a scraped
page goes on with it. Samples are those that the servers' own counters count; time is what the servers say of each
evaluation of each rule, of which the median counts: where many servers share a few cores, some wait for others. Then
the queries of each tool's rules are asked one by one for periods of 7 to 90 days, with the query engine's statistics.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import json
import math
import re
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from harness.backfill import SeriesData
from harness.rules import Rule, load_rules, seconds
from harness.server import Prometheus
from harness.tools import Tools, find_tools

from compare._compilers import compiled
from compare._cost_page import ALONE, headlines, page, plots
from compare._history import BLOCK, METRIC, SCRAPE, Source, between, share, write_blocks
from compare.peers import SLOGEN, Peer, SloCase, find
from slogen import naming
from slogen.promql.durations import DAY

__all__ = ["headlines", "measure", "page", "plots"]

SIZES = (10, 100, 1000)
PERIODS = (7, 14, 28, 30, 60, 90)
CURVE_SIZE = 100
USUAL = 30
MINUTES = 12.0
RECENT = 3600.0
"""Seconds of history that lie in the head block."""
LOOK = 10.0
WARM_UP = 60.0
QUIET = 1.5
PATIENCE = 60.0
MARGIN = 1800.0
REPEATS = 3


_READ = re.compile(r"([a-zA-Z_:][\w:]*)\s*(?:\{[^}]*\})?\s*\[(\w+)(?::\w*)?\](?:\s*offset\s+(\w+))?")


def reads(rules: Iterable[Rule]) -> dict[str, float]:
    """How far back each metric is read, in seconds."""
    found: dict[str, float] = {}
    for rule in rules:
        for name, length, offset in _READ.findall(rule.expr):
            found[name] = max(found.get(name, 0.0), seconds(length) + (seconds(offset) if offset else 0.0))
    return found


def made_up(rules: Sequence[Rule], end: float) -> list[SeriesData]:
    """What these rules have recorded so far, as far as others read it; a ratio is a quiet one."""
    values = {
        naming.TOTAL_BASE: 3000.0,
        naming.BAD_BASE: 0.6,
        naming.TOTAL_LEDGER: 12_000.0,
        naming.BAD_LEDGER: 2.4,
        naming.FIRST_SEEN: end - PERIODS[-1] * DAY,
    }
    lengths, found = reads(rules), {}
    for rule in rules:
        key = rule.name, tuple(sorted(rule.labels.items()))
        if not rule.is_alert and key not in found:
            count = max(1, math.ceil(lengths.get(rule.name, 0.0) / rule.interval))
            times = (end - 10) // rule.interval * rule.interval + 0.5 - rule.interval * np.arange(count)[::-1]
            found[key] = SeriesData(rule.name, rule.labels, times, np.full(count, values.get(rule.name, 0.0002)))
    return list(found.values())


@dataclass(frozen=True)
class Compiled:
    """The rules of one SLO by tool and days of its period; `without` says why others are not there."""

    texts: dict[tuple[str, int], list[str]]
    without: dict[str, str] = field(default_factory=dict)

    def rules(self, tools: Iterable[tuple[str, int]] | None = None) -> list[Rule]:
        """The rules of these, or of all."""
        chosen = self.texts if tools is None else tools
        return [rule for key in chosen for rule in load_rules(*self.texts[key])]

    def names(self) -> list[str]:
        """The tools."""
        return list(dict.fromkeys(name for name, _ in self.texts))


def compile_all(peers: Mapping[str, Peer], periods: Sequence[int]) -> Compiled:
    """Every tool's rules for every period, by the tool itself."""
    texts = {}
    for name, peer in peers.items():
        for days in periods:
            case = SloCase("shop", "availability", Decimal("99.9"), f"{days}d", METRIC, (("job", "shop"),))
            texts[name, days] = compiled(peer, case)
            if name == SLOGEN:
                texts[ALONE, days] = compiled(peer, case, alone=True)
    return Compiled(texts)


class _Page(http.server.BaseHTTPRequestHandler):
    sources: Mapping[str, Source] = {}

    def do_GET(self) -> None:
        body = self.sources[self.path].scraped(time.time()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keeps the terminal for the figures."""


@contextlib.contextmanager
def pages(sources: Iterable[Source]) -> Iterator[int]:
    """Serves each source, at a path that is its number of series; gives the port."""
    handler = type("Page", (_Page,), {"sources": {f"/{one.series}": one for one in sources}})
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        yield web.server_port
    finally:
        web.shutdown()
        web.server_close()


def config(port: int, series: int) -> str:
    """Scrapes a page as the series that the history has, which know no instance."""
    job = {
        "job_name": "shop",
        "metrics_path": f"/{series}",
        "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
        "metric_relabel_configs": [{"action": "labeldrop", "regex": "instance"}],
    }
    return yaml.safe_dump({"global": {"scrape_interval": f"{SCRAPE}s"}, "scrape_configs": [job]})


@dataclass
class Runner:
    """A tool's rules on a server, and its counters when the minutes began that count."""

    server: Prometheus
    rules: list[Rule]
    before: dict[str, float] = field(default_factory=dict)
    began: float = 0.0
    span: float = 0.0
    looked: float = 0.0
    seen: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)
    found: dict[str, float] = field(default_factory=dict)

    def counters(self) -> dict[str, float]:
        """The server's own, summed over their labels."""
        with urllib.request.urlopen(f"{self.server.url}/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        names = {
            "samples": "prometheus_engine_query_samples_total",
            "seconds": "prometheus_rule_evaluation_duration_seconds_sum",
            "evaluations": "prometheus_rule_evaluations_total",
        }
        return {
            key: sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(rf"{name}[ {{]", line))
            for key, name in names.items()
        }

    def warm(self) -> None:
        """Asks each rule's query once: a first evaluation also reads from disk."""
        for rule in self.rules:
            self.server.query(rule.expr, time.time())

    def at_rest(self) -> bool:
        """Whether no group is evaluated now or about to be, as far as it has been evaluated before."""
        now = time.time()
        known = [(_unix(group["lastEvaluation"]), float(group["interval"])) for group in self.server.rules()]
        return all(last == 0 or now + QUIET < last + interval for last, interval in known)

    def begin(self, minutes: float) -> None:
        """Starts to count for as many whole turns of all groups as there is time for, at least one."""
        turn = math.lcm(*(round(rule.interval) for rule in self.rules))
        self.span = float(turn * max(1, int(minutes * 60 // turn)))
        self.before, self.began = self.counters(), time.time()

    def look(self) -> None:
        """Notes how long the last evaluation of each rule took."""
        self.looked = time.time()
        for group in self.server.rules():
            for number, rule in enumerate(group["rules"]):
                if self.began <= _unix(rule["lastEvaluation"]):
                    took = float(rule["evaluationTime"]) * 60 / float(group["interval"])
                    self.seen.setdefault((group["name"], number), {})[rule["lastEvaluation"]] = took

    def end(self) -> None:
        """Ends to count; figures are per minute. Time is that of each rule's median evaluation."""
        self.look()
        after = self.counters()
        self.found = {key: (after[key] - self.before[key]) * 60 / self.span for key in after}
        self.found["seconds in all"] = self.found["seconds"]
        self.found["seconds"] = sum(float(np.median([*took.values()])) for took in self.seen.values())
        if len(self.seen) != len(self.rules):
            _say(f"  {len(self.seen)} rules were evaluated, expected {len(self.rules)}")
        expected = sum(60 / rule.interval for rule in self.rules)
        if abs(self.found["evaluations"] - expected) > 1e-6 * expected:
            _say(f"  evaluations a minute: {self.found['evaluations']:g}, expected {expected:g}")
        self.found["minutes"] = self.span / 60

    def failed(self) -> list[str]:
        """Rules that the server could not evaluate."""
        rules = [rule for group in self.server.rules() for rule in group["rules"] if rule["health"] == "err"]
        return [f"{rule['name']}: {rule.get('lastError')}" for rule in rules]


def _unix(text: str) -> float:
    """Seconds of a time such as 2026-01-02T03:04:05.123456789Z; never evaluated is long ago."""
    whole, _, rest = text.removesuffix("Z").partition(".")
    if whole.startswith("0001"):
        return 0.0
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone + float(f"0.{rest or 0}")


def with_head(tools: Tools, home: Path, blocks: Path, source: Source, recorded: Sequence[Rule]) -> None:
    """A server's folder with these blocks and, in the head block, what happened since."""
    server = Prometheus(tools, folder=home)
    share(blocks, server.data_dir)
    since = max(json.loads(one.read_text(encoding="utf-8"))["maxTime"] for one in blocks.glob("*/meta.json")) / 1000
    with server:
        now = time.time()
        server.write([*source.series_of(since, now), *(between(one, since, now) for one in made_up(recorded, now))])


def live(
    tools: Tools, rules: Compiled, blocks: Mapping[int, Path], sources: Mapping[int, Source], minutes: float
) -> dict[str, dict[str, dict[str, float]]]:
    """By number of series and tool: what the servers' counters say, per minute."""
    runners: dict[tuple[int, str], Runner] = {}
    recorded = rules.rules()
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(pages(sources.values()))
        for series, folder in blocks.items():
            for name in rules.names():
                texts = rules.texts[name, USUAL]
                files = {f"{number}.yml": text for number, text in enumerate(texts)}
                home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slogen-bench-")))
                with_head(tools, home, folder, sources[series], recorded)
                server = Prometheus(tools, config=config(port, series), rule_files=files, folder=home)
                runners[series, name] = Runner(stack.enter_context(server), load_rules(*texts))
        _say(f"cost: {len(runners)} servers run for {minutes:g} minutes")
        warm = time.time() + WARM_UP
        for runner in runners.values():
            runner.warm()
        time.sleep(max(0.0, warm - time.time()))
        _count(list(runners.values()), minutes)
        for (series, name), runner in runners.items():
            for problem in runner.failed():
                _say(f"  {name}, {series} series: {problem}")
    return {str(series): {name: runners[series, name].found for name in rules.names()} for series in blocks}


def _count(runners: Sequence[Runner], minutes: float) -> None:
    """Each begins when it is at rest, and ends whole turns later, when it is again; some may never be at rest."""
    waiting, counting = list(runners), list[Runner]()
    patience = time.time() + PATIENCE
    while waiting or counting:
        for runner in [one for one in waiting if one.at_rest() or time.time() > patience]:
            runner.begin(minutes)
            waiting.remove(runner)
            counting.append(runner)
        for runner in [one for one in counting if time.time() >= one.began + one.span]:
            runner.end()
            counting.remove(runner)
        for runner in [one for one in counting if time.time() >= one.looked + LOOK]:
            runner.look()
        time.sleep(0.05 if waiting else 0.2)


def curve(tools: Tools, rules: Compiled, blocks: Path, end: float) -> dict[str, dict[str, dict[str, float]]]:
    """By days of the period and tool: the rules' queries one by one, per minute; times are medians."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    with Prometheus(tools) as server:
        server.stop()
        share(blocks, server.data_dir)
        server.start()
        for (name, days), texts in rules.texts.items():
            _say(f"cost: queries of {name}, {days}d")
            samples = spent = 0.0
            for rule in load_rules(*texts):
                stats = [server.stats(rule.expr, end) for _ in range(REPEATS)]
                samples += stats[0][0] * 60 / rule.interval
                spent += float(np.median([each for _, each in stats])) * 60 / rule.interval
            found.setdefault(str(days), {})[name] = {"samples": samples, "seconds": spent}
    return dict(sorted(found.items(), key=lambda item: int(item[0])))


def measure(peers: Mapping[str, Peer], quick: bool, minutes: float = MINUTES) -> dict[str, Any]:
    """Everything, per minute; samples are whole."""
    sizes, periods = (SIZES[:2], (7, USUAL)) if quick else (SIZES, PERIODS)
    tools = find_tools()
    rules = compile_all(peers, periods)
    usual = [key for key in rules.texts if key[1] == USUAL]
    with tempfile.TemporaryDirectory(prefix="slogen-bench-") as folder:
        blocks = {series: Path(folder) / str(series) for series in sizes}
        now = time.time()
        whole, sources, starts = now // BLOCK * BLOCK, dict[int, Source](), dict[int, float]()
        for series in sizes:
            read = reads(rules.rules() if series == CURVE_SIZE else rules.rules(usual))
            sources[series] = Source(series, now - read[METRIC] - MARGIN)
            starts[series] = now - max(read.values()) - MARGIN
            _say(f"cost: history of {series} series, {read[METRIC] / DAY:.1f} days")
            old = made_up(rules.rules(), now)
            write_blocks(tools, blocks[series], sources[series], old, starts[series], whole)
        for series in reversed(sizes):
            end = time.time() - RECENT
            if series == CURVE_SIZE:
                asked = end
            recent = made_up(rules.rules(), end)
            write_blocks(tools, blocks[series], sources[series], recent, max(whole, starts[series]), end)
        found = live(tools, rules, blocks, sources, 4.0 if quick else minutes)
        windows = curve(tools, rules, blocks[CURVE_SIZE], asked)
    return {
        "prometheus": ".".join(map(str, tools.version)),
        "versions": {name: peer.version for name, peer in peers.items()},
        "live": found,
        "curve": windows,
        "curve_series": CURVE_SIZE,
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="two sizes and two periods, four minutes live")
    peers, missing = find()
    figures = measure(peers, parser.parse_args().quick)
    print(json.dumps(figures, indent=1), file=sys.stderr)
    print(page(figures))
    for name, why in missing.items():
        print(f"{name}: not measured: {why}")


if __name__ == "__main__":
    main()
