"""The figures of alert quality: what of them a table is about, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from compare._incidents import TRAFFICS
from compare._worse import DECLARED
from compare.peers import PYRRA, SLOGEN, SLOTH

TOOLS = (SLOGEN, DECLARED, SLOTH, PYRRA)
PAGE_DUE = 7.0
"""Burn rates above this are above the slowest page of every tool."""

Row = Mapping[str, Any]
Figures = Mapping[str, Any]


def tools_of(figures: Figures) -> list[str]:
    """The tools that were measured, in the order of the tables."""
    present = {row["tool"] for row in figures["incidents"]}
    return [tool for tool in TOOLS if tool in present]


def traffics_of(figures: Figures) -> list[str]:
    """The traffics that were measured."""
    present = {row["traffic"] for row in figures["incidents"]}
    return [traffic for traffic in TRAFFICS if traffic in present]


def rows_of(figures: Figures, part: str = "incidents", **wanted: Any) -> list[Row]:
    """The rows in which these keys have these values."""
    return [row for row in figures[part] if all(row[key] == value for key, value in wanted.items())]


def due(figures: Figures, low: float, high: float, **wanted: Any) -> list[Row]:
    """Incidents whose burn rate is within (low, high]."""
    return [row for row in rows_of(figures, **wanted) if low < row["burn"] <= high]


def case_of(row: Row) -> tuple[Any, ...]:
    """What one row of each tool is about."""
    return row["traffic"], row["error"], row["objective"], row["seed"]


def in_common(rows: Sequence[Row], column: str) -> set[tuple[Any, ...]]:
    """The incidents that every tool that was in them found, so that medians compare like with like."""
    missed = {case_of(row) for row in rows if row[column] is None}
    return {case_of(row) for row in rows} - missed


def false_pages(figures: Figures, traffic: str, objective: float) -> dict[str, float | None]:
    """Pages in 30 days, by tool."""
    found: dict[str, float | None] = {}
    for tool in tools_of(figures):
        rows = rows_of(figures, "background", traffic=traffic, objective=objective, tool=tool)
        if rows:
            found[tool] = sum(row["pages"] for row in rows) * 30 / sum(row["days"] for row in rows)
    return found


def all_false_pages(figures: Figures, traffic: str) -> dict[str, float]:
    """Pages in 30 days, by tool, of all objectives together."""
    totals: dict[str, float] = {}
    for objective in sorted({row["objective"] for row in figures["background"]}):
        for tool, value in false_pages(figures, traffic, objective).items():
            totals[tool] = totals.get(tool, 0.0) + (value or 0.0)
    return totals


def middle(values: Iterable[float | None]) -> float | None:
    """The median of what there is."""
    found = [value for value in values if value is not None]
    return median(found) if found else None


def timed(minutes: float | None) -> str:
    """Minutes, as minutes or hours."""
    if minutes is None:
        return "-"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def whole(value: float | None) -> str:
    """A whole number."""
    return "-" if value is None else f"{value:.0f}"


def decimal(value: float | None) -> str:
    """Two digits."""
    return "-" if value is None else f"{value:.1f}" if value < 10 else f"{value:.0f}"
