"""Request above limit: a request is at most its limit.

Kubernetes refuses the manifest, so the deployment fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

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
            requests: {memory: 2Gi}
            limits: {memory: 2G}
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
            requests: {memory: 2Gi}
            limits: {memory: 2Gi}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Requests of any resource that are larger than the limit."""
    for workload, container in cluster.containers():
        for (section, resource), size in container.sizes.items():
            limit = container.sizes.get(("limits", resource))
            if section == "requests" and isinstance(size, Decimal) and isinstance(limit, Decimal) and size > limit:
                place = container.spot.place("resources", "requests", resource)
                message = f"it requests more {resource} than its limit, so Kubernetes refuses the manifest"
                yield in_container(workload, container, place, message, "raise the limit, or request less")
