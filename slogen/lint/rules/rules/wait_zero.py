"""Waiting for nothing: `for: 0s` is what there is without it.

A key that does nothing hides that somebody may have wanted to wait: without `for`, one bad evaluation calls somebody.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, RuleSubject
from slogen.promql.durations import parse_duration

SEVERITY = Severity.INFO
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
        for: 0s
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
        for: 1m
"""


def check_rule(rule: RuleSubject, _context: Context) -> Iterator[Problem]:
    """`for` and `keep_firing_for` of nothing."""
    for key, text in (("for", rule.rule.wait), ("keep_firing_for", rule.rule.hold)):
        if text is not None and _is_zero(text.value):
            yield rule.problem(f"{key}: {text.value} does nothing", "remove it, or write for how long", text, key=True)


def _is_zero(text: str) -> bool:
    try:
        return parse_duration(text) == 0
    except ValueError:
        return text.strip("0") in ("", "s", "m", "ms", "h", "d")
