"""Threshold: a gauge stays within a bound, most of the time: lag, queue length, disk space.

The gauge may be an expression that yields one. A value on the bound is good. Several objectives may each have a bound
of their own, such as a lag that is seldom above a thousand and hardly ever above fifty thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, Literal, Self

from pydantic import Field
from pydantic_core import PydanticCustomError

from slogen.fields import Number, problem
from slogen.model import Scope, StandIn
from slogen.queries import Gauge
from slogen.slices import Aggregate, Slices, judged

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: billing}
spec:
  slos:
    - name: lag
      description: Invoices are not behind.
      sli:
        type: threshold
        gauge: kafka_consumergroup_lag{group="billing"}
        aggregate: max
      objectives:
        - {name: prompt, objective: 95, above: 1000}
        - {name: usable, objective: 99.5, above: 50000}
"""


class Indicator(Slices):
    """Counts time in which a gauge is not above, or not below, a bound."""

    causes: ClassVar[tuple[str, ...]] = (
        "What the gauge measures has really moved: more work than is done, a stuck consumer, a full disk.",
        "One of several series, where `aggregate` lets one decide.",
        "A restart of what the gauge comes from.",
    )
    per_objective: ClassVar[tuple[str, ...]] = ("above", "below")

    type: Literal["threshold"]
    gauge: Gauge = Field(description="The gauge, or an expression that yields one.")
    above: Number | None = Field(None, description="Values above this are bad; or give one per objective.")
    below: Number | None = Field(None, description="Values below this are bad; or give one per objective.")
    aggregate: Aggregate = Field(
        "any", description="Of several series: any or all beyond, their share, or their max or min."
    )

    def problems(self) -> Iterator[PydanticCustomError]:
        """One bound is wanted."""
        if (self.above is None) == (self.below is None):
            found = "neither" if self.above is None else "both"
            yield problem("sli/incomplete", f"one of above and below is wanted, found {found}", "write above: 0.9")

    @property
    def _bound(self) -> tuple[str, Decimal]:
        return (">", self.above) if self.above is not None else ("<", self.below or Decimal(0))

    def bad_part(self, scope: Scope) -> str:
        """1 while the gauge is beyond its bound, or the share of series that are."""
        sign, bound = self._bound
        return judged(self.gauge.text, f"{sign} bool {bound:f}", self.aggregate, scope.by)

    def stand_ins(self, variants: tuple[Self, ...]) -> tuple[StandIn, ...]:
        """A value that is good for every bound, and one that is beyond them all."""
        bounds = [variant._bound for variant in variants]
        highest, lowest = max(bound for _, bound in bounds), min(bound for _, bound in bounds)
        good, bad = (lowest, highest + 1) if bounds[0][0] == ">" else (highest, lowest - 1)
        selector = self.gauge.selector
        made = self.stand_in(selector, good, bad, is_gauge=True) if selector else None
        return (made,) if made and len({sign for sign, _ in bounds}) == 1 else ()

    def sentence(self) -> str:
        """What a good slice is, in a few words for people."""
        sign, bound = self._bound
        return f"time in which the gauge is not {'above' if sign == '>' else 'below'} {bound:f}"
