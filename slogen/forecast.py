"""PromQL that looks ahead: lines through what was recorded, how well they fit, and where they lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from slogen.promql.build import aligned
from slogen.promql.durations import DAY

EVERY = 60
"""Seconds between two recordings of what is in use."""

FITTED = (3600, 3 * 3600, 9 * 3600)
"""Windows in seconds of which it is recorded how well a line explains them."""

_EXPLAINED = {3600: ("0.92", 4500), 3 * 3600: ("0.8", 3 * 3600), 9 * 3600: ("0.8", 3 * 3600)}
"""By window, R squared and seconds of uptime from which on a line is believed; bench/memory measures them."""

_BAND = (3600, 3 * 3600, 7200)
"""The two windows of the band of forecasts, and how far ahead it looks."""


def ahead(series: str, window: int, seconds: int) -> str:
    """The value after so many seconds, by a straight line through the window (least squares)."""
    return f"predict_linear({series}{aligned(window)}, {seconds})"


def fit(series: str, window: int) -> str:
    """R squared of that line, 0..1: how much of what happened in the window it explains.

    The square of its slope, in values per recording, times the variance of n even steps, (n^2 - 1) / 12, over the
    variance of the values.
    """
    over = aligned(window)
    slope = f"(deriv({series}{over}) * {EVERY}) ^ 2"
    return f"{slope} * (count_over_time({series}{over}) ^ 2 - 1) / 12\n/ stdvar_over_time({series}{over})"


def recorded(series: str, window: int) -> str:
    """At least half of the window was recorded: a line through a few points is no trend."""
    return f"count_over_time({series}{aligned(window)}) > {window // EVERY // 2}"


def lasted(series: str, seconds: int, every: int = EVERY) -> str:
    """The series recorded at every look of that time, as `for` of an alert would want it."""
    looks = -(-seconds // every)
    return f"count_over_time({series}{aligned((looks + 1) * every)}) > {Decimal(looks) + Decimal('0.5'):f}"


def fuller_yesterday(series: str) -> str:
    """In the six hours after this time yesterday there was more: what rises now, then fell by itself."""
    return f"max_over_time({series}{aligned(DAY // 4)} offset {(DAY - DAY // 4) // 3600}h) > {series}"


def risen(series: str) -> str:
    """By how much the least of an hour is above that of an hour yesterday."""
    least = f"min_over_time({series}{aligned(3600)}"
    return f"{least}) - {least} offset 1d)"


def exhaustion(series: str, uptime: str, fit_of: Callable[[int], str]) -> str:
    """Seconds until the value is 1, by the line through the shortest window that explains enough and rises."""
    ways = (
        f"(1 - {ahead(series, window, 0)}) / (deriv({series}{aligned(window)}) > 0)\n"
        f"and ignoring (window)\n{fit_of(window)} > {least}\nand\n{uptime} > {age}"
        for window, (least, age) in _EXPLAINED.items()
    )
    return "clamp_min(\n" + "\nor\n".join(ways) + f"\n, 0)\nand\n{series}"


def band(series: str, uptime: str) -> Iterator[tuple[str, str]]:
    """The lower and the higher of where two lines lead in two hours: two trends, no interval of confidence."""
    near, far, seconds = _BAND
    one, other = ahead(series, near, seconds), ahead(series, far, seconds)
    for bound, sign in (("low", "<"), ("high", ">")):
        yield (
            bound,
            f"clamp_min({one} {sign} {other} or {other}, 0)\nand\n{series}\nand\n{uptime} > {_EXPLAINED[near][1]}",
        )
