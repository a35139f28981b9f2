"""Autoscaling by memory: a JVM is not scaled by memory.

A JVM keeps the heap that it once took, so the autoscaler goes up and never down. With a leak it adds pods that leak
as well, until the maximum is reached, and hides the leak until then. Scale by cpu or by requests per second.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem
from slogen.manifests.jvm import jvm
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
        - {name: app, image: registry.example.com/payments:1.4-jre17, resources: {requests: {cpu: 500m, memory: 1Gi}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: payments}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payments}
  minReplicas: 3
  maxReplicas: 12
  metrics:
    - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 70}}}
"""
GOOD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - {name: app, image: registry.example.com/payments:1.4-jre17, resources: {requests: {cpu: 500m, memory: 1Gi}}}
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


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Autoscalers that look at the memory of a JVM."""
    for workload, scaler in cluster.autoscaled():
        for metric in scaler.metrics:
            containers = [one for one in workload.containers if metric.container in {"", one.name}]
            if metric.resource == "memory" and any(jvm(one) is not None for one in containers):
                message = f"{scaler.subject} scales a JVM by memory, which it never gives back: up and never down"
                hint = "scale by cpu, or by requests per second"
                yield Problem(scaler.target, "", metric.spot.place(), message, hint)
