"""Go: how far the next collection lets a Go program grow, against the limit of its container.

Go collects when the heap has grown to a goal that it sets from what the last collection left. Goal and memory beside
the heap together are the most that the program needs until then: they have no saw-tooth, and a leak moves them at once.
"""

from __future__ import annotations

from typing import Literal

from slogen.model import Figure
from slogen.promql.build import grouped, on
from slogen.resource_fields import Own, Process, most, since_start, union
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

    def sentence(self) -> str:
        """What is watched."""
        return "the memory that its Go programs grow to before a collection, against their limit"
