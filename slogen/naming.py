"""Every name that two artefacts share: series, labels, alerts, groups, files.

Recorded series follow `level:metric:operations`. The level is `slo` for an SLO as a whole, `slo_group` for its groups,
and `slo_source` for what was read of them before their number was bounded. They carry identity labels only, so that
editing a team or tier in a spec never breaks history.
"""

from __future__ import annotations

import re

from slogen.digests import digest

SERVICE = "service"
SLO = "slo"
OBJECTIVE = "objective"
WINDOW = "window"
GROUP = "slo_group"
"""Label of an alert on one group of an SLO; Alertmanager compares it, whatever labels the groups are made of."""

PERIOD = "period"
"""Label of the events of one calendar period."""

IDENTITY_LABELS = frozenset({SERVICE, SLO, OBJECTIVE, WINDOW, GROUP, PERIOD})

OVERALL_LEVEL = "slo"
GROUP_LEVEL = "slo_group"
SOURCE_LEVEL = "slo_source"

TOTAL_BASE = "slo:total_events:base"
BAD_BASE = "slo:bad_events:base"
TOTAL_LEDGER = "slo:total_events:ledger"
BAD_LEDGER = "slo:bad_events:ledger"
TOTAL_CALENDAR = "slo:total_events:calendar"
BAD_CALENDAR = "slo:bad_events:calendar"
PERIOD_SECONDS = "slo:period:seconds"
GROUPS = "slo:groups:count"
LAST_SEEN = "slo:last_seen:timestamp"
BURN_RATE = "slo:burn_rate:window"
BAD_WINDOW = "slo:bad_events:window"
TOTAL_PERIOD = "slo:total_events:period"
BAD_PERIOD = "slo:bad_events:period"
ERROR_RATIO = "slo:error_ratio:period"
COVERAGE = "slo:coverage:period"
BUDGET_USED = "slo:budget_used:period"
FIRST_SEEN = "slo:first_seen:timestamp"
MISSING = "slo:missing_seconds:period"
SOURCE_COVERAGE = "slo:source_coverage:ratio"
BUCKETS_MISSING = "slo:buckets_missing:ratio"
TARGETS_UP = "slo:targets_up:ratio"
TARGET = "slo:objective:ratio"
INFO = "slo:info"

RESOURCE = "resource"
"""Label of what is recorded of a service's memory or saturation: the name of that entry in the spec."""

START = "start"
"""Label that is new for each start of an instance: the time of it."""

SIGN = "sign"
BOUND = "bound"
UTILISATION = "memory:utilisation:ratio"
UPTIME = "memory:uptime:seconds"
EXHAUSTION = "memory:exhaustion:seconds"
FORECAST = "memory:forecast:ratio"
FIT = "memory:fit:ratio"
FLOOR = "memory:floor:ratio"
AT_RISK = "memory:at_risk:sign"
OOM_KILLS = "memory:oom_kills:increase10m"
UNLIMITED = "memory:unlimited:count"
HEAP_LIMIT = "memory:heap_limit:ratio"
THROTTLED = "cpu:throttled:ratio"
REPLICAS = "autoscaler:replicas:ratio"

TERM = "slogen_term"
"""Scratch label that keeps the terms of a sum of selectors apart; it never leaves its expression."""

MAX_NAME = 63
NAME_PATTERN = rf"^[a-z0-9](?:[a-z0-9-]{{0,{MAX_NAME - 2}}}[a-z0-9])?$"
LABEL_PATTERN = r"^[a-zA-Z_][a-zA-Z0-9_]*$"
_NAME = re.compile(NAME_PATTERN)

RULES_SUFFIX = ".prometheus.rules.yml"
TESTS_SUFFIX = ".prometheus.tests.yml"
MAX_UID = 40
FLEET_UID = "slo_fleet"
"""Grafana's uid of the dashboard of all services, and the name of its file; no service can have either."""

