"""False pages: a page seldom comes by chance alone.

Where few things happen, a few failures in a short time are a high burn rate, although the budget is not in danger: a
page at night for nothing. slogen fits pages to the traffic that a spec declares as far as it goes. This tells where
that is not far enough, with the pages that are to be expected in a month while the budget is just spent, and where a
total outage may be missed because of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject
from slogen.low_traffic import outlook
from slogen.model import Objective
from slogen.rules import Alert

SEVERITY = Severity.WARNING
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: invoices, owner: billing}
spec:
  slos:
    - name: prints
      objective: 99
      expectedTraffic: 30/d
      sli: {type: events, bad: 'prints_total{ok="false"}', total: prints_total}
      alerting: {policy: eager}
---
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: eager}
spec:
  extends: default
  burnRate:
    pairs:
      - {severity: page, budget: 2, long: 1h, short: 5m, pinned: true}
    guard: {badEvents: 1}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: invoices, owner: billing}
spec:
  slos:
    - name: prints
      objective: 90
      expectedTraffic: 600/d
      sli: {type: events, bad: 'prints_total{ok="false"}', total: prints_total}
"""


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Pages that come by chance more often than the limit, or that may miss a total outage."""
    if slo.slo.objectives[0].indicator.slice_length is not None:
        return
    objectives = {one.name: one for one in slo.slo.objectives}
    rates = {level.by: level.traffic for level in slo.slo.levels}
    for alert in slo.plan.alerts():
        traffic = rates.get(alert.by)
        if alert.pairs and traffic is not None and alert.severity.value == "page":
            seen = outlook(alert.pairs, alert.guard, objectives[alert.objective], traffic)
            yield from _told(slo, alert, objectives[alert.objective], seen.false, seen.found, context)


def _told(
    slo: SloSubject, alert: Alert, objective: Objective, false: float, found: int | None, context: Context
) -> Iterator[Problem]:
    steps = ("by", "expectedTraffic") if alert.by else ("expectedTraffic",)
    name = f"{objective.name}: " if objective.name else ""
    hint = "lower the objective, take pinned: from the policy's pairs, or write policy: tickets-only"
    if false > context.limits.max_false_pages:
        message = f"{name}{false:.1f} false pages a month are to be expected at this traffic, by chance alone"
        yield slo.problem(message, hint, *steps)
    elif found is None:
        yield slo.problem(f"{name}at this traffic a total outage may bring no page", hint, *steps)
