"""An SLO's groups: at which levels it is recorded and alerts look, and what is wrong with what a spec says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from slogen import naming
from slogen.findings import listed
from slogen.levels import Level, Past
from slogen.model import Indicator, Override, Severity
from slogen.promql.selectors import Matcher
from slogen.spec.grouping import Grouping, GroupObjective, grouping
from slogen.spec.service import Alerting, Metadata, SloSpec

Path = tuple[str | int, ...]
Wrong = tuple[Path, str, str, str]
"""Where below the SLO, code, message and hint."""

DEFAULT_SCOPES = {Severity.PAGE: "overall", Severity.TICKET: "group"}


@dataclass(frozen=True, slots=True)
class Levels:
    """The recorded levels, the widest first; those at which each severity looks; the most groups, 0 without any."""

    recorded: tuple[Level, ...]
    scopes: Mapping[Severity, tuple[Level, ...]]
    max_groups: int


def levels_of(service: Metadata, slo: SloSpec) -> Levels:
    """The levels of an SLO as its spec wants them."""
    past = Past(service.formerly, slo.formerly, tuple((one.name, one.formerly) for one in slo.objectives or ()))
    overall = Level(service.name, slo.name, traffic=slo.expected_traffic, past=past)
    by = grouping(slo.by)
    if by is None:
        return Levels((overall,), dict.fromkeys(Severity, (overall,)), 0)
    groups = Level(service.name, slo.name, naming.GROUP_LEVEL, by.labels, by.expected_traffic, past)
    recorded = (overall, groups) if by.overall else (groups,)
    named = {"overall": (recorded[0],), "group": (groups,), "both": recorded}
    scopes = {severity: named[_scope(slo.alerting, severity)] for severity in Severity}
    return Levels(recorded, scopes, by.max_groups)


def _scope(alerting: Alerting, severity: Severity) -> str:
    given: str | None = getattr(alerting, severity.value).scope
    return given or DEFAULT_SCOPES[severity]


def overrides(found: tuple[GroupObjective, ...]) -> tuple[Override, ...]:
    """Objectives of groups as they are meant."""
    return tuple(
        Override(tuple(Matcher(name, "=~", pattern) for name, pattern in sorted(one.match.items())), one.objective)
        for one in found
    )


def group_problems(slo: SloSpec, indicator: Indicator, taken: frozenset[str]) -> Iterator[Wrong]:
    """What is wrong with an SLO's groups; `taken` are labels that its alerts have anyway."""
    by = grouping(slo.by)
    every: list[tuple[Path, tuple[GroupObjective, ...]]] = [(("overrides",), slo.overrides)]
    every += [(("objectives", n, "overrides"), one.overrides) for n, one in enumerate(slo.objectives or ())]
    if by is None:
        for path, found in every:
            if found:
                yield (
                    path,
                    "spec/overrides",
                    "overrides without by: there are no groups",
                    f"add by: [{listed(found[0].match)}]",
                )
        for severity in Severity:
            if getattr(slo.alerting, severity.value).scope not in {None, "overall"}:
                yield (
                    ("alerting", severity.value, "scope"),
                    "spec/scope",
                    "there are no groups to look at",
                    "add by: [region], or leave scope out",
                )
        return
    yield from _label_problems(by, slo, indicator, taken)
    yield from _traffic_problems(by, slo)
    for path, found in every:
        for number, override in enumerate(found):
            if any(_covers(earlier.match, override.match) for earlier in found[:number]):
                message = "an override before this one matches the same groups, and the first counts"
                yield (*path, number, "match"), "spec/overrides", message, "put it first, or leave it out"
            for label in sorted(set(override.match) - set(by.labels)):
                hint = f"match {listed(set(by.labels))}, or add {label} to by"
                yield (*path, number, "match", label), "spec/overrides", f"the groups have no label '{label}'", hint
    for severity in Severity:
        if not by.overall and getattr(slo.alerting, severity.value).scope in {"overall", "both"}:
            yield (
                ("alerting", severity.value, "scope"),
                "spec/scope",
                "no overall budget is recorded: by says overall: false",
                "write scope: group",
            )


def _traffic_problems(by: Grouping, slo: SloSpec) -> Iterator[Wrong]:
    if not by.overall and slo.expected_traffic is not None:
        hint = "write expectedTraffic in by: that of one group"
        yield ("expectedTraffic",), "spec/traffic", "no overall budget is recorded: by says overall: false", hint
    elif by.expected_traffic and slo.expected_traffic and by.expected_traffic > slo.expected_traffic:
        hint = "expectedTraffic of the SLO is that of all groups"
        message = "one group expects more events than all groups together"
        yield ("by", "expectedTraffic"), "spec/traffic", message, hint


def _covers(earlier: Mapping[str, str], later: Mapping[str, str]) -> bool:
    """Whether whatever `later` matches is matched by `earlier`, as far as that is plain to see."""
    return all(pattern == ".*" or later.get(label) == pattern for label, pattern in earlier.items())


def _label_problems(by: Grouping, slo: SloSpec, indicator: Indicator, taken: frozenset[str]) -> Iterator[Wrong]:
    path = ("by",) if isinstance(slo.by, tuple) else ("by", "labels")
    seen = set[str]()
    for number, label in enumerate(by.labels):
        if label in seen:
            yield (*path, number), "spec/group-label", f"the label '{label}' is there twice", "leave one out"
        elif label in taken:
            message = f"the label '{label}' is set on the alerts of this SLO already"
            yield (*path, number), "spec/group-label", message, "rename that label, or group by another one"
        seen.add(label)
    if lost := indicator.lost_label(by.labels):
        query, label = lost
        message = f"'{query.text[:60]}' aggregates the label '{label}' away, by which the SLO is grouped"
        yield ("sli",), "sli/group-label", message, f"aggregate by ({', '.join(by.labels)}), or leave it to slogen"
