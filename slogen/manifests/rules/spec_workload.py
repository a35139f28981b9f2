"""Workloads of specs: what a service's spec says it runs as is among the manifests.

The memory of a workload that has another name is not watched: its alerts look at a name that does not exist, and stay
silent. Told when all manifests were given, as a folder.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem
from slogen.manifests.model import Cluster
from slogen.manifests.rules._guess import near

SEVERITY = Severity.ERROR
BAD = """
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
metadata: {name: payment}
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
    """Workloads that a spec names and no manifest holds."""
    names = [workload.subject.name for workload in cluster.workloads]
    for claim in cluster.claims if cluster.is_whole else ():
        if not cluster.matching(claim.subject):
            message = f"service '{claim.service}' runs as {claim.subject}, which is in none of the manifests"
            close = near(claim.subject.name, names)
            hint = (
                f"did you mean '{close}'?" if close else "name the workload as its manifest does, or add the manifest"
            )
            yield Problem(claim.subject, "", claim.place, message, hint)
