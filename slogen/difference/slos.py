"""One SLO on both sides: its promise, what it counts, and what it records and says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic.alias_generators import to_camel

from slogen.difference.alerts import Side, alert_changes
from slogen.difference.model import Change, Danger, Kind
from slogen.difference.objectives import objective_changes, objective_pairs
from slogen.difference.pairing import How, Pairing
from slogen.difference.past import past_changes
from slogen.difference.reading import bad_of, total_of
from slogen.difference.rules import rule_changes
from slogen.difference.wording import changed_fields, changed_labels, changed_sections, rate, told
from slogen.explanation import span
from slogen.model import Indicator, Objective, Severity, Slo
from slogen.promql.durations import format_duration
from slogen.rules import SloPlan


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of both sides when one SLO is looked at.

    `same_names` says whether the service has the names that it had, `routed` whether other labels of its alerts are
    told already; `shared` are policies that changed for all who use them.
    """

    service: str
    same_names: bool
    shared: frozenset[str]
    routed: bool


def slo_changes(pair: Pairing[SloPlan], context: Context) -> Iterator[Change]:
    """Everything that differs between both sides of one SLO, or that it is gone or new."""
    before, after = pair.before, pair.after
    if after is None and before is not None:
        yield _removed(context.service, before)
    elif before is None and after is not None:
        yield _new(context.service, after)
    elif before is not None and after is not None:
        found = list(_both(before, after, pair.how, context))
        yield from found
        told_of = any(one.kind.is_meaning for one in found) or after.slo.policy.name in context.shared
        if context.same_names and not told_of:
            fields = _details(list(zip(before.slo.objectives, after.slo.objectives, strict=False)))
            yield from rule_changes(
                context.service, after.slo.name, before, after, labels=not context.routed, fields=told(fields)
            )


def _promise(slo: Slo) -> str:
    targets = (f"{one.name} {_percent(one)}".strip() for one in slo.objectives)
    return f"{told(targets)} over {_period(slo)}"


def _percent(objective: Objective) -> str:
    return f"{(objective.target * 100).normalize():f}%"


def _period(slo: Slo) -> str:
    return f"a calendar {slo.calendar.name}" if slo.calendar else slo.period_name


def _removed(service: str, planned: SloPlan) -> Change:
    count = sum(1 for _ in planned.alerts())
    sentence = f"the SLO is removed ({_promise(planned.slo)}), with {count} alerts and its budget"
    return Change(service, planned.slo.name, Kind.SLO_REMOVED, Danger.HIGH, sentence, before=planned.slo.name)


def _new(service: str, planned: SloPlan) -> Change:
    alerts = list(planned.alerts())
    pages = sum(alert.severity is Severity.PAGE for alert in alerts)
    sentence = f"the SLO is new: {_promise(planned.slo)}; {len(alerts)} alerts, {pages} of which page"
    return Change(service, planned.slo.name, Kind.ADDED, Danger.LOW, sentence, after=planned.slo.name)


def _both(before: SloPlan, after: SloPlan, how: How, context: Context) -> Iterator[Change]:
    old, new = before.slo, after.slo
    change = Change(context.service, new.name, Kind.SLI, Danger.MEDIUM, "")
    pairs = objective_pairs(old, new)
    yield from _renamed(change, old, new, how)
    yield from objective_changes(context.service, new, pairs)
    yield from _period_changes(change, old, new)
    yield from _sli(change, old, new, pairs)
    yield from _groups(change, old, new)
    yield from _traffic(change, old, new)
    yield from _policy(change, old, new, context)
    yield from alert_changes(context.service, new.name, *_sides(before, after, pairs))
    yield from _labels(change, old, new)
    yield from _words(change, old, new)


def _sides(before: SloPlan, after: SloPlan, pairs: Sequence[Pairing[Objective]]) -> tuple[Side, Side]:
    """Alerts of objectives that are on both sides, by the names of the new one, and those of the SLO as a whole."""
    names = {one.before.name: one.after.name for one in pairs if one.before and one.after}

    def side(planned: SloPlan, called: dict[str, str]) -> Side:
        objectives = {one.name for one in planned.slo.objectives}
        alerts = [
            replace(alert, objective=called.get(alert.objective, ""))
            for alert in planned.alerts()
            if alert.objective in called or alert.objective not in objectives
        ]
        budgets = {called[one.name]: one.budget for one in planned.slo.objectives if one.name in called}
        return Side(alerts, budgets, {level.by: level.traffic for level in planned.slo.levels if level.traffic})

    return side(before, names), side(after, {name: name for name in names.values()})


