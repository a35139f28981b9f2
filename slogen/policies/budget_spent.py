"""Budget spent: the error budget of the period is used up.

A burn-rate alert tells that something burns, this one what it has cost: whatever else fails now breaks the objective.
It ends when old bad events leave a rolling period, or with the calendar period. How much is used is weighted by how
much of the period was recorded, so a new SLO does not look spent after one bad hour; and a few bad events must stand
behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen.advice import Advice
from slogen.fields import SeverityName, Strict
from slogen.model import Severity, Slo
from slogen.policies._budget import BadEvents, budget_alert, spending_looks, told_threshold
from slogen.promql.durations import DAY
from slogen.rules import Draft

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: frugal}
spec:
  extends: default
  budgetSpent: {badEvents: 10}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
      alerting: {policy: frugal}
"""


class Params(Strict):
    """An alert when the whole budget is used."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    bad_events: BadEvents = Field(3, description="Bad events in the period, at the least; 3 unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """At each level that the severity looks at."""
    for level in slo.scopes[params.severity]:
        for objective in slo.objectives:
            yield budget_alert(
                "SLOBudgetSpent", slo, level, objective, params.severity, params.bad_events, ">= 1", "has spent"
            )


RUNBOOK = Advice(
    meaning=(
        "Users have met more errors in this period than the objective admits. Nothing need burn right now: this tells"
        " what it has cost. Hold risky changes back, and mend what spent the budget."
    ),
    resets=(
        "Old bad events leave a rolling period, or the calendar period ends. Nothing that is mended today brings spent"
        " budget back, so it may go on for days."
    ),
    looks=spending_looks,
    threshold=told_threshold,
    contributors=DAY,
)
