"""Quantities: memory and cpu are written in units that Kubernetes has.

`512MB` is refused when it is deployed. `512m` is taken: it is 512 thousandths of a byte, and no container starts with
so little.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.model import Cluster
from slogen.quantities import KI, MI

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
          resources:
            limits: {memory: 512m}
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
          resources:
            limits: {memory: 512Mi}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """What is no quantity, and memory that is less than a mebibyte."""
    for workload, container in cluster.containers():
        for (section, resource), size in container.sizes.items():
            place = container.spot.place("resources", section, resource)
            if isinstance(size, str):
                message = f"the {resource} in {section} cannot be read, so Kubernetes refuses the manifest: {size}"
                yield in_container(
                    workload, container, place, message, "write 512Mi or 2Gi for memory, 250m or 1.5 for cpu"
                )
            elif resource == "memory" and 0 < size < MI:
                told = f"{size.normalize():f}"[:20]
                message = f"the memory in {section} is {told} bytes, so no container starts: the unit is wrong"
                hint = (
                    f"write {int(size * 1000)}Mi" if size < KI and size * 1000 == int(size * 1000) else "write Mi or Gi"
                )
                yield in_container(workload, container, place, message, hint)
