"""Memory request: every container that runs on says how much memory it needs.

Without a request the scheduler puts pods on nodes that have no room for them, and the kubelet evicts them first when
memory runs short. A container with a limit and no request gets the limit as its request, which is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.model import Cluster

SEVERITY = Severity.WARNING
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
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Containers with neither a request nor a limit of memory."""
    for workload, container in cluster.containers():
        known = {("requests", "memory"), ("limits", "memory")}
        if not container.starts_first and not known & container.sizes.keys():
            place = container.spot.place("resources", "requests", "memory")
            message = "it requests no memory, so it is put on nodes without room for it and evicted first"
            hint = "write resources.requests.memory: what it uses at peak"
            yield in_container(workload, container, place, message, hint)
