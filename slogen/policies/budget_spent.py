"""Budget spent: the error budget of the period is used up."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen.fields import SeverityName, Strict
from slogen.model import Severity, Slo
from slogen.policies._budget import BadEvents, budget_alert
from slogen.rules import Draft


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
