"""What rules cost, estimated from the plan: how many there are, and the samples that they read in a minute.

Each selector reads one sample, or as many as its range holds at the interval at which its series is recorded; a
subquery reads what is inside it at each of its steps. How many series a source has is not known from a spec, so it is
taken to be that of bench/cost.py, with a few groups where there are some. Twice the samples is twice the work: that is
what a comparison needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from slogen import naming
from slogen.promql.durations import parse_duration
from slogen.promql.tokens import Kind, PromQLError, tokenize
from slogen.rules import Alert, Group, Plan, ServicePlan

SOURCE_SERIES = 100
GROUPS = 10
_GLOBAL_INTERVAL = 60
_MATCHERS = re.compile(r"""\{[^{}"']*+(?:(?:"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')[^{}"']*+)*+\}""")
"""Which series a selector selects does not matter; without that, the rules of all SLOs of a kind look the same."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Rules, those of them that alert, and samples that all of them read in a minute."""

    rules: int = 0
    alerts: int = 0
    samples: int = 0

    @property
    def series(self) -> int:
        """Recorded series, of an SLO without groups."""
        return self.rules - self.alerts

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.rules + other.rules, self.alerts + other.alerts, self.samples + other.samples)


def cost_of(plan: Plan) -> Cost:
    """The whole repository."""
    return sum((service_cost(service) for service in plan.services), Cost())


def service_cost(service: ServicePlan) -> Cost:
    """One service."""
    total = Cost()
    for planned in service.slos:
        total += _of_groups(planned.groups, planned.slo.cadence.scrape, GROUPS if planned.slo.by else 1)
    for resource in service.resources:
        total += _of_groups(resource.groups, resource.groups[0].interval if resource.groups else 1, 1)
    return total


def _of_groups(groups: Iterable[Group], scrape: int, instances: int) -> Cost:
    groups = list(groups)
    every = {rule.record: group.interval for group in groups for rule in group.rules if not isinstance(rule, Alert)}
    rules = alerts = 0
    samples = 0.0
    for group in groups:
        for rule in group.rules:
            rules += 1
            alerts += isinstance(rule, Alert)
            shape = _MATCHERS.sub("{}", rule.expr)
            read = sum(_read(found, every, scrape, instances) for found in _selectors(shape))
            samples += read * 60 / group.interval
    return Cost(rules, alerts, round(samples))


@dataclass(frozen=True, slots=True)
class _Selector:
    """A metric, the seconds of its range (0 for an instant), and how often subqueries around it read it."""

    metric: str
    range: int
    times: float


def _read(found: _Selector, every: Mapping[str, int], scrape: int, instances: int) -> float:
    recorded = every.get(found.metric)
    series = SOURCE_SERIES if recorded is None else 1
    if found.metric.startswith((f"{naming.GROUP_LEVEL}:", f"{naming.SOURCE_LEVEL}:")):
        series = instances
    samples = max(1.0, found.range / (recorded or scrape)) if found.range else 1.0
    return series * samples * found.times


@lru_cache(maxsize=4096)
def _selectors(expr: str) -> tuple[_Selector, ...]:
    try:
        tokens = [token for token in tokenize(expr) if token.kind is not Kind.COMMENT]
    except PromQLError:
        return ()
    texts = [token.text for token in tokens]
    return tuple(_walk(texts, [token.kind for token in tokens]))


def _walk(texts: list[str], kinds: list[Kind]) -> Iterator[_Selector]:
    """Outermost first is not needed: a subquery multiplies what was found since its parenthesis opened."""
    found: list[_Selector] = []
    opened: list[int] = []
    at = 0
    while at < len(texts):
        text, after = texts[at], texts[at + 1] if at + 1 < len(texts) else ""
        if kinds[at] is Kind.IDENTIFIER and (after in {"{", "["} or ":" in text):
            start = len(found)
            metric = text
            at += 1
            if after == "{":
                at = texts.index("}", at) + 1 if "}" in texts[at:] else len(texts)
            length, step, at = _range(texts, at)
            found.append(_Selector(metric, 0 if step else length, 1))
            if step:
                found[start:] = _repeated(found[start:], length / step)
            continue
        if text == "(":
            opened.append(len(found))
        elif text == ")":
            start = opened.pop() if opened else 0
            length, step, next_at = _range(texts, at + 1)
            if length:
                found[start:] = _repeated(found[start:], length / (step or _GLOBAL_INTERVAL))
                at = next_at
                continue
        at += 1
    return iter(found)


def _repeated(found: list[_Selector], times: float) -> list[_Selector]:
    return [_Selector(one.metric, one.range, one.times * times) for one in found]


def _range(texts: list[str], at: int) -> tuple[int, int, int]:
    """Seconds of the range that begins here and of its step, 0 where there is none, and what comes next."""
    if at >= len(texts) or texts[at] != "[" or "]" not in texts[at:]:
        return 0, 0, at
    end = texts.index("]", at)
    inside = texts[at + 1 : end]
    sizes = [_seconds(text) for text in inside if text != ":"]
    step = (sizes[1] if len(sizes) > 1 else _GLOBAL_INTERVAL) if ":" in inside else 0
    return (sizes[0] if sizes else 0), step, end + 1


def _seconds(text: str) -> int:
    """Rounded up: `3m59s999ms` is how a range is written that ends before its last sample."""
    try:
        return parse_duration(text.removesuffix("999ms")) + text.endswith("999ms")
    except ValueError:
        return 1
