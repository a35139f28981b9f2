"""Ratio: few slices of time have many errors, by counters, where quiet hours should count as much as busy ones.

Each slice is good or bad by its own error ratio, whatever its traffic; one without traffic is good. That is what a
contract means by 'no more than 5% errors in any minute, 99.9% of the time'. Where a budget of requests would do,
prefer `events`: it counts what people met.

A slice reads one scrape more than its length, so an incident may count for up to one and a half slices more than it
lasted. It must be at least two scrape intervals long.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from slogen import naming
from slogen.fields import Bound
from slogen.indicators._stand_ins import event_stand_ins
from slogen.model import Scope, StandIn
from slogen.promql.build import aggregate, grouped, on, or_zero, union
from slogen.queries import Counters, Query
from slogen.slices import Slices

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: contract
      description: Minutes with at most 5% of errors.
      objective: 99.9
      sli:
        type: ratio
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
        above: 5
"""


class Indicator(Slices):
    """Counts time in which few enough events are bad, each slice alike."""

    causes: ClassVar[tuple[str, ...]] = (
        "A release, or a dependency that fails.",
        "A few errors in minutes with little traffic: each slice counts alike, however few its requests are.",
    )
    per_objective: ClassVar[tuple[str, ...]] = ()

    type: Literal["ratio"]
    bad: Counters = Field(description="Counters of bad events, or an expression in $window.")
    total: Counters = Field(description="Counters of all events, or an expression in $window.")
    above: Bound = Field(description="Percent of bad events above which a slice is bad.")

    @property
    def reads_counters(self) -> bool:
        """Bad and total are counted within the slice."""
        return True

    def bad_part(self, scope: Scope) -> str:
        """1 while more than the bound of the events are bad; 0 without events."""
        total = grouped(_events(self.total, scope))
        bad = grouped(or_zero(_events(self.bad, scope), scope.by, total))
        ratio = f"{bad}\n/ {on(scope.by)}\n({total} > 0)\n>= 0 > bool {self.above:f}"
        return f"{ratio}\nor {on(scope.by)}\n0 * ({total} == 0)"

    def stand_ins(self, _variants: tuple[Any, ...]) -> tuple[StandIn, ...]:
        """Traffic of which nothing, or all, fails."""
        return event_stand_ins(None, self.bad, self.total)

    def sentence(self) -> str:
        """What a good slice is, in a few words for people."""
        return f"time in which at most {(self.above * 100).normalize():f}% of events are bad"


def _events(queries: tuple[Query, ...], scope: Scope) -> str:
    return union([aggregate("sum", scope.by, query.rate(scope.window)) for query in queries], scope.by, naming.TERM)
