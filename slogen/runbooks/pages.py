"""Plan to runbook: a page for a service, a part for each SLO and resource, a section for each alert."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slogen import naming
from slogen.advice import Advice, Look
from slogen.alert_links import links
from slogen.explanation import budget, overrides, promise
from slogen.levels import Level
from slogen.model import Objective, Resource, Service, Setting, Slo
from slogen.policies import policy_plugins
from slogen.promql.build import lines
from slogen.promql.durations import format_duration
from slogen.promql.templating import Raw
from slogen.resource_policies import resource_policy_plugins
from slogen.rules import Alert, Mute, ResourcePlan, ServicePlan, SloPlan
from slogen.runbooks import burning
from slogen.runbooks.facts import Facts, facts
from slogen.runbooks.markdown import inline, link
from slogen.runbooks.model import Page, Part, Section
from slogen.runbooks.notes import safe_notes

MOST = 10
"""Values of a label that the query for who is hurt shows."""

PAGE_LEVEL = 2
PART_LEVEL = 3
"""Headings below which the notes of a service, and those of an SLO, stand."""

_TEMPLATE = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


@dataclass(frozen=True, slots=True)
class Filling:
    """What of a part differs between SLOs that are alike otherwise."""

    description: Raw
    notes: Raw
    summary: Callable[[Alert], str]
    dashboard: Callable[[Alert], Raw]
    hurt: Callable[[Objective, str, int], str]


def page_of(planned: ServicePlan, setting: Setting, parts: Sequence[Part] | None = None) -> Page:
    """The runbook of a service; `parts` may be left to be rendered apart."""
    service, shared = planned.service, facts(planned.service, setting)
    if parts is None:
        parts = [part_of(one, shared, filling(one, service, setting, shared)) for one in each(planned)]
    path = naming.runbook_file(service.folder, service.name)
    return Page(
        service=service.name,
        description=service.description,
        owner=service.owner,
        call=shared.call,
        dashboard=shared.dashboard,
        spec=service.file,
        rules="../" * path.count("/") + naming.rules_file(service.folder, service.name),
        notes=safe_notes(service.runbook, PAGE_LEVEL),
        parts=tuple(parts),
        workloads=tuple(map(str, service.workloads)),
    )


def each(planned: ServicePlan) -> tuple[SloPlan | ResourcePlan, ...]:
    """The SLOs and resources of a service."""
    return (*planned.slos, *planned.resources)


def subject(planned: SloPlan | ResourcePlan) -> Slo | Resource:
    """What is planned."""
    return planned.slo if isinstance(planned, SloPlan) else planned.resource


def filling(planned: SloPlan | ResourcePlan, service: Service, setting: Setting, shared: Facts) -> Filling:
    """What is said of one SLO, or one resource, only."""
    about = subject(planned)
    identity = about.labels_of() if isinstance(about, Slo) else about.identity

    def dashboard(alert: Alert) -> Raw:
        if not setting.dashboard_url:
            return shared.dashboard
        own = (*identity, (naming.OBJECTIVE, alert.objective)) if alert.objective else identity
        address = dict(links(setting, service, alert.name, own))["dashboard_url"].replace('{{ "{{" }}', "{{")
        return Raw(f"[{service.name}]({link(address)})")

    return Filling(
        inline(about.description) if isinstance(about, Slo) else Raw(""),
        safe_notes(about.runbook, PART_LEVEL),
        summary_of,
        dashboard,
        lambda objective, label, window: hurt(about, objective, label, window),
    )


def summary_of(alert: Alert) -> str:
    """The first sentence of an alert, with names of labels in place of their values."""
    summary = next(text for name, text in alert.annotations if name == "summary")
    return _TEMPLATE.sub(r"<\1>", summary).replace('{{ "{{" }}', "{{") if "{{" in summary else summary


def hurt(slo: Slo | Resource, objective: Objective, label: str, window: int) -> str:
    """PromQL for the values of a label that have most of the bad events."""
    assert isinstance(slo, Slo)  # noqa: S101  # resources have no bad events
    counted = objective.indicator.contributors(label, window, slo.cadence.scrape)
    return f"topk({MOST}, ({lines(counted)}) > 0)"


def part_of(planned: SloPlan | ResourcePlan, shared: Facts, filled: Filling) -> Part:
    """One SLO or resource."""
    sections: dict[str, Section] = {}
    alerts = list(planned.alerts())
    if isinstance(planned, SloPlan):
        slo = planned.slo
        for alert in alerts:
            anchor = naming.runbook_anchor(alert.name, slo.name, alert.objective)
            groups = tuple(" and ".join(one.by) for one in alerts if _same(one, alert) and one.by)
            if anchor not in sections:
                found = _section(alert, slo.name, policy_plugins(), slo.policy.sections, shared, filled)
                sections[anchor] = _of_slo(found, slo, alert, alerts, groups)
        promises = [line for one in slo.objectives for line in (promise(slo, one), *overrides(one))]
        promises += [budget(slo, slo.objectives[0])] if len(slo.objectives) == 1 else []
        return _part("slo", slo.name, filled, promises, sections)
    resource = planned.resource
    for alert in alerts:
        plugins, params = resource_policy_plugins(), resource.policy.resource_sections
        base = _section(alert, resource.name, plugins, params, shared, filled)
        advice = plugins[alert.policy].runbook
        sections[base["anchor"]] = _done(
            base,
            groups=(),
            queries=tuple(advice.looks(resource, params[alert.policy])),
            causes=tuple(map(Raw, advice.causes)),
            threshold=_sentences(advice.threshold(resource, params[alert.policy]), *_waits(alert)),
            mutes=tuple(_mutes(alert, alerts, resource.name, [one.mutes for one in plugins.values()])),
        )
    return _part("resource", resource.name, filled, [f"{resource.source.sentence()}."], sections)


def _part(kind: str, name: str, filled: Filling, promises: list[str], sections: Mapping[str, Section]) -> Part:
    told = tuple(Raw(inline(one)) for one in promises)
    return Part(kind, Raw(name), filled.description, told, filled.notes, tuple(sections.values()))


def _same(one: Alert, other: Alert) -> bool:
    return (one.name, one.objective) == (other.name, other.objective)


def _section(
    alert: Alert, name: str, plugins: Mapping[str, Any], params: Mapping[str, Any], shared: Facts, filled: Filling
) -> dict[str, Any]:
    """What sections of SLOs and of resources have in common."""
    advice: Advice = plugins[alert.policy].runbook
    ends = [advice.resets] if advice.resets else []
    ends += [f"It goes on for {format_duration(alert.hold)} after that (`keep_firing_for`)."] if alert.hold else []
    return {
        "anchor": Raw(naming.runbook_anchor(alert.name, name, alert.objective)),
        "alert": Raw(alert.name),
        "title": Raw(" ".join(filter(None, (alert.name, name, alert.objective)))),
        "severity": alert.severity.value,
        "summary": filled.summary(alert),
        "means": Raw(advice.meaning),
        "rollback": Raw(advice.rollback) if advice.rollback else shared.rollback,
        "call": shared.call,
        "resets": tuple(map(Raw, ends)),
        "dashboard": filled.dashboard(alert),
        "spent": Raw(""),
        "bad": (),
        "hurt": filled.hurt,
    }


def _done(base: dict[str, Any], **more: Any) -> Section:
    values = {**base, **more}
    values.pop("hurt")
    return Section(**values)


def _of_slo(base: dict[str, Any], slo: Slo, alert: Alert, alerts: Sequence[Alert], groups: tuple[str, ...]) -> Section:
    plugins, params = policy_plugins(), slo.policy.sections[alert.policy]
    advice = plugins[alert.policy].runbook
    objective = next((one for one in slo.objectives if one.name == alert.objective), slo.objectives[0])
    queries = [*_who(slo, objective, alert, advice, base["hurt"])]
    queries += (
        look for level in _levels(slo, alert, alerts) for look in advice.looks(slo, level, alert.objective, params)
    )
    told = advice.threshold(slo, params)
    threshold = _sentences(told, *_waits(alert)) if told or alert.wait else ()
    more: dict[str, Any] = {}
    if alert.pairs:
        threshold = tuple(inline(line) for line in burning.thresholds(alert, slo, objective))
        more["bad"] = tuple(burning.how_bad(alert, slo, objective))
        more["spent"] = inline(burning.spent(alert, slo))
        more["resets"] = (*base["resets"], *map(inline, burning.endings(alert, objective)))
    return _done(
        base,
        groups=groups,
        queries=tuple(queries),
        causes=tuple(map(Raw, advice.causes or objective.indicator.causes)),
        threshold=threshold,
        mutes=tuple(_mutes(alert, alerts, slo.name, [one.mutes for one in plugins.values()])),
        **more,
    )


def _levels(slo: Slo, alert: Alert, alerts: Sequence[Alert]) -> Iterator[Level]:
    """The levels at which an alert of that name looks: those of the SLO, or its own data as a whole."""
    wanted = {one.by for one in alerts if _same(one, alert)}
    known = {level.by: level for level in slo.levels}
    yield from (known.get(by) or Level(slo.service, slo.name) for by in sorted(wanted))


def _who(
    slo: Slo, objective: Objective, alert: Alert, advice: Advice, hurt_by: Callable[[Objective, str, int], str]
) -> Iterator[Look]:
    window = alert.pairs[0].long if alert.pairs else advice.contributors
    if window:
        what = "bad events" if objective.indicator.slice_length is None else "bad slices"
        for label in objective.indicator.breakdown_labels:
            title = f"Who is hurt: {what} of the last {format_duration(window)} by {label}"
            yield Look(title, hurt_by(objective, label, window))


def _sentences(*told: str) -> tuple[Raw, ...]:
    return tuple(Raw(one) for one in told if one)


def _waits(alert: Alert) -> tuple[str, ...]:
    return (f"It waits until that has held for {format_duration(alert.wait)} (`for`).",) if alert.wait else ()


def _mutes(alert: Alert, alerts: Sequence[Alert], name: str, mutes: Sequence[tuple[Mute, ...]]) -> Iterator[Raw]:
    there = {(one.name, one.objective) for one in alerts}
    for mute in dict.fromkeys(mute for several in mutes for mute in several):
        for mine, other, words in (
            (mute.source, mute.target, "While this fires, Alertmanager says nothing of {}."),
            (mute.target, mute.source, "Alertmanager says nothing of this while {} fires."),
        ):
            if alert.name == mine and (other, alert.objective) in there:
                anchor = naming.runbook_anchor(other, name, alert.objective)
                yield Raw(words.format(f"[{other}](#{anchor})"))
