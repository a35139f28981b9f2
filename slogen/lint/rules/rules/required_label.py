"""Labels: alerts carry the labels that routing wants.

`spec.lint.limits.requiredLabels` of the Config names labels that every alert has, such as severity and owner. One
without them falls through to the default receiver, where nobody looks.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.results import Labels, labels_of
from slogen.lint.subject import Context, RuleSubject

SEVERITY = Severity.ERROR
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {lint: {limits: {requiredLabels: [severity]}}}
"""
_BARE = """
groups:
  - name: api
    rules:
      - alert: ApiDown
        expr: up{job="api"} == 0
"""
BAD = {"slogen.yaml": _CONFIG, "rules.yml": _BARE}
GOOD = {"slogen.yaml": _CONFIG, "rules.yml": f"{_BARE}        labels: {{severity: page}}\n"}


def check_rule(rule: RuleSubject, context: Context) -> Iterator[Problem]:
    """Alerts that neither set a required label nor keep it in their expression."""
    one = rule.expression
    for name in context.limits.required_labels if rule.rule.is_alert else ():
        written = rule.rule.labels.get(name) or rule.group.labels.get(name)
        if written is not None and written.value:
            continue
        if written is None and one is not None and _keeps(labels_of(one.root), name):
            continue
        message = f"{rule.rule.name.value} has no label {name}"
        yield rule.problem(message, f"write labels: {{{name}: ...}}", rule.rule.name)


def _keeps(labels: Labels, name: str) -> bool:
    return labels.only is not None and labels.can(name)
