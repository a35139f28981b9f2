"""Pasts of what is recorded: each event once, windows and budgets as they truly are."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from slogen import naming
from slogen.levels import Level
from slogen.model import Objective, Slo
from slogen.promql.build import series
from slogen.promql.durations import format_duration
from slogen.proof.common import NONE, Alerts, labels_of, near, sample_step, silent
from slogen.proof.pasts import Figure, Past, Stretch
from slogen.rules import Recording, Role, SloPlan


def recording(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    """The events as they are recorded: with bursts, and with errors that were never seen."""
    slo = planned.slo
    level, beat = slo.level, slo.cadence
    objective, hour = slo.objectives[-1], 3600
    if objective.indicator.slice_length is not None:
        return
    step, errors, many = sample_step(slo), Decimal("0.25"), 400
    half, burst = hour // 2, 300
    before = burst // beat.scrape
    yield Past(
        "events that come in bursts are all counted",
        (Stretch(2 * hour, many, errors, every=before),),
        (
            near(
                hour,
                f"sum_over_time({level.series(naming.TOTAL_BASE)}[{half - 1}s])",
                Decimal(half // burst * many),
                0.03,
            ),
            near(
                hour,
                f"sum_over_time({level.series(naming.BAD_BASE, objective.name)}[{half - 1}s])",
                half // burst * many * errors,
                0.03,
            ),
        ),
        beat.scrape,
        between=True,
    )
    end = 4 * hour
    recorded, each = end // beat.ledger, Decimal(many) * beat.ledger / step
    yield Past(
        "the ledger and the period hold what happened",
        (Stretch(end + beat.ledger, many, errors),),
        (
            near(end, level.series(naming.TOTAL_LEDGER), each, 0.13),
            near(end, level.series(naming.BAD_LEDGER, objective.name), each * errors, 0.13),
            near(end, level.series(naming.TOTAL_PERIOD), each * recorded, 0.03),
            near(end, level.series(naming.BAD_PERIOD, objective.name), each * errors * recorded, 0.03),
            near(end, level.series(naming.ERROR_RATIO, objective.name), errors, 0.01),
            *_used(slo, level, objective, errors, end),
            *_burning(planned, objective, errors, end, fast=False),
            *silent(alerts, slo, end, "SLOGoodAboveTotal", "SLOTrafficStopped"),
        ),
        step,
        slow=True,
    )
    yield Past(
        "burn rates are errors over the budget",
        (Stretch(2 * hour, many, errors),),
        (*_burning(planned, objective, errors, 2 * hour - 60, fast=True),),
        step,
    )
    yield Past(
        "errors that were never seen are none",
        (Stretch(hour, many),),
        (
            Figure(half, level.series(naming.BAD_BASE, objective.name), NONE, NONE),
            near(half, level.series(naming.TOTAL_BASE), Decimal(many) * beat.base / step, 0.03),
        ),
        step,
        bad_unseen=True,
    )


def _burning(planned: SloPlan, objective: Objective, errors: Decimal, end: int, fast: bool) -> Iterator[Figure]:
    """Every recorded burn rate, by its own window, of those that are summed from the base or from the ledger."""
    slo = planned.slo
    for group in planned.groups:
        for rule in group.rules:
            if not isinstance(rule, Recording) or rule.role is not Role.BURN_RATE or rule.objective != objective.name:
                continue
            if (group.interval == slo.cadence.base) is fast:
                labels = (*labels_of(slo, objective.name, ()), (naming.WINDOW, format_duration(rule.window or 0)))
                yield near(end, series(rule.record, [one for one in labels if one[1]]), errors / objective.budget, 0.02)


def _used(slo: Slo, level: Level, objective: Objective, errors: Decimal, end: int) -> Iterator[Figure]:
    if slo.calendar is None:
        used = Decimal(end) / slo.period * errors / objective.budget
        yield near(end, level.series(naming.BUDGET_USED, objective.name), used, 0.08)
