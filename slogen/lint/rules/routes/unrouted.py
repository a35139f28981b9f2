"""Receivers: every alert reaches somebody who was meant.

An alert that no route below the first one takes falls to the default receiver, a channel that nobody reads; one whose
receiver notifies nobody is silent. Both look like a healthy service until the first outage. Each owner and severity
that the alerts of the specs carry is sent down the tree as Alertmanager does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slogen.findings import Place, Severity
from slogen.lint.problems import Problem
from slogen.lint.routing import receivers, routing
from slogen.lint.subject import Context, ServiceSubject
from slogen.rules import Alert

SEVERITY = Severity.WARNING
NEEDS = "alertmanager"
_SERVICE = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {type: events, bad: 'requests_total{code=~"5.."}', total: requests_total}
"""
_ALERTMANAGER = """
route:
  receiver: default
  routes:
    - {matchers: ['owner="OWNER"', 'severity="page"'], receiver: phone}
    - {matchers: ['owner="OWNER"'], receiver: board}
receivers:
  - {name: default}
  - {name: phone, webhook_configs: [{url: "http://localhost/phone"}]}
  - {name: board, webhook_configs: [{url: "http://localhost/board"}]}
"""
BAD = {"slos/payments.yaml": _SERVICE, "alertmanager.yml": _ALERTMANAGER.replace("OWNER", "checkout")}
GOOD = {"slos/payments.yaml": _SERVICE, "alertmanager.yml": _ALERTMANAGER.replace("OWNER", "checkout-team")}
Fact = tuple[tuple[tuple[str, str], ...], str, Place, str]


def gather_service(service: ServiceSubject, context: Context) -> Iterator[Fact]:
    """The labels of each alert, its name, and where its owner is written."""
    place = service.place("metadata", "owner")
    for alert in (rule for rule in service.plan.rules() if isinstance(rule, Alert)):
        fixed = tuple(pair for pair in alert.labels if "{{" not in pair[1])
        yield (*fixed, ("alertname", alert.name)), alert.severity.value, place, service.title


def check_repository(facts: Sequence[Fact], context: Context) -> Iterator[Problem]:
    """Severities of a service that fall to the first route, or reach a receiver that notifies nobody."""
    document = context.alertmanager
    tree = routing(document) if document is not None else None
    if tree is None or document is None:
        return
    known = receivers(document)
    told: set[tuple[str, str, str]] = set()
    for labels, urgency, place, service in facts:
        for route in tree.reached(dict(labels)):
            tells = known.get(route.receiver, (0, True))[1]
            why = "" if tells else f"receiver '{route.receiver}', which notifies nobody"
            if route is tree and tree.routes and not why:
                why = f"the default receiver '{route.receiver}' only: no route takes them"
            if why and (service, urgency, why) not in told:
                told.add((service, urgency, why))
                owner = dict(labels).get(context.setting.owner_label, "")
                whose = f" of owner '{owner}'" if owner else ""
                message = f"alerts of severity '{dict(labels)[context.setting.severity_label]}'{whose} reach {why}"
                hint = f"add a route for them below {document.file}:{document.place(route.path).line}"
                worse = Severity.ERROR if not tells and urgency == "page" else None
                yield Problem(place, message, hint, severity=worse, subject=service)