def _renamed(change: Change, old: Slo, new: Slo, how: How) -> Iterator[Change]:
    told_as = replace(change, before=old.name, after=new.name)
    if how is How.FORMERLY:
        sentence = f"{old.name} is called {new.name} now; formerly keeps its history"
        yield replace(told_as, kind=Kind.RENAMED, danger=Danger.LOW, sentence=sentence)
    elif how is How.CONTENT:
        sentence = (
            f"{old.name} is called {new.name} now, so the history of its budget is lost; formerly: {old.name} keeps it"
        )
        yield replace(told_as, kind=Kind.HISTORY_LOST, danger=Danger.HIGH, sentence=sentence)
    if how is not How.CONTENT:
        yield from past_changes(change, "", old.level.past.slo, new.level.past.slo, old.name, _period(new))
    for one in new.objectives:
        was, now = (dict(slo.level.past.objectives).get(one.name) for slo in (old, new))
        if was is not None:
            about = replace(change, objective=one.name)
            yield from past_changes(about, f"objective {one.name}: ", was, now or (), one.name, _period(new))


def _period_changes(change: Change, old: Slo, new: Slo) -> Iterator[Change]:
    if old.period_name != new.period_name:
        budgets = " and ".join(
            f"{span(one.budget * new.period)} instead of {span(one.budget * old.period)}"
            for one in new.objectives
            if one.name in {objective.name for objective in old.objectives}
        )
        lost = new.calendar is not None
        sentence = f"window {_period(old)} -> {_period(new)}: the budget is {budgets} of total outage"
        told_as = replace(change, kind=Kind.WINDOW, sentence=sentence, before=_period(old), after=_period(new))
        yield told_as
        if lost:
            sentence = (
                f"the budget of the calendar {new.period_name} begins with the deployment: what was before is lost"
            )
            yield replace(told_as, kind=Kind.HISTORY_LOST, danger=Danger.HIGH, sentence=sentence)
    if old.cadence != new.cadence:
        before, after = (format_duration(one.cadence.scrape) for one in (old, new))
        sentence = f"scrape interval {before} -> {after}" if before != after else "how often it is recorded changed"
        if old.cadence.ledger != new.cadence.ledger:
            ledgers = [format_duration(one.cadence.ledger) for one in (old, new)]
            sentence += f": recorded every {ledgers[1]} instead of {ledgers[0]}, so its coverage is off for a while"
            yield replace(change, sentence=sentence, before=before, after=after, mixed=_longest(new))
        else:
            yield replace(change, sentence=sentence, before=before, after=after)


def _longest(slo: Slo) -> int:
    return slo.calendar.longest if slo.calendar else slo.period


def _sli(change: Change, old: Slo, new: Slo, pairs: Sequence[Pairing[Objective]]) -> Iterator[Change]:
    both = [(one.before, one.after) for one in pairs if one.before and one.after]
    bad = [after.name for before, after in both if bad_of(before) != bad_of(after)]
    was, now = old.objectives[0].indicator, new.objectives[0].indicator
    total = total_of(old) != total_of(new) and _differ(was, now, but=getattr(now, "per_objective", ()))
    if not total and not bad:
        return
    whose = f" of {told(bad)}" if any(bad) and len(bad) < len(new.objectives) else ""
    what = " and ".join(["what counts as an event"] * total + [f"what counts as bad{whose}"] * bool(bad))
    detail = f"type {was.type} -> {now.type}" if was.type != now.type else "; ".join(_details(both))
    yield replace(
        change,
        sentence=f"the SLI changed: {what}" + (f" ({detail})" if detail else ""),
        before=was.sentence(),
        after=now.sentence(),
        mixed=_longest(new),
    )


def _differ(was: Indicator, now: Indicator, but: Sequence[str]) -> bool:
    """In a field of the SLI as a whole, not in those of one objective."""
    fields = {text.split()[0].split(".")[0] for text in changed_fields(was, now)}
    return was.type != now.type or bool(fields - {to_camel(name) for name in but})


