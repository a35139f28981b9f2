"""Ranges: a rate looks at two scrapes at least.

A rate needs two samples. With a range below twice the scrape interval a single late or failed scrape leaves one, or
none: the result has gaps, and an alert on it resolves and fires at random.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.durations import format_duration
from slogen.promql.nodes import Selector

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate45s
        expr: sum by (job) (rate(http_requests_total[45s]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate1m
        expr: sum by (job) (rate(http_requests_total[1m]))
"""
_WANT_TWO = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv", "resets", "changes", "predict_linear"})


def check_expression(one: Expression, context: Context) -> Iterator[Mark]:
    """Ranges that hold one sample only, or none."""
    least = 2 * context.scrape
    for call in one.shape.calls:
        inner = call.args[0].bare() if call.args else None
        if call.name not in _WANT_TWO or not isinstance(inner, Selector) or inner.range is None:
            continue
        if inner.range < least:
            message = f"{call.name}() over {one.text_of(inner.range_token)} often finds a single sample:"
            message += f" targets are scraped every {format_duration(context.scrape)}"
            yield Mark(inner.range_token, message, f"write [{format_duration(least)}] or more")
