"""Group limit: the source has more groups than the SLO admits, so none of them is recorded by itself.

`maxGroups` of the SLO keeps a label with unexpected values from filling Prometheus. The overall budget goes on
meanwhile, and so do the alerts that look at it.
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
metadata: {name: bounded}
spec:
  extends: default
  groupLimit: {wait: 15m}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: availability
      objective: 99.9
      by: {labels: [tenant], maxGroups: 50}
      sli:
        type: events
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
      alerting: {policy: bounded}
"""


class Params(Strict):
    """An alert when there are more groups than `maxGroups`."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(300, description="How long; 5m unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """The overall budget goes on meanwhile."""
    if not slo.by:
        return
    level = Level(slo.service, slo.name)
    yield Draft(
        name="SLOGroupLimit",
        severity=params.severity,
        expr=f"{level.series(naming.GROUPS)} > {slo.max_groups}",
        summary=f"{naming.slo_id(slo.service, slo.name)} has too many groups.",
        description=(
            f"There are {{{{ $value }}}} groups, and {slo.max_groups} are the most (maxGroups). None of them has a"
            " budget or alerts of its own until there are fewer, or the limit is raised."
        ),
        part=Part.HEALTH,
        level=level,
        wait=params.wait,
    )


def _looks(_slo: Slo, level: Level, _objective: str, _params: Params) -> Iterable[Look]:
    yield Look("Number of groups", level.series(naming.GROUPS))


def _threshold(slo: Slo, _params: Params) -> str:
    return f"It fires when there are more than {slo.max_groups} groups (`maxGroups`)."


RUNBOOK = Advice(
    meaning=(
        "Users meet nothing of this by itself. But no group has a budget or alerts of its own while there are too"
        " many, so an outage of one may go unseen."
    ),
    causes=(
        "A label has values that it should not have: ids, paths, error texts.",
        "There really are more groups than when the SLO was written. Then raise `maxGroups`.",
    ),
    resets="There are no more groups than `maxGroups`.",
    looks=_looks,
    threshold=_threshold,
)
