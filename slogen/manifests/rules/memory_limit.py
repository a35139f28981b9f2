"""Memory limit: every container has a memory limit.

Without a limit a leak takes the memory of the whole node. The kernel then kills processes of other pods on it, and
the kubelet evicts pods: one bad release takes services down that have nothing to do with it. A JVM without a limit
also sizes its heap by the node's memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
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
          resources:
            requests: {memory: 512Mi}
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
          resources:
            requests: {memory: 512Mi}
            limits: {memory: 512Mi}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Containers without a limit of memory."""
    for workload, container in cluster.containers():
        if container.limit("memory") is None and not isinstance(container.sizes.get(("limits", "memory")), str):
            place = container.spot.place("resources", "limits", "memory")
            message = "it has no memory limit, so a leak takes the whole node and other pods on it are killed"
            hint = "write resources.limits.memory: a quarter more than its working set at peak is a beginning"
            yield in_container(workload, container, place, message, hint)
