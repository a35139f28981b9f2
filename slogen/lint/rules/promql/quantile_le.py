"""Quantiles: a quantile of a histogram is of buckets.

histogram_quantile finds the buckets by their label `le`. Where an aggregation inside has dropped it, there is no
result; where the quantile is given in percent, the result is +Inf.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.results import labels_of
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Number, Selector

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - record: job:latency:p99
        expr: histogram_quantile(0.99, sum by (job) (rate(http_request_duration_seconds_bucket[5m])))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:latency:p99
        expr: histogram_quantile(0.99, sum by (job, le) (rate(http_request_duration_seconds_bucket[5m])))
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """histogram_quantile without le, or of a quantile above 1."""
    for call in one.shape.calls:
        if call.name != "histogram_quantile" or len(call.args) != 2:
            continue
        part, inner = call.args[0].bare(), call.args[1]
        buckets = any(isinstance(node, Selector) and node.metric.endswith("_bucket") for node in inner.walk())
        if buckets and not labels_of(inner).can("le"):
            yield Mark(
                call.first, "the label le of the buckets was dropped inside: there is no result", "sum by (le, ...)"
            )
        if isinstance(part, Number) and not 0 <= part.value <= 1:
            yield Mark(part, "a quantile is from 0 to 1; beyond that the result is infinite", "write 0.99")
