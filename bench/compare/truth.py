"""How much of the budget each tool says is used after 31 days, beside what truly is.

Run: python bench/compare/truth.py [--quick]

The recording rules of each tool are evaluated on a real Prometheus over a made-up month, whose every event is known.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.backfill import load
from harness.rules import Rule, load_rules
from harness.server import Prometheus
from harness.staged import FIRST_PHASE, record, steps_within
from harness.synthetic import MIDNIGHT

from compare._charts import bars
from compare._headlines import Headline
from compare._months import DAYS, LOST, NIGHT, OBJECTIVE, RESTARTS, SCENARIOS, SCRAPE, Month, month
from compare._text import items, paragraph, table
from compare.peers import NTHLAYER, PYRRA, SLOGEN, SLOTH, Peer, SloCase, find
from slogen import naming
from slogen.promql.durations import DAY

SEEDS = (1, 2, 3, 4, 5)
CLOSE = 0.01
"""Relative error up to which a figure is called right."""


@dataclass(frozen=True)
class Reading:
    """How a tool's own recording says what is used.

    `dense` are the records that are read over the period, and so evaluated at each step; the others, only at the end.
    `used` is the share of the budget of each service, by the label `label` of what `expr` returns.
    """

    dense: frozenset[str]
    expr: str
    label: str


READINGS: dict[str, Reading] = {
    SLOGEN: Reading(frozenset({naming.TOTAL_LEDGER, naming.BAD_LEDGER}), naming.BUDGET_USED, naming.SERVICE),
    SLOTH: Reading(frozenset({"slo:sli_error:ratio_rate5m"}), "slo:period_burn_rate:ratio", "sloth_service"),
    PYRRA: Reading(
        frozenset(),
        'sum by (job) (http_requests:increase30d{code=~"5.."}) / sum by (job) (http_requests:increase30d) / 0.001',
        "job",
    ),
    NTHLAYER: Reading(frozenset(), "1 - slo:error_budget_remaining:ratio", "service"),
}
HOW = {
    SLOGEN: "`slo:budget_used:period`, from the events that its ledger records each four minutes",
    SLOTH: "`slo:period_burn_rate:ratio`, from its error ratio of 5m, recorded each minute and averaged over 30d",
    PYRRA: "bad over all events of its `http_requests:increase30d`",
    NTHLAYER: "1 - `slo:error_budget_remaining:ratio`, from its `increase(...[30d])`",
}


def wanted(name: str) -> Callable[[Rule], bool]:
    """The recording rules on which a tool's figure rests."""
    if name == SLOTH:
        names = {"slo:sli_error:ratio_rate5m", "slo:sli_error:ratio_rate30d", "slo:error_budget:ratio"}
        return lambda rule: not rule.is_alert and rule.name in names | {"slo:period_burn_rate:ratio"}
    if name == SLOGEN:
        return lambda rule: not rule.is_alert and rule.group.endswith("/ledger")
    if name == PYRRA:
        return lambda rule: not rule.is_alert and ":increase" in rule.name
    return lambda rule: not rule.is_alert and rule.name.startswith("slo:")


def used(server: Prometheus, peer: Peer, months: Sequence[Month]) -> dict[str, tuple[float, float]]:
    """What a tool says is used for each service, and when it was evaluated for the last time."""
    cases = [SloCase(one.service, "availability", OBJECTIVE, matchers=(("job", one.service),)) for one in months]
    texts = peer.rules(cases)
    reading, keeps = READINGS[peer.name], wanted(peer.name)
    rules = [rule for rule in load_rules(*texts) if keeps(rule)]
    start, end = MIDNIGHT, MIDNIGHT + DAYS * DAY
    # One phase for all groups: what is only evaluated at the end is evaluated when the dense records last were.
    _, last = steps_within(start, end, max(rule.interval for rule in rules), FIRST_PHASE)
    instants = {rule.name: [last] for rule in rules if rule.name not in reading.dense}
    record(server, texts, start, last, phase=FIRST_PHASE, only=keeps, instants=instants)
    found = {sample.labels[reading.label]: sample.value for sample in server.query(reading.expr, last)}
    return {one.service: (found[one.service], last) for one in months}


