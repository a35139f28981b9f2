"""Memory unwatched: nothing is known of memory that the spec says to watch.

No forecast speaks then, and silence would look like health. The metrics may be missing, or named otherwise, or the
workload may be gone: remove it from the spec then.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.model import Resource, Severity
from slogen.resource_policies._alerting import title
from slogen.rules import ResourceDraft

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: patient}
spec:
  extends: default
  memoryUnwatched: {wait: 2h}
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

_PASSING = frozenset({"Job", "CronJob"})


class Params(Strict):
    """An alert when there are no figures of memory."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(1800, description="How long; 30m unless given.")


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """Unless all that runs are jobs, which come and go."""
    workloads = resource.workloads
    if not resource.has(naming.UTILISATION) or (workloads and all(one.kind in _PASSING for one in workloads)):
        return
    yield ResourceDraft(
        name="MemoryUnwatched",
        severity=params.severity,
        expr=f"absent({resource.series(naming.UTILISATION)})",
        summary=f"Nothing is known of the memory of {title(resource)}.",
        description=(
            f"There is no figure of {resource.source.sentence()}, so nothing would tell that it runs out. Look whether"
            " what it is read from is still scraped and labelled as the spec expects."
        ),
        wait=params.wait,
        is_whole=True,
    )


def _looks(resource: Resource, _params: Params) -> Iterable[Look]:
    yield Look("What is recorded of it", f'{{__name__=~"memory:.*", {resource.series("")[1:-1]}}}')


RUNBOOK = Advice(
    meaning="Nobody knows how much memory is left: nothing would tell that it runs out before users meet it.",
    causes=(
        "What it is read from is not scraped any more: the kubelet, kube-state-metrics, the process itself.",
        "Labels are others than the spec expects: `namespace`, `pod`, `container`.",
        "The workload is gone. Then remove it from the spec.",
    ),
    resets="There are figures again.",
    rollback="What can be rolled back here is the last change of how it is scraped.",
    looks=_looks,
)
