"""The rules that questions are about, in few words: a past costs its evaluations times the text of its rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slogen import naming
from slogen.model import Resource, Slo
from slogen.promql.quoting import quote
from slogen.proof.built import Groups

_EQUAL = re.compile(r'([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"')
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_ALERTS = "ALERTS"
_SHORT = "it"


def behind(groups: Groups, asked: Sequence[str], windows: Sequence[str]) -> list[dict[str, Any]]:
    """The groups with those rules that the questions are about, directly or through others; of `windows`, if any."""
    every = [rule for group in groups for rule in group["rules"]]
    makers: dict[str, dict[int, dict[str, str]]] = {}
    for number, rule in enumerate(every):
        labels = _labels(rule)
        if not windows or labels.get(naming.WINDOW, windows[0]) in windows:
            makers.setdefault(_metric(rule), {})[number] = labels
    texts = list(asked)
    kept: set[int] = set()
    for text in texts:
        for metric, left in makers.items():
            selectors = [*_selectors(metric, text)] if left else []
            for number in [one for one, labels in left.items() if any(_may_mean(each, labels) for each in selectors)]:
                del left[number]
                kept.add(number)
                texts.append(every[number]["expr"])
    found, number = [], 0
    for group in groups:
        numbers = range(number, number + len(group["rules"]))
        number += len(group["rules"])
        rules = [
            {**every[one], "annotations": {}} if "alert" in every[one] else every[one] for one in numbers if one in kept
        ]
        if rules:
            found.append({**group, "rules": rules})
    return found


def _labels(rule: Mapping[str, Any]) -> dict[str, str]:
    found = {name: str(value) for name, value in (rule.get("labels") or {}).items()}
    return found | ({"alertname": rule["alert"]} if "alert" in rule else {})


def _may_mean(selector: str | None, labels: Mapping[str, str]) -> bool:
    """Whether a selector may mean what a rule makes: none of the rule's labels must say otherwise."""
    return selector is None or all(_may_be(labels.get(name), value) for name, value in _EQUAL.findall(selector))


def _metric(rule: Mapping[str, Any]) -> str:
    return _ALERTS if "alert" in rule else str(rule["record"])


def _may_be(label: str | None, value: str) -> bool:
    """Labels that a rule does not set may come from what it reads; a template prints anything between its words."""
    if label is None or "\\" in value:
        return True
    words = _TEMPLATE.split(label)
    return label == value if len(words) == 1 else value.startswith(words[0]) and value.endswith(words[-1])


def _selectors(metric: str, text: str) -> Iterator[str | None]:
    """What stands in braces after each mention of a metric, None where that cannot be told."""
    if metric in text:
        for found in re.finditer(rf"(?<![\w:]){re.escape(metric)}(?![\w:])(?:\s*\{{([^{{}}]*)\}})?", text):
            yield found[1]


@dataclass(frozen=True, slots=True)
class Wording:
    """The two labels that all of an SLO's or a resource's series have, as they are written, and one in their place.

    They stand in every selector; a fifth of what promtool does is to read and print them.
    """

    long: str
    short: str

    def shortened(self, text: str) -> str:
        """PromQL with the one label."""
        return text.replace(self.long, self.short)

    def restored(self, text: str) -> str:
        """What promtool said, with the two."""
        return text.replace(self.short, self.long)


def wording(about: Slo | Resource, groups: Groups, asked: Sequence[str]) -> Wording | None:
    """How to say it shorter, where nothing changes by it: each selector of what the rules make must have both labels.

    Rules that were changed by hand, or by a mutation, may tell one from the other; they stay as they are.
    """
    label = naming.SLO if isinstance(about, Slo) else naming.RESOURCE
    own = ((naming.SERVICE, about.service), (label, about.name))
    found = Wording(", ".join(f"{name}={quote(value)}" for name, value in own), f'{label}="{_SHORT}"')
    every = [rule for group in groups for rule in group["rules"]]
    texts = [*asked, *(rule["expr"] for rule in every)]
    if not all(_labels(rule).get(name) == value for rule in every for name, value in own):
        return None
    strange = re.compile(rf'"(?:{naming.SERVICE}|{label})"|__name__|{re.escape(found.short)}')
    metrics = {_metric(rule) for rule in every}
    for text in texts:
        if strange.search(text) or any(
            selector is None or found.long not in selector for one in metrics for selector in _selectors(one, text)
        ):
            return None
    return found


def reworded(groups: Groups, said: Wording) -> list[dict[str, Any]]:
    """Rules with the one label in place of the two, in what they read and in what they make."""
    name, _, value = said.short.partition("=")
    return [
        {
            **group,
            "rules": [
                {
                    **rule,
                    "expr": said.shortened(rule["expr"]),
                    "labels": {
                        **{own: text for own, text in rule["labels"].items() if own != naming.SERVICE},
                        name: value.strip('"'),
                    },
                }
                for rule in group["rules"]
            ],
        }
        for group in groups
    ]
