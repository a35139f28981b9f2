"""How well each tool's own burn-rate alerts find errors, and how often they are wrong.

Run: python bench/compare/quality.py [--quick]

The alerts are evaluated on a real Prometheus over made-up histories (_incidents.py), as they are generated; what is
replaced so that 30 days can be evaluated in minutes stands in _alerting.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.backfill import load
from harness.rules import Rule, load_rules
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import MIDNIGHT

from compare._alerting import PHASE, Alert, Span, alerts, firing, together
from compare._incidents import (
    AFTER,
    BEGIN,
    ERRORS,
    HOUR,
    LONG,
    LOW,
    OBJECTIVES,
    STEADY,
    TRAFFICS,
    WAVE,
    Background,
    Step,
    burn,
    length_of,
)
from compare._quality_page import headlines, page, plots
from compare._worse import DECLARED
from compare.peers import NTHLAYER, PYRRA, SLOGEN, SLOTH, Peer, SloCase, find
from slogen import naming
from slogen.promql.durations import DAY

__all__ = ["headlines", "measure", "page", "plots"]

BURN_ALERTS = {
    SLOGEN: ("SLOBudgetBurnPage", "SLOBudgetBurnTicket"),
    SLOTH: ("ErrorBudgetBurn",),
    PYRRA: ("ErrorBudgetBurn",),
}
RECORDED = (naming.TOTAL_BASE, naming.BAD_BASE, naming.TOTAL_LEDGER, naming.BAD_LEDGER)
MINUTE = 60.0
COARSE = 240.0
"""Seconds between evaluations in the incidents of three days."""

LEDGER_MEMORY = 3 * DAY + 600
BASE_MEMORY = 6 * HOUR + 600
SPENDS = 0.3
SEEDS = {STEADY: 3, LOW: 10, WAVE: 5}
BACKGROUND_SEEDS = {LOW: 8, WAVE: 4}
BACKGROUND_DAYS = 30
WARM_UP = 7 * HOUR
"""Of the background's history, before alerts are counted: longer than the windows of any page."""

THREADS = 2


@dataclass(frozen=True)
class Judged:
    """An SLO on a service of known history."""

    case: SloCase
    source: Step | Background
    declared: bool = False


def _slo(source: Step | Background, objective: Decimal, declared: bool) -> Judged:
    """The name ends in a letter so that none is the beginning of another."""
    service = f"{source.service}d" if declared else source.service
    name = f"o{str(objective).replace('.', '-')}x"
    traffic = LOW if declared else None
    matchers = (("job", source.service),)
    return Judged(SloCase(service, name, objective, matchers=matchers, expected_traffic=traffic), source, declared)


def steps(quick: bool) -> list[tuple[Step, list[Decimal]]]:
    """The services with a step of errors, and the objectives that each is judged by."""
    traffics = (STEADY, LOW) if quick else TRAFFICS
    errors = [Decimal(100), Decimal(2)] if quick else ERRORS
    objectives = [Decimal("99.9")] if quick else OBJECTIVES
    found: dict[Step, list[Decimal]] = {}
    for traffic in traffics:
        for error in errors:
            for seed in range(1, 1 + (1 if quick else SEEDS.get(traffic, 1))):
                for objective in objectives:
                    step = Step(traffic, error, length_of(error, objective), seed)
                    found.setdefault(step, []).append(objective)
    return list(found.items())


def backgrounds(quick: bool) -> list[Background]:
    """The services whose errors spend 0.3 of the budget by chance."""
    traffics = (LOW,) if quick else TRAFFICS
    return [
        Background(traffic, objective, SPENDS, seed, 1 + (2 if quick else BACKGROUND_DAYS))
        for traffic in traffics
        for objective in ([Decimal("99.9")] if quick else OBJECTIVES)
        for seed in range(1, 1 + (1 if quick else BACKGROUND_SEEDS.get(traffic, 1)))
    ]


def _with_declared(judged: Iterable[Judged]) -> list[Judged]:
    """Beside each SLO on low traffic the same one, declared."""
    found = list(judged)
    return found + [_slo(one.source, one.case.objective, True) for one in found if one.source.traffic == LOW]


def compiled(peer: Peer, judged: Sequence[Judged]) -> tuple[dict[Judged, list[Alert]], list[str]]:
    """The burn-rate alerts of each SLO, and the rule files."""
    texts = peer.rules([one.case for one in judged])
    of_slo: dict[str, list[Rule]] = {}
    for text in texts:
        for rule in load_rules(text):
            of_slo.setdefault(rule.group.replace("/", "-"), []).append(rule)
    found = {}
    for one in judged:
        mark = f"{one.case.service}-{one.case.name}"
        own = [rule for group, rules in of_slo.items() if mark in group for rule in rules]
        found[one] = alerts(own, BURN_ALERTS[peer.name], RECORDED)
        if not found[one]:
            raise RuntimeError(f"{peer.name} made no alert for {mark}")
    return found, texts


def _recorded(
    server: Prometheus, texts: Sequence[str], services: set[str], spans: Mapping[str, tuple[float, float]]
) -> None:
    """Records slogen's base and ledger of some services, each in its span."""
    for part, (start, end) in spans.items():

        def keeps(rule: Rule, part: str = part) -> bool:
            return (
                not rule.is_alert
                and rule.name in RECORDED
                and rule.name.endswith(f":{part}")
                and (rule.labels[naming.SERVICE] in services)
            )

        record(server, texts, start, end, phase=PHASE, only=keeps)


