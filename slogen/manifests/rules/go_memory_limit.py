"""Go memory limit: GOMEMLIMIT leaves room below the container's limit.

GOMEMLIMIT is a soft limit, and of Go's own memory only. At the container's limit or above it, the collector never
works harder before the kernel kills the container; with GOGC=off and no GOMEMLIMIT it does not collect at all. Go
reads `B`, `KiB`, `MiB`, `GiB` and `TiB`, and with anything else the program does not start. The share is
`limits.maxGoShare`, 95 percent unless given.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.golang import go_memory
from slogen.manifests.house import Limits, Problem, in_container
from slogen.manifests.model import Cluster
from slogen.quantities import MI, format_bytes

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
          env:
            - {name: GOMEMLIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
          resources:
            limits: {memory: 1Gi}
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
          env:
            - {name: GOMEMLIMIT, value: 920MiB}
          resources:
            limits: {memory: 1Gi}
"""


def check(cluster: Cluster, limits: Limits) -> Iterator[Problem]:
    """GOMEMLIMIT that Go does not read, or that is close to the limit or above it."""
    for workload, container in cluster.containers():
        limit, found = container.limit("memory"), go_memory(container)
        if found is None or found.variable is None:
            continue
        place = found.variable.place()
        if found.wrong:
            message = f"GOMEMLIMIT: {found.wrong}, so the program does not start"
            yield in_container(workload, container, place, message, "write 900MiB or 2GiB")
        elif not found.collects and found.limit is None and found.variable.text in {"", "off"}:
            message = "GOGC=off and no GOMEMLIMIT: garbage is never collected, so the container is killed (OOMKilled)"
            yield in_container(workload, container, place, message, "set GOMEMLIMIT, or remove GOGC")
        elif found.limit is not None and limit is not None and found.limit > limits.max_go_share * limit:
            message = (
                f"GOMEMLIMIT is {format_bytes(found.limit)}, {int(100 * found.limit / limit)}% of the limit of "
                f"{format_bytes(limit)}: the container is killed (OOMKilled) before Go collects more often"
            )
            hint = f"write {int(limits.max_go_share * limit / MI)}MiB or less"
            yield in_container(workload, container, place, message, hint)
