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
from math import cbrt, ceil, erfc, exp, floor, lgamma, log, sqrt

from slogen.promql.durations import DAY
from slogen.rules import Pair

MONTH = 30 * DAY

MANY = 2000
"""Events of which chance makes little more or less."""


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


def chance(count: int, mean: float) -> float:
    """Probability of just `count` events where `mean` are expected (Poisson)."""
    if count < 0:
        return 0.0
    return exp(count * log(mean) - mean - lgamma(count + 1)) if mean else float(count == 0)


def at_least(count: int, mean: float) -> float:
    """Probability of `count` events or more where `mean` are expected (Poisson).

    Above a hundred it is that of a chi-square distribution as Wilson and Hilferty have it: its cube root is normal.
    """
    if count <= 0:
        return 1.0
    if mean > 100:
        return erfc(3 * sqrt(count / 2) * (1 - 1 / (9 * count) - cbrt(mean / count))) / 2
    above = count > mean
    number = count if above else count - 1
    term, tail = chance(number, mean), 0.0
    while term > tail * 1e-16:
        tail += term
        term *= mean / (number + 1) if above else number / mean
        number += 1 if above else -1
    return tail if above else 1.0 - tail


def _beside(bad: int, share: float) -> int:
    """Good events beside which so many bad ones are still as much as `share` of all; -1 where none are."""
    return floor(bad * (1 - share) / share + 1e-9) if bad and share < 1 else -1


def _likely(mean: float) -> range:
    """Counts that a Poisson process with that mean does not practically leave."""
    spread = 10 * sqrt(mean) + 40
    return range(max(int(mean - spread), 0), int(mean + spread))


def false_alerts(pairs: Sequence[Pair], guard: int, budget: Decimal, traffic: Decimal) -> float:
    """How often pairs fire in 30 days, while events fail by chance and just spend the budget.

    Exact for each pair's long window and the guard, where a bad event comes in or a good one drops out; the short
    windows, which make it rarer, are left out, and what two pairs report at once counts twice.
    """
    behind = max(pair.long for pair in pairs)
    return MONTH * sum(_starts(pair, guard, behind, float(budget), float(traffic)) for pair in pairs)


def _starts(pair: Pair, guard: int, behind: int, budget: float, traffic: float) -> float:
    """Per second; the guard counts the bad events of `behind` seconds, and those of the long window are among them."""
    bad, good, share = traffic * budget, traffic * (1 - budget), float(pair.factor) * budget
    before, beside = bad * (behind - pair.long), good * pair.long
    if bad * pair.long > MANY:
        return 0.0
    found = 0.0
    for count in _likely(bad * pair.long):
        now, then = _beside(count, share), _beside(count + 1, share)
        enough, lacks_one = at_least(guard - count, before), chance(guard - 1 - count, before)
        up_to_now, up_to_then = (1 - at_least(most + 1, beside) for most in (now, then))
        comes = enough * (up_to_then - up_to_now) + lacks_one * up_to_then
        goes = enough * chance(now, beside)
        found += chance(count, bad * pair.long) * (bad * comes + good * goes)
    return found


def found_by(pairs: Sequence[Pair], guard: int, budget: Decimal, traffic: Decimal, seconds: float) -> float:
    """Probability that a total outage is found within so many seconds, by the likeliest of the pairs.

    That many seconds after its begin, the long window holds the bad events since, and good ones from before.
    """
    return max(_found_by(pair, guard, budget, traffic, seconds) for pair in pairs)


def _found_by(pair: Pair, guard: int, budget: Decimal, traffic: Decimal, seconds: float) -> float:
    seconds, share = min(seconds, pair.long), float(pair.factor * budget)
    bad, good = float(traffic) * seconds, float(traffic) * (pair.long - seconds)
    if bad > MANY:
        return float(bad >= share * (bad + good))
    return sum(
        chance(count, bad) * (1 - at_least(_beside(count, share) + 1, good)) for count in _likely(bad) if count >= guard
    )


def found_within(
    pairs: Sequence[Pair], guard: int, budget: Decimal, traffic: Decimal, sure: float = 0.95
) -> int | None:
    """Seconds until a total outage is found with probability `sure`, or None where its events do not suffice."""
    early, late = 0.0, float(max(pair.long for pair in pairs))
    if found_by(pairs, guard, budget, traffic, late) < sure:
        return None
    while late - early > 1:
        middle = (early + late) / 2
        if found_by(pairs, guard, budget, traffic, middle) < sure:
            early = middle
        else:
            late = middle
    return ceil(late)
