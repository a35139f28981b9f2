"""The objectives of one SLO on both sides: which is which, and what became of their budgets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from slogen.difference.model import Change, Danger, Kind
from slogen.difference.pairing import How, Pairing, paired
from slogen.difference.reading import bad_of
from slogen.difference.wording import minutes
from slogen.explanation import percent
from slogen.model import Objective, Override, Slo


def objective_pairs(before: Slo, after: Slo) -> list[Pairing[Objective]]:
    """Which objective is which."""
    past = dict(after.level.past.objectives)
    return list(
        paired(
            before.objectives,
            after.objectives,
            lambda one: one.name,
            lambda one: past.get(one.name, ()),
            lambda one: (one.target, bad_of(one)),
        )
    )


def objective_changes(service: str, slo: Slo, pairs: list[Pairing[Objective]]) -> Iterator[Change]:
    """Objectives that are gone, new or renamed, and budgets that are larger or smaller."""
    for pair in pairs:
        old, new = pair.before, pair.after
        change = Change(service, slo.name, Kind.ADDED, Danger.LOW, "", objective=(new or old or slo.objectives[0]).name)
        if new is None and old is not None:
            sentence = f"objective {_name(old)} of {percent(old.target)} is removed, with its budget and alerts"
            yield replace(change, kind=Kind.SLO_REMOVED, danger=Danger.HIGH, sentence=sentence, before=old.name)
        elif old is None and new is not None:
            yield replace(change, sentence=f"objective {_name(new)} of {percent(new.target)} is new", after=new.name)
        elif old is not None and new is not None:
            yield from _renamed(change, old, new, pair.how)
            yield from _target(change, "", old.target, new.target, len(slo.objectives) > 1)
            yield from _overrides(change, old, new)


def _name(objective: Objective) -> str:
    return objective.name or "(without a name)"


def _renamed(change: Change, old: Objective, new: Objective, how: How) -> Iterator[Change]:
    if how is How.FORMERLY:
        sentence = f"objective {old.name} is called {new.name} now; formerly keeps its history"
        yield replace(change, kind=Kind.RENAMED, sentence=sentence, before=old.name, after=new.name)
    elif how is How.CONTENT:
        keeps = f"; formerly: {old.name} keeps it" if old.name and new.name else ""
        sentence = f"objective {_name(old)} is called {_name(new)} now, so the history of its budget is lost{keeps}"
        yield replace(
            change, kind=Kind.HISTORY_LOST, danger=Danger.HIGH, sentence=sentence, before=old.name, after=new.name
        )


def _target(change: Change, where: str, old: Decimal, new: Decimal, named: bool) -> Iterator[Change]:
    if old == new:
        return
    looser = new < old
    name = f" {change.objective}" if named and change.objective else ""
    sentence = (
        f"objective{name}{where} {percent(old)} -> {percent(new)}: the budget {'grows' if looser else 'shrinks'}"
        f" from {minutes(1 - old)} to {minutes(1 - new)} minutes a month"
    )
    yield replace(
        change,
        kind=Kind.BUDGET_LOOSENED if looser else Kind.BUDGET_TIGHTENED,
        danger=Danger.HIGH if looser else Danger.LOW,
        sentence=sentence,
        before=percent(old),
        after=percent(new),
    )


def _match(override: Override) -> str:
    return " and ".join(map(str, override.match))


def _overrides(change: Change, old: Objective, new: Objective) -> Iterator[Change]:
    """Groups whose override is gone, or was not there, have the objective itself on that side."""
    before, after = ({_match(one): one.target for one in each.overrides} for each in (old, new))
    for match in [*before, *(match for match in after if match not in before)]:
        yield from _target(change, f" where {match}", before.get(match, old.target), after.get(match, new.target), True)
    kept = [match for match in before if match in after]
    if kept != [match for match in after if match in before]:
        sentence = "the order of overrides changed: the first that matches a group counts"
        yield replace(change, kind=Kind.GROUPS, danger=Danger.MEDIUM, sentence=sentence)
