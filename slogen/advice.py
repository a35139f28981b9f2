"""What a runbook says of an alert, as the plug-in that makes the alert knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Look:
    """A query that somebody on call runs: what it shows, and its PromQL."""

    title: str
    expr: str


def _nothing(*_: Any) -> Iterable[Look]:
    return ()


def _unsaid(*_: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Advice:
    """Words of a runbook, as Markdown.

    `meaning` is what the alert means for users, `resets` what ends it. Without `causes`, those of the SLI type are
    shown; without `rollback`, how the service's workloads are rolled back. `looks(slo, level, objective, params)`, or
    `looks(resource, params)`, yields the first queries; `threshold(slo, params)`, or `threshold(resource, params)`,
    tells how the threshold came about. With `contributors`, the seconds behind an alert without windows, the first
    query tells who is hurt, where the SLO has `breakdown`.
    """

    meaning: str = ""
    causes: tuple[str, ...] = ()
    resets: str = ""
    rollback: str = ""
    looks: Callable[..., Iterable[Look]] = _nothing
    threshold: Callable[..., str] = _unsaid
    contributors: int = 0
