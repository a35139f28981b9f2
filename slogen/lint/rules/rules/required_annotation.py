"""Annotations: alerts say what people need.

`spec.lint.limits.requiredAnnotations` of the Config names annotations that every alert has, such as summary and
runbook_url. Whoever is woken up reads them first.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, RuleSubject

SEVERITY = Severity.WARNING
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {lint: {limits: {requiredAnnotations: [summary]}}}
"""
_BARE = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
"""
BAD = {"slogen.yaml": _CONFIG, "rules.yml": _BARE}
GOOD = {"slogen.yaml": _CONFIG, "rules.yml": f"{_BARE}        annotations: {{summary: The API is down.}}\n"}


def check_rule(rule: RuleSubject, context: Context) -> Iterator[Problem]:
    """Alerts without a required annotation, or with an empty one."""
    for name in context.limits.required_annotations if rule.rule.is_alert else ():
        written = rule.rule.annotations.get(name)
        if written is None or not written.value.strip():
            message = f"{rule.rule.name.value} has no annotation {name}"
            yield rule.problem(message, f"write annotations: {{{name}: ...}}", rule.rule.name)
