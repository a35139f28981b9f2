"""Bad events: what counts as bad has happened, or is known to be countable.

Where nothing ever matched the selector of bad events, the service is perfect or the selector is wrong: a status written
as text, a label that is called otherwise. A wrong one is found on the day of the first outage, when no alert comes.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.live import read, series_of
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject

SEVERITY = Severity.INFO
NEEDS = "prometheus"
SERVED = {
    'http_requests_total{job="payments", code="200"}': "5000+10x60",
    'http_requests_total{job="payments", code="500"}': "5x60",
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
        bad: http_requests_total{job="payments", status=~"5.."}
        total: http_requests_total{job="payments"}
"""
GOOD = BAD.replace("status", "code")


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Selectors of bad events that no series of the last week matches, while the total is there."""
    totals = [series_of(slo, selector) for steps, selector in read(slo) if steps[1] not in ("good", "bad")]
    if not any(context.prometheus.number(f"count({series})") for series in totals if series.metric):
        return
    for steps, selector in read(slo):
        if steps[1] != "bad" or not selector.metric:
            continue
        if not context.prometheus.number(f"count(last_over_time({selector}[1w]))"):
            message = "no series of the last week matches this: nothing bad could have been counted"
            hint = "look whether its labels are right; initialise counters of errors to zero in the service"
            yield slo.problem(message, hint, *steps)
