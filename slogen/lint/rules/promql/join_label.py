"""Joins: both sides of a join have the labels that they are matched on.

Where one side has dropped such a label, an empty value is compared with a full one: nothing matches, and the result is
empty for good. The same goes for a label that group_left takes from the other side.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.results import is_scalar, labels_of
from slogen.lint.subject import Context, Mark
from slogen.promql.nodes import Binary

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_errors_total[5m])) / on (pod) sum by (pod) (rate(http_requests_total[5m]))
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (pod) (rate(http_errors_total[5m])) / on (pod) sum by (pod) (rate(http_requests_total[5m]))
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Labels in `on` that one side can have and the other cannot, and labels to include that are not there."""
    for node in one.shape.binaries:
        if not (node.on or node.include) or is_scalar(node.left) or is_scalar(node.right):
            continue
        yield from _unmatched(node)
        yield from _not_included(node)


def _unmatched(node: Binary) -> Iterator[Mark]:
    left, right = labels_of(node.left), labels_of(node.right)
    for label in node.on or ():
        if left.can(label) is not right.can(label):
            side = "left" if right.can(label) else "right"
            message = f"the {side} side has no label '{label}' any more: nothing matches"
            yield Mark(label, message, f"keep {label} on the {side} side, or leave it out of on ()")


def _not_included(node: Binary) -> Iterator[Mark]:
    one = labels_of(node.right if node.side == "left" else node.left)
    for label in node.include:
        if not one.can(label):
            message = f"the other side has no label '{label}' to take over"
            yield Mark(label, message, f"keep {label} there, or leave it out of group_{node.side} ()")
