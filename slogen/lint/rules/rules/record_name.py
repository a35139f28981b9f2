"""Names of recorded series: a recorded series has a colon in its name.

The usual form is level:metric:operations. `job:http_requests:rate5m` says that a rule records it, at which level it is
aggregated, and how. Without colons, nobody who reads a query can tell a recorded series from a metric, nor find the
rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, RuleSubject

SEVERITY = Severity.INFO
BAD = """
groups:
  - name: api
    rules:
      - record: http_requests_rate
        expr: sum by (job) (rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:http_requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""


def check_rule(rule: RuleSubject, _context: Context) -> Iterator[Problem]:
    """Recorded names without a colon."""
    name = rule.rule.name
    if not rule.rule.is_alert and ":" not in name.value:
        message = f"nothing in '{name.value}' says that a rule records it"
        yield rule.problem(message, "write level:metric:operations, such as job:http_requests:rate5m", name)
