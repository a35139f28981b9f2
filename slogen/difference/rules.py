"""The last look: rules that differ though nothing else told so. No change of meaning must go unmentioned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from slogen.difference.model import Change, Danger, Kind
from slogen.difference.reading import words
from slogen.rules import Alert, Group, Role


class Planned(Protocol):
    """An SLO or a resource with its rules."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """Its rule groups."""


def rule_changes(
    service: str, name: str, before: Planned, after: Planned, labels: bool, fields: str = ""
) -> Iterator[Change]:
    """Told only where rules do something else; without `labels`, those of alerts may differ.

    `fields` of the spec are known to differ, whatever they do.
    """
    if before.groups == after.groups:
        return
    if _doing(before.groups, labels) != _doing(after.groups, labels):
        old, new = (_count(one.groups) for one in (before, after))
        sentence = "its rules do something else" + (f" ({fields})" if fields else "")
        yield Change(service, name, Kind.RULES, Danger.MEDIUM, sentence, str(old), str(new))


def _count(groups: Iterable[Group]) -> int:
    return sum(len(group.rules) for group in groups)


def _doing(groups: Iterable[Group], labels: bool) -> list[object]:
    """What rules do, whatever their words and their order, which is that of the spec."""
    found: list[object] = []
    for group in groups:
        for rule in group.rules:
            does = (words(rule.expr), group.interval)
            if isinstance(rule, Alert):
                found.append((rule.name, *does, rule.labels if labels else (), rule.wait, rule.hold))
            elif labels or rule.role is not Role.META:
                found.append((rule.record, *does, rule.labels))
    return sorted(found, key=repr)
