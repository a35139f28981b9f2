"""Autoscaler's range: an autoscaler has room to scale, and enough replicas to lose one.

Where the maximum is the minimum nothing is scaled. With fewer replicas than `limits.minReplicas`, 2 unless given, the
loss of one pod or node is an outage. KEDA's ScaledObject may go down to none, which is what it is for.
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
  maxReplicas: 3
"""
GOOD = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: payments}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payments}
  minReplicas: 3
  maxReplicas: 12
"""


def check(cluster: Cluster, limits: Limits) -> Iterator[Problem]:
    """Ranges without room, and with too few replicas."""
    for scaler in cluster.autoscalers:
        subject, least, most = scaler.subject, scaler.minimum, scaler.maximum
        names = ("minReplicas", "maxReplicas") if scaler.is_plain else ("minReplicaCount", "maxReplicaCount")
        low, high = (scaler.spot.place("spec", name) for name in names)
        if most is None:
            message = f"{subject} has no maxReplicas, so Kubernetes refuses it"
            yield Problem(scaler.target, "", high, message, "write what the peak needs, and half of it more")
        elif most <= least:
            what = "nothing is scaled" if most == least else "Kubernetes refuses it"
            message = f"{subject} scales from {least} to {most} replicas, so {what}"
            yield Problem(scaler.target, "", high, message, "write a maximum for the peak, and half of it more")
        if scaler.is_plain and least < limits.min_replicas:
            message = f"{subject} scales down to {_plural(least)}: losing one is an outage"
            yield Problem(scaler.target, "", low, message, f"write minReplicas: {limits.min_replicas} or more")


def _plural(count: int) -> str:
    return f"{count} replica{'' if count == 1 else 's'}"
