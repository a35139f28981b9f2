"""Cardinality: a source has no more series, and no more groups, than was meant.

Each group of an SLO costs about as much as an SLO of its own. Above `maxGroups` no group is recorded any more. The
bound on the series of a source is `spec.lint.limits.maxSeries`.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.live import read, series_of
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject

SEVERITY = Severity.WARNING
NEEDS = "prometheus"
SERVED = {
    'http_requests_total{job="payments", code="200"}': "5000+10x60",
    'http_requests_total{job="payments", code="500"}': "5x60",
}
BAD = """
apiVersion: slogen/v1
kind: Config
spec: {lint: {limits: {maxSeries: 1}}}
---
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
GOOD = BAD.replace("maxSeries: 1", "maxSeries: 2")


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Sources with more series than the bound, and SLOs with more groups than theirs."""
    for steps, selector in read(slo):
        series = series_of(slo, selector)
        if steps[1] in ("good", "bad") or not series.metric:
            continue
        count = context.prometheus.number(f"count({series})")
        if count > context.limits.max_series:
            message = f"this reads {count:.0f} series, and {context.limits.max_series} are the most"
            yield slo.problem(message, "narrow it by labels, or record a sum of it first", *steps)
        if slo.slo.by:
            groups = context.prometheus.number(f"count(count by ({', '.join(slo.slo.by)}) ({series}))")
            if groups > slo.slo.max_groups:
                message = f"there are {groups:.0f} groups, and {slo.slo.max_groups} are the most: none is recorded"
                yield slo.problem(message, "raise maxGroups, or group by something coarser", "by")
