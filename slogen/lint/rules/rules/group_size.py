"""Groups: a group is evaluated in one go, one rule after the other.

A group of hundreds of rules takes so long that evaluations are missed, and one slow rule delays all behind it. Mimir
refuses groups of more than 20 rules unless told otherwise; `spec.lint.limits.maxGroupRules` sets the bound.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject
from slogen.rulefiles.model import RuleGroup

SEVERITY = Severity.WARNING
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {lint: {limits: {maxGroupRules: 1}}}
"""
_ONE = """
groups:
  - name: api
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
"""
_TWO = """      - record: job:errors:rate5m
        expr: sum by (job) (rate(http_errors_total[5m]))
"""
BAD = {"slogen.yaml": _CONFIG, "rules.yml": _ONE + _TWO}
GOOD = {"slogen.yaml": _CONFIG, "rules.yml": _ONE}


def check_group(file: FileSubject, group: RuleGroup, context: Context) -> Iterator[Problem]:
    """Groups with more rules than the bound."""
    most = context.limits.max_group_rules
    if len(group.rules) > most:
        message = f"{len(group.rules)} rules in one group, and {most} are the most"
        yield file.problem(message, "split it; rules that read each other stay together", group.name.place)
