"""Rate of a sum: the rate is taken first, then the sum.

A sum of counters falls whenever one of them restarts or goes away. `rate` takes that for a reset of the sum and adds
everything there is as new: after each deployment there is a spike of millions.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Aggregation, Binary, Node, Subquery

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: rate(sum by (job) (http_requests_total)[5m:1m])
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Rates of subqueries over sums."""
    for call in one.shape.calls:
        inner = call.args[0].bare() if call.args else None
        if call.name not in ("rate", "irate", "increase") or not isinstance(inner, Subquery):
            continue
        found = next((node for node in inner.inner.walk() if _adds(node)), None)
        if found is not None:
            message = f"{call.name}() of a sum: each restart of one counter looks like a reset of all"
            yield Mark(call.first, message, f"take the rate first: sum by (...) ({call.name}(counter[5m]))")


def _adds(node: Node) -> bool:
    return (isinstance(node, Aggregation) and node.op in ("sum", "avg")) or (
        isinstance(node, Binary) and node.op == "+"
    )
