"""Intervals: what a group records is there when it is looked at.

A query finds the samples of the last five minutes. What is recorded less often than that is there and gone and there
again: graphs have holes, and alerts on it resolve and fire anew. `spec.lint.limits.maxInterval` sets another bound.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject
from slogen.promql.durations import format_duration, parse_duration
from slogen.rulefiles.model import RuleGroup

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    interval: 10m
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    interval: 4m
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""

_SEEN = 300
"""Seconds for which a query finds a sample."""


def check_group(file: FileSubject, group: RuleGroup, context: Context) -> Iterator[Problem]:
    """Intervals above the bound."""
    if group.interval is None:
        return
    try:
        interval = parse_duration(group.interval.value)
    except ValueError:
        return
    if interval > context.limits.max_interval:
        most = format_duration(context.limits.max_interval)
        message = f"what is recorded every {group.interval.value} is gone after five minutes"
        if interval <= _SEEN:
            message = f"{group.interval.value} is longer than the interval that the configuration allows"
        yield file.problem(message, f"write interval: {most} or less", group.interval.place)
