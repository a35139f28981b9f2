"""Syntax: an expression is one that Prometheus can read.

A server refuses the whole file for one expression that it cannot read: on a reload it keeps the rules that it has, and
on a restart it does not come up.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, RuleSubject

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job (rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""


def check_rule(rule: RuleSubject, _context: Context) -> Iterator[Problem]:
    """Expressions that cannot be read."""
    failure = rule.failure
    if failure is not None:
        yield rule.problem_in(rule.rule.expr, failure.start, failure.end, failure.message, failure.hint)
