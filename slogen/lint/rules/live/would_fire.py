"""Alerts in the last week: an alert would not have fired more often than people bear.

A page that fires every day is ignored by the third. Each alert's condition is tried on what the server has recorded of
the last seven days (`spec.lint.limits.history`), every five minutes: where the rules ran already, or what they read is
there anyway. `for` counts as well.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, RuleSubject, SloSubject
from slogen.promql.durations import format_duration, parse_duration

SEVERITY = Severity.INFO
NEEDS = "prometheus"
_BURN = 'slo:burn_rate:window{service="payments", slo="availability", window="%s"}'
SERVED = {
    'http_requests_total{job="payments", code="200"}': "5000+10x60",
    'http_requests_total{job="payments", code="500"}': "5x60",
    _BURN % "1h": " _x20 ".join(["20x20"] * 9),
    _BURN % "5m": " _x20 ".join(["20x20"] * 9),
    'slo:bad_events:window{service="payments", slo="availability", window="6h"}': "50x360",
}
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="payments", code=~"5.."}
        total: http_requests_total{job="payments"}
"""
GOOD = BAD.replace("payments, owner", "other, owner")
MOST = 5
"""Times a week that an alert is borne."""

STEP = 300


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Alerts of the SLO."""
    for alert in slo.plan.alerts():
        message = _told(alert.name, alert.expr, alert.wait, context)
        if message:
            hint = "mend what it tells of, lower the objective, or fit the alert: slogen explain says how"
            yield slo.problem(message, hint, "name")


def check_rule(rule: RuleSubject, context: Context) -> Iterator[Problem]:
    """Alerts that somebody wrote by hand."""
    if not rule.rule.is_alert or rule.file.is_generated or rule.expression is None:
        return
    try:
        wait = parse_duration(rule.rule.wait.value) if rule.rule.wait else 0
    except ValueError:
        return
    message = _told(rule.rule.name.value, rule.rule.expr.value, wait, context)
    if message:
        yield rule.problem(message, "raise its bound, or wait for longer", rule.rule.name)


def _told(name: str, expr: str, wait: int, context: Context) -> str:
    length = context.limits.history
    lasting = f"({expr}\n)"
    if wait >= STEP:
        lasting = f"({lasting}) and count_over_time({lasting}[{wait}s:{STEP}s]) >= {wait // STEP}"
    times = context.prometheus.starts(lasting, time.time() // STEP * STEP, length, STEP)
    if Decimal(times) * 7 * 86400 / length <= MOST:
        return ""
    return f"{name} would have fired {times} times in the last {format_duration(length)}"
