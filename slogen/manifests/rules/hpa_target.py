"""Autoscaler's target: the utilization that an autoscaler aims at leaves time to scale, and is worth its price.

New pods take a minute or more until they serve. With a target close to 100 percent the pods that are there are
saturated before help comes; the autoscaler also ignores what is within 10 percent of its target. A very low target
pays for idle pods. The bounds are `limits.minTarget` and `limits.maxTarget`, 30 and 85 percent unless given.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem
from slogen.manifests.model import Cluster

SEVERITY = Severity.WARNING
BAD = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: payments}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payments}
  minReplicas: 3
  maxReplicas: 12
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 95}}}
"""
GOOD = """
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
    """Targets that are too high or too low."""
    for scaler in cluster.autoscalers:
        for metric in scaler.metrics:
            share = metric.utilization
            if share is None or limits.min_target <= share / 100 <= limits.max_target:
                continue
            comes = "its pods are saturated before new ones serve" if share / 100 > limits.max_target else "pods idle"
            message = f"{scaler.subject} aims at {share}% of the requested {metric.resource}: {comes}"
            hint = f"write {limits.min_target * 100:.0f} to {limits.max_target * 100:.0f}; 60 to 70 is usual for cpu"
            yield Problem(scaler.target, "", metric.spot.place(), message, hint)
