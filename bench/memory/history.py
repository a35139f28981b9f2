"""Prometheus' range functions in numpy, for many pods at once, on a series that is recorded once a minute.

Row = pod, column = minute. A container's start begins a new series, so no window reaches into the time before it, and
a window of n minutes holds the last n samples of the container that runs (`[4m59s]` of a recorded series holds 5).
Everything is a difference of running sums, cached for each window: a policy costs the windows it names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

STEP = 60
"""Seconds between recorded samples, and between evaluations."""


@dataclass(frozen=True)
class Trend:
    """A least-squares line through a window: per minute, its value now, and the share of the variance it explains."""

    slope: Floats
    now: Floats
    fit: Floats


@dataclass(frozen=True)
class History:
    """Usage / limit of pods: `ratio` is NaN where no container runs; `age` counts a container's samples from 0.

    `uptime` is in seconds; where no container runs, `age` is -1 and `uptime` is NaN.
    """

    ratio: Floats
    age: Ints
    uptime: Floats
    _trends: dict[int, Trend] = field(default_factory=dict)
    _lowest: dict[int, Floats] = field(default_factory=dict)

    @cached_property
    def _sums(self) -> tuple[Floats, Floats, Floats]:
        """Running sums of y, x * y and y * y before each column."""
        y = np.nan_to_num(self.ratio)
        x = np.arange(y.shape[1], dtype=np.float64)
        first, second, third = (_running(values) for values in (y, x * y, y * y))
        return first, second, third

    def count(self, window: int) -> Ints:
        """`count_over_time`, 0 where there is no series."""
        out: Ints = np.minimum(self.age + 1, window // STEP)
        return out

    def trend(self, window: int) -> Trend:
        """What `deriv`, `predict_linear` and `stdvar_over_time` say of a window in seconds."""
        if window not in self._trends:
            self._trends[window] = self._regress(window)
        return self._trends[window]

    def _regress(self, window: int) -> Trend:
        count = self.count(window)
        end = np.arange(1, self.ratio.shape[1] + 1)[None, :]
        begin = end - count
        sum_y, sum_xy, sum_yy = (
            np.take_along_axis(sums, np.broadcast_to(end, count.shape), 1) - np.take_along_axis(sums, begin, 1)
            for sums in self._sums
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            n = np.where(count >= 2, count, np.nan)
            mean = sum_y / n
            spread = (n * n - 1) / 12
            slope = (sum_xy / n - (end - 1 - (n - 1) / 2) * mean) / spread
            variance = sum_yy / n - mean * mean
            fit = np.where(variance > 1e-11, slope * slope * spread / variance, np.nan)
        return Trend(slope, mean + slope * (n - 1) / 2, fit)

    def lowest(self, window: int) -> Floats:
        """`min_over_time` over a window in seconds."""
        if window not in self._lowest:
            self._lowest[window] = self._minimum(window // STEP)
        return self._lowest[window]

    def highest(self, window: int) -> Floats:
        """`max_over_time` over a window in seconds."""
        if -window not in self._lowest:
            self._lowest[-window] = -History(-self.ratio, self.age, self.uptime).lowest(window)
        return self._lowest[-window]

    def _minimum(self, samples: int) -> Floats:
        """By doubling: the minimum of 2k samples is that of k now and of k before, where the container ran then."""
        out, length = self.ratio, 1
        while length < samples:
            more = min(length, samples - length)
            before = self.back(out, more)
            out = np.fmin(out, before)
            length += more
        return out

    def back(self, values: Floats, samples: int) -> Floats:
        """`offset`: the values of the same container that many samples ago, NaN before its start."""
        out = np.full_like(values, np.nan)
        out[:, samples:] = values[:, : max(0, values.shape[1] - samples)]
        out[self.age < samples] = np.nan
        return out


def _running(values: Floats) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def firing(active: Bools, age: Ints, hold: int, keep: int) -> Bools:
    """Where an alert fires that is in the result where `active`: `for` and `keep_firing_for` in seconds.

    The alert of a container's series stays firing for `keep` after the container is gone.
    """
    active = active & (age >= 0)
    column = np.broadcast_to(np.arange(active.shape[1]), active.shape)
    before = np.concatenate([np.zeros((len(active), 1), bool), active[:, :-1]], axis=1)
    since = _latest(active & (~before | (age == 0)), column)
    ripe = active & ((column - since) * STEP >= hold)
    last = _latest(active, column)
    earlier = np.concatenate([np.full((len(active), 1), -1), last[:, :-1]], axis=1)
    apart = active & ((earlier < column - age) | ((column - earlier - 1) * STEP > keep))
    episode = _latest(apart, column)
    fires: Bools = (episode >= 0) & (_latest(ripe, column) >= episode) & ((column - last) * STEP <= keep)
    return fires


def _latest(flags: Bools, column: Ints) -> Ints:
    """The last column up to here at which the flag was set, -1 before the first."""
    out: Ints = np.maximum.accumulate(np.where(flags, column, -1), axis=1)
    return out
