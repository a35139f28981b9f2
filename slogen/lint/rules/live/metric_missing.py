"""Metrics: what an SLO or a rule reads is there.

A metric that was renamed, or a label value that no series has, is no data: the SLO records nothing, and its alerts
cannot fire. The message says which matcher it is that nothing matches.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity, closest, listed
from slogen.lint.live import read, series_of
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject
from slogen.live import Labels
from slogen.promql.selectors import Selector

SEVERITY = Severity.WARNING
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
        bad: http_requests_total{job="payment", code=~"5.."}
        total: http_requests_total{job="payment"}
"""
GOOD = BAD.replace('payment"', 'payments"')


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Selectors of the source that select nothing; bad events may not have happened yet."""
    told: set[tuple[object, ...]] = set()
    for steps, selector in read(slo):
        series = series_of(slo, selector)
        if steps[1] in ("good", "bad") or not series.metric or steps in told:
            continue
        if not context.prometheus.number(f"count({series})"):
            told.add(steps)
            message, hint = _why(series, context)
            yield slo.problem(message, hint, *steps)


def _why(series: Selector, context: Context) -> tuple[str, str]:
    every = Selector(series.metric)
    if not context.prometheus.number(f"count({every})"):
        near = [labels["__name__"] for labels, _ in context.prometheus.query(_names(series.metric))]
        close = closest(series.metric, near)
        return f"there is no series {series.metric}", f"did you mean {close}?" if close else "is it scraped?"
    for number, matcher in enumerate(series.matchers):
        if not context.prometheus.number(f"count({every.matching(*series.matchers[: number + 1])})"):
            values = [labels.get(matcher.name, "") for labels, _ in _values(series, matcher.name, context)]
            known = f"{matcher.name} is {listed(values)} there" if any(values) else f"they have no label {matcher.name}"
            return f"no series of {series.metric} matches {matcher} (with what stands before it)", known
    return f"no series matches {series}", "is it scraped?"


def _names(metric: str) -> str:
    start = metric.split("_", maxsplit=1)[0]
    return f'count by (__name__) ({{__name__=~"{start}_.+"}})'


def _values(series: Selector, label: str, context: Context) -> list[tuple[Labels, float]]:
    found: list[tuple[Labels, float]] = context.prometheus.query(f"count by ({label}) ({Selector(series.metric)})")
    return found