def measure(peers: Mapping[str, Peer], quick: bool) -> dict[str, Any]:
    """Truth and every tool's figure, by scenario and seed; shares of the budget."""
    scenarios = [NIGHT] if quick else list(SCENARIOS)
    months = [month(scenario, seed) for scenario in scenarios for seed in (SEEDS[:1] if quick else SEEDS)]
    rows: list[dict[str, Any]] = [{"scenario": one.scenario, "seed": one.seed, "tools": {}} for one in months]
    with Prometheus() as server:
        version = ".".join(map(str, server.tools.version))
        _say(f"truth: {len(months)} months of counters")
        load(server, [series for one in months for series in one.incidents.series])
        for name, peer in peers.items():
            _say(f"truth: {name}")
            found = used(server, peer, months)
            for row, one in zip(rows, months, strict=True):
                value, at = found[one.service]
                row["tools"][name] = {"used": value, "true": one.used(at)}
    return {
        "prometheus": version,
        "versions": {name: peer.version for name, peer in peers.items()},
        "rows": rows,
        "quick": quick,
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _summary(figures: Mapping[str, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """By scenario and tool: means of truth and figure, the mean and the worst error, in points and relative."""
    out: dict[str, dict[str, dict[str, float]]] = {}
    for scenario in SCENARIOS:
        rows = [row for row in figures["rows"] if row["scenario"] == scenario]
        if not rows:
            continue
        out[scenario] = {}
        for name in figures["versions"]:
            pairs = [(row["tools"][name]["used"], row["tools"][name]["true"]) for row in rows]
            relative = [value / true - 1 for value, true in pairs]
            out[scenario][name] = {
                "used": float(np.mean([value for value, _ in pairs])),
                "true": float(np.mean([true for _, true in pairs])),
                "points": max((value - true for value, true in pairs), key=abs),
                "relative": max(relative, key=abs),
            }
    return out


def page(figures: Mapping[str, Any]) -> str:
    """The Markdown section."""
    found, versions = _summary(figures), figures["versions"]
    seeds = len({row["seed"] for row in figures["rows"]})
    rows = []
    for scenario, tools in found.items():
        cells = [
            f"{_percent(one['used'])} ({_points(one['points'])}, {_relative(one['relative'])})"
            for one in tools.values()
        ]
        rows.append([scenario, _percent(tools[SLOGEN]["true"]), *cells])
    parts = [
        "## Is the budget true?",
        paragraph(
            f"31 days of counters of which every event is known, two pods that restart {RESTARTS} times each, scraped "
            f"every {SCRAPE} s with {LOST:.0%} of the scrapes lost, an objective of {OBJECTIVE}% in 30 days. Each "
            f"tool's own recording rules were evaluated on Prometheus {figures['prometheus']} at each of their "
            f"intervals, as far as the figure rests on them; {seeds} seed{'s' if seeds > 1 else ''} for each scenario."
        ),
        items(f"*{name}*: {SCENARIOS[name]}" for name in found),
        paragraph(
            "Budget used at the end, as a mean over the seeds, and behind it the largest error of any seed: points of "
            "the budget, and relative to the truth."
        ),
        table(["scenario", "true", *(f"{name} {version}" for name, version in versions.items())], rows),
        "What was read:",
        items(f"{name}: {HOW[name]}" for name in versions),
        paragraph(_meaning(found)),
        paragraph(_left_out(list(versions))),
    ]
    return "\n\n".join(parts) + "\n"


def _meaning(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """One sentence for each tool, made of the figures."""
    sentences = []
    for name in next(iter(found.values())):
        errors = {scenario: tools[name]["relative"] for scenario, tools in found.items()}
        worst = max(errors, key=lambda scenario: abs(errors[scenario]))
        off = [scenario for scenario, error in errors.items() if abs(error) > CLOSE]
        if off:
            of = "all scenarios" if len(off) == len(errors) else ", ".join(off)
            sentences.append(
                f"{name} is off by more than {CLOSE:.0%} of the true figure in: {of}; most in {worst}, where it says "
                f"{_percent(found[worst][name]['used'])} on average and {_percent(found[worst][name]['true'])} is true."
            )
        else:
            sentences.append(f"{name} is within {abs(errors[worst]):.3%} of the true figure everywhere.")
    return " ".join([*sentences, *_closer(found)])


def _closer(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> list[str]:
    """Where another tool's largest error is smaller than slogen's, and by how much of the figure at the most."""
    closer: dict[str, list[str]] = {}
    most = 0.0
    for scenario, tools in found.items():
        ours = abs(tools[SLOGEN]["relative"])
        for name, one in tools.items():
            if abs(one["relative"]) < ours:
                closer.setdefault(name, []).append(scenario)
                most = max(most, ours - abs(one["relative"]))
    if not closer:
        return []
    told = "; ".join(f"{name} in {', '.join(scenarios)}" for name, scenarios in closer.items())
    return [
        f"Closer than slogen, by at most {most:.3%} of the figure: {told}. The difference lies around restarts, where "
        "slogen's readings of four minutes come from `rate`, an estimate, and at the ends of the 30 days, where a "
        "scrape may be missing and `increase` extrapolates."
    ]


def _left_out(names: Sequence[str]) -> str:
    text = "Left out: counters that appear together with their first error, and histories shorter than the period."
    if NTHLAYER in names:
        text += (
            " NthLayer's rules read `http_requests_total` by the labels `service` and `status` whatever its spec says, "
            "so the counters were given these labels."
        )
    if PYRRA in names:
        text += " Pyrra records no budget, only the events of the period: the division is left to its web page."
    return text


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%" if share < 10 else f"{share * 100:,.0f}%"


def _points(share: float) -> str:
    points = share * 100
    return f"{points:+.1f} points" if abs(points) >= 1 else f"{points:+.3f} points"


def _relative(value: float) -> str:
    return f"x{1 + value:.1f}" if value > 1 else f"{value:+.2%}" if abs(value) >= CLOSE else f"{value:+.3%}"


def headlines(figures: Mapping[str, Any]) -> list[Headline]:
    """The largest relative error of slogen and of each peer, in percent."""
    found = _summary(figures)
    return [
        Headline(
            f"largest error of the budget used, {name}",
            max(abs(tools[name]["relative"]) for tools in found.values()) * 100,
            unit="%",
            more_is_better=False,
        )
        for name in figures["versions"]
    ]


def plots(figures: Mapping[str, Any]) -> dict[str, str]:
    """Budget used by scenario, truth and tools beside one another."""
    found, names = _summary(figures), list(figures["versions"])
    series = {"true": [tools[SLOGEN]["true"] * 100 for tools in found.values()]}
    series |= {name: [tools[name]["used"] * 100 for tools in found.values()] for name in names}
    return {"truth.svg": bars(list(found), series, "budget used in 30 days, %")}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one scenario and one seed")
    peers, missing = find()
    figures = measure(peers, parser.parse_args().quick)
    print(json.dumps(figures, indent=1), file=sys.stderr)
    print(page(figures))
    for name, why in missing.items():
        print(f"{name}: not measured: {why}")


if __name__ == "__main__":
    main()
