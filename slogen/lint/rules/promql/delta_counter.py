"""Counters in delta: delta, deriv and predict_linear are for gauges.

These functions take a counter's fall to zero at a restart for a real one: a deployment looks like a huge drop, and a
forecast points below zero.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Selector

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: delta(http_requests_total[1h]) < 10
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: increase(http_requests_total[1h]) < 10
"""

_INSTEAD = {
    "delta": "increase(...)",
    "idelta": "irate(...)",
    "deriv": "rate(...)",
    "predict_linear": "a forecast of rate(...)",
}


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Functions for gauges on counters."""
    for call in one.shape.calls:
        inner = call.args[0].bare() if call.args else None
        if call.name in _INSTEAD and isinstance(inner, Selector) and inner.metric.endswith("_total"):
            message = f"{call.name}() takes a restart of {inner.metric} for a fall"
            yield Mark(call.first, message, f"write {_INSTEAD[call.name]}")
