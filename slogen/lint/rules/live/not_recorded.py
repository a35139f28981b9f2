"""Recorded series: what the rules record is fresh.

Rules that are loaded and record nothing, or stopped to, are an SLO without a budget. This looks for the total of each
SLO in the last ten minutes, where its rules are loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen import naming
from slogen.findings import Severity
from slogen.lint.loaded import groups_of
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject

SEVERITY = Severity.WARNING
ALSO = {"live/drift", "live/not-recorded"}
NEEDS = "prometheus"
SERVED = {
    'http_requests_total{job="payments", code="200"}': "5000+10x60",
    'http_requests_total{job="payments", code="500"}': "5x60",
}
LOADED = """
groups:
  - name: payments/availability/base
    rules:
      - {record: slo:total_events:base, expr: vector(1) > 2}
"""
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
GOOD = BAD.replace("payments, owner", "other, owner")


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """SLOs of which rules are loaded and nothing was recorded lately."""
    level = slo.slo.level
    if not groups_of(context.prometheus, f"{slo.slo.service}/{slo.slo.name}/"):
        return
    total = level.series(naming.TOTAL_BASE)
    if not context.prometheus.number(f"count(last_over_time({total}[10m]))"):
        message = "its rules are loaded, and for ten minutes they have recorded nothing"
        yield slo.problem(message, "look at the source, and at errors on the server's page of rules", "name")
