"""JVM memory beside the heap: the heap and the other areas that are given a size fit into the limit together.

Each of them is reached sooner or later, and the kernel kills the container when their sum passes the limit.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.jvm import jvm, max_heap
from slogen.manifests.model import Cluster
from slogen.quantities import format_bytes

SEVERITY = Severity.ERROR
BAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/payments:1.4
          env:
            - {name: JAVA_TOOL_OPTIONS, value: "-XX:MaxRAMPercentage=75 -XX:MaxDirectMemorySize=1g"}
          resources:
            limits: {memory: 2Gi}
"""
GOOD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/payments:1.4
          env:
            - {name: JAVA_TOOL_OPTIONS, value: "-XX:MaxRAMPercentage=75 -XX:MaxDirectMemorySize=256m"}
          resources:
            limits: {memory: 2Gi}
"""
AREAS = {
    "MaxDirectMemorySize": "direct buffers",
    "MaxMetaspaceSize": "metaspace",
    "ReservedCodeCacheSize": "compiled code",
}


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Sums of heap and other areas that are larger than the limit, where the heap alone is not."""
    for workload, container in cluster.containers():
        limit, found = container.limit("memory"), jvm(container)
        if found is None or limit is None:
            continue
        heap = max_heap(found, limit).size
        areas = [found.last[name] for name in AREAS if name in found.last]
        size = sum(area.number for area in areas if area.number is not None)
        if heap is None or heap > limit or not areas or heap + size <= limit:
            continue
        largest = max(areas, key=lambda area: area.number or 0)
        told = ", ".join(f"{AREAS[area.name]} {format_bytes(area.number)}" for area in areas if area.number is not None)
        message = (
            f"the JVM's heap may grow to {format_bytes(heap)} and beside it {told}: more than the limit of "
            f"{format_bytes(limit)}, so the container is killed (OOMKilled)"
        )
        hint = f"make them smaller, or write a memory limit of more than {format_bytes(heap + size)}"
        yield in_container(workload, container, largest.word.place, message, hint)
