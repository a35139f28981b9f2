"""Which pasts prove an SLO or a resource: each of its alerts must fire, stay silent and reset when its formulas say so.

Times come from formulas, never from a run. What does not fit into a day is told by `untold`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slogen.model import Resource, Slo
from slogen.proof import resources
from slogen.proof.burning import Burn
from slogen.proof.causes import CAUSES
from slogen.proof.pasts import Figure, Past
from slogen.proof.recording import recording
from slogen.proof.written import written
from slogen.rules import ResourcePlan, SloPlan


def subject(planned: SloPlan | ResourcePlan) -> Slo | Resource:
    """What is planned."""
    return planned.resource if isinstance(planned, ResourcePlan) else planned.slo


def left_out(slo: Slo | Resource) -> str:
    """Why an SLO or a resource has no tests of its own, empty where it has."""
    if isinstance(slo, Resource):
        return resources.left_out(slo)
    if slo.objectives[0].indicator.stand_ins(slo.variants):
        return ""
    return "its source is an expression, or one that unit tests cannot write"


def pasts(planned: SloPlan | ResourcePlan) -> Iterator[Past]:
    """The pasts of one SLO or resource, each with what must be true."""
    if isinstance(planned, ResourcePlan):
        yield from resources.pasts(planned)
    elif not left_out(planned.slo):
        yield from (past for past in _pasts(planned) if past.checks)


def _pasts(planned: SloPlan) -> Iterator[Past]:
    for alert in planned.alerts():
        if alert.pairs:
            yield from Burn(planned, alert).pasts()
    alerts = {alert.name: alert for alert in planned.alerts()}
    for section in (recording, *CAUSES):
        yield from section(planned, alerts)
    yield from written(planned)


def untold(planned: SloPlan | ResourcePlan) -> Iterator[str]:
    """Names of alerts that no past is about."""
    told = {check.alert for past in pasts(planned) for check in past.checks if not isinstance(check, Figure)}
    yield from sorted({alert.name for alert in planned.alerts()} - told)


def shape(planned: SloPlan | ResourcePlan) -> Any:
    """All that pasts depend on but names and labels of series."""
    if isinstance(planned, ResourcePlan):
        return resources.shape(planned)
    slo, indicator = planned.slo, planned.slo.objectives[0].indicator
    stand_ins = indicator.stand_ins(slo.variants)
    return (
        slo.period,
        slo.calendar,
        slo.cadence,
        tuple((one.name, one.target, one.overrides) for one in slo.objectives),
        tuple((level.by, level.prefix) for level in slo.levels),
        tuple(
            (one.name, one.objective, one.wait, one.pairs, one.guard, one.by, one.severity) for one in planned.alerts()
        ),
        tuple((one.good, one.bad, one.is_gauge, one.is_ratio, one.metric.endswith("_bucket")) for one in stand_ins),
        len(indicator.scrape_targets),
        repr(slo.policy.sections.get("traffic_stopped")),
        indicator.counts_apart,
        slo.scenarios,
        slo.level.traffic if slo.scenarios else None,
        (indicator.type, indicator.slice_length, indicator.has_coverage, indicator.has_buckets),
    )
