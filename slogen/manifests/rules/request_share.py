"""Request and limit: a container requests a good part of the memory that it may use.

Nodes are filled by what pods request. Where limits are much larger, pods together may use more than the node has: it
runs short at peak, when all of them are busy, and pods far above their request are killed first. The share is
`limits.minRequestShare` in the configuration, 50 percent unless given.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.model import Cluster
from slogen.quantities import format_bytes

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
          resources:
            requests: {memory: 512Mi}
            limits: {memory: 4Gi}
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
            requests: {memory: 3Gi}
            limits: {memory: 4Gi}
"""


def check(cluster: Cluster, limits: Limits) -> Iterator[Problem]:
    """Requests of memory that are a small part of the limit."""
    for workload, container in cluster.containers():
        request, limit = container.request("memory"), container.limit("memory")
        if request is None or limit is None or container.starts_first or request >= limits.min_request_share * limit:
            continue
        place = container.spot.place("resources", "requests", "memory")
        message = (
            f"it requests {format_bytes(request)} and may use {format_bytes(limit)}: nodes are filled by requests, so "
            "they run out of memory at peak and it is among the first to be killed"
        )
        hint = f"request what it uses at peak, at least {format_bytes(limits.min_request_share * limit)}"
        yield in_container(workload, container, place, message, hint)
