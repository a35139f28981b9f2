"""Division: what is divided inside an aggregation cannot be divided by zero.

A ratio per pod or path is not a number as soon as one of them had no traffic. One such value makes the whole sum or
average not a number, and the alert is silent while everything else burns.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Aggregation, Binary, Node, Number

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: avg by (job) (rate(http_errors_total[5m]) / rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_errors_total[5m])) / (sum by (job) (rate(http_requests_total[5m])) > 0)
"""

_SPOILT = frozenset({"sum", "avg", "stddev", "stdvar"})
"""Aggregations that one value spoils; min and max leave out what is not a number."""

_EVENTS = frozenset({"rate", "irate", "increase", "delta", "idelta"})


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Divisions by rates, sums of events and the like, below an aggregation that no value may spoil."""
    for node in one.shape.binaries:
        if node.op == "/" and not _is_safe(node.right):
            above = one.shape.parent(node)
            while above is not None and not (isinstance(above, Aggregation) and above.op in _SPOILT):
                if isinstance(above, Binary) and (above.is_comparison or above.is_set):
                    above = None
                    break
                above = one.shape.parent(above)
            if isinstance(above, Aggregation):
                message = f"where this divides by zero, {above.op}() is not a number"
                yield Mark(node.token, message, "aggregate both sides first, or divide by (... > 0)")


def _is_safe(node: Node) -> bool:
    """Whether it cannot be zero by chance: a number, or something that is compared."""
    bare = node.bare()
    if isinstance(bare, Number) or (isinstance(bare, Binary) and bare.is_comparison):
        return True
    return not any(getattr(part, "name", "") in _EVENTS for part in bare.walk())
