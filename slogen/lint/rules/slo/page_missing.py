"""Pages: somebody is called for a critical service.

`spec.lint.limits.critical` of the Config names the labels of services that matter at night, such as `tier: critical`.
An SLO of such a service without any alert that pages is found broken in the morning.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, SloSubject
from slogen.model import Severity as Urgency

SEVERITY = Severity.ERROR
_CONFIG = """
apiVersion: slogen/v1
kind: Config
spec: {lint: {limits: {critical: {tier: critical}}}, links: {runbook: "https://runbooks.example.com/{service}#{anchor}"}}
"""
_SERVICE = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team, labels: {tier: critical}}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {type: events, bad: 'requests_total{code=~"5.."}', total: requests_total}
"""
BAD = {"slogen.yaml": _CONFIG, "slos/payments.yaml": f"{_SERVICE}      alerting: {{policy: tickets-only}}\n"}
GOOD = {"slogen.yaml": _CONFIG, "slos/payments.yaml": _SERVICE}


def check_slo(slo: SloSubject, context: Context) -> Iterator[Problem]:
    """Critical SLOs of which no alert pages."""
    if is_critical(slo, context) and not any(alert.severity is Urgency.PAGE for alert in slo.plan.alerts()):
        hint = "choose a policy with a page pair, such as default or low-traffic"
        steps = ("alerting",) if isinstance(slo.data, dict) and "alerting" in slo.data else ("name",)
        yield slo.problem(
            f"{slo.title} is critical, and nobody is paged when it breaks", hint, *steps, key=len(steps) == 1
        )


def is_critical(slo: SloSubject, context: Context) -> bool:
    """Whether the SLO has one of the labels that the Config calls critical."""
    own = {*slo.service.plan.service.labels, *slo.slo.labels}
    return any(pair in own for pair in context.limits.critical.items())
