"""Target down: Prometheus cannot scrape what the SLO is computed from, so it is blind, or sees a part only.

What happens on a target that is down is not counted: a crash of all pods looks like a quiet hour. The targets are those
of `target` in the SLI, a selector of `up`; unless given, it is made of the source's own `job`, `namespace` and
`service`. A target that left service discovery has no `up`; where none is left, `noData` says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, Portion, SeverityName, Strict
from slogen.levels import Level
from slogen.model import Objective, Severity, Slo
from slogen.policies._fit import plain
from slogen.rules import Draft, Needs, Part

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: awake}
spec:
  extends: default
  targetDown: {minimum: 80, wait: 5m}
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
        bad: http_requests_total{app="checkout", code=~"5.."}
        total: http_requests_total{app="checkout"}
        target: up{job="kubernetes-pods", app="checkout"}
      alerting: {policy: awake}
"""


class Params(Strict):
    """An alert when too few of the targets that an SLO is computed from answer their scrapes, by `up`."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    minimum: Portion = Field(Decimal("0.5"), description="Percent of the targets that must be up; 50 unless given.")
    wait: Duration = Field(600, description="How long; 10m unless given.")


def needs(_slo: Slo, _level: Level, _objective: Objective, _params: Params) -> Needs:
    """The share of targets that are up."""
    return Needs(targets=True)


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """A target that left service discovery has no `up`; where nothing is left, `no_data` says so."""
    if not slo.objectives[0].indicator.scrape_targets:
        return
    level = Level(slo.service, slo.name)
    yield Draft(
        name="SLOTargetDown",
        severity=params.severity,
        expr=f"{level.series(naming.TARGETS_UP)} < {plain(params.minimum)}",
        summary=f"Targets that {naming.slo_id(slo.service, slo.name)} is computed from are down.",
        description=(
            "Only {{ $value | humanizePercentage }} of the targets of this SLO answer their scrapes. What happens on"
            " the others is not in its budget, and its burn-rate alerts do not see it."
        ),
        part=Part.HEALTH,
        level=level,
        wait=params.wait,
    )


def _looks(slo: Slo, level: Level, _objective: str, _params: Params) -> Iterable[Look]:
    yield Look("Share of the targets that are up", level.series(naming.TARGETS_UP))
    for target in slo.objectives[0].indicator.scrape_targets:
        yield Look("Which targets are down", f"{target} == 0")


def _threshold(_slo: Slo, params: Params) -> str:
    return f"It fires when less than {plain(params.minimum * 100)}% of the targets answer."


RUNBOOK = Advice(
    meaning=(
        "What happens on the targets that are down is not counted. Users may be served well or not at all: a crash of"
        " all pods looks like a quiet hour."
    ),
    causes=(
        "The service itself is down, or its pods restart again and again.",
        "The metrics endpoint moved, wants a password, or answers too slowly.",
        "A network policy or a firewall keeps Prometheus out.",
    ),
    resets="Enough of the targets answer their scrapes again.",
    looks=_looks,
    threshold=_threshold,
)
