"""Memory limit missing: a container runs without a memory limit, so its leak takes the whole node with it.

Without a limit nothing here can be forecast either. `slogen check-manifests` finds it before it ships.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.model import Resource, Severity
from slogen.promql.build import aggregate
from slogen.resource_policies._alerting import kept, title
from slogen.rules import ResourceDraft

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: patient}
spec:
  extends: default
  memoryLimitMissing: {wait: 1h}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  memory:
    - {type: container, alerting: {policy: patient}}
"""


class Params(Strict):
    """An alert when containers run without a memory limit."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long; 15m unless given.")


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """Where limits are read from the cluster."""
    if not resource.has(naming.UNLIMITED):
        return
    yield ResourceDraft(
        name="MemoryLimitMissing",
        severity=params.severity,
        expr=f"{aggregate('sum', kept(resource), resource.series(naming.UNLIMITED))} > 0",
        summary=f"Containers of {title(resource)} have no memory limit.",
        description=(
            "Containers ({{ $labels.container }} in {{ $labels.namespace }}) that may take all memory of their nodes,"
            " and whose memory is not forecast: {{ $value }}. Set resources.limits.memory."
        ),
        wait=params.wait,
    )


def _looks(resource: Resource, _params: Params) -> Iterable[Look]:
    yield Look("Containers without a limit", f"{resource.series(naming.UNLIMITED)} > 0")


RUNBOOK = Advice(
    meaning=(
        "Users meet nothing of it by itself. But a leak in such a container takes all memory of its node, and every"
        " other service on it with it; and nothing can be forecast."
    ),
    causes=("The manifest has no `resources.limits.memory`.", "A sidecar was added without one."),
    resets="Every container has a memory limit.",
    rollback="Add the limit, or roll back the change that took it away.",
    looks=_looks,
)
