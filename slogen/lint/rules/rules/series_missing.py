"""Recorded series: what is read was recorded by some rule.

A name with colons is one that a rule records. Where that rule was renamed or removed, whatever still reads the series
finds nothing: an alert on it is silent for good. Told where all files of rules are given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slogen.findings import Place, Severity, closest
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(http_errors_total[5m]))
      - alert: Errors
        expr: job:error:rate5m > 1
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(http_errors_total[5m]))
      - alert: Errors
        expr: job:errors:rate5m > 1
"""

Fact = tuple[str, Place | None, str]


def gather(file: FileSubject, _context: Context) -> Iterator[Fact]:
    """Names that are recorded, without a place, and names that are read."""
    for one in file.rules:
        if not one.rule.is_alert:
            yield one.rule.name.value, None, ""
    read = set[str]()
    for one in file.rules:
        expression = one.expression
        for selector in expression.shape.selectors if expression is not None else ():
            name = selector.metric
            if ":" in name and name not in read and expression is not None:
                read.add(name)
                yield name, one.rule.expr.at(expression.span(selector)[0]), one.title


def check_repository(facts: Sequence[Fact], context: Context) -> Iterator[Problem]:
    """Names that are read and not recorded."""
    recorded = {name for name, place, _ in facts if place is None}
    for name, place, subject in facts if context.is_whole else ():
        if place is not None and name not in recorded:
            near = closest(name, recorded, 0.8)
            hint = f"did you mean {near}?" if near else "record it, name the folder with its rules too, or remove this"
            yield Problem(place, f"no rule records {name}", hint, subject=subject)
