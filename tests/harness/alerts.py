"""When alerting rules fire over history: `for` and `keep_firing_for` as Prometheus counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .rules import Rule
from .server import Prometheus
from .staged import FIRST_PHASE, evaluate, steps_within


@dataclass(frozen=True)
class Firing:
    """One firing episode: the first and the last evaluation (unix seconds) at which the alert fired."""

    labels: dict[str, str]
    first: float
    last: float


def evaluate_alert(
    server: Prometheus, rule: Rule, start: float, end: float, step: float | None = None, *, phase: float = FIRST_PHASE
) -> list[Firing]:
    """When one alert rule fires within [start, end], with `for` and `keep_firing_for` as Prometheus counts.

    `step` replaces the group's interval. Labels are the series' with the rule's on top; templates in
    label values are left as they are. An episode cut by `end` ends at the last evaluation.
    """
    each = rule.interval if step is None else step
    first, last = steps_within(start, end, each, phase)
    out: list[Firing] = []
    for one in evaluate(server, rule.expr, first, last, each):
        labels = {k: v for k, v in {**one.labels, **rule.labels}.items() if v and k != "__name__"}
        active = np.zeros(round((last - first) / each) + 1, dtype=bool)
        active[np.rint((one.times - first) / each).astype(np.int64)] = True
        spans = firing_spans(active.tolist(), each, rule.hold, rule.keep_firing)
        out += [Firing({"alertname": rule.name, **labels}, first + a * each, first + b * each) for a, b in spans]
    return sorted(out, key=lambda firing: (firing.first, sorted(firing.labels.items())))


def firing_spans(active: Sequence[bool], step: float, hold: float, keep: float) -> list[tuple[int, int]]:
    """First and last firing step of each episode of a series that is or is not in the result at each step."""
    spans: list[tuple[int, int]] = []
    since: int | None = None  # step at which it became active
    gone: int | None = None  # first step of an absence while it is kept firing
    fired: int | None = None  # step at which the episode began to fire
    for i, present in enumerate(active):
        if present:
            gone = None
            since = i if since is None else since
            if fired is None and (i - since) * step >= hold - 1e-6:
                fired = i
        elif since is not None:
            gone = i if gone is None else gone
            if fired is None or not (i - gone) * step < keep - 1e-6:
                if fired is not None:
                    spans.append((fired, i - 1))
                since = gone = fired = None
    if fired is not None:
        spans.append((fired, len(active) - 1))
    return spans
