"""Heap that cannot be told: the manifest shows how large the heap may grow.

An option that comes from a Secret, from a ConfigMap that is not among the manifests, or from what a script works out
is not checked: it may be larger than the limit without anybody being told.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Place, Severity
from slogen.manifests.golang import go_memory
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.jvm import jvm, max_heap
from slogen.manifests.model import UNKNOWN, Cluster, Container, Value
from slogen.manifests.nodejs import old_spaces

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
          image: registry.example.com/payments:1.4
          env:
            - name: JAVA_TOOL_OPTIONS
              valueFrom: {secretKeyRef: {name: payments, key: java}}
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
            - {name: JAVA_TOOL_OPTIONS, value: -Xmx1g}
          resources:
            limits: {memory: 2Gi}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Heaps of JVM, Node.js and Go that a value from elsewhere sets, or may set."""
    for workload, container in cluster.containers():
        found = next(_unknown(container), None)
        if found is not None and container.limit("memory") is not None:
            place, what, why = found
            message = f"how large {what} may grow cannot be told and is not checked: it comes from {why}"
            yield in_container(
                workload,
                container,
                place,
                message,
                "write it in the manifest, or in a ConfigMap that is checked with it",
            )


def _unknown(container: Container) -> Iterator[tuple[Place, str, str]]:
    found = jvm(container)
    if found is not None:
        heap = max_heap(found, container.limit("memory"))
        if heap.setting is not None and heap.size is None and not heap.setting.wrong and not heap.is_of_node:
            yield heap.setting.word.place, "the JVM's heap", _why(heap.setting.word.value)
        elif heap.setting is None and found.hidden:
            yield found.hidden[0].place(), "the JVM's heap", _why(found.hidden[0])
    for space in old_spaces(container):
        if space.size is None and not space.wrong:
            yield space.word.place, "the heap of Node.js", _why(space.word.value)
    go = go_memory(container)
    if go is not None and go.variable is not None and UNKNOWN in go.variable.text:
        yield go.variable.place(), "Go's memory", _why(go.variable)


def _why(value: Value) -> str:
    return value.unknown or "a file in the image"
