"""Plain regular expressions: a matcher without any pattern compares with = or !=.

`=~` is read as if a pattern were meant. The next reader looks for one, and whoever adds a dot to the value later
matches more than was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark

SEVERITY = Severity.INFO
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total{job=~"api"}[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total{job="api"}[5m]))
"""
_PLAIN = re.compile(r"[\w:/ -]+")


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Matchers with =~ or !~ and a value in which every character stands for itself."""
    for selector in one.shape.selectors:
        for matcher in selector.matchers:
            if matcher.op in ("=~", "!~") and _PLAIN.fullmatch(one.value(matcher)):
                instead = {"=~": "=", "!~": "!="}[matcher.op]
                message = f"'{matcher.name}{matcher.op}' with a value that is no pattern"
                yield Mark(matcher.token - 1, message, f"write {matcher.name}{instead}", instead=instead)
