"""A resource to its rules: what is recorded of it, the signs of trouble, and its alerts, in one group."""

from __future__ import annotations

from slogen import forecast, naming
from slogen.alert_links import links, literal
from slogen.fields import merged
from slogen.model import Resource, Service, Setting
from slogen.resource_policies import resource_policy_plugins
from slogen.resource_policies._alerting import kept
from slogen.rules import Alert, Group, Recording, ResourceDraft, ResourcePlan, Role


def resource_plan(service: Service, resource: Resource, setting: Setting) -> ResourcePlan:
    """The rules of one resource of a service."""
    plugins = resource_policy_plugins()
    sections = [(name, plugins[name], params) for name, params in resource.policy.resource_sections.items()]
    recordings = [
        Recording(figure.record, figure.expr, (*resource.identity, *figure.labels), Role.RESOURCE)
        for figure in resource.figures
    ]
    for _, plugin, params in sections:
        recordings += plugin.recordings(resource, params)
    alerts = [
        _alert(draft, service, resource, setting, name)
        for name, plugin, params in sections
        for draft in plugin.alerts(resource, params)
        if not resource.notices[draft.severity].disabled
    ]
    name = naming.group_name(service.name, resource.name, "resource")
    return ResourcePlan(resource, Group(name, forecast.EVERY, resource.source.sentence(), (*recordings, *alerts)))


def _alert(draft: ResourceDraft, service: Service, resource: Resource, setting: Setting, policy: str) -> Alert:
    notice = resource.notices[draft.severity]
    owner = {setting.owner_label: service.owner} if service.owner else {}
    labels = {
        **{name: literal(value) for name, value in merged(owner, service.labels, resource.labels, notice.labels)},
        setting.severity_label: literal(setting.severity_values[draft.severity]),
        **dict(resource.identity),
    }
    annotations = merged(
        {"summary": draft.summary, "description": draft.description},
        links(setting, service, draft.name, resource.name),
        notice.annotations,
    )
    return Alert(
        draft.name, draft.expr, merged(labels), annotations, draft.severity, policy,
        wait=draft.wait, by=kept(resource)[2:], hold=draft.hold,
    )  # fmt: skip
