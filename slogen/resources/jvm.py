"""JVM: what of the heap is still in use after a collection, against the most that the heap may grow to.

Heap in use rises until the next collection and says nothing; what a collection leaves is what the program holds on to.
A leak shows there first, long before the container runs out. Metrics of Micrometer and of the Prometheus client for
Java (both its old and its new names) are understood. How much of its container the heap may take is watched too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic_core import PydanticCustomError

from slogen import naming
from slogen.model import Figure
from slogen.promql.build import aggregate, grouped, lines, on
from slogen.promql.selectors import Matcher
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
    - type: jvm
"""

_OLD = Matcher("pool", "=~", ".*(Old Gen|Tenured Gen).*")
_HEAP = Matcher("area", "=", "heap")


class Resource(Process):
    """Watches the heap of Java processes after collections."""

    type: Literal["jvm"]

    def unlimited(self) -> Iterator[PydanticCustomError]:
        """The heap's own limit is known without a container."""
        return iter(())

    def figures(self, workloads: tuple[Workload, ...], own: Own) -> tuple[Figure, ...]:
        """Utilisation after collections, uptime, and the heap's share of the container."""
        by, matchers = self.by(workloads), self.selected(workloads)
        live, most_live = (
            most(by, f"{grouped(_either(micrometer, prometheus, matchers))} > 0")
            for micrometer, prometheus in (
                ("jvm_gc_live_data_size_bytes", "jvm_memory_pool_collection_used_bytes"),
                ("jvm_gc_max_data_size_bytes", "jvm_memory_pool_collection_max_bytes"),
            )
        )
        started = most(by, union("process_start_time_seconds", matchers))
        found = since_start(by, live, most_live, started, own)
        if not workloads and self.limit is None:
            return found
        pools = union(("jvm_memory_max_bytes", "jvm_memory_bytes_max"), matchers, _HEAP)
        heap = aggregate("sum", by, lines(most((*by, "id"), f"{grouped(pools)} > 0")))
        bound = self.bounded(workloads)
        share = f"{heap}\n/ {bound}" if bound.isdigit() else f"{heap}\n/ {on(by)}\n{bound}"
        return (*found, Figure(naming.HEAP_LIMIT, share))

    def stand_ins(self, workloads: tuple[Workload, ...]) -> StandIns:
        """What Micrometer says of the heap, which takes half of the limit where only what is in use matters."""
        labels, size = self.instance(workloads), self.limit or ANY_LIMIT
        if labels is None:
            return {}
        found = {
            naming.UTILISATION: (
                gauge("jvm_gc_live_data_size_bytes", labels, size // 2),
                gauge("jvm_gc_max_data_size_bytes", labels, size // 2, size // 2),
            ),
            naming.UPTIME: (gauge("process_start_time_seconds", labels, 1),),
            **self.limited(workloads),
        }
        if workloads or self.limit is not None:
            found[naming.HEAP_LIMIT] = (gauge("jvm_memory_max_bytes", labels, size, area="heap", id="G1 Old Gen"),)
        return found

    def sentence(self) -> str:
        """What is watched."""
        return "what collections leave of its Java heap, against the heap's limit"


def _either(micrometer: str, prometheus: str, matchers: list[tuple[Matcher, ...]]) -> str:
    return f"{union(micrometer, matchers)}\nor\n{union(prometheus, matchers, _OLD)}"
