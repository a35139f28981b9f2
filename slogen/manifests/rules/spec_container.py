"""Containers of specs: the container that a service's spec names is in the workload.

Its memory is not watched otherwise: alerts look at a container that does not exist, and stay silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity, listed
from slogen.manifests.house import Limits, Problem
from slogen.manifests.model import Cluster

SEVERITY = Severity.ERROR
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: payments, container: main}
  slos:
    - {name: availability, objective: 99.9, sli: {type: events, bad: errors_total, total: requests_total}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {cpu: 500m, memory: 1Gi}}}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: payments, container: app}
  slos:
    - {name: availability, objective: 99.9, sli: {type: events, bad: errors_total, total: requests_total}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {cpu: 500m, memory: 1Gi}}}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Containers that a spec names and its workload does not have."""
    for claim in cluster.claims:
        workloads = [workload for workload in cluster.matching(claim.subject) if workload.containers]
        names = {container.name for workload in workloads for container in workload.containers}
        if claim.container and workloads and claim.container not in names:
            message = f"{claim.subject} has no container '{claim.container}', as service '{claim.service}' says"
            yield Problem(claim.subject, "", claim.container_place, message, f"it has {listed(names)}")
