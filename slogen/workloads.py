"""What runs a service in Kubernetes, and how the series of its pods are told from those of others."""

from __future__ import annotations

from dataclasses import dataclass

from slogen.promql.selectors import Matcher

SIDECARS = ("istio-proxy", "linkerd-proxy", "vault-agent", "cloud-sql-proxy")
"""Containers that are no part of a service unless a spec names them."""

_POD_SUFFIX = {
    "Deployment": "-[a-z0-9]+-[a-z0-9]{5}",
    "StatefulSet": "-[0-9]+",
    "DaemonSet": "-[a-z0-9]{5}",
    "Job": "(-[0-9]+)?-[a-z0-9]{5}",
    "CronJob": "-[0-9]+(-[0-9]+)?-[a-z0-9]{5}",
}
"""What Kubernetes appends to a workload's name for the names of its pods."""

Matchers = tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Workload:
    """One workload; `container` is empty where all of its containers but sidecars are meant."""

    kind: str
    namespace: str
    name: str
    container: str = ""

    @property
    def pods(self) -> Matchers:
        """Matchers of its pods."""
        name = self.name.replace(".", "\\.")
        return Matcher("namespace", "=", self.namespace), Matcher("pod", "=~", f"{name}{_POD_SUFFIX[self.kind]}")

    @property
    def containers(self) -> Matchers:
        """Matchers of series that Kubernetes keeps per container."""
        if self.container:
            return (*self.pods, Matcher("container", "=", self.container))
        return (*self.pods, Matcher("container", "!~", "|".join(("", "POD", *SIDECARS))))

    @property
    def processes(self) -> Matchers:
        """Matchers of series that the service itself exposes, whose label `container` may be missing."""
        return (*self.pods, Matcher("container", "=~", f"{self.container}|")) if self.container else self.pods

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"
