"""Process: resident memory of processes, by the metrics that Prometheus' client libraries expose.

For services outside Kubernetes, or clusters without cAdvisor. The limit is that of the container, or given.
"""

from __future__ import annotations

from typing import Literal

from slogen import naming
from slogen.model import Figure
from slogen.resource_fields import ANY_LIMIT, Own, Process, StandIns, gauge, most, since_start, union
from slogen.workloads import Workload

KIND = "memory"

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  memory:
    - type: process
      selector: '{job="checkout"}'
      limit: 4Gi
"""


class Resource(Process):
    """Watches the resident memory of processes."""

    type: Literal["process"]

    def figures(self, workloads: tuple[Workload, ...], own: Own) -> tuple[Figure, ...]:
        """Utilisation and uptime."""
        by, matchers = self.by(workloads), self.selected(workloads)
        used = most(by, union("process_resident_memory_bytes", matchers))
        started = most(by, union("process_start_time_seconds", matchers))
        return since_start(by, used, self.bounded(workloads), started, own)

    def stand_ins(self, workloads: tuple[Workload, ...]) -> StandIns:
        """What the process says of itself."""
        labels = self.instance(workloads)
        if labels is None:
            return {}
        return {
            naming.UTILISATION: (gauge("process_resident_memory_bytes", labels, self.limit or ANY_LIMIT),),
            naming.UPTIME: (gauge("process_start_time_seconds", labels, 1),),
            **self.limited(workloads),
        }

    def sentence(self) -> str:
        """What is watched."""
        return "the resident memory of its processes against their limit"
