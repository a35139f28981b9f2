"""Fits burn-rate pairs to little traffic: a window in which next to nothing happens tells nothing.

A page's long window is made so long that a total outage puts the wanted number of bad events (`guard`) into it, and
that number rises until chance, which just spends the budget, seldom fires the page. Where so many events no longer come
in the six hours in which an outage is to be found, the share of events that must fail rises instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from math import ceil

from slogen.model import Cadence, Severity
from slogen.policies._fit import FAST_LIMIT, clean, plain
from slogen.prediction import at_least, false_alerts, found_by
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Pair

FALSE_PAGES = 0.25
"""In 30 days, at the most, while the budget is just spent."""

IN_SHORT = 3
"""Events that a short window should hold, so that one good event does not end an alert."""

WITH_ONE = 2
"""Bad events that it should take to make a short window burn, where half of the long one holds enough events for that:
one that follows an outage does not page again, then."""

SURE = 0.975
"""How certainly a total outage is found in time, and how certainly its bad events are in a long window."""

SOON = FAST_LIMIT
"""Seconds in which a total outage is to be found, where enough events come in them."""

HOUR = 3600
_MOST = 50
"""Bad events that may be wanted beyond the policy's."""

_SHARES = tuple(Decimal(percent) / 100 for percent in range(2, 91, 2))
"""Shares of events that may be wanted to fail; a total outage must stay above them."""


def fit_to_traffic(
    pairs: Iterable[Pair], guard: int, traffic: Decimal, budget: Decimal, cadence: Cadence, period: int
) -> tuple[tuple[Pair, ...], int]:
    """Pairs of one severity with windows that hold enough events, and how many bad events must stand behind them."""
    return _fitted(tuple(pairs), guard, traffic, budget, cadence, period)


@lru_cache(maxsize=1024)
def _fitted(
    stated: tuple[Pair, ...], guard: int, traffic: Decimal, budget: Decimal, cadence: Cadence, period: int
) -> tuple[tuple[Pair, ...], int]:
    """The first that keeps both bounds, else, of those with few false pages, the likeliest to find an outage.

    Where the policy's own pairs hold enough events and are seldom wrong, they stay as they are.
    """
    best, likeliest = (_fit(stated, guard, Decimal(1), budget, traffic, cadence, period), guard), 0.0
    if stated[0].severity is Severity.TICKET:
        return best
    if best == (stated, guard) and false_alerts(stated, guard, budget, traffic) <= FALSE_PAGES:
        return best
    soon = max(SOON, _until(guard, traffic))
    own = min(pair.factor for pair in stated) * budget
    for factor in (Decimal(1), *(share / budget for share in _SHARES if share > own)):
        for wanted in range(guard, guard + _MOST):
            found = _fit(stated, wanted, factor, budget, traffic, cadence, period)
            likely = found_by(found, wanted, budget, traffic, soon)
            if likely <= likeliest:
                break
            if false_alerts(found, wanted, budget, traffic) <= FALSE_PAGES:
                if likely >= SURE:
                    return found, wanted
                best, likeliest = (found, wanted), likely
                break
    return best


def _until(count: int, traffic: Decimal, longest: int = DAY) -> int:
    """Whole hours, `longest` at the most, in which a total outage has so many bad events."""
    return next((long for long in range(HOUR, longest, HOUR) if _holds(long, count, traffic)), longest)


def _holds(window: int, count: int, traffic: Decimal) -> bool:
    return at_least(count, float(traffic) * window) >= SURE


def _fit(
    pairs: tuple[Pair, ...],
    guard: int,
    least: Decimal,
    budget: Decimal,
    traffic: Decimal,
    cadence: Cadence,
    period: int,
) -> tuple[Pair, ...]:
    """Each window long enough; a pair whose long window holds too few events gives way to one whose does.

    Factors below `least` become that.
    """
    enough = [pair for pair in pairs if _holds(pair.long, guard, traffic)]
    kept = enough or [pairs[-1]]
    gone = [pair for pair in pairs if pair not in kept]
    found = [_widened(pair, guard, least, budget, traffic, cadence, period) for pair in kept]
    if gone:
        note = f"stands for the {', '.join(format_duration(pair.long) for pair in gone)} window too"
        found[0] = replace(found[0], note="; ".join(filter(None, (found[0].note, note))))
    return tuple(found)


def _widened(
    pair: Pair, guard: int, least: Decimal, budget: Decimal, traffic: Decimal, cadence: Cadence, period: int
) -> Pair:
    """For the same share of the budget, unless its factor would be below `least`."""
    longest = max(min(DAY if pair.severity is Severity.PAGE else period, period), pair.long)
    short, long = max(pair.short, ceil(round(IN_SHORT / traffic, 3))), pair.long
    if least > pair.factor:
        long = int(long * pair.factor / least)
    if not _holds(long, guard, traffic):
        long = max(long, _until(guard, traffic, longest))
    alone = round(WITH_ONE / (max(least, pair.factor * pair.long / long) * budget * traffic), 3)
    short = max(short, ceil(alone) if alone <= long / 2 else 0)
    windows = _windows(short, long, longest, cadence.base)
    if pair.severity is not Severity.PAGE or windows[1] > FAST_LIMIT:
        windows = _windows(short, long, longest, cadence.ledger)
    short, long = windows
    factor = clean(max(least, pair.factor * pair.long / long))
    if (short, long, factor) == (pair.short, pair.long, pair.factor):
        return pair
    was = f"{plain(pair.factor)} in {format_duration(pair.long)} / {format_duration(pair.short)}"
    note = f"it was {was}; few events are expected"
    return replace(pair, long=long, short=short, factor=factor, note="; ".join(filter(None, (pair.note, note))))


def _windows(short: int, long: int, longest: int, tick: int) -> tuple[int, int]:
    """Multiples of what they are summed from, the long one at least twice the short one."""
    most = longest // tick
    short = min(-(-short // tick), most // 2)
    return short * tick, min(max(-(-long // tick), 2 * short), most) * tick
