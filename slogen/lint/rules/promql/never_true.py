"""Comparisons that never hold: a count is never zero.

Where there are no series, `count` and `sum` return nothing, not 0: `count(...) == 0` never fires, and neither does
`sum(up) < 1` when the last target is gone from service discovery.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Aggregation, Number

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: count(up{job="api"}) == 0
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: absent(up{job="api"})
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Counts that are compared so that only nothing at all would do."""
    for node in one.shape.binaries:
        left, right = node.left.bare(), node.right.bare()
        if not isinstance(left, Aggregation) or not isinstance(right, Number) or node.is_bool:
            continue
        if left.op in ("count", "group") and _only_zero(node.op, right.value):
            message = f"{left.op}() is never below 1: without series there is no result either"
            yield Mark(node.token, message, "write absent(...) for a selector, or `unless` for groups that are gone")


def _only_zero(op: str, bound: float) -> bool:
    return (op == "==" and bound < 1) or (op == "<" and bound <= 1) or (op == "<=" and bound < 1)
