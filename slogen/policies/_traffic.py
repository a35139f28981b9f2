"""Fits burn-rate pairs to little traffic: a window in which next to nothing happens tells nothing.

With L the events per second, b the error budget and W a long window, L * b * W bad events are expected in W while the
budget is just spent. Where that is far below one, one bad event looks like an outage, so the number of bad events
decides (`guard`), and it must be one that chance seldom reaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from math import ceil

from slogen.model import Cadence, Severity
from slogen.policies._fit import FAST_LIMIT, clean
from slogen.prediction import at_least, false_alerts
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Pair

FALSE_PAGES = 0.25
"""In 30 days, at the most, while the budget is just spent."""

IN_SHORT = 3
"""Events that a short window should hold, so that one good event does not end an alert."""

SURE = 0.975
"""How certainly a long window holds the bad events that a total outage needs to be found."""

_MOST = 50


def fit_to_traffic(
    pairs: Iterable[Pair], guard: int, traffic: Decimal, budget: Decimal, cadence: Cadence, period: int
) -> tuple[tuple[Pair, ...], int]:
    """Pairs of one severity with windows that hold enough events, and how many bad events must stand behind them."""
    stated = tuple(pairs)
    for wanted in range(guard, _MOST):
        found = _fit(stated, wanted, traffic, cadence, period)
        if stated[0].severity is Severity.TICKET or false_alerts(found, wanted, budget, traffic) <= FALSE_PAGES:
            return found, wanted
    return stated, guard


def _fit(pairs: tuple[Pair, ...], guard: int, traffic: Decimal, cadence: Cadence, period: int) -> tuple[Pair, ...]:
    """Each window long enough; a pair whose long window holds too few events gives way to one whose does."""
    enough = [pair for pair in pairs if _holds(pair.long, guard, traffic)]
    kept = enough or [pairs[-1]]
    gone = [pair for pair in pairs if pair not in kept]
    found = [_widened(pair, guard, traffic, cadence, period) for pair in kept]
    if gone:
        note = f"stands for the {', '.join(format_duration(pair.long) for pair in gone)} window too"
        found[0] = replace(found[0], note="; ".join(filter(None, (found[0].note, note))))
    return tuple(found)


def _holds(window: int, count: int, traffic: Decimal) -> bool:
    return at_least(count, float(traffic) * window) >= SURE


def _widened(pair: Pair, guard: int, traffic: Decimal, cadence: Cadence, period: int) -> Pair:
    longest = min(DAY if pair.severity is Severity.PAGE else period, period)
    short, long = max(pair.short, ceil(IN_SHORT / traffic)), pair.long
    while long < longest and not _holds(long, guard, traffic):
        long += 3600
    long = min(max(long, 2 * short), max(longest, pair.long))
    tick = cadence.base if pair.severity is Severity.PAGE and long <= FAST_LIMIT else cadence.ledger
    short, long = _up(min(short, long // 2), tick), _up(long, tick)
    if (short, long) == (pair.short, pair.long):
        return pair
    factor = clean(max(Decimal(1), pair.factor * pair.long / long))
    note = f"its windows were {format_duration(pair.long)} / {format_duration(pair.short)}; few events are expected"
    return replace(pair, long=long, short=short, factor=factor, note="; ".join(filter(None, (pair.note, note))))


def _up(seconds: int, tick: int) -> int:
    return -(-seconds // tick) * tick
