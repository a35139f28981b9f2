"""Anchors: a matcher's regular expression matches the whole value anyway.

`^` and `$` do nothing in a matcher. Who writes them believes that without them a part would do, and then forgets the
`.*` where a part is meant: such a matcher matches nothing.
"""

from __future__ import annotations

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
        expr: sum by (job) (rate(http_requests_total{path=~"^/api/.*$"}[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total{path=~"/api/.*"}[5m]))
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Patterns with ^ in front or $ behind."""
    for selector in one.shape.selectors:
        for matcher in selector.matchers:
            if matcher.op not in ("=~", "!~"):
                continue
            value = one.value(matcher)
            bare = value.removeprefix("^")
            if bare.endswith("$") and not bare.endswith("\\$"):
                bare = bare[:-1]
            if bare != value and "|" not in value:
                hint = f'write {matcher.name}{matcher.op}"{bare}"'
                yield Mark(matcher.token, "^ and $ do nothing here: the whole value is matched anyway", hint)
