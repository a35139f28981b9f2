"""Gaps: more of the period went unrecorded than the whole error budget is long.

While Prometheus was down nothing was recorded, so the budget is that of the remaining time and may be far from true.
As much missing time as the budget is long is let pass (43 minutes at 99.9% over 30 days), and never less than half an
hour. The alert is silent in an SLO's first day, and where nothing is recorded any more: there `noData` speaks.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import SeverityName, Strict
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Draft, Part

LEAST = 1800
"""Seconds; missing time is known to half an hour only, see `ladder`."""

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: audited}
spec:
  extends: default
  gaps: {severity: page}
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
      alerting: {policy: audited}
"""


class Params(Strict):
    """An alert when the missing minutes exceed the budget's own minutes."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """Silent in the first day, and where recording has ended (a retired group, or `no_data` speaks)."""
    level = slo.level
    budget = max(int(slo.period * min(objective.budget for objective in slo.objectives)), LEAST)
    yield Draft(
        name="SLORecordingGaps",
        severity=params.severity,
        expr=(
            f"{level.series(naming.MISSING)} > {budget}\n"
            f"and {level.match}\n{level.series(naming.TOTAL_LEDGER)}\n"
            f"and {level.match}\ntime() - {level.series(naming.FIRST_SEEN)} > {DAY}"
        ),
        summary=(
            f"{naming.slo_id(slo.service, slo.name)}{level.title} was not recorded for longer than its budget lasts."
        ),
        description=(
            "{{ $value | humanizeDuration }} of the period were not recorded, more than the error budget as a whole."
            " What happened then is not in the budget."
        ),
        part=Part.HEALTH,
        level=level,
    )


def _looks(_slo: Slo, level: Level, _objective: str, _params: Params) -> Iterable[Look]:
    yield Look("Seconds of the period that were not recorded", level.series(naming.MISSING))
    yield Look("Share of the period that was recorded", level.series(naming.COVERAGE))


def _threshold(slo: Slo, _params: Params) -> str:
    budget = max(int(slo.period * min(objective.budget for objective in slo.objectives)), LEAST)
    return f"It fires when more than {format_duration(budget)} are missing: the budget as time, at least half an hour."


RUNBOOK = Advice(
    meaning=(
        "Nobody knows what users met in the time that was not recorded. The budget is that of the rest of the period,"
        " and may be far from true."
    ),
    causes=(
        "Prometheus was down, was restarted for long, or lost its disk.",
        "Rules were not evaluated: an overloaded server, or rule files that failed to load.",
        "The source itself was gone for some time.",
    ),
    resets="The time that is missing leaves the period.",
    rollback="There is nothing to roll back: what was not recorded stays unknown. Tell those who read the budget.",
    looks=_looks,
    threshold=_threshold,
)
