"""How far the recorded budget use is from the truth when scrapes are lost, over many seeds; exits 1 beyond the bounds.

Run: python bench/seeds.py [--seeds 50] [--reading rate]

31 days of two pods with resets, 2% of scrapes lost, three incidents of 4 h at night or at peak time, rules evaluated at
any phase. The ledger is computed with the harness's model of Prometheus' `rate`, which tests compare with a real server
(tests/prometheus/test_budget.py); the cadence is the compiler's. Figures are relative errors of bad / total over the
last 30 days. `--reading rate` computes the ledger as `rate(x[E + s]) * E` instead of the exact reading that is compiled
(`increases` in slogen/promql/build.py), to show what that is for.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Literal, get_args

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from harness import rate_model, synthetic
from harness.arrays import Floats, Ints
from harness.backfill import SeriesData

from slogen.model import Cadence
from slogen.promql.durations import DAY
from slogen.resolve import cadence

Kind = Literal["night", "day"]
KINDS: tuple[Kind, ...] = ("night", "day")
Reading = Literal["exact", "rate"]
COMPILED: Reading = "exact"
SCRAPES = (15, 30, 60)
PERIOD = 30 * DAY
DAYS = 31
LOST = 0.02
MEAN_BOUND = 0.001
P95_BOUNDS = {15: 0.005, 30: 0.005, 60: 0.01}
VERSION = (3, 15)


@dataclass(frozen=True)
class Errors:
    """Relative errors of one seed: against the raw counters, against the truth, and how many events are missed."""

    against_raw: float
    against_truth: float
    missed: float


def seed_errors(kind: Kind, scrape: int, seed: int, reading: Reading = COMPILED, lost: float = LOST) -> Errors:
    """The errors of the ledger for one synthetic month, evaluated at a phase that the seed chooses."""
    beat = cadence(scrape)
    month = synthetic.incident_counters(kind, days=DAYS, interval=scrape, lost=lost, seed=seed)
    phase = float(np.random.default_rng([seed, 3]).uniform(0, beat.ledger))
    end = np.floor((month.start + DAYS * DAY - phase) / beat.ledger) * beat.ledger + phase
    at = end - PERIOD + beat.ledger * np.arange(1, PERIOD // beat.ledger + 1)
    failed = [one for one in month.series if one.labels["code"] == "500"]
    bad, total = (ledger(series, at, beat, reading).sum() for series in (failed, month.series))
    raw_bad, raw_total = raw(failed, end), raw(month.series, end)
    true_bad, true_total = month.truth(end - PERIOD, end)
    ratio = bad / total
    return Errors(ratio * raw_total / raw_bad - 1, ratio * true_total / true_bad - 1, 1 - total / raw_total)


def ledger(
    series: Iterable[SeriesData],
    at: Floats,
    beat: Cadence,
    reading: Reading = COMPILED,
    version: tuple[int, int] = VERSION,
) -> Floats:
    """What the ledger records at each instant: the sum of the deltas of all series that can be read."""
    out = np.zeros(len(at))
    for one in series:
        window = beat.ledger + beat.scrape
        by_rate = rate_model.increase(one.times, one.values, at, window, version) * (beat.ledger / window)
        if reading == "exact":
            risen = _last(one, at, beat.ledger) - _last(one, at - beat.ledger, beat.ledger)
            by_rate = np.where(_has_reset(one, at, 2 * beat.ledger) | ~(risen >= 0), by_rate, risen)
        out += np.nan_to_num(by_rate)
    return out


def _last(one: SeriesData, at: Floats, lookback: float) -> Floats:
    index = _index(one, at)
    found = (index >= 0) & (at - one.times[np.maximum(index, 0)] < lookback)
    return np.where(found, one.values[np.maximum(index, 0)], np.nan)


def _has_reset(one: SeriesData, at: Floats, window: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    resets = np.concatenate([[0], np.cumsum(np.diff(one.values) < 0)])
    first = np.minimum(_index(one, at - window) + 1, len(resets) - 1)
    out: np.ndarray[tuple[int], np.dtype[np.bool_]] = resets[np.maximum(_index(one, at), 0)] > resets[first]
    return out


def _index(one: SeriesData, at: Floats) -> Ints:
    return np.searchsorted(one.times, at, side="right").astype(np.int64) - 1


def raw(series: Iterable[SeriesData], end: float) -> float:
    """`sum(increase(x[30d]))`."""
    at = np.array([end])
    return float(sum(rate_model.increase(one.times, one.values, at, PERIOD, VERSION)[0] for one in series))


def holds(scrape: int, errors: Floats) -> bool:
    """Whether relative errors keep the bounds for a scrape interval."""
    return bool(abs(errors.mean()) <= MEAN_BOUND and p95(errors) <= P95_BOUNDS[scrape])


def p95(errors: Floats) -> float:
    """95th percentile of the size of the errors."""
    return float(np.percentile(np.abs(errors), 95))


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--reading", choices=get_args(Reading), default=COMPILED)
    options = parser.parse_args()
    seeds = range(1, options.seeds + 1)
    print(
        f"{len(seeds)} seeds, {LOST:.0%} of scrapes lost, read by {options.reading}; relative errors of the budget use"
    )
    print("scrape ledger kind  | against raw: mean     sd    p95 | against truth: mean    p95 | events missed | holds")
    good = True
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for scrape in SCRAPES:
            for kind in KINDS:
                found = list(pool.map(seed_errors, repeat(kind), repeat(scrape), seeds, repeat(options.reading)))
                by_raw = np.array([one.against_raw for one in found])
                by_truth = np.array([one.against_truth for one in found])
                fine = holds(scrape, by_raw) and holds(scrape, by_truth)
                good = good and fine
                print(
                    f"{scrape:5}s {cadence(scrape).ledger:5}s {kind:5} | {by_raw.mean():+17.3%} {by_raw.std():6.3%} "
                    f"{p95(by_raw):6.3%} | {by_truth.mean():+19.3%} {p95(by_truth):6.3%} | "
                    f"{np.mean([one.missed for one in found]):13.3%} | {'yes' if fine else 'NO'}",
                    flush=True,
                )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
