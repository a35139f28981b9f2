"""What concerns the whole repository: the configuration, and alert policies that several SLOs share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slogen import naming
from slogen.difference.model import Change, Danger, Kind
from slogen.difference.wording import NOTHING, changed_sections, told
from slogen.model import Policy, Setting, Severity
from slogen.promql.durations import format_duration
from slogen.rules import Plan

Uses = Mapping[str, tuple[Policy, tuple[str, ...]]]
"""By name, a policy as it is resolved, and the SLOs and resources that it is used by."""


def setting_changes(before: Setting, after: Setting) -> Iterator[Change]:
    """Labels by which alerts are routed, what they say at which severity, links, and the time of evaluation."""
    for name, danger, old, new, what in _settings(before, after):
        if old != new:
            kind = Kind.WORDS if name.endswith("link") else Kind.CONFIG
            yield Change("", "", kind, danger, f"{name} {old or NOTHING} -> {new or NOTHING}: {what}", old, new)


def _settings(before: Setting, after: Setting) -> Iterator[tuple[str, Danger, str, str, str]]:
    routes = "every alert carries it, so check what Alertmanager routes by"
    both = before, after
    yield "severity label", Danger.MEDIUM, before.severity_label, after.severity_label, routes
    yield "owner label", Danger.MEDIUM, before.owner_label, after.owner_label, routes
    for severity in Severity:
        old, new = (one.severity_values[severity] for one in both)
        yield f"severity of a {severity}", Danger.MEDIUM, old, new, routes
    old, new = (format_duration(one.query_offset) if one.query_offset else "" for one in both)
    yield "queryOffset", Danger.MEDIUM, old, new, "all rules read that much older data, and alerts come that much later"
    old, new = (format_duration(one.retention) if one.retention else "" for one in both)
    yield "retention", Danger.LOW, old, new, "only warnings depend on it"
    yield "dashboard link", Danger.LOW, before.dashboard_url, after.dashboard_url, "on every alert"
    yield "runbook link", Danger.LOW, before.runbook_url, after.runbook_url, "on every alert"


def policy_changes(before: Plan, after: Plan) -> Iterator[Change]:
    """Policies of one name whose sections differ, and which SLOs that touches."""
    old, new = _uses(before), _uses(after)
    for name in sorted(old.keys() & new.keys()):
        was, now = (_sections(one[name][0]) for one in (old, new))
        touched = tuple(user for user in new[name][1] if user in old[name][1])
        if was != now and touched:
            fields = told(changed_sections(was, now), 8)
            count = f"{len(touched)} {'user' if len(touched) == 1 else 'users'}"
            sentence = f"alert policy {name} changed: {fields}. It touches {count}: {told(touched, 8)}"
            yield Change("", "", Kind.POLICY, Danger.MEDIUM, sentence, name, name)


def changed_policies(before: Plan, after: Plan) -> frozenset[str]:
    """Names of the policies that `policy_changes` tells of."""
    return frozenset(change.after for change in policy_changes(before, after))


def _sections(policy: Policy) -> dict[str, Any]:
    return {**policy.sections, **policy.resource_sections}


def _uses(plan: Plan) -> Uses:
    found: dict[str, tuple[Policy, tuple[str, ...]]] = {}
    for service in plan.services:
        every = [*((one.slo.name, one.slo.policy) for one in service.slos)]
        every += ((one.resource.name, one.resource.policy) for one in service.resources)
        for name, policy in every:
            user = naming.slo_id(service.service.name, name)
            found[policy.name] = policy, (*found.get(policy.name, (policy, ()))[1], user)
    return found
