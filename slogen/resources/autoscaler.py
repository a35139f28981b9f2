"""Autoscaler: how near its maximum a HorizontalPodAutoscaler runs its workloads.

At its maximum it cannot add another pod: the next bit of load goes to the pods that are there. By kube-state-metrics.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from slogen import naming
from slogen.model import Figure
from slogen.promql.build import aggregate, grouped, on
from slogen.promql.selectors import Matcher, Selector
from slogen.resource_fields import Own, ResourceFields, StandIns, gauge
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
    - type: autoscaler
"""

_BY = ("namespace", "horizontalpodautoscaler")


class Resource(ResourceFields):
    """Watches the autoscalers of the workloads."""

    needs_workloads: ClassVar[bool] = True

    type: Literal["autoscaler"]

    def by(self, _workloads: tuple[Workload, ...]) -> tuple[str, ...]:
        """The autoscaler."""
        return _BY

    def figures(self, workloads: tuple[Workload, ...], _own: Own) -> tuple[Figure, ...]:
        """Replicas as a share of the most that there may be, where that is more than the least."""
        info = "\nor\n".join(
            str(
                Selector(
                    "kube_horizontalpodautoscaler_info",
                    (
                        Matcher("namespace", "=", workload.namespace),
                        Matcher("scaletargetref_kind", "=", workload.kind),
                        Matcher("scaletargetref_name", "=", workload.name),
                    ),
                )
            )
            for workload in workloads
        )
        spaces = sorted({workload.namespace for workload in workloads})
        pattern = Matcher("namespace", "=~", "|".join(space.replace(".", "\\.") for space in spaces))
        inside = pattern if len(spaces) > 1 else Matcher("namespace", "=", spaces[0])
        now, most, least = (
            aggregate("max", _BY, str(Selector(f"kube_horizontalpodautoscaler_{name}", (inside,))))
            for name in ("status_current_replicas", "spec_max_replicas", "spec_min_replicas")
        )
        bounds = grouped(f"{most}\n> {on(_BY)}\n{least}")
        mine = aggregate("max", _BY, f"\n  {info}\n".replace("\nor\n", "\n  or\n  "))
        return (Figure(naming.REPLICAS, f"{now}\n/ {on(_BY)}\n{bounds}\nand {on(_BY)}\n{mine}"),)

    def stand_ins(self, workloads: tuple[Workload, ...]) -> StandIns:
        """An autoscaler of two to ten pods."""
        first = workloads[0]
        labels = {"namespace": first.namespace, "horizontalpodautoscaler": first.name}
        target = {"scaletargetref_kind": first.kind, "scaletargetref_name": first.name}
        return {
            naming.REPLICAS: (
                gauge("kube_horizontalpodautoscaler_info", labels, 1, 1, **target),
                gauge("kube_horizontalpodautoscaler_status_current_replicas", labels, 10),
                gauge("kube_horizontalpodautoscaler_spec_max_replicas", labels, 10, 10),
                gauge("kube_horizontalpodautoscaler_spec_min_replicas", labels, 2, 2),
            )
        }

    def sentence(self) -> str:
        """What is watched."""
        return "how near their maximum its autoscalers are"
