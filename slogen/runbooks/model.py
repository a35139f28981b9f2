"""A runbook as data: what its template prints. All of it is text, so that a team's template can do no harm with it."""

from __future__ import annotations

from dataclasses import dataclass

from slogen.advice import Look
from slogen.promql.templating import Raw

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What somebody needs whom this alert has called.

    `means`, `causes`, `rollback`, `call`, `resets`, `threshold`, `mutes` and `dashboard` are Markdown. `groups` names
    what it fires for by itself. `bad` is a table whose first row is its head, empty for alerts without windows;
    `spent` is a sentence on what is spent when it fires.
    """

    anchor: str
    alert: str
    title: str
    severity: str
    groups: tuple[str, ...]
    summary: str
    means: Raw
    spent: Raw
    bad: tuple[Row, ...]
    queries: tuple[Look, ...]
    causes: tuple[Raw, ...]
    rollback: Raw
    call: Raw
    resets: tuple[Raw, ...]
    threshold: tuple[Raw, ...]
    mutes: tuple[Raw, ...]
    dashboard: Raw


@dataclass(frozen=True, slots=True)
class Part:
    """An SLO, or a resource, with its alerts; `notes` is what the team says of it, Markdown."""

    kind: str
    name: str
    description: Raw
    promises: tuple[str, ...]
    notes: Raw
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The runbook of a service; `call`, `dashboard` and `notes` are Markdown."""

    service: str
    description: str
    owner: str
    call: Raw
    dashboard: Raw
    spec: str
    rules: str
    notes: Raw
    parts: tuple[Part, ...]
    workloads: tuple[str, ...]
