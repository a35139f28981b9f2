"""Events: few of all events fail, by counters of requests, jobs or messages.

Name two of good, bad and total; the third follows. The budget is a number of events: what counts is how many failed,
not for how long, so a quiet hour of errors costs little. Prefer bad and total: an error counter that was never seen is
then zero errors, and nothing is subtracted.

Each of them is

- a counter with its labels: `http_requests_total{job="checkout", code=~"5.."}`,
- a list of counters, which are added up; one that does not exist yet counts as zero,
- or an expression that yields events per second and reads its counters over `$window`:
  `sum(rate(http_requests_total{job="checkout"}[$window]))`. slogen puts the window in and multiplies by the interval,
  so write `rate`, not `increase`. With groups (`by`) it must keep their labels.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from slogen import naming
from slogen.fields import problem
from slogen.indicators._stand_ins import event_stand_ins
from slogen.model import Reading, Scope, StandIn
from slogen.promql.build import aggregate, covered, grouped, increases, lines, on, or_zero, union
from slogen.queries import Counters, Query
from slogen.sources import Sourced

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: availability
      description: Payment requests that do not fail.
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}

    - name: messages
      description: Messages that are processed.
      objective: 99.5
      sli:
        type: events
        good: sum(rate(messages_processed_total{job="checkout"}[$window]))
        bad:
          - messages_rejected_total{job="checkout"}
          - messages_expired_total{job="checkout"}
"""


class Indicator(Sourced):
    """Counts events by any two of good, bad and total."""

    causes: ClassVar[tuple[str, ...]] = (
        "A release: compare the time at which it began with the last deployments.",
        "A dependency that fails: a database, a queue, another service.",
        "One route, client or tenant: see who is hurt.",
    )
    type: Literal["events"]
    good: Counters | None = Field(None, description="Counters of good events, or an expression in $window.")
    bad: Counters | None = Field(None, description="Counters of bad events, or an expression in $window.")
    total: Counters | None = Field(None, description="Counters of all events, or an expression in $window.")

    @model_validator(mode="after")
    def _two_of_three(self) -> Self:
        given = [name for name in ("good", "bad", "total") if getattr(self, name) is not None]
        if len(given) != 2:
            found = ", ".join(given) or "none"
            raise problem(
                "sli/two-of-three",
                f"two of good, bad and total are wanted, found {found}",
                "leave one out, it follows from the other two"
                if len(given) == 3
                else "add one more; the third follows",
            )
        for name, ratio in (("good", "0"), ("bad", "100%")):
            if self.total and getattr(self, name) == self.total:
                message = f"{name} and total are the same: the error ratio would always be {ratio}"
                raise problem("sli/same", message, f"narrow {name} by a label", at=(name,))
        return self

    @property
    def has_coverage(self) -> bool:
        """Counters can be counted, expressions cannot."""
        return any(query.selector is not None for query in self._total)

    @property
    def counts_apart(self) -> Literal["", "good", "bad"]:
        """The part that is given beside the total, unless it only narrows what the total counts."""
        if self.total is None or _is_part(self.bad or self.good or (), self.total):
            return ""
        return "bad" if self.bad else "good"

    @property
    def _total(self) -> tuple[Query, ...]:
        return self.total or (*(self.good or ()), *(self.bad or ()))

    def reading(self, variants: tuple[Self, ...], scope: Scope) -> Reading:
        """Bad is never a difference unless bad is not given; a counter that was never seen is zero, not no data."""
        total = self._total
        if self.bad:
            bad = or_zero(_events(self.bad, scope), scope.by, scope.total)
        else:
            good = or_zero(_events(self.good or (), scope), scope.by, scope.total)
            bad = f"{scope.total}\n- {on(scope.by)}\n{grouped(good)}"
        return Reading(_events(total, scope), (bad,) * len(variants), _coverage(total, scope))

    def stand_ins(self, variants: tuple[Self, ...]) -> tuple[StandIn, ...]:
        """A series of good and one of bad events; where bad is another metric, that one beside the total."""
        return event_stand_ins(self.good, self.bad, self.total)

    def sentence(self) -> str:
        """What a good event is, in a few words for people."""
        return "events that are not bad" if self.bad else "events that are good"


def _is_part(part: tuple[Query, ...], total: tuple[Query, ...]) -> bool:
    """Whether each counter narrows another one of the total's."""
    wholes = list(total)
    for query in part:
        found = next((whole for whole in wholes if _narrows(query, whole)), None)
        if found is None:
            return False
        wholes.remove(found)
    return True


def _narrows(query: Query, whole: Query) -> bool:
    one, other = query.selector, whole.selector
    if one is None or other is None:
        return False
    return one.metric == other.metric and set(other.matchers) <= set(one.matchers)


def _events(queries: tuple[Query, ...], scope: Scope) -> str:
    return union([_term(query, scope) for query in queries], scope.by, naming.TERM)


def _term(query: Query, scope: Scope) -> str:
    if query.selector is None:
        return f"{scope.interval} * {aggregate('sum', scope.by, query.rate(scope.window))}"
    factor, increase = increases(query.text, scope.interval, scope.scrape, scope.exact)
    return f"{factor}{aggregate('sum', scope.by, lines(increase) if scope.exact else increase)}"


def _coverage(queries: tuple[Query, ...], scope: Scope) -> str | None:
    counters = [query for query in queries if query.selector is not None]
    if not counters:
        return None
    exist = union([aggregate("count", scope.by, query.text) for query in counters], scope.by, naming.TERM)
    readable = union(
        [aggregate("count", scope.by, query.rate(scope.window)) for query in counters], scope.by, naming.TERM
    )
    return covered(readable, exist)
