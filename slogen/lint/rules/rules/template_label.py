"""Labels in templates: an alert's text uses labels that the alert has.

A label that the expression has aggregated away is an empty text in the summary: "Disk of  is full". Whoever is woken up
then has to find out which one.
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
        for found in _LABEL.finditer(text.value):
            label = found[1]
            if label not in rule.rule.labels and label not in ("alertname", "alertgroup") and not there.can(label):
                message = f"the expression has no label '{label}': this is always empty"
                hint = f"keep it: by ({label}, ...), or leave it out"
                yield rule.problem_in(text, found.start(), found.end(), message, hint)
