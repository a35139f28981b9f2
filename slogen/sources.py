"""What every SLI that reads a source shares: which targets it comes from, and whether it keeps the groups' labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from slogen import fields
from slogen.fields import GroupLabel
from slogen.model import Reading, Scope, StandIn
from slogen.promql.build import grouped
from slogen.promql.examples import labels_for
from slogen.promql.selectors import Selector, aggregates_away, selectors_in
from slogen.queries import Query, Targets

TARGET_LABELS = ("job", "namespace", "service")


class Sourced(fields.Indicator, ABC):
    """Fields of an SLI that reads a source."""

    target: Targets | None = Field(
        None,
        description="Selector of `up` for the source's targets, or off; else made of the source's own job, namespace"
        " and service.",
    )

    breakdown: Annotated[tuple[GroupLabel, ...], Field(max_length=5, strict=False)] = Field(
        (), description="Labels of the source by which the dashboard shows who is hurt: route, code. Not recorded."
    )

    @property
    def breakdown_labels(self) -> tuple[str, ...]:
        """Labels of the source by which bad events are broken down."""
        return self.breakdown

    def contributors(self, label: str, window: int, scrape: int) -> str:
        """PromQL for the bad events of each value of a label, over a window; read by `rate`, as a base is."""
        scope = Scope(window - scrape, scrape, (label,), "", "", exact=False)
        total = grouped(self.reading((self,), scope).total)
        return self.reading((self,), replace(scope, total=total)).bad[0]

    @abstractmethod
    def reading(self, variants: tuple[Any, ...], scope: Scope) -> Reading:
        """PromQL that reads the source once for all `variants` of this indicator, one per objective."""

    @property
    def queries(self) -> Iterator[Query]:
        """What a person wrote to read the source, in the order of the fields."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            for query in value if isinstance(value, tuple) else (value,):
                if isinstance(query, Query) and name != "target":
                    yield query

    @property
    def scrape_targets(self) -> tuple[Selector, ...]:
        """Selectors of `up` for the targets that the source comes from, as far as they can be told."""
        if self.target is not None:
            return (self.target.selector,) if isinstance(self.target, Query) and self.target.selector else ()
        read = [selector for query in self.queries for selector in selectors_in(query.parsed)]
        if any(selector.metric == "up" for selector in read):
            return ()
        return tuple(dict.fromkeys(target for selector in read if (target := _target(selector)) is not None))

    @staticmethod
    def stand_in(
        matching: Selector, good: Decimal, bad: Decimal, *refused: Selector, is_gauge: bool = False
    ) -> StandIn | None:
        """A series that one selector selects and others do not, or None where none is found."""
        labels = labels_for(matching, refused)
        if labels is None or not matching.metric:
            return None
        return StandIn(matching.metric, tuple(sorted(labels.items())), good, bad, is_gauge)

    def lost_label(self, by: tuple[str, ...]) -> tuple[Query, str] | None:
        """The first expression that aggregates a label of the groups away, and that label."""
        for query in self.queries:
            if query.selector is None:
                for label in by:
                    if aggregates_away(query.parsed, label):
                        return query, label
        return None


def _target(selector: Selector) -> Selector | None:
    own = tuple(matcher for matcher in selector.matchers if matcher.op == "=" and matcher.name in TARGET_LABELS)
    return Selector("up", own) if any(matcher.name != "namespace" for matcher in own) else None
