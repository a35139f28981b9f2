"""Probe: enough of the expected targets answer, most of the time, by a gauge that is 1 for each target that is well.

Such a gauge is `up`, or `probe_success` of the blackbox exporter. A target that leaves service discovery has no series
at all, and an average of the others would not miss it. `expected` says how many there should be, so what is gone counts
as failed. Change it when you add or remove targets: with more targets than that, as many may fail unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from slogen.fields import problem
from slogen.model import Scope, StandIn
from slogen.promql.build import aggregate
from slogen.promql.examples import labels_for
from slogen.queries import GaugeSelector
from slogen.slices import Missing, Slices

_MOST_STAND_INS = 50

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: edge}
spec:
  slos:
    - name: reachable
      description: The site answers from at least four of five places.
      objective: 99.9
      sli:
        type: probe
        targets: probe_success{job="edge"}
        expected: 5
        failures: 2
"""


class Indicator(Slices):
    """Counts time in which enough of the expected targets answer."""

    causes: ClassVar[tuple[str, ...]] = (
        "The targets do not answer: they are down, overloaded or cannot be reached.",
        "Those that probe have trouble themselves: a network, DNS, an expired certificate.",
        "Targets were removed and `expected` was not changed.",
    )
    when_missing: ClassVar[Missing] = "bad"

    type: Literal["probe"]
    targets: GaugeSelector = Field(description="Gauge that is 1 for each target that is well: up, probe_success.")
    expected: Annotated[int, Field(ge=1, le=100_000)] = Field(
        description="How many targets there should be; one that leaves service discovery is then missed."
    )
    failures: Annotated[int, Field(ge=1, le=100_000)] = Field(
        1, description="Targets that must fail or be gone for a slice to be bad; 1 unless given."
    )

    def problems(self) -> Iterator[PydanticCustomError]:
        """More targets cannot fail than are expected."""
        if self.failures > self.expected:
            message = f"{self.failures} of {self.expected} targets cannot fail"
            yield problem("sli/quorum", message, f"write failures: {self.expected} or less", at=("failures",))

    def bad_part(self, scope: Scope) -> str:
        """1 while too many of the expected targets do not answer."""
        well = aggregate("sum", scope.by, f"{self.targets.text} == bool 1")
        return f"({self.expected} - {well}) >= bool {self.failures}"

    def stand_ins(self, _variants: tuple[Any, ...]) -> tuple[StandIn, ...]:
        """As many targets as are expected, all of them well or not."""
        assert self.targets.selector is not None  # noqa: S101  # GaugeSelector admits selectors only
        own = labels_for(self.targets.selector)
        if own is None or "instance" in own or self.expected > _MOST_STAND_INS:
            return ()
        return tuple(
            StandIn(
                self.targets.selector.metric,
                tuple(sorted({**own, "instance": f"target-{number}"}.items())),
                Decimal(1),
                Decimal(0),
                is_gauge=True,
            )
            for number in range(1, self.expected + 1)
        )

    def sentence(self) -> str:
        """What a good slice is, in a few words for people."""
        most = self.failures - 1
        return f"time with {'none' if not most else f'at most {most}'} of {self.expected} targets failing"
