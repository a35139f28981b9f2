"""Dependencies: an SLO promises no more than what it depends on.

`dependsOn` names the SLOs without which this one cannot be kept. When each of them just spends its budget, at different
times, this one has failed for the sum of those times. A promise above that is kept by luck, and its alerts wake people
for what another team may let happen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from slogen.explanation import percent
from slogen.findings import Place, Severity, closest
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, ServiceSubject

SEVERITY = Severity.WARNING
_SERVICES = """
apiVersion: slogen/v1
kind: Service
metadata: {name: payments, owner: checkout-team}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {type: events, bad: 'payments_total{ok="false"}', total: payments_total}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: stock, owner: warehouse}
spec:
  slos:
    - name: availability
      objective: 99.5
      sli: {type: events, bad: 'stock_requests_total{ok="false"}', total: stock_requests_total}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout, owner: checkout-team}
spec:
  slos:
    - name: orders
      objective: OBJECTIVE
      dependsOn: [payments/availability, stock/availability]
      sli: {type: events, bad: 'orders_total{ok="false"}', total: orders_total}
"""
BAD = _SERVICES.replace("OBJECTIVE", "99.9")
GOOD = _SERVICES.replace("OBJECTIVE", "99.4")
Fact = tuple[str, Decimal, tuple[tuple[str, Place], ...], Place]


def gather_service(service: ServiceSubject, _context: Context) -> Iterator[Fact]:
    """Each objective's name and budget, and what it depends on."""
    for slo in service.slos():
        several = len(slo.slo.objectives) > 1 or slo.slo.objectives[0].name
        wanted = tuple((name, slo.place("dependsOn", number)) for number, name in enumerate(slo.slo.depends_on))
        for number, objective in enumerate(slo.slo.objectives):
            steps = ("objectives", number, "objective") if several else ("objective",)
            name = f"{slo.title}/{objective.name}" if objective.name else slo.title
            yield name, objective.budget, wanted, slo.place(*steps)


def check_repository(facts: Sequence[Fact], context: Context) -> Iterator[Problem]:
    """Names that there are not, circles, and budgets below the sum of those that they depend on."""
    budgets: dict[str, Decimal] = {}
    for name, budget, _, _ in facts:
        budgets[name] = budget
        whole = "/".join(name.split("/")[:2])
        budgets[whole] = min(budget, budgets.get(whole, budget))
    direct = {"/".join(name.split("/")[:2]): [one for one, _ in wanted] for name, _, wanted, _ in facts}
    told: set[Place] = set()
    for name, budget, wanted, place in facts:
        known = [one for one, _ in wanted if one in budgets]
        for one, where in wanted:
            if one not in budgets and context.is_whole and where not in told:
                told.add(where)
                near = closest(one, budgets)
                hint = f"did you mean '{near}'?" if near else "write it as service/slo"
                yield Problem(where, f"there is no SLO '{one}'", hint, severity=Severity.ERROR, subject=name)
        own = "/".join(name.split("/")[:2])
        if own in _reached(own, direct):
            if wanted[0][1] not in told:
                told.add(wanted[0][1])
                yield Problem(wanted[0][1], f"{own} depends on itself", "leave one of the circle out", subject=name)
            continue
        spent = sum((budgets[one] for one in known), Decimal(0))
        if spent > budget:
            message = f"{percent(1 - budget)} is more than what it depends on allows: {percent(1 - spent)}"
            hint = (
                f"write {percent(1 - spent).removesuffix('%')} or less, or agree on higher objectives with their owners"
            )
            yield Problem(place, message, hint, subject=name)


def _reached(name: str, direct: dict[str, list[str]]) -> set[str]:
    """Everything that an SLO depends on, at any distance."""
    seen: set[str] = set()
    todo = list(direct.get(name, ()))
    while todo:
        one = "/".join(todo.pop().split("/")[:2])
        if one not in seen:
            seen.add(one)
            todo += direct.get(one, ())
    return seen
