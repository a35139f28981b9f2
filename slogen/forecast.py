"""PromQL that looks ahead: lines through what was recorded, how well they fit, and where they lead."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from slogen.promql.build import aligned

EVERY = 60
"""Seconds between two recordings of a resource."""

_NEAR, _TREND, _FAR = 3600, 7200, 10800
_EXPLAINED = "0.8"


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
    return f"{slope} * (count_over_time({series}{over}) ^ 2 - 1) / 12 / stdvar_over_time({series}{over})"


def lasted(series: str, seconds: int) -> str:
    """The series recorded at every look of that time, as `for` of an alert would want it."""
    looks = seconds // EVERY
    return f"count_over_time({series}{aligned(seconds + EVERY)}) > {Decimal(looks) + Decimal('0.5'):f}"


def exhaustion(series: str) -> str:
    """Seconds until the value is 1, by the line through two hours, where it rises and is explained by it."""
    rises = f"deriv({series}{aligned(_TREND)}) > 0"
    return f"(1 - {series}) / ({rises})\nand\n{fit(series, _TREND)} > {_EXPLAINED}"


def band(series: str) -> Iterator[tuple[str, str]]:
    """The lower and the higher of where the lines through one and through three hours lead in two hours."""
    near, far = ahead(series, _NEAR, _TREND), ahead(series, _FAR, _TREND)
    yield "low", f"{near} < {far}\nor\n{far}"
    yield "high", f"{near} > {far}\nor\n{far}"
