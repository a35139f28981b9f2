"""Group labels: the source has the labels that an SLO is grouped or broken down by.

Grouped by a label that no series has, there is one group with an empty name: its alerts name nobody, and one failing
region hides behind the healthy ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.live import read, series_of
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject
from slogen.promql.selectors import Matcher

SEVERITY = Severity.WARNING
NEEDS = "prometheus"
SERVED = {
    'http_requests_total{job="payments", code="200"}': "5000+10x60",
    'http_requests_total{job="payments", code="500"}': "5x60",
}
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      by: [region]
      sli:
        type: events
        bad: http_requests_total{job="payments", code=~"5.."}
        total: http_requests_total{job="payments"}
"""
GOOD = BAD.replace("      by: [region]\n", "")


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Labels in `by` and `breakdown` that no series of the total has."""
    sources = [series_of(slo, selector) for steps, selector in read(slo) if steps[1] not in ("good", "bad")]
    written = slo.data.get("by") if isinstance(slo.data, dict) else None
    path = ("by",) if isinstance(written, list) else ("by", "labels")
    wanted = [(label, (*path, number)) for number, label in enumerate(slo.slo.by)]
    broken = slo.slo.objectives[0].indicator.breakdown_labels
    wanted += ((label, ("sli", "breakdown", number)) for number, label in enumerate(broken))
    for label, steps in wanted:
        for series in sources[:1]:
            there = context.prometheus.number(f"count({series})")
            if there and not context.prometheus.number(f"count({series.matching(Matcher(label, '!=', ''))})"):
                message = f"none of the {there:.0f} series of {series.metric} has a label '{label}'"
                yield slo.problem(message, "group by a label that it has, or add the label to the service", *steps)
