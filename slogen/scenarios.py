"""Tests in specs to scenarios, and what only a look at the SLO's alerts can find wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slogen.fields import merged
from slogen.findings import closest, listed
from slogen.model import Expectation, Happening, Scenario, Slo
from slogen.policies import policy_plugins
from slogen.spec.testing import Test, long_form

Problem = tuple[tuple[str | int, ...], str, str, str]
"""Where it is below `tests`, its code, what is wrong, and what to write instead."""


def scenario(test: Test) -> Scenario:
    """What a test means."""
    named = [(long_form(one), True) for one in test.expect] + [(long_form(one), False) for one in test.silent]
    return Scenario(
        test.name,
        tuple(Happening(one.lasting, one.traffic, one.errors, one.source) for one in test.happens),
        tuple(Expectation(one.alert, one.objective or "", fires, one.within or 0) for one, fires in named),
        merged(test.group),
    )


def scenario_problems(slo: Slo, tests: tuple[Test, ...]) -> Iterator[Problem]:
    """Names that the SLO does not have, and traffic where it counts none."""
    if not tests:
        return
    alerts = _alerts(slo)
    seen: set[str] = set()
    for number, test in enumerate(tests):
        if test.name in seen:
            yield (number, "name"), "spec/duplicate-name", f"two tests are named '{test.name}'", "rename one"
        seen.add(test.name)
        for part in ("expect", "silent"):
            for place, one in enumerate(getattr(test, part)):
                for problem in _unknown(alerts, long_form(one)):
                    yield (number, part, place, *problem[0]), *problem[1:]
        for label in test.group:
            if label not in slo.by:
                hint = f"its groups have {listed(slo.by)}" if slo.by else "leave group out, or write by: [region]"
                yield (number, "group", label), "test/group", f"no group of this SLO has a label '{label}'", hint
        for place, happening in enumerate(test.happens):
            if happening.traffic is not None and slo.objectives[0].indicator.slice_length is not None:
                message = "this SLO counts time, not events"
                yield (number, "happens", place, "traffic"), "spec/traffic", message, "leave traffic out"


def _alerts(slo: Slo) -> dict[str, set[str]]:
    """The objectives that each alert of the SLO is about, by the alert's name."""
    found: dict[str, set[str]] = {}
    for name, params in slo.policy.sections.items():
        for draft in policy_plugins()[name].alerts(slo, params):
            if not slo.notices[draft.severity].disabled:
                found.setdefault(draft.name, set()).add(draft.objective)
    return found


def _unknown(alerts: dict[str, set[str]], one: Any) -> Iterator[Problem]:
    if one.alert not in alerts:
        close = closest(one.alert, alerts)
        known = f"known: {listed(alerts)}" if alerts else "its policy has no alerts"
        hint = f"did you mean '{close}'?" if close else known
        yield ("alert",), "test/unknown-alert", f"this SLO has no alert '{one.alert}'"[:200], hint
    elif one.objective and one.objective not in alerts[one.alert]:
        names = sorted(filter(None, alerts[one.alert]))
        hint = f"known: {listed(names)}" if names else "leave objective out"
        message = f"{one.alert} of this SLO is not about an objective '{one.objective}'"
        yield ("objective",), "test/unknown-objective", message, hint
