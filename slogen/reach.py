"""Alerts that could not fire whatever happens: they wait for more bad events than there can be.

Burn-rate pairs need no look here: those that are not pinned are fitted so that half of a total outage fires them, and
the policy refuses pinned ones that even a whole one could not.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from slogen import naming
from slogen.levels import Level
from slogen.model import Severity, Slo
from slogen.policies import policy_plugins
from slogen.policies._fit import FAST_LIMIT, GUARD_TOLERANCE, plain
from slogen.promql.durations import format_duration
from slogen.rules import Draft


def out_of_reach(slo: Slo) -> Iterator[tuple[bool, str, str]]:
    """Whether it is certain, what is wrong, and what to write instead, for each alert that would stay silent.

    It is certain where slices of time are counted. Of events there may be more than `expectedTraffic` says.
    """
    counted = slo.objectives[0].indicator.slice_length is not None
    if not counted and all(level.traffic is None for level in slo.levels):
        return
    told: set[str] = set()
    for name, params in slo.policy.sections.items():
        least = getattr(params, "bad_events", 0)
        if name != "burn_rate" and not least:
            continue
        for draft in policy_plugins()[name].alerts(slo, params):
            window, wanted = (_window(draft), draft.guard) if draft.pairs else (slo.period, least)
            most = _most(slo, draft.level, window)
            if slo.notices[draft.severity].disabled or most is None or wanted - GUARD_TOLERANCE < most:
                continue
            there = f"{int(most)} slices" if counted else f"{plain(round(most, 2))} by expectedTraffic"
            message = (
                f"{naming.slo_id(slo.service, slo.name, draft.objective)}{draft.level.title}: {draft.name} waits for"
                f" {wanted} bad events, and there are {there} in {format_duration(window)}"
            )
            fewer = max(1, round(most) // 2)
            key = f"guard: {{badEvents: {fewer}}}" if draft.pairs else f"badEvents: {fewer}"
            if message not in told:
                told.add(message)
                yield counted, message, f"write {key}" if fewer < most else "choose a policy without it"


def _window(draft: Draft) -> int:
    fresh = [pair.long for pair in draft.pairs if pair.severity is Severity.TICKET or pair.long <= FAST_LIMIT]
    return max(fresh or [pair.long for pair in draft.pairs])


def _most(slo: Slo, level: Level, window: int) -> Decimal | None:
    if slo.objectives[0].indicator.slice_length is not None:
        return Decimal(window) / slo.cadence.base
    return None if level.traffic is None else level.traffic * window
