"""Services to Plan: which rules there are, in which groups, with which labels, and what each is for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from slogen import ladder, naming
from slogen.alert_links import BEFORE, links, literal
from slogen.fields import merged
from slogen.levels import Level
from slogen.model import Objective, Service, Setting, Slo
from slogen.policies import policy_plugins
from slogen.promql.durations import format_duration
from slogen.resource_plan import resource_plan
from slogen.rules import Alert, Draft, Group, Needs, Part, Plan, Rule, ServicePlan, SloPlan

GROUP_LIMIT = 20
"""Rules in a group, Mimir's default limit."""


def make_plan(services: Iterable[Service], setting: Setting) -> Plan:
    """The rules of all services."""
    return Plan(setting, tuple(_service_plan(service, setting) for service in services))


def _service_plan(service: Service, setting: Setting) -> ServicePlan:
    slos = tuple(SloPlan(slo, tuple(_groups(service, slo, setting))) for slo in service.slos)
    return ServicePlan(service, slos, tuple(resource_plan(service, one, setting) for one in service.resources))


def _groups(service: Service, slo: Slo, setting: Setting) -> Iterator[Group]:
    plugins = policy_plugins()
    sections = [(plugins[name], params, name) for name, params in slo.policy.sections.items()]

    @cache
    def needs(level: Level, objective: str) -> Needs:
        wanted = next(one for one in slo.objectives if one.name == objective)
        return _united(plugin.needs(slo, level, wanted, params) for plugin, params, _ in sections)

    def needs_of(level: Level, objective: Objective) -> Needs:
        return needs(level, objective.name)

    alerts: dict[Part, list[Alert]] = {part: [] for part in Part}
    for plugin, params, name in sections:
        for draft in plugin.alerts(slo, params):
            if not slo.notices[draft.severity].disabled:
                alerts[draft.part].append(_alert(draft, service, slo, setting, name))
    info = merged({setting.owner_label: service.owner} if service.owner else {}, service.labels, slo.labels)
    blocks: dict[Part, list[tuple[Rule, ...]]] = {
        Part.BASE: [*ladder.base(slo, needs_of), *((alert,) for alert in alerts[Part.BASE])],
        Part.LEDGER: [*ladder.ledger(slo, needs_of), *((alert,) for alert in alerts[Part.LEDGER])],
        Part.HEALTH: [
            *((rule,) for rule in ladder.meta(slo, info, needs_of)),
            *((alert,) for alert in alerts[Part.HEALTH]),
        ],
    }
    intervals = {Part.BASE: slo.cadence.base, Part.LEDGER: slo.cadence.ledger, Part.HEALTH: slo.cadence.base}
    for part in Part:
        for number, rules in enumerate(_packed(blocks[part]), 1):
            name = naming.group_name(service.name, slo.name, part.value if number == 1 else f"{part.value}-{number}")
            yield Group(name, intervals[part], _comment(slo, part), rules)


def _united(needs: Iterable[Needs]) -> Needs:
    found = list(needs)
    return Needs(
        frozenset().union(*(need.burn for need in found)),
        frozenset().union(*(need.bad for need in found)),
        frozenset().union(*(need.fast for need in found)),
        any(need.targets for need in found),
    )


def _packed(blocks: Iterable[tuple[Rule, ...]]) -> Iterator[tuple[Rule, ...]]:
    group: list[Rule] = []
    for block in blocks:
        if group and len(group) + len(block) > GROUP_LIMIT:
            yield tuple(group)
            group = []
        group += block
    if group:
        yield tuple(group)


def _comment(slo: Slo, part: Part) -> str:
    base, ledger, period = *map(format_duration, (slo.cadence.base, slo.cadence.ledger)), slo.period_name
    return {
        Part.BASE: f"events of each {base}, windows of up to 6h as sums of them, pages",
        Part.LEDGER: f"events of each {ledger}, longer windows, the budget of {period}, tickets",
        Part.HEALTH: "the objective, the labels to join on, and alerts on the SLO's own data",
    }[part]


def _alert(draft: Draft, service: Service, slo: Slo, setting: Setting, policy: str) -> Alert:
    notice = slo.notices[draft.severity]
    owner = {setting.owner_label: service.owner} if service.owner else {}
    own = merged(owner, service.labels, slo.labels, notice.labels)
    labels = {
        **{name: literal(value) for name, value in own},
        setting.severity_label: literal(setting.severity_values[draft.severity]),
        **dict(slo.labels_of(draft.objective)),
        **({naming.GROUP: draft.level.group} if draft.level.by else {}),
    }
    about = f" {literal(slo.description)}" if slo.description else ""
    annotations = merged(
        {"summary": draft.summary, "description": draft.description + about},
        links(
            setting,
            service,
            draft.name,
            slo.labels_of(draft.objective),
            by=draft.level.by,
            behind=min((pair.long for pair in draft.pairs), default=BEFORE),
        ),
        notice.annotations,
    )
    return Alert(
        draft.name, draft.expr, merged(labels), annotations, draft.severity, policy,
        draft.objective, draft.wait, draft.pairs, draft.guard, draft.level.by,
    )  # fmt: skip
