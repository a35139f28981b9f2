"""What runs a service in Kubernetes, and how the series of its pods are told from those of others."""

from __future__ import annotations

from dataclasses import dataclass

from slogen.promql.selectors import Matcher

SIDECARS = ("istio-proxy", "linkerd-proxy", "vault-agent", "cloud-sql-proxy")
"""Containers that are no part of a service unless a spec names them."""

_SAFE = "[b-df-hj-np-tv-xz24-9]"
"""Characters that Kubernetes makes names of, so that they are no words: `checkout-migrate-x2x7k` is not of checkout."""

_POD_SUFFIX = {
    "Deployment": f"-{_SAFE}{{1,10}}-{_SAFE}{{5}}",
    "StatefulSet": "-[0-9]+",
    "DaemonSet": f"-{_SAFE}{{5}}",
    "Job": f"(-[0-9]+)?-{_SAFE}{{5}}",
    "CronJob": f"-[0-9]+(-[0-9]+)?-{_SAFE}{{5}}",
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
        if self.container:
            return (*self.pods, Matcher("container", "=~", f"{self.container}|"))
        return (*self.pods, Matcher("container", "!~", "|".join(SIDECARS)))

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"
