"""One resource of a service on both sides: whether it is watched, how it is read, and what tells that it runs out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from slogen.difference.alerts import Side, alert_changes
from slogen.difference.model import Change, Danger, Kind
from slogen.difference.pairing import How, Pairing
from slogen.difference.rules import rule_changes
from slogen.difference.slos import Context
from slogen.difference.wording import changed_fields, changed_labels, changed_sections, told
from slogen.model import Resource, Severity
from slogen.rules import ResourcePlan

_ELSEWHERE = ("name", "alerting")
"""Fields of an entry that other changes tell."""


def resource_changes(pair: Pairing[ResourcePlan], context: Context) -> Iterator[Change]:
    """Everything that differs between both sides of one resource, or that it is gone or new."""
    before, after = pair.before, pair.after
    if after is None and before is not None:
        count = sum(1 for _ in before.alerts())
        sentence = f"{before.resource.source.sentence()}: not watched any more; {count} alerts are gone"
        name = before.resource.name
        yield Change(context.service, name, Kind.RESOURCE_REMOVED, Danger.HIGH, sentence, before=name)
    elif before is None and after is not None:
        count = sum(1 for _ in after.alerts())
        sentence = f"{after.resource.source.sentence()}: watched from now on, with {count} alerts"
        name = after.resource.name
        yield Change(context.service, name, Kind.ADDED, Danger.LOW, sentence, after=name)
    elif before is not None and after is not None:
        found = list(_both(before, after, pair.how, context))
        yield from found
        told_of = any(one.kind.is_meaning for one in found) or after.resource.policy.name in context.shared
        if context.same_names and not told_of:
            yield from rule_changes(context.service, after.resource.name, before, after, labels=not context.routed)


def resource_content(planned: ResourcePlan) -> object:
    """By what a resource is known again under another name."""
    return planned.resource.source.type, planned.resource.workloads


def _both(before: ResourcePlan, after: ResourcePlan, how: How, context: Context) -> Iterator[Change]:
    old, new = before.resource, after.resource
    change = Change(context.service, new.name, Kind.RESOURCE, Danger.MEDIUM, "")
    if how is not How.NAME:
        sentence = f"{old.name} is called {new.name} now: what compares with days before is blind until then"
        yield replace(change, kind=Kind.HISTORY_LOST, sentence=sentence, before=old.name, after=new.name)
    yield from _source(change, old, new)
    yield from _policy(change, old, new, context)
    sides = (Side(list(one.alerts()), {}, {}) for one in (before, after))
    yield from alert_changes(context.service, new.name, *sides)
    if old.labels != new.labels:
        sentence = f"labels of its alerts: {changed_labels(old.labels, new.labels)}"
        yield replace(change, kind=Kind.ROUTING, sentence=sentence)
    for severity in Severity:
        was, now = old.notices[severity], new.notices[severity]
        if was.labels != now.labels:
            sentence = f"labels of its {severity}s: {changed_labels(was.labels, now.labels)}"
            yield replace(change, kind=Kind.ROUTING, sentence=sentence)
        if was.annotations != now.annotations:
            sentence = f"annotations of its {severity}s reworded"
            yield replace(change, kind=Kind.WORDS, danger=Danger.LOW, sentence=sentence)


def _source(change: Change, old: Resource, new: Resource) -> Iterator[Change]:
    if old.source.type != new.source.type:
        sentence = f"type {old.source.type} -> {new.source.type}: {new.source.sentence()}"
        yield replace(change, sentence=sentence, before=old.source.type, after=new.source.type)
        return
    fields = [text for text in changed_fields(old.source, new.source) if not text.startswith(_ELSEWHERE)]
    if fields:
        yield replace(change, sentence=f"it is read differently: {told(fields)}")
    if old.workloads != new.workloads:
        was, now = (told(map(str, one.workloads)) or "none" for one in (old, new))
        yield replace(change, sentence=f"workloads {was} -> {now}", before=was, after=now)


def _policy(change: Change, old: Resource, new: Resource, context: Context) -> Iterator[Change]:
    if old.policy.name == new.policy.name:
        return
    fields = changed_sections(old.policy.resource_sections, new.policy.resource_sections)
    sentence = f"alert policy {old.policy.name} -> {new.policy.name}" + (f" ({told(fields)})" if fields else "")
    yield replace(
        change,
        kind=Kind.POLICY,
        danger=Danger.MEDIUM if fields else Danger.LOW,
        sentence=sentence,
        before=old.policy.name,
        after=new.policy.name,
    )
