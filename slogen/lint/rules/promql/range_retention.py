"""Ranges: a range lies within what the server keeps.

What was deleted is not missed: a month's sum over two weeks of data is half of the truth, and nothing says so.
`spec.target.retention` of the Config says how long the server keeps data.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.durations import format_duration
from slogen.promql.nodes import Selector, Subquery

SEVERITY = Severity.WARNING
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {target: {retention: 15d}}
"""
BAD = {
    "slogen.yaml": _CONFIG,
    "rules.yml": """
groups:
  - name: api
    rules:
      - record: job:requests:increase30d
        expr: sum by (job) (increase(http_requests_total[30d]))
""",
}
GOOD = {"slogen.yaml": _CONFIG, "rules.yml": BAD["rules.yml"].replace("30d", "14d")}


def check_expression(one: Expression, context: Context) -> Iterator[Mark]:
    """Ranges, with their offsets, that reach beyond the retention."""
    kept = context.setting.retention
    if kept is None:
        return
    nodes: tuple[Selector | Subquery, ...] = (*one.shape.selectors, *one.shape.subqueries)
    for node in nodes:
        length = node.range or 0
        if length + max(node.shift.offset, 0) > kept:
            at = node.range_token if node.range is not None else node
            back = format_duration(int(length + max(node.shift.offset, 0)))
            message = f"this looks {back} back, and the server keeps {format_duration(kept)}"
            yield Mark(at, message, "look back less, or keep data for longer")
