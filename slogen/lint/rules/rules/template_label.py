"""Labels in templates: an alert's text uses labels that the alert has.

A label that the expression has aggregated away is an empty text in the summary: "Disk of  is full". Whoever is woken up
then has to find out which one. `$labels` are those of the expression alone: what the rule adds under `labels` is not
among them, nor is alertname.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.results import labels_of
from slogen.lint.subject import Context, RuleSubject

SEVERITY = Severity.WARNING
BAD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: sum by (job) (rate(http_errors_total[5m])) > 1
        annotations: {summary: "Errors on {{ $labels.instance }}."}
"""
GOOD = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: sum by (job) (rate(http_errors_total[5m])) > 1
        annotations: {summary: "Errors of {{ $labels.job }}."}
"""

_LABEL = re.compile(r"(?<!with )(?<!if )\$labels\.([a-zA-Z_]\w*)")
"""Those after `with` and `if` are asked for, and may be missing."""
_COMMENT = re.compile(r"\{\{-?\s*/\*")


def check_rule(rule: RuleSubject, _context: Context) -> Iterator[Problem]:
    """$labels.x in labels and annotations, where x cannot be a label of the result."""
    one = rule.expression
    if not rule.rule.is_alert or one is None:
        return
    texts = [*rule.rule.labels.values(), *rule.rule.annotations.values()]
    if not any("$labels." in text.value for text in texts):
        return
    there = labels_of(one.root)
    for text in texts:
        for start, end in _actions(text.value):
            for found in _LABEL.finditer(text.value, start, end):
                label = found[1]
                if not there.can(label):
                    message, hint = _told(label, label in rule.rule.labels or label in rule.group.labels)
                    yield rule.problem_in(text, found.start(), found.end(), message, hint)


def _actions(text: str) -> Iterator[tuple[int, int]]:
    """Where what is evaluated begins and ends, comments left out."""
    end = 0
    while (start := text.find("{{", end)) >= 0 and (end := text.find("}}", start)) >= 0:
        if not _COMMENT.match(text, start):
            yield start, end


def _told(label: str, is_added: bool) -> tuple[str, str]:
    if is_added:
        return f"$labels holds no label that the rule adds, such as '{label}': this is always empty", "write its value"
    message = f"the expression has no label '{label}': this is always empty"
    return message, f"keep it: by ({label}, ...), or leave it out"
