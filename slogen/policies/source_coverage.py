"""Source coverage: some series of the source exist but cannot be read, so events are missed silently.

A series has a rate only if two of its scrapes lie in the window that is read. Where the real scrape interval is longer
than the declared one, some have and some have not, by chance. An SLI of a slice type with `missing: bad` or
`missing: good` always records something; there, this alert tells that there is nothing to look at. The series of an
expression cannot be counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, Portion, SeverityName, Strict
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.policies._fit import plain
from slogen.rules import Draft, Part

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: complete}
spec:
  extends: default
  sourceCoverage: {minimum: 99}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
      alerting: {policy: complete}
"""


class Params(Strict):
    """An alert when too few of the source's series can be read."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    minimum: Portion = Field(
        Decimal("0.9"), description="Percent of the series that can be read, at least; 90 unless given."
    )
    wait: Duration = Field(900, description="How long; 15m unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """Series without a rate: a wrong scrape interval, most of the time."""
    if not slo.objectives[0].indicator.has_coverage:
        return
    level = Level(slo.service, slo.name)
    yield Draft(
        name="SLOSourceCoverage",
        severity=params.severity,
        expr=f"{level.series(naming.SOURCE_COVERAGE)} < {plain(params.minimum)}",
        summary=f"{naming.slo_id(slo.service, slo.name)} cannot read all of its source.",
        description=(
            "Only {{ $value | humanizePercentage }} of the series of this SLO can be read, so its budget misses events."
            " Either the real scrape interval is longer than the declared one, or what the slices look at is gone."
        ),
        part=Part.HEALTH,
        level=level,
        wait=params.wait,
    )


def _looks(_slo: Slo, level: Level, _objective: str, _params: Params) -> Iterable[Look]:
    yield Look("Share of the series that can be read", level.series(naming.SOURCE_COVERAGE))


def _threshold(_slo: Slo, params: Params) -> str:
    return f"It fires when less than {plain(params.minimum * 100)}% of the series can be read."


RUNBOOK = Advice(
    meaning=(
        "A part of what users meet is not seen: some series of the source exist but cannot be read, so their events"
        " are missing from the budget."
    ),
    causes=(
        "The real scrape interval is longer than the declared one: a series needs two scrapes in the window.",
        "Scrapes fail or time out now and then.",
        "What the slices look at is gone, and `missing` fills them in.",
    ),
    resets="Enough of the series can be read again.",
    rollback="What can be rolled back here is the last change of how the service is scraped.",
    looks=_looks,
    threshold=_threshold,
)
