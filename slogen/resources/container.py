"""Container: the working set of containers against their limit, as the kernel counts it, and OOM kills.

This is the memory that a container is killed for. It wants cAdvisor's metrics, which every kubelet exposes, and those
of kube-state-metrics. A restarted container is a new series, so no forecast reads across a restart.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from slogen import naming
from slogen.model import Figure
from slogen.promql.build import grouped, on
from slogen.promql.selectors import Matcher
from slogen.resource_fields import (
    ANY_LIMIT,
    CONTAINER,
    POD,
    RESTARTS,
    Bytes,
    Own,
    ResourceFields,
    StandIns,
    container_limit,
    gauge,
    instance_of,
    limit_stand_in,
    most,
    since_start,
    union,
)
from slogen.workloads import Workload

KIND = "memory"

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout, container: app}
  memory:
    - type: container
"""


class Resource(ResourceFields):
    """Watches the working set of the workloads' containers."""

    needs_workloads: ClassVar[bool] = True

    type: Literal["container"]
    limit: Bytes | None = Field(None, description="Memory limit, such as 2Gi; what Kubernetes says unless given.")

    def figures(self, workloads: tuple[Workload, ...], own: Own) -> tuple[Figure, ...]:
        """Utilisation, uptime, OOM kills, and how many containers have no limit."""
        matchers = [workload.containers for workload in workloads]
        used = most(CONTAINER, union("container_memory_working_set_bytes", matchers))
        started = most(CONTAINER, union("container_start_time_seconds", matchers))
        limit = str(self.limit) if self.limit is not None else container_limit(workloads, CONTAINER)
        found = [*since_start(CONTAINER, used, limit, started, own), Figure(naming.OOM_KILLS, _kills(workloads))]
        if self.limit is None:
            bare = f"{used}\nunless {on(CONTAINER)}\n{limit}"
            found.append(Figure(naming.UNLIMITED, f"count by ({', '.join(POD[:1])}, container) {grouped(bare)}"))
        return tuple(found)

    def stand_ins(self, workloads: tuple[Workload, ...]) -> StandIns:
        """What cAdvisor and kube-state-metrics say of one container."""
        labels, size = instance_of(workloads[0]), self.limit or ANY_LIMIT
        no_limit = gauge("container_spec_memory_limit_bytes", labels, 0)
        return {
            naming.UTILISATION: (gauge("container_memory_working_set_bytes", labels, size), no_limit),
            naming.UPTIME: (gauge("container_start_time_seconds", labels, 1),),
            RESTARTS: (gauge("kube_pod_container_status_restarts_total", labels, 1),),
            naming.OOM_KILLS: (
                gauge("kube_pod_container_status_last_terminated_reason", labels, 1, reason="OOMKilled"),
            ),
            **(limit_stand_in(workloads[0]) if self.limit is None else {}),
        }

    def sentence(self) -> str:
        """What is watched."""
        return "the working set of its containers against their limit"


def _kills(workloads: tuple[Workload, ...]) -> str:
    matchers = [workload.containers for workload in workloads]
    restarts = "\nor\n".join(
        f"increase({union('kube_pod_container_status_restarts_total', [one])}[10m])" for one in matchers
    )
    killed = Matcher("reason", "=", "OOMKilled")
    reason = union("kube_pod_container_status_last_terminated_reason", matchers, killed)
    return f"{most(CONTAINER, restarts)} > 0\nand {on(CONTAINER)}\n{most(CONTAINER, reason)} == 1"
