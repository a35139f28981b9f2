"""Autoscaler at its maximum: it cannot add another pod, so more load makes every pod slower.

Users may not notice yet: this is the time to raise the maximum, or to find out where the load comes from.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.model import Resource, Severity
from slogen.resource_policies._alerting import counted, title
from slogen.rules import ResourceDraft

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: patient}
spec:
  extends: default
  autoscalerAtMax: {wait: 1h}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  saturation:
    - {type: autoscaler, alerting: {policy: patient}}
"""


class Params(Strict):
    """An alert when an autoscaler runs as many pods as it may."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long; 15m unless given.")


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """At the maximum, where that is above the minimum."""
    if not resource.has(naming.REPLICAS):
        return
    yield ResourceDraft(
        name="AutoscalerAtMax",
        severity=params.severity,
        expr=counted(resource, f"{resource.series(naming.REPLICAS)} >= 1"),
        summary=f"The autoscaler of {title(resource)} is at its maximum.",
        description=(
            "It runs as many pods as it may and cannot add one for more load. Raise maxReplicas if the cluster has"
            " room, and look at what the load comes from."
        ),
        wait=params.wait,
    )


def _looks(resource: Resource, _params: Params) -> Iterable[Look]:
    yield Look("Pods as a share of the most that there may be", f"topk(10, {resource.series(naming.REPLICAS)})")


RUNBOOK = Advice(
    meaning="Users may not notice yet. No pod can be added any more, so more load makes every pod slower.",
    causes=(
        "More load than the maximum was made for: find out where it comes from.",
        "Each pod does less than it did: a slow dependency, or a release that costs more.",
        "`maxReplicas` is too low.",
    ),
    resets="It runs fewer pods than it may, or the maximum was raised.",
    looks=_looks,
)
