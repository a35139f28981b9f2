"""Heap against limit: a Java heap may grow to more of its container than leaves room for the rest of the JVM.

Metaspace, threads, code and buffers live beside the heap. A heap that may take more than 80% of its container's limit
does not fail by itself: under real traffic it grows until the kernel kills the container. This is a misconfiguration,
so it is told before any leak. `slogen check-manifests` finds it before it ships.
"""

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
metadata: {name: roomy}
spec:
  extends: default
  heapLimit: {above: 75}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  memory:
    - {type: jvm, alerting: {policy: roomy}}
"""


class Params(Strict):
    """An alert when a Java heap may take too much of its container."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    above: Portion = Field(
        Decimal("0.8"), description="Percent of the container's limit that the heap may grow to; 80 unless given."
    )
    wait: Duration = Field(600, description="How long; 10m unless given.")


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """Where the limit of the container is known."""
    if not resource.has(naming.HEAP_LIMIT):
        return
    bound = plain(params.above)
    fullest = f"topk(3, {told(resource, naming.HEAP_LIMIT)} > {bound})"
    yield ResourceDraft(
        name="MemoryHeapLimit",
        severity=params.severity,
        expr=counted(resource, f"{resource.series(naming.HEAP_LIMIT)} > {bound}"),
        summary=f"The Java heap of {title(resource)} may outgrow its container.",
        description=(
            "The heap may grow to this share of its container's memory limit:"
            f"{worst(resource, fullest, '{{ .Value | humanizePercentage }}')}"
            f" at most {plain(params.above * 100)}% leave room for the rest of the JVM. Lower -Xmx or"
            " -XX:MaxRAMPercentage, or raise the limit."
        ),
        wait=params.wait,
    )


def _looks(resource: Resource, _params: Params) -> Iterable[Look]:
    yield Look("Share of the limit that the heap may grow to", f"topk(10, {resource.series(naming.HEAP_LIMIT)})")


def _threshold(_resource: Resource, params: Params) -> str:
    return f"It fires when the heap may grow to more than {plain(params.above * 100)}% of the container's limit."


RUNBOOK = Advice(
    meaning=(
        "Users meet nothing yet. Under real traffic the heap grows until the kernel kills the container, though the"
        " JVM thinks that it has room."
    ),
    causes=(
        "`-Xmx` or `-XX:MaxRAMPercentage` is too large for the container's limit.",
        "The limit was lowered, and the heap was not.",
    ),
    resets="The heap may not grow to as much of the limit any more.",
    looks=_looks,
    threshold=_threshold,
)
