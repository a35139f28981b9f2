"""Recorded series of a made-up fleet of SLOs, with all that is true of each known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from harness.backfill import SeriesData

from slogen import naming

BASE, LEDGER = 60, 240
PERIOD = 30 * 86400
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True)
class Member:
    """An objective of an SLO; of its events in each minute of the last hours `bad` are bad."""

    service: str
    slo: str = "availability"
    objective: str = ""
    target: float = 0.999
    total: float = 100.0
    bad: float = 0.0
    used: float = 0.25
    period_total: float = 4_000_000.0
    coverage: float = 1.0
    source: float = 1.0
    labels: Mapping[str, str] = field(default_factory=lambda: {"owner": "team", "tier": "high"})
    burn: Mapping[str, float] = field(default_factory=dict)
    silent: bool = False
    firing: tuple[tuple[str, str], ...] = ()
    """Names and severities of alerts."""

    @property
    def burn_rate(self) -> float:
        """Of the last hour."""
        return self.bad / self.total / (1 - self.target)

    @property
    def exhausted_in(self) -> float:
        """Seconds, at the pace of the last hour."""
        return (1 - self.used) * PERIOD / self.burn_rate


def series(members: Iterable[Member], end: float, history: float = 4200) -> Iterator[SeriesData]:
    """What the rules would have recorded up to `end`, in seconds; `history` seconds of it."""
    base, ledger = (np.arange(end - history, end + 1, step) for step in (BASE, LEDGER))
    shared = set[tuple[str, str]]()
    for one in members:
        slo = {naming.SERVICE: one.service, naming.SLO: one.slo}
        own = {**slo, **({naming.OBJECTIVE: one.objective} if one.objective else {})}
        yield _flat(naming.INFO, {**own, naming.WINDOW: "30d", **one.labels}, base, 1)
        yield _flat(naming.TARGET, own, base, one.target)
        for name, severity in one.firing:
            alert = {**own, **one.labels, "alertname": name, "severity": severity}
            yield _flat("ALERTS", {**alert, "alertstate": "firing"}, base, 1)
            yield _flat("ALERTS_FOR_STATE", alert, base, end - 1800)
        if one.silent:
            continue
        yield _flat(naming.BAD_BASE, own, base, one.bad)
        yield _flat(naming.BUDGET_USED, own, ledger, one.used)
        for window in WINDOWS:
            yield _flat(naming.BURN_RATE, {**own, naming.WINDOW: window}, base, one.burn.get(window, one.burn_rate))
        if (one.service, one.slo) not in shared:
            shared.add((one.service, one.slo))
            yield _flat(naming.PERIOD_SECONDS, slo, base, PERIOD)
            yield _flat(naming.TOTAL_BASE, slo, base, one.total)
            yield _flat(naming.TOTAL_PERIOD, slo, ledger, one.period_total)
            yield _flat(naming.COVERAGE, slo, ledger, one.coverage)
            yield _flat(naming.SOURCE_COVERAGE, slo, ledger, one.source)


def memory(service: str, pod: str, seconds: float, end: float) -> SeriesData:
    """An instance whose memory is used up in so many seconds."""
    labels = {naming.SERVICE: service, naming.RESOURCE: "container", "namespace": "default", "pod": pod}
    return _flat(naming.EXHAUSTION, labels, np.arange(end - 600, end + 1, BASE), seconds)


def _flat(name: str, labels: Mapping[str, str], times: np.ndarray, value: float) -> SeriesData:
    return SeriesData(name, labels, times, np.full(len(times), float(value)))
