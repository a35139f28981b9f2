"""Recorded twice: a series is recorded by one rule only.

Two rules that record the same name with the same labels write into one series: the second sample of each evaluation is
dropped as a duplicate, or the two alternate, and whatever reads the series sees one value or the other by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slogen.findings import Place, Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject

SEVERITY = Severity.ERROR
BAD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
        labels: {team: checkout}
  - name: web
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
        labels: {team: checkout}
"""
GOOD = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
        labels: {team: checkout}
  - name: web
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_server_requests_total[5m]))
        labels: {team: web}
"""
Fact = tuple[str, tuple[tuple[str, str], ...], str, Place, str]


def gather(file: FileSubject, _context: Context) -> Iterator[Fact]:
    """What each rule records: name, labels, expression, and where."""
    for one in file.rules:
        rule = one.rule
        if not rule.is_alert:
            labels = tuple(sorted((name, text.value) for name, text in {**one.group.labels, **rule.labels}.items()))
            yield rule.name.value, labels, rule.expr.value, rule.name.place, one.title


def check_repository(facts: Sequence[Fact], _context: Context) -> Iterator[Problem]:
    """Rules that record what another records, from the same expression or with labels that make it the same series."""
    first: dict[tuple[object, ...], Place] = {}
    for name, labels, expr, place, subject in facts:
        known = first.setdefault((name, labels, expr), place)
        if known is not place:
            message = f"{name} is recorded with the same labels and expression at {known} too"
            yield Problem(place, message, "remove one of the two", subject=subject)
