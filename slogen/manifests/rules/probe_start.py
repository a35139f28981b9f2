"""Start of a JVM: the liveness probe leaves a JVM time to start.

A JVM starts in seconds on an idle machine and in a minute on a busy node with little cpu. When the liveness probe
gives up before that, the pod is restarted before it ever serves, and the restarts make the node busier. A startup
probe holds the liveness probe back. The time is `limits.startSeconds`, 60 unless given.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
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
        - name: app
          image: registry.example.com/payments:1.4-jre17
          ports: [{containerPort: 8080}]
          livenessProbe: {httpGet: {path: /alive, port: 8080}, periodSeconds: 5}
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
          livenessProbe: {httpGet: {path: /alive, port: 8080}, periodSeconds: 5}
          startupProbe: {httpGet: {path: /alive, port: 8080}, periodSeconds: 5, failureThreshold: 24}
"""
_DEFAULTS = {"initialDelaySeconds": 0, "periodSeconds": 10, "failureThreshold": 3}


def check(cluster: Cluster, limits: Limits) -> Iterator[Problem]:
    """Liveness and startup probes of a JVM that fail too soon."""
    for workload, container in cluster.containers():
        name = "startupProbe" if "startupProbe" in container.probes else "livenessProbe"
        probe = container.probes.get(name)
        if probe is None or jvm(container) is None:
            continue
        delay, period, failures = (
            value if isinstance(value := probe.get(key, default), int) else default
            for key, default in _DEFAULTS.items()
        )
        seconds = delay + period * failures
        if seconds < limits.start_seconds:
            place = container.spot.place(name, key=True)
            message = f"a JVM that takes longer than {seconds}s to start, as on a busy node, is restarted for ever"
            hint = f"write startupProbe with periodSeconds: 5, failureThreshold: {-(-limits.start_seconds * 2 // 5)}"
            yield in_container(workload, container, place, message, hint)