def measure_steps(peers: Mapping[str, Peer], quick: bool) -> list[dict[str, Any]]:
    """What each tool's alerts did in each incident."""
    sources = steps(quick)
    judged = [_slo(step, objective, False) for step, objectives in sources for objective in objectives]
    rows: list[dict[str, Any]] = []
    with Prometheus() as server:
        _say(f"quality: {len(sources)} histories, {len(judged)} SLOs")
        load(server, [series for step, _ in sources for series in step.series()])
        for peer in peers.values():
            own = _with_declared(judged) if peer.name == SLOGEN else judged
            made, texts = compiled(peer, own)
            if peer.name == SLOGEN:
                for length in sorted({step.length for step, _ in sources}):
                    services = {one.case.service for one in own if _step(one).length == length}
                    end = BEGIN + length + AFTER
                    spans = {"base": (BEGIN - BASE_MEMORY, end), "ledger": (BEGIN - LEDGER_MEMORY, end)}
                    _recorded(server, texts, services, spans)
            _say(f"quality: {peer.name}, {len(own)} SLOs in incidents")
            with ThreadPoolExecutor(THREADS) as pool:
                rows += pool.map(partial(_judge_step, server, peer.name), made.keys(), made.values())
    return rows


def _step(one: Judged) -> Step:
    assert isinstance(one.source, Step)
    return one.source


def _judge_step(server: Prometheus, name: str, one: Judged, made: Sequence[Alert]) -> dict[str, Any]:
    step = _step(one)
    start, end = BEGIN - 600, step.end + AFTER - 60
    least = COARSE if step.length == LONG else MINUTE
    pages: list[Span] = []
    tickets: list[Span] = []
    for alert in made:
        spans = firing(server, alert, start, end, max(alert.interval, least))
        (pages if alert.pages else tickets).extend(spans)
    paged = together(pages, least)
    return {
        "tool": DECLARED if one.declared else name,
        "traffic": step.traffic,
        "error": float(step.error),
        "objective": float(one.case.objective),
        "seed": step.seed,
        "burn": float(burn(step.error, one.case.objective)),
        "hours": step.length / HOUR,
        "page": _detected(pages, step),
        "any": _detected([*pages, *tickets], step),
        "reset": max((max(0.0, span.last + least - step.end) / 60 for span in pages), default=None),
        "notifications": len(paged),
        "before": sum(span.first < BEGIN for span in paged),
    }


def _detected(spans: Iterable[Span], step: Step) -> float | None:
    """Minutes from the first error to the first alert, if it fires before the errors stop."""
    found = [span.first for span in spans if BEGIN <= span.first <= step.end]
    return (min(found) - BEGIN) / 60 if found else None


def measure_background(peers: Mapping[str, Peer], quick: bool) -> list[dict[str, Any]]:
    """How often each tool pages in 30 days in which nothing but chance happens."""
    sources = backgrounds(quick)
    judged = [_slo(source, source.objective, False) for source in sources]
    rows: list[dict[str, Any]] = []
    start, end = MIDNIGHT + 60, MIDNIGHT + sources[0].days * DAY - 60
    with Prometheus() as server:
        _say(f"quality: {len(sources)} histories of {sources[0].days} days")
        load(server, [series for source in sources for series in source.series()])
        for peer in peers.values():
            own = _with_declared(judged) if peer.name == SLOGEN else judged
            made, texts = compiled(peer, own)
            if peer.name == SLOGEN:
                services = {one.case.service for one in own}
                _recorded(server, texts, services, {"base": (start, end), "ledger": (start, end)})
            _say(f"quality: {peer.name}, {len(own)} SLOs in the background")
            with ThreadPoolExecutor(THREADS) as pool:
                rows += pool.map(partial(_judge_background, server, peer.name), made.keys(), made.values())
    return rows


def _judge_background(server: Prometheus, name: str, one: Judged, made: Sequence[Alert]) -> dict[str, Any]:
    source = one.source
    assert isinstance(source, Background)
    start = MIDNIGHT + WARM_UP
    end = start + (source.days - 1) * DAY
    pages = [
        span for alert in made if alert.pages for span in firing(server, alert, start, end, max(alert.interval, MINUTE))
    ]
    return {
        "tool": DECLARED if one.declared else name,
        "traffic": source.traffic,
        "objective": float(source.objective),
        "seed": source.seed,
        "days": (end - start) / DAY,
        "pages": len(together(pages, MINUTE)),
    }


def measure(peers: Mapping[str, Peer], quick: bool) -> dict[str, Any]:
    """The figures of both parts."""
    judged = {name: peer for name, peer in peers.items() if name in BURN_ALERTS}
    with Prometheus() as server:
        version = ".".join(map(str, server.tools.version))
    begun = time.monotonic()
    incidents = measure_steps(judged, quick)
    _say(f"quality: incidents took {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    background = measure_background(judged, quick)
    _say(f"quality: background took {time.monotonic() - begun:.0f} s")
    return {
        "prometheus": version,
        "versions": {name: peer.version for name, peer in judged.items()},
        "without_alerts": [NTHLAYER] if NTHLAYER in peers else [],
        "quick": quick,
        "incidents": incidents,
        "background": background,
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few cases, three days of background")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    peers, missing = find()
    figures = measure(peers, options.quick)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    print(page(figures))
    for name, why in missing.items():
        print(f"{name}: not measured: {why}")


if __name__ == "__main__":
    main()
