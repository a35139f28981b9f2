"""No data: the SLO records nothing, so neither its budget nor its alerts say anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from slogen import naming
from slogen.fields import Duration, Strict
from slogen.model import Draft, Needs, Objective, Part, Severity, Slo
from slogen.promql.build import on, series


class Params(Strict):
    """An alert when the source of an SLO is gone or was never there. An idle service still records zero events."""

    severity: Annotated[Severity, Field(strict=False)] = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long it must be gone; 15m unless given.")


def needs(_slo: Slo, _objective: Objective, _params: Params) -> Needs:
    """Nothing beyond what every SLO records."""
    return Needs()


def problems(_slo: Slo, _params: Params) -> Iterable[tuple[str, str, str]]:
    """It suits every SLO."""
    return ()


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """Known SLO, but no events; where series exist that cannot be read, `source_coverage` says so instead."""
    labels = slo.labels_of()
    unreadable = series(naming.SOURCE_COVERAGE, labels)
    yield Draft(
        name="SLONoData",
        severity=params.severity,
        expr=(
            f"max({series(naming.INFO, slo.labels_of(slo.objectives[0].name))})\n"
            f"unless {on(())}\n{series(naming.TOTAL_BASE, labels)}\nunless {on(())}\n{unreadable}"
        ),
        summary=f"{naming.slo_id(slo.service, slo.name)} has no data.",
        description=(
            "None of the series that this SLO is computed from exists. Its budget stands still and its burn-rate alerts"
            " cannot fire. Look for a target that is down, a renamed metric or a changed label."
        ),
        part=Part.HEALTH,
        wait=params.wait,
    )
