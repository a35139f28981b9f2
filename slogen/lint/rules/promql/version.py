"""Versions: an expression is one that the server knows.

The server refuses the whole file for a function that it does not have. `spec.target.version` of the Config says which
version evaluates the rules; several functions also want `--enable-feature=promql-experimental-functions`.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.subject import Context, Mark
from slogen.promql.versions import EXPERIMENTAL, GONE, SINCE, told

SEVERITY = Severity.ERROR
_RULES = """
groups:
  - name: api
    rules:
      - record: job:latency:avg
        expr: sum by (job) (histogram_avg(rate(http_request_duration_seconds[5m])))
"""
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {target: {version: "VERSION"}}
"""
BAD = {"slogen.yaml": _CONFIG.replace("VERSION", "2.45"), "rules.yml": _RULES}
GOOD = {"slogen.yaml": _CONFIG.replace("VERSION", "3.5"), "rules.yml": _RULES}

_FLAG = Severity.WARNING


def check_expression(one: Expression, context: Context) -> Iterator[Mark]:
    """Functions and aggregations that the target lacks, or has behind a flag."""
    nodes = [(call.name, call.first) for call in one.shape.calls]
    nodes += [(node.op, node.first) for node in one.shape.aggregations]
    for name, token in nodes:
        since, gone = SINCE.get(name), GONE.get(name)
        if since is not None and context.version < since:
            message = f"{name}() is there since Prometheus {told(since)}, and the target is {told(context.version)}"
            yield Mark(token, message, "update the server and target.version, or write it without")
        elif gone is not None and context.version >= gone[0]:
            message = f"{name}() is gone since Prometheus {told(gone[0])}"
            yield Mark(token, message, f"write {gone[1]}")
        elif name in EXPERIMENTAL and context.version < EXPERIMENTAL[name]:
            message = f"{name}() wants a server with --enable-feature=promql-experimental-functions"
            yield Mark(token, message, "make sure that it has, and ignore this; or write it without", severity=_FLAG)
