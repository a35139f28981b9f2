"""Owner: a service says which team owns it.

The owner is a label on every alert, and alerts are routed by it. Without one, a page at night goes to whoever the
default receiver is, and nobody decides what to do when the budget is spent.
"""

from __future__ import annotations

from collections.abc import Iterator

from slogen.findings import Severity
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, ServiceSubject

SEVERITY = Severity.WARNING
BAD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {type: events, bad: 'requests_total{code=~"5.."}', total: requests_total}
"""
GOOD = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {type: events, bad: 'requests_total{code=~"5.."}', total: requests_total}
"""


def check_service(service: ServiceSubject, _context: Context) -> Iterator[Problem]:
    """Services without an owner."""
    if not service.plan.service.owner:
        message = f"nobody owns service '{service.title}': its alerts cannot be routed to a team"
        yield service.problem(message, "write owner: TEAM in metadata", "metadata", "name")
