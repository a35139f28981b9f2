"""Go: how far the next collection lets a Go program grow, against the limit of its container.

Go collects when the heap has grown to a goal that it sets from what the last collection left. Goal and memory beside
the heap together are the most that the program needs until then: they have no saw-tooth, and a leak moves them at once.
"""

from __future__ import annotations

from typing import Literal

from slogen import naming
from slogen.model import Figure
from slogen.promql.build import grouped, on
from slogen.resource_fields import ANY_LIMIT, Own, Process, StandIns, gauge, most, since_start, union
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
    - type: go
"""


class Resource(Process):
    """Watches the memory that Go programs grow to."""

    type: Literal["go"]

    def figures(self, workloads: tuple[Workload, ...], own: Own) -> tuple[Figure, ...]:
        """Utilisation and uptime."""
        by, matchers = self.by(workloads), self.selected(workloads)
        goal, system, heap = (
            most(by, union(f"go_memstats_{name}_bytes", matchers)) for name in ("next_gc", "sys", "heap_sys")
        )
        used = grouped(f"{goal}\n+ {on(by)}\n{system}\n- {on(by)}\n{heap}")
        started = most(by, union("process_start_time_seconds", matchers))
        return since_start(by, used, self.bounded(workloads), started, own)

    def stand_ins(self, workloads: tuple[Workload, ...]) -> StandIns:
        """The heap's goal follows; a third of the limit is mapped, of which a quarter is the heap."""
        labels, size = self.instance(workloads), self.limit or ANY_LIMIT
        if labels is None:
            return {}
        system, heap = size // 3, size // 4
        return {
            naming.UTILISATION: (
                gauge("go_memstats_next_gc_bytes", labels, size - system + heap, heap - system),
                gauge("go_memstats_sys_bytes", labels, system, system),
                gauge("go_memstats_heap_sys_bytes", labels, heap, heap),
            ),
            naming.UPTIME: (gauge("process_start_time_seconds", labels, 1),),
            **self.limited(workloads),
        }

    def sentence(self) -> str:
        """What is watched."""
        return "the memory that its Go programs grow to before a collection, against their limit"
