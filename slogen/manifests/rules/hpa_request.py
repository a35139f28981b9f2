"""Autoscaler and requests: every container of a workload that is scaled by utilization requests the resource.

Utilization is use over request. When one container of the pod has no request, the autoscaler reports
FailedGetResourceMetric and never scales, up or down.
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
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {memory: 1Gi}}}
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


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Containers without a request that utilization is counted by."""
    for workload, scaler in cluster.autoscaled():
        for metric in scaler.metrics:
            for container in workload.containers:
                if container.starts_first or metric.container not in {"", container.name} or metric.utilization is None:
                    continue
                if container.request(metric.resource) is None:
                    place = container.spot.place("resources", "requests", metric.resource)
                    message = f"it requests no {metric.resource}, so {scaler.subject}, which scales by it, never scales"
                    hint = f"write resources.requests.{metric.resource}"
                    yield in_container(workload, container, place, message, hint)
