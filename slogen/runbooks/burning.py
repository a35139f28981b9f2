"""Burn-rate alerts in a runbook: how bad it is when one fires, why its threshold is what it is, and what ends it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from slogen.explanation import percent, span
from slogen.model import Objective, Slo
from slogen.prediction import fires_after, lone_failure_traffic, resets_after, spent_when_fired
from slogen.promql.durations import format_duration
from slogen.rules import Alert, Pair
from slogen.runbooks.model import Row

STEPS = (Decimal(1), Decimal("0.1"), Decimal("0.05"))
"""Error ratios whose detection is told."""


def how_bad(alert: Alert, slo: Slo, objective: Objective) -> Iterator[Row]:
    """A table: each pair of windows, from which errors it fires, when, and what is spent by then."""
    yield ("windows", "burn rate above", "errors above", *(f"at {percent(step)} errors" for step in STEPS), "spent")
    for pair in alert.pairs:
        yield (
            _windows(pair),
            f"{pair.factor.normalize():f}",
            percent(pair.factor * objective.budget),
            *(_after(pair, objective.budget, step) for step in STEPS),
            percent(spent_when_fired(pair, slo.period)),
        )


def spent(alert: Alert, slo: Slo) -> str:
    """What is spent when it fires, in a sentence."""
    shares = dict.fromkeys(percent(spent_when_fired(pair, slo.period)) for pair in alert.pairs)
    of = f"the calendar {slo.calendar.name}" if slo.calendar else slo.period_name
    return f"When it fires, {' or '.join(shares)} of the error budget of {of} is spent."


def thresholds(alert: Alert, slo: Slo, objective: Objective) -> Iterator[str]:
    """How each pair's factor came about, and the guard."""
    spare = percent(objective.budget)
    for pair in alert.pairs:
        factor, long = f"{pair.factor.normalize():f}", format_duration(pair.long)
        stated = f"{percent(pair.share)} of the budget × {format_duration(slo.period)} / {long}"
        exact = pair.share * slo.period / pair.long
        close = abs(exact - pair.factor) <= Decimal("0.005") * exact
        worked = f"{stated} = {factor}" if close else f"{factor}, where {stated} would be {_short(exact)}"
        why = f" ({pair.note})" if pair.note else " (pinned)" if pair.pinned else ""
        bound = percent(pair.factor * objective.budget)
        yield f"{_windows(pair)}: {worked}{why}. Times the error budget of {spare}, that is {bound} of errors."
    if objective.indicator.slice_length is not None:
        yield f"At least {alert.guard} bad slices of {span(objective.indicator.slice_length)} must be behind it."
        return
    traffic = max(lone_failure_traffic(pair, objective.budget) for pair in alert.pairs)
    yield (
        f"At least {alert.guard} bad events must be behind it. Without that, one failure would do below"
        f" {_short(traffic)} events an hour."
    )
    if objective.overrides and alert.by:
        yield "Groups with another objective have windows that are fitted to it."


def endings(alert: Alert, objective: Objective) -> Iterator[str]:
    """When each pair resets after the errors end, by its formula."""
    spare = objective.budget
    for pair in alert.pairs:
        threshold = pair.factor * spare
        after = span(resets_after(pair, spare, STEPS[0]))
        yield (
            f"{_windows(pair)}: errors of a share e end, and {format_duration(pair.short)} × (1 - {percent(threshold)}"
            f" / e) later it does too; that is {after} after a total outage."
        )


def _windows(pair: Pair) -> str:
    return f"{format_duration(pair.long)} / {format_duration(pair.short)}"


def _after(pair: Pair, spare: Decimal, step: Decimal) -> str:
    after = fires_after(pair, spare, step)
    return "never" if after is None else f"after {span(after)}"


def _short(value: Decimal) -> str:
    return format(round(value, 2 if value >= 1 else 4).normalize(), "f")
