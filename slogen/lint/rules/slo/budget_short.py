"""Budget: an outage leaves time to act before the whole budget is gone.

Nobody reads a page, finds a laptop and rolls back in less than a few minutes. Where a total outage spends the budget
sooner than that, the first one of the period always breaks the promise, however good people are: only what runs by
itself can keep it, and a page is no help.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from slogen.explanation import span
from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject
from slogen.model import Severity as Urgency
from slogen.promql.durations import format_duration

SEVERITY = Severity.WARNING
LEAST = 300
"""Seconds in which somebody who is called can do something at the best."""

BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.995
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
      sli: {type: events, bad: 'requests_total{code=~"5.."}', total: requests_total}
"""


def check_slo(slo: SloSubject, _context: Context) -> Iterator[Problem]:
    """Objectives that page and whose budget is a few minutes of total outage."""
    if not any(alert.severity is Urgency.PAGE for alert in slo.plan.alerts()):
        return
    several = isinstance(slo.data, dict) and "objectives" in slo.data
    for number, objective in enumerate(slo.slo.objectives):
        outage = objective.budget * slo.slo.period
        if outage >= LEAST:
            continue
        enough = _enough(slo.slo.period)
        message = f"the whole budget is {span(outage)} of total outage: it is spent before anybody can act on a page"
        hint = (
            f"write {enough} or less, whose budget is {format_duration(LEAST)} at the least, or choose a longer window"
        )
        steps = ("objectives", number, "objective") if several else ("objective",)
        yield slo.problem(message, hint, *steps)


def _enough(period: int) -> str:
    target = 100 * (1 - Decimal(LEAST) / period)
    return f"{target.quantize(Decimal('0.01')):f}"
