"""Receivers that there are: a route names a receiver of the same file.

Alertmanager refuses the whole configuration otherwise: on a reload it goes on with the old one, and after a restart
nobody is told anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slogen.findings import Severity, closest
from slogen.lint.problems import Problem
from slogen.lint.routing import receivers, routing
from slogen.lint.rules.routes.unrouted import GOOD as ROUTED
from slogen.lint.subject import Context

SEVERITY = Severity.ERROR
NEEDS = "alertmanager"
BAD = {**ROUTED, "alertmanager.yml": ROUTED["alertmanager.yml"].replace("receiver: phone}", "receiver: phones}")}
GOOD = ROUTED


def check_repository(_facts: Sequence[object], context: Context) -> Iterator[Problem]:
    """Names of receivers that are not listed."""
    document = context.alertmanager
    tree = routing(document) if document is not None else None
    if tree is None or document is None:
        return
    known = receivers(document)
    for route in tree.walk():
        if route.receiver not in known:
            near = closest(route.receiver, known)
            hint = f"did you mean '{near}'?" if near else "add it to receivers:"
            place = document.place((*route.path, "receiver"))
            yield Problem(place, f"there is no receiver '{route.receiver}'", hint)
