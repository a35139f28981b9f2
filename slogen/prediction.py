"""When a pair of burn-rate windows fires and resets, from its formulas.

For a step of the error ratio from 0 to e in steady traffic (Google SRE Workbook, chapter 5), with b the error budget
as a ratio, F the factor, W and S the long and the short window: the pair fires after (b * F / e) * W and resets
S * (1 - b * F / e) after the errors end. A scrape and an evaluation come on top of both.

Where events are few, they are taken to come by chance, one by one (a Poisson process), and an alert waits for a number
of bad ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, erfc, exp, sqrt

from slogen.promql.durations import DAY
from slogen.rules import Pair

MONTH = 30 * DAY

_MANY = 700
"""Expected events from which a Poisson distribution is taken for a normal one: exp(-mean) nears the least float."""


def fires_after(pair: Pair, budget: Decimal, error_ratio: Decimal) -> Decimal | None:
    """Seconds from the start of errors at `error_ratio` until the pair fires, or None when it never does."""
    threshold = budget * pair.factor
    return None if error_ratio <= threshold else threshold / error_ratio * pair.long


def resets_after(pair: Pair, budget: Decimal, error_ratio: Decimal) -> Decimal | None:
    """Seconds from the end of errors at `error_ratio` until the pair resets, or None when it never fired."""
    threshold = budget * pair.factor
    return None if error_ratio <= threshold else pair.short * (1 - threshold / error_ratio)


def spent_when_fired(pair: Pair, period: int) -> Decimal:
    """Share of the error budget that is spent when the pair fires; it does not depend on the error ratio."""
    return pair.factor * pair.long / period


def lone_failure_traffic(pair: Pair, budget: Decimal) -> Decimal:
    """Events per hour from which one failure is below the pair's threshold, even without a guard."""
    return 3600 / (budget * pair.factor * pair.long)


def at_least(count: int, mean: float) -> float:
    """Probability of `count` events or more where `mean` are expected (Poisson)."""
    if mean > _MANY:
        return 0.5 * erfc((count - 0.5 - mean) / sqrt(2 * mean))
    term, below = exp(-mean), 0.0
    for number in range(count):
        below += term
        term *= mean / (number + 1)
    return max(1.0 - below, 0.0)


def bad_needed(pair: Pair, budget: Decimal, traffic: Decimal, guard: int) -> int:
    """Bad events that must come together for a pair to fire: the guard's, or those that its burn rate takes."""
    return max(guard, ceil(pair.factor * budget * traffic * pair.long))


def false_alerts(pairs: Sequence[Pair], guard: int, budget: Decimal, traffic: Decimal) -> float:
    """How often pairs fire in 30 days at the most, while events fail by chance and just spend the budget.

    Bounded by how often a bad event is the last of enough within the long window; a short window only makes it rarer.
    """
    per_second = float(traffic * budget)
    return sum(
        per_second * MONTH * at_least(bad_needed(pair, budget, traffic, guard) - 1, per_second * pair.long)
        for pair in pairs
    )


def found_within(
    pairs: Sequence[Pair], guard: int, budget: Decimal, traffic: Decimal, sure: float = 0.95
) -> int | None:
    """Seconds until a total outage is found with probability `sure`, or None where its events do not suffice."""
    found = []
    for pair in pairs:
        needed = bad_needed(pair, budget, traffic, guard)
        seconds, step = 0.0, float(needed / traffic) / 50
        while seconds <= pair.long and at_least(needed, float(traffic) * seconds) < sure:
            seconds += step
        if seconds <= pair.long:
            found.append(max(seconds, float(pair.factor * budget * pair.long)))
    return ceil(min(found)) if found else None
