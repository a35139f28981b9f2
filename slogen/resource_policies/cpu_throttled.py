"""CPU throttled: containers wait because they have used up their CPU limit, and requests wait with them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, Portion, SeverityName, Strict
from slogen.model import Resource, Severity
from slogen.policies._fit import plain
from slogen.resource_policies._alerting import counted, title, told, worst
from slogen.rules import ResourceDraft

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: strict}
spec:
  extends: default
  cpuThrottled: {above: 10}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  saturation:
    - {type: cpu, alerting: {policy: strict}}
"""


class Params(Strict):
    """An alert when containers are throttled."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    above: Portion = Field(
        Decimal("0.25"), description="Percent of the kernel's periods in which one is throttled; 25 unless given."
    )
    wait: Duration = Field(900, description="How long; 15m unless given.")


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """Above the bound."""
    if not resource.has(naming.THROTTLED):
        return
    bound = plain(params.above)
    slowest = f"topk(3, {told(resource, naming.THROTTLED)} > {bound})"
    yield ResourceDraft(
        name="CPUThrottled",
        severity=params.severity,
        expr=counted(resource, f"{resource.series(naming.THROTTLED)} > {bound}"),
        summary=f"Containers of {title(resource)} are throttled.",
        description=(
            "Containers that use up their CPU limit and wait: {{ $value }}, in this share of all periods:"
            f"{worst(resource, slowest, '{{ .Value | humanizePercentage }}')}"
            " raise the CPU limit, or add pods."
        ),
        wait=params.wait,
    )


def _looks(resource: Resource, _params: Params) -> Iterable[Look]:
    yield Look(
        "Share of the kernel's periods in which it is throttled", f"topk(10, {resource.series(naming.THROTTLED)})"
    )


def _threshold(_resource: Resource, params: Params) -> str:
    return f"It fires when a container is throttled in more than {plain(params.above * 100)}% of the periods."


RUNBOOK = Advice(
    meaning="Users wait longer: containers have used up their CPU limit, and requests wait with them.",
    causes=(
        "The CPU limit is too small for the load.",
        "A release that needs more CPU, or garbage collection with many threads.",
        "Few pods for much load.",
    ),
    resets="Fewer periods are throttled.",
    looks=_looks,
    threshold=_threshold,
)
