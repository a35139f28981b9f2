"""Replicas and autoscaler: either the manifest or an autoscaler says how many pods there are.

Where a manifest has `replicas` and an autoscaler too, every deployment sets the number back. A rollout at peak takes
pods away while they are needed most, and the autoscaler takes minutes to bring them back.
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
  replicas: 3
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
    """Fixed replicas of workloads that something scales."""
    for workload in cluster.workloads:
        scalers = cluster.autoscalers_of(workload)
        if workload.replicas and scalers:
            place = workload.spot.place("spec", "replicas", key=True)
            message = (
                f"every deployment sets {workload.subject} back to {workload.replicas} replicas, whatever "
                f"{scalers[0].subject} has scaled it to"
            )
            yield Problem(workload.subject, "", place, message, "remove replicas")
