"""No data: the SLO records nothing, so neither its budget nor its alerts say anything.

The source is gone, or was never there. An idle service is not meant: it still records zero events. Where another alert
of the same policy knows why there is no data (`targetDown`, `bucketMissing`, `sourceCoverage`), that one speaks alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.promql.build import series
from slogen.rules import Draft, Part

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: watchful}
spec:
  extends: default
  noData: {wait: 5m}
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
      alerting: {policy: watchful}
"""


class Params(Strict):
    """An alert when the source of an SLO is gone or was never there. An idle service still records zero events."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long it must be gone; 15m unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """Known SLO, but no events; where another alert of its policy knows why, that one speaks alone."""
    level = Level(slo.service, slo.name)
    info = level.series(naming.INFO, slo.objectives[0].name)
    yield Draft(
        name="SLONoData",
        severity=params.severity,
        expr="\nunless on ()\n".join(
            [f"max by ({naming.SERVICE}, {naming.SLO}) ({info})", *_recorded(slo, level), *_explained(slo, level)]
        ),
        summary=f"{naming.slo_id(slo.service, slo.name)} has no data.",
        description=(
            "Nothing can be read for this SLO. Its budget stands still and its burn-rate alerts"
            " cannot fire. Look for targets that are not discovered any more, a renamed metric, a changed label"
            " or a scrape interval that is longer than the declared one."
        ),
        part=Part.HEALTH,
        level=level,
        wait=params.wait,
    )


def _recorded(slo: Slo, level: Level) -> Iterator[str]:
    """What is there while anything is recorded; too many groups are no missing data where `group_limit` says so."""
    if slo.by and (not slo.level.by or "group_limit" in slo.policy.sections):
        yield level.series(naming.GROUPS)
    else:
        yield slo.level.series(naming.TOTAL_BASE)


def _explained(slo: Slo, level: Level) -> Iterator[str]:
    sections, indicator = slo.policy.sections, slo.objectives[0].indicator
    if "source_coverage" in sections and indicator.has_coverage:
        yield level.series(naming.SOURCE_COVERAGE)
    if "bucket_missing" in sections and indicator.has_buckets:
        yield f"{level.series(naming.BUCKETS_MISSING)} > 0"
    if "target_down" in sections and indicator.scrape_targets:
        yield f"{level.series(naming.TARGETS_UP)} == 0"


_ROLLBACK = "What can be rolled back here is the last change of how the service is scraped or of its metrics."


def _looks(_slo: Slo, level: Level, _objective: str, _params: Params) -> Iterator[Look]:
    yield Look("What is still recorded of this SLO", f'{{__name__=~"slo.*", {series("", level.labels())[1:]}')


RUNBOOK = Advice(
    meaning=(
        "Nobody knows how users fare: nothing can be read for this SLO. Its budget stands still and its burn-rate"
        " alerts cannot fire, whatever happens meanwhile."
    ),
    causes=(
        "The targets are not discovered any more: a changed label, port or namespace.",
        "The metric was renamed, or a label that the SLI selects by has other values, since a release.",
        "The real scrape interval is longer than the declared one.",
        "The service is gone. Then remove the SLO.",
    ),
    resets="Anything is recorded again.",
    rollback=_ROLLBACK,
    looks=_looks,
)
