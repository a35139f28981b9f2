"""Readiness: a container that serves has a readiness probe.

Without one a pod gets traffic as soon as its process runs. Every rollout and every scale-up then fails requests until
the service has warmed up, and a rollout goes on although the new pods do not work.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
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
        - name: app
          image: registry.example.com/payments:1.4-jre17
          ports: [{containerPort: 8080}]
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
          image: registry.example.com/payments:1.4-jre17
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: 8080}}
"""
SERVING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Rollout"})


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Containers with ports and without a readiness probe."""
    for workload, container in cluster.containers():
        if workload.subject.kind not in SERVING or not container.has_ports or container.starts_first:
            continue
        if "readinessProbe" not in container.probes:
            place = container.spot.place("ports", key=True)
            message = "it has no readiness probe, so it gets traffic before it can serve, at each rollout and scale-up"
            hint = "write readinessProbe: an endpoint that answers once the service is ready"
            yield in_container(workload, container, place, message, hint)
