"""What a dashboard says of itself: links, what is marked in its panels, and where all of it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from slogen import naming
from slogen.boards.model import COLUMNS, GREY, PURPLE, Annotation, Link, Row, Text
from slogen.model import Service, Setting, Severity
from slogen.promql.build import series
from slogen.promql.selectors import Matcher, Selector
from slogen.rules import ServicePlan

_ALERT = f"alertname, {naming.SLO}, {naming.OBJECTIVE}, {naming.RESOURCE}"


def description(service: Service) -> str:
    """One or two lines for those who look for a dashboard."""
    said = [service.description] if service.description else []
    owner = [f"Owner: {service.owner}."] if service.owner else []
    return " ".join([*said, *owner, f"Rules: {naming.rules_file(service.folder, service.name)}"])


def links(service: Service, setting: Setting) -> Iterator[Link]:
    """The dashboard of all services, the runbook's page, and the owner's."""
    yield Link("All services", f"/d/{naming.FLEET_UID}", keep_time=True)
    if page := _runbook(service, setting):
        yield Link("Runbook", page, new_tab=True)
    owner = setting.owners.get(service.owner)
    if owner is not None and owner.link:
        yield Link(f"Owner: {owner.name}", owner.link, new_tab=True)


def _runbook(service: Service, setting: Setting) -> str:
    """The page of the service's runbook, where its address does not depend on the alert."""
    page = setting.runbook_url.partition("#")[0]
    values = {
        "service": service.name,
        "folder": quote(service.folder),
        "uid": naming.dashboard_uid(service.name),
    }
    if not set(re.findall(r"\{(\w+)\}", page)) <= values.keys():
        return ""
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], page)


def marks(service: Service, setting: Setting) -> Iterator[Annotation]:
    """When alerts that fire began, and deployments: those that the configuration tells, else new ReplicaSets."""
    for severity in Severity:
        own = ((setting.severity_label, setting.severity_values[severity]), (naming.SERVICE, service.name))
        began, fires = series("ALERTS_FOR_STATE", own), series("ALERTS", (("alertstate", "firing"), *own))
        expr = f"1000 * min by ({_ALERT}) ({began}\nand ignoring (alertstate)\n{fires})"
        told = " ".join(f"{{{{{label}}}}}" for label in _ALERT.split(", "))
        name = f"{severity.capitalize()}s"
        yield Annotation(name, expr, PURPLE, f"A {severity} begins", told, True, severity is Severity.PAGE)
    if setting.boards.deploys:
        expr = setting.boards.deploys.replace("$service", service.name)
        yield Annotation("Deployments", expr, GREY, f"{service.name} is deployed")
        return
    sets = [
        Selector(
            "kube_replicaset_created",
            (
                Matcher("namespace", "=", workload.namespace),
                Matcher("replicaset", "=~", f"{re.escape(workload.name)}-[b-df-hj-np-tv-xz24-9]{{1,10}}"),
            ),
        )
        for workload in service.workloads
        if workload.kind == "Deployment"
    ]
    if sets:
        union = " or ".join(map(str, sets))
        yield Annotation(
            "Deployments", f"1000 * ({union})", GREY, "New ReplicaSet", "{{replicaset}}", value_is_time=True
        )


def origin(planned: ServicePlan, setting: Setting) -> Row:
    """Whose this is, and from which files."""
    service = planned.service
    rules = naming.rules_file(service.folder, service.name)
    said = [service.description] if service.description else []
    owner = setting.owners.get(service.owner)
    if service.owner:
        said.append(f"Owner: {service.owner}{f', {owner.channel}' if owner is not None and owner.channel else ''}.")
    files = (
        ("Spec", service.file),
        ("Rules", f"{rules} (below the output folder)"),
        ("Runbook", f"{naming.runbook_file(service.folder, service.name)} (below the output folder)"),
    )
    listing = "\n".join(f"- {name}: {_code(path)}" for name, path in files)
    reading = (
        "Blue is well, orange or yellow is to be watched, vermillion is bad; 'no data' is neither, and never zero. All"
        " figures come from recorded series, but those of 'who is hurt'."
    )
    text = "\n\n".join([*map(_plain, said), listing, reading])
    panel = Text(
        title="About this dashboard",
        description="Where it comes from.",
        markdown=text,
        width=COLUMNS,
        height=8,
    )
    return Row("About", (panel,))


def _plain(text: str) -> str:
    """Text in which Markdown and HTML find nothing."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~$&-])", r"\\\1", text)


def _code(text: str) -> str:
    return f"`{text.replace('`', '?')}`"
