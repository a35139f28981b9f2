"""Memory leak: memory grows from day to day and will run out within days.

What a day swings by hides a slow leak, and a cache that fills up looks like one. So the floor counts, the least that
was in use in six hours, and it is compared with the floor at the same hour a day before, when traffic was the same.
What happened in that day must be steady growth, well explained by a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from pydantic import Field

from slogen import forecast, naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, Portion, SeverityName, Strict
from slogen.model import Resource, Severity
from slogen.policies._fit import plain
from slogen.promql.build import aligned
from slogen.promql.durations import DAY, format_duration
from slogen.resource_policies._alerting import counted, title, told, worst
from slogen.resource_policies.memory_exhaustion import LEAK, Correlation
from slogen.rules import Recording, ResourceDraft, Role

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: early}
spec:
  extends: default
  memoryLeak: {rise: 1, lasting: 2h}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  memory:
    - {type: container, alerting: {policy: early}}
"""

EVERY = 240
"""Seconds between two looks at what takes days."""

_FLOOR = 6 * 3600
_UPTIME = DAY + _FLOOR + 3600


class Params(Strict):
    """An alert when memory grows from day to day."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    rise: Portion = Field(
        Decimal("0.03"), description="Percent of the limit by which it must grow in a day; 3 unless given."
    )
    ahead: Duration = Field(3 * DAY, description="How far ahead such days must fill the limit; 3d unless given.")
    least: Correlation = Field(
        Decimal("0.8"), description="R squared of a line through the day, at the least; 0.8 unless given."
    )
    lasting: Duration = Field(3600, description="How long that must hold; 1h unless given.")
    hold: Duration = Field(3600, description="How long the alert goes on after that; 1h unless given.")


def recordings(resource: Resource, params: Params) -> Iterator[Recording]:
    """The floor, and whether its growth leads to the limit."""
    if not resource.has(naming.UTILISATION):
        return
    used, floor = resource.series(naming.UTILISATION), resource.series(naming.FLOOR)
    lowest = f"min_over_time({used}{aligned(_FLOOR)})\nand\n{used}"
    yield Recording(naming.FLOOR, lowest, resource.identity, Role.RESOURCE)
    grown = f"({floor} - {floor} offset 1d)"
    conditions = (
        f"{floor} + {plain(Decimal(params.ahead) / DAY)} * {grown} > 1",
        f"{grown} > {plain(params.rise)}",
        f"{resource.series(naming.UPTIME)} > {_UPTIME}",
        f"{forecast.fit(used, DAY)} > {plain(params.least)}",
        forecast.recorded(used, DAY),
    )
    labels = (*resource.identity, (naming.SIGN, LEAK))
    yield Recording(naming.AT_RISK, "\nand\n".join(conditions), labels, Role.RESOURCE)


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """While the growth has lasted."""
    if not resource.has(naming.UTILISATION):
        return
    sign = resource.series(naming.AT_RISK, (naming.SIGN, LEAK))
    fullest = f"topk(3, {told(resource, naming.FLOOR)})"
    yield ResourceDraft(
        name="MemoryLeak",
        severity=params.severity,
        expr=counted(resource, forecast.lasted(sign, params.lasting, EVERY)),
        summary=f"The memory of {title(resource)} grows from day to day.",
        description=(
            f"Instances that will run out within days: {{{{ $value }}}} ({resource.source.sentence()})."
            f" The least in use for six hours:{worst(resource, fullest, '{{ .Value | humanizePercentage }}')}"
            " find what is kept, and plan a restart until it is mended."
        ),
        hold=params.hold,
    )


def _looks(resource: Resource, _params: Params) -> Iterator[Look]:
    yield Look(
        "The least in use within six hours, as a share of the limit", f"topk(10, {resource.series(naming.FLOOR)})"
    )
    yield Look("Share of the limit in use", f"topk(10, {resource.series(naming.UTILISATION)})")


def _threshold(_resource: Resource, params: Params) -> str:
    return (
        f"It fires when the floor grows by {plain(params.rise * 100)}% of the limit in a day, and would fill it within"
        f" {format_duration(params.ahead)}."
    )


RUNBOOK = Advice(
    meaning=(
        "Users meet nothing yet. Memory grows from day to day, whatever the traffic, and will run out within days:"
        " then what is killed loses what it was doing."
    ),
    causes=(
        "Something is kept that should be let go: a cache, a map by user, listeners, open connections.",
        "A release some days ago brought it; the graph of the floor shows when it began.",
    ),
    resets="The floor stops growing, or what was leaking was restarted.",
    looks=_looks,
    threshold=_threshold,
)
