"""Groups: an SLO is grouped by what its users differ in.

A label that the source is narrowed to one value of makes one group. A label that tells bad events from good ones makes
a group of failures only, whose error ratio is always 100%, and one of successes that never fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.sources import selectors
from slogen.lint.subject import Context, SloSubject

SEVERITY = Severity.WARNING
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      by: [code]
      sli: {type: events, bad: 'requests_total{code=~"5.."}', total: requests_total}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      by: [region]
      sli: {type: events, bad: 'requests_total{code=~"5.."}', total: requests_total}
"""


def check_slo(slo: SloSubject, _context: Context) -> Iterator[Problem]:
    """Labels that are fixed by a matcher, or that the outcome is told by."""
    indicator: Any = slo.slo.objectives[0].indicator
    written = slo.data.get("by") if isinstance(slo.data, dict) else None
    path = ("by",) if isinstance(written, list) else ("by", "labels")
    fixed = {
        matcher.name
        for query in getattr(indicator, "queries", ())
        if query.selector is not None
        for matcher in query.selector.matchers
        if matcher.op == "="
    }
    told = _outcome(indicator)
    for number, label in enumerate(slo.slo.by):
        if label in told:
            message = f"'{label}' tells bad events from good ones: a group of it only fails, or never does"
            yield slo.problem(message, "group by what users differ in, such as region or tenant", *path, number)
        elif label in fixed:
            message = f"the source is narrowed to one value of '{label}': there is one group"
            yield slo.problem(message, f"leave {label} out of by, or out of the selectors", *path, number)


def _outcome(indicator: Any) -> set[str]:
    """Labels of the matchers that a part has and the total has not."""
    wholes = {matcher for selector in selectors(indicator, "total") for matcher in selector.matchers}
    if not selectors(indicator, "total"):
        return set()
    parts = (*selectors(indicator, "good"), *selectors(indicator, "bad"))
    return {matcher.name for selector in parts for matcher in selector.matchers if matcher not in wholes}