FLEET_FILE = f"grafana/dashboards/{FLEET_UID}.json"
"""Path of the dashboard of all services below the output folder."""

FLEET_CONFIG_MAP = "slogen-fleet"
PROVISIONING = "grafana/provisioning/dashboards/slogen.yaml"
"""Path of the file by which Grafana finds the dashboards, below the output folder."""

CONFIG_MAP_SUFFIX = ".configmap.yaml"
INHIBIT_RULES = "alertmanager/inhibit-rules.yml"
"""Path of the inhibit rules of all services, below the output folder."""


def at_level(record: str, level: str) -> str:
    """The name that a series of the SLO as a whole has at another level: `slo_group:total_events:base`."""
    return level + record.removeprefix(OVERALL_LEVEL)


def is_name(text: str) -> bool:
    """Whether `text` may name a service, an SLO, an objective or a policy (and so a file)."""
    return _NAME.match(text) is not None and not text.endswith("\n")


def identity(service: str, slo: str, objective: str = "") -> tuple[tuple[str, str], ...]:
    """Identity labels of one SLO, or of one objective of it."""
    labels = ((SERVICE, service), (SLO, slo))
    return (*labels, (OBJECTIVE, objective)) if objective else labels


def resource_identity(service: str, resource: str) -> tuple[tuple[str, str], ...]:
    """Identity labels of what is recorded of one resource of a service."""
    return (SERVICE, service), (RESOURCE, resource)


def group_name(service: str, slo: str, part: str) -> str:
    """Name of a rule group, unique in its file: `checkout/availability/base`."""
    return f"{service}/{slo}/{part}"


def slo_id(service: str, slo: str, objective: str = "") -> str:
    """How people and commands name an SLO or one objective of it: `checkout/latency/p99`."""
    return "/".join(filter(None, (service, slo, objective)))


def rules_file(folder: str, service: str) -> str:
    """Path of a service's rules below the output folder; `folder` mirrors the spec's."""
    return "/".join(filter(None, ("prometheus", folder, f"{service}{RULES_SUFFIX}")))


def tests_file(folder: str, service: str, interval: str = "") -> str:
    """Path of a service's unit tests below the output folder; those at another than the usual interval name it."""
    name = f"{service}.{interval}" if interval else service
    return "/".join(filter(None, ("tests", folder, f"{name}{TESTS_SUFFIX}")))


def dashboard_variable(label: str) -> str:
    """The dashboard's variable for a group label; `datasource` is that of the data source."""
    return f"{label}_label" if label == "datasource" else label


def dashboard_uid(service: str) -> str:
    """Grafana's uid of a service's dashboard, at most 40 characters.

    That of a long name ends in its digest, after a mark that no name has, so that it is not another service's.
    """
    uid = f"slo-{service}"
    return uid if len(uid) <= MAX_UID else f"{uid[: MAX_UID - 9]}_{digest(uid.encode())[:8]}"


def dashboard_file(folder: str, service: str) -> str:
    """Path of a service's dashboard below the output folder."""
    return "/".join(filter(None, ("grafana", "dashboards", folder, f"{service}.json")))


def config_map(service: str) -> str:
    """Name of the Kubernetes ConfigMap that holds a service's dashboard."""
    return f"slo-{service}"


def config_map_file(folder: str, name: str) -> str:
    """Path of a dashboard's ConfigMap below the output folder; `name` is that of the service."""
    return "/".join(filter(None, ("grafana", "configmaps", folder, f"{name}{CONFIG_MAP_SUFFIX}")))


def runbook_file(folder: str, service: str) -> str:
    """Path of a service's runbook below the output folder."""
    return "/".join(filter(None, ("runbooks", folder, f"{service}.md")))


def runbook_anchor(alert: str, slo: str, objective: str = "") -> str:
    """Anchor of an alert's section on the service's runbook page."""
    return "-".join(filter(None, (alert.lower(), slo, objective)))
