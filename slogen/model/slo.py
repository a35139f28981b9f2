"""Service level objectives: targets, policies, periods, and the scenarios that are written for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from slogen import naming
from slogen.calendars import Calendar
from slogen.findings import Place
from slogen.levels import Level
from slogen.model.indicator import Indicator, Labels
from slogen.promql.durations import format_duration
from slogen.promql.selectors import Matcher


class Severity(StrEnum):
    """What an alert asks for: a person now, or a person this week."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often the rules of an SLO run, in seconds; each is a multiple of the one before."""

    scrape: int
    base: int
    ledger: int


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
    runbook: str = ""
    """Notes of the team, Markdown."""
    depends_on: tuple[str, ...] = ()
    """SLOs without which this one cannot be kept: `service/slo`, or `service/slo/objective`."""

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
