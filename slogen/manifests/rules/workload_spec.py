"""Workloads without a spec: every Deployment and StatefulSet belongs to a service with objectives.

Nobody is told when it fails. Told once specs name workloads at all; for what is no service of its own, such as a
cache, write an exemption.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.manifests.house import Limits, Problem
from slogen.manifests.model import Cluster, Subject

SEVERITY = Severity.WARNING
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: payments, container: app}
  slos:
    - {name: availability, objective: 99.9, sli: {type: events, bad: errors_total, total: requests_total}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger}
spec:
  template:
    spec:
      containers:
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {cpu: 500m, memory: 1Gi}}}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: payments, container: app}
  slos:
    - {name: availability, objective: 99.9, sli: {type: events, bad: errors_total, total: requests_total}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec:
  template:
    spec:
      containers:
        - {name: app, image: registry.example.com/payments:1.4, resources: {requests: {cpu: 500m, memory: 1Gi}}}
"""


def check(cluster: Cluster, _limits: Limits) -> Iterator[Problem]:
    """Workloads that no spec names."""
    claimed: dict[tuple[str, str], list[Subject]] = {}
    for claim in cluster.claims:
        claimed.setdefault((claim.subject.kind, claim.subject.name), []).append(claim.subject)
    for workload in cluster.workloads if claimed else ():
        subject = workload.subject
        own = claimed.get((subject.kind, subject.name), ())
        if subject.kind in {"Deployment", "StatefulSet"} and not any(subject.is_in(one.namespace) for one in own):
            message = f"no service in the specs runs as {subject}: nobody is told when it fails"
            hint = "name it in spec.workloads of its service, or exempt it"
            yield Problem(subject, "", workload.spot.place("metadata", "name"), message, hint)
