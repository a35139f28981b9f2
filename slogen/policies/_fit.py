"""Fits a pair of burn-rate windows to an objective and a period, so that it can fire and means what it says.

A pair is stated for a period of 30 days. With b the error budget (a ratio), P the period, W the long window, p the
share of the budget that is spent when it fires: factor F = p * P / W (Google SRE Workbook, chapter 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from math import ceil

from slogen.model import Cadence, Severity
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Pair

STATED_FOR = 30 * DAY
FAST_LIMIT = 6 * 3600
"""Longest window that is summed from the base; longer ones are summed from the ledger."""

GUARD_TOLERANCE = Decimal("0.7")
"""Recorded counts are not whole: two events right after a counter's zero can read as 1.34 (bench/guard.py)."""

_HEADROOM = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Stated:
    """A pair as a policy states it: windows in seconds at 30 days (or as they are, when pinned)."""

    severity: Severity
    share: Decimal
    long: int
    short: int
    pinned: bool


def fit(stated: Iterable[Stated], budget: Decimal, period: int, cadence: Cadence) -> tuple[Pair, ...]:
    """Pairs that can fire for this budget and period, shortest first.

    A total outage burns at 1/b, so F must stay below that; it is held at half, and never below 1, where a pair
    would report a service that is inside its objective. Pairs that end up with one factor and severity merge; pinned
    ones stay as they are.
    """
    found = tuple(stated)
    return _fitted(found, budget, period, cadence, (str(budget), *(str(one.share) for one in found)))


@lru_cache(maxsize=1024)
def _fitted(
    stated: tuple[Stated, ...], budget: Decimal, period: int, cadence: Cadence, _written: tuple[str, ...]
) -> tuple[Pair, ...]:
    """Many SLOs are alike. Decimals that are equal but written differently are printed as they were written."""
    kept: dict[tuple[Severity, Decimal, int], Pair] = {}
    fitted = ((one, _fit(one, budget, period, cadence)) for one in stated)
    for one, pair in sorted(fitted, key=lambda found: found[1].long):
        key = (pair.severity, pair.factor, pair.long if one.pinned else 0)
        first = kept.setdefault(key, pair)
        if first is not pair:
            note = f"stands for the {format_duration(pair.long)} window too"
            kept[key] = replace(first, note="; ".join(filter(None, (first.note, note))))
    return tuple(kept.values())


def _fit(stated: Stated, budget: Decimal, period: int, cadence: Cadence) -> Pair:
    if stated.pinned:
        factor = stated.share * period / stated.long
        return Pair(stated.severity, stated.long, stated.short, clean(factor), stated.share, pinned=True)
    factor = stated.share * STATED_FOR / stated.long
    note = ""
    if factor * budget > _HEADROOM:
        note = f"factor {plain(factor)} of the policy could not fire reliably"
        factor = (_HEADROOM / budget).quantize(Decimal("0.01"), ROUND_DOWN)
    if factor < 1:
        note, factor = (
            note or f"factor {plain(factor)} of the policy would report a service inside its objective",
            Decimal(1),
        )
    wanted = stated.share * period / factor
    ratio = Decimal(stated.short) / stated.long
    short, long = _windows(wanted, ratio, period, cadence.base)
    if stated.severity is not Severity.PAGE or long > FAST_LIMIT:
        short, long = _windows(wanted, ratio, period, cadence.ledger)
    if long > wanted * 2:
        note, factor = (
            note or "the long window is too short for its short one",
            max(Decimal(1), stated.share * period / long),
        )
    return Pair(stated.severity, long, short, clean(factor), stated.share, note)


def _windows(wanted: Decimal, ratio: Decimal, period: int, tick: int) -> tuple[int, int]:
    """Short and long window in multiples of what they are summed from."""
    short = _up(max(wanted * ratio, Decimal(3 * tick)), tick)
    return short, min(_up(max(wanted, Decimal(2 * short)), tick), period)


def _up(seconds: Decimal, tick: int) -> int:
    return ceil(seconds / tick) * tick


def twelfth(long: int, cadence: Cadence) -> int:
    """The usual short window, in a multiple of what it is summed from."""
    return _up(Decimal(long) / 12, cadence.ledger if long >= 12 * cadence.ledger else cadence.base)


def clean(value: Decimal) -> Decimal:
    """A factor without noise."""
    return Decimal(plain(value.quantize(Decimal("0.0001"))))


def plain(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros."""
    return format(value.normalize(), "f")
