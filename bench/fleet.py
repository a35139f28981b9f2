"""What the dashboard of all services costs: every query of every panel, timed on a real server with 1,000 SLOs.

Run: python bench/fleet.py [--slos 1000] [--markdown]

The recorded series of the SLOs are made up and backfilled: 24 hours of what the lines over time read, 70 minutes of the
rest. Filters are set to All. A line over time is asked at 97 points, 24 hours at a quarter of an hour. Told is the best
of five, by the client's clock, and the samples that the server read for one instant.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "boards"))

from fleet_series import Member, memory, series
from harness.backfill import SeriesData, load
from harness.server import Prometheus

from slogen import naming
from slogen.boards.fleet import fleet_board
from slogen.boards.model import Query
from slogen.model import Setting

END = 1_750_000_080.0
DAY, STEP = 86_400, 900
RECENT = 4200
REPEATS = 5
OVER_TIME = {
    naming.INFO,
    naming.BUDGET_USED,
    naming.TOTAL_BASE,
    naming.SOURCE_COVERAGE,
    "ALERTS",
}
FILTERS: Mapping[str, str] = {"${search:regex}": "", "$service": ".*", "$owner": ".*", "$tier": ".*"}


@dataclass(frozen=True)
class Asked:
    """A query: how many series it gave, its best time in milliseconds, and the samples it read at one instant."""

    panel: str
    letter: str
    rows: int
    milliseconds: float
    samples: int


def members(count: int) -> Iterator[Member]:
    """SLOs of which some burn, some are spent, and a few have no data; two to a service."""
    rng = np.random.default_rng(1)
    for number in range(count):
        labels = {"owner": f"team-{number % 40}"} | ({"tier": "high"} if number % 3 else {})
        yield Member(
            f"service-{number // 2:04d}",
            ("availability", "latency")[number % 2],
            bad=float(rng.choice([0, 0.02, 0.05, 1])),
            used=float(rng.uniform(0, 1.05)),
            source=1.0 if number % 50 else 0.9,
            labels=labels,
            silent=number % 100 == 99,
            firing=(("SLOErrorBudgetBurn", "page"),) if number % 40 == 0 else (),
        )


def history(count: int) -> Iterator[SeriesData]:
    """What is loaded."""
    for one in series(members(count), END, DAY):
        recent = one.times > END - RECENT
        yield one if one.name in OVER_TIME else replace(one, times=one.times[recent], values=one.values[recent])
    for number in range(count // 10):
        yield memory(f"service-{number:04d}", f"pod-{number}", 3600.0 * (number + 1), END)


def measured(server: Prometheus) -> Iterator[Asked]:
    """Every query of every panel."""
    for row in fleet_board(Setting()).rows:
        for panel in row.panels:
            for number, query in enumerate(panel.queries):
                yield _measured(server, panel.title, chr(ord("A") + number), query)


def _measured(server: Prometheus, title: str, letter: str, query: Query) -> Asked:
    expr = query.expr
    for name, value in FILTERS.items():
        expr = expr.replace(name, value)
    best, rows = float("inf"), 0
    for _ in range(REPEATS):
        begin = time.perf_counter()
        if query.instant:
            rows = len(server.query(expr, END + 7))
        else:
            rows = len(server.query_range(expr, END - DAY, END, STEP))
        best = min(best, time.perf_counter() - begin)
    return Asked(title, letter, rows, best * 1000, server.stats(expr, END + 7)[0])


def main() -> None:
    """Print a row for each query, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slos", type=int, default=1000)
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    with Prometheus() as server:
        load(server, list(history(given.slos)))
        found = list(measured(server))
    total = Asked("all", "", 0, sum(one.milliseconds for one in found), sum(one.samples for one in found))
    if given.markdown:
        print("| panel | query | rows | ms | samples at an instant |\n|---|---|---|---|---|")
    line = "| {} | {} | {} | {:.0f} | {:,} |" if given.markdown else "{:32} {:2} {:6} {:8.1f} ms {:10,} samples"
    for one in (*found, total):
        print(line.format(one.panel, one.letter, one.rows, one.milliseconds, one.samples))


if __name__ == "__main__":
    main()
