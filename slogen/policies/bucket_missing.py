"""Bucket missing: a histogram is there, but without the bucket of the threshold, so its requests are not counted.

Without this alert such an SLO would look idle, or a release that changed its buckets would vanish from it. For type
`latency` with a classic histogram; a native one has no buckets that could be missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.rules import Draft, Part

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: strict}
spec:
  extends: default
  bucketMissing: {wait: 5m}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: latency
      objective: 99
      sli:
        type: latency
        histogram: http_request_duration_seconds{job="checkout"}
        threshold: 300ms
      alerting: {policy: strict}
"""


class Params(Strict):
    """An alert when series of a histogram lack the bucket of a threshold."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long; 15m unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """For classic histograms; a native one has no buckets that could be missing."""
    if not slo.objectives[0].indicator.has_buckets:
        return
    level = Level(slo.service, slo.name)
    yield Draft(
        name="SLOBucketMissing",
        severity=params.severity,
        expr=f"{level.series(naming.BUCKETS_MISSING)} > 0",
        summary=f"The histogram of {naming.slo_id(slo.service, slo.name)} lacks the bucket of a threshold.",
        description=(
            "{{ $value | humanizePercentage }} of the histogram's series have no bucket that ends at a threshold of"
            " this SLO; their requests are not counted at all. Look for changed buckets, another unit than the"
            " declared one, or a release that differs."
        ),
        part=Part.HEALTH,
        level=level,
        wait=params.wait,
    )


def _looks(_slo: Slo, level: Level, _objective: str, _params: Params) -> Iterable[Look]:
    yield Look("Share of the series without the bucket", level.series(naming.BUCKETS_MISSING))


RUNBOOK = Advice(
    meaning=(
        "A part of the requests, or all of them, is not counted: their histogram has no bucket that ends at the"
        " threshold, so nobody can tell whether they are slow."
    ),
    causes=(
        "A release changed the buckets of the histogram.",
        "Some instances run another release than others.",
        "The unit is another than the declared one: milliseconds, not seconds.",
    ),
    resets="Every series of the histogram has the bucket of each threshold again.",
    looks=_looks,
)
