"""Queries that runbooks share, on recorded series."""

from __future__ import annotations

from collections.abc import Iterator

from slogen import naming
from slogen.advice import Look
from slogen.levels import Level
from slogen.model import Slo

MOST = 10
"""Rows of a query that may have many."""


def budget_looks(slo: Slo, level: Level, objective: str) -> Iterator[Look]:
    """What is left of the budget, and how the present base interval fares."""
    used, bad, total = (
        level.series(name, one)
        for name, one in ((naming.BUDGET_USED, objective), (naming.BAD_BASE, objective), (naming.TOTAL_BASE, ""))
    )
    left = f"1 - {used}"
    yield Look("Budget left; below 0, more than all of it is spent", f"bottomk({MOST}, {left})" if level.by else left)
    what = "events" if slo.objectives[0].indicator.slice_length is None else "the slice"
    ratio = f"{bad}\n/ {level.match}\n({total} > 0)"
    yield Look(f"Bad part of {what} right now", f"topk({MOST}, {ratio})" if level.by else ratio)
