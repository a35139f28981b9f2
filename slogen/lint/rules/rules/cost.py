"""Cost: an evaluation reads a bounded number of samples.

A rule over a month of thousands of series reads millions of samples every minute: it slows the server down, misses its
own evaluations, and is refused where `--query.max-samples` says so. The number is estimated from
`spec.lint.limits.series`, which says how many series a metric has, and from the scrape interval; the bounds are
maxSamples and, for all rules of a group, as many as a server reads in half of its interval at a million a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from slogen.findings import Severity
from slogen.lint.expressions import Expression
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject, RuleSubject
from slogen.promql.durations import parse_duration
from slogen.promql.nodes import Node, Selector, Subquery

SEVERITY = Severity.WARNING
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {lint: {limits: {series: {http_requests_total: 5000}}}}
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
GOOD = {"slogen.yaml": _CONFIG, "rules.yml": BAD["rules.yml"].replace("30d", "1h")}

A_SECOND = 1_000_000
"""Samples that a server reads in a second; bench/cost.py measures two to three million."""


def check_rule(rule: RuleSubject, context: Context) -> Iterator[Problem]:
    """Rules that read more than the bound."""
    one = rule.expression
    if one is None or not context.limits.series:
        return
    read = samples(one, context)
    if read > context.limits.max_samples:
        most = _told(context.limits.max_samples)
        message = f"about {_told(read)} samples are read at each evaluation, and {most} are the most"
        yield rule.problem(message, "record a short window first, and sum that over the long one", one.root)


def check_file(file: FileSubject, context: Context) -> Iterator[Problem]:
    """Groups that read more in an interval than a server can."""
    for _, rules in groupby(file.rules if context.limits.series else (), lambda one: id(one.group)):
        listed = [*rules]
        group = listed[0].group
        read = sum(samples(one.expression, context) for one in listed if one.expression is not None)
        try:
            interval = parse_duration(group.interval.value) if group.interval else context.limits.evaluation_interval
        except ValueError:
            continue
        if read > interval * A_SECOND / 2:
            message = f"the group reads about {_told(read)} samples every {interval} s: it may not be done in time"
            yield file.problem(message, "split it, evaluate it less often, or read less", group.name.place)


def samples(one: Expression, context: Context) -> int:
    """Samples that an evaluation reads, as far as the metrics' series are known."""
    return int(sum(_of(one, selector, context) for selector in one.shape.selectors))


def _of(one: Expression, selector: Selector, context: Context) -> float:
    count = context.limits.series.get(selector.metric, 0)
    read = count * max((selector.range or 0) / context.scrape, 1)
    above: Node | None = one.shape.parent(selector)
    while above is not None:
        if isinstance(above, Subquery):
            read *= max(above.range / (above.step or context.limits.evaluation_interval), 1)
        above = one.shape.parent(above)
    return read


def _told(number: int) -> str:
    return f"{number:,}"
