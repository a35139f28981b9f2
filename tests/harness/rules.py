"""Rules files as data, and the stages in which recording rules can be evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_PART = re.compile(r"(\d+)(ms|[smhdwy])")
_STRING = r'"(?:\\.|[^"\\])*"'
_BRACES = rf"\{{(?:[^}}\"]|{_STRING})*\}}"
_EQUAL = re.compile(rf"(\w+)\s*=\s*({_STRING})")
GLOBAL_INTERVAL = "1m"


@dataclass(frozen=True)
class Rule:
    """One rule; `name` is its record or alert, durations are in seconds, `index` is the file order."""

    group: str
    interval: float
    index: int
    name: str
    is_alert: bool
    expr: str
    labels: Mapping[str, str]
    hold: float = 0.0
    keep_firing: float = 0.0


def seconds(duration: str | float) -> float:
    """`1h30m` as 5400.0."""
    text = str(duration)
    if text == "0":
        return 0.0
    parts = _PART.findall(text)
    if not parts or "".join(n + unit for n, unit in parts) != text:
        raise ValueError(f"not a duration: {text!r}")
    return sum(int(n) * _UNITS[unit] for n, unit in parts)


def load_rules(*texts: str) -> list[Rule]:
    """The rules of files in order; `query_offset` is left out, being a shift of the phase.

    A group name that an earlier file has is told apart by the number of its file: `name#1`.
    """
    found: list[Rule] = []
    for number, text in enumerate(texts):
        for group in (yaml.safe_load(text) or {}).get("groups") or []:
            name = group["name"] + (f"#{number}" if group["name"] in {rule.group for rule in found} else "")
            found += [_rule(name, group, rule, len(found) + i) for i, rule in enumerate(group.get("rules") or [])]
    return found


def _rule(name: str, group: Mapping[str, Any], rule: Mapping[str, Any], index: int) -> Rule:
    labels = {**(group.get("labels") or {}), **(rule.get("labels") or {})}
    return Rule(
        group=name,
        interval=seconds(group.get("interval", GLOBAL_INTERVAL)),
        index=index,
        name=rule["alert"] if "alert" in rule else rule["record"],
        is_alert="alert" in rule,
        expr=str(rule["expr"]),
        labels={name: str(value) for name, value in labels.items()},
        hold=seconds(rule.get("for", 0)),
        keep_firing=seconds(rule.get("keep_firing_for", 0)),
    )


def reads(reader: Rule, source: Rule) -> bool:
    """Whether `reader` names what `source` records and no `=` matcher excludes its fixed labels."""
    pattern = rf"(?<![\w:]){re.escape(source.name)}(?![\w:(])\s*({_BRACES})?"
    without_strings_at = _string_spans(reader.expr)
    for found in re.finditer(pattern, reader.expr):
        if any(a < found.start() < b for a, b in without_strings_at):
            continue
        wanted = {name: yaml.safe_load(value) for name, value in _EQUAL.findall(found[1] or "")}
        if all(source.labels.get(name, value) == value for name, value in wanted.items()):
            return True
    return False


def _string_spans(expr: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(_STRING, expr)]


def stages(rules: Iterable[Rule]) -> list[list[Rule]]:
    """Recording rules in the fewest stages in which each reads earlier stages only.

    A rule never waits for itself. A rule that reads what a later rule of its own group records would
    see the evaluation before on a live server, and rules that read one another have no order: both raise.
    """
    todo = [rule for rule in rules if not rule.is_alert]
    by_name: dict[str, list[Rule]] = {}
    for rule in todo:
        by_name.setdefault(rule.name, []).append(rule)
    needs = {rule.index: {source.index for source in _sources(rule, by_name)} for rule in todo}
    done: set[int] = set()
    plan: list[list[Rule]] = []
    while todo:
        ready = [rule for rule in todo if needs[rule.index] <= done]
        if not ready:
            raise ValueError(f"rules read one another: {[rule.name for rule in todo[:5]]}")
        done |= {rule.index for rule in ready}
        todo = [rule for rule in todo if rule.index not in done]
        plan.append(ready)
    return plan


def _sources(rule: Rule, by_name: Mapping[str, list[Rule]]) -> Iterable[Rule]:
    for name in set(re.findall(r"[A-Za-z_:][\w:]*", rule.expr)) & by_name.keys():
        for source in by_name[name]:
            if source.index == rule.index or not reads(rule, source):
                continue
            if source.group == rule.group and source.index > rule.index:
                if source.name == rule.name:
                    continue
                raise ValueError(f"{rule.name} reads {name}, which a later rule of group {rule.group} records")
            yield source
