"""Alerts: an alert is written once.

Two alerts of one name, labels and condition are one alert with two minds: Alertmanager gets it twice, and a change to
one of them is undone by the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slogen.findings import Place, Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
  - name: web
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
  - name: web
    rules:
      - alert: WebDown
        expr: up{job="web"} == 0
"""

Fact = tuple[tuple[str, tuple[tuple[str, str], ...], str], Place, str]


def gather(file: FileSubject, _context: Context) -> Iterator[Fact]:
    """Each alert: its name, labels and condition, and where."""
    for one in file.rules:
        if one.rule.is_alert:
            labels = tuple(sorted((name, text.value) for name, text in {**one.group.labels, **one.rule.labels}.items()))
            yield (one.rule.name.value, labels, one.rule.expr.value), one.rule.name.place, one.title


def check_repository(facts: Sequence[Fact], _context: Context) -> Iterator[Problem]:
    """Alerts that are there already."""
    first: dict[object, Place] = {}
    for key, place, subject in facts:
        known = first.setdefault(key, place)
        if known is not place:
            message = f"{key[0]} is there already, with the same labels and condition: {known}"
            yield Problem(place, message, "remove one of the two", subject=subject)
