"""Memory, and other resources of a service that can run out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from slogen import naming
from slogen.findings import Place
from slogen.model.indicator import Labels, StandIn
from slogen.model.slo import Notice, Policy, Severity
from slogen.promql.build import series
from slogen.workloads import Workload


@dataclass(frozen=True, slots=True)
class Figure:
    """Something recorded of a resource, per instance: the name of the series, its PromQL, and labels of its own."""

    record: str
    expr: str
    labels: Labels = ()


class ResourceType(Protocol):
    """A resource that can run out: one file in `resources/` per type."""

    @property
    def type(self) -> str:
        """Name of the type, as in the spec."""

    def by(self, workloads: tuple[Workload, ...]) -> tuple[str, ...]:
        """Labels that tell instances of the resource apart."""

    def figures(self, workloads: tuple[Workload, ...], own: Callable[..., str]) -> tuple[Figure, ...]:
        """What is recorded of it, in order; `own` gives the selector of a series of the same resource."""

    def stand_ins(self, workloads: tuple[Workload, ...]) -> Mapping[str, tuple[StandIn, ...]]:
        """Made-up series of one instance, by the figure that they follow; none where they cannot be told."""

    def sentence(self) -> str:
        """What is watched, in a few words for people."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Memory, or another resource, of one service that can run out."""

    service: str
    name: str
    source: ResourceType
    workloads: tuple[Workload, ...]
    policy: Policy
    labels: Labels
    notices: Mapping[Severity, Notice]
    place: Place
    runbook: str = ""
    """Notes of the team, Markdown."""

    @property
    def identity(self) -> Labels:
        """Labels of its recorded series and alerts."""
        return naming.resource_identity(self.service, self.name)

    def series(self, record: str, *labels: tuple[str, str]) -> str:
        """A selector of a series recorded of it."""
        return series(record, (*self.identity, *labels))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is recorded of it."""
        return self.source.figures(self.workloads, self.series)

    def has(self, record: str) -> bool:
        """Whether such a series is recorded of it."""
        return any(figure.record == record for figure in self.figures)

    @property
    def by(self) -> tuple[str, ...]:
        """Labels that tell its instances apart."""
        return self.source.by(self.workloads)
