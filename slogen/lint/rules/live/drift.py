"""Drift: the rules that are loaded are those that the specs compile to.

A server that was not reloaded, or whose files were edited by hand, alerts by other rules than those in the repository.
Services of which nothing is loaded are left alone: they may not be deployed yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.loaded import groups_of, same
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, ServiceSubject

SEVERITY = Severity.WARNING
ALSO = {"live/drift", "live/not-recorded"}
NEEDS = "prometheus"
SERVED = {
    'http_requests_total{job="payments", code="200"}': "5000+10x60",
    'http_requests_total{job="payments", code="500"}': "5x60",
}
LOADED = """
groups:
  - name: payments/availability/base
    rules:
      - {record: slo:total_events:base, expr: vector(1) > 2}
"""
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="payments", code=~"5.."}
        total: http_requests_total{job="payments"}
"""
GOOD = BAD.replace("payments, owner", "other, owner")


def check_service(service: ServiceSubject, context: Context) -> Iterator[Problem]:
    """Groups that are missing, left over, or have other rules."""
    name = service.plan.service.name
    loaded = groups_of(context.prometheus, f"{name}/")
    if not loaded:
        return
    wanted = {group.name: group for _, group in service.plan.groups()}
    missing = sorted(wanted.keys() - loaded.keys())
    beyond = sorted(loaded.keys() - wanted.keys())
    other = sorted(one for one in wanted.keys() & loaded.keys() if not same(wanted[one], loaded[one]))
    told = [("are not loaded", missing), ("are loaded and no longer made", beyond), ("are loaded as they were", other)]
    parts = [f"{len(names)} groups {what} ({names[0]})" for what, names in told if names]
    if parts:
        message = f"the server has other rules of {name}: {'; '.join(parts)}"
        yield service.problem(message, "deploy generated/prometheus and reload the server", "metadata", "name")
