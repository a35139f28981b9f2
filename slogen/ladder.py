"""The recording rules of one SLO: events per interval, and every longer figure as a sum of those.

The base is read every `cadence.base` seconds and feeds the windows up to six hours; the ledger reads the source once
more, every `cadence.ledger`, and feeds the longer windows and the period. So the source is read twice, whatever the
windows, and a window costs its length over the interval, whatever the source's cardinality.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen import naming
from slogen.model import DAY, Labels, Objective, Reading, Scope, Slo
from slogen.promql.build import aggregate, aligned, grouped, on, series, summed, union
from slogen.promql.durations import format_duration
from slogen.rules import Needs, Recording, Role

COVERAGE_STEP = 900
"""Seconds. What was recorded is counted exactly for the last day and at this step before."""

FIRST_SEEN_STEP = 3600

Block = tuple[Recording, ...]
"""Rules that must share a group."""


def base(slo: Slo, needs: dict[str, Needs]) -> Iterator[Block]:
    """Events per base interval, then each objective's short windows."""
    reading = _reading(slo, slo.cadence.base, naming.TOTAL_BASE)
    yield tuple(_events(slo, reading, naming.TOTAL_BASE, naming.BAD_BASE))
    for objective in slo.objectives:
        wanted = needs[objective.name]
        yield tuple(_windows(slo, objective, wanted, wanted.fast, (naming.BAD_BASE, naming.TOTAL_BASE)))


def ledger(slo: Slo, needs: dict[str, Needs]) -> Iterator[Block]:
    """Events per ledger interval, the share of the source that can be read, long windows and the period."""
    fast = _reading(slo, slo.cadence.base, naming.TOTAL_BASE)
    sliced = slo.objectives[0].indicator.slice_length is not None
    reading = _slices(slo) if sliced else _reading(slo, slo.cadence.ledger, naming.TOTAL_LEDGER)
    events = list(_events(slo, reading, naming.TOTAL_LEDGER, naming.BAD_LEDGER))
    if fast.coverage is not None:
        events.append(Recording(naming.SOURCE_COVERAGE, fast.coverage, slo.labels_of(), Role.SOURCE_COVERAGE))
    yield tuple(events)
    yield tuple(_history(slo))
    for objective in slo.objectives:
        wanted = needs[objective.name]
        slow = (wanted.burn | wanted.bad) - wanted.fast
        windows = _windows(slo, objective, wanted, slow, (naming.BAD_LEDGER, naming.TOTAL_LEDGER))
        yield (*windows, *_budget(slo, objective))


def meta(slo: Slo, labels: Labels) -> Iterator[Recording]:
    """What people and boards join on: the objective, and the labels that are not identity."""
    period = (naming.WINDOW, format_duration(slo.period))
    for objective in slo.objectives:
        identity = slo.labels_of(objective.name)
        yield Recording(naming.TARGET, f"vector({objective.target})", identity, Role.META, objective.name)
        yield Recording(naming.INFO, "vector(1)", (*identity, period, *labels), Role.META, objective.name)


def _reading(slo: Slo, interval: int, total: str) -> Reading:
    scope = Scope(interval, slo.cadence.scrape, slo.by, series(total, slo.labels_of()), total == naming.TOTAL_LEDGER)
    return slo.objectives[0].indicator.reading(slo.variants, scope)


def _slices(slo: Slo) -> Reading:
    """The slices of one ledger interval, whatever the phases of the two groups."""
    tile = f"[{format_duration(slo.cadence.ledger - 1)}999ms]"
    bad = (f"sum_over_time({series(naming.BAD_BASE, slo.labels_of(one.name))}{tile})" for one in slo.objectives)
    return Reading(f"sum_over_time({series(naming.TOTAL_BASE, slo.labels_of())}{tile})", tuple(bad), None)


def _events(slo: Slo, reading: Reading, total: str, bad: str) -> Iterator[Recording]:
    yield Recording(total, reading.total, slo.labels_of(), Role.TOTAL)
    for objective, expr in zip(slo.objectives, reading.bad, strict=True):
        yield Recording(bad, expr, slo.labels_of(objective.name), Role.BAD, objective.name)


def _windows(
    slo: Slo, objective: Objective, needs: Needs, windows: frozenset[int], names: tuple[str, str]
) -> Iterator[Recording]:
    labels = slo.labels_of(objective.name)
    for window in sorted(windows):
        label = (naming.WINDOW, format_duration(window))
        bad = summed(names[0], labels, window)
        if window in needs.bad:
            yield Recording(naming.BAD_WINDOW, bad, (*labels, label), Role.GUARD, objective.name, window)
            bad = series(naming.BAD_WINDOW, (*labels, label))
        if window in needs.burn:
            total = summed(names[1], slo.labels_of(), window)
            expr = f"{bad}\n/ {on(slo.by)}\n({total} > 0)\n/ {objective.budget}"
            yield Recording(naming.BURN_RATE, expr, (*labels, label), Role.BURN_RATE, objective.name, window)


def _history(slo: Slo) -> Iterator[Recording]:
    labels, period = slo.labels_of(), format_duration(slo.period)
    total = series(naming.TOTAL_LEDGER, labels)

    def record(name: str, expr: str) -> Recording:
        return Recording(name, expr, labels, Role.PERIOD)

    yield record(naming.TOTAL_PERIOD, summed(naming.TOTAL_LEDGER, labels, slo.period))
    recent = min(slo.period, DAY)
    counted = [f"{slo.cadence.ledger} * count_over_time({total}{aligned(recent)})"]
    if slo.period > DAY:
        older = f"[{format_duration(slo.period - DAY - 1)}:{format_duration(COVERAGE_STEP)}] offset 1d"
        counted.append(f"{COVERAGE_STEP} * count_over_time({total}{older})")
    terms = [aggregate("sum", slo.by, term) for term in counted]
    yield record(naming.COVERAGE, f"clamp_max({union(terms, slo.by, naming.TERM)} / {slo.period}, 1)")
    first_seen = series(naming.FIRST_SEEN, labels)
    coverage = series(naming.COVERAGE, labels)
    yield record(
        naming.FIRST_SEEN,
        grouped(
            f"last_over_time({first_seen}{aligned(DAY)})\n"
            f"or {on(slo.by)}\n"
            f"min_over_time(timestamp(0 * {total})[{period}:{format_duration(FIRST_SEEN_STEP)}])\n"
            f"or {on(slo.by)}\n"
            f"timestamp({total})"
        )
        + f"\nand {on(slo.by)}\n{coverage}",
    )
    yield record(
        naming.MISSING,
        f"clamp_min(clamp_max(time() - {first_seen}, {slo.period}) - {on(slo.by)} {slo.period} * {coverage}, 0)",
    )


def _budget(slo: Slo, objective: Objective) -> Iterator[Recording]:
    labels = slo.labels_of(objective.name)
    total = series(naming.TOTAL_PERIOD, slo.labels_of())
    coverage = series(naming.COVERAGE, slo.labels_of())

    def record(name: str, expr: str) -> Recording:
        return Recording(name, expr, labels, Role.PERIOD, objective.name)

    yield record(naming.BAD_PERIOD, summed(naming.BAD_LEDGER, labels, slo.period))
    yield record(naming.ERROR_RATIO, f"{series(naming.BAD_PERIOD, labels)}\n/ {on(slo.by)}\n({total} > 0)")
    used = f"{coverage}\n* {on(slo.by)}\n{series(naming.ERROR_RATIO, labels)}\n/ {objective.budget}"
    yield record(naming.BUDGET_USED, f"{used}\nor {on(slo.by)}\n0 * {total}")
