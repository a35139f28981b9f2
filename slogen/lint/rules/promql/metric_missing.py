"""Selectors: a selector names a metric.

Without a name the server looks at every series that has the labels, often all of a job: slow, and what is added up are
apples and seconds.
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
      - record: job:series:count
        expr: count by (job) ({job="api"})
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:targets:count
        expr: count by (job) (up{job="api"})
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Selectors by labels alone."""
    for selector in one.shape.selectors:
        if not selector.metric and selector.matcher("__name__") is None:
            yield Mark(selector, "this selects series of every metric", "name one, or several by __name__=~...")
