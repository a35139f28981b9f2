"""JVM heap: the largest heap leaves room in the container for what is not heap.

Metaspace, thread stacks, compiled code, direct buffers and the collector's own data come on top of the heap, some
hundred MiB in a small service; direct buffers alone may grow as large as the heap. When all of it exceeds the limit,
the kernel kills the container (OOMKilled, exit code 137) without an OutOfMemoryError, a heap dump or a line in the
log. It happens under load or with a slow leak, in all replicas at about the same time. The heap may be
`limits.maxHeapShare` of the container's limit, 80 percent unless given, or any share that leaves `limits.headRoom`,
2Gi unless given.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.jvm import DEFAULT_HEAP, Heap, jvm, max_heap
from slogen.manifests.model import Cluster
from slogen.quantities import MI, format_bytes

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
            - {name: JAVA_TOOL_OPTIONS, value: -Xmx2g}
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
            - {name: JAVA_TOOL_OPTIONS, value: -XX:MaxRAMPercentage=75}
          resources:
            limits: {memory: 2Gi}
"""


def check(cluster: Cluster, limits: Limits) -> Iterator[Problem]:
    """Heaps that fill the container."""
    for workload, container in cluster.containers():
        limit, found = container.limit("memory"), jvm(container)
        if found is None or limit is None:
            continue
        heap = max_heap(found, limit)
        if heap.size is None or heap.size <= limits.max_heap_share * limit:
            continue
        if heap.size <= limit - limits.head_room or (heap.setting is not None and heap.setting.wrong):
            continue
        place = heap.setting.word.place if heap.setting is not None else container.spot.place("image")
        share = int(100 * heap.size / limit)
        message = (
            f"the JVM's heap may grow to {format_bytes(heap.size)} ({_by(heap)}), {share}% of the limit of "
            f"{format_bytes(limit)}; threads, metaspace and buffers come on top, so the container is killed (OOMKilled)"
        )
        hint = _hint(heap, heap.size, limit, limits.max_heap_share)
        yield in_container(workload, container, place, message, hint)


def _by(heap: Heap) -> str:
    return heap.setting.written if heap.setting is not None else "by default"


def _hint(heap: Heap, size: Decimal, limit: Decimal, share: Decimal) -> str:
    """What fits, without a percentage where a container is too small for one, or a limit that would raise the heap."""
    ways = [f"-Xmx{int(share * limit / MI)}m"]
    if limit >= 2 * DEFAULT_HEAP:
        ways.append(f"-XX:MaxRAMPercentage={int(min(share * 100, Decimal(75)))}")
    if heap.setting is not None and heap.setting.name.endswith("HeapSize"):
        needed = (size / share / MI).to_integral_value(ROUND_CEILING)
        ways.append(f"a memory limit of {needed:f}Mi or more")
    return f"write {', '.join(ways[:-1])} or {ways[-1]}" if len(ways) > 1 else f"write {ways[0]}"
