"""What little traffic means for an SLO: budgets of less than three events, and what alerts can do at a given rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from slogen.levels import Level
from slogen.model import Objective, Slo
from slogen.policies._traffic import fit_to_traffic
from slogen.prediction import false_alerts, found_within
from slogen.rules import Alert, Pair

LEAST_EVENTS = 3
"""Bad events that a budget must admit; with less, one failure is a large part of it."""

SENSIBLE = tuple(
    map(Decimal, ("0.9999", "0.9995", "0.999", "0.998", "0.995", "0.99", "0.98", "0.95", "0.9", "0.8", "0.5"))
)


def budget_events(target: Decimal, traffic: Decimal, period: int) -> Decimal:
    """Bad events that a period's budget admits at `traffic` events per second."""
    return (1 - target) * traffic * period


def tiny_budgets(slo: Slo, level: Level) -> Iterator[tuple[str, str]]:
    """What is wrong, and what would do, where a budget is below three events at the traffic declared for a level."""
    traffic = level.traffic
    if traffic is None:
        return
    for objective in slo.objectives:
        targets = [objective.target, *(override.target for override in objective.overrides if level.by)]
        events = budget_events(max(targets), traffic, slo.period)
        if events < LEAST_EVENTS:
            of = "each group's budget" if level.by else "the budget"
            name = f"{objective.name}: " if objective.name else ""
            over = f"a {slo.period_name}" if slo.calendar else slo.period_name
            few = _short(events) if events >= Decimal("0.1") else "less than 0.1"
            yield f"{name}{of} is {few} bad events in {over}", _advice(slo, traffic)


def _advice(slo: Slo, traffic: Decimal) -> str:
    for target in SENSIBLE:
        events = budget_events(target, traffic, slo.period)
        if events >= LEAST_EVENTS:
            return f"an objective of {(target * 100).normalize():f} admits {_short(events)}; or choose a longer window"
    return "choose a longer window, or count smaller things than these events"


def _short(value: Decimal) -> str:
    places = Decimal("0.1") if value < 100 else Decimal(1)
    return format((value + Decimal("1e-9")).quantize(places, ROUND_DOWN).normalize(), "f")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the pairs of a page do at a rate of events.

    `found` is within how many seconds a total outage is found, 19 times of 20, None when it may be missed; `false` how
    many alerts a month there are at the most while chance just spends the budget.
    """

    pairs: tuple[Pair, ...]
    guard: int
    found: int | None
    false: float


def outlook(pairs: tuple[Pair, ...], guard: int, objective: Objective, traffic: Decimal) -> Outlook:
    """The alert as it is, at `traffic` events per second."""
    found = found_within(pairs, guard, objective.budget, traffic)
    return Outlook(pairs, guard, found, false_alerts(pairs, guard, objective.budget, traffic))


def fitted_outlook(alert: Alert, slo: Slo, objective: Objective, traffic: Decimal) -> Outlook:
    """The alert as it would be with that traffic declared."""
    loose = tuple(pair for pair in alert.pairs if not pair.pinned) or alert.pairs
    pairs, guard = fit_to_traffic(loose, alert.guard, traffic, objective.budget, slo.cadence, slo.period)
    return outlook(pairs, guard, objective, traffic)
