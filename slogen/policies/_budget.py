"""What the two alerts on the budget itself share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from slogen import naming
from slogen.advice import Look
from slogen.levels import Level
from slogen.looks import budget_looks
from slogen.model import Objective, Severity, Slo
from slogen.policies._fit import GUARD_TOLERANCE, plain
from slogen.rules import Draft, Part

BadEvents = Annotated[int, Field(ge=1, le=1_000_000)]


def budget_alert(
    name: str, slo: Slo, level: Level, objective: Objective, severity: Severity, least: int, bounds: str, says: str
) -> Draft:
    """Used budget within `bounds`, where it is still recorded.

    It is already weighted by how much of the period was recorded, so a short history does not look like a spent
    budget; `least` bad events keep one or two failures of a rare event from doing so.
    """
    bad = level.series(naming.BAD_PERIOD, objective.name)
    identity = naming.slo_id(slo.service, slo.name, objective.name) + level.title
    over = f"the {slo.calendar.name}" if slo.calendar else slo.period_name
    return Draft(
        name=name,
        severity=severity,
        expr=(
            f"{level.series(naming.BUDGET_USED, objective.name)} {bounds}\n"
            f"and {level.match}\n{bad} > {plain(least - GUARD_TOLERANCE)}\n"
            f"and {level.match}\n{level.series(naming.TOTAL_LEDGER)}"
        ),
        summary=f"{identity} {says} its error budget.",
        description=(
            f"{identity} has used {{{{ $value | humanizePercentage }}}} of its error budget of {over}. What else"
            " fails now breaks its objective: hold risky changes back, and mend what spent it."
        ),
        part=Part.LEDGER,
        level=level,
        objective=objective.name,
    )


def spending_looks(slo: Slo, level: Level, objective: str, _params: Any) -> Iterator[Look]:
    """Queries of somebody who asks what has spent the budget."""
    yield from budget_looks(slo, level, objective)
    days = f"sum_over_time({level.series(naming.BAD_LEDGER, objective)}[1d])"
    yield Look("Bad events of a day; as a graph over the period, the days that spent the budget", days)


def told_threshold(_slo: Slo, params: Any) -> str:
    """How much must be used."""
    used = plain(getattr(params, "used", Decimal(1)) * 100)
    return f"It fires when {used}% of the budget is used and at least {params.bad_events} bad events are behind it."
