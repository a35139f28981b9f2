"""A part of the total: what is bad, or good, is counted among all.

An error ratio is a part over a whole. Where the part is another metric, one may count what the other does not: retries,
health checks, requests that were refused before they were counted. Then the ratio can exceed 100% or fall below zero,
and the budget is one of nothing in particular.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.sources import metrics, read_by
from slogen.lint.subject import Context, SloSubject

SEVERITY = Severity.INFO
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: search, owner: find}
spec:
  slos:
    - name: answers
      objective: 99.9
      sli: {type: events, good: searches_answered_total, total: searches_total}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: search, owner: find}
spec:
  slos:
    - name: answers
      objective: 99.9
      sli: {type: events, good: 'searches_total{outcome="answered"}', total: searches_total}
"""


def check_slo(slo: SloSubject, _context: Context) -> Iterator[Problem]:
    """Good or bad events that are not told from the total by labels."""
    part = slo.slo.objectives[0].indicator.counts_apart
    if part and not _same_metric(slo, part):
        message = f"'{part}' is no part of 'total' by its labels: it may count what the total does not"
        yield slo.problem(
            message, f"count {part} and total by one metric that has a label for the outcome", "sli", part
        )


def _same_metric(slo: SloSubject, part: str) -> bool:
    """Counters of one metric, which slo/matchers-differ looks at, or expressions that narrow what the total reads."""
    indicator = slo.slo.objectives[0].indicator
    if metrics(indicator, part) & metrics(indicator, "total"):
        return True
    own, wholes = read_by(indicator, part), read_by(indicator, "total")
    return bool(own) and all(
        any(one.metric == whole.metric and set(whole.matchers) <= set(one.matchers) for whole in wholes) for one in own
    )
