"""Contradictions: the matchers of a selector can hold at once.

A label has one value. Two different values asked of one label match nothing, for good: the alert is silent whatever
happens.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: rate(http_errors_total{job="api", job="web"}[5m]) > 1
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: rate(http_errors_total{job=~"api|web"}[5m]) > 1
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Two values for one label, or one that is asked for and refused."""
    for selector in one.shape.selectors:
        wanted: dict[str, str] = {}
        doubled = {m.name for m in selector.matchers if sum(o.name == m.name for o in selector.matchers) > 1}
        for matcher in selector.matchers:
            if matcher.name not in doubled or matcher.op not in ("=", "!="):
                continue
            value = one.value(matcher)
            known = wanted.get(matcher.name)
            if matcher.op == "=" and known is not None and known != value:
                message = f'no series has {matcher.name}="{known}" and {matcher.name}="{value}"'
                yield Mark(matcher, message, f'write {matcher.name}=~"{known}|{value}" for either')
            elif matcher.op == "=":
                wanted[matcher.name] = value
        for matcher in selector.matchers:
            if matcher.op == "!=" and matcher.name in wanted and one.value(matcher) == wanted[matcher.name]:
                yield Mark(matcher, "the same value is asked for and refused: nothing matches", "remove one of the two")
