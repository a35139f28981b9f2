"""Conditions: an alert's expression says when.

An alert fires for every series that its expression returns. Without a comparison that is always, whatever the value. An
alert on `vector(1)` alone is meant to fire always, as a sign of life, and is not told.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, RuleSubject
from slogen.promql.nodes import Aggregation, Binary, Call, Node, Number, Selector, Unary

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: rate(http_errors_total[5m])
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: rate(http_errors_total[5m]) > 1
"""


def check_rule(rule: RuleSubject, _context: Context) -> Iterator[Problem]:
    """Alerts whose expression returns something whenever there is data."""
    one = rule.expression
    if rule.rule.is_alert and one is not None and not (_chooses(one.root) or _is_constant(one.root)):
        message = f"{rule.rule.name.value} fires for every series that there is, whatever its value"
        yield rule.problem(message, "compare with a bound: ... > 0.05", one.root)


def _is_constant(node: Node) -> bool:
    """Whether it is a sign of life: `vector(1)` or 1."""
    bare = node.bare()
    if isinstance(bare, Call) and bare.name == "vector":
        bare = bare.args[0].bare()
    return isinstance(bare, Number)


def _chooses(node: Node) -> bool:
    """Whether it returns nothing when all is well."""
    bare = node.bare()
    if isinstance(bare, Binary):
        if bare.op == "or":
            return _chooses(bare.left) and _chooses(bare.right)
        if bare.is_set:
            return True
        return (bare.is_comparison and not bare.is_bool) or _chooses(bare.left) or _chooses(bare.right)
    if isinstance(bare, Call):
        return bare.name in ("absent", "absent_over_time") or any(map(_chooses, bare.args))
    if isinstance(bare, Aggregation | Unary):
        return _chooses(bare.inner)
    return isinstance(bare, Selector) and bare.metric in ("ALERTS", "ALERTS_FOR_STATE")
