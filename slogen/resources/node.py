"""Node: memory of machines that is not available, by the node exporter.

A node that runs out kills containers that are within their own limits. Watch nodes once, in a service of those who run
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from slogen import naming
from slogen.model import Figure
from slogen.promql.build import grouped, on
from slogen.promql.examples import labels_for
from slogen.promql.selectors import Matcher, Selector
from slogen.queries import Matchers
from slogen.resource_fields import ANY_LIMIT, Own, ResourceFields, StandIns, gauge, most, since_start, union
from slogen.workloads import Workload

KIND = "memory"

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: nodes}
spec:
  memory:
    - type: node
      selector: '{job="node-exporter"}'
"""

_BY = ("instance",)


class Resource(ResourceFields):
    """Watches the memory of nodes."""

    type: Literal["node"]
    selector: Matchers = Field(
        (Matcher("job", "=~", "node|node-exporter"),),
        description='Label matchers of the node exporter\'s series, unless {job=~"node|node-exporter"} selects them.',
    )

    def problems(self, _workloads: tuple[Workload, ...]) -> Iterator[PydanticCustomError]:
        """Nodes need no workloads."""
        return iter(())

    def by(self, _workloads: tuple[Workload, ...]) -> tuple[str, ...]:
        """The node."""
        return _BY

    def figures(self, _workloads: tuple[Workload, ...], own: Own) -> tuple[Figure, ...]:
        """Utilisation and uptime."""
        total, free, booted = (
            most(_BY, union(f"node_{name}", [self.selector]))
            for name in ("memory_MemTotal_bytes", "memory_MemAvailable_bytes", "boot_time_seconds")
        )
        used = grouped(f"{total}\n- {on(_BY)}\n{free}")
        return since_start(_BY, used, total, booted, own)

    def stand_ins(self, _workloads: tuple[Workload, ...]) -> StandIns:
        """What the node exporter says of one node."""
        found = labels_for(Selector("", self.selector))
        if found is None:
            return {}
        labels = {"instance": "one:9100", **found}
        return {
            naming.UTILISATION: (
                gauge("node_memory_MemTotal_bytes", labels, ANY_LIMIT, ANY_LIMIT),
                gauge("node_memory_MemAvailable_bytes", labels, 0, ANY_LIMIT),
            ),
            naming.UPTIME: (gauge("node_boot_time_seconds", labels, 1),),
        }

    def sentence(self) -> str:
        """What is watched."""
        return "the memory of nodes that is not available"
