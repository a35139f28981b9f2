"""What the specs mean: frozen values that every stage after `resolve` reads.

Durations are whole seconds. Objectives are exact decimals, ratios 0..1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol

from slogen import naming
from slogen.calendars import Calendar
from slogen.findings import Place
from slogen.levels import Level
from slogen.promql.build import series
from slogen.promql.durations import format_duration
from slogen.promql.selectors import Matcher, Selector
from slogen.workloads import Workload

Labels = tuple[tuple[str, str], ...]


class Severity(StrEnum):
    """What an alert asks for: a person now, or a person this week."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the whole repository shares."""

    retention: int | None = None
    query_offset: int | None = None
    severity_label: str = "severity"
    owner_label: str = "owner"
    severity_values: Mapping[Severity, str] = field(
        default_factory=lambda: {Severity.PAGE: "page", Severity.TICKET: "ticket"}
    )
    dashboard_url: str = ""
    runbook_url: str = ""


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often the rules of an SLO run, in seconds; each is a multiple of the one before."""

    scrape: int
    base: int
    ledger: int


@dataclass(frozen=True, slots=True)
class Scope:
    """How an indicator reads its source: once per `interval`, scraped every `scrape` seconds, per group `by`.

    `total` selects the total, `last_seen` the time at which each group last had data, both recorded in the same group
    of rules at the same timestamp. `exact` wants counters read so that nothing is lost over weeks, at a higher price;
    what feeds only short windows can do without.
    """

    interval: int
    scrape: int
    by: tuple[str, ...]
    total: str
    last_seen: str
    exact: bool

    @property
    def window(self) -> int:
        """Range that holds exactly one interval between its first and last sample (3. of docs/how-it-works.md)."""
        return self.interval + self.scrape


@dataclass(frozen=True, slots=True)
class Reading:
    """PromQL for the events of one interval: the total, and the bad ones of each objective.

    `bad` may refer to `Scope.total`. `coverage` is the share of the source's series that can be read, or None where
    the source is an expression; `buckets_missing` the share of a histogram's series that lack the bucket of a
    threshold; `last_seen` the time at which each group last had data, where groups without data are filled in.
    """

    total: str
    bad: tuple[str, ...]
    coverage: str | None = None
    buckets_missing: str | None = None
    last_seen: str | None = None


@dataclass(frozen=True, slots=True)
class StandIn:
    """A made-up series of a source, for tests of the rules.

    A counter grows by `good` with each good event and by `bad` with each bad one; a gauge has these values while time
    is good and while it is bad, and lies between them where `is_ratio`.
    """

    metric: str
    labels: Labels
    good: Decimal
    bad: Decimal
    is_gauge: bool = False
    is_ratio: bool = False


class Indicator(Protocol):
    """A service level indicator: one file in `indicators/` per type."""

    @property
    def type(self) -> str:
        """Name of the type, as in the spec."""

    @property
    def slice_length(self) -> int | None:
        """Seconds that one look at the source stands for, or None for types that count events."""

    @property
    def has_coverage(self) -> bool:
        """Whether the share of the source's series that can be read is known."""

    @property
    def has_buckets(self) -> bool:
        """Whether the share of the source's series that lack a bucket is known."""

    @property
    def counts_apart(self) -> Literal["", "good", "bad"]:
        """Which part is counted by itself and not as a part of the total, so that it could exceed it."""

    @property
    def scrape_targets(self) -> tuple[Selector, ...]:
        """Selectors of `up` for the targets that the source comes from, as far as they can be told."""

    def lost_label(self, by: tuple[str, ...]) -> tuple[Any, str] | None:
        """The first expression that aggregates a label of the groups away, and that label."""

    def reading(self, variants: tuple[Any, ...], scope: Scope) -> Reading:
        """PromQL that reads the source once for all `variants` of this indicator, one per objective."""

    def stand_ins(self, variants: tuple[Any, ...]) -> tuple[StandIn, ...]:
        """Series that the source could have, bad events being bad for all variants; none where it cannot be told."""

    def sentence(self) -> str:
        """What a good event is, in a few words for people."""


@dataclass(frozen=True, slots=True)
class Override:
    """Another target for the groups that match; the first of several that match counts."""

    match: tuple[Matcher, ...]
    target: Decimal


@dataclass(frozen=True, slots=True)
class Objective:
    """One target of an SLO: `target` is the wanted ratio of good events, 0..1, exclusive."""

    name: str
    target: Decimal
    indicator: Indicator
    overrides: tuple[Override, ...] = ()

    @property
    def budget(self) -> Decimal:
        """Error budget as a ratio of events."""
        return 1 - self.target


