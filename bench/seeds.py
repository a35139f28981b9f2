"""How far the recorded budget use is from the truth when scrapes are lost, over many seeds; exits 1 beyond the bounds.

Run: python bench/seeds.py [--seeds 50]

31 days of two pods with resets, 2% of scrapes lost, three incidents of 4 h at night or at peak time. The ledger is
computed with the harness's model of Prometheus' `rate`, which its tests compare with the real server; the cadence is
the compiler's. Figures are relative errors of bad / total over the last 30 days.
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
from typing import Literal

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from harness import rate_model, synthetic
from harness.arrays import Floats
from harness.backfill import SeriesData

from slogen.model import DAY, Cadence
from slogen.resolve import cadence

Kind = Literal["night", "day"]
KINDS: tuple[Kind, ...] = ("night", "day")
SCRAPES = (15, 30, 60)
PERIOD = 30 * DAY
DAYS = 31
LOST = 0.02
PHASE = 17.0
MEAN_BOUND = 0.001
P95_BOUNDS = {15: 0.005, 30: 0.005, 60: 0.01}
VERSION = (3, 15)


@dataclass(frozen=True)
class Errors:
    """Relative errors of one seed: against the raw counters, against the truth, and what losses alone cost."""

    against_raw: float
    against_truth: float
    events_lost: float


def seed_errors(kind: Kind, scrape: int, seed: int, lost: float = LOST, beat: Cadence | None = None) -> Errors:
    """The errors of the ledger for one synthetic month."""
    beat = beat or cadence(scrape)
    month = synthetic.incident_counters(kind, days=DAYS, interval=scrape, lost=lost, seed=seed)
    return errors_of(month, beat)


def errors_of(month: synthetic.Incidents, beat: Cadence) -> Errors:
    """The errors of the ledger of a month at a cadence."""
    end = np.floor((month.start + DAYS * DAY - PHASE) / beat.ledger) * beat.ledger + PHASE
    at = end - PERIOD + beat.ledger * np.arange(1, PERIOD // beat.ledger + 1)
    failed = [one for one in month.series if one.labels["code"] == "500"]
    bad, total = ledger(failed, at, beat).sum(), ledger(month.series, at, beat).sum()
    raw_bad, raw_total = raw(failed, end), raw(month.series, end)
    true_bad, true_total = month.truth(end - PERIOD, end)
    ratio = bad / total
    return Errors(ratio * raw_total / raw_bad - 1, ratio * true_total / true_bad - 1, total / raw_total - 1)


def ledger(series: Iterable[SeriesData], at: Floats, beat: Cadence) -> Floats:
    """What the ledger records at each instant: the sum of the deltas of all series that can be read."""
    out = np.zeros(len(at))
    for one in series:
        window = beat.ledger + beat.scrape
        out += np.nan_to_num(rate_model.rate(one.times, one.values, at, window, VERSION) * beat.ledger)
    return out


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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=50)
    seeds = range(1, parser.parse_args().seeds + 1)
    print(f"{len(seeds)} seeds, {LOST:.0%} of scrapes lost; relative errors of the budget use in %")
    print("scrape ledger kind   | against raw: mean  sd    p95   | against truth: mean  p95   | events missed | holds")
    good = True
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for scrape in SCRAPES:
            for kind in KINDS:
                found = list(pool.map(seed_errors, repeat(kind), repeat(scrape), seeds))
                by_raw = np.array([one.against_raw for one in found])
                by_truth = np.array([one.against_truth for one in found])
                missed = np.mean([one.events_lost for one in found])
                fine = holds(scrape, by_raw) and holds(scrape, by_truth)
                good = good and fine
                print(
                    f"{scrape:5}s {cadence(scrape).ledger:5}s {kind:6} | {by_raw.mean():+17.3%} {by_raw.std():6.3%} "
                    f"{p95(by_raw):6.3%} | {by_truth.mean():+19.3%} {p95(by_truth):6.3%} | {missed:+13.3%} | "
                    f"{'yes' if fine else 'NO'}",
                    flush=True,
                )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
