"""When the alerts that a tool generated fire over history, without recording what they read first.

A series that an alert reads is replaced by the expression that records it, evaluated at the same instant: in a group
the rules run in order at one instant, so the alert sees just that. Only series that are read over a range (slogen's
base and ledger) are truly recorded. `ALERTS` of the alert itself, by which slogen's alerts go on once they fire, is its
state at the evaluation before: the expression is evaluated for both states, and the right one is taken step by step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from harness.alerts import firing_spans
from harness.rules import Rule
from harness.server import Prometheus
from harness.staged import steps_within

PHASE = 17.0
PAGES = frozenset({"page", "critical"})
_EQUAL = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
_ALERTS = re.compile(r"ALERTS\{[^}]*\}")
QUIET, LOUD = "(vector(0) > 1)", "vector(1)"


@dataclass(frozen=True)
class Alert:
    """One alert as it is evaluated: `starts` where it does not fire yet, `goes_on` where it fires already."""

    name: str
    severity: str
    interval: float
    starts: str
    goes_on: str
    hold: float
    keep: float

    @property
    def pages(self) -> bool:
        """Whether it wakes somebody."""
        return self.severity in PAGES


@dataclass(frozen=True)
class Span:
    """One time in which an alert fires: its first and its last evaluation, in unix seconds."""

    first: float
    last: float


def alerts(rules: Sequence[Rule], names: Iterable[str], recorded: Iterable[str]) -> list[Alert]:
    """The alerts of these names among the rules of one SLO's file; `recorded` are the records that are kept."""
    kept, wanted = set(recorded), set(names)
    by_name: dict[str, list[Rule]] = {}
    for rule in rules:
        if not rule.is_alert and rule.name not in kept:
            by_name.setdefault(rule.name, []).append(rule)
    found = []
    for rule in rules:
        if rule.is_alert and rule.name in wanted:
            expr = inlined(rule.expr, by_name)
            starts, goes_on = (_ALERTS.sub(state, expr) for state in (QUIET, LOUD))
            severity = rule.labels.get("severity", "")
            found.append(Alert(rule.name, severity, rule.interval, starts, goes_on, rule.hold, rule.keep_firing))
    return found


def inlined(expr: str, by_name: dict[str, list[Rule]]) -> str:
    """The expression with each recorded series replaced by what records it."""
    names = sorted(by_name, key=len, reverse=True)
    if not names:
        return expr
    pattern = re.compile(rf"(?<![\w:])({'|'.join(map(re.escape, names))})(?![\w:])\s*(\{{[^}}]*\}})?(\s*\[)?")

    def replaced(match: re.Match[str]) -> str:
        if match[3]:
            raise ValueError(f"{match[1]} is read over a range and must be recorded")
        wanted = dict(_EQUAL.findall(match[2] or ""))
        sources = [
            rule
            for rule in by_name[match[1]]
            if all(rule.labels.get(key, value) == value for key, value in wanted.items())
        ]
        if len(sources) != 1:
            raise ValueError(f"{match[0]} is recorded by {len(sources)} rules")
        return f"({inlined(sources[0].expr, by_name)})"

    return pattern.sub(replaced, expr)


def firing(server: Prometheus, alert: Alert, start: float, end: float, step: float) -> list[Span]:
    """When an alert fires within [start, end], evaluated each `step` seconds."""
    first, last = steps_within(start, end, step, PHASE)
    count = round((last - first) / step) + 1

    def where(expr: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        present = np.zeros(count, dtype=bool)
        for one in server.query_range(expr, first, last, step):
            present[np.rint((one.times - first) / step).astype(np.int64)] = True
        return present

    starts = where(alert.starts)
    if alert.goes_on != alert.starts and starts.any():
        if alert.hold or alert.keep:
            raise ValueError(f"{alert.name} reads its own state and has a delay too")
        starts = _begun(starts, where(alert.goes_on))
    spans = firing_spans(starts.tolist(), step, alert.hold, alert.keep)
    return [Span(first + a * step, first + b * step) for a, b in spans]


def _begun(
    starts: np.ndarray[tuple[int], np.dtype[np.bool_]], goes_on: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether it fires at each step, given what holds if it did not fire at the step before, and if it did."""
    out = np.zeros(len(starts), dtype=bool)
    fires = False
    for index, (begins, stays) in enumerate(zip(starts.tolist(), goes_on.tolist(), strict=True)):
        fires = stays if fires else begins
        out[index] = fires
    return out


def together(spans: Iterable[Span], step: float) -> list[Span]:
    """Times in which any of several alerts fires; what lies a step apart is one."""
    return list(_merged(sorted(spans, key=lambda span: span.first), step))


def _merged(spans: Iterable[Span], step: float) -> Iterator[Span]:
    open_: Span | None = None
    for span in spans:
        if open_ is not None and span.first <= open_.last + step * 1.001:
            open_ = Span(open_.first, max(open_.last, span.last))
        else:
            if open_ is not None:
                yield open_
            open_ = span
    if open_ is not None:
        yield open_
