"""JVM and the node's memory: a JVM sizes its heap by the container, not by the node.

With `-XX:-UseContainerSupport` the heap may grow to a quarter of the node's memory, on a large node far beyond the
container's limit: the container is killed under load, and only on large nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.jvm import jvm, max_heap
from slogen.manifests.model import Cluster

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
            - {name: JAVA_TOOL_OPTIONS, value: -XX:-UseContainerSupport}
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
            - {name: JAVA_TOOL_OPTIONS, value: -XX:-UseContainerSupport -Xmx1500m}
          resources:
            limits: {memory: 2Gi}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """JVMs that do not look at their container and are given no heap."""
    for workload, container in cluster.containers():
        limit, found = container.limit("memory"), jvm(container)
        if found is None or limit is None:
            continue
        heap = max_heap(found, limit)
        if heap.is_of_node and heap.setting is not None:
            message = (
                "the JVM's heap may grow to a share of the node's memory, not of the container's, so the container is "
                "killed (OOMKilled) on large nodes"
            )
            hint = "remove -XX:-UseContainerSupport, or write -Xmx"
            yield in_container(workload, container, heap.setting.word.place, message, hint)
