"""Parses every rule of the plan, once per distinct shape: none that Prometheus would refuse leaves the house."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slogen.findings import Finding, Place, error
from slogen.promql.parsing import is_valid, parse
from slogen.promql.tokens import PromQLError
from slogen.rules import Group, Plan, ServicePlan

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def proofread(plan: Plan) -> list[Finding]:
    """A finding at each SLO or resource for its rules that do not parse; other text in strings makes no new shape."""
    return [
        _invalid(rule.expr, place)
        for service in plan.services
        for group, place in _groups(service)
        for rule in group.rules
        if not _is_valid_shape(_STRING.sub('""', rule.expr), rule.expr)
    ]


_known: dict[str, bool] = {}
_MOST = 10_000


def _is_valid_shape(shape: str, expr: str) -> bool:
    """Whether rules of this shape parse, of which `expr` is one."""
    if shape not in _known:
        if len(_known) >= _MOST:
            _known.clear()
        _known[shape] = is_valid(expr)
    return _known[shape]


def _groups(service: ServicePlan) -> Iterator[tuple[Group, Place]]:
    for planned in service.slos:
        yield from ((group, planned.slo.place) for group in planned.groups)
    for one in service.resources:
        yield from ((group, one.resource.place) for group in one.groups)


def _invalid(expr: str, place: Place) -> Finding:
    reason, hint = "", ""
    try:
        parse(expr)
    except PromQLError as failure:
        reason, hint = f": {failure.message}", failure.hint
    message = f"a rule made from this SLO is not valid{reason}"
    return error("promql/generated", place, message, hint or "make its SLI simpler: fewer or shorter selectors")
