"""Counters: a counter is read by rate or increase.

A counter says how much there has been since its process started. Compared or added as it is, it jumps to zero with each
restart and depends on when that was; an alert on it never resolves, or never fires.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression, Shape
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Aggregation, Binary, Call, Node, Selector

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: sum(http_errors_total) > 100
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: sum(rate(http_errors_total[5m])) > 1
"""

_FINE = frozenset(
    [
        "rate",
        "increase",
        "irate",
        "delta",
        "idelta",
        "resets",
        "changes",
        "absent",
        "absent_over_time",
        "present_over_time",
        "count_over_time",
        "timestamp",
        "last_over_time",
        "first_over_time",
        "start_timestamp",
    ]
)
_PRESENCE = frozenset({"count", "group", "topk", "bottomk"})


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Values of counters that nothing takes the difference of."""
    for selector in one.shape.selectors:
        if selector.range is None and selector.metric.endswith("_total") and _counts(one.shape, selector):
            message = f"{selector.metric} is a counter: its value depends on when its process started"
            yield Mark(selector, message, f"write rate({selector.metric}[5m]), or increase(...) for a number of events")


def _counts(shape: Shape, node: Node) -> bool:
    """Whether its value, and not that it is there, makes the result."""
    child: Node = node
    parent = shape.parent(child)
    while parent is not None:
        if isinstance(parent, Call) and parent.name in _FINE:
            return False
        if isinstance(parent, Aggregation) and parent.op in _PRESENCE:
            return False
        if isinstance(parent, Binary):
            if parent.op in ("and", "unless") and child is parent.right:
                return False
            if parent.op in ("-", "*") and _is_difference(parent):
                return False
        child, parent = parent, shape.parent(parent)
    return True


def _is_difference(node: Binary) -> bool:
    """`x - x offset 5m` takes the difference itself, and `0 * x` only looks whether it is there."""
    left, right = node.left.bare(), node.right.bare()
    if node.op == "*":
        return any(getattr(side, "value", None) == 0 for side in (left, right))
    return isinstance(left, Selector) and isinstance(right, Selector) and left.metric == right.metric
