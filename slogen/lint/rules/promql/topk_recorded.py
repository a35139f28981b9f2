"""Fragile top lists: a rule does not record or alert on whoever happens to be in the lead.

topk picks other series at each evaluation. What is recorded of it is full of gaps, and an alert on it resolves and
fires anew whenever two series swap places, so `for` never ends. On a dashboard topk is fine, and so is
`topk by (pod) (1, ...)` beside `on (pod)`: it leaves one series of each pod to match.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Aggregation, Binary, Node, Number, Paren

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - record: path:requests:top5
        expr: topk(5, sum by (path) (rate(http_requests_total[5m])))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: path:requests:rate5m
        expr: sum by (path) (rate(http_requests_total[5m]))
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """topk and bottomk of which the result is made, unless they are aggregated again or make a match unique."""
    for node in one.shape.aggregations:
        if node.op in ("topk", "bottomk") and not _is_settled(one, node):
            message = f"{node.op}() picks other series at each evaluation: gaps, and alerts that start anew"
            yield Mark(node.first, message, f"compare with a bound instead, and leave {node.op} to dashboards")


def _is_settled(one: Expression, node: Aggregation) -> bool:
    above: Node | None = one.shape.parent(node)
    while isinstance(above, Paren):
        above = one.shape.parent(above)
    if isinstance(above, Binary):
        first = node.parameter.bare() if node.parameter is not None else None
        return bool(node.by and above.on) and isinstance(first, Number) and first.value == 1
    return isinstance(above, Aggregation) and above.op not in ("topk", "bottomk")
