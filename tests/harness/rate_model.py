"""Prometheus' `rate` and `increase` in numpy: one float counter, many evaluation times.

Two things changed with 3.0 and follow `version` here. Windows: [t - range, t] on 2.x, (t - range, t] on 3.x.
The zero limit (a counter is not extrapolated below zero): before the 1.1 threshold on 2.x, after it on 3.x.
Later 2.x releases than Debian's 2.42 are taken to be like 2.42.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, Ints

THRESHOLD = 1.1


def increase(times: Floats, values: Floats, at: Floats, window: float, version: tuple[int, int]) -> Floats:
    """`increase(x[window])` at each instant of `at`; NaN where Prometheus returns nothing.

    Times are unix seconds, rounded to the ms, `times` ascending; `window` is in seconds.
    """
    left_open = version[0] >= 3
    stamps, ends = _ms(times), _ms(at)
    starts = ends - round(window * 1000)
    low = np.searchsorted(stamps, starts, side="right" if left_open else "left")
    high = np.searchsorted(stamps, ends, side="right") - 1
    out = np.full(len(ends), np.nan)
    keep = high > low
    low, high = low[keep], high[keep]
    first, last = stamps[low], stamps[high]
    risen = _risen(values, low, high)
    sampled = (last - first) / 1000
    average = sampled / (high - low)
    gap = (first - starts[keep]) / 1000
    to_end = (ends[keep] - last) / 1000
    to_start = _extrapolated_start(gap, average, _to_zero(values[low], risen, sampled), left_open)
    to_end = np.where(to_end < average * THRESHOLD, to_end, average / 2)
    out[keep] = risen * ((sampled + to_start + to_end) / sampled)
    return out


def rate(times: Floats, values: Floats, at: Floats, window: float, version: tuple[int, int]) -> Floats:
    """`rate(x[window])` per second; see `increase`."""
    return increase(times, values, at, window, version) / window


def _ms(times: Floats) -> Ints:
    return np.rint(np.asarray(times) * 1000).astype(np.int64)


def _risen(values: Floats, low: Ints, high: Ints) -> Floats:
    """Last minus first value, plus what stood before each reset strictly inside the samples."""
    lost = np.zeros(len(values))
    lost[1:] = np.where(values[1:] < values[:-1], values[:-1], 0.0)
    before = np.cumsum(lost)
    risen: Floats = values[high] - values[low] + (before[high] - before[low])
    return risen


def _to_zero(first: Floats, risen: Floats, sampled: Floats) -> Floats:
    """Seconds before the first sample at which the counter would have been zero; infinite if it did not rise."""
    out = np.full(len(first), np.inf)
    limited = (risen > 0) & (first >= 0)
    out[limited] = sampled[limited] * (first[limited] / risen[limited])
    return out


def _extrapolated_start(gap: Floats, average: Floats, to_zero: Floats, left_open: bool) -> Floats:
    """Seconds to extrapolate to the left of the first sample."""
    threshold = average * THRESHOLD
    if left_open:
        return np.minimum(np.where(gap >= threshold, average / 2, gap), to_zero)
    gap = np.minimum(gap, to_zero)
    return np.where(gap < threshold, gap, average / 2)
