"""Raw: an error ratio that something else computes is small, on average over time.

For what arrives as a ratio: the status of a supplier, the result of a synthetic test. It is averaged over time and not
over traffic: slogen cannot know how many events are behind it. What is below 0 counts as 0, what is above 1 as 1, and
several series are averaged. An expression may read counters over `$window`; but where there are counters, `events` and
`ratio` say more.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field

from slogen.model import Scope, StandIn
from slogen.promql.build import aggregate
from slogen.queries import Ratio
from slogen.slices import Slices

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: maps}
spec:
  slos:
    - name: supplier
      description: What the supplier of maps reports of itself.
      objective: 99.5
      sli:
        type: raw
        errorRatio: supplier_error_ratio{product="maps"}
"""


class Indicator(Slices):
    """Takes an error ratio as it is, weighted by time."""

    causes: ClassVar[tuple[str, ...]] = (
        "What computes the ratio says so: look there first.",
        "The ratio is averaged over time, so a quiet hour counts as much as a busy one.",
    )
    type: Literal["raw"]
    error_ratio: Ratio = Field(description="An error ratio from 0 to 1; it may read counters over $window.")

    @property
    def reads_counters(self) -> bool:
        """Where $window is read, it is the slice and a scrape."""
        return self.error_ratio.parsed.uses_window

    def bad_part(self, scope: Scope) -> str:
        """The ratio, held between 0 and 1; what is not a number is no data."""
        return aggregate("avg", scope.by, f"clamp(({self.error_ratio.over(scope.window)}) >= -Inf, 0, 1)")

    def stand_ins(self, _variants: tuple[Any, ...]) -> tuple[StandIn, ...]:
        """The ratio itself."""
        selector = self.error_ratio.selector
        made = self.stand_in(selector, Decimal(0), Decimal(1), is_gauge=True) if selector else None
        return (replace(made, is_ratio=True),) if made else ()

    def sentence(self) -> str:
        """What a good slice is, in a few words for people."""
        return "time, by an error ratio that is taken as it is (not weighted by traffic)"
