"""Freshness: the last success is recent, most of the time, by a gauge that holds the time of it.

For backups, imports and other jobs that run now and then: counters of errors say nothing of a job that did not start.
The time is bad from `maxAge` after the last success until the next one, so give a daily job some hours more than a day.
A gauge of 0 is a job that never succeeded. For a job that runs on any of several pods, `aggregate: max` asks for the
newest of their times.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field

from slogen.fields import Duration
from slogen.model import Scope, StandIn
from slogen.promql.durations import format_duration
from slogen.queries import Gauge
from slogen.slices import Aggregate, Missing, Slices, judged

_FAR = Decimal(10_000_000_000)

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: backup}
spec:
  slos:
    - name: daily
      description: There is a backup of the last day.
      objective: 99
      sli:
        type: freshness
        timestamp: backup_last_success_timestamp_seconds{job="backup"}
        maxAge: 26h
"""


class Indicator(Slices):
    """Counts time in which the last success is recent enough."""

    causes: ClassVar[tuple[str, ...]] = (
        "The job failed, or did not start at all: look at its last runs and at its schedule.",
        "The job takes longer than it did.",
        "The job succeeded, but its time is not reported any more.",
    )
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

    def stand_ins(self, _variants: tuple[Any, ...]) -> tuple[StandIn, ...]:
        """A time far ahead, and one long ago."""
        selector = self.timestamp.selector
        made = self.stand_in(selector, _FAR, -_FAR, is_gauge=True) if selector else None
        return (made,) if made else ()

    def sentence(self) -> str:
        """What a good slice is, in a few words for people."""
        return f"time in which the last success is at most {format_duration(self.max_age)} old"
