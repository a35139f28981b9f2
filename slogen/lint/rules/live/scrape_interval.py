"""Scrape interval: targets are scraped as often as the spec says.

Readings are made for the declared interval. Where the real one is longer, some series cannot be read at all and budgets
miss what happened; where it is far shorter, scrapes are paid for that nobody uses.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.live import read, series_of
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject
from slogen.promql.durations import format_duration

SEVERITY = Severity.WARNING
NEEDS = "prometheus"
SERVED = {
    'http_requests_total{job="payments", code="200"}': "5000+10x60",
    'http_requests_total{job="payments", code="500"}': "5x60",
}
EVERY = 60
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="payments", code=~"5.."}
        total: http_requests_total{job="payments"}
"""
GOOD = BAD.replace("spec:\n", "spec:\n  scrapeInterval: 1m\n")


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Sources of which the usual series has another number of samples in ten minutes than the spec says."""
    declared = slo.slo.cadence.scrape
    for steps, selector in read(slo):
        series = series_of(slo, selector)
        if steps[1] in ("good", "bad") or not series.metric:
            continue
        samples = context.prometheus.number(f"quantile(0.5, count_over_time({series}[10m]))")
        real = 600 / samples if samples > 1 else 0
        if real > 1.3 * declared:
            message = f"the source is scraped about every {real:.0f} s, and the spec says {format_duration(declared)}"
            yield slo.problem(message, f"write scrapeInterval: {_nearest(real)}, or scrape as often as it says", *steps)
            return


def _nearest(seconds: float) -> str:
    return format_duration(min((15, 20, 30, 60, 120), key=lambda one: abs(one - seconds)))
