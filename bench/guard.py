"""What 1, 2 and 3 real errors read as in the recorded count, which is what the guard of an alert compares.

Run: python bench/guard.py [--blocks 20000]

A count is a sum of readings `E * rate(x[E + scrape])`, and a reading is whole only where the scrapes are regular and
the counter was not zero before: Prometheus extrapolates to the edges of the range, but never below a counter's zero.
A guard of k events is written `> k - tolerance`: it must let k real errors pass, above all where they are a counter's
first, and should keep k - 1 out. Prints the distributions, then what each tolerance does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from harness import rate_model
from harness.arrays import Floats, Ints

from slogen.resolve import cadence

BLOCK = 3600
"""Seconds; each block of a long counter is one experiment with its own phase, errors in its middle third."""

VERSIONS = ((2, 42), (3, 15))
TOLERANCES = (0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Scrapes:
    """How a target is scraped: jitter in seconds to either side, share of scrapes that are lost."""

    name: str
    jitter: float = 0.0
    lost: float = 0.0


@dataclass(frozen=True)
class Errors:
    """Errors within `spread` seconds on one counter that stands at `before`, a counter's first when that is 0."""

    name: str
    before: int
    spread: float


SCRAPES = (
    Scrapes("regular"),
    Scrapes("jitter 20 ms", 0.02),
    Scrapes("jitter 1 s", 1.0),
    Scrapes("2% lost", 0.02, 0.02),
)
ERRORS = (
    Errors("known counter", 1000, 600.0),
    Errors("first, in one scrape", 0, 0.0),
    Errors("first, within 2 min", 0, 120.0),
    Errors("first, within 10 min", 0, 600.0),
)


def readings(
    scrape: int, scrapes: Scrapes, errors: Errors, count: int, version: tuple[int, int], blocks: int
) -> Floats:
    """What `count` errors read as, once per block: the sum of the base readings of that block."""
    rng = np.random.default_rng([scrape, count, len(scrapes.name), len(errors.name)])
    base = cadence(scrape).base
    each: Floats = np.arange(0, BLOCK, scrape, dtype=np.float64)
    times: Floats = each[None, :] + np.round(rng.uniform(0, scrape, (blocks, 1)), 3)
    times += rng.uniform(-scrapes.jitter, scrapes.jitter, times.shape)
    times = np.round(np.clip(times, 0.0, BLOCK - 0.001), 3)
    start = rng.uniform(BLOCK / 3, BLOCK / 2, (blocks, 1))
    happened = start + np.sort(rng.uniform(0, max(errors.spread, 1e-9), (blocks, count)))
    seen: Ints = (times[:, :, None] >= happened[:, None, :]).sum(axis=2)
    # A known counter goes on from block to block, a first one starts anew: below zero nothing is extrapolated.
    values = seen + (errors.before + count * np.arange(blocks)[:, None] if errors.before else 0)
    whole = (times + BLOCK * np.arange(blocks)[:, None]).ravel()
    order = np.argsort(whole, kind="stable")
    kept = order[rng.random(len(order)) >= scrapes.lost]
    kept = kept[np.concatenate([[True], np.diff(whole[kept]) > 0.0005])]
    at = np.arange(base, BLOCK + 1, base, dtype=float)[None, :] + BLOCK * np.arange(blocks)[:, None]
    found = rate_model.rate(whole[kept], values.ravel()[kept].astype(float), at.ravel(), base + scrape, version)
    read: Floats = np.nansum(np.nan_to_num(found).reshape(at.shape) * base, axis=1)
    return read


def two_pods(one: Floats) -> Floats:
    """Two errors that are the first of two pods: two independent readings of one."""
    pods: Floats = one + np.roll(one, 1)
    return pods


def _lines(scrape: int, version: tuple[int, int], blocks: int) -> Iterator[tuple[str, dict[int, Floats]]]:
    for scrapes in SCRAPES:
        for errors in ERRORS:
            found = {count: readings(scrape, scrapes, errors, count, version, blocks) for count in (1, 2, 3)}
            yield f"{scrapes.name:13} {errors.name:21}", found
            if errors.before == 0 and errors.spread == 0:
                yield f"{scrapes.name:13} {'first, on two pods':21}", {1: found[1], 2: two_pods(found[1])}


def _row(name: str, found: dict[int, Floats]) -> str:
    quantiles = [f"{np.percentile(read, at):7.2f}" for read in found.values() for at in (0, 1, 99, 100)]
    missed = [f"{(found[2] <= 2 - tolerance).mean() * 100:7.2f}" for tolerance in TOLERANCES]
    passed = [f"{(found[1] > 2 - tolerance).mean() * 100:7.2f}" for tolerance in TOLERANCES]
    return name + "".join((*quantiles, *([" " * 28] if 3 not in found else []), "  |", *missed, "  |", *passed))


def main() -> None:
    """Prints a table for each version and scrape interval."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--blocks", type=int, default=20_000, help="experiments for each line (default: 20000)")
    blocks = parser.parse_args().blocks
    tolerances = "".join(f"{tolerance:7}" for tolerance in TOLERANCES)
    for version in VERSIONS:
        for scrape in (15, 30, 60):
            title = f"Prometheus {version[0]}.{version[1]}, each {scrape} s"
            heads = "".join(f"{f'{count} real errors read as':>28}" for count in (1, 2, 3))
            print(f"\n{title:35}{heads}  |{'% of two missed':>28}  |{'% of one passing':>28}")
            print(" " * 35 + "    min     1%    99%    max" * 3 + f"  |{tolerances}  |{tolerances}")
            for name, found in _lines(scrape, version, blocks):
                print(_row(name, found))


if __name__ == "__main__":
    main()
