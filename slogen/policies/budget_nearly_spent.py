"""Budget nearly spent: little of the error budget of the period is left.

For teams that slow down before the budget is gone. When all of it is gone this alert ends, and `budgetSpent` goes on
from there. A service that uses its budget as planned would open a ticket each month.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pydantic import Field

from slogen import naming
from slogen.advice import Advice
from slogen.fields import Portion, SeverityName, Strict
from slogen.model import Severity, Slo
from slogen.policies import Problem
from slogen.policies._budget import BadEvents, budget_alert, spending_looks, told_threshold
from slogen.policies._fit import plain
from slogen.promql.durations import DAY
from slogen.rules import Draft

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: careful}
spec:
  extends: default
  budgetNearlySpent: {used: 80}
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
      alerting: {policy: careful}
"""


class Params(Strict):
    """An alert when most of the budget is used, until all of it is."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    used: Portion = Field(Decimal("0.9"), description="Percent of the budget that is used; 90 unless given.")
    bad_events: BadEvents = Field(3, description="Bad events in the period, at the least; 3 unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """At each level that the severity looks at; `budget_spent` goes on from there."""
    bounds = f">= {plain(params.used)} < 1"
    for level in slo.scopes[params.severity]:
        for objective in slo.objectives:
            yield budget_alert(
                "SLOBudgetNearlySpent",
                slo,
                level,
                objective,
                params.severity,
                params.bad_events,
                bounds,
                "has nearly spent",
            )


def problems(slo: Slo, params: Params) -> Iterable[Problem]:
    """Where all is used, `budget_spent` must go on, not wait for more bad events."""
    if params.used >= 1:
        name = naming.slo_id(slo.service, slo.name)
        yield "policy/cannot-fire", f"{name}: budgetNearlySpent ends where all is used, so not at 100", "write used: 90"
    spent = slo.policy.sections.get("budget_spent")
    if spent is not None and spent.bad_events > params.bad_events:
        message = (
            f"{naming.slo_id(slo.service, slo.name)}: budgetSpent waits for more bad events than budgetNearlySpent"
        )
        yield "policy/bad-events", message, f"write badEvents: {spent.bad_events} in both"


RUNBOOK = Advice(
    meaning=(
        "Users have met most of the errors that the objective admits in this period. There is still time to slow down"
        " before it is broken."
    ),
    resets="Old bad events leave the period, the calendar period ends, or all is spent and `SLOBudgetSpent` goes on.",
    looks=spending_looks,
    threshold=told_threshold,
    contributors=DAY,
)
