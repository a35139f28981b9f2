"""Autoscaler's workload: an autoscaler scales something that is there.

When its target is misspelt or was renamed, the autoscaler reports FailedGetScale and the workload keeps its replicas.
Told when all manifests were given, as a folder.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem
from slogen.manifests.model import Cluster
from slogen.manifests.rules._guess import near

SEVERITY = Severity.WARNING
BAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {cpu: 500m, memory: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: payments}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payment}
  minReplicas: 3
  maxReplicas: 12
"""
GOOD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {cpu: 500m, memory: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: payments}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payments}
  minReplicas: 3
  maxReplicas: 12
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Autoscalers of workloads that are in none of the manifests."""
    known = {(workload.subject.kind, workload.subject.name) for workload in cluster.workloads}
    kinds = {workload.subject.kind for workload in cluster.workloads}
    for scaler in cluster.autoscalers if cluster.is_whole else ():
        if scaler.target.kind in kinds and not cluster.matching(scaler.target):
            place = scaler.spot.place("spec", "scaleTargetRef", "name")
            message = f"{scaler.subject} scales {scaler.target}, which is in none of the manifests: nothing is scaled"
            close = near(scaler.target.name, (name for kind, name in known if kind == scaler.target.kind))
            hint = f"did you mean '{close}'?" if close else "name a workload that exists, or remove the autoscaler"
            yield Problem(scaler.target, "", place, message, hint)
