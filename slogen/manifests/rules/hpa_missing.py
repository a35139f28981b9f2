"""Autoscaler: every Deployment has an autoscaler.

With a fixed number of replicas, a peak above what somebody once guessed is answered by queues, timeouts and restarts.
A Deployment of no replicas or of strategy Recreate is left out; for one that must not be scaled write an exemption.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem
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
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {cpu: 500m, memory: 1Gi}}}
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
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 65}}}
"""


def check(cluster: Cluster, limits: Limits) -> Iterator[Problem]:
    """Deployments that nothing scales."""
    for workload in cluster.workloads:
        if workload.subject.kind != "Deployment" or workload.replicas == 0 or workload.strategy == "Recreate":
            continue
        if not workload.containers or cluster.autoscalers_of(workload):
            continue
        message = f"nothing scales {workload.subject}: a peak above its fixed replicas ends in queues and timeouts"
        hint = f"add a HorizontalPodAutoscaler, of {limits.min_replicas} replicas or more"
        yield Problem(workload.subject, "", workload.spot.place("metadata", "name"), message, hint)
