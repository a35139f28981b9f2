"""Buckets: a latency threshold is a bucket of its histogram.

Only buckets can be counted. Where there is none at the threshold nothing is recorded, and SLOBucketMissing says so once
the rules are loaded. This says so before.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from slogen.findings import Severity
from slogen.lint.live import read
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject
from slogen.live import Labels

SEVERITY = Severity.ERROR
NEEDS = "prometheus"
SERVED = {
    'http_request_duration_seconds_bucket{job="payments", le="0.1"}': "900x60",
    'http_request_duration_seconds_bucket{job="payments", le="0.25"}': "950x60",
    'http_request_duration_seconds_bucket{job="payments", le="+Inf"}': "1000x60",
    'http_request_duration_seconds_count{job="payments"}': "1000x60",
}
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {type: latency, histogram: 'http_request_duration_seconds{job="payments"}', threshold: 200ms}
"""
GOOD = BAD.replace("200ms", "250ms")


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Thresholds that no bucket of the histogram has."""
    variants: tuple[Any, ...] = slo.slo.variants
    if variants[0].type != "latency" or variants[0].native:
        return
    histogram = next(selector for steps, selector in read(slo) if steps[1] == "histogram")
    buckets = histogram.renamed(f"{histogram.metric}_bucket")
    for number, variant in enumerate(variants):
        if context.prometheus.number(f"count({buckets.matching(variant.bucket)})"):
            continue
        there = sorted(_bounds(context.prometheus.query(f"count by (le) ({buckets})")))
        if there:
            known = ", ".join(f"{bound:g}" for bound in there[:20])
            message = f"{histogram.metric} has no bucket that ends at this threshold"
            several = isinstance(slo.data, dict) and "objectives" in slo.data
            steps = ("objectives", number, "threshold") if several else ("sli", "threshold")
            yield slo.problem(message, f"its buckets are {known}: choose one, or add one to the service", *steps)


def _bounds(found: list[tuple[Labels, float]]) -> Iterator[float]:
    for labels, _ in found:
        with contextlib.suppress(ValueError):
            bound = float(labels.get("le", ""))
            if bound != float("inf"):
                yield bound
