"""Generated rules over a made-up past in `promtool test rules`: Prometheus' own rule manager, ALERTS included.

Time starts at 0. Samples lie on multiples of TICK, evaluations on whole minutes, so scrapes that start at 10 s are
never aligned with evaluations, as in life. promtool evaluates all groups together, whatever their intervals, and in
any order unless told one: ask for the interval of the group that matters; the order is that of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.promtool import test_rules
from harness.tools import Tools

TICK = 10
HOUR = 3600


@dataclass(frozen=True)
class Asked:
    """An expression without labels and its value at second `at`; None where it must return nothing."""

    expr: str
    at: float
    value: float | None


def near(expr: str, at: float, value: float, tolerance: float) -> Asked:
    """`expr` must be a number within `tolerance` (absolute) of `value`; a failure shows what it is."""
    return Asked(f"({expr}) unless abs({expr} - {value!r}) <= {tolerance!r} or absent({expr})", at, None)


def firing(alert: str, labels: Mapping[str, str], at: float, count: int = 1) -> Asked:
    """How many alerts of a name fire at an instant."""
    return Asked(f"count({_alerts(alert, labels)}) or vector(0)", at, count)


def starts(alert: str, labels: Mapping[str, str], end: float, count: int) -> Asked:
    """How often alerts of a name began to fire in all the time up to `end`, a multiple of a minute."""
    alerts, length = _alerts(alert, labels), f"[{int(end)}s:1m]"
    return Asked(f"sum(count_over_time(({alerts} unless {alerts} offset 1m){length})) or vector(0)", end, count)


def _alerts(alert: str, labels: Mapping[str, str]) -> str:
    return f"ALERTS{{{_pairs({'alertname': alert, 'alertstate': 'firing', **labels})}}}"


def _pairs(labels: Mapping[str, str]) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in labels.items())


def scraped(
    name: str,
    labels: Mapping[str, str],
    counted: Callable[[Floats], Floats],
    span: tuple[float, float],
    every: int = 30,
    offset: int = TICK,
    gaps: Iterable[tuple[float, float]] = (),
) -> SeriesData:
    """A counter that is scraped within `span`, but not in the `gaps`; `counted` gives its value at each instant.

    It turns stale where a gap begins and at the end of its span, as after a failed scrape.
    """
    times = np.arange(offset, span[1], every, dtype=float)
    times = times[times >= span[0]]
    stale = []
    for begin, end in gaps:
        inside = times[(times >= begin) & (times < end)]
        stale += inside[:1].tolist()
        times = times[(times < begin) | (times >= end)]
    return SeriesData(name, dict(labels), times, counted(times), stale)


def ends(series: SeriesData, at: float) -> SeriesData:
    """The same series, gone from `at` on: a pod that was stopped."""
    kept = series.times < at
    return SeriesData(series.name, series.labels, series.times[kept], series.values[kept], [*series.stale, at])


def per_second(rate: float, *changes: tuple[float, float]) -> Callable[[Floats], Floats]:
    """A count that grows at `rate`, and from each (second, rate) of `changes` on at that one."""
    moments = [0.0, *(moment for moment, _ in changes), np.inf]
    rates = [rate, *(value for _, value in changes)]

    def counted(times: Floats) -> Floats:
        total = np.zeros(len(times))
        for begin, end, speed in zip(moments, moments[1:], rates, strict=False):
            total += np.clip(times - begin, 0, end - begin) * speed
        return total

    return counted


def at_moments(moments: Floats) -> Callable[[Floats], Floats]:
    """A count of single events, at `moments` in ascending order."""
    return lambda times: np.searchsorted(moments, times, side="right").astype(float)


def evaluate(
    tools: Tools, rules: str, series: Sequence[SeriesData], asked: Sequence[Asked], interval: str = "1m"
) -> None:
    """Runs the rules over the series each `interval` and fails with what promtool says where an answer differs."""
    end = max(question.at for question in asked)
    expected = [
        {
            "expr": question.expr,
            "eval_time": f"{round(question.at)}s",
            "exp_samples": [] if question.value is None else [{"labels": "{}", "value": question.value}],
        }
        for question in asked
    ]
    case = {"interval": f"{TICK}s", "input_series": [_input(one, end) for one in series], "promql_expr_test": expected}
    order = [group["name"] for group in yaml.load(rules, yaml.CSafeLoader)["groups"]]  # CSafeLoader is safe
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": interval,
        "group_eval_order": order,
        "tests": [case],
    }
    ok, said = test_rules(tools, yaml.dump(document, Dumper=yaml.CSafeDumper, width=10**9), {"rules.yml": rules})
    assert ok, said[:6000]


def _input(series: SeriesData, end: float) -> dict[str, str]:
    slots = ["_"] * (round(end / TICK) + 1)
    for moments, words in ((series.times, map(repr, series.values.tolist())), (series.stale, _stale())):
        for moment, word in zip(moments, words, strict=False):
            slot, rest = divmod(round(moment), TICK)
            assert not rest, f"{series.name}: {moment} is no multiple of {TICK} s"
            if slot < len(slots):
                slots[slot] = word
    return {"series": f"{series.name}{{{_pairs(series.labels)}}}", "values": " ".join(slots)}


def _stale() -> Iterator[str]:
    while True:
        yield "stale"


def groups_of(rules: str, *parts: str) -> str:
    """The groups of a rules file whose names end in one of `parts`, such as `base`."""
    document: dict[str, Any] = yaml.safe_load(rules)
    kept = [group for group in document["groups"] if group["name"].rpartition("/")[2] in parts]
    assert kept
    return yaml.safe_dump({"groups": kept})


def rules_behind(rules: str, alert: str) -> str:
    """An alert and the recording rules that it reads, directly or through others; the rest only costs time."""
    document: dict[str, Any] = yaml.safe_load(rules)
    every = [rule for group in document["groups"] for rule in group["rules"]]
    wanted = [rule for rule in every if rule.get("alert") == alert]
    for reader in wanted:
        wanted += [rule for rule in every if "record" in rule and rule not in wanted and _reads(reader["expr"], rule)]
    for group in document["groups"]:
        group["rules"] = [rule for rule in group["rules"] if rule in wanted]
    return yaml.safe_dump({"groups": [group for group in document["groups"] if group["rules"]]})


def _reads(expr: str, rule: Mapping[str, Any]) -> bool:
    window = rule["labels"].get("window")
    needle = f'window="{window}"' if window else "}"
    return any(rule["record"] in part and needle in part for part in expr.split("\n"))
