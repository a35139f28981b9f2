"""Counters as a scrape sees them, from known events per second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .arrays import Floats, Ints
from .backfill import SeriesData

DAY = 86_400
MIDNIGHT = 1_735_689_600.0  # 2025-01-01T00:00:00Z, a Wednesday
LOW_HOUR, PEAK_HOUR = 3, 15
INCIDENT_HOURS = 4
METRIC = "http_requests_total"


@dataclass(frozen=True)
class Incidents:
    """Scraped series and the truth: `total` and `bad` count the events of each second from `start`."""

    series: list[SeriesData]
    start: float
    total: Ints
    bad: Ints
    spans: list[tuple[float, float]]  # unix seconds, end excluded

    def truth(self, begin: float, end: float) -> tuple[int, int]:
        """Bad and total events within [begin, end), in unix seconds, rounded down to whole seconds."""
        part = slice(max(0, int(begin - self.start)), max(0, int(end - self.start)))
        return int(self.bad[part].sum()), int(self.total[part].sum())


def diurnal(seconds: Floats, peak: float, ratio: float = 100.0) -> Floats:
    """Events per second, a sine between peak / ratio at 03:00 and peak at 15:00; `seconds` since midnight."""
    wave = (1 - np.cos((seconds - LOW_HOUR * 3600) * (2 * np.pi / DAY))) / 2
    rate: Floats = peak / ratio + (peak - peak / ratio) * wave
    return rate


def events(rate: Floats, seed: int | None) -> Ints:
    """Whole events in each second at `rate` per second: Poisson with a seed, else evenly spread."""
    if seed is not None:
        return np.random.default_rng(seed).poisson(rate).astype(np.int64)
    spread: Ints = np.diff(np.floor(np.cumsum(rate) + 1e-9), prepend=0.0).astype(np.int64)
    return spread


def scrape_times(
    start: float,
    length: float,
    interval: float,
    *,
    offset: float = 7.3,
    jitter: float = 0.02,
    lost: float = 0.0,
    seed: int = 0,
) -> Floats:
    """Scrapes every `interval` s from start + offset: jitter of up to +-`jitter` s in ms, a share `lost` missing."""
    rng = np.random.default_rng([seed, 1])
    times = start + offset + np.arange(0.0, length - offset, interval)
    times += np.rint(rng.uniform(-jitter, jitter, len(times)) * 1000) / 1000
    return np.round(times[rng.random(len(times)) >= lost], 3)


def counter(
    happened: Ints, start: float, times: Floats, resets: Floats | None = None, first_value: float = 0.0
) -> Floats:
    """The counter at `times`: `first_value` plus the events of the whole seconds since `start` or the last reset.

    What happens between the last scrape before a reset and the reset is never seen, as in life.
    """
    sums = np.concatenate([[0], np.cumsum(happened)])
    second = np.clip(np.floor(times - start).astype(np.int64), 0, len(happened))
    seen: Floats = sums[second] + first_value
    if resets is None or not len(resets):
        return seen
    at_reset = np.concatenate([[0.0], sums[np.clip((resets - start).astype(np.int64), 0, len(happened))] + first_value])
    epoch = np.searchsorted(resets, times, side="right")
    value: Floats = seen - at_reset[epoch]
    return value


def reset_times(start: float, length: float, count: int, seed: int) -> Floats:
    """`count` sorted instants, uniform in the history, whole seconds."""
    return start + np.sort(np.floor(np.random.default_rng([seed, 2]).uniform(0, length, count)))


def incident_spans(kind: Literal["night", "day"], start: float, days: int, count: int = 3) -> list[tuple[float, float]]:
    """`count` incidents of 4 h centred on the lowest (night) or highest (day) traffic, spread over the days."""
    middle = (LOW_HOUR if kind == "night" else PEAK_HOUR) * 3600
    on = [int((i + 0.5) * days / count) for i in range(count)]
    half = INCIDENT_HOURS * 1800
    return [(start + day * DAY + middle - half, start + day * DAY + middle + half) for day in on]


def incident_counters(
    kind: Literal["night", "day"] = "night",
    *,
    days: int = 31,
    interval: float = 30.0,
    pods: int = 2,
    peak: float = 50.0,
    error_ratio: float = 0.05,
    resets: int = 5,
    lost: float = 0.0,
    born_with_errors: bool = False,
    labels: Mapping[str, str] | None = None,
    start: float = MIDNIGHT,
    seed: int = 1,
) -> Incidents:
    """`http_requests_total{code, pod}`: traffic of 100:1 (`peak` per second over all pods), three incidents.

    Requests are split into code="200" and "500"; outside incidents nothing fails. Each pod has its own
    scrape offset, `resets` and share of `lost` scrapes. With `born_with_errors` a 500 counter has no
    samples until its first error, else it starts at 0. `start` is a midnight (UTC), unix seconds.
    """
    length = days * DAY
    second = np.arange(length, dtype=np.float64)
    spans = incident_spans(kind, start, days)
    failing = np.zeros(length)
    for begin, end in spans:
        failing[int(begin - start) : int(end - start)] = error_ratio
    rate = diurnal(second, peak) / pods
    series: list[SeriesData] = []
    all_good, all_bad = np.zeros(length, np.int64), np.zeros(length, np.int64)
    for pod in range(pods):
        good = events(rate * (1 - failing), seed * 1000 + 2 * pod)
        bad = events(rate * failing, seed * 1000 + 2 * pod + 1)
        all_good += good
        all_bad += bad
        own = seed * 1000 + pod
        times = scrape_times(start, length, interval, offset=2.3 + (11.4 * pod) % (interval - 3), lost=lost, seed=own)
        restarts = reset_times(start, length, resets, own)
        for code, happened in (("200", good), ("500", bad)):
            values = counter(happened, start, times, restarts)
            seen = np.maximum.accumulate(values) > 0 if born_with_errors and code == "500" else slice(None)
            full = {"job": "shop", **(labels or {}), "code": code, "pod": f"shop-{pod}"}
            series.append(SeriesData(METRIC, full, times[seen], values[seen]))
    return Incidents(series, start, all_good + all_bad, all_bad, spans)
