"""Runbooks: a page of a critical service says where to read on.

Whoever is woken up knows least at that moment. slogen writes a runbook for each service; alerts lead to it once the
Config says where those pages are published.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.rules.slo.page_missing import GOOD as CRITICAL
from slogen.lint.rules.slo.page_missing import is_critical
from slogen.lint.subject import Context, SloSubject
from slogen.model import Severity as Urgency

SEVERITY = Severity.WARNING
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {lint: {limits: {critical: {tier: critical}}}}
"""
BAD = {**CRITICAL, "slogen.yaml": _CONFIG}
GOOD = CRITICAL


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Critical SLOs whose pages have no runbook_url."""
    pages = [alert for alert in slo.plan.alerts() if alert.severity is Urgency.PAGE]
    bare = sorted({alert.name for alert in pages if "runbook_url" not in dict(alert.annotations)})
    if bare and is_critical(slo, context):
        message = f"{slo.title} is critical, and {', '.join(bare)} leads to no runbook"
        hint = "write links.runbook in the Config, for instance https://git.example.com/runbooks/{service}.md#{anchor}"
        yield slo.problem(message, hint, "name")
