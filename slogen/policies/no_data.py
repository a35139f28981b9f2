"""No data: the SLO records nothing, so neither its budget nor its alerts say anything."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.fields import Duration, SeverityName, Strict
from slogen.model import Severity, Slo
from slogen.promql.build import on, series
from slogen.rules import Draft, Part


class Params(Strict):
    """An alert when the source of an SLO is gone or was never there. An idle service still records zero events."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long it must be gone; 15m unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """Known SLO, but no events; where series exist that cannot be read, `source_coverage` says so instead."""
    labels = slo.labels_of()
    unreadable = series(naming.SOURCE_COVERAGE, labels)
    yield Draft(
        name="SLONoData",
        severity=params.severity,
        expr=(
            f"max by ({naming.SERVICE}, {naming.SLO}) ({series(naming.INFO, slo.labels_of(slo.objectives[0].name))})\n"
            f"unless {on(())}\n{series(naming.TOTAL_BASE, labels)}\nunless {on(())}\n{unreadable}"
        ),
        summary=f"{naming.slo_id(slo.service, slo.name)} has no data.",
        description=(
            "Nothing can be read for this SLO. Its budget stands still and its burn-rate alerts"
            " cannot fire. Look for a target that is down, a renamed metric, a changed label"
            " or a scrape interval that is longer than the declared one."
        ),
        part=Part.HEALTH,
        wait=params.wait,
    )
