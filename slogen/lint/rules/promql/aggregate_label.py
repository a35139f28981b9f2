"""Aggregation: what is aggregated by a label has that label.

A label that an inner expression has dropped cannot come back: the outer aggregation puts everything into one group
without it, and whoever reads the result by that label finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.results import labels_of
from slogen.lint.subject import Context, Mark

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: max by (pod) (sum by (job) (rate(http_requests_total[5m])))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: max by (job) (sum by (job, pod) (rate(http_requests_total[5m])))
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Labels in `by` that the inner expression cannot have."""
    for node in one.shape.aggregations:
        inner = labels_of(node.inner) if node.by else None
        for label in node.by or ():
            if inner is not None and not inner.can(label):
                message = f"'{label}' was dropped inside: nothing that is aggregated here has it"
                yield Mark(label, message, f"keep it inside: by (..., {label}), or leave it out here")
