"""What will be written, as data: every rule with what it is for, in its group.

Tests, dashboards, explanations and outputs read meaning from here, never from PromQL text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from slogen.levels import Level
from slogen.model import Labels, Resource, Service, Setting, Severity, Slo


class Role(StrEnum):
    """What a recording rule is for."""

    TOTAL = "total"
    BAD = "bad"
    SOURCE_COVERAGE = "source coverage"
    BURN_RATE = "burn rate"
    GUARD = "guard"
    PERIOD = "period"
    META = "meta"
    RESOURCE = "resource"
    GROUPS = "groups"
    TARGETS = "targets"


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of burn-rate windows (Google SRE Workbook, chapter 5), fitted to one objective and period.

    Fires when both windows burn faster than `factor`; a total burn of `share` of the budget lies behind it.
    `note` says what fitting changed, empty when nothing; a `pinned` pair is never changed.
    """

    severity: Severity
    long: int
    short: int
    factor: Decimal
    share: Decimal
    note: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording rule and what it is for."""

    record: str
    expr: str
    labels: Labels
    role: Role
    objective: str = ""
    window: int | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """An alerting rule and what it is for.

    `wait` is its `for`, `hold` its `keep_firing_for`, in seconds; `by` are the labels of the group that it means.
    """

    name: str
    expr: str
    labels: Labels
    annotations: Labels
    severity: Severity
    policy: str
    objective: str = ""
    wait: int = 0
    pairs: tuple[Pair, ...] = ()
    guard: int = 0
    by: tuple[str, ...] = ()
    hold: int = 0


class Part(StrEnum):
    """Which rule group of an SLO an alert runs in."""

    BASE = "base"
    LEDGER = "ledger"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert as its policy states it; the plan adds the labels, links and the team's own words.

    `summary` and `description` are Prometheus templates, the first of one sentence.
    """

    name: str
    severity: Severity
    expr: str
    summary: str
    description: str
    part: Part
    level: Level
    objective: str = ""
    wait: int = 0
    pairs: tuple[Pair, ...] = ()
    guard: int = 0


@dataclass(frozen=True, slots=True)
class ResourceDraft:
    """An alert on a resource as its policy states it; `wait` is its `for`, `hold` its `keep_firing_for`, in seconds.

    One that `is_whole` is about all instances together and has none of their labels.
    """

    name: str
    severity: Severity
    expr: str
    summary: str
    description: str
    wait: int = 0
    hold: int = 0
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Needs:
    """What a policy wants recorded for one objective: burn rates and sums of bad events, by window in seconds.

    Those in `fast` are summed from the base, the others from the ledger. `targets` wants the share of targets that are
    up.
    """

    burn: frozenset[int] = frozenset()
    bad: frozenset[int] = frozenset()
    fast: frozenset[int] = frozenset()
    targets: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """While the alert `source` fires, Alertmanager says nothing of `target`, of the same SLO, objective and group.

    With `all_groups`, a source of the SLO as a whole mutes the targets of each of its groups too.
    """

    source: str
    target: str
    all_groups: bool = False


Rule = Recording | Alert


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that run in order at one timestamp, every `interval` seconds."""

    name: str
    interval: int
    comment: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class SloPlan:
    """The rules of one SLO."""

    slo: Slo
    groups: tuple[Group, ...]

    def alerts(self) -> Iterator[Alert]:
        """Alerting rules, in the order in which they are written."""
        return (rule for group in self.groups for rule in group.rules if isinstance(rule, Alert))

    def recordings(self) -> Iterator[Recording]:
        """Recording rules, in the order in which they are written."""
        return (rule for group in self.groups for rule in group.rules if isinstance(rule, Recording))


@dataclass(frozen=True, slots=True)
class ResourcePlan:
    """The rules of one resource of a service."""

    resource: Resource
    groups: tuple[Group, ...]

    def alerts(self) -> Iterator[Alert]:
        """Alerting rules, in the order in which they are written."""
        return (rule for group in self.groups for rule in group.rules if isinstance(rule, Alert))


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """The rules of one service."""

    service: Service
    slos: tuple[SloPlan, ...]
    resources: tuple[ResourcePlan, ...] = ()

    def rules(self) -> Iterator[Rule]:
        """All rules, in the order in which they are written."""
        return (rule for _, group in self.groups() for rule in group.rules)

    def groups(self) -> Iterator[tuple[str, Group]]:
        """All rule groups, each with the name of its SLO or resource, in the order in which they are written."""
        for planned in self.slos:
            yield from ((planned.slo.name, group) for group in planned.groups)
        for one in self.resources:
            yield from ((one.resource.name, group) for group in one.groups)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will be written, as data: outputs read meaning from here, never from PromQL text."""

    setting: Setting
    services: tuple[ServicePlan, ...]


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file to write, `path` relative to the output folder.

    `source` is the spec that it comes from. It is empty for a file of the whole repository, which is the same whatever
    specs there are.
    """

    path: str
    text: str
    source: str
