"""Counters: a counter is read by rate or increase.

A counter says how much there has been since its process started. Compared or added as it is, it jumps to zero with each
restart and depends on when that was; an alert on it never resolves, or never fires. Counters are known by their name,
which ends in _total. A gauge that is named so, such as a disk's size, is told too unless something else is subtracted
from it or divided by it; a comment says what it is: `# slogen:ignore promql/counter-rate this is a gauge`.
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
_COUNTED = ("_total", "_count", "_sum", "_bucket")
_PRESENCE = frozenset({"count", "group", "topk", "bottomk"})


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Values of counters that nothing takes the difference of."""
    told = [
        selector
        for selector in one.shape.selectors
        if selector.range is None and selector.metric.endswith("_total") and _counts(one.shape, selector)
    ]
    sizes = _sizes(one.shape) if told else set[str]()
    for selector in told:
        if selector.metric not in sizes:
            message = f"{selector.metric} is a counter by its name: its value depends on when its process started"
            yield Mark(selector, message, f"write rate({selector.metric}[5m]), or increase(...) for a number of events")


def _sizes(shape: Shape) -> set[str]:
    """Metrics that a gauge is subtracted from or divided by: `disk_total - disk_free` is no sum of events."""
    found = set[str]()
    for node in shape.binaries:
        if node.op in ("-", "/"):
            size, part = (node.left, node.right) if node.op == "-" else (node.right, node.left)
            if any(_is_gauge(one) for one in part.walk()):
                found |= {one.metric for one in size.walk() if isinstance(one, Selector)}
    return found


def _is_gauge(node: Node) -> bool:
    return isinstance(node, Selector) and node.range is None and not node.metric.endswith(_COUNTED)


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
