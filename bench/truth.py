"""The budget that was truly used, what the rules record, and what an average of ratios says instead.

Run: python bench/truth.py

Three incidents of 4 h with 5% errors in 30 days, at the lowest or the highest of a daily wave of traffic (1:100), with
an objective of 99.9%. The average is `avg_over_time(ratio_5m[30d])`, which weighs every minute alike, however few the
requests in it. Computed with the harness's model of Prometheus' `rate`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from harness import rate_model
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.synthetic import incident_counters
from seeds import DAYS, KINDS, PERIOD, VERSION, ledger

from slogen.promql.durations import DAY
from slogen.resolve import cadence

SCRAPE = 30
BUDGET = 0.001
PHASE = 17.0


def average_of_ratios(failed: list[SeriesData], everything: list[SeriesData], end: float) -> float:
    """Mean over the period of the error ratio of five minutes, recorded each minute."""
    at = end - PERIOD + 60.0 * np.arange(1, PERIOD // 60 + 1)

    def rates(series: list[SeriesData]) -> Floats:
        out: Floats = sum((rate_model.rate(one.times, one.values, at, 300, VERSION) for one in series), np.zeros(1))
        return out

    bad, total = rates(failed), rates(everything)
    return float(np.mean(bad[total > 0] / total[total > 0]))


def main() -> None:
    """Prints the table."""
    beat = cadence(SCRAPE)
    print("budget used in 30 days | true    recorded  average of ratios")
    for kind in KINDS:
        month = incident_counters(kind, days=DAYS, interval=SCRAPE)
        failed = [one for one in month.series if one.labels["code"] == "500"]
        end = month.start + DAYS * DAY - beat.ledger + PHASE
        at = end - PERIOD + beat.ledger * np.arange(1, PERIOD // beat.ledger + 1)
        bad, total = month.truth(end - PERIOD, end)
        recorded = ledger(failed, at, beat).sum() / ledger(month.series, at, beat).sum()
        average = average_of_ratios(failed, month.series, end)
        figures = [value / BUDGET for value in (bad / total, recorded, average)]
        print(f"incidents by {kind:9} | {figures[0]:7.2%} {figures[1]:7.2%} {figures[2]:12.2%}")


if __name__ == "__main__":
    main()
