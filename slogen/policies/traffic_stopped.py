"""Traffic stopped: the source is there and readable, but nothing happens at an hour at which something always does.

No requests means no errors, so an outage in front of the service spends no budget. It fires when there is no event in
the window, and a week ago there were enough in that window, in the one before and in the one after; in the first week
the day before stands for the week before. Slice types have no traffic that could stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Strict
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.promql.build import grouped
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Draft, Part

WEEK = 7 * DAY

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: busy}
spec:
  extends: default
  trafficStopped: {window: 30m, events: 1000}
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
      alerting: {policy: busy}
"""


class Params(Strict):
    """An alert when events cease that there were a week ago, at this hour, the one before and the one after."""

    severity: SeverityName = Field(Severity.TICKET, description="page or ticket.")
    window: Duration = Field(3600, description="How long there must be no event; 1h unless given.")
    events: Annotated[int, Field(ge=3, le=1_000_000)] = Field(
        10, description="Events in a window that long a week ago, at the least; 10 unless given."
    )


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """Within the first week the day before stands for the week before. Slices have no traffic that could stop."""
    if slo.objectives[0].indicator.slice_length is not None:
        return
    level, window = slo.level, params.window
    total = level.series(naming.TOTAL_LEDGER)
    span = f"[{format_duration(window - 1)}]"
    most = window // slo.cadence.ledger

    def usual(ago: int) -> str:
        sums = (
            f"sum_over_time({total}{span} offset {format_duration(ago + shift)}) >= {params.events}"
            for shift in (-window, 0, window)
        )
        return f"\nand {level.match}\n".join(sums)

    week = f"last_over_time({total}{span} offset {format_duration(WEEK)})"
    expected = grouped(
        f"{usual(WEEK)}\nor {level.match}\n{grouped(f'{usual(DAY)}{chr(10)}unless {level.match}{chr(10)}{week}')}"
    )
    yield Draft(
        name="SLOTrafficStopped",
        severity=params.severity,
        expr=(
            f"sum_over_time({total}{span}) < 0.5\n"
            f"and {level.match}\ncount_over_time({total}{span}) > {most * 9 // 10 - 1}\n"
            f"and {level.match}\n{total}\n"
            f"and {level.match}\n{expected}"
        ),
        summary=f"{naming.slo_id(slo.service, slo.name)}{level.title} has no traffic any more.",
        description=(
            f"There was no event in the last {format_duration(window)}, and a week ago there were at this hour. The"
            " source is there and can be read, so look in front of the service: a load balancer, a route, a queue, a"
            " client. On a holiday it may be right."
        ),
        part=Part.LEDGER,
        level=level,
    )


def problems(slo: Slo, params: Params) -> Iterable[tuple[str, str, str]]:
    """The window must hold a few recordings, and three of it less than a day."""
    name = naming.slo_id(slo.service, slo.name)
    if not 3 * slo.cadence.ledger <= params.window <= 6 * 3600:
        message = f"{name}: a window of {format_duration(params.window)} cannot tell that traffic stopped"
        yield "policy/window", message, f"write {format_duration(max(3600, 3 * slo.cadence.ledger))}, at most 6h"


def _looks(_slo: Slo, level: Level, _objective: str, params: Params) -> Iterable[Look]:
    total, span = level.series(naming.TOTAL_LEDGER), f"[{format_duration(params.window - 1)}]"
    yield Look("Events now", f"sum_over_time({total}{span})")
    yield Look("Events at this time a week ago", f"sum_over_time({total}{span} offset {format_duration(WEEK)})")


def _threshold(_slo: Slo, params: Params) -> str:
    return (
        f"It fires when there was no event in {format_duration(params.window)}, and a week ago there were at least"
        f" {params.events} in that time, in the one before and in the one after."
    )


RUNBOOK = Advice(
    meaning=(
        "Users may not reach the service at all: there are no events at an hour at which there always are. No requests"
        " means no errors, so no budget is spent meanwhile."
    ),
    causes=(
        "What lies in front of the service: DNS, a certificate, a load balancer, a route, a queue.",
        "A client was changed, or switched off.",
        "It is a holiday, or a maintenance window.",
    ),
    resets="There is an event again.",
    looks=_looks,
    threshold=_threshold,
)
