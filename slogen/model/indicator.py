"""Service level indicators: what a plug-in of `indicators/` is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

from slogen.promql.selectors import Selector

Labels = tuple[tuple[str, str], ...]


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
    def causes(self) -> tuple[str, ...]:
        """Likely causes of bad events, as Markdown, for runbooks."""

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
    def breakdown_labels(self) -> tuple[str, ...]:
        """Labels of the source by which bad events are broken down when people look for who is hurt."""

    def contributors(self, label: str, window: int, scrape: int) -> str:
        """PromQL for the bad events of each value of `label`, over `window` seconds up to now, of a source that is
        scraped every `scrape` seconds; for slice types, the bad slices."""

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
