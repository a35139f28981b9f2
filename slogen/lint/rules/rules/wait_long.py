"""Waiting: an alert does not wait for so long that nobody is told.

A condition that must hold for days starts anew with each gap in the data and each restart of the server, and may never
be told. A longer window in the expression does the same without that. `spec.lint.limits.maxWait` sets the bound.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, RuleSubject
from slogen.promql.durations import format_duration, parse_duration

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
        for: 3d
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
        for: 5m
"""


def check_rule(rule: RuleSubject, context: Context) -> Iterator[Problem]:
    """`for` above the bound."""
    wait = rule.rule.wait
    if wait is None:
        return
    try:
        seconds = parse_duration(wait.value)
    except ValueError:
        return
    if seconds > context.limits.max_wait:
        message = f"this waits {wait.value}, and anew after each gap in the data"
        hint = f"write for: {format_duration(context.limits.max_wait)} or less, and a longer window in the expression"
        yield rule.problem(message, hint, wait)
