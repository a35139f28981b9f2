"""Freshness: something happened recently enough, by a gauge that holds the time at which it last did."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from slogen.fields import Duration
from slogen.model import Scope
from slogen.promql.durations import format_duration
from slogen.queries import Gauge
from slogen.slices import Aggregate, Missing, Slices, judged


class Indicator(Slices):
    """Counts time in which the last success is recent enough."""

    when_missing: ClassVar[Missing] = "bad"
    per_objective: ClassVar[tuple[str, ...]] = ()

    type: Literal["freshness"]
    timestamp: Gauge = Field(
        description="Unix time in seconds of the last success, e.g. job_last_success_timestamp_seconds."
    )
    max_age: Duration = Field(description="Older than this is bad.")
    aggregate: Aggregate = Field(
        "any", description="Of several series: any or all too old, their share, or the max or min time."
    )

    def bad_part(self, scope: Scope) -> str:
        """1 while the last success is too long ago."""
        oldest = f"< bool time() - {self.max_age}"
        return judged(self.timestamp.text, oldest, self.aggregate, scope.by)

    def sentence(self) -> str:
        """What a good slice is, in a few words for people."""
        return f"time in which the last success is at most {format_duration(self.max_age)} old"
