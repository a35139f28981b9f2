"""Liveness: a container that serves has a liveness probe.

A process that hangs, as a JVM does that collects garbage all the time, is restarted only when a liveness probe fails.
Let it ask the process alone: one that asks a database restarts all pods when the database is slow.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.model import Cluster
from slogen.manifests.rules.probe_readiness import SERVING

SEVERITY = Severity.INFO
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
          livenessProbe: {httpGet: {path: /alive, port: 8080}, initialDelaySeconds: 60}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Containers with ports and without a liveness probe."""
    for workload, container in cluster.containers():
        if workload.subject.kind not in SERVING or not container.has_ports or container.starts_first:
            continue
        if "livenessProbe" not in container.probes:
            place = container.spot.place("ports", key=True)
            message = "it has no liveness probe, so a process that hangs is never restarted"
            hint = "write livenessProbe: an endpoint that asks nothing but the process itself"
            yield in_container(workload, container, place, message, hint)
