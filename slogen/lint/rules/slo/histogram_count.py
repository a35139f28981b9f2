"""Histograms: what is fast is read by type latency, with the histogram's own count.

Buckets that are written out by hand go wrong in quiet ways: Prometheus 2 names a bucket "1" and Prometheus 3 "1.0", a
threshold that is no bucket matches nothing, and a total of other buckets or of another histogram makes no ratio. Type
latency reads the count of the same histogram, finds the bucket by any of its names, and says when it is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.sources import metrics
from slogen.lint.subject import Context, SloSubject

SEVERITY = Severity.WARNING
ALSO = {"slo/bad-apart"}
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: latency
      objective: 99
      sli:
        type: events
        good: http_request_duration_seconds_bucket{job="payments", le="0.3"}
        total: http_request_duration_seconds_count{job="payments"}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: latency
      objective: 99
      sli:
        type: latency
        histogram: http_request_duration_seconds{job="payments"}
        threshold: 300ms
"""


def check_slo(slo: SloSubject, _context: Context) -> Iterator[Problem]:
    """Type events with buckets."""
    indicator = slo.slo.objectives[0].indicator
    for part in ("good", "bad"):
        buckets = sorted(name for name in metrics(indicator, part) if name.endswith("_bucket"))
        if buckets:
            histogram = buckets[0].removesuffix("_bucket")
            counted = f"{histogram}_count" in metrics(indicator, "total")
            lack = "" if counted else f", without {histogram}_count as its total"
            message = f"a bucket of {histogram} is written out by hand{lack}"
            yield slo.problem(
                message, f"write type: latency, histogram: {histogram}{{...}} and threshold:", "sli", part
            )
