"""Evaluates a rules file over history, in stages, as if a server had run it all along.

Each stage holds the recording rules that need nothing unrecorded: their expressions are evaluated with
range queries at the group's own instants, written as blocks, and the server is restarted on them.
Staleness is exact: where a rule returned a series at one evaluation and not at the next, a staleness
marker is written there by remote write, as a rule manager does, so the server keeps its lookback of 5m
and instant reads see what they would see live. (`lookback_delta` is no help: 2.42 ignores it.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from .api import Series
from .backfill import SeriesData, load
from .rules import Rule, load_rules, stages
from .server import Prometheus

Phase = float | Mapping[str, float]
FIRST_PHASE = 17.0
NEXT_PHASE = 4.1
_OWN_INSTANT = re.compile(r"@\s*(end|start)\s*\(")


def phases(rules: Iterable[Rule], phase: Phase | None = None) -> dict[str, float]:
    """Seconds after the multiples of the interval at which each group is evaluated.

    By default 17.0, 21.1, 25.2 ... in file order: groups never share an instant, as in life, and
    scrapes are not aligned with evaluations.
    """
    intervals = {rule.group: rule.interval for rule in rules}
    if isinstance(phase, Mapping):
        given: Mapping[str, float] = phase
    else:
        given = {} if phase is None else dict.fromkeys(intervals, phase)
    default = {g: FIRST_PHASE + NEXT_PHASE * i for i, g in enumerate(intervals)}
    return {group: round(given.get(group, default[group]) % each, 3) for group, each in intervals.items()}


def steps_within(start: float, end: float, step: float, phase: float) -> tuple[float, float]:
    """The first and the last instant k * step + phase within [start, end]."""
    first = math.ceil(round((start - phase) / step, 9)) * step + phase
    return first, first + math.floor(round((end - first) / step, 9)) * step


def record(
    server: Prometheus,
    rules_text: str | Sequence[str],
    start: float,
    end: float,
    *,
    phase: Phase | None = None,
    only: Callable[[Rule], bool] | None = None,
    instants: Mapping[str, Sequence[float]] | None = None,
    extra: Sequence[SeriesData] = (),
) -> list[Rule]:
    """Evaluates and stores the recording rules of one or more files; returns all rules, alerts too.

    `only` leaves out the rules it is false for. `instants` names the unix seconds at which the rules of
    that record name are evaluated instead of at each step; such sparse series get no staleness markers,
    so they are to be read at those instants. `extra` is raw history, loaded before. A rule that reads its
    own name is evaluated as if it had no history. Expressions with `end()` or `start()` mean the instant
    in a rule, so they are evaluated one instant at a time: name `instants` for those.
    """
    texts = [rules_text] if isinstance(rules_text, str) else rules_text
    rules = load_rules(*texts)
    offsets = phases(rules, phase)
    if extra:
        load(server, extra)
    seen: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    for stage in stages(rule for rule in rules if only is None or only(rule)):
        found: list[SeriesData] = []
        for rule in stage:
            if instants is not None and rule.name in instants:
                found += _stored(rule, _at(server, rule.expr, instants[rule.name]), None)
            else:
                first, last = steps_within(start, end, rule.interval, offsets[rule.group])
                found += _stored(rule, evaluate(server, rule.expr, first, last, rule.interval), last)
        _check_distinct(found, seen)
        load(server, found)
    return rules


def evaluate(server: Prometheus, expr: str, first: float, last: float, step: float) -> list[Series]:
    """An expression at each step as a rule sees it: `end()` and `start()` are the instant itself."""
    if _OWN_INSTANT.search(expr):
        return _at(server, expr, (first + step * np.arange(round((last - first) / step) + 1)).tolist())
    return server.query_range(expr, first, last, step)


def _at(server: Prometheus, expr: str, times: Sequence[float]) -> list[Series]:
    """Instant queries, a few at a time, joined into series."""
    points: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    with ThreadPoolExecutor(4) as pool:
        for time, vector in zip(times, pool.map(lambda at: server.query(expr, at), times), strict=True):
            for sample in vector:
                points.setdefault(tuple(sorted(sample.labels.items())), []).append((time, sample.value))
    return [Series(dict(key), *np.array(sorted(pairs)).T) for key, pairs in points.items()]


def _stored(rule: Rule, found: Sequence[Series], last: float | None) -> list[SeriesData]:
    """What the rule writes; with the `last` evaluation given, a marker after each run of samples.

    Results that only the rule's own labels make one series, such as the two sides of an `or`, are joined, unless both
    are there at one evaluation.
    """
    parts: dict[tuple[tuple[str, str], ...], list[Series]] = {}
    for one in found:
        labels = {k: v for k, v in {**one.labels, **rule.labels}.items() if v and k != "__name__"}
        parts.setdefault(tuple(sorted(labels.items())), []).append(one)
    out = []
    for key, some in parts.items():
        times, values = (np.concatenate([getattr(one, field) for one in some]) for field in ("times", "values"))
        order = np.argsort(times)
        times, values = times[order], values[order]
        if (np.diff(times) <= 0).any():
            raise ValueError(f"recorded twice: {rule.name}{dict(key)}")
        stale: list[float] = []
        if last is not None:
            ends = [a for a, b in pairwise([*times.tolist(), math.inf]) if b - a > rule.interval * 1.5]
            stale = [a + rule.interval for a in ends if a + rule.interval <= last + 0.001]
        out.append(SeriesData(rule.name, dict(key), times, values, stale))
    return out


def _check_distinct(found: Iterable[SeriesData], seen: set[tuple[str, frozenset[tuple[str, str]]]]) -> None:
    """A series recorded twice is a duplicate that a live server refuses."""
    for one in found:
        key = one.name, frozenset(one.labels.items())
        if key in seen:
            raise ValueError(f"recorded twice: {one.name}{dict(one.labels)}")
        seen.add(key)
