"""CPU: how often the kernel throttles a container because it has used up its CPU limit.

A throttled container waits, and its requests with it, while the node may be idle. By cAdvisor.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal

from slogen import naming
from slogen.model import Figure, StandIn
from slogen.promql.build import aggregate, lines, on
from slogen.promql.selectors import Selector
from slogen.resource_fields import CONTAINER, Own, ResourceFields, StandIns, instance_of
from slogen.workloads import Workload

KIND = "saturation"

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  saturation:
    - type: cpu
"""

_WINDOW = "5m"


class Resource(ResourceFields):
    """Watches how often the workloads' containers are throttled."""

    needs_workloads: ClassVar[bool] = True

    type: Literal["cpu"]

    def figures(self, workloads: tuple[Workload, ...], _own: Own) -> tuple[Figure, ...]:
        """The share of the kernel's periods in which a container was throttled."""
        throttled, periods = (
            aggregate("sum", CONTAINER, lines("\nor\n".join(_rates(f"container_cpu_cfs_{name}_total", workloads))))
            for name in ("throttled_periods", "periods")
        )
        return (Figure(naming.THROTTLED, f"{throttled}\n/ {on(CONTAINER)}\n({periods} > 0)"),)

    def stand_ins(self, workloads: tuple[Workload, ...]) -> StandIns:
        """The kernel's periods, and those of them that are throttled."""
        labels, one = tuple(instance_of(workloads[0]).items()), Decimal(1)
        return {
            naming.THROTTLED: (
                StandIn("container_cpu_cfs_periods_total", labels, one, one),
                StandIn("container_cpu_cfs_throttled_periods_total", labels, Decimal(0), one),
            )
        }

    def sentence(self) -> str:
        """What is watched."""
        return "how often its containers are throttled"


def _rates(metric: str, workloads: tuple[Workload, ...]) -> list[str]:
    return [f"rate({Selector(metric, workload.containers)}[{_WINDOW}])" for workload in workloads]