@dataclass(frozen=True, slots=True)
class Notice:
    """What a spec adds to the alerts of one severity."""

    disabled: bool = False
    labels: Labels = ()
    annotations: Labels = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A resolved alert policy: parameters for each policy plug-in that it turns on, for SLOs and for resources."""

    name: str
    sections: Mapping[str, Any]
    resource_sections: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """`length` seconds of a scenario: `traffic` per second, if known, `errors` of it (0..1) bad."""

    length: int
    traffic: Decimal | None
    errors: Decimal
    source: Literal["there", "idle", "gone", "down"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """An alert fires at some time, `within` seconds of the trouble's beginning if not 0; or never."""

    alert: str
    objective: str
    fires: bool
    within: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A test that is written in the spec; it happens to the group with these labels, if any."""

    name: str
    happens: tuple[Happening, ...]
    expectations: tuple[Expectation, ...]
    group: Labels = ()


@dataclass(frozen=True, slots=True)
class Slo:
    """One SLO of a service; its objectives share one count of events.

    `period` is in seconds, for a calendar period its nominal length. `levels` are those that are recorded, the widest
    first; `scopes` those at which alerts of a severity look. `max_groups` is 0 without groups.
    """

    service: str
    name: str
    description: str
    period: int
    cadence: Cadence
    objectives: tuple[Objective, ...]
    policy: Policy
    labels: Labels
    notices: Mapping[Severity, Notice]
    place: Place
    levels: tuple[Level, ...]
    scopes: Mapping[Severity, tuple[Level, ...]]
    max_groups: int = 0
    calendar: Calendar | None = None
    scenarios: tuple[Scenario, ...] = ()

    def labels_of(self, objective: str = "") -> Labels:
        """Identity labels of the SLO's series, or of those of one objective."""
        return naming.identity(self.service, self.name, objective)

    @property
    def level(self) -> Level:
        """The widest level: the SLO as a whole, unless only its groups are recorded."""
        return self.levels[0]

    @property
    def by(self) -> tuple[str, ...]:
        """Labels that tell the groups apart, none without groups."""
        return self.levels[-1].by

    @property
    def period_name(self) -> str:
        """`30d`, or the name of the calendar period."""
        return self.calendar.name if self.calendar else format_duration(self.period)

    @property
    def variants(self) -> tuple[Indicator, ...]:
        """The indicator, once per objective."""
        return tuple(objective.indicator for objective in self.objectives)


@dataclass(frozen=True, slots=True)
class Figure:
    """Something recorded of a resource, per instance: the name of the series, its PromQL, and labels of its own."""

    record: str
    expr: str
    labels: Labels = ()


class ResourceType(Protocol):
    """A resource that can run out: one file in `resources/` per type."""

    @property
    def type(self) -> str:
        """Name of the type, as in the spec."""

    def by(self, workloads: tuple[Workload, ...]) -> tuple[str, ...]:
        """Labels that tell instances of the resource apart."""

    def figures(self, workloads: tuple[Workload, ...], own: Callable[..., str]) -> tuple[Figure, ...]:
        """What is recorded of it, in order; `own` gives the selector of a series of the same resource."""

    def stand_ins(self, workloads: tuple[Workload, ...]) -> Mapping[str, tuple[StandIn, ...]]:
        """Made-up series of one instance, by the figure that they follow; none where they cannot be told."""

    def sentence(self) -> str:
        """What is watched, in a few words for people."""


@dataclass(frozen=True, slots=True)
class Resource:
    """Memory, or another resource, of one service that can run out."""

    service: str
    name: str
    source: ResourceType
    workloads: tuple[Workload, ...]
    policy: Policy
    labels: Labels
    notices: Mapping[Severity, Notice]
    place: Place

    @property
    def identity(self) -> Labels:
        """Labels of its recorded series and alerts."""
        return naming.resource_identity(self.service, self.name)

    def series(self, record: str, *labels: tuple[str, str]) -> str:
        """A selector of a series recorded of it."""
        return series(record, (*self.identity, *labels))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What is recorded of it."""
        return self.source.figures(self.workloads, self.series)

    def has(self, record: str) -> bool:
        """Whether such a series is recorded of it."""
        return any(figure.record == record for figure in self.figures)

    @property
    def by(self) -> tuple[str, ...]:
        """Labels that tell its instances apart."""
        return self.source.by(self.workloads)


@dataclass(frozen=True, slots=True)
class Service:
    """One service; `folder` mirrors where its spec lies, `file` is that spec."""

    name: str
    owner: str
    description: str
    labels: Labels
    slos: tuple[Slo, ...]
    file: str
    folder: str
    place: Place
    workloads: tuple[Workload, ...] = ()
    resources: tuple[Resource, ...] = ()
