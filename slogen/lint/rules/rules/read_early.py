"""Order: a rule reads what was recorded before it.

Rules of a group run in the order in which they are written. One that reads a series recorded further down sees the
value of the evaluation before: always an interval late, and nothing at the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject, RuleSubject

SEVERITY = Severity.INFO
BAD = """
groups:
  - name: api
    rules:
      - alert: Errors
        expr: job:errors:rate5m > 1
      - record: job:errors:rate5m
        expr: sum by (job) (rate(http_errors_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(http_errors_total[5m]))
      - alert: Errors
        expr: job:errors:rate5m > 1
"""


def check_file(file: FileSubject, _context: Context) -> Iterator[Problem]:
    """Series that are read at an instant and recorded later in the same group, by names that only that rule records."""
    for _, rules in groupby(file.rules, lambda one: id(one.group)):
        yield from _early([*rules])


def _early(rules: Sequence[RuleSubject]) -> Iterator[Problem]:
    recorded = Counter(one.rule.name.value for one in rules if not one.rule.is_alert)
    ahead = {name for name, count in recorded.items() if count == 1}
    for subject in rules if ahead else ():
        one = subject.expression
        if not subject.rule.is_alert:
            ahead.discard(subject.rule.name.value)
        for selector in one.shape.selectors if one is not None else ():
            if selector.range is None and selector.metric in ahead:
                message = f"{selector.metric} is recorded further down: this sees its value of an interval ago"
                yield subject.problem(message, "write this rule after it", selector)
