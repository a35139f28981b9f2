"""A resource to its rules: what is recorded of it, the signs of trouble, and its alerts."""

from __future__ import annotations

from collections.abc import Iterator

from slogen import forecast, naming
from slogen.alert_links import links, literal
from slogen.fields import merged
from slogen.model import Resource, Service, Setting
from slogen.promql.durations import format_duration
from slogen.resource_policies import resource_policy_plugins
from slogen.resource_policies._alerting import kept
from slogen.rules import Alert, Group, Recording, ResourceDraft, ResourcePlan, Role, Rule


def resource_plan(service: Service, resource: Resource, setting: Setting) -> ResourcePlan:
    """The rules of one resource of a service."""
    return ResourcePlan(resource, tuple(_groups(service, resource, setting)))


def _groups(service: Service, resource: Resource, setting: Setting) -> Iterator[Group]:
    plugins = resource_policy_plugins()
    rules: dict[int, list[Rule]] = {
        forecast.EVERY: [
            Recording(figure.record, figure.expr, (*resource.identity, *figure.labels), Role.RESOURCE)
            for figure in resource.figures
        ]
    }
    sections = [(name, plugins[name], params) for name, params in resource.policy.resource_sections.items()]
    for _, plugin, params in sections:
        rules.setdefault(plugin.every, []).extend(plugin.recordings(resource, params))
    for name, plugin, params in sections:
        for draft in plugin.alerts(resource, params):
            if not resource.notices[draft.severity].disabled:
                rules[plugin.every].append(_alert(draft, service, resource, setting, name))
    for number, (every, own) in enumerate(rules.items()):
        part = "resource" if not number else f"resource-{format_duration(every)}"
        comment = resource.source.sentence() if not number else f"{resource.source.sentence()}, from day to day"
        if own:
            yield Group(naming.group_name(service.name, resource.name, part), every, comment, tuple(own))


def _alert(draft: ResourceDraft, service: Service, resource: Resource, setting: Setting, policy: str) -> Alert:
    notice = resource.notices[draft.severity]
    by = () if draft.is_whole else kept(resource)[2:]
    owner = {setting.owner_label: service.owner} if service.owner else {}
    labels = {
        **{name: literal(value) for name, value in merged(owner, service.labels, resource.labels, notice.labels)},
        setting.severity_label: literal(setting.severity_values[draft.severity]),
        **dict(resource.identity),
    }
    annotations = merged(
        {"summary": draft.summary, "description": draft.description},
        links(setting, service, draft.name, resource.identity, by=by),
        notice.annotations,
    )
    return Alert(
        draft.name, draft.expr, merged(labels), annotations, draft.severity, policy,
        wait=draft.wait, by=by, hold=draft.hold,
    )  # fmt: skip
