"""The rules of the house: bounds, which rules are off, what is exempt; and what a rule finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from slogen.findings import Place
from slogen.manifests.model import Container, Subject, Workload
from slogen.quantities import GI

MOST = 10
"""Findings of one kind in one container; nobody reads more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that rules hold manifests against; shares are 0..1, sizes bytes."""

    max_heap_share: Decimal = Decimal("0.8")
    head_room: Decimal = Decimal(2 * GI)
    max_go_share: Decimal = Decimal("0.95")
    min_request_share: Decimal = Decimal("0.5")
    min_replicas: int = 2
    min_target: Decimal = Decimal("0.3")
    max_target: Decimal = Decimal("0.85")
    start_seconds: int = 60


@dataclass(frozen=True, slots=True)
class Exemption:
    """A rule that does not hold for a workload, until a day; patterns may hold `*` and `?`."""

    rule: str
    kind: str
    namespace: str
    name: str
    container: str
    reason: str
    until: date
    place: Place


@dataclass(frozen=True, slots=True)
class House:
    """Everything that a repository sets; `severities` holds by rule one of off, info, warning and error."""

    limits: Limits = field(default_factory=Limits)
    severities: Mapping[str, str] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What a rule found: what is wrong and what comes of it in production, and what to write instead."""

    subject: Subject
    container: str
    place: Place
    message: str
    hint: str


def in_container(workload: Workload, container: Container, place: Place, message: str, hint: str) -> Problem:
    """A problem of one container, which the message begins with."""
    return Problem(workload.subject, container.name, place, f"container '{container.name}': {message}", hint)