def _details(both: Sequence[tuple[Objective, Objective]]) -> Iterator[str]:
    """Fields that differ; those that differ for all objectives alike without their names."""
    found = {after.name: list(changed_fields(before.indicator, after.indicator)) for before, after in both}
    common = [text for text in next(iter(found.values()), []) if all(text in texts for texts in found.values())]
    yield from common
    for name, texts in found.items():
        yield from (f"{name}: {text}" for text in texts if text not in common)


def _groups(change: Change, old: Slo, new: Slo) -> Iterator[Change]:
    change = replace(change, kind=Kind.GROUPS)
    before, after = (" and ".join(one.by) or "no groups" for one in (old, new))
    if old.by != new.by:
        sentence = f"groups by {before} -> {after}" if old.by and new.by else f"groups: {before} -> by {after}"
        if old.by and new.by:
            sentence += ": the history of the groups' budgets is lost"
        elif old.by:
            sentence = f"there are no groups by {before} any more: only the SLO as a whole has a budget"
        lost = bool(old.by)
        kind, danger = (Kind.HISTORY_LOST, Danger.HIGH) if lost else (Kind.GROUPS, Danger.MEDIUM)
        yield replace(change, kind=kind, danger=danger, sentence=sentence, before=before, after=after)
    if bool(old.level.by) != bool(new.level.by):
        if new.level.by:
            sentence = "no budget of the SLO as a whole is recorded any more, only those of its groups"
            yield replace(change, kind=Kind.HISTORY_LOST, danger=Danger.HIGH, sentence=sentence)
        else:
            yield replace(change, sentence="a budget of the SLO as a whole is recorded too", danger=Danger.LOW)
    if old.by and new.by and old.max_groups != new.max_groups:
        less = new.max_groups < old.max_groups
        sentence = f"at most {new.max_groups} groups instead of {old.max_groups}; with more, none of them is recorded"
        danger = Danger.MEDIUM if less else Danger.LOW
        yield replace(change, danger=danger, sentence=sentence, before=str(old.max_groups), after=str(new.max_groups))


def _traffic(change: Change, old: Slo, new: Slo) -> Iterator[Change]:
    before, after = ({level.by: level.traffic for level in one.levels} for one in (old, new))
    for by in [by for by in before if by in after]:
        if before[by] != after[by]:
            was, now = rate(before[by]), rate(after[by])
            whose = f" of each {' and '.join(by)}" if by else ""
            sentence = f"declared traffic{whose} {was} -> {now}"
            yield replace(change, kind=Kind.TRAFFIC, danger=Danger.LOW, sentence=sentence, before=was, after=now)


def _policy(change: Change, old: Slo, new: Slo, context: Context) -> Iterator[Change]:
    if old.policy.name == new.policy.name:
        return
    fields = changed_sections(old.policy.sections, new.policy.sections)
    sentence = f"alert policy {old.policy.name} -> {new.policy.name}" + (f" ({told(fields)})" if fields else "")
    danger = Danger.MEDIUM if fields else Danger.LOW
    yield replace(
        change, kind=Kind.POLICY, danger=danger, sentence=sentence, before=old.policy.name, after=new.policy.name
    )


def _labels(change: Change, old: Slo, new: Slo) -> Iterator[Change]:
    change = replace(change, kind=Kind.ROUTING)
    if old.labels != new.labels:
        sentence = f"labels of its alerts: {changed_labels(old.labels, new.labels)}"
        yield replace(change, sentence=sentence)
    for severity in Severity:
        was, now = old.notices[severity].labels, new.notices[severity].labels
        if was != now:
            yield replace(change, sentence=f"labels of its {severity}s: {changed_labels(was, now)}")


def _words(change: Change, old: Slo, new: Slo) -> Iterator[Change]:
    change = replace(change, kind=Kind.WORDS, danger=Danger.LOW)
    if old.description != new.description:
        yield replace(change, sentence="description reworded", before=old.description, after=new.description)
    if any(old.notices[severity].annotations != new.notices[severity].annotations for severity in Severity):
        yield replace(change, sentence="annotations of its alerts reworded")
    if old.scenarios != new.scenarios:
        sentence = f"written tests: {len(old.scenarios)} -> {len(new.scenarios)}"
        if len(old.scenarios) == len(new.scenarios):
            sentence = "written tests expect something else"
        fewer = len(new.scenarios) < len(old.scenarios)
        danger = Danger.MEDIUM if fewer else Danger.LOW
        yield replace(change, kind=Kind.TESTS, danger=danger, sentence=sentence)
