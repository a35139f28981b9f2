"""Good above total: good, bad and total contradict each other, so the error ratio means nothing.

Selectors that count different things do that: retries in one and not in the other, a forgotten label. For type
`events` with two selectors of which one should be a part of the other; everything else is a part of its total by
construction. Up to a percent, or two events, of an hour are let pass: readings are not exact.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.promql.durations import format_duration
from slogen.rules import Draft, Part

HOUR = 3600
TOLERANCE = "0.01"
EVENTS = 2
"""Readings are not exact: a percent, and two events, of an hour are no contradiction."""

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: consistent}
spec:
  extends: default
  goodAboveTotal: {wait: 1h}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: searches
      objective: 99.9
      sli:
        type: events
        good: searches_answered_total{job="checkout"}
        total: searches_total{job="checkout"}
      alerting: {policy: consistent}
"""


class Params(Strict):
    """An alert when there are more good, or more bad, events than events."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    wait: Duration = Field(900, description="How long; 15m unless given.")


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """For counters that a person named by themselves; everything else is a part of its total by construction."""
    part = slo.objectives[0].indicator.counts_apart
    if not part:
        return
    level, objective = slo.level, slo.objectives[0]
    bad = level.summed(naming.BAD_LEDGER, objective.name, HOUR)
    total = level.summed(naming.TOTAL_LEDGER, "", HOUR)
    ratio = f"{bad} / {level.match} {total}"
    beyond = {
        "good": f"{ratio} < -{TOLERANCE}\nand {level.match}\n{bad} < -{EVENTS}",
        "bad": f"{ratio} > 1 + {TOLERANCE}\nand {level.match}\n{bad} - {level.match} {total} > {EVENTS}",
    }
    yield Draft(
        name="SLOGoodAboveTotal",
        severity=params.severity,
        expr=beyond[part],
        summary=f"The events of {naming.slo_id(slo.service, slo.name)}{level.title} contradict each other.",
        description=(
            f"In the last {format_duration(HOUR)}, bad events were {{{{ $value | humanizePercentage }}}} of all: below"
            " zero, more are good than there are; above 100%, more are bad. The selectors count different things, so"
            " neither the budget nor the burn rates are right."
        ),
        part=Part.LEDGER,
        level=level,
        wait=params.wait,
    )


def _looks(slo: Slo, level: Level, _objective: str, _params: Params) -> Iterable[Look]:
    bad, total = (
        level.summed(naming.BAD_LEDGER, slo.objectives[0].name, HOUR),
        level.summed(naming.TOTAL_LEDGER, "", HOUR),
    )
    yield Look("Bad events of the last hour; below zero, more are good than there are", bad)
    yield Look("All events of the last hour", total)


def _threshold(_slo: Slo, _params: Params) -> str:
    return f"It fires when the excess is above 1% of the events of an hour, and above {EVENTS} events."


RUNBOOK = Advice(
    meaning=(
        "The figures of this SLO cannot be true, so neither can what they say of users: more events are good, or bad,"
        " than there are."
    ),
    causes=(
        "The selectors count different things: retries in one and not in the other.",
        "A label is selected in one and forgotten in the other.",
        "Good and total are counted at different times of a request: at its begin and at its end.",
    ),
    resets="The events of the last hour agree again.",
    rollback="What can be rolled back here is the last change of the SLI or of the metrics that it reads.",
    looks=_looks,
    threshold=_threshold,
)
