"""JVM default heap: the largest heap is chosen, not left to the JVM.

Without an option the heap stops at a quarter of the container's limit (half of it, in containers below 250 MiB): the
service throws OutOfMemoryError while most of the memory that is paid for lies idle. An image may set options of its
own, which no manifest shows, so this is for information.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.jvm import jvm, max_heap
from slogen.manifests.model import Cluster
from slogen.quantities import format_bytes

SEVERITY = Severity.INFO
BAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.com/payments:1.4-jre17
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
          image: registry.example.com/payments:1.4-jre17
          env:
            - {name: JAVA_TOOL_OPTIONS, value: -XX:MaxRAMPercentage=75}
          resources:
            limits: {memory: 2Gi}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """JVMs of which no option sets the heap."""
    for workload, container in cluster.containers():
        limit, found = container.limit("memory"), jvm(container)
        if found is None or limit is None or found.hidden or container.starts_first:
            continue
        heap = max_heap(found, limit)
        if heap.setting is not None or heap.size is None:
            continue
        message = (
            f"nothing here sets the JVM's heap, so it stops at {format_bytes(heap.size)} of {format_bytes(limit)}: it "
            "throws OutOfMemoryError while the rest lies idle"
        )
        hint = "write JAVA_TOOL_OPTIONS: -XX:MaxRAMPercentage=75, unless the image sets the heap"
        yield in_container(workload, container, container.spot.place("image"), message, hint)
