"""Services, and what the whole repository shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slogen.findings import Place
from slogen.model.indicator import Labels
from slogen.model.resource import Resource
from slogen.model.slo import Severity, Slo
from slogen.workloads import Workload


@dataclass(frozen=True, slots=True)
class Setting:
    """What the whole repository shares."""

    retention: int | None = None
    query_offset: int | None = None
    severity_label: str = "severity"
    owner_label: str = "owner"
    severity_values: Mapping[Severity, str] = field(
        default_factory=lambda: {Severity.PAGE: "page", Severity.TICKET: "ticket"}
    )
    dashboard_url: str = ""
    runbook_url: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `folder` mirrors where its spec lies, `file` is that spec."""

    name: str
    owner: str
    description: str
    labels: Labels
    slos: tuple[Slo, ...]
    file: str
    folder: str
    place: Place
    workloads: tuple[Workload, ...] = ()
    resources: tuple[Resource, ...] = ()
