"""When a pair of burn-rate windows fires and resets, from its formulas.

For a step of the error ratio from 0 to e in steady traffic (Google SRE Workbook, chapter 5), with b the error budget
as a ratio, F the factor, W and S the long and the short window: the pair fires after (b * F / e) * W and resets
S * (1 - b * F / e) after the errors end. A scrape and an evaluation come on top of both.
"""

from __future__ import annotations

from decimal import Decimal

from slogen.rules import Pair


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
