"""Matchers: good, bad and total look at the same thing.

A label that the total is narrowed by and the errors are not, or another value of it, makes a ratio of two different
things: the errors of all services over the requests of one.
"""

from __future__ import annotations

from collections.abc import Iterator

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
      sli: {type: events, bad: 'requests_total{job="checkout", code=~"5.."}', total: 'requests_total{job="payments"}'}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {type: events, bad: 'requests_total{job="payments", code=~"5.."}', total: 'requests_total{job="payments"}'}
"""


def check_slo(slo: SloSubject, _context: Context) -> Iterator[Problem]:
    """A part of one metric that lacks a matcher of the total, or has another value of it."""
    indicator = slo.slo.objectives[0].indicator
    wholes = selectors(indicator, "total")
    for part in ("good", "bad"):
        for number, selector in enumerate(selectors(indicator, part)):
            same = [whole for whole in wholes if whole.metric == selector.metric]
            if not same or any(set(whole.matchers) <= set(selector.matchers) for whole in same):
                continue
            lacking = [one for one in same[0].matchers if one not in selector.matchers]
            message = f"'{part}' lacks {', '.join(map(str, lacking))}, by which 'total' is narrowed"
            listed = isinstance(slo.data["sli"].get(part), list)
            steps = ("sli", part, number) if listed else ("sli", part)
            yield slo.problem(message, "write the same matchers in both, and one more for the outcome", *steps)
