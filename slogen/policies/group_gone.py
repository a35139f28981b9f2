"""Group gone: one of an SLO's groups has no data any more, while others have.

The overall budget does not show that a region fell silent. The alert names the group, and ends when the group was gone
for so long that it counts as retired. Leave it off for groups that come and go by themselves, such as tenants.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.promql.build import aggregate, lines
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Draft, Part

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: regional}
spec:
  extends: default
  groupGone: {remember: 1d}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: availability
      objective: 99.9
      by: [region]
      sli:
        type: events
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
      alerting: {policy: regional}
"""


class Params(Strict):
    """An alert when a group vanishes; for groups that come and go by themselves, leave it off."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long it must be gone; 15m unless given.")
    remember: Duration = Field(
        6 * 3600, description="How long it is reported; after that it counts as retired. 6h unless given."
    )


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """Names the group, and goes quiet when it was gone for so long that it was retired."""
    if not slo.by:
        return
    level, groups = slo.levels[-1], Level(slo.service, slo.name).series(naming.GROUPS)
    total, base = level.series(naming.TOTAL_LEDGER), level.series(naming.TOTAL_BASE)
    expr = f"last_over_time({total}[{format_duration(params.remember)}])\nunless {level.match}\n{base}"
    if _is_filled(slo):
        seen = Level(slo.service, slo.name, naming.SOURCE_LEVEL, slo.by).series(naming.LAST_SEEN)
        expr = f"time() - {seen} > {2 * slo.cadence.base} < {params.remember}"
    yield Draft(
        name="SLOGroupGone",
        severity=params.severity,
        expr=f"{aggregate('max', level.kept(), lines(expr))}\nand on ()\n{groups} <= {slo.max_groups}",
        summary=f"{naming.slo_id(slo.service, slo.name)}{level.title} has no data any more.",
        description=(
            "Other groups of this SLO are still recorded. Look for targets of this group that are gone. If it was"
            f" retired, nothing need be done: this ends {format_duration(params.remember)} after its last data."
        ),
        part=Part.LEDGER,
        level=level,
        wait=params.wait,
    )


def _is_filled(slo: Slo) -> bool:
    """Whether groups without data are recorded on, as bad or good."""
    indicator = slo.objectives[0].indicator
    return indicator.slice_length is not None and indicator.has_coverage


def problems(slo: Slo, params: Params) -> Iterable[tuple[str, str, str]]:
    """What is forgotten before it is told is never told."""
    if slo.by and params.remember <= params.wait + 2 * slo.cadence.ledger:
        name = naming.slo_id(slo.service, slo.name)
        yield "policy/window", f"{name}: remember is not longer than wait", "write remember: 6h"
    if slo.by and _is_filled(slo) and params.remember > DAY:
        name = naming.slo_id(slo.service, slo.name)
        yield "policy/window", f"{name}: a group without data is remembered for a day", "write remember: 1d or less"


def _looks(slo: Slo, level: Level, _objective: str, _params: Params) -> Iterable[Look]:
    yield Look("Number of groups", Level(slo.service, slo.name).series(naming.GROUPS))
    yield Look("Groups that had events in the last day", f"sum_over_time({level.series(naming.TOTAL_LEDGER)}[1d])")


RUNBOOK = Advice(
    meaning=(
        "One group has no data any more while others have: its users may be cut off, and the figures of the SLO as a"
        " whole do not show it."
    ),
    causes=(
        "The targets of this group are gone, or not discovered.",
        "A network between that group and Prometheus is cut.",
        "The group was retired. Then nothing need be done.",
    ),
    resets="The group has data again, or was gone for so long that it counts as retired.",
    looks=_looks,
)
