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
class Owner:
    """Whom to call; what is not known is empty."""

    name: str
    channel: str = ""
    escalation: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class BoardSetting:
    """How dashboards are made: Grafana's address and folder, a query for deployments in which `$service` stands for a
    service, and the namespace and labels of ConfigMaps, where these are wanted."""

    grafana: str = ""
    folder: str = "SLOs"
    deploys: str = ""
    config_map: tuple[str, Labels] | None = None


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
    owners: Mapping[str, Owner] = field(default_factory=dict)
    boards: BoardSetting = field(default_factory=BoardSetting)
    templates: Mapping[str, str] = field(default_factory=dict)
    """Text of the team's own templates, by their names below the folder that the configuration names."""
    template_folder: str = ""


@dataclass(frozen=True, slots=True)
class OwnPanel:
    """A panel that a spec adds to the service's dashboard; each query with the name of its series."""

    title: str
    description: str
    unit: str
    type: str
    queries: tuple[tuple[str, str], ...]
    width: int
    height: int


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
    runbook: str = ""
    """Notes of the team, Markdown."""
    panels: tuple[OwnPanel, ...] = ()
