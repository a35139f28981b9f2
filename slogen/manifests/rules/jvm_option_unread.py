"""JVM options that nothing reads: options of the heap are where the JVM looks for them.

The JVM reads JAVA_TOOL_OPTIONS, and the `java` launcher JDK_JAVA_OPTIONS and what stands before `-jar`. JAVA_OPTS and
the like are read by start scripts only, and what stands behind `-jar` is the program's. An option elsewhere has no
effect: the heap is not what the manifest says, and nobody notices until it matters.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import MOST, Limits, Problem, in_container
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
          image: registry.example.com/payments:1.4
          command: [java, -jar, /app.jar]
          env:
            - {name: JAVA_OPTS, value: -Xmx1g}
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
          image: registry.example.com/payments:1.4
          command: [java, -jar, /app.jar]
          env:
            - {name: JAVA_TOOL_OPTIONS, value: -Xmx1g}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Options of the heap that have no effect."""
    for workload, container in cluster.containers():
        found = jvm(container)
        for setting in found.unread[:MOST] if found is not None else ():
            message = f"nothing reads {setting.written} here, so the heap is not what this says"
            hint = "write it in JAVA_TOOL_OPTIONS, or in the command before -jar"
            yield in_container(workload, container, setting.word.place, message, hint)
