"""Patterns that match everything: a matcher narrows something.

`=~".*"` also matches series without the label: it does nothing but cost time. Where the label must be there, `!=""`
says so; `!~".*"` matches nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total{path=~".*"}[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total{path!=""}[5m]))
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """=~ and !~ with .* alone."""
    for selector in one.shape.selectors:
        for matcher in selector.matchers:
            if matcher.op in ("=~", "!~") and one.value(matcher) in (".*", "^.*$", "(.*)"):
                if matcher.op == "=~":
                    yield Mark(matcher, "this matches every series, with the label or without", 'leave it out, or !=""')
                else:
                    yield Mark(matcher, "nothing matches this: every series matches .*", 'write =""')
