"""Two plans to the changes between them: what is promised, alerted and recorded, not how it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from slogen.difference.cost import service_cost
from slogen.difference.model import Change, Danger, Kind, in_order
from slogen.difference.pairing import How, paired
from slogen.difference.past import past_changes
from slogen.difference.reading import content_of
from slogen.difference.resources import resource_changes, resource_content
from slogen.difference.slos import Context, slo_changes
from slogen.difference.whole import changed_policies, policy_changes, setting_changes
from slogen.difference.wording import NOTHING, about, changed_labels, told
from slogen.rules import Plan, ServicePlan

ENOUGH = 0.05
"""Share by which the samples that a service's rules read must differ to be told."""


def compare(before: Plan, after: Plan) -> tuple[Change, ...]:
    """All changes, grouped by service, the most dangerous first."""
    return in_order([*_changes(before, after)])


def _changes(before: Plan, after: Plan) -> Iterator[Change]:
    settings = list(setting_changes(before.setting, after.setting))
    yield from settings
    yield from policy_changes(before, after)
    shared, rerouted = changed_policies(before, after), any(one.danger < Danger.LOW for one in settings)
    for pair in paired(
        before.services,
        after.services,
        lambda one: one.service.name,
        _formerly,
        lambda one: (
            tuple(sorted(((planned.slo.name, content_of(planned.slo)) for planned in one.slos), key=str)) or object()
        ),
    ):
        if pair.before is None and pair.after is not None:
            yield from _new(pair.after)
        elif pair.after is None and pair.before is not None:
            yield _removed(pair.before)
        elif pair.before is not None and pair.after is not None:
            yield from _service(pair.before, pair.after, pair.how, shared, rerouted)


def _formerly(planned: ServicePlan) -> tuple[str, ...]:
    return planned.slos[0].slo.level.past.service if planned.slos else ()


def _promises(planned: ServicePlan) -> str:
    slos = told([one.slo.name for one in planned.slos])
    watched = told([one.resource.name for one in planned.resources])
    return " and ".join(filter(None, [slos and f"SLOs {slos}", watched and f"watched resources {watched}"]))


def _removed(planned: ServicePlan) -> Change:
    cost = service_cost(planned)
    sentence = f"the service is removed, with {_promises(planned)} and {cost.alerts} alerts"
    return Change(planned.service.name, "", Kind.SLO_REMOVED, Danger.HIGH, sentence, before=planned.service.name)


def _new(planned: ServicePlan) -> Iterator[Change]:
    cost, name = service_cost(planned), planned.service.name
    sentence = f"the service is new, with {_promises(planned)} and {cost.alerts} alerts"
    yield Change(name, "", Kind.ADDED, Danger.LOW, sentence, after=name)
    yield Change(
        name, "", Kind.COST, Danger.LOW, f"costs {cost.rules} rules and about {about(cost.samples)} samples a minute"
    )


def _service(
    before: ServicePlan, after: ServicePlan, how: How, shared: frozenset[str], rerouted: bool
) -> Iterator[Change]:
    old, new = before.service, after.service
    change = Change(new.name, "", Kind.ROUTING, Danger.MEDIUM, "")
    yield from _renamed(change, before, after, how)
    routed = old.owner != new.owner or old.labels != new.labels
    if old.owner != new.owner:
        was, now = old.owner or NOTHING, new.owner or NOTHING
        sentence = f"owner {was} -> {now}: its alerts go to somebody else"
        yield replace(change, sentence=sentence, before=was, after=now)
    if old.labels != new.labels:
        yield replace(change, sentence=f"labels of all its alerts: {changed_labels(old.labels, new.labels)}")
    if old.description != new.description:
        yield replace(change, kind=Kind.WORDS, danger=Danger.LOW, sentence="description reworded")
    same = old.name == new.name and _formerly(before) == _formerly(after)
    context = Context(new.name, same, shared, routed or rerouted)
    slos = paired(
        before.slos,
        after.slos,
        lambda one: one.slo.name,
        lambda one: one.slo.level.past.slo,
        lambda one: content_of(one.slo),
    )
    for slo in slos:
        yield from slo_changes(slo, context)
    for resource in paired(
        before.resources, after.resources, lambda one: one.resource.name, lambda _: (), resource_content
    ):
        yield from resource_changes(resource, context)
    yield from _cost(change, before, after)


def _renamed(change: Change, before: ServicePlan, after: ServicePlan, how: How) -> Iterator[Change]:
    old, new = before.service.name, after.service.name
    change = replace(change, before=old, after=new)
    if how is How.FORMERLY:
        sentence = f"{old} is called {new} now; formerly keeps the history of its SLOs"
        yield replace(change, kind=Kind.RENAMED, danger=Danger.LOW, sentence=sentence)
    elif how is How.CONTENT:
        sentence = f"{old} is called {new} now, so the history of all its budgets is lost; formerly: {old} keeps it"
        yield replace(change, kind=Kind.HISTORY_LOST, danger=Danger.HIGH, sentence=sentence)
    if how is not How.NAME and before.resources and after.resources:
        sentence = "what alerts on memory compare with the days before begins anew, for three days at the most"
        yield replace(change, kind=Kind.HISTORY_LOST, danger=Danger.MEDIUM, sentence=sentence)
    if how is not How.CONTENT and before.slos and after.slos:
        yield from past_changes(change, "", _formerly(before), _formerly(after), old, "the longest of its windows")


def _cost(change: Change, before: ServicePlan, after: ServicePlan) -> Iterator[Change]:
    old, new = service_cost(before), service_cost(after)
    if old.rules == new.rules and abs(new.samples - old.samples) <= ENOUGH * old.samples:
        return
    up = "up" if new.samples > old.samples else "down" if new.samples < old.samples else "as before"
    rules = f"{old.rules} -> {new.rules} rules, {old.series} -> {new.series} recorded series, "
    sentence = (
        f"cost {up}: {rules if old.rules != new.rules else ''}"
        f"about {about(old.samples)} -> {about(new.samples)} samples a minute"
    )
    yield replace(
        change, kind=Kind.COST, danger=Danger.LOW, sentence=sentence, before=str(old.samples), after=str(new.samples)
    )
