"""Budget nearly spent: little of the error budget of the period is left."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pydantic import Field

from slogen.fields import SeverityName, Share, Strict
from slogen.model import Severity, Slo
from slogen.policies._budget import BadEvents, budget_alert
from slogen.policies._fit import plain
from slogen.rules import Draft


class Params(Strict):
    """An alert when most of the budget is used, until all of it is."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    used: Share = Field(Decimal("0.9"), description="Percent of the budget that is used; 90 unless given.")
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
