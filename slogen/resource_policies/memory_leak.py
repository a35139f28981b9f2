"""Memory leak: memory grows from day to day and will run out within days.

What a day swings by hides a slow leak, and a cache that fills up looks like one. So the floor counts, the least that
was in use in six hours, and it is compared with the floor at the same hour a day before, when traffic was the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from pydantic import Field

from slogen import forecast, naming
from slogen.fields import Duration, Portion, SeverityName, Strict
from slogen.model import Resource, Severity
from slogen.policies._fit import plain
from slogen.promql.build import aligned, grouped
from slogen.promql.durations import DAY
from slogen.resource_policies._alerting import counted, title, told, worst
from slogen.resource_policies.memory_exhaustion import LEAK
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

_FLOOR = 6 * 3600


class Params(Strict):
    """An alert when memory grows from day to day."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    rise: Portion = Field(
        Decimal("0.02"), description="Percent of the limit by which it must grow in a day; 2 unless given."
    )
    lasting: Duration = Field(3600, description="How long that must hold; 1h unless given.")
    hold: Duration = Field(3600, description="How long the alert goes on after that; 1h unless given.")


def recordings(resource: Resource, params: Params) -> Iterator[Recording]:
    """The floor, and where its growth leads to the limit: one day's within two days, two days' within four."""
    if not resource.has(naming.UTILISATION):
        return
    floor, uptime = resource.series(naming.FLOOR), resource.series(naming.UPTIME)
    lowest = f"min_over_time({resource.series(naming.UTILISATION)}{aligned(_FLOOR)})"
    yield Recording(naming.FLOOR, lowest, resource.identity, Role.RESOURCE)
    rise = plain(params.rise)
    today, before = f"({floor} - {floor} offset 1d)", f"({floor} offset 1d - {floor} offset 2d)"
    one = f"{floor} + 2 * {today} > 1\nand\n{today} > {rise}\nand\n{uptime} > {DAY + _FLOOR + 3600}"
    two = (
        f"{floor} + 4 * {today} > 1\nand\n{today} > {rise}\nand\n{before} > {rise}\nand\n"
        f"{uptime} > {2 * DAY + _FLOOR + 1800}"
    )
    labels = (*resource.identity, (naming.SIGN, LEAK))
    yield Recording(naming.AT_RISK, f"{grouped(one)}\nor\n{grouped(two)}", labels, Role.RESOURCE)


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """While the growth has lasted."""
    if not resource.has(naming.UTILISATION):
        return
    sign = resource.series(naming.AT_RISK, (naming.SIGN, LEAK))
    fullest = f"topk(3, {told(resource, naming.FLOOR)})"
    yield ResourceDraft(
        name="MemoryLeak",
        severity=params.severity,
        expr=counted(resource, forecast.lasted(sign, params.lasting)),
        summary=f"The memory of {title(resource)} grows from day to day.",
        description=(
            f"Instances that will run out within days: {{{{ $value }}}} ({resource.source.sentence()})."
            f" The least in use for six hours:{worst(resource, fullest, '{{ .Value | humanizePercentage }}')}"
            " find what is kept, and plan a restart until it is mended."
        ),
        hold=params.hold,
    )
