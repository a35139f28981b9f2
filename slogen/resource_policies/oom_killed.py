"""OOM killed: the kernel killed a container because it used more memory than its limit.

Whatever the container was doing is lost. A ticket, for the container has been restarted; where kills repeat, users
notice, and the SLO's own alerts page.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.model import Resource, Severity
from slogen.resource_policies._alerting import counted, title, told, worst
from slogen.rules import ResourceDraft

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: woken}
spec:
  extends: default
  oomKilled: {severity: page}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  memory:
    - {type: container, alerting: {policy: woken}}
"""


class Params(Strict):
    """An alert when a container was killed for want of memory."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    hold: Duration = Field(1800, description="How long it goes on after the last kill; 30m unless given.")


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """Kills of the last ten minutes."""
    if not resource.has(naming.OOM_KILLS):
        return
    killed = f"topk(3, {told(resource, naming.OOM_KILLS)} > 0)"
    yield ResourceDraft(
        name="MemoryOOMKilled",
        severity=params.severity,
        expr=counted(resource, f"{resource.series(naming.OOM_KILLS)} > 0"),
        summary=f"Containers of {title(resource)} were killed for want of memory.",
        description=(
            "Containers that the kernel killed for using more than their memory limit: {{ $value }}."
            f"{worst(resource, killed, 'was killed')}"
            " look for a leak in what was released last, or raise the limit."
        ),
        hold=params.hold,
    )


def _looks(resource: Resource, _params: Params) -> Iterable[Look]:
    yield Look("Kills within ten minutes", f"topk(10, {resource.series(naming.OOM_KILLS)} > 0)")
    if resource.has(naming.UTILISATION):
        yield Look("Share of the limit in use", f"topk(10, {resource.series(naming.UTILISATION)})")


RUNBOOK = Advice(
    meaning="The kernel killed a container: what it was doing at that moment failed for users. It is restarted then.",
    causes=(
        "A leak in what was released last.",
        "A limit that is too small for the load, or for one large request.",
        "A heap that may grow beyond what its container has room for.",
    ),
    resets="There was no kill for ten minutes.",
    looks=_looks,
)
