"""JVM options: sizes and percentages of the JVM's memory are such that it starts.

A size such as `2gb` or `1.5g`, a percentage above 100, or an initial heap that is larger than the largest: the JVM
refuses to start, and the pod restarts in a loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from slogen.findings import Severity
from slogen.manifests.house import MOST, Limits, Problem, in_container
from slogen.manifests.jvm import jvm
from slogen.manifests.model import Cluster
from slogen.quantities import format_bytes

SEVERITY = Severity.ERROR
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
          command: [java, -Xmx1.5g, -jar, /app.jar]
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
          command: [java, -Xmx1536m, -jar, /app.jar]
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Options that the JVM refuses, alone or together."""
    for workload, container in cluster.containers():
        found = jvm(container)
        if found is None:
            continue
        for setting in islice((one for one in found.settings if one.wrong), MOST):
            message = f"{setting.written}: {setting.wrong}, so the JVM does not start"
            hint = "write 75 or 75.0" if setting.name.endswith("Percentage") else "write 1536m or 2g"
            yield in_container(workload, container, setting.word.place, message, hint)
        first, most = found.last.get("InitialHeapSize"), found.last.get("MaxHeapSize")
        if first is None or most is None or first.number is None or most.number is None or most.wrong:
            continue
        if first.number > most.number:
            message = (
                f"the heap begins with {format_bytes(first.number)} ({first.written}) and may grow to "
                f"{format_bytes(most.number)} ({most.written}), so the JVM does not start"
            )
            yield in_container(workload, container, first.word.place, message, "write -Xms and -Xmx alike")
