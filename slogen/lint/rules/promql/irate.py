"""irate: rules look at more than the last two samples.

irate reads two samples, whatever the range: what happened between the others is never seen. It shows spikes on a graph;
an alert on it fires by chance, and what is recorded of it is a random sample of the truth.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: irate(http_errors_total[5m]) > 1
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: rate(http_errors_total[5m]) > 1
"""


def check_expression(one: Expression, _context: Context) -> Iterator[Mark]:
    """Every irate."""
    for call in one.shape.calls:
        if call.name == "irate":
            message = "irate() sees the last two samples only: what a rule makes of it is chance"
            yield Mark(call.first, message, "write rate, and look whether its bound still fits")
